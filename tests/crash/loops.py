"""Loops at the same time, for kill.py: what must be true of their items however often the server is killed.

Each run has one item that cannot go on alone. Every item asks for two effects at a witness outside: one that nobody may do twice
(after a kill a person is asked, who looks at what the witness has seen and answers truly), one with a key. In the end
  * the witness has seen each item once, and all tries of the effect with a key had the same key;
  * the results stand in the order of the items;
  * the bad item was waited for alone: it gets its answer only when all the others have ended, and they do;
  * an acknowledged answer is never asked for again."""
import http.server
import json
import os
import threading
import time

CODE = """\
label = read_input("label", type=text)
address = read_input("address", type=text)
number_of_items = read_input("number of items", type=number)
bad = read_input("bad", type=number)
items = [{"number": number} for number in range(number_of_items)]
for item in at_the_same_time(items):
    item["amount"] = item["number"] * 10
    if item["number"] == bad:
        amount = ask("How much is the bad one?", type=number)
        item["amount"] = amount
    place = f"{address}/{label}/{item['number']}"
    item["receipt"] = http.post(body=item["amount"], url=f"{place}/once")
    item["paid"] = http.submit(body=item["amount"], url=f"{place}/keyed")
set_output("label", value=label)
set_output("amounts", value=[item["amount"] for item in items])
set_output("receipts", value=[item["receipt"] for item in items])
set_output("paid", value=[item["paid"] for item in items])
"""
ANSWER = 7777


class Witness(http.server.BaseHTTPRequestHandler):
    """Keeps (label, item, kind) → keys of all requests; lives through all kills."""
    protocol_version = "HTTP/1.1"
    lock, seen, inside = threading.Lock(), {}, 0

    def do_POST(self):
        with Witness.lock:
            Witness.inside += 1
        try:
            self.rfile.read(int(self.headers["Content-Length"]))
            _, label, item, kind = self.path.split("/")
            with Witness.lock:
                Witness.seen.setdefault((label, int(item), kind), []).append(self.headers.get("Idempotency-Key"))
            time.sleep(0.004)
            body = json.dumps(receipt(label, int(item), kind)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        finally:
            with Witness.lock:
                Witness.inside -= 1

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the server was killed

    def log_message(self, *_):
        pass


class Witnesses(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128


def receipt(label, item, kind):
    return f"{label}/{item}/{kind}"


def has_seen(label, item, kind):
    """Once nothing that a killed server has sent is still on its way to it."""
    time.sleep(0.05)
    for _ in range(200):
        with Witness.lock:
            if Witness.inside == 0:
                break
        time.sleep(0.01)
    with Witness.lock:
        return (label, item, kind) in Witness.seen


class LoopRun:
    def __init__(self, index, rng):
        self.n = rng.randint(2, 10)  # more than are worked on at a time, or fewer
        self.bad = rng.randrange(self.n)
        self.label = f"loop{index}"
        self.request_id = f"kill-{os.getpid()}-loop-{index}"
        self.name = None
        self.answered, self.bad_answered = set(), False  # acknowledged
        self.doubts, self.children = 0, []
        self.outputs = None

    def inputs(self, address):
        return {"number of items": {"number": {"lo": self.n}}, "bad": {"number": {"lo": self.bad}},
                "label": {"text": self.label}, "address": {"text": address}}

    def step(self, client, problems):
        """Answers what its items ask; takes the outputs when it has ended."""
        state = client.call("GET", self.name)["state"]
        if "completed" in state:
            self.outputs = state["completed"]["outputs"]
        elif "failed" in state or "awaiting_guidance" in state:
            problems.append(f"{self.label}: {state}")
            self.outputs = {}
        automation = self.name.split("/runs/")[0]
        self.children = client.call("GET", f"{automation}/runs?page_size=1000&parent_run={self.name}").get("runs", [])
        asking = [child for child in self.children if "awaiting_guidance" in child["state"]]
        n_ended = sum("completed" in child["state"] for child in self.children)
        if not asking:
            time.sleep(0.02)
        for child in asking:
            self.answer(client, child["state"]["awaiting_guidance"], child["parent_item"] - 1, n_ended, problems)

    def answer(self, client, question, item, n_ended, problems):
        exception, text = question["exception"], question["description"]
        if exception in self.answered:
            problems.append(f"{self.label}: an acknowledged answer is asked for again")
        if "the bad one" in text:
            if item != self.bad or self.bad_answered:
                problems.append(f"{self.label}: item {item} asks {text}")
            if n_ended < self.n - 1:
                return
            answer = {"use": {"number": {"lo": ANSWER}}}
        elif "may or may not have happened" in text:
            self.doubts += 1
            answer = {"retry": {}}
            if has_seen(self.label, item, "once"):
                answer = {"use": {"text": receipt(self.label, item, "once")}}
        else:
            problems.append(f"{self.label}: item {item} asks {text}")
            return
        try:
            client.call("POST", f"{exception}:resolve", answer)
        except client.refused as refused:  # the answer before the crash was kept, only its acknowledgement was lost
            if refused.status not in (400, 409):
                raise
            return
        self.answered.add(exception)
        self.bad_answered = self.bad_answered or "the bad one" in text

    def check(self, problems, number):
        if self.outputs["label"]["text"] != self.label or len(self.children) != self.n:
            problems.append(f"{self.label}: {self.outputs['label']} has {len(self.children)} items of {self.n}")
        amounts = [number(value) for value in items_of(self.outputs["amounts"])]
        if amounts != [ANSWER if item == self.bad else item * 10 for item in range(self.n)]:
            problems.append(f"{self.label}: amounts {amounts}")
        for output, kind in (("receipts", "once"), ("paid", "keyed")):
            given = [value["text"] for value in items_of(self.outputs[output])]
            if given != [receipt(self.label, item, kind) for item in range(self.n)]:
                problems.append(f"{self.label}: {output} {given}")
        for item in range(self.n):
            once = Witness.seen.get((self.label, item, "once"), [])
            keys = Witness.seen.get((self.label, item, "keyed"), [])
            if len(once) != 1 or len(set(keys)) != 1 or None in keys:
                problems.append(f"{self.label}: item {item} was done {len(once)} times, and with the keys {keys}")


def items_of(value):
    return value["list"]["items"]


def serve():
    """The address of a witness."""
    witness = Witnesses(("127.0.0.1", 0), Witness)
    threading.Thread(target=witness.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{witness.server_port}"
