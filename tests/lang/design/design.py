"""Every sentence of the language beside the SPy of the same tree, row by row. Output is TAP.

    design.py PROGRAM REFERENCE

NAME.rows is one automation, cut into rows with a blank line between them:

    # fact: a number          what the row shows; it stays in both texts as a comment
    | the rate is 0.19        English
    ~ the rate is 0.190       English that is read as well, where it is not what is printed
    > rate = 0.19             SPy
    ^ rate = 0.190            SPy that is read as well, where it is not what is printed
    : 0.19                    what a run says there, in either spelling
    $ --skip-waits            an argument of that run, at the top of the file; `$ not run` for what calls outside

The English is printed from the SPy, the SPy from the English, and both are carried out.

Every row of the tables of functions in REFERENCE (docs/language-reference.md) has a row in functions.rows, by the function's
name, in which each English form stands and each number of values that it takes."""
import ast
import glob
import os
import re
import subprocess
import sys
import tempfile

PROGRAM, REFERENCE, HERE = os.path.abspath(sys.argv[1]), sys.argv[2], os.path.dirname(os.path.abspath(__file__))
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


# ---- the tables of functions ----

def table_of_functions():
    """(SPy's name, English forms, SPy's form) of every row."""
    page = open(REFERENCE, encoding="utf-8").read()
    for line in page[page.index("<!-- functions:"):page.index("<!-- end of functions")].splitlines():
        if line.startswith("| `"):
            english, spy = re.match(r"\| (.*) \| `(.*)` \| .* \|$", line).groups()
            yield re.match(r"(?:A\.)?(\w+)\(", spy)[1], re.findall(r"`([^`]*)`", english), spy


def without_options(form):
    """The form with nothing that may be left out."""
    inner = re.sub(r"\[[^][]*\]", "", form)
    return form if inner == form else without_options(inner)


def stands_in(form, lines):
    words = re.split(r"\b[ABC]\b|…", without_options(form))
    return any(re.search(".+".join(map(re.escape, words)), line) for line in lines)


def counts_of(spy):
    """How many values the form may have, the receiver among them; one more than all for “…”."""
    optional = re.findall(r"\[([^][]*)\]", spy)
    least = len(re.findall(r"\b[ABC]\b", without_options(spy)))
    counts = [least + sum(len(re.findall(r"[ABC]", part)) for part in optional[:n]) for n in range(len(optional) + 1)]
    return set(counts) | ({counts[-1] + 1} if "…" in spy else set())


def calls_in(lines):
    """(name, how many values) of every call, the receiver of a method among them."""
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Call):
            method = isinstance(node.func, ast.Attribute)
            yield node.func.attr if method else node.func.id, len(node.args) + len(node.keywords) + method


def check_functions(rows):
    cases = {title[2:]: parts for title, parts in rows[1:]}
    table = list(table_of_functions())
    tell(len(table) > 100, "the reference has its tables of functions", f"{len(table)} rows")
    for name, forms, spy in table:
        parts = cases.pop(name, None)
        if parts is None:
            tell(False, f"{name} has a case", f"functions.rows has no row for `{spy}`")
            continue
        missing = [f"`{form}` stands in no line" for form in forms if not stands_in(form, parts["|"] + parts["~"])]
        counts = {n for called, n in calls_in(parts[">"]) if called == name}
        missing += [f"it is never called with {n} values" for n in sorted(counts_of(spy) - counts)]
        missing += [] if parts[":"] else ["no value is expected"]
        tell(not missing, f"{name} has a case", "\n".join(missing))
    tell(not cases, "every case has a row in the reference", ", ".join(cases))


for path in sorted(glob.glob(f"{HERE}/*.rows")):
    rows, arguments = rows_of(path)
    name = os.path.basename(path)
    if name == "functions.rows":
        check_functions(rows)
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
