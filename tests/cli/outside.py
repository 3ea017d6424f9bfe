"""The books that call out, beside a web server and a mail server of their own: what they send, what they make of the
answers, connections whose credentials nobody gets to see, a kill during a slow call.

    outside.py PROGRAM

Output is TAP."""
import base64
import email
import email.policy
import http.server
import json
import os
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PROGRAM = sys.argv[1]
SECRET = "s3cr3t/Zq7-never+shown=="
PASSWORD = "mail;Pass\"word~42"


class Shop(http.server.BaseHTTPRequestHandler):
    """Answers by path; remembers every request."""
    got, slow, failing = [], threading.Event(), {}
    lock, inside, most_inside, opened = threading.Lock(), 0, 0, threading.Event()
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Shop.got.append((self.command, self.path, dict(self.headers), body))
        path = self.path.split("?")[0]
        if path == "/slow":
            Shop.slow.wait(30)
        if path == "/crawl":
            with Shop.lock:
                Shop.inside += 1
                Shop.most_inside = max(Shop.most_inside, Shop.inside)
            Shop.opened.wait(30)
            time.sleep(0.01)
            with Shop.lock:
                Shop.inside -= 1
        if path in Shop.failing and Shop.failing[path] > 0:
            Shop.failing[path] -= 1
            return self.reply(503, b"busy", "text/plain")
        if path == "/echo":
            headers = json.dumps(dict(self.headers)).encode()
            return self.reply(200, b'{"headers":' + headers + b',"body":' + (body or b"null") + b"}")
        if path == "/exact":
            return self.reply(200, b'{"total":12345678901234567.890,"lines":[{"n":0.1},{"n":0.20}]}')
        if path == "/text":
            return self.reply(200, "gr\u00fcn".encode(), "text/plain; charset=utf-8")
        if path == "/empty":
            return self.reply(204, b"")
        if path == "/missing":
            return self.reply(404, b'{"why":"no such order"}')
        if path == "/moved":
            return self.reply(302, b"", location="/text")
        if path == "/broken":
            return self.reply(200, b'{"a":')
        if path == "/long":
            return self.reply(200, b"x" * (9 << 20), "text/plain")
        return self.reply(200, b'{"ok":true}')

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def reply(self, status, body, kind="application/json", location=None):
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # a server that was killed


class Mail(socketserver.StreamRequestHandler):
    """An SMTP server of few words."""
    letters, refuse = [], False

    def handle(self):
        self.say("220 sink")
        letter = {"to": []}
        while line := self.rfile.readline():
            word = line.decode().strip()
            if word.upper().startswith("EHLO"):
                self.say("250-sink\r\n250 8BITMIME")
            elif word.upper().startswith("MAIL FROM:"):
                letter["from"] = word[10:].split(">")[0].strip("<")
                self.say("250 ok")
            elif word.upper().startswith("RCPT TO:"):
                if Mail.refuse:
                    self.say("550 nobody of that name")
                    continue
                letter["to"].append(word[8:].strip("<>"))
                self.say("250 ok")
            elif word.upper() == "DATA":
                self.say("354 go on")
                text = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    text += line[1:] if line.startswith(b".") else line
                letter["text"] = text
                Mail.letters.append(letter)
                self.say("250 taken")
            elif word.upper() == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 what?")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Server:
    log = []

    def __init__(self, data, *settings):
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", data, "--port", "0", "--check-responses", "yes", *settings],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            Server.log.append(line)
            entry = json.loads(line)
            if entry["message"] == "ready":
                self.api = f"http://127.0.0.1:{entry['port']}/api/v1/"
                break
        threading.Thread(target=lambda: Server.log.extend(self.process.stderr), daemon=True).start()

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.api + path, method=method, headers={"Authorization": f"Bearer {token}"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def start(self, text):
        """A published automation of this English, invoked: the run's name."""
        made = self.call("POST", f"{workspace}/automations", {"display_name": "Outside", "english_code": text})
        self.call("POST", f"{made['name']}:publish", {})
        run = self.call("POST", f"{made['name']}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED"})
        return f"{made['name']}/runs/{run['run_id'].split('/')[-1]}"

    def metric(self, name):
        with urllib.request.urlopen(self.api.replace("/api/v1/", "/metrics"), timeout=60) as answer:
            return int(next(line.split()[1] for line in answer.read().decode().splitlines()
                            if line.startswith(f"clerkwork_{name} ")))

    def settle(self, run):
        return self.call("GET", f"{run}:wait?timeout=50s")

    def run(self, text):
        return self.settle(self.start(text))

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


n_tests = 0


def check(ok, name, seen=None):
    global n_tests
    n_tests += 1
    print(f"{'ok' if ok else 'not ok'} {n_tests} - {name}", flush=True)
    if not ok:
        print("# " + json.dumps(seen, default=str)[:3000], flush=True)


def outputs(run):
    return run["state"].get("completed", {}).get("outputs", {})


def question(run):
    return run["state"].get("awaiting_guidance", {}).get("description", "")


def plain(value):
    """The wire's value as Python."""
    if not value:
        return None
    kind, inner = next(iter(value.items()))
    if kind == "number":
        n = (inner.get("lo") or 0) + ((inner.get("mid") or 0) << 32) + ((inner.get("hi") or 0) << 64)
        scale = ((inner.get("flags") or 0) >> 16) & 0xff
        return n / 10 ** scale if scale else n
    if kind == "text":
        return inner
    return inner


def command(*arguments, secret=None):
    return subprocess.run([PROGRAM, *arguments], input=secret, capture_output=True, text=True)


web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
threading.Thread(target=web.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{web.server_port}"
socketserver.ThreadingTCPServer.allow_reuse_address = True
post = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)
post.daemon_threads = True
threading.Thread(target=post.serve_forever, daemon=True).start()

with tempfile.TemporaryDirectory() as data:
    made = json.loads(subprocess.run([PROGRAM, "setup", "--data", data, "--organization", "Acme", "--workspace", "Finance",
                                      "--email", "ada@acme.example", "--json"], check=True, capture_output=True).stdout)
    token, workspace = made["token"], made["workspace"]

    # Connections, from the command line.
    def connect(name, *arguments, secret=None):
        return command("connection", "set", name, "--data", data, "--workspace", workspace, *arguments, secret=secret)

    done = [connect("erp", "--book", "http", "--url", url, "--auth", "bearer", secret=SECRET + "\n"),
            connect("shop", "--book", "http", "--url", url + "/echo", "--auth", "header", "--user", "X-Api-Key", secret=SECRET),
            connect("bank", "--book", "http", "--url", url, "--auth", "basic", "--user", "robot", secret=SECRET),
            connect("email", "--book", "email", "--url", f"smtp+plain://127.0.0.1:{post.server_address[1]}",
                    "--sender", "robot@acme.example")]
    check(all(one.returncode == 0 for one in done), "connections are set", [one.stderr for one in done])
    refused = [connect("Erp", "--book", "http", "--url", url), connect("x", "--book", "ftp", "--url", url),
               connect("x", "--book", "http", "--url", "http://me:pw@host/"), connect("x", "--book", "http", "--url", url, "--auth", "bearer", secret=""),
               connect("x", "--book", "email", "--url", "smtp+plain://h", "--sender", "a@b.c", "--auth", "basic", "--user", "u", secret="p")]
    check(all(one.returncode == 1 for one in refused), "what makes no sense is refused", [one.stderr for one in refused])
    listed = command("connection", "list", "--data", data, "--workspace", workspace, "--json")
    check([row["name"] for row in json.loads(listed.stdout)] == ["bank", "email", "erp", "shop"] and SECRET not in listed.stdout,
          "they are listed without their secrets", listed.stdout)
    check(os.stat(data + "/credentials.key").st_mode & 0o777 == 0o600, "the key is its owner's alone")

    # Private addresses are refused unless that is allowed.
    server = Server(data)
    run = server.run(f'fetch the answer from "{url}/exact"')
    check("private network" in question(run) and not Shop.got, "this machine is not reached unless that is allowed", run)
    server.end()
    server = Server(data, "--private-addresses", "allow")

    run = server.run(f'fetch the order from "{url}/exact"\noutput the order\'s total as "total"\n'
                     'output the sum of the order\'s lines\' n as "sum"')
    number = outputs(run).get("total", {}).get("number", {})
    check((number.get("lo", 0) + (number.get("mid", 0) << 32)) == 12345678901234567890 and number["flags"] >> 16 == 3,
          "numbers in answers are exact", run)
    run = server.run(f'fetch the answer from "{url}/moved"\noutput the answer as "text"\nfetch the rest from "{url}/empty"\n'
                     'output the rest as "rest"')
    check(plain(outputs(run).get("text")) == "grün", "a redirect is followed when something is fetched; text is text", run)
    run = server.run(f'fetch the order from "{url}/missing"')
    check("404" in question(run) and "no such order" in question(run), "a refusal is a question that tells what was said", run)
    run = server.run(f'check "{url}/missing" as the reply\noutput the reply\'s status as "status"\n'
                     'output the reply\'s body\'s why as "why"')
    check(plain(outputs(run).get("status")) == 404 and plain(outputs(run).get("why")) == "no such order",
          "check tells the status instead", run)
    run = server.run(f'fetch the order from "{url}/broken"')
    check("JSON that cannot be read" in question(run), "broken JSON is said", run)
    run = server.run(f'fetch the text from "{url}/long"')
    check("longer than" in question(run), "an answer that is too long is said", run)

    Shop.got.clear()
    run = server.run(f'the order is a record with "A-7" as number and 12.50 as total\n'
                     f'post the order to "{url}/echo" as the answer\n  the query is a record with "a b" as "q&r"\n'
                     '  the headers is a record with "de" as "Accept-Language"\noutput the answer\'s body\'s total as "total"')
    method, path, headers, body = (Shop.got or [(None, None, {}, b"")])[0]
    check(method == "POST" and path == "/echo?q%26r=a%20b" and json.loads(body) == {"number": "A-7", "total": 12.5} and
          b"12.50" in body and headers["Content-Type"] == "application/json" and headers["Accept-Language"] == "de" and
          "Idempotency-Key" not in headers, "what is posted arrives, with all digits", [Shop.got, run])
    Shop.got.clear()
    Shop.failing["/pay"] = 1
    run = server.run(f'submit "a text" to "{url}/pay" as the receipt\noutput the receipt\'s ok as "ok"')
    keys = [headers.get("Idempotency-Key") for _, _, headers, _ in Shop.got]
    check(len(keys) == 2 and keys[0] and keys[0] == keys[1] and "completed" in run["state"],
          "a call with a key is tried again after 503, with the same key", [keys, run])
    Shop.got.clear()
    Shop.failing["/orders"] = 1
    run = server.run(f'post "a text" to "{url}/orders" as the receipt')
    check(len(Shop.got) == 1 and "It may have been done" in question(run), "a post is not: a person is asked", run)
    run = server.run(f'delete "{url}/missing" as the reply\noutput "gone" as "state"')
    check(plain(outputs(run).get("state")) == "gone", "what is not there counts as deleted", run)

    # Connections.
    Shop.got.clear()
    run = server.run('use the "erp" connection of the "http" book\nuse the "shop" connection of the "http" book\n'
                     'use the "bank" connection of the "http" book\n'
                     'fetch the first answer from "/echo" using the "erp" connection\n'
                     'fetch the second answer from "?x=1" using the "shop" connection\n'
                     'fetch the third answer from "echo" using the "bank" connection\n'
                     'output the first answer as "first"\noutput the second answer as "second"\noutput the third answer as "third"')
    sent = [headers for _, _, headers, _ in Shop.got]
    check(len(sent) == 3 and sent[0]["Authorization"] == "Bearer " + SECRET and sent[1]["X-Api-Key"] == SECRET and
          sent[2]["Authorization"] == "Basic " + base64.b64encode(f"robot:{SECRET}".encode()).decode(),
          "each connection tells who calls in its own way", [Shop.got, run])
    check("completed" in run["state"] and "[secret]" in json.dumps(run), "what the server sends back of a secret is blotted out", run)
    run = server.run('use the "erp" connection of the "http" book\n'
                     'fetch the answer from "https://elsewhere.example/x" using the "erp" connection')
    check("is not within" in question(run), "a credential goes to its own server alone", run)
    run = server.run(f'fetch the answer from "{url}/echo"\n  the headers is a record with "Bearer abc" as "Authorization"')
    check("connection" in question(run), "credentials in automations are refused", run)
    run = server.run('use the "none" connection of the "http" book\nfetch the answer from "/x" using the "none" connection')
    check("clerkwork connection set none" in question(run), "a connection that is not there is said, with what to do", run)

    # Letters.
    run = server.run('write "n,total" to a text file called "t\u00e4glich.csv" as the file\n'
                     'the readers are "Ada Okafor <ada@acme.example>" and "grace@acme.example"\n'
                     'send an email to the readers\n'
                     '  the subject is "Gr\u00fc\u00dfe"\n  the text is "Zw\u00f6lf Rechnungen.\\n.\\nEnde"\n'
                     '  the html is "<p>Zw\u00f6lf</p>"\n  the bcc is "audit@acme.example"\n  the attachments is the file\n')
    check("completed" in run["state"] and len(Mail.letters) == 1, "a letter is sent", run)
    letter = Mail.letters[-1] if Mail.letters else {"to": [], "text": b"", "from": ""}
    check(letter["from"] == "robot@acme.example" and
          letter["to"] == ["ada@acme.example", "grace@acme.example", "audit@acme.example"], "to everybody", letter)
    parsed = email.message_from_bytes(letter["text"], policy=email.policy.default)
    check(parsed["Subject"] == "Gr\u00fc\u00dfe" and "Ada Okafor <ada@acme.example>" in parsed["To"] and
          "audit" not in letter["text"].decode(), "headers say what they should, and not who sees a copy", letter)
    parts = {part.get_content_type(): part for part in parsed.walk()}
    check(parts.get("text/plain") and parts["text/plain"].get_content().replace("\r\n", "\n") == "Zw\u00f6lf Rechnungen.\n.\nEnde" and
          parts["text/html"].get_content().strip() == "<p>Zw\u00f6lf</p>" and
          parts["text/csv"].get_filename() == "t\u00e4glich.csv" and parts["text/csv"].get_payload(decode=True) == b"n,total",
          "text, HTML and file arrive whole", letter)
    run_id = run["name"].split("/")[-1]
    check(parsed["Message-ID"].startswith(f"<{run_id}.main.") and parsed["Message-ID"].endswith("@acme.example>"),
          "its Message-ID tells run and sentence", parsed["Message-ID"])
    n = len(Mail.letters)
    for line in ['to "ada@acme.example\\nBcc: eve@evil.example"\n  the subject is "x"\n  the text is "x"',
                 'to "ada@acme.example"\n  the subject is "x\\nBcc: eve@evil.example"\n  the text is "x"',
                 'to "ada@acme.example"\n  the subject is "x"\n  the text is "x"\n  the reply address is "a@b.c\\nX: y"',
                 'to "Ada\\nX: y <ada@acme.example>"\n  the subject is "x"\n  the text is "x"',
                 'to "ada@acme.example> NOTIFY=NEVER <x"\n  the subject is "x"\n  the text is "x"']:
        run = server.run("send an email " + line)
        check("awaiting_guidance" in run["state"] and len(Mail.letters) == n, "no header can be added: " + line.split("\n")[0], run)
    Mail.refuse = True
    run = server.run('send an email to "ada@acme.example"\n  the subject is "x"\n  the text is "x"')
    check("nobody of that name" in question(run), "what the mail server says is told", run)
    Mail.refuse = False
    server.end()
    done = connect("email", "--book", "email", "--url", f"smtp://127.0.0.1:{post.server_address[1]}", "--auth", "basic",
                   "--user", "robot", "--sender", "robot@acme.example", secret=PASSWORD)
    server = Server(data, "--private-addresses", "allow")
    run = server.run('send an email to "ada@acme.example"\n  the subject is "x"\n  the text is "x"')
    check(done.returncode == 0 and "offers no encryption" in question(run) and len(Mail.letters) == n,
          "a server without encryption gets neither letter nor password", run)

    # A kill while calls are under way: a fetch is repeated, a post is asked about.
    Shop.got.clear()
    fetched = server.start(f'fetch the answer from "{url}/slow"\noutput the answer\'s ok as "ok"')
    posted = server.start(f'post "x" to "{url}/slow" as the answer\noutput the answer\'s ok as "ok"')
    check(wait(lambda: len(Shop.got) == 2), "two calls are under way", Shop.got)
    server.end(signal.SIGKILL)
    server = Server(data, "--private-addresses", "allow")
    check(wait(lambda: len(Shop.got) == 3) and Shop.got[2][0] == "GET", "after a kill the fetch is repeated", Shop.got)
    run = server.settle(posted)
    check("may or may not have happened" in question(run) and [got[0] for got in Shop.got].count("POST") == 1,
          "and a person is asked about the post", run)
    Shop.slow.set()
    run = server.settle(fetched)
    check(plain(outputs(run).get("ok")) is not None, "the fetch comes to its end", run)

    # More calls than may be under way at once: the others wait their turn, and all come to their end.
    check(server.end() == 0, "the server ends before its settings change")
    server = Server(data, "--private-addresses", "allow", "--max-outside-calls", "4")
    crowd = [server.start(f'fetch the answer from "{url}/crawl"\noutput the answer\'s ok as "ok"')]
    automation = crowd[0].split("/runs/")[0]
    for _ in range(79):
        run = server.call("POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED"})
        crowd.append(f"{automation}/runs/{run['run_id'].split('/')[-1]}")
    for _ in range(1000):
        seen = server.metric("engine_outside"), server.metric("engine_queued")
        if sum(seen) == len(crowd):
            break
        time.sleep(0.02)
    check(seen == (4, 76), "of eighty runs four are outside, and the others wait", seen)
    Shop.opened.set()
    ended = ["completed" in server.settle(run)["state"] for run in crowd]
    check(all(ended) and Shop.most_inside == 4, "all of them end, four at a time", [ended, Shop.most_inside])
    check(server.metric("engine_outside") == 0 and server.metric("engine_queued") == 0, "then nobody waits any more")

    # Everything that can be read of a secret is nowhere.
    everything = []
    for run in server.call("GET", f"{workspace}/automations/-/runs?page_size=100").get("runs", []) or []:
        everything.append(json.dumps(run))
    check(server.end() == 0, "the server ends in good order")
    encoded = base64.b64encode(f"robot:{SECRET}".encode()).decode()
    forms = [SECRET, SECRET.replace("/", "\\/"), encoded, PASSWORD]
    places = {"log": "".join(Server.log), "runs": "".join(everything), "list": listed.stdout}
    for directory, _, names in os.walk(data):
        for name in names:
            with open(os.path.join(directory, name), "rb") as file:
                places[name] = file.read().decode("latin-1")
    found = [(name, form) for name, text in places.items() for form in forms if form in text]
    check(not found and len(places) > 5, "no secret stands in the log, the database, the files or an answer", found)
    replayed = command("replay", fetched, "--data", data)
    check(replayed.returncode == 0, "replay gives the same from what was heard", replayed.stderr + replayed.stdout)
    os.chmod(data + "/credentials.key", 0o644)
    done = connect("erp", "--book", "http", "--url", url, "--auth", "bearer", secret=SECRET)
    check(done.returncode == 1 and "chmod 600" in done.stderr, "a key that others may read is refused", done.stderr)
web.shutdown()
post.shutdown()
print(f"1..{n_tests}")
