"""A bank statement against a ledger (examples/bank-reconciliation), here and in idiomatic Python: time, peak memory, and that both
come to the same.

    reconcile.py PROGRAM [ROWS [ROUNDS [LARGE]]]

Both read the same two files, carry out the same rules and write the same tables as JSON. They take turns; every figure is a median.
The files have the columns of the example; then, again, those of a usual export, which the rules do not look at. With LARGE rows it
runs once more, to its end."""
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(sys.argv[1])
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
LARGE = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
AUTOMATION = os.path.join(HERE, "..", "examples", "bank-reconciliation", "automation.english")
PEER = os.path.join(HERE, "reconcile_peer.py")
PARTNERS = ["Fairview Packaging", "Crown Chemical Supply", "Kessler Maschinenbau GmbH", "Evergreen Facility Services", "Ödegaard AS"]

IBANS = {name: f"DE{10 + n}7002027000{n:010}" for n, name in enumerate(PARTNERS)}


def figure(cents):
    return f"{cents // 100:,}.{cents % 100:02d}"


class Columns:
    """Those that a usual export has beside the example's, of one booking; nothing where `usual` is false."""

    def __init__(self, usual):
        self.usual = usual
        self.balance = 5_000_000

    def of_bank(self, name, day, cents):
        self.balance += cents
        return f";{day};{IBANS[name]};BYLADEM1001;EUR;{figure(self.balance)};SEPA CREDIT TRANSFER" if self.usual else ""

    def of_ledger(self, name, day):
        return f",{1000 + PARTNERS.index(name)},1200 Bank,EUR,{day + timedelta(days=30)},Invoice of {day:%B %Y}" if self.usual else ""


def write_files(directory, rows, usual=False):
    """Of a hundred bookings ninety-two agree, two differ, one stands there twice, five name no reference; amounts never repeat."""
    chance = random.Random(1)
    more = Columns(usual)
    first = date(2026, 3, 1)
    bank, ledger = os.path.join(directory, "bank.csv"), os.path.join(directory, "ledger.csv")
    with open(bank, "w", encoding="utf-8", newline="") as b, open(ledger, "w", encoding="utf-8", newline="") as l:
        b.write("booked on;reference;text;amount" + ";value date;IBAN;BIC;currency;balance;kind" * usual + "\n")
        l.write("entry number,entry date,partner,reference,amount" + ",partner number,account,currency,due on,text" * usual + "\n")
        twice = False
        for n in range(rows):
            day, partner = first + timedelta(days=chance.randrange(28)), PARTNERS[chance.randrange(len(PARTNERS))]
            cents = 1_000 + n * 7
            l.write(f'L-{n},{day},{partner},R-{n},"{figure(cents)}"{more.of_ledger(partner, day)}\n')
            kind = chance.randrange(100)
            booked = day + timedelta(days=chance.randrange(3))
            line = f"{booked};{'' if kind < 5 else f'R-{n}'};{partner};{figure(cents + (1 if kind in (5, 6) else 0))}{more.of_bank(partner, booked, cents)}\n"
            if not twice:  # a line that stands twice takes the place of the next one: there are as many bookings as entries
                b.write(line * (2 if kind == 7 and n + 1 < rows else 1))
            twice = not twice and kind == 7
    return bank, ledger


def carried_out(arguments):
    """Its JSON, the seconds of the processor and the clock, and the most memory that it held, in bytes."""
    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        process = subprocess.Popen(arguments, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        out.seek(0)
        text = out.read()
    if process.returncode != 0:
        raise SystemExit(f"{arguments[0]} ended with {process.returncode}: {text[:500].decode()}")
    return json.loads(text), usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss * 1024


def ours(directory, bank, ledger):
    found = carried_out([PROGRAM, "run", AUTOMATION, "--json", "--save", directory, "--input", f"bank file=@{bank}", "--input",
                         f"ledger file=@{ledger}"])
    return found[0]["outputs"], *found[1:]


def same(here, there):
    assert here.keys() == there.keys(), (here.keys(), there.keys())
    for name in here:
        a, b = here[name], there[name]
        if isinstance(a, list):
            assert len(a) == len(b), (name, len(a), len(b))
            assert [row.get("entry number", row.get("reference")) for row in a] == \
                [row.get("entry number", row.get("reference")) for row in b], name
        else:
            assert float(a) == float(b), (name, a, b)


def compare(directory, usual):
    bank, ledger = write_files(directory, ROWS, usual)
    size = os.path.getsize(bank) + os.path.getsize(ledger)
    here, there = [], []
    for _ in range(ROUNDS):
        here.append(ours(directory, bank, ledger))
        there.append(carried_out([sys.executable, PEER, bank, ledger]))
    same(here[0][0], there[0][0])
    mine, theirs = (statistics.median(run[1] for run in runs) for runs in (here, there))
    peak = statistics.median(run[3] for run in here)
    print("with the columns of a usual export" if usual else "with the columns of the example")
    print(f"  {ROWS:,} bookings against {ROWS:,} entries, {size / 1e6:.1f} MB: here {mine:.2f} s, python3 {theirs:.2f} s, "
          f"ratio {theirs / mine:.2f} (goal 5)")
    print(f"  peak memory: here {peak / 1e6:.0f} MB, {peak / size:.1f} times the files (goal 4); "
          f"python3 {statistics.median(run[3] for run in there) / 1e6:.0f} MB")


def main():
    with tempfile.TemporaryDirectory() as directory:
        compare(directory, usual=False)
        compare(directory, usual=True)
        if LARGE:
            bank, ledger = write_files(directory, LARGE)
            size = os.path.getsize(bank) + os.path.getsize(ledger)
            outputs, seconds, _, peak = ours(directory, bank, ledger)
            print(f"{LARGE:,} against {LARGE:,}, {size / 1e6:.0f} MB: {seconds:.1f} s, peak memory {peak / 1e6:.0f} MB, "
                  f"{peak / size:.1f} times the files; {len(outputs['differing amounts']):,} differ")


main()
