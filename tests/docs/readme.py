"""Does what README.md says a newcomer should type, as it stands there, and looks at what comes out. Output is TAP.

    readme.py PROGRAM SOURCE_ROOT

Indented blocks of "Your first automation" are taken in order: the first is a file's text, the others are commands; those of "Ten
calls" go on in the same shell, and what stands behind their # is what they print, … being anything. Only the program's path and
the port are put in place of the README's."""
import os
import re
import socket
import subprocess
import sys
import tempfile

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
SHOWN = "build/src/cli/clerkwork"


def blocks(section):
    text = open(os.path.join(ROOT, "README.md"), encoding="utf-8").read()
    body = re.search(rf"^## {section}\n(.*?)^## ", text, re.S | re.M).group(1)
    lines, found = body.split("\n"), [[]]
    for line in lines:
        if line.startswith("    "):
            found[-1].append(line[4:])
        elif line.strip() == "" and found[-1]:
            found[-1].append("")
        elif line.strip():
            found.append([])
    return ["\n".join(block).strip() + "\n" for block in found if any(block)]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def shell(script, directory):
    return subprocess.run(["bash", "-c", script], cwd=directory, capture_output=True, text=True, timeout=120, check=False)


def main():
    failed, port = 0, free_port()
    automation, local, server = blocks("Your first automation")
    calls, limited = blocks("Ten calls")
    ready = ("trap 'kill $server' EXIT\n"
             "for i in $(seq 100); do curl -so /dev/null http://127.0.0.1:%d/readyz && break; sleep 0.1; done\n" % port)

    def here(commands):
        commands = commands.replace(" &\n", f" --port {port} 2>server.log &\nserver=$!\n" + ready).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        return commands.replace(SHOWN, PROGRAM)
    checks = []
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "double.english"), "w", encoding="utf-8") as out:
            out.write(automation)
        run = shell("set -e\n" + local.replace(SHOWN, PROGRAM), directory)
        checks.append(("the commands without a server work", run.returncode == 0, run))
        checks.append(("the run puts out its total", "total: 37.50" in run.stdout, run))
        checks.append(("its SPy is shown", "set_output(\"total\", value=total)" in run.stdout, run))
        run = shell(here(server), directory)
        checks.append(("the calls of the server work", run.returncode == 0, run))
        checks.append(("the run completes", '"state":{"completed":' in run.stdout, run))
        checks.append(("its outputs are plain JSON", run.stdout.rstrip().endswith('{"outputs":{"total":37.50}}'), run))
        subprocess.run(["rm", "-r", os.path.join(directory, "data")], check=True)
        run = shell(here(server) + "echo; echo TEN CALLS\n" + here(calls) + here(limited), directory)
        printed = run.stdout.split("TEN CALLS\n")[-1].splitlines()
        expected = [found.group(1) for found in re.finditer(r"  # (.+)$", calls + limited, re.M)]
        checks.append((f"the ten calls print {len(expected)} lines", len(printed) == len(expected) >= 9, run))
        for line, wanted in zip(printed, expected):
            pattern = ".*".join(map(re.escape, wanted.split("…")))
            checks.append((f"one prints: {wanted}", re.fullmatch(pattern, line) is not None, run))
    print(f"1..{len(checks)}")
    for number, (what, ok, run) in enumerate(checks, 1):
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {what}")
        if not ok:
            print("# " + (run.stdout + run.stderr)[-3000:].replace("\n", "\n# "))
    return failed > 0


sys.exit(main())
