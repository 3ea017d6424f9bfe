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
    for version, path in enumerate(sorted(paths), 1):
        name = os.path.basename(path)
        if int(name.split("_")[0]) != version:
            sys.exit(f"{name}: migrations are numbered 001, 002, … without gaps")
        lines.append(f"static const char *const statements_{version}[] = {{")
        for statement in statements(path):
            lines.append('    "' + statement.replace("\\", "\\\\").replace('"', '\\"') + '",')
        lines += ["};", ""]
        rows.append(f'    {{"{name}", statements_{version}, sizeof statements_{version} / sizeof *statements_{version}}},')
    lines += ["const Migration migrations[] = {", *rows, "};", f"const int n_migrations = {len(rows)};", ""]
    open(out, "w", encoding="utf-8").write("\n".join(lines))


main(sys.argv[1], sys.argv[2:])
