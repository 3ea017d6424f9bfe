"""Prints a run's outputs (plain JSON, as :getOutputs gives them) for people: tables as tables."""
import json
import sys

ROWS = 14


def cell(value):
    return "" if value is None else str(value)


def print_table(name, rows):
    columns = list(rows[0])
    shown = rows if len(rows) <= ROWS else rows[: ROWS // 2] + [None] + rows[-(ROWS // 2):]
    widths = [max([len(c)] + [len(cell(r.get(c))) for r in rows]) for c in columns]
    print(f"\n{name}: {len(rows)} rows")
    print("  " + "  ".join(c.ljust(w) for c, w in zip(columns, widths)))
    print("  " + "  ".join("─" * w for w in widths))
    for row in shown:
        print("  …" if row is None else "  " + "  ".join(cell(row.get(c)).ljust(w) for c, w in zip(columns, widths)))


answer = json.load(sys.stdin)
for name, value in answer.get("outputs", answer).items():
    if isinstance(value, list) and value and isinstance(value[0], dict):
        print_table(name, value)
    else:
        print(f"\n{name}: {value}")
