"""Invitations by mail: what is sent to whom, and what the answer says when there is no mail server, when it refuses, when it is down. Output is TAP.

    invitation_mail.py PROGRAM"""
import email
import email.policy
import os
import re
import socketserver
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "walk"))
from server import Server  # noqa: E402
from tap import Tap  # noqa: E402

PUBLIC = "https://clerkwork.acme.example"


class Mail(socketserver.StreamRequestHandler):
    """An SMTP server of few words."""
    letters, refused = [], set()

    def handle(self):
        self.say("220 sink")
        to = []
        while line := self.rfile.readline():
            word = line.decode().strip()
            verb = word.upper().split(":")[0]
            if verb.startswith("EHLO"):
                self.say("250-sink\r\n250 8BITMIME")
            elif verb == "MAIL FROM":
                to = []  # a client may send several letters
                self.say("250 ok")
            elif verb == "RCPT TO":
                address = word[8:].strip("<>")
                to.append(address)
                self.say("550 nobody of that name" if address in Mail.refused else "250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                text = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    text += line
                Mail.letters.append((to, email.message_from_bytes(text, policy=email.policy.default)))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 what?")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def invite(server, place, address, role):
    return server.call("POST", f"/api/v1/{place}/invites", {"email": address, "role": role})


def sent(server, tap):
    org, workspace = server.ours["organization"], server.ours["workspace"]
    server.must("PATCH", f"/api/v1/{workspace}", {"title": "Pay\r\nBcc: eve@evil.example"})
    server.must("PATCH", f"/api/v1/{workspace}/preferences",
                {"general": {"time_zone": "Europe/Berlin", "date_format": "DATE_FORMAT_DD_MM_YYYY_DOT"}}, query={"update_mask": "*"})
    body = invite(server, workspace, "grace@acme.example", "operator").json
    tap.ok("the answer says that the mail server took it", [] if body["is_email_sent"] is True and "email_problem" not in body else str(body))
    to, letter = Mail.letters.pop()
    text = letter.get_content()
    tap.ok("it went to the invited alone", [] if to == ["grace@acme.example"] == [letter["To"]] and letter["Bcc"] is None else str(letter))
    tap.ok("it is from the configured sender", [] if letter["From"] == "Clerkwork <clerkwork@acme.example>" else letter["From"])
    tap.ok("its link is the answer's, at the public address",
           [] if body["link"] in text.replace("\n", " ") and body["link"].startswith(PUBLIC + "/api/v1/invitations:open?secret=") else text)
    tap.ok("it says until when, as the workspace writes it", [] if re.search(r"until \d\d\.\d\d\.\d{4}, \d\d:\d\d Europe/Berlin", text) else text)
    tap.ok("it says who invites, to where, as what", [] if "invites you to work in Pay" in text and "as Operator" in text else text)
    opened = server.call("GET", "/api/v1/invitations:open", query={"secret": re.search(r"secret=(\S+)", text).group(1)}, token=None)
    tap.ok("the link in it opens the invitation", [] if opened.json.get("email") == "grace@acme.example" else opened.text)
    tried = server.must("POST", f"/api/v1/{workspace}/invites", {"email": "hopper@acme.example", "role": "operator"}, query={"validate_only": "true"})
    tap.ok("with validate_only nobody is told", [] if not Mail.letters and tried["is_email_sent"] is False and "link" not in tried else str(tried))
    body = invite(server, org, "ada.new@acme.example", "org-member").json
    to = Mail.letters.pop()[0]
    tap.ok("into an organization, too", [] if body["is_email_sent"] and to == ["ada.new@acme.example"] else str(to))


def refused(server, tap):
    Mail.refused.add("nobody@acme.example")
    body = invite(server, server.ours["workspace"], "nobody@acme.example", "operator").json
    problem = body.get("email_problem", "")
    tap.ok("an address that is refused: the invitation holds, and the answer says why it was not sent",
           [] if body["is_email_sent"] is False and "550 nobody of that name" in problem and body["link"] else str(body))
    pending = server.must("GET", f"/api/v1/{server.ours['workspace']}/invites")["invitations"]
    tap.ok("it is pending", [] if "nobody@acme.example" in [i["email"] for i in pending] else str(pending))


def unreachable(server, tap):
    body = invite(server, server.ours["workspace"], "later@acme.example", "operator").json
    tap.ok("a mail server that is down is said", [] if body["is_email_sent"] is False and "cannot be reached" in body["email_problem"] else str(body))


def without(program, tap):
    with Server(program) as server:
        body = invite(server, server.ours["workspace"], "grace@acme.example", "operator").json
        tap.ok("without a mail server nothing is said to be sent", [] if body["is_email_sent"] is False and "email_problem" not in body else str(body))
        tap.ok("and the link is at the caller's address", [] if body["link"].startswith("http://127.0.0.1:") else body["link"])


def wrong_settings(program, tap):
    url, sender = ("--mail-url", "smtp://mail.acme.example"), ("--mail-sender", "clerkwork@acme.example")
    for name, options, said in (
            ("mail without a public address", (*url, *sender), "public-url: mail-url is set"),
            ("no sender", (*url, "--public-url", PUBLIC), "mail-sender: "),
            ("no mail server's address", ("--mail-url", "mail.acme.example", *sender, "--public-url", PUBLIC), "mail-url: "),
            ("a public address without its scheme", ("--public-url", "clerkwork.acme.example"), "public-url: \"clerkwork.acme.example\""),
            ("a password in the open", ("--mail-url", "smtp+plain://h", *sender, "--public-url", PUBLIC, "--mail-user", "u", "--mail-password", "hidden"),
             "mail-password: a password is not sent in the open")):
        with tempfile.TemporaryDirectory() as data:
            done = subprocess.run([program, "serve", "--data", data, "--port", "0", *options], capture_output=True, text=True, timeout=60)
        tap.ok(f"refused: {name}", [] if done.returncode != 0 and said in done.stderr and "hidden" not in done.stderr else done.stderr)


def main():
    tap, program = Tap(), sys.argv[1]
    post = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)
    threading.Thread(target=post.serve_forever, daemon=True).start()
    options = ["--mail-url", f"smtp+plain://127.0.0.1:{post.server_address[1]}", "--mail-sender", "Clerkwork <clerkwork@acme.example>",
               "--public-url", PUBLIC + "/", "--private-addresses", "allow"]
    with Server(program, *options) as server:
        sent(server, tap)
        refused(server, tap)
        post.shutdown()
        post.server_close()
        unreachable(server, tap)
    without(program, tap)
    wrong_settings(program, tap)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
