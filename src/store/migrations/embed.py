"""Turns NNN_name.sql files into the C table that migrate.c walks: embed.py OUT.c 001_first.sql …"""
import os
import re
import sys


def statements(path):
    text = re.sub(r"--[^\n]*", "", open(path, encoding="utf-8").read())
    return [" ".join(part.split()) for part in text.split(";") if part.strip()]


def main(out, paths):
    lines = ['#include "store/migrations.h"', ""]
    rows = []
    latest = 0
    for path in sorted(paths):
        name = os.path.basename(path)
        version = int(name.split("_")[0])
        if version <= latest:
            sys.exit(f"{name}: the number of a migration is used once")
        latest = version
        lines.append(f"static const char *const statements_{version}[] = {{")
        for statement in statements(path):
            lines.append('    "' + statement.replace("\\", "\\\\").replace('"', '\\"') + '",')
        lines += ["};", ""]
        rows.append(f'    {{{version}, "{name}", statements_{version}, sizeof statements_{version} / sizeof *statements_{version}}},')
    lines += ["const Migration migrations[] = {", *rows, "};", f"const int n_migrations = {len(rows)};", ""]
    open(out, "w", encoding="utf-8").write("\n".join(lines))


main(sys.argv[1], sys.argv[2:])
