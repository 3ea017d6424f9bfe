"""Threads are followed across processes: two servers on one PostgreSQL, what is said at one is heard at the other. Output is TAP.

    thread_nodes.py PROGRAM"""
import http.client
import http.server
import json
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "walk"), os.path.join(HERE, "..", "store", "postgres")]
import with_server  # noqa: E402
from server import Server, free_port  # noqa: E402
from tap import Tap  # noqa: E402

MANY = ("--processes", "many", "--rate-limit", "0", "--private-addresses", "allow", "--model-name", "scripted", "--model-timeout", "20")


class Model(http.server.BaseHTTPRequestHandler):
    """Answers when it is let."""
    asked, let = threading.Event(), threading.Event()

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.set()
        self.let.wait(15)
        content = json.dumps({"choices": [{"message": {"content": "output 2 as \"two\"\n"}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def listen(server, method, path):
    """An answer that goes on, read line by line."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
    connection.request(method, path, None, {"Authorization": "Bearer " + server.ours["token"]})
    return connection.getresponse()


def until(stream, word):
    """The lines up to the one with this word."""
    lines = []
    while word not in "".join(lines[-1:]):
        line = stream.readline().decode()
        if not line:
            return lines + ["it ended"]
        lines.append(line)
    return lines


def check(here, there, tap):
    automation = "/api/v1/" + here.must("POST", f"/api/v1/{here.ours['workspace']}/automations", {"display_name": "Followed"})["name"]
    second = "/api/v1/" + here.must("POST", automation + "/agents/quill2/threads", {})["name"]
    stream = listen(there, "GET", second + "/stream")
    here.must("POST", second + "/input", {"message": {"content": "output 1 as \"one\""}})
    heard = until(stream, "generation_complete")
    tap.ok("server-sent events of a turn at another process", [] if "it ended" not in heard and any("input_text" in h for h in heard) else str(heard))

    first = "/api/v1/" + here.must("POST", automation + "/agents/quill/threads", {})["name"]
    sender = here.another_client()
    threading.Thread(target=sender.call, args=("POST", first + ":sendMessage", {"user_message": {"user_message": {
        "content": "Please give me twice the usual number"}}}), daemon=True).start()
    tap.ok("the model is asked", [] if Model.asked.wait(10) else "it is not")
    stream = listen(there, "POST", first + ":resumeStream")
    begun = until(stream, "progress_notification")
    Model.let.set()
    heard = until(stream, "thread_interrupt")
    tap.ok("the objects of a turn that goes on at another process", [] if "it ended" not in begun + heard and "user_message" in begun[0] else str(begun + heard))


def main():
    tap, binaries = Tap(), with_server.find_binaries()
    if not binaries:
        print("1..0 # SKIP PostgreSQL is not installed: scripts/packages.sh test")
        return 0
    model = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    model.daemon_threads = True
    threading.Thread(target=model.serve_forever, daemon=True).start()
    database = with_server.Server(binaries)
    os.environ["CLERKWORK_DATABASE"] = database.url()
    try:
        with Server(sys.argv[1], *MANY, "--model-url", f"http://127.0.0.1:{model.server_port}/v1") as here:
            there = here.another_client()
            there.port = free_port()
            there.start()
            try:
                check(here, there, tap)
            finally:
                there.process.terminate()
                there.process.wait(timeout=60)
    finally:
        database.end()
    return tap.end()


sys.exit(main())
