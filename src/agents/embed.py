"""Turns a text into a constant of C: embed.py OUT.c FILE"""
import sys

out, path = sys.argv[1:]
data = open(path, "rb").read()
rows = [", ".join(str(byte - 256 if byte > 127 else byte) for byte in data[i:i + 32]) for i in range(0, len(data), 32)]
with open(out, "w", encoding="utf-8") as file:
    file.write('#include "agents/prompt.h"\n\nstatic const char text[] = {\n    ' + ",\n    ".join(rows) +
               "};\nconst Str prompt_language = {text, sizeof text};\n")
