"""What a run takes on the disk, in SQLite and in PostgreSQL: ten pure steps, and ten durable ones.

    disk.py PROGRAM [RUNS]

RUNS of one automation, beside as many that were there before; what the database grew by, divided by them. It is taken when
the server has ended: SQLite's log is copied into the database then. PostgreSQL is vacuumed after every tenth of the runs, as its
autovacuum does: that makes room for new rows of what updates left behind. Bytes depend on neither the machine nor its speed. A
durable step is a call that goes outside, as in peers.py; the outside is a small server in this process."""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from peers import Clerkwork, Database, Unavailable, stop

PROGRAM = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
TOGETHER, TENTHS, PORT = 100, 10, 18498
PURE = """inputs
  the n is a number

the a is the n times 2
the b is the a plus 1
the c is the b times 3
the d is the c minus the n
the e is the d divided by 2
the f is the e plus 7
the g is the f plus the a
the h is the g times 1.19
the i is the h minus 3
output the i as "total"
"""
PARTS = """SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind = 'r' AND n.nspname = 'public' AND pg_total_relation_size(c.oid) > 0 ORDER BY 1"""


class Outside(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"1")

    def log_message(self, *arguments):
        pass


class Server(Clerkwork):
    """One that is started again with the same data."""

    def __init__(self, folder, database):
        self.folder, self.database = folder, database
        super().__init__(PROGRAM, None, folder, PORT, database.url("disk") if database else None)

    def publish(self, durable, outside):
        steps = f'put the n to "{outside}"\n' * 10
        text = "inputs\n  the n is a number\n\n" + steps + 'output the n as "n"\n' if durable else PURE
        made = self.api(f"{self.workspace}/automations", {"display_name": "Ten steps", "english_code": text})["name"]
        self.api(f"{made}:publish", {})
        return made

    def run(self, automation):
        one = {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": {"n": {"number": {"lo": 12}}}}
        tenth = max(RUNS // TOGETHER // TENTHS, 1)
        for i in range(RUNS // TOGETHER):
            self.api(f"{automation}:batchInvoke", {"requests": [one] * TOGETHER})
            if (i + 1) % tenth == 0:
                self.wait(automation)
                self.vacuum()

    def wait(self, automation):
        going = f"{automation}/runs?page_size=1&filter=state%20IN%20%5Bpending%2C%20executing%5D"
        while self.api(going).get("runs"):
            time.sleep(0.1)
        done = self.api(f"{automation}/runs?page_size=1&filter=state%20%3D%20completed").get("runs")
        if not done:
            raise SystemExit("the runs did not complete")

    def psql(self, *arguments):
        environment = {**os.environ, **self.database.environment, "PGDATABASE": "disk"}
        return subprocess.run(["psql", "-q", *arguments], env=environment, check=True, cwd="/", capture_output=True, text=True).stdout

    def vacuum(self):
        if self.database:
            self.psql("-c", "vacuum")

    def sizes(self):
        """Bytes by table, once nothing is left to write."""
        if not self.database:
            return {"all": (os.path.getsize(f"{self.folder}/clerkwork.db"), 0)}
        told = self.psql("-At", "-c", PARTS)
        return {name: (int(table), int(indexes)) for name, table, indexes in (line.split("|") for line in told.splitlines())}


def measure(durable, database, outside):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, database)
        try:
            automation = server.publish(durable, outside)
            taken = []
            for _ in range(2):
                server.run(automation)
                stop(server.process)
                taken.append(server.sizes())
                server.start()
        finally:
            stop(server.process)
    return {name: tuple((after - before) / RUNS for after, before in zip(taken[1][name], taken[0].get(name, (0, 0)))) for name in taken[1]}


def tell(what, kind, grown):
    table, indexes = (sum(part[i] for part in grown.values()) for i in (0, 1))
    print(f"{what:18s} {kind:11s} {table + indexes:8.0f}" + (f"   rows {table:6.0f}, indexes {indexes:6.0f}" if len(grown) > 1 else ""))
    for name, part in sorted(grown.items(), key=lambda item: -sum(item[1])):
        if len(grown) > 1 and sum(part) >= 10:
            print(f"    {name:26s} {sum(part):8.0f}   rows {part[0]:6.0f}, indexes {part[1]:6.0f}")


def main():
    outside = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{outside.server_address[1]}/effect"
    print(f"bytes a run takes on the disk, {RUNS:,} runs beside as many")
    try:
        database = Database()
    except Unavailable as problem:
        database = None
        print(f"PostgreSQL is left out: {problem}")
    try:
        for durable in (False, True):
            what = "ten durable steps" if durable else "ten pure steps"
            tell(what, "SQLite", measure(durable, None, url))
            if database:
                database.make("disk")
                tell(what, "PostgreSQL", measure(durable, database, url))
                subprocess.run(["psql", "-q", "-c", "drop database disk"], env={**os.environ, **database.environment}, check=True, cwd="/")
    finally:
        if database:
            database.end()


main()
