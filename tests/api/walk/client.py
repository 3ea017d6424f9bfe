"""The contract as strangers' tools see it: a public linter finds nothing, a public generator makes a TypeScript client that compiles
under `strict`, and that client does the quick start with a real server. Output is TAP.

    client.py PROGRAM DIRECTORY

The tools (client/package.json, pinned) are installed into DIRECTORY, once. Without npm this fails; without its registry it is
skipped, and says so."""
import os
import shutil
import subprocess
import sys

from contract import ROOT
from server import Server
from tap import Tap

HERE = os.path.join(ROOT, "tests/api/walk/client")
CONTRACT = os.path.abspath(os.path.join(ROOT, "api/openapi.yaml"))


def run(tap, what, command, directory, timeout=60):
    """Its output when it went well, else None."""
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=timeout, check=False)
        said, well = done.stdout + done.stderr, done.returncode == 0
    except subprocess.TimeoutExpired:
        said, well = f"not done after {timeout} s", False
    return said if tap.ok(what, [] if well else f"{' '.join(command)}\n{said}") else None


def install(tap, directory):
    """The tools, from npm unless they are there."""
    missing = [tool for tool in ("node", "npm") if not shutil.which(tool)]
    if not tap.ok("node and npm are there", [f"{tool} is not installed: scripts/packages.sh test installs it" for tool in missing]):
        return False
    os.makedirs(directory, exist_ok=True)
    wanted = open(os.path.join(HERE, "package.json"), encoding="utf-8").read()
    stamp = os.path.join(directory, "installed.json")
    for name in os.listdir(HERE):
        shutil.copy(os.path.join(HERE, name), directory)
    if os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == wanted:
        return tap.ok("the tools are installed")
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error",
                               "--fetch-retries=1", "--fetch-retry-mintimeout=1000"], cwd=directory, timeout=100,
                              capture_output=True, text=True)
        why = done.stderr.strip().replace("\n", "; ")[:300] if done.returncode else ""
    except subprocess.TimeoutExpired:
        why = "no answer in 100 seconds"
    if why:
        tap.n += 1
        print(f"ok {tap.n} - npm installs the tools # SKIP its registry cannot be reached, so no stranger's tool reads the contract: {why}")
        return False
    tap.ok("npm installs the tools")
    with open(stamp, "w", encoding="utf-8") as out:
        out.write(wanted)
    return True


def quick_start(tap, program, directory):
    with Server(program, "--rate-limit", "150", "--rate-window", "60") as server:
        done = subprocess.run(["node", "out/quick_start.js", f"http://127.0.0.1:{server.port}", server.ours["token"]], cwd=directory,
                              capture_output=True, text=True, timeout=60, check=False)
    steps = [line for line in done.stdout.splitlines() if " - the client: " in line]
    for line in steps:
        tap.ok(line.split(" - ", 1)[1], [] if line.startswith("ok ") else done.stdout)
    tap.ok("the client came to its end", [] if done.returncode == 0 and len(steps) >= 13 else done.stdout + done.stderr)


def main():
    program, directory, tap = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), Tap()
    if not install(tap, directory):
        return tap.end()
    run(tap, "Redocly's recommended rules find nothing in the contract", ["node", "lint.mjs", CONTRACT], directory)
    made = run(tap, "openapi-typescript makes a client's types",
               ["node", "node_modules/openapi-typescript/bin/cli.js", CONTRACT, "-o", "contract.ts"], directory)
    built = made is not None and run(tap, "the client compiles under strict", ["node", "node_modules/typescript/bin/tsc", "-p", "."],
                                     directory)
    if built is not None and made is not None:
        quick_start(tap, program, directory)
    return tap.end()


sys.exit(main())
