"""A crowd at the door and a file larger than memory should need: 10,000 open connections, half of them stuck within a head, beside
which everybody is still served; and an upload that is not held in memory. Output is TAP.

    crowd.py PROGRAM"""
import hashlib
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
CONNECTIONS, FILE_BYTES, PIECE = 10000, 256 << 20, b"clerkwork" * 7281
MEMORY_MORE = 64 << 20
# The address sanitizer keeps what was freed, and would so seem to hold the file.
SANITIZED = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}


def memory(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


def asks(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        return s.recv(100).startswith(b"HTTP/1.1 200")


def crowd(port, checks):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < CONNECTIONS + 1000:
        checks.append(("# SKIP this machine does not allow so many open files", True, hard))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (CONNECTIONS + 1000, hard))
    guests = []
    for number in range(CONNECTIONS):
        guests.append(socket.create_connection(("127.0.0.1", port), timeout=30))
        if number % 2:
            guests[-1].sendall(b"GET /hea")
    checks.append((f"with {CONNECTIONS} open connections a new one is served", asks(port), ""))
    answered = 0
    for guest in guests[-200::2]:
        guest.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        answered += guest.recv(100).startswith(b"HTTP/1.1 200")
    checks.append(("and so are those that were silent", answered == 100, answered))
    for guest in guests:
        guest.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def pieces(boundary):
    yield (f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.bin\"\r\n\r\n").encode()
    for _ in range(FILE_BYTES // len(PIECE)):
        yield PIECE
    yield f"\r\n--{boundary}--\r\n".encode()


def large_file(port, setup, process, checks):
    before = memory(process)
    call = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    authorization = {"Authorization": "Bearer " + setup["token"]}
    call.request("POST", f"/api/v1/{setup['organization']}/files:upload", body=pieces("q"), encode_chunked=True,
                 headers=authorization | {"Content-Type": "multipart/form-data; boundary=q", "Transfer-Encoding": "chunked"})
    answer = call.getresponse()
    body = answer.read()
    checks.append(("a large file is taken", answer.status == 200, body))
    name = json.loads(body).get("metadata", {}).get("name", "")
    call.request("GET", f"/api/v1/{name}:download", headers=authorization)
    answer, found, sent = call.getresponse(), hashlib.sha256(), hashlib.sha256()
    while chunk := answer.read(1 << 20):
        found.update(chunk)
    for _ in range(FILE_BYTES // len(PIECE)):
        sent.update(PIECE)
    checks.append(("and given back as it was", found.digest() == sent.digest(), answer.status))
    grown = memory(process) - before
    print("#", grown >> 20, "MiB more")
    checks.append(("without being held in memory", grown < MEMORY_MORE, f"{grown >> 20} MiB more"))


def main():
    checks = []
    with tempfile.TemporaryDirectory() as directory:
        made = subprocess.run([PROGRAM, "setup", "--data", directory, "--email", "ada@acme.example", "--json"],
                              capture_output=True, text=True, check=True, timeout=60)
        log = open(os.path.join(directory, "log"), "w", encoding="utf-8")
        process = subprocess.Popen([PROGRAM, "serve", "--data", directory, "--port", "0"], stderr=log, env=SANITIZED)
        try:
            for _ in range(200):
                with open(log.name, encoding="utf-8") as lines:
                    ready = [json.loads(line) for line in lines if '"ready"' in line]
                if ready:
                    break
                time.sleep(0.1)
            port = ready[0]["port"]
            large_file(port, json.loads(made.stdout), process, checks)
            crowd(port, checks)
        finally:
            process.terminate()
            code = process.wait(60)
        checks.append(("it ends as it should", code == 0, code))
    print(f"1..{len(checks)}")
    failed = 0
    for number, (what, good, seen) in enumerate(checks, 1):
        print("ok" if good else "not ok", number, what)
        if not good:
            failed = 1
            print("#", str(seen)[:500])
    return failed


sys.exit(main())
