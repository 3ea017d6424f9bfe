"""Does what docs/triggers.md shows: its commands as they stand there, the answers that it promises, each filter of its table, and a file in
a folder. Output is TAP.

    triggers.py PROGRAM SOURCE_ROOT

Only what the page leaves open is put in: the server's address, a token, and the automation behind its "…". In what it promises … is
anything."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
CODE = """\
price = read_input("price", type=number)
set_output("total", value=price * 2)
"""
KEEPING = """\
invoice = read_input("invoice", type=file)
set_output("kept", value=invoice)
"""
# What passes every filter of the table, and what passes none.
PASSES = {"total": 150, "type": "order.paid", "at": "2026-04-14T11:30:00+02:00", "customer": {"name": "Ada Lovelace"}, "tags": ["urgent", "eu"],
          "items": [{"price": 10}, {"price": 60}], "note": "x", "order": {"total": 1}}
FAILS = {"total": 100, "type": "refund", "at": "2026-04-14T10:30:00+02:00", "customer": {"name": "Grace"}, "tags": ["eu"], "items": [{"price": 10}],
         "note": None, "order": {"total": 1}}
results = []


def tell(ok, what, detail=""):
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}")
    if not ok:
        print("# " + str(detail)[-3000:].replace("\n", "\n# "))


def page():
    with open(os.path.join(ROOT, "docs", "triggers.md"), encoding="utf-8") as text:
        return text.read()


def commands():
    """The indented blocks, each as one text."""
    return [re.sub(r"^    ", "", block, flags=re.M) for block in re.findall(r"(?:^    .*\n)(?:^ {4,}.*\n)*", page(), re.M)]


def fits(promised, got):
    """Every member that is promised is there and is what was said."""
    if isinstance(promised, dict):
        return isinstance(got, dict) and all(name in got and fits(value, got[name]) for name, value in promised.items())
    if isinstance(promised, str):
        return isinstance(got, str) and re.fullmatch(".*".join(map(re.escape, promised.split("…"))), got) is not None
    return promised == got


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, directory):
        self.root, self.port = os.path.join(directory, "folders"), free_port()
        os.mkdir(self.root)
        data = ["--data", os.path.join(directory, "data")]
        made = json.loads(subprocess.run([PROGRAM, "setup", *data, "--organization", "O", "--workspace", "W", "--email", "a@example.com",
                                          "--name", "Ada", "--json"], check=True, capture_output=True, text=True).stdout)
        self.workspace, self.token = made["workspace"], made["token"]
        self.process = subprocess.Popen([PROGRAM, "serve", *data, "--port", str(self.port), "--log-level", "error", "--folder-root", self.root,
                                         "--folder-quiet-seconds", "1"])

    def call(self, method, path, body=None, token=True):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if token else {})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", None if body is None else json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or "{}")

    def wait_ready(self):
        for _ in range(600):
            try:
                self.call("GET", "/readyz", token=False)
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server is not ready after 30 s")

    def automation(self, name, code):
        made = self.call("POST", f"/api/v1/{self.workspace}/automations", {"display_name": name, "code": code})["name"]
        self.call("POST", f"/api/v1/{made}:publish", {})
        return made

    def shell(self, command, automation, path=""):
        """A command of the page, as it stands there, with what it leaves open."""
        server = f"http://127.0.0.1:{self.port}"
        variables = {"api": server + "/api/v1", "server": server, "workspace": self.workspace, "bearer": f"Authorization: Bearer {self.token}",
                     "path": path}
        run = subprocess.run(["bash", "-c", command.replace('"automation": "…"', json.dumps({"automation": automation})[1:-1])], capture_output=True,
                             text=True, timeout=60, check=False, env=os.environ | variables)
        try:
            return json.loads(run.stdout)
        except ValueError:
            return {"not JSON": run.stdout + run.stderr}


def check_messages(server, found):
    create, send, waited = found
    automation = server.automation("doubles", CODE)
    made = server.shell(create, automation)
    tell(fits({"path": "/api/v1/hooks/…", "secret": "whsec_…"}, made), "the command makes a trigger, and its answer has address and secret", made)
    promised = json.loads(re.search(r"^is answered with `(\{.*\})`", page(), re.M).group(1))
    got = server.shell(send, automation, made["path"])
    tell(fits(promised, got), "a message is answered as the page says", got)
    tell(server.shell(send, automation, made["path"]) == got | {"repeated": True}, "sent again it gives the same run")
    server.call("PATCH", f"/api/v1/{made['name']}", {"wait": "30s"})
    got = server.shell(send.replace("order-17", "order-18"), automation, made["path"])
    tell(fits(json.loads(waited), got), "with wait the answer has the outputs", got)
    return made


def check_filters(server, trigger):
    rows = re.findall(r"^\| `([^`]+)` \| (?:it|the|one)", page(), re.M)
    tell(len(rows) >= 7, f"the table has {len(rows)} filters")
    for row in rows:
        server.call("PATCH", f"/api/v1/{trigger['name']}", {"filter": row, "wait": "0s"})
        outcomes = [server.call("POST", trigger["path"], body, token=False)["outcome"] for body in (PASSES, FAILS)]
        tell(outcomes == ["TRIGGER_OUTCOME_STARTED", "TRIGGER_OUTCOME_FILTERED"], f"filter {row}", outcomes)


def check_folder(server, create):
    made = server.shell(create, server.automation("keeps", KEEPING))
    tell(fits({"folder": "invoices/in", "watched_path": "…/invoices/in"}, made), "the command makes a trigger that watches a folder", made)
    folder = os.path.join(server.root, made.get("watched_path", ""))
    for _ in range(300):
        if os.path.isdir(folder):
            break
        time.sleep(0.1)
    for name in ("one.pdf", "two.txt", "three.part"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(name)
    events = []
    for _ in range(300):
        events = server.call("GET", f"/api/v1/{made['name']}/events")["events"]
        if events and os.path.exists(os.path.join(folder, "done", "one.pdf")):
            break
        time.sleep(0.1)
    tell([(event["outcome"], event["origin"]) for event in events] == [("TRIGGER_OUTCOME_STARTED", "one.pdf")], "a file that fits starts a run", events)
    left = sorted(os.listdir(folder))
    tell(left == ["done", "three.part", "two.txt"], "it is moved to done, and others stay", left)
    run = server.call("GET", f"/api/v1/{events[0]['run']}:wait?timeout=30s")
    tell("kept" in run["state"].get("completed", {}).get("outputs", {}), "the file is the run's input", run)


def main():
    found = commands()
    with tempfile.TemporaryDirectory(prefix="clerkwork-docs-") as directory:
        server = Server(directory)
        try:
            server.wait_ready()
            trigger = check_messages(server, found[:3])
            check_filters(server, trigger)
            check_folder(server, found[3])
        finally:
            server.process.terminate()
            server.process.wait(timeout=60)
    tell(len(found) == 4, f"the page has {len(found)} blocks, and each was done", found)
    print(f"1..{len(results)}")
    return not all(results)


sys.exit(main())
