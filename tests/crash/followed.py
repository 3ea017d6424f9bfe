"""Streams that are followed at one process, of what other processes do, and gone on with elsewhere once it is killed. For nodes.py."""
import http.client
import json
import time

ASKS = 5


class Heard:
    """A stream, read line by line."""

    def __init__(self, node, token, path, last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
        headers = {"Authorization": "Bearer " + token} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", "/api/v1/" + path, None, headers)
        self.answer = self.connection.getresponse()

    def line(self):
        return self.answer.readline().decode().rstrip("\r\n")

    def close(self):
        self.answer.close()
        self.connection.close()


def sent_event(heard):
    """(id, data) of the next server-sent event; None at the end."""
    event_id = data = None
    while True:
        try:
            raw = heard.answer.readline().decode()
        except (OSError, http.client.HTTPException):
            return None
        if not raw:
            return None
        line = raw.rstrip("\r\n")
        if line.startswith("id:"):
            event_id = line[3:].strip()
        elif line.startswith("data:"):
            data = line[5:].strip()
        elif not line and data is not None:
            return event_id, data


class Thread:
    """Server-sent events with Last-Event-ID: turns of an authoring thread, taken at `other`, followed at `victim`."""

    def __init__(self, token, victim, other, workspace):
        self.token, self.other = token, other
        automation = other.call(token, "POST", f"{workspace}/automations", {"display_name": "Followed"})["name"]
        self.path = other.call(token, "POST", f"{automation}/agents/quill2/threads", {})["name"]
        self.heard = []
        self.stream = Heard(victim, token, f"{self.path}/stream")
        self.turn(1)
        while len(self.heard) < 2:  # in the midst of the turn
            self.heard.append(sent_event(self.stream))

    def turn(self, n):
        self.other.call(self.token, "POST", f"{self.path}/input", {"message": {"content": f'output {n} as "n{n}"'}})

    def go_on(self, node):
        """After the victim's end, behind what was heard of it."""
        while (event := sent_event(self.stream)) is not None:
            self.heard.append(event)
        self.turn(2)
        stored = self.stored()
        until = time.monotonic() + 10
        while "generation_complete" not in json.dumps(stored[-1]) and time.monotonic() < until:
            time.sleep(0.1)
            stored = self.stored()
        last = next(event_id for event_id, _ in reversed(self.heard) if event_id)
        stream = Heard(node, self.token, f"{self.path}/stream", last)
        while len([1 for event_id, _ in self.heard if event_id]) < len(stored):
            event = sent_event(stream)
            if event is None:
                break
            self.heard.append(event)
        stream.close()
        return self.problems(stored)

    def stored(self):
        return self.other.call(self.token, "GET", f"{self.path}/events")["events"]

    def problems(self, stored):
        heard = [event_id for event_id, _ in self.heard if event_id]
        want = [event["id"] for event in stored]
        return [] if heard == want else [f"server-sent events: {heard} heard, {want} stored"]


class Asking:
    """A run that `other` carries out and answers, followed at `victim`."""
    CODE = "".join(f'a{i} = ask("Number {i}?", type=number)\n' for i in range(ASKS)) + 'set_output("n", value=1)\n'

    def __init__(self, token, other, workspace):
        self.token, self.other = token, other
        automation = other.call(token, "POST", f"{workspace}/automations", {"display_name": "Talks", "code": self.CODE})["name"]
        other.call(token, "POST", f"{automation}:publish", {})
        self.run = other.call(token, "POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED"})["run_id"]

    def answer(self, n):
        for i in range(n):
            state = self.other.call(self.token, "GET", f"{self.run}:wait?timeout=10s")["state"]
            self.other.call(self.token, "POST", f"{state['awaiting_guidance']['exception']}:resolve", {"use": {"number": {"lo": i}}})


class Journal(Asking):
    """NDJSON with Last-Event-ID: what happens in the run, to its end."""

    def __init__(self, token, victim, other, workspace):
        super().__init__(token, other, workspace)
        self.path = f"{self.run}/events:stream"
        self.stream = Heard(victim, token, self.path)
        self.heard = [json.loads(self.stream.line())]
        self.answer(2)

    def hear(self, stream):
        """To the stream's end; a line that was cut off was not had."""
        while True:
            try:
                line = stream.answer.readline().decode()
            except (OSError, http.client.HTTPException):
                return
            if not line.endswith("\n"):
                return
            self.heard.append(json.loads(line))

    def go_on(self, node):
        self.hear(self.stream)
        stream = Heard(node, self.token, self.path, self.heard[-1]["id"])
        self.answer(ASKS - 2)
        self.hear(stream)
        stream.close()
        stored = self.other.call(self.token, "GET", f"{self.run}/events?page_size=1000")["run_events"]
        heard, want = ([event["id"] for event in events] for events in (self.heard, stored))
        return [] if heard == want else [f"a run's events: {heard} heard, {want} stored"]


class Conversation(Asking):
    """NDJSON: what the run asks. A new stream begins at the beginning."""

    def __init__(self, token, victim, other, workspace):
        super().__init__(token, other, workspace)
        self.path = f"{self.run}/agents/astral"
        self.first = Heard(victim, token, f"{self.path}/events:stream")
        self.at_victim = [json.loads(self.first.line())]
        self.answer(2)

    def go_on(self, node):
        stream = Heard(node, self.token, f"{self.path}/events:stream")
        heard = [json.loads(stream.line())]
        self.answer(ASKS - 2)
        self.other.call(self.token, "GET", f"{self.run}:wait?timeout=10s")
        stored = self.other.call(self.token, "GET", f"{self.path}/events?page_size=100")["events"][::-1]  # newest first
        want = [event["name"] for event in stored]
        while want[-1] not in [event["name"] for event in heard]:
            line = stream.line()
            if not line:
                break
            heard.append(json.loads(line))
        stream.close()
        names = list(dict.fromkeys(event["name"] for event in heard))  # a line may repeat an event that has gone on
        repeated = [json.dumps(event) for event in heard]
        problems = [] if names == want else [f"a conversation: {names} heard, {want} stored"]
        if len(repeated) != len(set(repeated)):
            problems.append("a conversation: a line came twice that says the same")
        if self.at_victim[0]["name"] not in want:
            problems.append(f"a conversation: {self.at_victim} was heard of the process that is gone, and is not stored")
        return problems
