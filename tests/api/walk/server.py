"""A real server on the loopback with two organizations, and calls to it."""
import copy
import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.parse
from collections import namedtuple

Reply = namedtuple("Reply", "status json text headers")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """with Server(program) as server: …   The server ends, and its directory goes, with the block."""

    def __init__(self, program, *options, organizations=0):
        self.program, self.options, self.n_organizations, self.connection = program, options, organizations, None

    def __enter__(self):
        self.kept = tempfile.TemporaryDirectory(prefix="clerkwork-walk-")
        self.directory = os.path.join(self.kept.name, "data")
        self.ours = self.set_up("Acme", "ada@acme.example", "Ada")
        self.theirs = self.set_up("Other", "eve@other.example", "Eve")
        self.more = [self.set_up(f"Acme {n}", "ada@acme.example", "Ada") for n in range(self.n_organizations)]
        self.ours["token"] = self.more[-1]["token"] if self.more else self.ours["token"]  # each replaces the one before
        self.more = [made["organization"] for made in self.more]
        self.port = free_port()
        self.start()
        return self

    def start(self):
        self.process = subprocess.Popen([self.program, "serve", "--data", self.directory, "--port", str(self.port), "--log-level",
                                         "error", "--check-responses", "yes", *(self.options or ("--rate-limit", "0", "--address-limit", "0"))])
        self.wait_ready()

    def kill_and_start(self):
        """As after a power cut."""
        self.process.kill()
        self.process.wait()
        self.start_again()

    def end_and_start(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0
        self.start_again()

    def start_again(self):
        self.connection = None
        self.start()

    def __exit__(self, *_):
        self.process.terminate()
        ended = self.process.wait(timeout=60)
        self.kept.cleanup()
        assert ended == 0, f"the server ended with {ended}"

    def set_up(self, organization, email, name):
        out = subprocess.run([self.program, "setup", "--data", self.directory, "--organization", organization, "--workspace", "Main",
                              "--email", email, "--name", name, "--json"], check=True, capture_output=True, text=True).stdout
        return json.loads(out)

    def wait_ready(self):
        for _ in range(600):
            try:
                if self.call("GET", "/readyz", token=None).status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            assert self.process.poll() is None, "the server ended by itself"
        raise AssertionError("the server is not ready after 30 s")

    def call(self, method, path, body=None, token="", query=None, headers=None, raw=None):
        """`token` "" is Ada's, None sends none. A body is sent as JSON, `raw` bytes as they are."""
        sent = {} if token is None else {"Authorization": "Bearer " + (token or self.ours["token"])}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if raw is None and body is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        if query:
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode(query, doseq=True)
        return self.send(method, path, data, sent)

    def send(self, method, path, data, headers):
        for again in (False, True):
            if not self.connection:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.request(method, path, data, headers)
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
                self.connection = None
                if again:
                    raise
        text = content.decode("utf-8", "replace")
        try:
            tree = json.loads(text)
        except ValueError:
            tree = None
        return Reply(answer.status, tree, text, answer.headers)

    def another_client(self):
        """The same server by a connection of its own."""
        client = copy.copy(self)
        client.connection = None
        return client

    def must(self, method, path, body=None, **more):
        reply = self.call(method, path, body, **more)
        assert reply.status == 200, f"{method} {path}: {reply.status} {reply.text[:600]}"
        return reply.json
