"""Counts single tests (lines of TAP) in Meson's logs of the given build directories; says "N passed, N failed" last."""
import json
import re
import sys
from pathlib import Path

passed = failed = skipped = 0
for directory in sys.argv[1:]:
    log = Path(directory) / "meson-logs" / "testlog.json"
    if not log.exists():
        print(f"{directory}: no test ran", file=sys.stderr)
        failed += 1
        continue
    for line in log.read_text().splitlines():
        program = json.loads(line)
        output = program.get("stdout", "")
        ok = len(re.findall(r"^ok\b(?!.*# *SKIP)", output, re.M | re.I))
        not_ok = len(re.findall(r"^not ok\b", output, re.M))
        skipped += len(re.findall(r"^ok\b.*# *SKIP", output, re.M | re.I))
        good = program["result"] in ("OK", "SKIP", "EXPECTEDFAIL")
        if program["result"] == "SKIP":
            skipped += ok + not_ok == 0
        elif ok + not_ok == 0:
            passed, failed = passed + good, failed + (not good)
        else:
            passed += ok
            failed += not_ok if not_ok or good else 1
tail = f", {skipped} skipped" if skipped else ""
print(f"{passed} passed, {failed} failed{tail}")
sys.exit(1 if failed or not passed else 0)
