"""What many runs cost: 100,000 that wait for people, a kill -9 among them, and the rates beside a million runs that have ended.

    many.py PROGRAM LOAD [SECONDS [ENDED [WAITING]]]

Every rate is a median; what is compared takes turns."""
import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.error

from answers import RUNS, Bench, Million, medians
from server import PORT, call, own_kb, private_kb

WAITING = int(sys.argv[5]) if len(sys.argv) > 5 else 100_000
TOGETHER, ANSWERS, CALLERS = 1000, 300, 8
ASKING = """\
n = read_input("n", type=number)
set_output("twice", value=n * 2)
"""
TWELVE = {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": {"n": {"number": {"lo": 12}}}}


class Client:
    """One connection that stays open."""

    def __init__(self, token):
        self.connection, self.token = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60), token

    def ask(self, method, path, body=None):
        self.connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body),
                                {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{method} {path}: {reply.status} {text[:300]}")
        return json.loads(text)


def asking_automation(bench):
    made = json.loads(call(bench.token, "POST", f"{bench.workspace}/automations", {"display_name": "Asking", "code": ASKING}))["name"]
    call(bench.token, "POST", f"{made}:publish", {})
    return made


def fill_waiting(bench, automation):
    begun, client = time.monotonic(), Client(bench.token)
    for _ in range(WAITING // TOGETHER):
        client.ask("POST", f"{automation}:batchInvoke", {"requests": [{"stage": "AUTOMATION_STAGE_PUBLISHED"}] * TOGETHER})
    going = f"{automation}/runs?page_size=1&filter=state%20IN%20%5Bpending%2C%20executing%5D"
    while client.ask("GET", going).get("runs"):
        time.sleep(0.05)
    print(f"\n{WAITING:,} runs wait for people, {time.monotonic() - begun:.0f} s after the first was asked for")


def answers(bench):
    """From the answer's first byte to the outputs, on one connection: two calls."""
    client, taken = Client(bench.token), []
    pending = client.ask("GET", f"{bench.workspace}/exceptions?page_size={ANSWERS}")["exceptions"]
    for exception in pending:
        begun = time.monotonic()
        client.ask("POST", f"{exception['name']}:resolve", {"use": {"number": {"lo": 3}}})
        ended = client.ask("GET", f"{exception['run']}:wait?timeout=30s")
        taken.append((time.monotonic() - begun) * 1000)
        if "completed" not in ended["state"]:
            raise SystemExit(f"an answered run did not complete: {ended['state']}")
    return statistics.median(taken)


def print_memory(bench, when):
    pid = bench.server.pid
    print(f"memory of its own, {when:16s} {own_kb(pid) / 1024:8.1f} MB   (goal ≤ 100; with the database's pages that it looks at in place {private_kb(pid) / 1024:.1f})")


def waiting(bench, automation):
    bench.serve()
    fill_waiting(bench, automation)
    print_memory(bench, "just after")
    page = medians(["page"], lambda _: bench.load("get", f"/api/v1/{bench.workspace}/exceptions?page_size=50", connections=1))["page"]
    print(f"a page of 50 exceptions, p50        {page['p50_ms']:8.2f} ms   (goal ≤ 5)")
    print(f"an answer until the outputs, p50    {answers(bench):8.2f} ms   (goal ≤ 2 to the next step)")


class Caller(threading.Thread):
    """Starts runs and remembers those that were acknowledged."""

    def __init__(self, bench):
        super().__init__(daemon=True)
        self.bench, self.acknowledged = bench, []

    def run(self):
        try:
            client = Client(self.bench.token)
            while True:
                self.acknowledged.append(client.ask("POST", f"{self.bench.subject}:invoke", TWELVE)["run_id"])
        except (OSError, http.client.HTTPException):
            return  # the server was killed


def killed(bench):
    callers = [Caller(bench) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    time.sleep(2)
    bench.server.kill()
    bench.server.wait()
    for caller in callers:
        caller.join()
    begun = time.monotonic()
    bench.serve()
    call(bench.token, "GET", f"{bench.subject}/runs?page_size=1")
    first = time.monotonic() - begun
    print_memory(bench, "after a restart")
    client, acknowledged = Client(bench.token), [run for caller in callers for run in caller.acknowledged]
    lost = sum("completed" not in client.ask("GET", f"{run}:wait?timeout=60s")["state"] for run in acknowledged)
    print(f"\nkill -9 while {CALLERS} callers started runs, {WAITING:,} others waiting")
    print(f"first request served after          {first * 1000:8.0f} ms   (goal ≤ 1000)")
    print(f"acknowledged runs that did not end  {lost:8d} of {len(acknowledged)}   (goal 0)")
    bench.stop()


def growth(empty, full):
    """The same load on a database with nothing in it and on one with a million runs that have ended."""
    places = {"empty": empty, "full": full}

    def rates(name):
        bench = places[name]
        bench.serve()
        result = {f"invoke {n}": bench.load("invoke", bench.subject, connections=n)["per_second"] for n in (1, 64)}
        result["run"] = bench.load("get", "/api/v1/" + bench.run)["per_second"]
        result["page"] = bench.load("get", f"/api/v1/{bench.subject}/runs?page_size=50")["per_second"]
        bench.stop()
        return result
    found = medians(places, rates, times=5)
    print(f"\nrates beside {RUNS:,} ended runs, and with an empty database (goal: within 10 %)")
    print("what                              empty/s     full/s   full / empty")
    for key, said in (("invoke 1", "runs, one connection"), ("invoke 64", "runs, 64 connections"), ("run", "one run read"), ("page", "a page of 50 runs")):
        print(f"{said:30s} {found['empty'][key]:10.0f} {found['full'][key]:10.0f} {found['full'][key] / found['empty'][key]:14.2f}")


def prepared(directory):
    bench = Bench(directory)
    bench.serve()
    bench.subject = bench.automation()
    bench.run = [bench.invoke(bench.subject) for _ in range(60)][0]
    return bench


def main():
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-", dir=os.getcwd()) as directory:
        crowded = prepared(os.path.join(directory, "waiting"))
        automation = asking_automation(crowded)
        crowded.stop()
        waiting(crowded, automation)
        killed(crowded)
        empty, full = (prepared_and_stopped(os.path.join(directory, name)) for name in ("empty", "full"))
        full.serve()
        million = Million(full, full.subject)
        full.stop()
        million.write()
        growth(empty, full)


def prepared_and_stopped(directory):
    bench = prepared(directory)
    bench.stop()
    return bench


if __name__ == "__main__":
    main()
