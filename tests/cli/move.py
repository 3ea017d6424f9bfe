"""clerkwork move: a database with runs in every state goes to PostgreSQL, serves there, and comes back.

    move.py PROGRAM WITH_SERVER

WITH_SERVER is tests/store/postgres/with_server.py. Output is TAP."""
import hashlib
import http.client
import importlib.util
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading

PROGRAM = sys.argv[1]
ASKS = "n = read_input(\"n\", type=number)\nfactor = ask(\"Which factor?\", type=number)\nset_output(\"product\", value=n * factor)\n"
WAITS = "wait(seconds(2))\nset_output(\"done\", value=1)\n"
TWICE = "n = read_input(\"n\", type=number)\nset_output(\"twice\", value=n * 2)\n"

spec = importlib.util.spec_from_file_location("with_server", sys.argv[2])
with_server = importlib.util.module_from_spec(spec)
spec.loader.exec_module(with_server)
n_tests, n_failed = 0, 0


def check(ok, name, more=""):
    global n_tests, n_failed
    n_tests += 1
    n_failed += not ok
    print(f"{'ok' if ok else 'not ok'} {n_tests} - {name}", flush=True)
    for line in str(more).splitlines() if not ok else ():
        print(f"# {line}", flush=True)


def clerkwork(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Server:
    def __init__(self, data, database=""):
        more = ["--database", database] if database else []
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", data, "--port", "0", *more], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            entry = json.loads(line)
            if entry["message"] == "ready":
                self.port = entry["port"]
                break
        else:
            raise SystemExit("the server did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, (method, path, answer.status, text)
        return text if path.endswith(":download") else json.loads(text)

    def publish(self, name, code):
        automation = self.call("POST", f"{workspace}/automations", {"display_name": name, "code": code})["name"]
        self.call("POST", f"{automation}:publish", {})
        return automation

    def invoke(self, automation, n=None):
        inputs = {} if n is None else {"n": {"number": {"lo": n}}}
        return self.call("POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": inputs})["run_id"]

    def state(self, run):
        return self.call("GET", f"{run}:wait?timeout=30s")["state"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def tables(data):
    """Every row of every table, as SQLite has it."""
    with sqlite3.connect(f"file:{data}/clerkwork.db?mode=ro", uri=True) as database:
        names = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1")]
        rows = {name: sorted(map(repr, database.execute(f"SELECT * FROM \"{name}\""))) for name in names}
        last = sorted(database.execute("SELECT name, seq FROM sqlite_sequence"))
    return rows, last


def sums(text):
    return re.findall(r"^  (\w+) +(\d+) rows   ([0-9a-f]{32})$", text, re.M)


def refused(name, arguments, code, *parts):
    found, text = clerkwork("move", *arguments)
    check(found == code and all(part in text for part in parts), name, f"{found}: {text}")


def prepare(data):
    server = Server(data)
    asks, waits, twice = server.publish("Asks", ASKS), server.publish("Waits", WAITS), server.publish("Twice", TWICE)
    for n in range(300):  # more than a page of rows
        server.invoke(twice, n)
    asked = server.invoke(asks, 6)
    server.state(asked)
    uploaded = server.call("POST", f"{workspace}/files:upload", {"filename": "a.csv", "content_base64": "bnVtYmVyCjE1Cg=="})
    waiting = server.invoke(waits)
    busy = clerkwork("move", "--from", f"sqlite:{data}", "--to", "postgresql:///none")
    check(busy[0] == 1 and "stop it first" in busy[1], "a database that a server works on is refused", busy)
    server.end()
    return asks, twice, asked, waiting, uploaded["metadata"]["name"]


def main():
    global token, workspace
    binaries = with_server.find_binaries()
    if not binaries:
        print("1..0 # SKIP PostgreSQL is not installed")
        return
    postgres = with_server.Server(binaries)
    try:
        with tempfile.TemporaryDirectory() as folder:
            data, back, url = folder + "/data", folder + "/back", postgres.url()
            made = json.loads(subprocess.run([PROGRAM, "setup", "--data", data, "--organization", "Ärger & Söhne", "--workspace", "Finance",
                                              "--email", "ada@acme.example", "--json"], check=True, capture_output=True).stdout)
            token, workspace = made["token"], made["workspace"]
            asks, twice, asked, waiting, file = prepare(data)
            before, last = tables(data)

            there = clerkwork("move", "--from", f"sqlite:{data}", "--to", url)
            check(there[0] == 0 and "both sides hold the same" in there[1], "SQLite to PostgreSQL", there)
            told = {name: int(n) for name, n, _ in sums(there[1])}
            check(told == {name: len(rows) for name, rows in before.items() if rows and name != "schema_version"},
                  "every table that has rows is told, with how many", told)
            check(tables(data)[0] == before, "the source stays as it was")
            again = clerkwork("move", "--from", f"sqlite:{data}", "--to", url)
            check(again[0] == 1 and "holds 1 organizations" in again[1], "a target that is in use is refused", again)

            here = clerkwork("move", "--from", url, "--to", f"sqlite:{back}")
            check(here[0] == 0 and sums(here[1]) == sums(there[1]), "and back: the same rows, the same checksums", here)
            rows, keys = tables(back)
            check(rows == before, "SQLite holds byte for byte what it held")
            check(keys == last, "keys go on where they were", f"{keys} {last}")

            server = Server(data, url)
            server.call("POST", f"{asked}:resolve", {"use": {"number": {"lo": 7}}})
            check(server.state(asked)["completed"]["outputs"]["product"]["number"]["lo"] == 42, "a question asked before is answered there")
            check("completed" in server.state(waiting), "a wait that began before ends there")
            check("completed" in server.state(server.invoke(twice, 4)) and "awaiting_guidance" in server.state(server.invoke(asks, 2)), "new runs go on there")
            check(server.call("GET", f"{file}:download") == b"number\n15\n", "files are where they were")
            check(server.end() == 0, "the server there ends in good order")

            shutil.rmtree(back)
            home = clerkwork("move", "--from", url, "--to", f"sqlite:{back}")
            check(home[0] == 0, "home again, with what was done there", home)
            server = Server(back)
            check(server.state(asked)["completed"]["outputs"]["product"]["number"]["lo"] == 42, "it is all there at home")
            check("completed" in server.state(server.invoke(twice, 5)), "and goes on")
            server.end()

            refused("no places", [], 2, "say --from")
            refused("one place", ["--from", f"sqlite:{data}"], 2, "say --to")
            refused("a place of no kind", ["--from", "mysql:x", "--to", url], 1, "expected sqlite:DIR", "postgresql://")
            refused("a folder without a database", ["--from", f"sqlite:{folder}/none", "--to", url], 1, "there is no database in")
            refused("to itself", ["--from", f"sqlite:{data}", "--to", f"sqlite:{data}"], 1, "the same database")
            nul = folder + "/nul"
            shutil.copytree(data, nul)
            with sqlite3.connect(nul + "/clerkwork.db") as database:
                database.execute("UPDATE workspace SET title = 'a' || char(0) || 'b'")
            postgres.run("createdb", "-h", postgres.folder, "-U", "clerkwork", "other")
            other = url.replace("/postgres?", "/other?")
            refused("what PostgreSQL cannot hold is told with its table", ["--from", f"sqlite:{nul}", "--to", other], 1, "the table workspace: ")
            check(clerkwork("move", "--from", f"sqlite:{data}", "--to", other)[0] == 0, "after a refusal the target is as good as new")
            with sqlite3.connect(nul + "/clerkwork.db") as database:
                database.execute("INSERT INTO schema_version (version) VALUES (9999)")
            refused("a newer version", ["--from", f"sqlite:{nul}", "--to", other], 1, "made by a newer clerkwork")
    finally:
        postgres.end()
    print(f"1..{n_tests}")
    sys.exit(1 if n_failed else 0)


main()
