"""What is said about wrong programs and wrong data, word for word. Output is TAP.

    corpus.py PROGRAM

check/NAME.english and check/NAME.spy are wrong texts; check/NAME.EXTENSION.golden is what `clerkwork check` says of them.
run/NAME.EXTENSION are right texts; run/NAME.csv, where there is one, is given as the input "file", and
run/NAME.EXTENSION.golden is what the run says and asks, up to the first question.

CLERKWORK_UPDATE=1 writes the golden texts as they are now. Read them aloud then: each must say what is wrong in the reader's
words, where, what would be accepted, and what to do next."""
import glob
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

PROGRAM, HERE = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(__file__))
UPDATE = bool(os.environ.get("CLERKWORK_UPDATE"))
LEAST = 120  # so many wrong programs and data files there must be


def said(path):
    folder, name = os.path.split(path)
    arguments = ["check" if folder.endswith("check") else "run", name]
    data = os.path.splitext(name)[0] + ".csv"
    if arguments[0] == "run" and os.path.exists(os.path.join(folder, data)):
        arguments += ["--input", f"file=@{data}"]
    run = subprocess.run([PROGRAM, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=60, check=False)
    text = run.stdout.decode("utf-8", "replace")
    return run.returncode, text.replace("Nobody answered. Give answers with --answer, or on standard input.\n", "")


def golden(path):
    try:
        with open(path + ".golden", encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""


paths = sorted(p for kind in ("check", "run") for e in ("english", "spy") for p in glob.glob(f"{HERE}/{kind}/*.{e}"))
orphans = [p for p in glob.glob(f"{HERE}/*/*.golden") if p[:-7] not in paths]
with ThreadPoolExecutor(2) as pool:
    found = list(pool.map(said, paths))
print(f"1..{len(paths) + 1}")
failed = 0
for number, (path, (code, text)) in enumerate(zip(paths, found), 1):
    if UPDATE:
        with open(path + ".golden", "w", encoding="utf-8", newline="") as file:
            file.write(text)
    # A crash and silence are no answers, whatever stands in the golden text.
    ok = text == golden(path) and text != "" and code in (0, 1, 3)
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {os.path.relpath(path, HERE)}")
    if not ok:
        print("# " + f"expected:\n{golden(path)}\nfound ({code}):\n{text}".rstrip().replace("\n", "\n# "))
enough = len(paths) >= LEAST and not orphans
print(f"{'ok' if enough else 'not ok'} {len(paths) + 1} - there are {len(paths)}, and every golden text has its program")
sys.exit(failed > 0 or not enough)
