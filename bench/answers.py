"""Figures of the server's answers, as ratios taken in one run: reads with the server on one core, what a refusal costs beside the work
that it refuses, and of a workspace with a million runs: pages of lists, and sums.

    answers.py PROGRAM LOAD [SECONDS [RUNS]]

Every figure is a median; what is compared takes turns."""
import datetime
import json
import math
import os
import random
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
FILL = os.path.join(os.path.dirname(LOAD), "fill")
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

    def load(self, kind, path, connections=64, core=None, seconds=SECONDS):
        """What load says, and the processor time of the server for each answer, in microseconds."""
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        before = self.processor_seconds()
        out = subprocess.run([*pinned, LOAD, kind, str(PORT), self.token, path, str(connections), str(seconds)], check=True,
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


def medians(names, measure, times=3):
    """The median of each, by turns."""
    taken = {name: [] for name in names}
    for _ in range(times):
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


class Million:
    """Runs of the last year, of 50 automations of which some are used far more than others, as fill writes them through the store."""

    def __init__(self, bench, automation):
        rng = random.Random(RUNS)
        self.bench, self.organization = bench, bench.workspace.split("/workspaces/")[0]
        automations = [automation, *(bench.automation() for _ in range(49))]
        weights = [math.exp(-n / 16) for n in range(50)]
        self.year = datetime.datetime.now(datetime.timezone.utc).year - 1
        first = int(datetime.datetime(self.year, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
        times = sorted(rng.randrange(first * 10**6, (first + 365 * 86400) * 10**6) for _ in range(RUNS))
        whose = rng.choices(automations, weights, k=RUNS)
        ends = rng.choices(("5 -", "5 u30", "6 -", "2 p", "4 -"), (870, 50, 77, 2, 1), k=RUNS)
        self.count = {"": RUNS, "automation": whose.count(automation), "completed": sum(end[0] == "5" for end in ends)}
        self.lines = [f"{us} {end.split()[0]} {leaf(bench.workspace)} {leaf(of)} {end.split()[1]}\n" for us, of, end in zip(times, whose, ends)]

    def write(self):
        begun = time.monotonic()
        subprocess.run([FILL, self.bench.directory, leaf(self.organization)], input="".join(self.lines), text=True, check=True)
        print(f"\n{RUNS:,} runs of a year and their sums were written in {time.monotonic() - begun:.0f} s")

    def lists(self, automation):
        """Lists: name, path with its query, rows."""
        runs = f"{self.bench.workspace}/runs?"
        completed = "filter=" + urllib.parse.quote('state = "COMPLETED"') + "&"
        return [("of the workspace", runs, self.count[""]),
                ("oldest first", runs + "order_by=create_time&", self.count[""]),
                ("completed", runs + completed, self.count["completed"]),
                ("completed, oldest first", runs + completed + "order_by=create_time&", self.count["completed"]),
                ("of an automation", f"{automation}/runs?", self.count["automation"])]

    def sums(self):
        """Questions about the whole year in a zone that is not UTC: name, path."""
        year, zone = f"start_time={self.year}-01-01T00:00:00Z&end_time={self.year + 1}-01-01T00:00:00Z", "Europe/Berlin"
        metric = f"{self.organization}/metrics:query?metrics=runs&{year}&time_zone={zone}"
        window = "&".join(f"filter.time_window.{part}" for part in f"{year}&time_zone={zone}".split("&"))
        odd = window.replace("01T00:00:00", "03T04:05:06")
        month = window.replace(f"{self.year + 1}-01-01", f"{self.year}-02-01")
        dates = f"start_date.year={self.year}&end_date.year={self.year}"
        insights = f"{self.organization}/dashboards:queryInsights?"
        groups = ("status", "workspace_id", "automation_id")
        return [("insights by month", insights + window), ("insights, odd ends", insights + odd), ("insights by day, a month", insights + month),
                ("metrics", metric), *((f"metrics by {group}", f"{metric}&group_by={group}") for group in groups),
                ("metrics by all three", metric + "".join(f"&group_by={group}" for group in groups)),
                ("metrics of days by status", metric + "&interval=DAY&group_by=status"),
                ("metrics, a filter", metric + "&filter=" + urllib.parse.quote('NOT status = "failed"')),
                ("runs of each automation", f"{self.bench.workspace}:automationRunAggregates"),
                ("runs of each day", f"{self.bench.workspace}:dailyRunAggregates?time_zone={zone}&{dates}")]


def leaf(name):
    return name.rsplit("/", 1)[1]


def page_token(bench, path, page):
    """The token of this page, found by great steps."""
    left, token = (page - 1) * PAGE, ""
    while left > 0:
        size = 1000 if left >= 1000 else PAGE
        token = bench.get(f"{path}page_size={size}&page_token={urllib.parse.quote(token)}")["next_page_token"]
        if not token:
            raise SystemExit(f"{path} ends before page {page}")
        left -= size
    return urllib.parse.quote(token)


def pages_of_a_million(bench, lists):
    """By many short turns, since what is compared differs by less than a busy machine's minutes do."""
    bench.serve()
    print(f"\npages of {PAGE}: processor time of page 1, and that of others as a share of it; goal: at most 1.10")
    for name, path, rows in lists:
        last = rows // PAGE
        pages = list(dict.fromkeys((1, 10, last // 2, last)))
        tokens = {page: page_token(bench, path, page) for page in pages}
        found = medians(pages, lambda page: bench.load("get", f"/api/v1/{path}page_size={PAGE}&page_token={tokens[page]}",
                                                       seconds=SECONDS / 5), times=15)
        first = found[pages[0]]["cost_us"]
        print(f"{name:25s} {first:6.0f} µs" + "".join(f"   page {page:>6,}: {found[page]['cost_us'] / first:4.2f}" for page in pages[1:]))
    bench.stop()


def sums_of_a_million(bench, questions):
    """By one client, one after the other; each was asked before, so that its pages of the database are in memory."""
    bench.serve()
    for _, path in questions:
        bench.get(path)
    found = medians([name for name, _ in questions], lambda name: bench.load("get", "/api/v1/" + dict(questions)[name], connections=1))
    bench.stop()
    print("\nsums over them, in ms; goal: at most 50")
    print("what                            p50     max   processor time")
    for name, result in found.items():
        print(f"{name:28s} {result['p50_ms']:6.1f}  {result['max_ms']:6.1f}  {result['cost_us'] / 1000:8.1f}")


def main():
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-", dir=os.getcwd()) as directory:
        bench = Bench(directory)
        bench.serve()
        automation = bench.subject = bench.automation()
        run = [bench.invoke(automation) for _ in range(60)][0]
        million = Million(bench, automation)
        bench.stop()
        paths = {"one run": run, "a page of 50 runs": f"{automation}/runs?page_size=50"}
        one_core(bench, paths)
        refusals(bench, paths)
        million.write()
        pages_of_a_million(bench, million.lists(automation))
        sums_of_a_million(bench, million.sums())


if __name__ == "__main__":
    main()
