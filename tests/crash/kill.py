"""Kills the server with SIGKILL at random moments under load, restarts it, and checks what must be true of every run.

    kill.py PROGRAM ROUNDS [SEED]

Clients invoke an automation (each with a request id), answer its question and note what the server acknowledged. After each kill
the server must be ready again, and in the end:
  * every acknowledged run is there, and completes with exactly the outputs that its inputs demand;
  * an invoke repeated with the same request id after a crash gives the same run, never a second one;
  * an acknowledged answer is never asked for again;
  * items of a loop at the same time are done once each, or asked about (loops.py);
  * a result of the outside world that the journal told before the crash is the one that the run goes on with;
  * `clerkwork replay` finds that what is stored of each run reproduces its journal and its outputs, byte for byte.
Output is TAP."""
import atexit
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import loops  # noqa: E402

CLIENTS = 6
LOOP_CLIENTS = 4
CODE = """\
number_of_lines = read_input("number of lines", type=number)
label = read_input("label", type=text)
chance = numbers.draw(smallest=1, largest=1000000000)
say(f"drawn {chance}")
total = 0
for line in range(number_of_lines):
    total = total + line
factor = ask("Which factor?", type=number)
set_output("total", value=total * factor)
set_output("label", value=label)
set_output("chance", value=chance)
set_output("chance again", value=chance)
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def number(value):
    n = value["number"]
    digits = n["hi"] << 64 | n["mid"] << 32 | n["lo"]
    return (-1 if n["flags"] >> 31 & 1 else 1) * digits / 10 ** (n["flags"] >> 16 & 255)


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]}")
        self.status = status


class Client:
    refused = Refused

    def __init__(self, port, token):
        self.port, self.token, self.connection = port, token, None

    def call(self, method, path, body=None):
        """The parsed answer; OSError or HTTPException when the server went away: then nobody knows whether it was done."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self.connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body),
                                    {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
            response = self.connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        if response.status >= 400:
            raise Refused(response.status, text)
        return json.loads(text)


class Run:
    """What a client knows for certain about one run."""

    def __init__(self, index, rng):
        self.lines = rng.randint(1, 4000)
        self.factor = rng.randint(2, 9)
        self.label = f"run {index}"
        self.request_id = f"kill-{os.getpid()}-{index}"
        self.name = None          # acknowledged
        self.seen_chance = None   # as the journal told it
        self.answered = False     # acknowledged
        self.outputs = None

    def inputs(self):
        return {"number of lines": {"number": {"lo": self.lines}}, "label": {"text": self.label}}

    def expected(self):
        return self.lines * (self.lines - 1) // 2 * self.factor


class Harness:
    def __init__(self, program, seed):
        self.program, self.rng = program, random.Random(seed)
        self.directory = tempfile.TemporaryDirectory(prefix="clerkwork-kill-")
        self.port, self.server = free_port(), None
        self.lock, self.runs, self.stop, self.problems = threading.Lock(), [], False, []
        self.latest_ready = 0.0
        out = subprocess.run([program, "setup", "--data", self.directory.name, "--organization", "O", "--workspace", "W", "--email",
                              "k@example.com", "--name", "K", "--json"], check=True, capture_output=True, text=True).stdout
        made = json.loads(out)
        self.token, self.workspace = made["token"], made["workspace"]

    def start(self):
        begun = time.monotonic()
        self.server = subprocess.Popen([self.program, "serve", "--data", self.directory.name, "--port", str(self.port), "--log-level",
                                        "error", "--rate-limit", "0", "--private-addresses", "allow"])
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            if self.server.poll() is not None:
                raise SystemExit(f"Bail out! the server ended by itself with {self.server.returncode}")
            if time.monotonic() - begun > 30:
                raise SystemExit("Bail out! the server is not ready after 30 seconds")
            time.sleep(0.01)
        self.latest_ready = max(self.latest_ready, time.monotonic() - begun)

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()

    def server_ends(self):
        if self.server.poll() is None:
            self.kill()

    def publish(self):
        client = Client(self.port, self.token)
        self.automation, self.loop = [self.made(client, title, code) for title, code in (("Kill", CODE), ("Loop", loops.CODE))]
        self.witness = loops.serve()

    def made(self, client, title, code):
        automation = client.call("POST", f"{self.workspace}/automations", {"display_name": title, "code": code})["name"]
        client.call("POST", f"{automation}:publish", {})
        return automation

    # ---- one run, as far as it gets before the server dies ----
    def invoke(self, client, run):
        is_loop = isinstance(run, loops.LoopRun)
        answer = client.call("POST", f"{self.loop if is_loop else self.automation}:invoke", {
            "stage": "AUTOMATION_STAGE_PUBLISHED", "request_id": run.request_id,
            "inputs": run.inputs(self.witness) if is_loop else run.inputs()})
        if run.name is not None and run.name != answer["run_id"]:
            self.problems.append(f"{run.label}: request id gave {answer['run_id']} after {run.name}")
        run.name = answer["run_id"]

    def chance_in_journal(self, client, run):
        for event in client.call("GET", f"{run.name}/events?page_size=1000").get("run_events", []):
            call = event.get("execution_journal", {}).get("node_executed", {}).get("book_function_call")
            if call and "number" in call.get("output", {}):
                return number(call["output"])
        return None

    def answer(self, client, run):
        state = client.call("GET", f"{run.name}:wait?timeout=20s")["state"]
        kind = next(iter(state))
        if kind == "awaiting_guidance":
            if run.answered:
                self.problems.append(f"{run.label}: an acknowledged answer is asked for again")
            if run.seen_chance is None:
                run.seen_chance = self.chance_in_journal(client, run)
            exception = state["awaiting_guidance"]["exception"]
            try:
                client.call("POST", f"{exception}:resolve", {"use": {"number": {"lo": run.factor}}})
                run.answered = True
            except Refused as refused:  # the answer before the crash was kept, only its acknowledgement was lost
                if refused.status not in (400, 409):
                    raise
        elif kind == "completed":
            run.outputs = state["completed"]["outputs"]
        elif kind == "failed":
            self.problems.append(f"{run.label}: failed: {state}")
            run.outputs = {}

    def client_main(self, first, kind=Run, step=CLIENTS):
        client, index = Client(self.port, self.token), first
        rng = random.Random(f"{first}")
        while not self.stop:
            run = kind(index, rng)
            index += step
            with self.lock:
                self.runs.append(run)
            while run.outputs is None and not self.stop:
                self.step(client, run)

    def step(self, client, run):
        try:
            if run.name is None:
                self.invoke(client, run)
            elif isinstance(run, loops.LoopRun):
                run.step(client, self.problems)
            else:
                self.answer(client, run)
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        except Refused as refused:
            if refused.status not in (429, 503):
                self.problems.append(f"{run.label}: {refused}")
                run.outputs = {}

    def finish(self):
        """All that was begun must come to its end."""
        client = Client(self.port, self.token)
        for run in self.runs:
            until = time.monotonic() + 60
            if run.name is not None:  # the same request once more: still the same run
                self.invoke(client, run)
            while run.outputs is None and time.monotonic() < until:
                self.step(client, run)

    def check(self):
        for run in self.runs:
            if run.outputs is None:
                self.problems.append(f"{run.label}: acknowledged as {run.name} and never finished")
                continue
            if not run.outputs:
                continue
            if isinstance(run, loops.LoopRun):
                run.check(self.problems, number)
                continue
            total, chance, again = (number(run.outputs[k]) for k in ("total", "chance", "chance again"))
            if total != run.expected() or run.outputs["label"]["text"] != run.label:
                self.problems.append(f"{run.label}: total {total}, expected {run.expected()}")
            if chance != again or run.seen_chance not in (None, chance):
                self.problems.append(f"{run.label}: drew {run.seen_chance}, went on with {chance} and {again}")
        client = Client(self.port, self.token)
        names = self.stored(client, self.automation) + self.stored(client, self.loop)
        children = [child["name"] for run in self.runs if isinstance(run, loops.LoopRun) for child in run.children]
        self.names = names + children
        if len(names) != len(set(names)) or set(names) != {r.name for r in self.runs}:
            self.problems.append(f"{len(names)} runs are stored, {len(self.runs)} were asked for")

    @staticmethod
    def stored(client, automation):
        names, token = [], ""
        while True:
            page = client.call("GET", f"{automation}/runs?page_size=1000&page_token={token}")
            names += [run["name"] for run in page.get("runs", [])]
            token = page.get("next_page_token", "")
            if not token:
                return names

    def replay(self):
        """What `clerkwork replay` says against any run."""
        out = subprocess.run([self.program, "replay", "--data", self.directory.name, *self.names], capture_output=True, text=True)
        lines = out.stdout.splitlines()
        wrong = [line for line in lines if not line.startswith("the same: ")] + out.stderr.splitlines()
        return wrong if len(lines) == len(self.names) else wrong + [f"{len(lines)} of {len(self.names)} runs were replayed"]


def main():
    program, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
    harness = Harness(program, seed)
    harness.start()
    atexit.register(harness.server_ends)
    harness.publish()
    clients = [threading.Thread(target=harness.client_main, args=(i,), daemon=True) for i in range(CLIENTS)]
    clients += [threading.Thread(target=harness.client_main, args=(i, loops.LoopRun, LOOP_CLIENTS), daemon=True)
                for i in range(LOOP_CLIENTS)]
    for client in clients:
        client.start()
    for _ in range(rounds):
        time.sleep(harness.rng.uniform(0.0, 0.25))
        harness.kill()
        harness.start()
    harness.stop = True
    for client in clients:
        client.join()
    harness.finish()
    harness.check()
    harness.server.terminate()
    code = harness.server.wait(timeout=60)
    different = harness.replay()
    print("1..3")
    looped = [run for run in harness.runs if isinstance(run, loops.LoopRun)]
    print(f"# {len(looped)} runs with {sum(run.n for run in looped)} items, of which {sum(run.doubts for run in looped)} were asked about")
    print(f"# seed {seed}, {rounds} kills, {len(harness.runs)} runs, slowest start to ready {harness.latest_ready:.3f} s")
    for problem in harness.problems[:50]:
        print(f"# {problem}")
    print(f"{'not ok' if harness.problems else 'ok'} 1 - no acknowledged run is lost, doubled or changed by {rounds} kills")
    print(f"{'ok' if code == 0 else 'not ok'} 2 - SIGTERM ends the server in good order")
    for line in different[:50]:
        print(f"# {line}")
    print(f"{'not ok' if different else 'ok'} 3 - what is stored of every run reproduces it")
    sys.exit(1 if harness.problems or code or different else 0)


main()
