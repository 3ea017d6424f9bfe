"""A receiver of webhooks beside the real server: what it gets, signed, again after failures and after a kill.

    webhook.py PROGRAM

Output is TAP."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PROGRAM = sys.argv[1]
CODE = 'n = read_input("n", type=number)\nset_output("twice", value=n * 2)\n'


class Receiver(http.server.BaseHTTPRequestHandler):
    got, status = [], 204

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.got.append((dict(self.headers), body))
        self.send_response(Receiver.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server:
    def __init__(self, data, *settings):
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", data, "--port", "0", "--check-responses", "yes", *settings],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            entry = json.loads(line)
            if entry["message"] == "ready":
                self.api = f"http://127.0.0.1:{entry['port']}/api/v1/"
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.api + path, method=method, headers={"Authorization": f"Bearer {token}"},
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(30)


def wait(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def signed(headers, body, secret):
    headers = {name.lower(): value for name, value in headers.items()}
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), text, hashlib.sha256).digest()
    return headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


n_tests = 0


def check(ok, name):
    global n_tests
    n_tests += 1
    print(f"{'ok' if ok else 'not ok'} {n_tests} - {name}", flush=True)


with tempfile.TemporaryDirectory() as data:
    made = json.loads(subprocess.run([PROGRAM, "setup", "--data", data, "--organization", "Acme", "--workspace", "Finance",
                                      "--email", "ada@acme.example", "--json"], check=True, capture_output=True).stdout)
    token, workspace = made["token"], made["workspace"]
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{receiver.server_port}/hook"

    server = Server(data)
    hook = server.call("POST", f"{workspace}/webhooks", {"url": url})
    delivery = server.call("POST", f"{hook['name']}:test", {})
    check(wait(lambda: server.call("GET", delivery["name"])["attempts"] == 1), "a try was made")
    delivery = server.call("GET", delivery["name"])
    check("private network" in delivery["problem"] and not Receiver.got, "this machine is not reached unless that is allowed")
    server.end()

    server = Server(data, "--private-addresses", "allow")
    server.call("POST", f"{delivery['name']}:redeliver", {})
    check(wait(lambda: len(Receiver.got) == 1), "once it is allowed the message arrives")
    headers, body = Receiver.got[0]
    check(signed(headers, body, hook["secret"]), "it is signed as Standard Webhooks says")
    check(json.loads(body)["type"] == "webhook.test", "its body tells the event")

    automation = server.call("POST", f"{workspace}/automations", {"display_name": "Twice", "code": CODE})["name"]
    server.call("POST", f"{automation}:publish", {})
    run = server.call("POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED",
                                                       "inputs": {"n": {"number": {"lo": 21}}}})["run_id"]
    check(wait(lambda: len(Receiver.got) == 3), "a run is told of twice")
    told = sorted((json.loads(body) for _, body in Receiver.got[1:]), key=lambda message: message["type"])
    check([message["type"] for message in told] == ["run.completed", "run.created"] and
          all(message["data"]["run"] == run for message in told), "when it began and when it ended")
    check(told[0]["data"]["state"]["completed"]["outputs"]["twice"]["number"]["lo"] == 42, "with its outputs")

    Receiver.status = 500
    failed = server.call("POST", f"{hook['name']}:test", {})
    check(wait(lambda: server.call("GET", failed["name"])["attempts"] == 1), "a receiver that fails is noted")
    check(server.call("GET", failed["name"])["response_status"] == 500, "with what it answered")
    server.end(signal.SIGKILL)
    Receiver.status = 204
    n = len(Receiver.got)
    server = Server(data, "--private-addresses", "allow")
    check(wait(lambda: server.call("GET", failed["name"])["state"] == "DELIVERY_STATE_DELIVERED"), "a kill loses no message")
    check(Receiver.got[n][0]["webhook-id"] == Receiver.got[n - 1][0]["webhook-id"], "which comes with the id that it had")
    check(server.end() == 0, "the server ends in good order")
    receiver.shutdown()
print(f"1..{n_tests}")
