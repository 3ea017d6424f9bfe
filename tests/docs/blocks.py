"""Does what every block of docs/guide/*.md and docs/books/examples.md shows (these in SPy, too), and checks every block of docs/language-reference.md. Output is TAP.

    blocks.py PROGRAM SOURCE_ROOT

What the blocks of the guide mean is said in docs/guide/README.md:

    ```english          an automation, in the file automation.english
    ```csv orders.csv   a file of this name, whatever its kind
    ```spy              the SPy of the automation above
    ```output           what `clerkwork run automation.english` shows, or the commands behind `$`; what stands
                        behind `>` is typed as an answer

In the reference an English block stands before the SPy of the same tree. Facts that its sentences do not set are made inputs.

CLERKWORK_WRITE_DOCS=1 writes the `output` and `spy` blocks of the guide as the program gives them: read them then."""
import glob
import os
import re
import subprocess
import sys
import tempfile

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
WRITE = bool(os.environ.get("CLERKWORK_WRITE_DOCS"))
FENCE = re.compile(r"^```(\S+)?(?: (.*))?$")
RUN = "$ clerkwork run automation.english"
results = []


def tell(ok, what, detail=""):
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}")
    if not ok:
        print("# " + detail.rstrip().replace("\n", "\n# "))


def program(directory, *arguments, errors=subprocess.STDOUT):
    """What a terminal shows; stops at what the command leaves open rather than waiting for a person."""
    return subprocess.run([PROGRAM, *arguments], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=errors, text=True, timeout=60, check=False).stdout


def blocks(path):
    """(number of the opening line, kind, name, text) of every fenced block. What is set in is a block, too, and would be left out."""
    found, opened = [], None
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        fence = FENCE.match(line)
        assert opened is not None or not line.startswith("    "), f"{path}:{number}: a block stands between marks"
        if opened is None and fence:
            opened = (number, fence.group(1) or "", fence.group(2) or "", [])
        elif opened is not None and line == "```":
            found.append((*opened[:3], "".join(text + "\n" for text in opened[3])))
            opened = None
        elif opened is not None:
            opened[3].append(line)
    assert opened is None, f"{path}: the block of line {opened[0]} does not end"
    return found


# ---- the guide ----

def words(command):
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', command)]


def split_commands(text):
    """The commands of an output block, each with the lines it shows; without any, a run of the automation."""
    commands = []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            commands.append([line.rstrip("\n"), ""])
        elif commands:
            commands[-1][1] += line
        else:
            commands.append(["", line])
    return commands or [["", ""]]


def carry_out(directory, command, shown):
    arguments = words(command[2:]) if command else ["clerkwork", "run", "automation.english"]
    if arguments[0] == "cat":
        path = os.path.join(directory, arguments[1])
        if not os.path.exists(path):
            return f"there is no {arguments[1]}\n"
        text = open(path, encoding="utf-8").read()
        return text if text.endswith("\n") else text + "\n"
    assert arguments[0] == "clerkwork", f"only clerkwork and cat are carried out: {command}"
    for line in shown.splitlines():
        if line.startswith("> "):
            arguments += ["--answer", line[2:]]
    return program(directory, *arguments[1:])


def output_block(directory, text):
    return "".join((command + "\n" if command else "") + carry_out(directory, command, shown)
                   for command, shown in split_commands(text))


class Page:
    """One chapter: its files stand in one folder, from its first block to its last."""

    def __init__(self, path, directory):
        self.path, self.directory, self.name = path, directory, os.path.relpath(path, ROOT)
        self.shown = True  # an automation was followed by what comes of it
        self.changes = []

    def put(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as out:
            out.write(text)

    def compare(self, number, kind, text, found):
        if WRITE and text != found:
            self.changes.append((number, text, found))
        tell(WRITE or text == found, f"{self.name}:{number} {kind}", f"shown:\n{text}\nfound:\n{found}")

    def block(self, number, kind, name, text):
        if kind == "english" and not name:
            if not self.shown:
                tell(False, f"{self.name}:{number}", "the automation above is not followed by what comes of it")
            self.put("automation.english", text)
            self.shown = False
        elif kind == "output":
            self.found = output_block(self.directory, text)
            self.compare(number, kind, text, self.found)
            self.shown = True
        elif kind == "spy":
            self.compare(number, kind, text, program(self.directory, "show", "--spy", "automation.english", errors=subprocess.DEVNULL))
        elif name:
            os.makedirs(os.path.dirname(os.path.join(self.directory, name)), exist_ok=True)
            self.put(name, text)
        else:
            tell(False, f"{self.name}:{number}", f"a block of {kind or 'no kind'} is neither a file nor carried out")

    def rewrite(self):
        lines = open(self.path, encoding="utf-8").read().split("\n")
        for number, old, new in reversed(self.changes):
            lines[number:number + old.count("\n")] = new.split("\n")[:-1]
        with open(self.path, "w", encoding="utf-8") as out:
            out.write("\n".join(lines))


def check_guide():
    paths = sorted(glob.glob(os.path.join(ROOT, "docs/guide/*.md")))
    tell(len(paths) > 10, "the guide has its chapters", str(paths))
    for path in paths:
        with tempfile.TemporaryDirectory() as directory:
            page = Page(path, directory)
            for block in blocks(path):
                page.block(*block)
            tell(page.shown, f"{page.name} shows what comes of its last automation")
            if page.changes:
                page.rewrite()


# ---- the books' examples ----

class Examples(Page):
    """What the SPy of an automation comes to is compared as well."""

    def __init__(self, path, directory, spy_directory):
        super().__init__(path, directory)
        self.spy_directory = spy_directory

    def put(self, name, text):
        super().put(name, text)
        names = [name]
        if name.endswith(".english"):  # cases tell the spelling by the file's name
            text = program(self.directory, "show", "--spy", name, errors=subprocess.DEVNULL)
            names.append(name.removesuffix(".english") + ".spy")
        elif name.endswith(".case"):
            text = text.replace(".english", ".spy")
        for each in names:
            path = os.path.join(self.spy_directory, each)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)

    def block(self, number, kind, name, text):
        super().block(number, kind, name, text)
        if kind == "output":
            found = "".join((command + "\n" if command else "") +
                            carry_out(self.spy_directory, (command or RUN).replace(" run ", " run --spy "), shown)
                            for command, shown in split_commands(text))
            tell(found == self.found, f"{self.name}:{number} the SPy comes to the same", f"English:\n{self.found}\nSPy:\n{found}")


def check_examples():
    """Every example that a procedure's page shows is carried out on the page of examples, word for word."""
    path = os.path.join(ROOT, "docs/books/examples.md")
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as spy_directory:
        page = Examples(path, directory, spy_directory)
        for block in blocks(path):
            page.block(*block)
        if page.changes:
            page.rewrite()
    done = {line.strip() for _, kind, _, text in blocks(path) if kind == "english" for line in text.splitlines()}
    shown = []
    for book in sorted(glob.glob(os.path.join(ROOT, "docs/books/*.md"))):
        shown += [(os.path.basename(book), example) for example in
                  re.findall(r"^Example:\n\n    (.+)$", open(book, encoding="utf-8").read(), re.M)]
    left_out = [example for example in shown if example[1].strip() not in done]
    tell(len(shown) >= 46 and not left_out, "every procedure's example is carried out", str(left_out))


# ---- the reference ----

UNSET = re.compile(r"error: (?:nothing sets (?:the )?(.+) \[unknown-fact\]|"
                   r"(?:the )?(.+) (?:is|are) used before (?:it is|they are) set \[unset-fact\])")
ERROR = re.compile(r"error: .* \[(\S+)\]")


def with_inputs(directory, name, text, inputs):
    """The block with its unset facts as inputs: in both spellings they stand at the top."""
    facts = []
    while True:
        lines = inputs(facts)
        with open(os.path.join(directory, name), "w", encoding="utf-8") as out:
            out.write(lines + text)
        said = program(directory, "check", name)
        unset = [first or second for first, second in UNSET.findall(said)]
        missing = [fact for fact in dict.fromkeys(unset) if fact not in facts]
        if not missing:
            return lines, said
        facts += missing


def english_inputs(facts):
    return "inputs\n" + "".join(f"  the {fact} is anything\n" for fact in facts) if facts else ""


def spy_inputs(facts):
    return "".join(f'{fact.replace(" ", "_")} = read_input("{fact}", type=anything)\n' for fact in facts)


def body(text, n_inputs):
    """Without the inputs at the top, and blank lines."""
    return [line for line in text.splitlines() if line][n_inputs:]


def check_pair(directory, where, english, spy):
    for name, text, inputs in (("block.english", english, english_inputs), ("block.spy", spy, spy_inputs)):
        lines, said = with_inputs(directory, name, text, inputs)
        tell(not ERROR.search(said), f"{where} {name[6:]} is understood", said)
        shown = program(directory, "show", "--spy", name, errors=subprocess.DEVNULL)
        found = body(shown, lines.count(" is anything\n") + lines.count("read_input("))
        expected = body(spy, 0)
        tell(found == expected, f"{where} {name[6:]} is the tree of its SPy", f"shown:\n{spy}\nfound:\n{shown}")


def check_reference():
    path = os.path.join(ROOT, "docs/language-reference.md")
    found = [block for block in blocks(path) if block[1] in ("english", "spy")]
    tell([block[1] for block in found] == ["english", "spy"] * (len(found) // 2) and len(found) >= 16,
         "the reference has an SPy block behind every English one")
    for english, spy in zip(found[0::2], found[1::2]):
        with tempfile.TemporaryDirectory() as directory:
            check_pair(directory, f"docs/language-reference.md:{english[0]}", english[3], spy[3])


check_guide()
check_examples()
check_reference()
print(f"1..{len(results)}")
sys.exit(not all(results))
