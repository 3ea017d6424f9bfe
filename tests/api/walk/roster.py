"""What the public API has, held against the contract by api/compatibility.yaml: nothing is served that it calls absent, nothing is
absent that it calls served, and the suites of this folder know every operation. Output is TAP."""
import os
import re
import sys

import yaml

from contract import ROOT, Contract
from tap import Tap

PUBLISHED = 102


def plain(call):
    return re.sub(r"{\w+}", "{}", call)


def served_as(call):
    """The authors of threads are named in the guides; here they are values of one parameter."""
    return re.sub(r"/agents/quill2?/", "/agents/{}/", plain(call))


def main():
    tap, contract = Tap(), Contract()
    with open(os.path.join(ROOT, "api/compatibility.yaml"), encoding="utf-8") as file:
        table = yaml.safe_load(file)
    served = {plain(f"{operation.method} {operation.path}") for operation in contract.operations}
    rows = table["published"] + table["guides"]
    calls = [plain(row["call"]) for row in rows]
    tap.ok(f"the {PUBLISHED} published operations have a row each", [f"there are {len(table['published'])}"] *
           (len(table["published"]) != PUBLISHED) + [f"{call} occurs twice" for call in set(calls) if calls.count(call) > 1])
    for row in rows:
        there, how = served_as(row["call"]) in served, row["how"]
        problems = [] if how in ("same", "more", "different", "absent") else [f"\"{how}\" is not a way to stand"]
        if there and how == "absent":
            problems.append("it is served: say in api/compatibility.yaml whether it is same, more or different")
        if not there and how != "absent":
            problems.append("it is not served: call it absent, or serve it")
        if how == "different" and not row.get("note"):
            problems.append("say in what it differs")
        tap.ok(f"{row.get('id', row['call'])}: {how}", problems)
    return tap.end()


sys.exit(main())
