"""Figures of the running server, as ratios taken in one run: reads against nginx serving the same bytes, runs against the disk's own sync rate.

    server.py PROGRAM LOAD [SECONDS]

Every figure is the median of three; the server, its peer and the load take turns on the same machine."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM, LOAD = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 3.0
PORT, NGINX_PORT = 18480, 18481
CODE = """\
n = read_input("n", type=number)
a = n * 2
b = a + 1
c = b * 3
d = c - n
e = d / 2
f = round(e, 2)
g = f + a
h = g * 1.19
i = round(h, 2)
set_output("total", value=i)
"""
ONE_STEP = """\
n = read_input("n", type=number)
set_output("double", value=n * 2)
"""


def call(token, method, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/api/v1/{path}", None if body is None else json.dumps(body).encode(),
                                     {"Authorization": "Bearer " + token, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as response:
        return response.read()


def load(*arguments):
    out = subprocess.run([LOAD, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def median_of(measure):
    results = sorted((measure() for _ in range(3)), key=lambda r: r["per_second"])
    return results[1]


def sync_rate(directory):
    """4 KB appends, each followed by fdatasync, in a second."""
    fd = os.open(os.path.join(directory, "sync-probe"), os.O_CREAT | os.O_WRONLY)
    block, n, end = b"x" * 4096, 0, time.monotonic() + 1.0
    while time.monotonic() < end:
        os.write(fd, block)
        os.fdatasync(fd)
        n += 1
    os.close(fd)
    os.unlink(os.path.join(directory, "sync-probe"))
    return n


def wait_ready(port, path, begun, process):
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as response:
                response.read()
                return time.monotonic() - begun
        except urllib.error.HTTPError as error:
            raise SystemExit(f"port {port} answers {path} with {error.code}")
        except OSError:
            if process.poll() is not None:
                raise SystemExit("the server ended by itself")


def serve(directory):
    begun = time.monotonic()
    server = subprocess.Popen([PROGRAM, "serve", "--data", directory, "--port", str(PORT), "--log-level", "error", "--rate-limit", "0", "--address-limit", "0"])
    return server, wait_ready(PORT, "/healthz", begun, server)


def private_kb(pid, kinds=("Private_Clean", "Private_Dirty")):
    total = 0
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        for line in lines:
            if line.startswith(kinds):
                total += int(line.split()[1])
    return total


def own_kb(pid):
    """Without the pages of files that it only looks at: those are the system's, which may take them back at any time."""
    return private_kb(pid, ("Private_Dirty", "Swap:"))


def nginx(directory, files):
    root = os.path.join(directory, "nginx")
    os.makedirs(root, exist_ok=True)
    locations = ""
    for name, content in files.items():
        with open(os.path.join(root, name), "wb") as out:
            out.write(content)
        locations += f"location = /{name} {{ root {root}; default_type application/json; }}\n"
    config = os.path.join(directory, "nginx.conf")
    with open(config, "w") as out:
        # Started by root, nginx would read as nobody, who may not enter a directory that is ours alone.
        user = "user root;" if os.geteuid() == 0 else ""
        out.write(f"""{user} worker_processes 1; daemon off; pid {directory}/nginx.pid; error_log /dev/null;
            events {{ worker_connections 1024; }}
            http {{ access_log off; keepalive_requests 100000000; open_file_cache max=100; sendfile on; tcp_nopush off;
                   server {{ listen 127.0.0.1:{NGINX_PORT}; {locations} }} }}""")
    process = subprocess.Popen(["nginx", "-c", config, "-p", root], stderr=subprocess.DEVNULL)
    wait_ready(NGINX_PORT, "/" + next(iter(files)), 0, process)
    return process


def main():
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-", dir=os.getcwd()) as directory:
        made = json.loads(subprocess.run([PROGRAM, "setup", "--data", directory, "--organization", "O", "--workspace", "W", "--email",
                                          "b@example.com", "--name", "B", "--json"], check=True, capture_output=True, text=True).stdout)
        token, workspace = made["token"], made["workspace"]
        server, first = serve(directory)
        starts = [first]
        for _ in range(4):
            server.terminate()
            server.wait()
            server, first = serve(directory)
            starts.append(first)
        time.sleep(0.5)
        print(f"start to first answer   {statistics.median(starts) * 1000:8.1f} ms   (goal ≤ 20)")
        print(f"idle private memory     {private_kb(server.pid) / 1024:8.1f} MB   (goal ≤ 10)")
        print(f"binary, stripped        {stripped_mb(directory):8.1f} MB   (goal ≤ 5)")
        automation = json.loads(call(token, "POST", f"{workspace}/automations", {"display_name": "Ten steps", "code": CODE}))["name"]
        call(token, "POST", f"{automation}:publish", {})
        runs(directory, token, automation)
        messages(token, workspace)
        reads(directory, token, automation)
        server.terminate()
        if server.wait() != 0:
            raise SystemExit("the server did not end in good order")


def stripped_mb(directory):
    copy = os.path.join(directory, "stripped")
    subprocess.run(["strip", "-o", copy, PROGRAM], check=True)
    return os.path.getsize(copy) / 1e6


def runs(directory, token, automation):
    print("\ninvoke and complete, ten steps, synchronous=full")
    print("connections     runs/s   p50 ms   p99 ms   disk syncs/s   runs per sync")
    for connections in (1, 16, 64, 256):
        syncs = sync_rate(directory)
        result = median_of(lambda: load("invoke", PORT, token, automation, connections, SECONDS))
        print(f"{connections:11d} {result['per_second']:10.0f} {result['p50_ms']:8.2f} {result['p99_ms']:8.2f} {syncs:14d} "
              f"{result['per_second'] / syncs:15.2f}")


def messages(token, workspace):
    automation = json.loads(call(token, "POST", f"{workspace}/automations", {"display_name": "One step", "code": ONE_STEP}))["name"]
    call(token, "POST", f"{automation}:publish", {})
    hook = json.loads(call(token, "POST", f"{workspace}/triggers", {"automation": automation, "wait": "30s"}))["path"]
    print("\nwebhook in, one step, answer out, synchronous=full (goal ≥ 5,000/s)")
    print("connections  answers/s   p50 ms   p99 ms")
    for connections in (1, 16, 64, 256):
        result = median_of(lambda: load("hook", PORT, "-", hook, connections, SECONDS))
        print(f"{connections:11d} {result['per_second']:10.0f} {result['p50_ms']:8.2f} {result['p99_ms']:8.2f}")


def reads(directory, token, automation):
    run = json.loads(call(token, "GET", f"{automation}/runs?page_size=1"))["runs"][0]["name"]
    paths = {"run": f"/api/v1/{run}", "page": f"/api/v1/{automation}/runs?page_size=50"}
    files = {name: call(token, "GET", path[len("/api/v1/"):]) for name, path in paths.items()}
    peer = nginx(directory, files)
    print("\nreads, 64 connections")
    print("what                         bytes    here/s   nginx/s   ratio")
    for name, path in paths.items():
        ours = median_of(lambda: load("get", PORT, token, path, 64, SECONDS))
        theirs = median_of(lambda: load("get", NGINX_PORT, token, "/" + name, 64, SECONDS))
        print(f"GET of one {name:15s} {len(files[name]):8d} {ours['per_second']:9.0f} {theirs['per_second']:9.0f} "
              f"{ours['per_second'] / theirs['per_second']:7.2f}")
    peer.terminate()
    peer.wait()


if __name__ == "__main__":
    main()
