"""differential.py CARRY_OUT: SPy means what Python means. Every program of programs/ and of templates.py is carried out
here and under CPython; outputs, and kind and line of every failure, must be the same. Programs under a heading that
says `differs: WHY` are where SPy means something else on purpose; those must differ, or the reference is out of date.
"""
import json
import pathlib
import subprocess
import sys

import python
import templates

HERE = pathlib.Path(__file__).parent
# What CPython raises, and what the question's kind may be.
KINDS = {
    "IndexError": {"no-such-item"},
    "KeyError": {"missing-field"},
    "ZeroDivisionError": {"bad-arithmetic"},
    "OverflowError": {"too-large"},
    "TypeError": {"not-a-number", "not-a-text", "not-a-list", "not-a-key", "not-comparable", "missing-value",
                  "not-a-whole-number", "not-a-record", "not-a-duration"},
    "ValueError": {"wrong-length", "bad-separator", "bad-step", "bad-format", "no-items", "no-match", "not-a-number"},
    "AttributeError": {"not-a-text", "not-a-list", "missing-value", "not-a-record"},
    "AssertionError": {"failed-check"},
    "NameError": {"missing-fact"},
    "UnboundLocalError": {"missing-fact"},
    "NoMatch": {"no-match"},
    "Failed": {"failed"},
    "RecursionError": {"failed"},
}


def hand_written():
    """(name, source, why it differs or None): the programs of a file stand under lines `#### NAME [differs: WHY]`."""
    for path in sorted((HERE / "programs").glob("*.spy")):
        for part in path.read_text().split("#### ")[1:]:
            heading, source = part.split("\n", 1)
            name, _, why = heading.partition(" differs: ")
            yield f"{path.stem}: {name}", source, why or None


def failure_differs(ours, theirs):
    if ours is None and theirs is None:
        return None
    if ours is None or theirs is None:
        return f"here {ours}, Python {theirs}"
    kind, line = theirs
    if ours["kind"] not in KINDS.get(kind, ()):
        return f"here {ours['kind']} ({ours['text']}), Python {kind}"
    if not ours["first"] <= line <= ours["last"]:
        return f"{kind}: here lines {ours['first']} to {ours['last']}, Python line {line}"
    return None


def difference(source, ours):
    """None, or in what the two differ. A refusal before the run counts as the failure on its line."""
    outputs, failure = python.run(source)
    if "refused" in ours:
        refused = ours["refused"]
        if failure and any(refusal["line"] == failure[1] for refusal in refused):
            return None
        return f"refused: {refused}, Python {failure or outputs}"
    printed_outputs, printed_failure = python.run(ours["spy"])
    found = [tuple(pair) for pair in ours["outputs"]]
    if found != outputs:
        wrong = next((pair for pair in zip(found, outputs) if pair[0] != pair[1]), (found, outputs))
        return f"here {wrong[0]}, Python {wrong[1]}"
    if printed_outputs != outputs or (printed_failure or [None])[0] != (failure or [None])[0]:
        return f"printed, it means {printed_outputs} {printed_failure}, not {outputs} {failure}:\n{ours['spy']}"
    return failure_differs(ours.get("failure"), printed_failure)


def main():
    programs = list(hand_written()) + list(templates.programs())
    ended = "".join(source + "\0" for _, source, _ in programs)
    done = subprocess.run([sys.argv[1]], input=ended.encode(), stdout=subprocess.PIPE, check=True)
    results = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    assert len(results) == len(programs), (len(results), len(programs))
    wrong = 0
    for (name, source, why), ours in zip(programs, results):
        found = difference(source, ours)
        if (found is None) == (why is None):
            continue
        wrong += 1
        print(f"{name}: {found or 'is the same, although it is said to differ: ' + why}\n{source}")
    print(f"{len(programs)} programs, {wrong} not as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
