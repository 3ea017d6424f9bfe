"""Runs programs with a PostgreSQL of their own: with_server.py PROGRAM…

The server lies in a new folder, listens on a unix socket in it alone, syncs to the disk, and is stopped and removed at the end.
Root may not run PostgreSQL, so then it runs as an unprivileged user. CLERKWORK_TEST_POSTGRES tells the programs its URL.
Ends with 1 when a program failed, with 77 (skipped) when PostgreSQL is not installed."""
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

SETTINGS = {"listen_addresses": "''", "fsync": "on", "shared_buffers": "32MB", "max_connections": "200",
            "max_locks_per_transaction": "1024", "autovacuum": "off", "log_min_messages": "panic",
            "max_wal_size": "1GB"}


def find_binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    return os.path.dirname(found[-1]) if found else None


def as_user():
    """What a command begins with, so that it is not root's; and the user."""
    if os.geteuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"], user
        except KeyError:
            pass
    sys.exit("there is no unprivileged user to run PostgreSQL as")


class Server:
    def __init__(self, binaries):
        self.binaries = binaries
        self.prefix, self.user = as_user()
        self.folder = tempfile.mkdtemp(prefix="clerkwork-postgres-")
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        os.chmod(self.folder, 0o755)
        self.run("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "clerkwork", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def command(self, name, *arguments):
        return self.prefix + [f"{self.binaries}/{name}", *arguments]

    def run(self, name, *arguments):
        done = subprocess.run(self.command(name, *arguments), cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            sys.exit(f"{name}: {done.stdout.decode()}")

    def start(self):
        options = [f"-c{name}={value.strip(chr(39))}" for name, value in SETTINGS.items()]
        self.process = subprocess.Popen(self.command("postgres", "-D", f"{self.folder}/data", "-k", self.folder, *options),
                                        cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(200):
            ready = subprocess.run(self.command("pg_isready", "-q", "-h", self.folder, "-U", "clerkwork", "-d", "postgres"), cwd="/")
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        self.end()
        sys.exit("PostgreSQL did not start")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.send_signal(2)  # fast: does not wait for those who are connected
            self.process.wait(30)

    def end(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self):
        return f"postgresql:///postgres?user=clerkwork&host={urllib.parse.quote(self.folder, safe='')}"


def main(programs):
    binaries = find_binaries()
    if not binaries:
        print("PostgreSQL is not installed: scripts/packages.sh test")
        return 77
    server = Server(binaries)
    failed = []
    try:
        environment = dict(os.environ, CLERKWORK_TEST_POSTGRES=server.url())
        for program in programs:
            start = time.time()
            done = subprocess.run([program], env=environment)
            print(f"# {os.path.basename(program)}: {done.returncode} after {time.time() - start:.1f} s", flush=True)
            if done.returncode != 0:
                failed.append(program)
    finally:
        server.end()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
