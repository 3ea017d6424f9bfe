"""Sums over runs, files and automations against a count of a random sample, in random windows and zones. Output is TAP.

    sums.py PROGRAM FILL

CLERKWORK_SEED draws another sample than the usual one; a failure names the seed with the question."""
import json
import math
import os
import random
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "walk"))
import aggregates  # noqa: E402
import insights  # noqa: E402
import metrics  # noqa: E402
from sample import Sample  # noqa: E402
from server import Server  # noqa: E402
from tap import Tap  # noqa: E402

SEED = int(os.environ.get("CLERKWORK_SEED", "815"))
CHECKS = {
    "runs of each automation are what a count gives": aggregates.check_automations,
    "runs of each day are, in any zone": aggregates.check_days,
    "how long answers took is": aggregates.check_answers,
    "insights are, with their trends, in any window and zone": insights.check_windows,
    "insights of days are": insights.check_days,
    "estimates are what was set": insights.check_estimates,
    "metrics are what a count gives, by every grouping, interval, aggregation and order": metrics.check,
    "pages of series put together are the whole": metrics.check_pages,
}


def difference(expected, found, path=""):
    """Where two trees differ first; "" when they do not. Members may come in any order, numbers may be whole or not."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            return f"{path} has {sorted(found)}, not {sorted(expected)}"
        return next(filter(None, (difference(expected[key], found[key], f"{path}.{key}") for key in expected)), "")
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return f"{path} has {len(found)} items, not {len(expected)}: {json.dumps(found)[:300]} instead of {json.dumps(expected)[:300]}"
        return next(filter(None, (difference(*pair, f"{path}[{at}]") for at, pair in enumerate(zip(expected, found)))), "")
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (expected, found))
    same = math.isclose(expected, found, rel_tol=1e-12, abs_tol=1e-9) if numbers else expected == found
    return "" if same else f"{path} is {found!r}, not {expected!r}"


def main():
    tap = Tap()
    with Server(sys.argv[1]) as server:
        sample = Sample(server, sys.argv[2], random.Random(SEED))

        def must(path, query, expected, reply=None):
            """What is wrong with an answer, as sentences."""
            found = reply or server.must("GET", path, query=query)
            wrong = difference(expected, found)
            if wrong:
                yield f"seed {SEED}: {path}?{urllib.parse.urlencode(query, doseq=True)}\n{wrong}"

        tap.ok("migrations make the same sums as the store keeps", [sample.wrong_sums] if sample.wrong_sums else [])
        for what, check in CHECKS.items():
            tap.ok(what, list(check(sample, must)))
    return tap.end()


sys.exit(main())
