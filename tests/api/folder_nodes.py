"""A watched folder and two servers on one PostgreSQL: each file starts one run, also when one of them is killed. Output is TAP.

    folder_nodes.py PROGRAM"""
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "walk"), os.path.join(HERE, "..", "store", "postgres")]
import with_server  # noqa: E402
from server import Server, free_port  # noqa: E402
from tap import Tap  # noqa: E402

MANY = ("--processes", "many", "--lease-seconds", "2", "--rate-limit", "0", "--folder-quiet-seconds", "1")
N = 60


def put(folder, first, n):
    for i in range(first, first + n):
        hidden = os.path.join(folder, f".{i}")
        with open(hidden, "w", encoding="utf-8") as out:
            out.write(f"file {i}")
        os.rename(hidden, os.path.join(folder, f"{i}.txt"))


def check(here, there, root, tap):
    workspace = "/api/v1/" + here.ours["workspace"]
    automation = here.must("POST", workspace + "/automations", {"display_name": "Counts", "code": "set_output(\"n\", value=1)\n"})["name"]
    here.must("POST", f"/api/v1/{automation}:publish", {})
    made = here.must("POST", workspace + "/triggers", {"automation": automation, "folder": "in"})
    folder = os.path.join(root, made["watched_path"])
    os.makedirs(folder, exist_ok=True)
    put(folder, 0, N // 2)
    time.sleep(1.5)  # some are taken, some are not
    put(folder, N // 2, N // 2)
    here.kill_and_start()
    done, end = os.path.join(folder, "done"), time.monotonic() + 60
    while time.monotonic() < end and (not os.path.isdir(done) or len(os.listdir(done)) < N):
        time.sleep(0.2)
    time.sleep(2)  # in which a second run would show itself
    left = sorted(name for name in os.listdir(folder) if name != "done")
    tap.ok("every file was taken and moved", [] if not left and len(os.listdir(done)) == N else [f"{left}, {len(os.listdir(done))} in done"])
    events = there.must("GET", f"/api/v1/{made['name']}/events?page_size=1000")["events"]
    wrong = [event for event in events if event["outcome"] != "TRIGGER_OUTCOME_STARTED"]
    tap.ok("each is noted once", [] if sorted(event["origin"] for event in events) == sorted(f"{i}.txt" for i in range(N)) and not wrong
           else [f"{len(events)} events, {wrong[:3]}"])
    runs = there.must("GET", f"/api/v1/{automation}/runs?page_size=1000")["runs"]
    tap.ok("each started one run", [] if len(runs) == N else [f"{len(runs)} runs"])


def main():
    tap, binaries = Tap(), with_server.find_binaries()
    if not binaries:
        print("1..0 # SKIP PostgreSQL is not installed: scripts/packages.sh test")
        return 0
    database = with_server.Server(binaries)
    os.environ["CLERKWORK_DATABASE"] = database.url()
    try:
        with tempfile.TemporaryDirectory(prefix="clerkwork-folders-") as root, Server(sys.argv[1], *MANY, "--folder-root", root) as here:
            there = here.another_client()
            there.port = free_port()
            there.start()
            try:
                check(here, there, root, tap)
            finally:
                there.process.terminate()
                there.process.wait(timeout=60)
    finally:
        database.end()
    return tap.end()


sys.exit(main())
