"""The table of docs/postgresql.md that says where each table of the schema would lie, held against the schema.

    sharding.py PROGRAM

Output is TAP."""
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "postgresql.md")
# By row of the page, in its order: what holds of a table's columns and of its primary key.
KINDS = ("of the whole server", "in the primary key", "but not in the primary key", "have no such column")


def rows_of_page():
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*) \|$", text[text.index("## Sharding by organization"):], re.M)
    return [(set(re.findall(r"`(\w+)`", tables)), where) for tables, where in found]


def schema(program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "setup", "--data", folder, "--organization", "A", "--workspace", "F", "--email", "a@b.example"],
                       check=True, capture_output=True)
        with sqlite3.connect(folder + "/clerkwork.db") as database:
            names = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
            return {name: list(database.execute(f"PRAGMA table_info('{name}')")) for name in names}


def kind_of(columns):
    names, key = [c[1] for c in columns], [c[1] for c in columns if c[5]]
    return "none" if "organization" not in names else "key" if "organization" in key else "column"


def main():
    rows, tables = rows_of_page(), schema(sys.argv[1])
    wrong = [f"the page has {len(rows)} rows, not {len(KINDS)}"] * (len(rows) != len(KINDS))
    wrong += [f"a row says {where!r}, not {kind!r}" for (_, where), kind in zip(rows, KINDS) if kind not in where]
    listed = [name for names, _ in rows for name in names]
    wrong += [f"{name} stands in the page {listed.count(name)} times" for name in tables if listed.count(name) != 1]
    wrong += [f"there is no table {name}" for name in listed if name not in tables]
    for (names, where), kind in zip(rows, ("none", "key", "column", "none")):
        wrong += [f"{name}: {where}" for name in sorted(names) if name in tables and kind_of(tables[name]) != kind]
    print(f"{'not ok' if wrong else 'ok'} 1 - every table stands where its columns say")
    for line in wrong:
        print(f"#   {line}")
    print("1..1")
    sys.exit(1 if wrong else 0)


main()
