"""Figures of the server's answers, as ratios taken in one run: reads with the server on one core, pages of a workspace with a million
runs, and what a refusal costs beside the work that it refuses.

    answers.py PROGRAM LOAD [SECONDS [RUNS]]

Every figure is the median of three; what is compared takes turns."""
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse

from server import CODE, LOAD, PORT, PROGRAM, SECONDS, call, wait_ready

RUNS = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
PAGE = 50
TICKS = os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, directory):
        self.directory = directory
        made = json.loads(subprocess.run([PROGRAM, "setup", "--data", directory, "--organization", "O", "--workspace", "W", "--email",
                                          "b@example.com", "--name", "B", "--json"], check=True, capture_output=True, text=True).stdout)
        self.token, self.workspace = made["token"], made["workspace"]

    def serve(self, *options, core=None):
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        self.server = subprocess.Popen([*pinned, PROGRAM, "serve", "--data", self.directory, "--port", str(PORT), "--log-level", "error",
                                        *(options or ("--rate-limit", "0"))])
        wait_ready(PORT, "/healthz", 0, self.server)

    def stop(self):
        self.server.terminate()
        if self.server.wait() != 0:
            raise SystemExit("the server did not end in good order")

    def get(self, path):
        return json.loads(call(self.token, "GET", path))

    def load(self, kind, path, connections=64, core=None):
        """What load says, and the processor time of the server for each answer, in microseconds."""
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        before = self.processor_seconds()
        out = subprocess.run([*pinned, LOAD, kind, str(PORT), self.token, path, str(connections), str(SECONDS)], check=True,
                             capture_output=True, text=True).stdout
        result = json.loads(out)
        result["cost_us"] = (self.processor_seconds() - before) / max(result["count"], 1) * 1e6
        return result

    def processor_seconds(self):
        with open(f"/proc/{self.server.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def automation(self):
        made = json.loads(call(self.token, "POST", f"{self.workspace}/automations", {"display_name": "Ten steps", "code": CODE}))["name"]
        call(self.token, "POST", f"{made}:publish", {})
        return made

    def invoke(self, automation):
        run = json.loads(call(self.token, "POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED",
                                                                          "inputs": {"n": {"number": {"lo": 12}}}}))["run_id"]
        call(self.token, "GET", f"{run}:wait?timeout=30s")
        return run


def medians(names, measure):
    """The median of three of each, by turns."""
    taken = {name: [] for name in names}
    for _ in range(3):
        for name in names:
            taken[name].append(measure(name))
    return {name: {key: statistics.median(r[key] for r in results) for key in results[0]} for name, results in taken.items()}


def one_core(bench, paths):
    """The server on one core, the load on the other."""
    bench.serve(core=0)
    found = medians(paths, lambda name: bench.load("get", "/api/v1/" + paths[name], core=1))
    bench.stop()
    print("\nreads with the server on one core, 64 connections; a processor second holds only what the server itself takes")
    print("what                          here/s   a processor second      goal")
    for name, goal in (("one run", 40000), ("a page of 50 runs", 5000)):
        print(f"{name:25s} {found[name]['per_second']:10.0f} {1e6 / found[name]['cost_us']:20.0f}  ≥ {goal:6d}")


def refusals(bench, paths):
    """Processor time of an answer and of its refusal."""
    bench.serve()
    work = medians(paths, lambda name: bench.load("get", "/api/v1/" + paths[name]))
    work["an invoke, and its run"] = medians(["invoke"], lambda _: bench.load("invoke", bench.subject))["invoke"]
    bench.stop()
    bench.serve("--rate-limit", "1", "--rate-window", "86400")
    for _ in range(3):  # until there is nothing left of the window
        try:
            bench.get("me/organizations")
        except urllib.error.HTTPError:
            break
    refused = medians(paths, lambda name: bench.load("refused", "/api/v1/" + paths[name]))
    bench.stop()
    cost = statistics.mean(r["cost_us"] for r in refused.values())
    print("\nprocessor time of an answer, and of a 429 in its place")
    print("what                        answer µs    429 µs   ratio   (goal < 1)")
    for name, result in work.items():
        print(f"{name:25s} {result['cost_us']:11.1f} {cost:9.1f} {cost / result['cost_us']:7.2f}")


def multiply(bench, run):
    """Copies of this run, each a millisecond older, with ids of their own."""
    database = sqlite3.connect(os.path.join(bench.directory, "clerkwork.db"))
    columns = [row[1] for row in database.execute("PRAGMA table_info(run)")]
    own = {"id": "printf('bench%016d', n.i)", "execution_id": "printf('trace%016d', n.i)", "create_us": "r.create_us - 1000 * n.i"}
    kept = [column for column in columns if column != "key"]
    with database:
        database.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {RUNS}) INSERT INTO run "
                         f"({', '.join(kept)}) SELECT {', '.join(own.get(column, 'r.' + column) for column in kept)} FROM run r, n "
                         "WHERE r.id = ?", (run.rsplit("/", 1)[1],))
        inputs = [row[1] for row in database.execute("PRAGMA table_info(run_input)") if row[1] != "run"]
        database.execute(f"INSERT INTO run_input (run, {', '.join(inputs)}) SELECT r.key, {', '.join('t.' + i for i in inputs)} FROM run r, "
                         "run o JOIN run_input t ON t.run = o.key WHERE r.id LIKE 'bench%' AND o.id = ?", (run.rsplit("/", 1)[1],))
    database.close()


def page_token(bench, path, page):
    """The token of this page, found by great steps."""
    left, token = (page - 1) * PAGE, ""
    while left > 0:
        size = 1000 if left >= 1000 else PAGE
        token = bench.get(f"{path}?page_size={size}&page_token={urllib.parse.quote(token)}")["next_page_token"]
        if not token:
            raise SystemExit(f"{path} ends before page {page}")
        left -= size
    return urllib.parse.quote(token)


def million(bench, automation, run):
    begun = time.monotonic()
    multiply(bench, run)
    bench.serve()
    last = RUNS // PAGE
    pages = list(dict.fromkeys(page for page in (1, 10, 1000, last // 2, last) if page <= last))
    print(f"\npages of {PAGE} in a workspace with {RUNS:,} runs (made in {time.monotonic() - begun:.0f} s): processor time of each, and as a "
          "share of page 1's")
    print("list                       " + "".join(f"page {page:>7,}".rjust(16) for page in pages))
    for name, path in (("of the workspace", f"{bench.workspace}/runs"), ("of the automation", f"{automation}/runs")):
        tokens = {page: page_token(bench, path, page) for page in pages}
        found = medians(pages, lambda page: bench.load("get", f"/api/v1/{path}?page_size={PAGE}&page_token={tokens[page]}"))
        first = found[pages[0]]["cost_us"]
        print(f"{name:27s}" + "".join(f"{found[p]['cost_us']:.0f} µs {found[p]['cost_us'] / first:5.2f}".rjust(16) for p in pages))
    print("goal: at most 1.10")
    bench.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-", dir=os.getcwd()) as directory:
        bench = Bench(directory)
        bench.serve()
        automation = bench.subject = bench.automation()
        run = [bench.invoke(automation) for _ in range(60)][0]
        bench.stop()
        paths = {"one run": run, "a page of 50 runs": f"{automation}/runs?page_size=50"}
        one_core(bench, paths)
        refusals(bench, paths)
        million(bench, automation, run)


main()
