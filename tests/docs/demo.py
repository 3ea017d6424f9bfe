"""Runs the demo as people do: on a port that is taken, from end to end, and again until Ctrl-C. Output is TAP.

    demo.py PROGRAM SOURCE_ROOT"""
import os
import signal
import socket
import subprocess
import sys
import tempfile

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(directory, port, ci):
    """As from a terminal: a group of its own, in which Ctrl-C means something."""
    env = dict(os.environ, PORT=str(port), CI="true" if ci else "")
    return subprocess.Popen(["bash", "scripts/demo.sh", PROGRAM], cwd=directory, env=env, text=True, start_new_session=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def accepts(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def read_until(process, text):
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            break
    return seen


def main():
    checks = []
    with tempfile.TemporaryDirectory() as directory:
        for name in ("scripts", "examples"):
            os.symlink(os.path.join(ROOT, name), os.path.join(directory, name))
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            run = start(directory, taken.getsockname()[1], True)
            out, err = run.communicate(timeout=60)
            checks.append(("a taken port is said in one line", run.returncode == 1 and "is taken" in err and err.strip().count("\n") == 0, err))
            checks.append(("nothing is made then", not os.path.exists(os.path.join(directory, "demo-data")), out))
        port = free_port()
        run = start(directory, port, True)
        out, err = run.communicate(timeout=240)
        checks.append(("with CI=true it ends", run.returncode == 0 and "asked, answered, completed" in out, out + err))
        checks.append(("its server has ended", not accepts(port), err))
        run = start(directory, port, False)
        out = read_until(run, "The server stays up")
        checks.append(("it works again", "The server stays up" in out, out))
        with open(os.path.join(directory, "demo-data/requests/create.json"), encoding="utf-8") as created:
            checks.append(("beside the first automation", '"Three-way match 2"' in created.read(), out))
        checks.append(("its server stays up", accepts(port), out))
        os.killpg(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=60)
        checks.append(("Ctrl-C ends it without an error", run.returncode == 0 and err.strip() == "", f"{run.returncode} {err}"))
        checks.append(("and its server", not accepts(port), err))
    print(f"1..{len(checks)}")
    failed = 0
    for number, (what, good, seen) in enumerate(checks, 1):
        print(("ok" if good else "not ok"), number, what)
        if not good:
            failed = 1
            print("\n".join("# " + line for line in str(seen).splitlines()[-40:]))
    return failed


sys.exit(main())
