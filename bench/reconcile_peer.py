"""The bank reconciliation of examples/bank-reconciliation as it is usually written in Python: csv, dictionaries, Decimal.

    reconcile_peer.py BANK LEDGER"""
import csv
import json
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal


def read(path, separator, day):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=separator))
    for row in rows:
        row["amount"] = Decimal(row["amount"].replace(",", ""))
        row[day] = date.fromisoformat(row[day])
    return rows


bookings, entries = read(sys.argv[1], ";", "booked on"), read(sys.argv[2], ",", "entry date")
by_reference, by_amount = {}, defaultdict(list)
for entry in entries:
    entry["status"] = "open"
    by_reference.setdefault(entry["reference"], entry)
    by_amount[entry["amount"]].append(entry)

seen = set()
for booking in bookings:
    text = f"{booking['booked on']}, {booking['reference']}, {booking['text']}, {booking['amount']}"
    if text in seen:
        booking["status"] = "in the export twice"
        continue
    seen.add(text)
    booking["status"] = "open"
    booking["difference"] = Decimal(0)
    if booking["reference"]:
        entry = by_reference[booking["reference"]]
        booking["entry"] = entry["entry number"]
        booking["difference"] = booking["amount"] - entry["amount"]
        booking["status"] = "agrees" if booking["difference"] == 0 else "differs"
        entry["status"] = booking["status"]
    else:
        possible = [entry for entry in by_amount[booking["amount"]]
                    if entry["status"] == "open" and abs((entry["entry date"] - booking["booked on"]).days) <= 3]
        if len(possible) == 1:
            booking["entry"] = possible[0]["entry number"]
            booking["status"] = "agrees by amount"
            possible[0]["status"] = booking["status"]
        else:
            booking["status"] = "not in the ledger"

differing = [booking for booking in bookings if booking["status"] == "differs"]
unexplained = [booking for booking in bookings if booking["status"] in ("not in the ledger", "open")]
left = [entry for entry in entries if entry["status"] == "open"]
print(json.dumps({"difference to explain": sum(booking["difference"] for booking in differing), "differing amounts": differing,
                  "without an entry": unexplained, "not at the bank": left}, default=str))
