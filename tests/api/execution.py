"""executions:run beside a server that it calls: through which connections it goes, for whom, and what it leaves to others meanwhile.
Output is TAP.

    execution.py PROGRAM"""
import http.client
import http.server
import json
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "walk"))
from server import Server  # noqa: E402
from tap import Tap  # noqa: E402

SECRET = "s3cr3t/Zq7-never+shown=="
WAITING = 8  # more than there are threads that compute


class Shop(http.server.BaseHTTPRequestHandler):
    """Says who called what; /slow waits until it is let."""
    got, let, slow = [], threading.Event(), threading.Semaphore(0)

    def log_message(self, *_):
        pass

    def do_GET(self):
        Shop.got.append((self.path, self.headers.get("Authorization")))
        if self.path == "/slow":
            Shop.slow.release()
            Shop.let.wait(25)
        content = json.dumps({"path": self.path, "said": self.headers.get("Authorization")}).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # nobody waits any more


class Connected(Server):
    """Its workspaces have connections to the shop: "erp" and "email" ours, "theirs" the other organization's."""

    def __init__(self, program, url, *options):
        super().__init__(program, *options)
        self.url = url

    def connect(self, workspace, name, *settings, secret=None):
        subprocess.run([self.program, "connection", "set", name, "--data", self.directory, "--workspace", workspace, *settings],
                       input=secret, text=True, check=True, capture_output=True)

    def start(self):
        bearer = ("--book", "http", "--url", self.url, "--auth", "bearer")
        self.connect(self.ours["workspace"], "erp", *bearer, secret=SECRET)
        self.connect(self.theirs["workspace"], "theirs", *bearer, secret=SECRET)
        self.connect(self.ours["workspace"], "email", "--book", "email", "--url", "smtps://127.0.0.1:1", "--sender", "a@acme.example")
        super().start()

    def execute(self, code, connections=None, **more):
        body = {"start_execution": {"code": code, "no_recording": {}, **({"connections": connections} if connections else {})}}
        return self.call("POST", f"/api/v1/{self.ours['workspace']}/executions:run", body, **more)


def fetch(alias, path="/orders/7"):
    return f"x = kognitos.{alias}.http.get(url=\"{path}\")\nset_output(\"path\", value=x[\"path\"])\nset_output(\"said\", value=x[\"said\"])\n"


def to(connection):
    return {"shop": {"connection_id": connection}}


def outputs(reply):
    return {name: value.get("text") for name, value in reply.json["execution_status"].get("completed", {}).get("outputs", {}).items()}


def failure(reply):
    return reply.json["execution_status"].get("failed", {}).get("error", {}).get("description", "")


def check_connections(server, tap):
    for what, connection in (("its id", "erp"), ("its full name", server.ours["workspace"] + "/connections/erp")):
        Shop.got.clear()
        reply = server.execute(fetch("shop"), to(connection))
        good = outputs(reply) == {"path": "/orders/7", "said": "Bearer [secret]"} and Shop.got == [("/orders/7", "Bearer " + SECRET)]
        tap.ok(f"a connection is given by {what}, and its credential goes to its server alone", [] if good else [reply.text, str(Shop.got)])
    first = fetch("shop") + "set_output(\"first\", value=x)\n"
    mail = "x = email.send(to=\"a@b.example\", subject=\"s\", text=\"t\")\n"
    missing = "there is no connection \"{}\" in this workspace"
    foreign = server.theirs["workspace"] + "/connections/theirs"
    for what, code, connections, expected in (
            ("none is given", first, None, "book connection not provided: shop"),
            ("one is given to another alias", first, {"store": {"connection_id": "erp"}}, "book connection not provided: shop"),
            ("the alias is given nothing", first, {"shop": {}}, "book connection not provided: shop"),
            ("a sentence takes the usual one, and it is not given", mail, None, "book connection not provided: email"),
            ("the one given is not there", first, to("nosuch"), "connections.shop: " + missing.format("nosuch")),
            ("it is another tenant's", first, to("theirs"), "connections.shop: " + missing.format("theirs")),
            ("it is another tenant's, by its full name", first, to(foreign), "connections.shop: " + missing.format(foreign[:60])),
            ("it is another book's", first, to("email"), "connections.shop: the connection \"email\" belongs to the book email, not http"),
            ("a later call lacks one", first + fetch("store"), to("erp"), "book connection not provided: store")):
        Shop.got.clear()
        reply = server.execute(code, connections)
        good = reply.status == 200 and failure(reply) == expected and not Shop.got
        tap.ok(f"nothing is called when {what}", [] if good else [f"expected {expected}", reply.text, str(Shop.got)])
    reply = server.execute(f"x = http.get(url=\"{server.url}/open\")\nset_output(\"path\", value=x[\"path\"])\n")
    tap.ok("an address of its own needs no connection", [] if outputs(reply) == {"path": "/open"} and Shop.got[-1] == ("/open", None) else reply.text)
    reply = server.execute(mail, {"email": {"connection_id": "email"}})
    tap.ok("what the server outside answers is why it failed", [] if "127.0.0.1" in failure(reply) else reply.text)


def check_who(server, tap):
    where = "/api/v1/" + server.ours["workspace"]
    invited = server.must("POST", where + "/invites", {"email": "oscar@acme.example", "role": "operator"})
    operator = server.must("POST", "/api/v1/invitations:accept", {"secret": invited["secret"], "display_name": "Oscar"}, token=None)["token"]
    Shop.got.clear()
    refused = server.execute(fetch("shop"), to("erp"), token=operator)
    good = refused.status == 403 and "update:Automation" in refused.json["message"] and not Shop.got
    tap.ok("who may not write automations calls nothing outside", [] if good else refused.text)
    allowed = server.execute("set_output(\"path\", value=\"none\")\n", token=operator)
    tap.ok("but computes", [] if outputs(allowed) == {"path": "none"} else allowed.text)


def check_slow(server, tap):
    replies, threads = [], []
    for _ in range(WAITING):
        client = server.another_client()
        threads.append(threading.Thread(target=lambda client=client: replies.append(client.execute(fetch("shop", "/slow"), to("erp")))))
        threads[-1].start()
    begun = all(Shop.slow.acquire(timeout=10) for _ in range(WAITING))
    tap.ok("executions wait for a server beside each other", [] if begun else "they wait for each other")
    computed = server.execute("set_output(\"path\", value=\"none\")\n")
    tap.ok("meanwhile others are carried out", [] if outputs(computed) == {"path": "none"} and not replies else [computed.text, str(replies)])
    leaver = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    leaver.request("POST", f"/api/v1/{server.ours['workspace']}/executions:run",
                   json.dumps({"start_execution": {"code": fetch("shop", "/slow"), "connections": to("erp")}}),
                   {"Authorization": "Bearer " + server.ours["token"], "Content-Type": "application/json"})
    tap.ok("one is begun whose client leaves", [] if Shop.slow.acquire(timeout=10) else "it is not")
    leaver.close()
    Shop.let.set()
    for thread in threads:
        thread.join()
    tap.ok("each ends with its answer", [reply.text for reply in replies if outputs(reply).get("path") != "/slow"] + ["some are missing"] * (len(replies) != WAITING))


def main():
    tap = Tap()
    shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    shop.daemon_threads = True
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    with Connected(sys.argv[1], f"http://127.0.0.1:{shop.server_port}", "--private-addresses", "allow", "--rate-limit", "0") as server:
        check_connections(server, tap)
        check_who(server, tap)
        check_slow(server, tap)
    return tap.end()


sys.exit(main())
