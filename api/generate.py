#!/usr/bin/env python3
"""Turns api/openapi.yaml into C tables and the JSON document that the server serves.

    generate.py openapi.yaml contract.h contract.c

The shapes of the tables stand in src/api/contract_types.h. Everything is resolved here, so that the server reads
constants only; a contract that contradicts itself ends the build with a sentence that says where.
"""

import json
import re
import sys

import yaml

METHODS = ["get", "head", "post", "put", "patch", "delete", "options"]
FORMAT_KINDS = {
    ("string", None): "KIND_STRING",
    ("string", "byte"): "KIND_BYTES",
    ("string", "date-time"): "KIND_TIME",
    ("string", "duration"): "KIND_DURATION",
    ("string", "int64"): "KIND_INT64_TEXT",
    ("integer", "int32"): "KIND_INT32",
    ("integer", "int64"): "KIND_INT64",
    ("number", None): "KIND_NUMBER",
    ("number", "double"): "KIND_NUMBER",
    ("boolean", None): "KIND_BOOL",
}
FILTER_TYPES = {"string": "FILTER_TEXT", "enum": "FILTER_ENUM", "time": "FILTER_TIME", "integer": "FILTER_INTEGER",
                "bool": "FILTER_BOOLEAN", "duration": "FILTER_DURATION", "resource": "FILTER_RESOURCE"}
FILTER_OPERATORS = {"=": "FILTER_EQ", "!=": "FILTER_NE", "<": "FILTER_LT", "<=": "FILTER_LE", ">": "FILTER_GT",
                    ">=": "FILTER_GE", ":": "FILTER_HAS", "contains": "FILTER_HAS"}
ORDERED = ["=", "!=", "<", "<=", ">", ">="]
ERROR_CODES = {"CANCELLED": 1, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5, "ALREADY_EXISTS": 6,
               "PERMISSION_DENIED": 7, "RESOURCE_EXHAUSTED": 8, "FAILED_PRECONDITION": 9, "ABORTED": 10,
               "OUT_OF_RANGE": 11, "UNIMPLEMENTED": 12, "INTERNAL": 13, "UNAVAILABLE": 14, "DATA_LOSS": 15,
               "UNAUTHENTICATED": 16}
OPERATION_EXTENSIONS = {"x-permission", "x-errors", "x-page", "x-filter-fields", "x-order-by", "x-update-mask",
                        "x-partial", "x-body-wrapper", "x-body-aliases", "x-body-defaults", "x-body-limit",
                        "x-long-poll", "x-stream", "x-alias-of"}
# What an alias takes from the operation that it stands for when it does not say otherwise.
INHERITED = OPERATION_EXTENSIONS - {"x-alias-of"}


class ContractError(Exception):
    """The contract contradicts itself."""


def need(condition, where, sentence):
    if not condition:
        raise ContractError(f"{where}: {sentence}")


def words(name):
    """CamelCase to UPPER_CASE."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def camel(name):
    """snake_case to lowerCamelCase, as proto JSON does it."""
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


def text(value):
    """A C initializer of a Str."""
    escaped = ""
    for byte in str(value).encode():
        char = chr(byte)
        escaped += f"\\{byte:03o}" if byte < 32 or byte > 126 or char in '"\\?' else char
    return f'S_INIT("{escaped}")'


def texts(values):
    return ", ".join(text(v) for v in values)


class Contract:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.enums = [n for n, s in self.schemas.items() if "enum" in s]
        self.objects = [n for n, s in self.schemas.items() if s.get("type") == "object"]
        self.inline_enums = {}
        self.operations = []
        self.read_operations()
        for name in self.objects:  # finds the enums that stand within a field
            for field, node in self.schemas[name].get("properties", {}).items():
                self.field(name, field, node)

    # ---- reading ----------------------------------------------------------------------------------------------

    def target(self, reference, where):
        node = self.document
        for part in reference.removeprefix("#/").split("/"):
            need(isinstance(node, dict) and part in node, where, f"{reference} is not there")
            node = node[part]
        return node

    def resolve(self, node, where):
        return self.target(node["$ref"], where) if "$ref" in node else node

    def read_operations(self):
        by_id = {}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                operation = item[method]
                where = f"{method.upper()} {path}"
                need("operationId" in operation, where, "has no operationId")
                name = operation["operationId"]
                need(name not in by_id, where, f"operationId {name} is taken by {by_id.get(name, {}).get('path')}")
                unknown = {k for k in operation if k.startswith("x-")} - OPERATION_EXTENSIONS
                need(not unknown, where, f"unknown extension {', '.join(sorted(unknown))}")
                row = {"id": name, "method": method, "path": path, "operation": operation, "where": where,
                       "parameters": [self.resolve(p, where)
                                      for p in item.get("parameters", []) + operation.get("parameters", [])]}
                by_id[name] = row
                self.operations.append(row)
        for row in self.operations:
            self.inherit(row, by_id)
        for row in self.operations:
            self.check_operation(row)

    def inherit(self, row, by_id):
        alias = row["operation"].get("x-alias-of")
        row["canonical"] = row
        if not alias:
            return
        canonical = by_id.get(alias["operation"])
        need(canonical, row["where"], f"is an alias of {alias['operation']}, which is not there")
        need("x-alias-of" not in canonical["operation"], row["where"], "is an alias of an alias")
        row["canonical"] = canonical
        for key in INHERITED & set(canonical["operation"]):
            row["operation"].setdefault(key, canonical["operation"][key])

    def check_operation(self, row):
        operation, where = row["operation"], row["where"]
        row["public"] = operation.get("security", self.document["security"]) == []
        declared = {p["name"] for p in row["parameters"] if p["in"] == "path"}
        in_path = set(re.findall(r"{(\w+)}", row["path"]))
        need(declared == in_path, where, f"path names {sorted(in_path)}, parameters declare {sorted(declared)}")
        filled = set(operation.get("x-alias-of", {}).get("path-parameters", {}))
        missing = set(re.findall(r"{(\w+)}", row["canonical"]["path"])) - in_path - filled
        need(not missing, where, f"lacks {sorted(missing)} of the operation that it stands for")
        need(row["public"] or "x-permission" in operation or row["id"] == "ListMyOrganizations", where,
             "says no x-permission")
        need("x-errors" in operation, where, "says no x-errors")
        unknown = set(operation["x-errors"]) - set(ERROR_CODES)
        need(not unknown, where, f"unknown error {sorted(unknown)}")
        queries = {p["name"] for p in row["parameters"] if p["in"] == "query"} | self.body_fields(operation, where)
        for key, name in (("x-page", "page_size"), ("x-filter-fields", "filter"), ("x-update-mask", "update_mask")):
            need((key in operation) == (name in queries), where, f"{key} and the parameter {name} go together")

    def body_fields(self, operation, where):
        """Some lists take their arguments in a body."""
        if "requestBody" not in operation or operation.get("x-body-wrapper"):
            return set()
        schema = self.schema_of(self.resolve(operation["requestBody"], where)["content"], where)
        return set(self.schemas[schema].get("properties", {})) & {"page_size", "filter"} if schema else set()

    def schema_of(self, content, where):
        """The index of the schema that an answer or a body has, or none."""
        for kind in ("application/json", "application/x-ndjson"):
            if kind in content:
                schema = content[kind]["schema"]
                if "$ref" in schema:
                    return schema["$ref"].rsplit("/", 1)[1]
                need(schema.get("additionalProperties") is True, where, "an answer's schema is a $ref or open")
        return None

    # ---- fields -----------------------------------------------------------------------------------------------

    def field(self, owner, name, node):
        where = f"schemas.{owner}.{name}"
        flags = []
        if "allOf" in node:
            need(len(node["allOf"]) == 1, where, "allOf wraps one $ref")
            node = {**node, **node["allOf"][0]}
        outer, shape = node, "SHAPE_ONE"
        if node.get("type") == "array":
            shape = "SHAPE_ONE_OR_MANY" if node.get("x-one-or-many") else "SHAPE_ARRAY"
            node = node["items"]
        elif node.get("type") == "object" and isinstance(node.get("additionalProperties"), dict):
            shape = "SHAPE_MAP"
            node = node["additionalProperties"]
        elif node.get("type") == "object" and node.get("additionalProperties") is True and "properties" not in node:
            shape = "SHAPE_MAP"
            node = {}
        kind, ref = self.kind(where, owner, name, node)
        schema = self.schemas[owner]
        target = self.resolve(node, where)
        if name in schema.get("required", []):
            flags.append("FIELD_REQUIRED")
        if name in schema.get("x-exactly-one", []):
            flags.append("FIELD_CHOICE")
        if outer.get("readOnly") or target.get("readOnly"):
            flags.append("FIELD_READ_ONLY")
        if outer.get("writeOnly"):
            flags.append("FIELD_WRITE_ONLY")
        if outer.get("nullable"):
            flags.append("FIELD_NULLABLE")
        count_max = outer.get("maxProperties" if shape == "SHAPE_MAP" else "maxItems", 0)
        return (f"{{{text(name)}, {text(camel(name))}, {kind}, {shape}, {' | '.join(flags) or 0}, {ref}, "
                f"{target.get('minLength', 0)}, {target.get('maxLength', 0)}, {outer.get('minItems', 0)}, {count_max}}}")

    def kind(self, where, owner, name, node):
        if "$ref" in node:
            target = node["$ref"].rsplit("/", 1)[1]
            need(target in self.schemas, where, f"{node['$ref']} is not there")
            if target in self.enums:
                return "KIND_ENUM", f"ENUM_{words(target)}"
            return "KIND_OBJECT", f"SCHEMA_{words(target)}"
        if "enum" in node:
            inline = owner + "".join(part.capitalize() for part in name.split("_"))
            self.inline_enums[inline] = node
            return "KIND_ENUM", f"ENUM_{words(inline)}"
        if not node or node.get("type") == "object":
            need(node.get("additionalProperties", True) is True, where, "a nested object needs a schema of its own")
            return "KIND_ANY", "0"
        key = (node.get("type"), node.get("format"))
        need(key in FORMAT_KINDS, where, f"type {key[0]} with format {key[1]} is not one that the tables know")
        return FORMAT_KINDS[key], "0"

    # ---- writing ----------------------------------------------------------------------------------------------

    def header(self):
        out = ["/* Made by api/generate.py from api/openapi.yaml: edit that. */",
               "#ifndef CLERKWORK_API_CONTRACT_H", "#define CLERKWORK_API_CONTRACT_H", "",
               '#include "api/contract_types.h"', ""]

        def enumeration(name, members, count):
            out.append(f"typedef enum {name} {{")
            out.extend(f"    {m}," for m in members)
            out.append(f"    {count}")
            out.append(f"}} {name};\n")

        enumeration("OperationId", [f"OP_{words(r['id'])}" for r in self.operations], "OP_COUNT")
        enumeration("PathParameter", [f"PATH_{p.upper()}" for p in self.path_parameters()], "PATH_COUNT")
        enumeration("QueryParameter", [f"QUERY_{q.upper()}" for q in self.query_parameters()], "QUERY_COUNT")
        enumeration("SchemaId", [f"SCHEMA_{words(n)}" for n in self.objects], "SCHEMA_COUNT")
        enumeration("EnumId", [f"ENUM_{words(n)}" for n in self.all_enums()], "ENUM_COUNT")
        for name, node in self.all_enums().items():
            prefix = node.get("x-wire-prefix", "")
            members = [f"WIRE_{words(name)}_{v.removeprefix(prefix).upper()}" for v in node["enum"]]
            enumeration(f"Wire{name}", members, f"WIRE_{words(name)}_N")
        out.append(f"#define CONTRACT_BODY_DEPTH {self.document['x-body-depth']}")
        out.append("/* Refusals that every operation may give, as bits of ErrorCode. */")
        out.append(f"#define CONTRACT_COMMON_ERRORS {self.error_bits(self.document['x-common-errors'])}u\n")
        out.append("#endif")
        return "\n".join(out) + "\n"

    def all_enums(self):
        return {**{n: self.schemas[n] for n in self.enums}, **self.inline_enums}

    def path_parameters(self):
        return list(dict.fromkeys(p["name"] for r in self.operations for p in r["parameters"] if p["in"] == "path"))

    def query_parameters(self):
        return list(dict.fromkeys(p["name"].replace(".", "_") for r in self.operations for p in r["parameters"]
                                  if p["in"] == "query"))

    @staticmethod
    def error_bits(names):
        return sum(1 << ERROR_CODES[n] for n in names)

    def source(self):
        out = ["/* Made by api/generate.py from api/openapi.yaml: edit that. */", '#include "api/contract.h"', ""]
        self.write_enums(out)
        self.write_schemas(out)
        self.write_operations(out)
        self.write_routes(out)
        self.write_document(out)
        return "\n".join(out) + "\n"

    def write_enums(self, out):
        rows = []
        for name, node in self.all_enums().items():
            variable = f"enum_{words(name).lower()}"
            others = [(o, t) for o, ts in node.get("x-other-names", {}).items() for t in ts]
            for other, value in others:
                need(value in node["enum"], f"schemas.{name}", f"{other} stands for {value}, which is not a value")
            out.append(f"static const Str {variable}[] = {{{texts(node['enum'])}}};")
            if others:
                out.append(f"static const Str {variable}_others[] = "
                           f"{{{', '.join(text(o) + ', ' + text(t) for o, t in others)}}};")
            rows.append(f"    {{{text(name)}, {text(node.get('x-wire-prefix', ''))}, {variable}, {len(node['enum'])}, "
                        f"{variable + '_others' if others else 'NULL'}, {len(others)}}},")
        out += ["", "const ContractEnum contract_enums[ENUM_COUNT] = {", *rows, "};", ""]

    def write_schemas(self, out):
        rows = []
        for name in self.objects:
            schema = self.schemas[name]
            fields = schema.get("properties", {})
            for required in schema.get("required", []) + schema.get("x-exactly-one", []):
                need(required in fields, f"schemas.{name}", f"{required} is required but not a property")
            variable = f"fields_{words(name).lower()}"
            if fields:
                out.append(f"static const ContractField {variable}[] = {{")
                out += [f"    {self.field(name, f, node)}," for f, node in fields.items()]
                out.append("};")
            rows.append(f"    {{{text(name)}, {variable if fields else 'NULL'}, {len(fields)}, "
                        f"{'true' if 'x-exactly-one' in schema else 'false'}, "
                        f"{'true' if schema.get('additionalProperties') is True else 'false'}}},")
        out += ["", "const ContractSchema contract_schemas[SCHEMA_COUNT] = {", *rows, "};", ""]

    def write_operations(self, out):
        rows = [line for row in self.operations for line in self.operation_lines(row, out)]
        out += ["", "const ContractOperation contract_operations[OP_COUNT] = {", *rows, "};", ""]
        permissions = sorted({r["operation"]["x-permission"] for r in self.operations
                              if "x-permission" in r["operation"]})
        out.append(f"const Str contract_permissions[] = {{{texts(permissions)}}};")
        out.append(f"const size_t contract_permission_count = {len(permissions)};")
        names = [q for q in self.query_parameters()]
        out.append(f"const Str contract_query_names[QUERY_COUNT] = {{{texts(names)}}};\n")

    def operation_lines(self, row, out):
        operation, where = row["operation"], row["where"]
        prefix = words(row["id"]).lower()
        line = [f"    [OP_{words(row['id'])}] = {{", f"        .id = {text(row['id'])},",
                f"        .method = HTTP_{row['method'].upper()},", f"        .path = {text(row['path'])},",
                f"        .canonical = OP_{words(row['canonical']['id'])},"]

        def table(kind, name, values, member):
            if values:
                out.append(f"static const {kind} {name}_{prefix}[] = {{{', '.join(values)}}};")
                line.append(f"        .{member} = {name}_{prefix}, .n_{member} = {len(values)},")

        def pairs(values):
            return [v for k, t in values.items() for v in (text(k), text(t))]

        if row["public"]:
            line.append("        .open_to_all = true,")
        if "x-permission" in operation:
            action, resource = operation["x-permission"].split(":")
            line.append(f"        .permission = {text(operation['x-permission'])}, .action = {text(action)}, "
                        f".resource = {text(resource)},")
        line.append(f"        .errors = {self.error_bits(operation['x-errors'])}u,")
        table("ContractParameter", "parameters",
              [self.parameter(p, where) for p in row["parameters"] if p["in"] == "query"], "parameters")
        fills = operation.get("x-alias-of", {}).get("path-parameters", {})
        table("ContractPathFill", "fills", [f"{{PATH_{k.upper()}, {text(v)}}}" for k, v in fills.items()], "fills")
        if "x-page" in operation:
            page = operation["x-page"]
            line.append(f"        .page_default = {page['default']}, .page_maximum = {page['maximum']},")
        self.filter_lines(row, out, line, prefix)
        order = operation.get("x-order-by", [])
        table("Str", "order", [text(o.split()[0]) for o in order], "order_by")
        if order:
            line.append(f"        .order_default = {text(order[0])},")
        table("Str", "mask", [text(o) for o in operation.get("x-update-mask", [])], "update_mask")
        self.body_lines(row, line)
        table("Str", "aliases", pairs(operation.get("x-body-aliases", {})), "body_aliases")
        table("Str", "defaults", pairs(operation.get("x-body-defaults", {})), "body_defaults")
        if operation.get("x-long-poll"):
            line.append("        .long_poll = true,")
        if operation.get("x-stream"):
            line.append(f"        .stream = STREAM_{operation['x-stream'].upper()},")
        schema = self.schema_of(operation["responses"]["200"]["content"], where)
        line.append(f"        .response = {'SCHEMA_' + words(schema) if schema else 'CONTRACT_NO_SCHEMA'},")
        line.append("    },")
        return line

    def parameter(self, parameter, where):
        schema = parameter["schema"]
        most = schema.get("maxItems", 0)
        if schema.get("type") == "array":
            need(most > 0, where, f"{parameter['name']} may repeat, but has no maxItems")
            schema = schema["items"]
        kind, ref = self.kind(where, "Query", parameter["name"], schema)
        name = parameter["name"]
        default = schema.get("default", "")
        default = str(default).lower() if isinstance(default, bool) else default
        return (f"{{QUERY_{name.replace('.', '_').upper()}, {text(name)}, {text(camel(name))}, {kind}, {ref}, "
                f"{'true' if parameter.get('required') else 'false'}, {schema.get('minimum', 'INT64_MIN')}, "
                f"{schema.get('maximum', 'INT64_MAX')}, {schema.get('maxLength', 0)}, {text(default)}, {most}}}")

    def filter_lines(self, row, out, line, prefix):
        fields = row["operation"].get("x-filter-fields")
        if not fields:
            return
        rows = []
        also = [(other, i) for i, f in enumerate(fields.values()) for other in f.get("also", [])]
        listed = list(fields.items())
        for name, index in [(n, i) for i, n in enumerate(fields)] + also:
            field = listed[index][1]
            kind = field["type"]
            need(kind in FILTER_TYPES, row["where"], f"filter field {name} has unknown type {kind}")
            operators = field.get("operators", ORDERED if kind in ("time", "duration", "integer", "string") else ["=", "!="])
            bits = " | ".join(sorted({FILTER_OPERATORS[o] for o in operators}))
            values = "NULL, 0, {0}, NULL, 0"
            if kind == "enum":
                enum = self.schemas.get(field["enum"])
                need(enum and "enum" in enum, row["where"], f"filter field {name}: no enum {field['enum']}")
                variable = f"enum_{words(field['enum']).lower()}"
                others = sum(len(t) for t in enum.get("x-other-names", {}).values())
                values = (f"{variable}, {len(enum['enum'])}, {text(enum.get('x-wire-prefix', ''))}, "
                          f"{variable + '_others' if others else 'NULL'}, {others}")
            rows.append(f"{{{text(name)}, {FILTER_TYPES[kind]}, {bits}, {values}}}")
        out.append(f"static const FilterField filter_{prefix}[] = {{{', '.join(rows)}}};")
        line.append(f"        .filter_fields = filter_{prefix}, "
                    f".n_filter_fields = {len(rows)},")

    def body_lines(self, row, line):
        operation, where = row["operation"], row["where"]
        line.append(f"        .body_limit = {operation.get('x-body-limit', self.document['x-body-limit'])}u,")
        if "requestBody" not in operation:
            line.append("        .body = CONTRACT_NO_SCHEMA,")
            return
        body = self.resolve(operation["requestBody"], where)
        schema = self.schema_of(body["content"], where)
        line.append(f"        .body = SCHEMA_{words(schema)}," if schema else "        .body = CONTRACT_NO_SCHEMA,")
        if body.get("required"):
            line.append("        .body_required = true,")
        if operation.get("x-partial"):
            line.append("        .body_partial = true,")
        if "x-body-wrapper" in operation:
            line.append(f"        .body_wrapper = {text(operation['x-body-wrapper'])},")

    # ---- routes: a tree of segments; at its nodes, what each verb and method mean ---------------------------------

    def write_routes(self, out):
        root = {"literals": {}, "child": None, "ends": []}
        for row in self.operations:
            segments = row["path"].strip("/").split("/")
            last, _, verb = segments[-1].rpartition(":") if re.search(r":\w+$", segments[-1]) else (segments[-1], "", "")
            node = root
            for segment in segments[:-1] + [last]:
                if segment.startswith("{"):
                    if node["child"] is None:
                        node["child"] = (segment[1:-1], {"literals": {}, "child": None, "ends": []})
                    need(node["child"][0] == segment[1:-1], row["where"],
                         f"names {segment} what another path at the same place calls {{{node['child'][0]}}}")
                    node = node["child"][1]
                else:
                    node = node["literals"].setdefault(segment, {"literals": {}, "child": None, "ends": []})
            node["ends"].append((verb, row))
        nodes = []
        self.number(root, nodes)
        rows = []
        for index, node in enumerate(nodes):
            literals = [f"{{{text(k)}, {v['index']}}}" for k, v in sorted(node["literals"].items())]
            ends = [f"{{{text(v)}, HTTP_{r['method'].upper()}, OP_{words(r['id'])}}}" for v, r in node["ends"]]
            if literals:
                out.append(f"static const RouteEdge edges_{index}[] = {{{', '.join(literals)}}};")
            if ends:
                out.append(f"static const RouteEnd ends_{index}[] = {{{', '.join(ends)}}};")
            child, name = (node["child"][1]["index"], f"PATH_{node['child'][0].upper()}") if node["child"] else (0, "0")
            rows.append(f"    {{{f'edges_{index}' if literals else 'NULL'}, {len(literals)}, "
                        f"{f'ends_{index}' if ends else 'NULL'}, {len(ends)}, {child}, {name}}},")
        out += ["", "const RouteNode contract_routes[] = {", *rows, "};", ""]

    def number(self, node, nodes):
        node["index"] = len(nodes)
        nodes.append(node)
        for child in node["literals"].values():
            self.number(child, nodes)
        if node["child"]:
            self.number(node["child"][1], nodes)

    def write_document(self, out):
        served = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        out.append(f"const size_t contract_document_len = {len(served)};")
        out.append("const unsigned char contract_document[] = {")
        for at in range(0, len(served), 24):
            out.append("    " + ",".join(str(b) for b in served[at:at + 24]) + ",")
        out.append("};")


def main(arguments):
    source, header, code = arguments
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    try:
        contract = Contract(document)
        head = contract.header()
        body = contract.source()
    except ContractError as error:
        sys.exit(f"{source}: {error}")
    with open(header, "w", encoding="utf-8") as file:
        file.write(head)
    with open(code, "w", encoding="utf-8") as file:
        file.write(body)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1:])
