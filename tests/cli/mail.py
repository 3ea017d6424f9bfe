"""Letters over TLS, beside mail servers of their own with certificates of a private authority: who gets letter and password, and
who gets neither.

    mail.py PROGRAM

Output is TAP."""
import base64
import json
import os
import signal
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

PROGRAM = sys.argv[1]
USER, PASSWORD = "robot", "mail;Pass\"word~42"
n_tests = 0


def check(ok, name, seen=None):
    global n_tests
    n_tests += 1
    print(f"{'ok' if ok else 'not ok'} {n_tests} - {name}", flush=True)
    if not ok:
        print("# " + json.dumps(seen, default=str)[:3000], flush=True)


# ---- certificates ----
def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def new_key(name):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key"]


def make_authority(name):
    openssl("req", "-x509", *new_key(name), "-out", name + ".pem", "-days", "2", "-subj", f"/CN={os.path.basename(name)}")


def make_certificate(name, authority, names):
    """Of a server that is called `names`."""
    openssl("req", *new_key(name), "-out", name + ".csr", "-subj", "/CN=mail server")
    with open(name + ".ext", "w", encoding="ascii") as extensions:
        extensions.write("subjectAltName=" + names)
    openssl("x509", "-req", "-in", name + ".csr", "-CA", authority + ".pem", "-CAkey", authority + ".key", "-CAcreateserial",
            "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem")


# ---- the mail servers ----
class Session(socketserver.StreamRequestHandler):
    """One client of a Sink; what it says before encryption is kept."""

    def handle(self):
        sink = self.server
        self.secure = False
        try:
            if sink.implicit:
                self.encrypt()
            self.say("220 sink")
            while (line := self.hear()) and self.answer(line.decode(errors="replace").strip()):
                pass
        except OSError:  # it did not like the certificate
            sink.broken += 1

    def encrypt(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.secure = self.connection.makefile("rb"), True

    def hear(self):
        line = self.rfile.readline()
        if not self.secure:
            self.server.in_the_open += line
        return line

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def answer(self, line):
        sink, word = self.server, line.upper().split(" ")[0]
        if word == "EHLO":
            offers = ["sink", "8BITMIME", "AUTH PLAIN"] + ["STARTTLS"] * (sink.starttls and not self.secure)
            self.say("\r\n".join("250" + ("-" if i < len(offers) - 1 else " ") + offer for i, offer in enumerate(offers)))
        elif word == "STARTTLS" and not sink.unable:
            self.say("220 go on")
            self.encrypt()
        elif word == "STARTTLS":
            self.say("454 not today")
        elif word == "AUTH":
            rest = line.split(" ")[2:]
            if not rest:
                self.say("334 ")
                rest = [self.hear().decode().strip()]
            sink.logins.append(tuple(base64.b64decode(rest[0]).decode().split("\0")[1:]))
            self.say("235 welcome")
        elif word == "DATA":
            self.say("354 go on")
            text = b""
            while (row := self.hear()) != b".\r\n":
                text += row
            sink.letters.append(text)
            self.say("250 taken")
        else:
            self.say("221 bye" if word == "QUIT" else "250 ok")
        return word != "QUIT"


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self, certificate, implicit=False, starttls=True, unable=False):
        super().__init__(("127.0.0.1", 0), Session)
        self.implicit, self.starttls, self.unable = implicit, starttls and not implicit, unable
        self.letters, self.logins, self.in_the_open, self.broken = [], [], b"", 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate + ".pem", certificate + ".key")
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def got_nothing(self):
        """Neither a letter nor a password, not even in the open."""
        heard = self.in_the_open.upper()
        return not self.letters and not self.logins and not any(word in heard for word in (b"AUTH", b"MAIL FROM", b"RCPT"))


# ---- the product ----
class Server:
    def __init__(self, data, token, *settings):
        self.token = token
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", data, "--port", "0", *settings], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            entry = json.loads(line)
            if entry["message"] == "ready":
                self.api = f"http://127.0.0.1:{entry['port']}/api/v1/"
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.api + path, method=method, headers={"Authorization": f"Bearer {self.token}"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def send(self, workspace, connection):
        """A letter through a connection: what the run has come to."""
        text = (f'use the "{connection}" connection of the "email" book\n'
                f'send an email to "ada@acme.example" using the "{connection}" connection\n  the subject is "x"\n  the text is "secret"\n')
        made = self.call("POST", f"{workspace}/automations", {"display_name": "Letter", "english_code": text})
        self.call("POST", f"{made['name']}:publish", {})
        run = self.call("POST", f"{made['name']}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED"})
        return self.call("GET", f"{made['name']}/runs/{run['run_id'].split('/')[-1]}:wait?timeout=50s")["state"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def question(state):
    return state.get("awaiting_guidance", {}).get("description", "")


def main(directory):
    authority, stranger = os.path.join(directory, "authority"), os.path.join(directory, "stranger")
    make_authority(authority)
    make_authority(stranger)
    good, elsewhere, strange = (os.path.join(directory, name) for name in ("good", "elsewhere", "strange"))
    make_certificate(good, authority, "DNS:localhost")
    make_certificate(elsewhere, authority, "DNS:mail.elsewhere.example")
    make_certificate(strange, stranger, "DNS:localhost")

    data = os.path.join(directory, "data")
    made = json.loads(subprocess.run([PROGRAM, "setup", "--data", data, "--organization", "Acme", "--workspace", "Finance",
                                      "--email", "ada@acme.example", "--json"], check=True, capture_output=True).stdout)
    workspace = made["workspace"]

    def connect(name, scheme, sink):
        done = subprocess.run([PROGRAM, "connection", "set", name, "--data", data, "--workspace", workspace, "--book", "email", "--url",
                               f"{scheme}://localhost:{sink.server_address[1]}", "--auth", "basic", "--user", USER, "--sender",
                               "robot@acme.example"], input=PASSWORD, capture_output=True, text=True)
        return done.returncode == 0

    taken = {"starttls": ("smtp", Sink(good)), "implicit": ("smtps", Sink(good, implicit=True))}
    refused = {
        "starttls_elsewhere": ("smtp", Sink(elsewhere), "certificate of another host", "STARTTLS: a certificate for another host"),
        "implicit_elsewhere": ("smtps", Sink(elsewhere, implicit=True), "certificate of another host", "smtps: a certificate for another host"),
        "starttls_strange": ("smtp", Sink(strange), "certificate is not one that is trusted", "STARTTLS: a certificate of an unknown authority"),
        "implicit_strange": ("smtps", Sink(strange, implicit=True), "certificate is not one that is trusted", "smtps: a certificate of an unknown authority"),
        "stripped": ("smtp", Sink(good, starttls=False), "offers no encryption", "smtp: STARTTLS is not offered"),
        "unable": ("smtp", Sink(good, unable=True), "offers no encryption", "smtp: STARTTLS is offered and then refused"),
        "open": ("smtps", Sink(good, starttls=False), "begins with smtp://", "smtps: the server speaks in the open"),
    }
    all_of_them = {name: row[:2] for name, row in [*taken.items(), *refused.items()]}
    check(all([connect(name, *row) for name, row in all_of_them.items()]), "connections with passwords are set")
    check(not connect("plain", "smtp+plain", refused["stripped"][1]), "one whose password would go in the open is refused")

    server = Server(data, made["token"], "--private-addresses", "allow", "--ca-file", authority + ".pem")
    for name, (_, sink) in taken.items():
        state = server.send(workspace, name)
        check("completed" in state and len(sink.letters) == 1 and sink.logins == [(USER, PASSWORD)], f"{name}: letter and password arrive",
              [state, sink.letters, sink.logins])
        check(b"secret" not in sink.in_the_open and b"AUTH" not in sink.in_the_open and b"MAIL" not in sink.in_the_open,
              f"{name}: nothing of it in the open", sink.in_the_open)
    for name, (_, sink, said, title) in refused.items():
        state = server.send(workspace, name)
        check("completed" not in state and said in question(state) and question(state) and sink.got_nothing(),
              f"{title}: neither letter nor password", [state, sink.letters, sink.logins, sink.in_the_open])
    check(server.end() == 0, "the server ends")

    server = Server(data, made["token"], "--private-addresses", "allow")
    n = len(taken["starttls"][1].letters)
    state = server.send(workspace, "starttls")
    check("certificate" in question(state) and len(taken["starttls"][1].letters) == n,
          "an authority that the system does not know is trusted only where --ca-file says so", state)
    check(server.end() == 0, "the server ends")
    print(f"1..{n_tests}")


with tempfile.TemporaryDirectory() as made_here:
    main(made_here)
