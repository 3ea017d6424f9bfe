"""Three server processes on one PostgreSQL: killed, stopped for longer than their lease, cut off from the database.

    nodes.py PROGRAM RUNS [SEED]

Before each blow RUNS runs are under way: computing, waiting for a second, or waiting for an answer. Afterwards everything is
answered through processes picked at random. In the end:
  * every acknowledged run is there once, and completed with the outputs that its inputs demand;
  * a receiver of webhooks was told once of each run's question and of its end (a message may come again, with the same id);
  * each time of a schedule has started one run, and what was to be removed is gone, whichever process led (timed.py);
  * streams that were followed at the process that was killed go on at another one, with nothing left out or doubled (followed.py);
  * the runs of a process that is killed or stopped have other hands within two times the lease;
  * a token revoked at one process is refused by the others at once, and events of a run reach whoever listens elsewhere.
Output is TAP."""
import http.client
import http.server
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
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "store", "postgres"))
import followed  # noqa: E402
import timed  # noqa: E402
import with_server  # noqa: E402

LEASE_S = 3
EVENTS = ["run.awaiting_guidance", "run.completed"]
THREADS = 12
CODE = """\
number_of_lines = read_input("number of lines", type=number)
label = read_input("label", type=text)
chance = numbers.draw(smallest=1, largest=1000000000)
total = 0
for line in range(number_of_lines):
    total = total + line
wait(seconds(1))
factor = ask("Which factor?", type=number)
set_output("total", value=total * factor)
set_output("label", value=label)
set_output("chance", value=chance)
set_output("chance again", value=chance)
"""


def number(value):
    n = value["number"]
    return (n["hi"] << 64 | n["mid"] << 32 | n["lo"]) / 10 ** (n["flags"] >> 16 & 255)


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]}")
        self.status = status


class Receiver(http.server.BaseHTTPRequestHandler):
    lock, told, repeated = threading.Lock(), {}, 0  # (run, event) → ids of the messages that told of it

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with Receiver.lock:
            ids = Receiver.told.setdefault((body["data"]["run"], body["type"]), set())
            Receiver.repeated += self.headers["webhook-id"] in ids
            ids.add(self.headers["webhook-id"])
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Receivers(http.server.ThreadingHTTPServer):
    request_queue_size = 256  # else a burst is refused, and what was refused is put off


class Proxy:
    """Between a process and PostgreSQL's unix socket; while it is silent it takes what comes and passes nothing on."""

    def __init__(self, path):
        self.path, self.silent = path, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.path)
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=ends, daemon=True).start()

    def pump(self, source, target):
        try:
            while data := source.recv(65536):
                while self.silent.is_set():
                    time.sleep(0.02)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Node:
    def __init__(self, program, folder, database):
        self.program, self.folder, self.database, self.log = program, folder, database, []
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.folder, "--port", "0", "--rate-limit", "0", "--check-responses", "yes",
             "--processes", "many", "--lease-seconds", str(LEASE_S), "--private-addresses", "allow"],
            stderr=subprocess.PIPE, text=True, env=dict(os.environ, CLERKWORK_DATABASE=self.database))
        for line in self.process.stderr:
            self.note(line)
            if self.log and self.log[-1]["message"] == "ready":
                self.port = self.log[-1]["port"]
                break
        else:
            raise SystemExit(f"Bail out! a process did not start: {self.log}")
        threading.Thread(target=self.drain, args=(self.process.stderr,), daemon=True).start()

    def note(self, line):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = {"message": line, "level": "error"}
        if entry["message"] == "ready" or entry.get("level") not in ("info", "debug"):
            self.log.append(entry)

    def drain(self, stream):
        for line in stream:
            self.note(line)

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return next(line.split()[1] for line in answer.read().decode().splitlines() if line.startswith(f"clerkwork_{name} "))

    def call(self, token, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body),
                               {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= 400:
            raise Refused(response.status, text)
        return json.loads(text)


class Run:
    def __init__(self, index, rng):
        self.label, self.request_id = f"run {index}", f"nodes-{os.getpid()}-{index}"
        self.lines, self.factor = rng.choice((10, 1000, 20000)), rng.randint(2, 9)
        self.name = self.outputs = None


class Harness:
    def __init__(self, program, n_runs, seed, server):
        self.program, self.n_runs, self.rng = program, n_runs, random.Random(seed)
        self.server, self.runs, self.problems, self.takeovers = server, [], [], []
        self.folder = tempfile.TemporaryDirectory(prefix="clerkwork-nodes-")
        made = json.loads(subprocess.run(
            [program, "setup", "--data", self.folder.name, "--organization", "O", "--workspace", "W", "--email", "n@example.com",
             "--name", "N", "--json"], check=True, capture_output=True, text=True,
            env=dict(os.environ, CLERKWORK_DATABASE=server.url())).stdout)
        self.token, self.workspace = made["token"], made["workspace"]
        self.proxy = Proxy(f"{server.folder}/.s.PGSQL.5432")
        through_proxy = f"postgresql://clerkwork@127.0.0.1:{self.proxy.port}/postgres"
        self.nodes = [Node(program, self.folder.name, url) for url in (server.url(), server.url(), through_proxy)]
        self.reachable = list(self.nodes)
        self.receiver = Receivers(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()

    def ask(self, sql):
        done = subprocess.run([f"{self.server.binaries}/psql", "-XAtq", "-h", self.server.folder, "-U", "clerkwork", "postgres", "-c", sql],
                              capture_output=True, text=True, check=True, cwd="/")
        return done.stdout.strip()

    def call(self, method, path, body=None, patience=30):
        """At any process; again at another one when it is gone or cannot."""
        until = time.monotonic() + patience
        while True:
            node = random.choice(self.reachable)
            try:
                return node.call(self.token, method, path, body)
            except Refused as refused:
                if refused.status not in (429, 503, 504) or time.monotonic() > until:
                    raise
            except (OSError, http.client.HTTPException):
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def prepare(self):
        automation = self.call("POST", f"{self.workspace}/automations", {"display_name": "Nodes", "code": CODE})["name"]
        self.call("POST", f"{automation}:publish", {})
        self.automation = automation
        self.call("POST", f"{self.workspace}/webhooks", {"display_name": "Receiver", "event_types": EVENTS,
                                                         "url": f"http://127.0.0.1:{self.receiver.server_port}/"})
        self.timed = timed.Timed(self.call, self.ask, self.workspace)

    # ---- load ----
    def each(self, work, items):
        todo, lock = list(items), threading.Lock()

        def main():
            while True:
                with lock:
                    if not todo:
                        return
                    item = todo.pop()
                try:
                    work(item)
                except Exception as error:  # noqa: BLE001: whatever it is belongs into the report
                    self.problems.append(f"{getattr(item, 'label', item)}: {type(error).__name__} {error}")
        threads = [threading.Thread(target=main) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        return threads

    def begin(self):
        fresh = [Run(len(self.runs) + i, self.rng) for i in range(self.n_runs)]
        self.runs += fresh
        return fresh, self.each(self.invoke, fresh)

    def invoke(self, run):
        run.name = self.call("POST", f"{self.automation}:invoke", {
            "stage": "AUTOMATION_STAGE_PUBLISHED", "request_id": run.request_id,
            "inputs": {"number of lines": {"number": {"lo": run.lines}}, "label": {"text": run.label}}})["run_id"]

    def finish(self, run):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            state = self.call("GET", f"{run.name}:wait?timeout=5s")["state"]
            kind = next(iter(state))
            if kind == "completed":
                run.outputs = state["completed"]["outputs"]
                return
            if kind == "failed":
                raise AssertionError(f"failed: {state}")
            if kind == "awaiting_guidance":
                try:
                    self.call("POST", f"{state['awaiting_guidance']['exception']}:resolve", {"use": {"number": {"lo": run.factor}}})
                except Refused as refused:  # an answer whose acknowledgement was lost
                    if refused.status not in (400, 409):
                        raise
        raise AssertionError(f"never finished; in the end {state}")

    def round(self, blow):
        self.timed.prepare()
        fresh, threads = self.begin()
        time.sleep(0.3)
        self.timed.come_due(leader_changes=blow != self.blow_cut)
        time.sleep(self.rng.uniform(0, 0.05))
        blow()
        for thread in threads:
            thread.join()
        for thread in self.each(self.finish, fresh):
            thread.join()
        self.problems += self.timed.check_removed()

    # ---- blows ----
    def until_taken_over(self, node, since):
        """Until no run is in the hands of that number."""
        numbers = self.held
        while self.ask(f"SELECT count(*) FROM node WHERE key IN ({numbers})") != "0" or \
                self.ask(f"SELECT count(*) FROM run WHERE state IN (0, 1, 3) AND node IN ({numbers})") != "0":
            if time.monotonic() - since > 10 * LEASE_S:
                self.problems.append(f"process {numbers} still has runs")
                return
            time.sleep(0.05)
        self.takeovers.append(time.monotonic() - since)

    def silence(self, node, how):
        """What happens while a process is not heard of."""
        self.held = node.metric("store_node")
        if node in self.reachable:
            self.reachable.remove(node)
        since = time.monotonic()
        how()
        self.until_taken_over(node, since)

    def kill(self):
        self.nodes[0].process.send_signal(signal.SIGKILL)
        self.nodes[0].process.wait()

    def blow_kill(self):
        kinds = followed.Thread, followed.Conversation, followed.Journal
        streams = [kind(self.token, self.nodes[0], self.nodes[1], self.workspace) for kind in kinds]
        self.silence(self.nodes[0], self.kill)
        for stream in streams:
            self.problems += stream.go_on(self.nodes[2])
        self.nodes[0].start()
        self.reachable.append(self.nodes[0])

    def blow_stop(self):
        node = self.nodes[1]
        self.silence(node, lambda: node.process.send_signal(signal.SIGSTOP))
        time.sleep(LEASE_S)
        node.process.send_signal(signal.SIGCONT)
        self.reachable.append(node)

    def blow_cut(self):
        for _ in range(3):
            time.sleep(0.3)
            self.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'clerkwork'")

    def blow_silence(self):
        node = self.nodes[2]
        self.silence(node, self.proxy.silent.set)
        begun = time.monotonic()
        try:  # the loop goes on: health needs no database
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError as error:
            self.problems.append(f"a process whose database is silent does not answer at all: {error}")
        if time.monotonic() - begun > 5:
            self.problems.append(f"a process whose database is silent answered only after {time.monotonic() - begun:.1f} s")
        self.proxy.silent.clear()
        self.reachable.append(node)

    # ---- across processes ----
    def check_revocation(self):
        made = self.call("POST", "me/tokens", {"display_name": "passing"})
        for node in self.nodes:
            node.call(made["secret"], "GET", self.workspace)
        self.nodes[0].call(self.token, "DELETE", made["name"])
        for node in self.nodes[1:]:
            try:
                node.call(made["secret"], "GET", self.workspace)
                self.problems.append("a token that was revoked at another process is still good")
            except Refused as refused:
                if refused.status != 401:
                    self.problems.append(f"a revoked token: {refused}")

    def check_stream(self):
        """Invoked at one process, watched at the second, answered at the third."""
        run = Run("watched", self.rng)
        self.runs.append(run)
        self.invoke(run)
        begun, done = time.monotonic(), []

        def watch():
            done.append(self.nodes[1].call(self.token, "GET", f"{run.name}:wait?timeout=14s"))
        while next(iter(self.nodes[0].call(self.token, "GET", run.name)["state"])) != "awaiting_guidance":
            time.sleep(0.05)
        state = self.nodes[2].call(self.token, "GET", run.name)["state"]
        self.nodes[2].call(self.token, "POST", f"{state['awaiting_guidance']['exception']}:resolve", {"use": {"number": {"lo": run.factor}}})
        watch()
        run.outputs = done[0]["state"].get("completed", {}).get("outputs")
        if time.monotonic() - begun > 8:
            self.problems.append(f"news between processes took {time.monotonic() - begun:.1f} s")

    def print_logs(self):
        for node in self.nodes:
            for entry in node.log[-40:]:
                print(f"# {node.port}: {json.dumps(entry)[:300]}")

    # ---- the end ----
    def check(self):
        for run in self.runs:
            if not run.outputs:
                self.problems.append(f"{run.label} has no outputs")
                continue
            total, chance, again = (number(run.outputs[k]) for k in ("total", "chance", "chance again"))
            if total != run.lines * (run.lines - 1) // 2 * run.factor or chance != again or run.outputs["label"]["text"] != run.label:
                self.problems.append(f"{run.label}: {total}, {chance}, {again}")
        key = self.timed.key(self.automation)
        stored = self.ask(f"SELECT count(*), count(DISTINCT id), sum((state = 5)::int) FROM run WHERE automation = {key}")
        summed = self.ask(f"SELECT sum(total), sum(completed) FROM run_rollup WHERE start_us = -1 AND automation = {key}")
        n = len(self.runs)
        if stored != f"{n}|{n}|{n}" or summed != f"{n}|{n}":
            self.problems.append(f"{n} runs were asked for; stored and completed: {stored}; summed up: {summed}")
        until = time.monotonic() + 20
        told = [(run.name, event) for run in self.runs for event in EVENTS]
        while not all(one in Receiver.told for one in told) and time.monotonic() < until:
            time.sleep(0.1)
        wrong = [one for one in told if len(Receiver.told.get(one, ())) != 1]
        if wrong:
            self.problems.append(f"webhooks told otherwise than once of {len(wrong)} moves: {wrong[:5]}")
            for line in self.ask("SELECT state, status, attempts, problem, count(*), min(next_us) - "
                                 "extract(epoch FROM now()) * 1000000 FROM webhook_delivery GROUP BY 1, 2, 3, 4").splitlines():
                self.problems.append(f"deliveries: {line}")

    def end(self):
        codes = []
        for node in self.nodes:
            node.process.terminate()
        for node in self.nodes:
            codes.append(node.process.wait(timeout=60))
        left = self.ask("SELECT count(*) FROM node")
        return codes == [0, 0, 0] and left == "0" or self.problems.append(f"ended with {codes}, {left} leases left") is None and False


def main():
    program, n_runs = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
    binaries = with_server.find_binaries()
    if not binaries:
        print("1..0 # SKIP PostgreSQL is not installed: scripts/packages.sh test")
        return
    server = with_server.Server(binaries)
    harness = None
    try:
        harness = Harness(program, n_runs, seed, server)
        harness.prepare()
        harness.check_revocation()
        harness.check_stream()
        for blow in (harness.blow_kill, harness.blow_stop, harness.blow_cut, harness.blow_silence):
            begun = time.monotonic()
            harness.round(blow)
            print(f"# {blow.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
        harness.check()
        harness.problems += harness.timed.check_schedules()
        ended = harness.end()
    except BaseException:
        if harness:
            harness.print_logs()
        raise
    finally:
        for node in harness.nodes if harness else ():
            if node.process.poll() is None:
                node.process.kill()
        server.end()
    slow = [f"{t:.1f} s" for t in harness.takeovers if t > 2 * LEASE_S]
    print("1..3")
    print(f"# seed {seed}, {len(harness.runs)} runs, takeovers after {', '.join(f'{t:.1f} s' for t in harness.takeovers)}, "
          f"{Receiver.repeated} webhooks came again")
    for problem in harness.problems[:40]:
        print(f"# {problem}")
    if harness.problems:
        harness.print_logs()
    print(f"{'not ok' if harness.problems else 'ok'} 1 - no run is lost or doubled, whatever befalls one of three processes")
    print(f"{'not ok' if slow else 'ok'} 2 - another process takes over within two times the lease")
    print(f"{'ok' if ended else 'not ok'} 3 - processes that are asked to end give up their leases")
    sys.exit(1 if harness.problems or slow or not ended else 0)


main()
