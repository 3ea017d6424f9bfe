#!/usr/bin/env python3
"""Writes docs/api/ from api/openapi.yaml and api/compatibility.yaml.

    scripts/api_docs.py            writes the pages
    scripts/api_docs.py --check    changes nothing; fails when a page is not what would be written"""
import json
import os
import re
import sys

import yaml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PAGES = os.path.join(ROOT, "docs/api")
METHODS = ("get", "post", "put", "patch", "delete")
MADE = "<!-- Made by scripts/api_docs.py from api/: edit that. -->"
HOW = {"same": "same", "more": "more", "different": "**different**", "absent": "*absent*"}


def load(name):
    with open(os.path.join(ROOT, "api", name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def line(text):
    """Free text as one line that may stand in a table."""
    return " ".join(str(text or "").split()).replace("|", "\\|")


def sentence(text):
    text = line(text)
    return text if not text or text[-1] in ".!?:" else text + "."


class Docs:
    def __init__(self):
        self.contract, self.compatibility = load("openapi.yaml"), load("compatibility.yaml")
        self.operations = []  # (path, METHOD, operation, parameters)
        for path, item in self.contract["paths"].items():
            for method in METHODS:
                if method in item:
                    parameters = [self.resolve(p) for p in item.get("parameters", []) + item[method].get("parameters", [])]
                    self.operations.append((path, method.upper(), item[method], parameters))
        self.by_id = {operation["operationId"]: operation for _, _, operation, _ in self.operations}

    def resolve(self, node):
        while "$ref" in node:
            target = self.contract
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return node

    def extension(self, operation, name, default=None):
        """Of the operation, or of the one that it is another path of."""
        alias = operation.get("x-alias-of", {}).get("operation")
        return operation.get(name, self.by_id[alias].get(name, default) if alias else default)

    # ---- types ----

    def kind(self, node):
        if "allOf" in node:
            node = {**node, **node["allOf"][0]}
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            target = self.resolve(node)
            return "one of " + ", ".join(f"`{v}`" for v in target["enum"]) if "enum" in target else name
        if "enum" in node:
            return "one of " + ", ".join(f"`{v}`" for v in node["enum"])
        if node.get("type") == "array":
            return "list of " + self.kind(node["items"])
        if isinstance(node.get("additionalProperties"), dict):
            return "map of " + self.kind(node["additionalProperties"])
        return node.get("format") or node.get("type") or "any"

    def fields(self, schema, written):
        """Rows of a schema's members; of those that are `written`, or of those that are read."""
        rows, required = [], schema.get("required", [])
        for name, node in schema.get("properties", {}).items():
            if written and (node.get("readOnly") or self.resolve(node).get("readOnly")):
                continue
            must = " (required)" if written and name in required else ""
            rows.append(f"| `{name}`{must} | {self.kind(node)} | {line(node.get('description'))} |")
        return ["| field | type | |", "|---|---|---|", *rows, ""] if rows else []

    # ---- pages ----

    def parameters(self, operation, parameters):
        rows = []
        for parameter in parameters:
            if parameter["in"] != "query":
                continue
            schema = self.resolve(parameter["schema"])
            said = sentence(parameter.get("description"))
            if "default" in schema:
                said += f" Default: `{json.dumps(schema['default'])}`."
            must = " (required)" if parameter.get("required") else ""
            rows.append(f"| `{parameter['name']}`{must} | {self.kind(parameter['schema'])} | {said.strip()} |")
        page = self.extension(operation, "x-page")
        out = ["| parameter | type | |", "|---|---|---|", *rows, ""] if rows else []
        if page:
            out += [f"Pages: {page['default']} items unless `page_size` says otherwise, at most {page['maximum']}.", ""]
        return out

    def filters(self, operation):
        fields, out = self.extension(operation, "x-filter-fields", {}), []
        if fields:
            out = ["| filter field | type | operators |", "|---|---|---|"]
        for name, field in fields.items():
            ordered = field["type"] in ("time", "integer", "string")
            operators = field.get("operators", ["=", "!=", "<", "<=", ">", ">="] if ordered else ["=", "!="])
            names = ", ".join(f"`{n}`" for n in [name, *field.get("also", [])])
            kind = field["type"]
            if kind == "enum":
                enum = self.contract["components"]["schemas"][field["enum"]]
                values = [v.removeprefix(enum.get("x-wire-prefix", "")) for v in enum["enum"]] + list(enum.get("x-other-names", {}))
                kind = "one of " + ", ".join(f"`{v}`" for v in values if v != "UNSPECIFIED")
            out.append(f"| {names} | {kind} | {' '.join(f'`{o}`' for o in operators)} |")
        orders = self.extension(operation, "x-order-by", [])
        order = [f"Order: `{orders[0]}`" + (f", or by {', '.join(f'`{o}`' for o in orders[1:])}." if len(orders) > 1 else "."), ""] if orders else []
        return out + [""] * bool(out) + order

    def body(self, operation):
        if "requestBody" not in operation:
            return []
        out = []
        for kind, content in self.resolve(operation["requestBody"]).get("content", {}).items():
            schema = self.resolve(content["schema"])
            rows = self.fields(schema, True)
            choice = schema.get("x-exactly-one")
            if rows:
                out += [f"Body (`{kind}`){'; of ' + ', '.join(f'`{c}`' for c in choice) + ' exactly one' if choice else ''}:", "", *rows]
            if "example" in content:
                out += ["```json", json.dumps(content["example"], ensure_ascii=False), "```", ""]
        return out

    def answer(self, operation):
        response = operation["responses"]["200"]
        out = [f"Answer: {sentence(response.get('description'))}", ""]
        for kind, content in response.get("content", {}).items():
            node = content["schema"]
            rows = self.fields(self.resolve(node), False)
            out += rows if "$ref" in node and rows else [f"`{kind}`", ""]
            if "example" in content:
                out += ["```json", json.dumps(content["example"], ensure_ascii=False), "```", ""]
        return out

    def operation(self, path, method, operation, parameters):
        permission, errors = self.extension(operation, "x-permission"), self.extension(operation, "x-errors", [])
        out = [f"## {operation['operationId']}", "", f"`{method} {path}`", "", sentence(operation.get("summary")), ""]
        if operation.get("description"):
            out += [sentence(operation["description"]), ""]
        if operation.get("security") == []:
            out += ["Needs no token.", ""]
        elif permission:
            out += [f"Permission: `{permission}`.", ""]
        out += self.parameters(operation, parameters) + self.filters(operation) + self.body(operation) + self.answer(operation)
        if errors:
            out += ["Besides what every operation may refuse: " + ", ".join(f"`{e}`" for e in errors) + ".", ""]
        return out

    def tag_page(self, tag):
        out = [MADE, f"# {tag['name']}", "", sentence(tag.get("description")), ""]
        mine = [row for row in self.operations if row[2]["tags"][0] == tag["name"]]
        out += ["| call | what |", "|---|---|"]
        for path, method, operation, _ in mine:
            name = operation["operationId"]
            out.append(f"| [`{method} {path}`](#{name.lower()}) | {line(operation.get('summary'))} |")
        out.append("")
        for row in mine:
            out += self.operation(*row)
        return out

    def schemas_page(self):
        out = [MADE, "# What bodies and answers are made of", "",
               "Each is an object, by the name that the tables of the other pages give. Times are RFC 3339, durations like `30s`, 64-bit",
               "integers are JSON strings.", ""]
        for name, schema in sorted(self.contract["components"]["schemas"].items()):
            if schema.get("type") == "object":
                out += [f"## {name}", ""] + ([sentence(schema["description"]), ""] if schema.get("description") else [])
                out += self.fields(schema, False) or ["Has no fields of its own.", ""]
        return out

    def index_page(self):
        out = [MADE, "# The API, operation by operation", "",
               "How to use it: [`docs/api.md`](../api.md). What its objects hold: [schemas](schemas.md). How it stands to the public API:",
               "[compatibility](compatibility.md).", "", "| call | what | permission |", "|---|---|---|"]
        for path, method, operation, _ in self.operations:
            name, page = operation["operationId"], operation["tags"][0].lower()
            out.append(f"| [`{method} {path}`]({page}.md#{name.lower()}) | {line(operation.get('summary'))} | "
                       f"{self.extension(operation, 'x-permission', '') or ''} |")
        return out + [""]

    def compatibility_page(self):
        rows = self.compatibility["published"]
        counts = {how: sum(row["how"] == how for row in rows) for how in HOW}
        out = [MADE, "# Compatibility, operation by operation", "",
               f"Of the {len(rows)} operations of the vendor's OpenAPI document {counts['same']} are the same here, {counts['more']} give or take "
               f"something more, {counts['different']} differ as said, {counts['absent']} are absent and answer 404.", "",
               "Everywhere: parameters and body keys are read in snake_case and camelCase; errors carry the vendor's "
               "`{code, message, details}` and AIP-193's `error` beside it; what is unknown in a query or a body is ignored; most "
               "operations that change something can be tried with `validate_only`; requests are counted against the token's rate, which the vendor does not document. "
               "The vendor's second surface, tools over MCP, is not served.", "",
               "| operation | call | here | |", "|---|---|---|---|"]
        out += [f"| {row['id']} | `{row['call']}` | {HOW[row['how']]} | {line(row.get('note'))} |" for row in rows]
        out += ["", "## What the guides and real clients use besides", "", "| call | here | |", "|---|---|---|"]
        out += [f"| `{row['call']}` | {HOW[row['how']]} | {line(row.get('note'))} |" for row in self.compatibility["guides"]]
        known = {plain_call(row["call"]) for row in rows + self.compatibility["guides"]}
        out += ["", "## What there is only here", "", "| call | what |", "|---|---|"]
        out += [f"| `{method} {path}` | {line(operation.get('summary'))} |" for path, method, operation, _ in self.operations
                if plain_call(f"{method} {path}") not in known]
        return out + [""]

    def pages(self):
        pages = {"README.md": self.index_page(), "schemas.md": self.schemas_page(), "compatibility.md": self.compatibility_page()}
        for tag in self.contract["tags"]:
            pages[tag["name"].lower() + ".md"] = self.tag_page(tag)
        return {name: re.sub(r"\n{3,}", "\n\n", "\n".join(out)).rstrip("\n") + "\n" for name, out in pages.items()}


def plain_call(call):
    """The call without the names of its parameters."""
    return re.sub(r"{\w+}", "{}", call)


def main():
    pages, stale = Docs().pages(), []
    there = set(os.listdir(PAGES)) if os.path.isdir(PAGES) else set()
    for name, text in pages.items():
        path = os.path.join(PAGES, name)
        if name not in there or open(path, encoding="utf-8").read() != text:
            stale.append(name)
    stale += sorted(there - set(pages))
    if sys.argv[1:] == ["--check"]:
        for name in stale:
            print(f"docs/api/{name} is not what api/ says: run scripts/api_docs.py")
        return bool(stale)
    os.makedirs(PAGES, exist_ok=True)
    for name in stale:
        path = os.path.join(PAGES, name)
        if name in pages:
            with open(path, "w", encoding="utf-8") as file:
                file.write(pages[name])
        else:
            os.unlink(path)
    return 0


sys.exit(main())
