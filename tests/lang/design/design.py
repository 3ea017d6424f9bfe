"""Every sentence of the language beside the SPy of the same tree, row by row. Output is TAP.

    design.py PROGRAM

NAME.rows is one automation, cut into rows with a blank line between them:

    # fact: a number          what the row shows; it stays in both texts as a comment
    | the rate is 0.19        English
    ~ the rate is 0.190       English that is read as well, where it is not what is printed
    > rate = 0.19             SPy
    ^ rate = 0.190            SPy that is read as well, where it is not what is printed
    : 0.19                    what a run says there, in either spelling
    $ --skip-waits            an argument of that run, at the top of the file; `$ not run` for what calls outside

The English is printed from the SPy, the SPy from the English, and both are carried out."""
import glob
import os
import subprocess
import sys
import tempfile

PROGRAM, HERE = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(__file__))
results = []


def tell(ok, what, detail=""):
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}")
    if not ok:
        print("# " + detail.rstrip().replace("\n", "\n# "))


def rows_of(path):
    """(title, {sign: lines}) of every row, and the arguments of the run."""
    rows, arguments = [], []
    for line in open(path, encoding="utf-8").read().splitlines():
        if line.startswith("# "):
            rows.append((line, {sign: [] for sign in "|~>^:"}))
        elif line.startswith("$ "):
            arguments.append(line[2:])
        elif line:
            rows[-1][1][line[0]].append(line[2:])
    return rows, arguments


def text_of(rows, sign, instead=""):
    return "\n\n".join("\n".join([title, *(parts[instead] if instead and parts[instead] else parts[sign])])
                       for title, parts in rows) + "\n"


def carried_out(directory, name, arguments):
    return subprocess.run([PROGRAM, "run", name, *arguments], cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=60, check=False).stdout


def shown(directory, name, spelling):
    run = subprocess.run([PROGRAM, "show", f"--{spelling}", name], cwd=directory, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return run.stdout


def same(what, found, expected):
    """Compared row by row, so that a failure names its row."""
    differing = [f"{wanted}\n  but\n{is_}" for is_, wanted in
                 zip(found.strip().split("\n\n"), expected.strip().split("\n\n")) if is_ != wanted]
    tell(found.strip() == expected.strip(), what, "\n\n".join(differing[:5]) or found)


for path in sorted(glob.glob(f"{HERE}/*.rows")):
    rows, arguments = rows_of(path)
    name = os.path.basename(path)
    for title, parts in rows:
        if not parts["|"] or not parts[">"]:
            tell(False, f"{name}: {title} has English and SPy")
    with tempfile.TemporaryDirectory() as directory:
        for file, text in (("printed.english", text_of(rows, "|")), ("read.english", text_of(rows, "|", "~")),
                           ("printed.spy", text_of(rows, ">")), ("read.spy", text_of(rows, ">", "^"))):
            with open(os.path.join(directory, file), "w", encoding="utf-8") as out:
                out.write(text)
        same(f"{name}: SPy of the English", shown(directory, "printed.english", "spy"), text_of(rows, ">"))
        same(f"{name}: SPy of the other English", shown(directory, "read.english", "spy"), text_of(rows, ">"))
        same(f"{name}: English of the SPy", shown(directory, "printed.spy", "english"), text_of(rows, "|"))
        same(f"{name}: English of the other SPy", shown(directory, "read.spy", "english"), text_of(rows, "|"))
        if "not run" in arguments:
            continue
        said = "".join(f"{line}\n" for _, parts in rows for line in parts[":"])
        for file in ("printed.english", "read.english", "printed.spy", "read.spy"):
            same(f"{name}: {file} says what stands there", carried_out(directory, file, arguments), said)
print(f"1..{len(results)}")
sys.exit(0 if results and all(results) else 1)
