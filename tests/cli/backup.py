"""Backups beside a server under load: each is whole, and a restored one serves.

    backup.py PROGRAM

Output is TAP."""
import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = sys.argv[1]
TWICE = 'n = read_input("n", type=number)\nset_output("twice", value=n * 2)\n'
WAITS = 'wait(seconds(3))\nset_output("done", value=1)\n'
BACKUPS = 4


class Server:
    def __init__(self, data):
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", data, "--port", "0", "--check-responses", "yes"],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            entry = json.loads(line)
            if entry["message"] == "ready":
                self.port = entry["port"]
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, (answer.status, text)
        return text if path.endswith(":download") else json.loads(text)

    def publish(self, name, code):
        automation = self.call("POST", f"{workspace}/automations", {"display_name": name, "code": code})["name"]
        self.call("POST", f"{automation}:publish", {})
        return automation

    def invoke(self, automation, inputs=None):
        return self.call("POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": inputs or {}})["run_id"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def clerkwork(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


n_tests = 0


def check(ok, name, more=""):
    global n_tests
    n_tests += 1
    print(f"{'ok' if ok else 'not ok'} {n_tests} - {name}", flush=True)
    if not ok and more:
        print(f"# {more}", flush=True)


def state(run):
    return next(iter(run["state"]))


with tempfile.TemporaryDirectory() as folder:
    data = folder + "/data"
    made = json.loads(subprocess.run([PROGRAM, "setup", "--data", data, "--organization", "Acme", "--workspace", "Finance",
                                      "--email", "ada@acme.example", "--json"], check=True, capture_output=True).stdout)
    token, workspace, organization = made["token"], made["workspace"], made["organization"]
    server = Server(data)
    twice, waits = server.publish("Twice", TWICE), server.publish("Waits", WAITS)

    acknowledged, stop = [], threading.Event()

    def load(n):
        while not stop.is_set():
            run = server.invoke(twice, {"n": {"number": {"lo": n}}})
            content = base64.b64encode(f"n\n{n}\n".encode()).decode()
            file = server.call("POST", f"{organization}/files:upload", {"filename": f"n{n}.csv", "content_base64": content})
            acknowledged.append((run, n, file["metadata"]["name"]))
            n += 7

    threads = [threading.Thread(target=load, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    told = []  # what was acknowledged before each backup began
    sound = []
    for i in range(BACKUPS):
        time.sleep(0.2)
        if i == BACKUPS - 1:
            waiting = server.invoke(waits)
        told.append(list(acknowledged))
        sound += [clerkwork("backup", f"{folder}/b{i}", "--data", data), clerkwork("verify", "--data", f"{folder}/b{i}"),
                  clerkwork("verify", "--data", data)]
    stop.set()
    for thread in threads:
        thread.join()
    check(all(code == 0 for code, _ in sound), "each backup is sound, and so is what is being written to", str(sound))
    check(len(told[-1]) > len(told[0]) > 0, "while runs and files came in")
    end = time.monotonic() + 30
    while state(server.call("GET", waiting)) != "completed" and time.monotonic() < end:
        time.sleep(0.1)
    check(server.end() == 0, "the server went on undisturbed")

    code, text = clerkwork("restore", f"{folder}/b{BACKUPS - 1}", "--data", folder + "/restored")
    check(code == 0, "the last one is restored", text)
    server = Server(folder + "/restored")
    there, files = 0, 0
    for run, n, file in told[-1]:
        got = server.call("GET", run)
        if state(got) == "completed" and got["state"]["completed"]["outputs"]["twice"]["number"]["lo"] == 2 * n:
            there += 1
        elif state(got) == "stopped":
            there += 1  # under way at that moment
        files += server.call("GET", f"{file}:download") == f"n\n{n}\n".encode()
    check(there == len(told[-1]), "every run that was acknowledged before it is there")
    check(files == len(told[-1]), "and every file, byte for byte")
    run = server.call("GET", waiting)
    check(state(run) == "stopped" and "backup" in json.dumps(run), "what was under way does not go on by itself", str(run))
    server.call("POST", f"{waiting}:continue", {})
    end = time.monotonic() + 30
    while state(server.call("GET", waiting)) != "completed" and time.monotonic() < end:
        time.sleep(0.1)
    check(state(server.call("GET", waiting)) == "completed", "and goes on when somebody says so")
    check(state(server.call("GET", server.invoke(twice, {"n": {"number": {"lo": 4}}}))) in ("pending", "executing", "completed"),
          "new runs begin")
    server.end()
    code, text = clerkwork("verify", "--data", folder + "/restored")
    check(code == 0, "what it has become is sound", text)
    code, text = clerkwork("restore", f"{folder}/b0", "--data", data)
    check(code == 1 and "not an empty folder" in text, "a data directory that is there is never written over", text)
    code, text = clerkwork("backup", folder + "/pg", "--data", data, "--database", "postgresql://nobody@127.0.0.1:1/none")
    check(code == 1 and "pg_dump" in text, "a PostgreSQL database has tools of its own", text)
    check(not any(name.endswith(".partial") for name in os.listdir(folder)), "nothing half done lies about")
print(f"1..{n_tests}")
