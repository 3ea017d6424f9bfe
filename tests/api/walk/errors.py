"""Every operation of the contract, called wrongly in every way there is: without a token, with an expired or revoked one, without
the permission, from another tenant, with a parent that is not there, with each field of its body and each parameter of the wrong
type, with an unknown enum, without what is required, and in each state that it refuses. Output is TAP.

    errors.py PROGRAM

What the refusals say is pinned in errors.golden, without names and values: one line a way of saying it. CLERKWORK_WRITE_GOLDEN=1
writes that file anew: read it aloud then."""
import copy
import os
import re
import sys

from contract import ROOT, Contract
from refusals import RACES, REFUSALS
from server import Server
from tap import Tap
from world import ROLES, World, leaf

GOLDEN = os.path.join(ROOT, "tests/api/walk/errors.golden")
NOWHERE = "nosuch-00000000000000"
STATUS = {"INVALID_ARGUMENT": (3, 400), "NOT_FOUND": (5, 404), "ALREADY_EXISTS": (6, 409), "PERMISSION_DENIED": (7, 403),
          "FAILED_PRECONDITION": (9, 400), "ABORTED": (10, 409), "OUT_OF_RANGE": (11, 400), "UNIMPLEMENTED": (12, 501),
          "RESOURCE_EXHAUSTED": (8, 429), "UNAUTHENTICATED": (16, 401), "UNAVAILABLE": (14, 503)}
# Queries without which a call does not get as far as its path.
NEEDED = {"stage": "AUTOMATION_STAGE_DRAFT", "time_zone": "UTC", "secret": "x", "target": "x", "signature": "x",
          "filter.time_window.start_time": "2026-01-01T00:00:00Z", "filter.time_window.end_time": "2026-02-01T00:00:00Z",
          "timeout": "0s", "metrics": "runs", "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-01T00:00:00Z"}
# Bodies where the contract has no example, or one that says where it goes.
BODIES = {"AssignException": {"assignee": ""}, "AssignExceptions": {"assignee": "", "filter": "run = \"none\""},
          "BatchResolveExceptions": {"skip": {}, "filter": "run = \"none\""}}
# Ranges are OUT_OF_RANGE with 416, as HTTP has it.
RANGES = 416
# FAILED_PRECONDITION in the threads of quill2, as their clients know it.
SECOND_FORM = 412


class Walk:
    def __init__(self, server, contract, tap):
        self.server, self.contract, self.tap, self.world = server, contract, tap, World(server)
        self.said = {}  # by case: the ways in which it was refused
        roles = [role for place in (self.world.w, self.world.o)
                 for role in server.must("GET", place + "/roles", query={"page_size": 1000})["roles"]]
        self.role_permissions = {leaf(role["name"]): set(role["permissions"]) for role in roles}
        self.permissions = sorted({o.permission for o in contract.operations if o.permission})

    # ---- calls ----

    def body(self, operation):
        content = operation.body_content("application/json")
        if operation.id in BODIES:
            return copy.deepcopy(BODIES[operation.id])
        return copy.deepcopy(content.get("example", {})) if content else None

    def query(self, operation):
        return {name: NEEDED[name] for name, p in operation.query.items() if p.get("required") or name == "timeout"}

    def call(self, operation, body=None, query=None, token="", parents=None):
        path = self.world.path(operation, **(parents or {}))
        if body is None:
            body = self.body(operation)
        if operation.id == "UploadByUrl":
            return self.server.call(operation.method, path, raw=b"x", query=self.query(operation) if query is None else query, token=token)
        return self.server.call(operation.method, path, body, query=self.query(operation) if query is None else query, token=token)

    def refused(self, case, reply, name, *parts, field=None):
        """[] when it is refused so, in the shape that every error has; what it says is kept for the golden file."""
        code, http = STATUS[name]
        problems = shape_problems(reply)
        if problems or reply.json["code"] != code or (name, reply.status) not in ((name, http), ("OUT_OF_RANGE", RANGES), ("FAILED_PRECONDITION", SECOND_FORM)):
            return problems or [f"{case}: {reply.status} {reply.json['message']}, not {name}"]
        message = reply.json["message"]
        fields = [v["field"] for d in reply.json["details"] for v in d.get("field_violations", [])]
        problems = [f"{case}: \"{message}\" does not say {part}" for part in parts if part not in message]
        if field is not None and field not in fields:
            problems.append(f"{case}: names {fields}, not {field}: {message}")
        told = [f"{v['field']}: {v['description']}" for d in reply.json["details"] for v in d.get("field_violations", [])
                if field is None or v["field"] == field] or [message]
        for text in told[:1]:
            self.said.setdefault(case, set()).add(f"{reply.status} {name}  {plain(text, self.contract)}")
        return problems


def shape_problems(reply):
    tree = reply.json
    if not isinstance(tree, dict) or set(tree) != {"code", "message", "details", "error"}:
        return [f"not an error: {reply.status} {reply.text[:300]}"]
    error = tree["error"]
    problems = [f"error says {error.get('code')}, HTTP {reply.status}"] * (error.get("code") != reply.status)
    problems += ["the two messages differ"] * (error.get("message") != tree["message"])
    problems += [f"{tree['code']} is {error.get('status')}"] * (STATUS.get(error.get("status"), (0,))[0] != tree["code"])
    problems += ["says nothing"] * (len(tree["message"]) < 5)
    return problems


def plain(text, contract):
    """The text without what is only of this call: ids, fields, values, lists of names."""
    text = re.sub(r"^[\w.\[\]]+: ", "{field}: ", text)
    text = re.sub(r"organizations/[\w/-]*", "{name}", text)
    text = re.sub(r"(?<![\w-])(?=[A-Z_]*[a-z0-9-])[\w-]{21}(?![\w-])", "{id}", text)
    text = re.sub(r"Role \d+", "Role {n}", text)
    text = re.sub(r"[\w-]+@acme.example", "{email}", text)
    text = re.sub(r"cannot be changed; .* can$", "cannot be changed; {names} can", text)
    text = text.replace(NOWHERE, "{id}")
    text = re.sub(r"(is not one of|there are:|possible here:|can be changed:|exactly one of) .*?(?= must be set|$)", r"\1 {names}", text)
    text = re.sub(r"\b(read|create|update|delete|publish|invoke|control|resolve|archive|assign|configure|approve|write):[A-Z]\w+", "{permission}", text)
    text = re.sub(r"the role (organization|workspace|automation)? ?\w+ lacks", "the role {role} lacks", text)
    return re.sub(r"\(and \d+ more", "(and {n} more", text)


# ---- who calls ----

def check_tokens(walk, operation):
    problems = []
    for case, token in (("no token", None), ("a token that is none", "nonsense"), ("a token with a wrong checksum", walk.server.ours["token"][:-1] + "!"),
                        ("an expired token", walk.world.expired), ("a revoked token", walk.world.revoked)):
        problems += walk.refused(case, walk.call(operation, token=token), "UNAUTHENTICATED")
    path = walk.world.path(operation)
    problems += walk.refused("another scheme", walk.server.call(operation.method, path, token=None, headers={"Authorization": "Basic YTpi"}),
                             "UNAUTHENTICATED")
    walk.tap.ok(f"{operation.id}: 401 without a token, with none, an expired and a revoked one", problems)


def check_permissions(walk, operation, narrow):
    """A token that has every permission but the one; then everybody, whose role has it or lacks it."""
    permission = operation.permission
    if not permission:
        walk.tap.ok(f"{operation.id}: any valid token will do")
        return
    problems = walk.refused("a token without the permission", walk.call(operation, token=narrow[permission]), "PERMISSION_DENIED", permission)
    if "organization" in operation.segments:
        for role, (_, token) in walk.world.people.items():
            problems += check_role(walk, operation, role, token)
    walk.tap.ok(f"{operation.id}: 403 without {permission}, by token and by role, and not with it", problems)


def harmless(walk, operation, token):
    """A call that gets past the permission and changes nothing: on what is not there, or with a body that is none."""
    inside = [s for s in operation.segments if s not in ("organization", "workspace")]
    if inside:
        return walk.call(operation, token=token, parents={inside[-1]: NOWHERE})
    if operation.method == "GET":
        return walk.call(operation, token=token)
    return walk.server.call(operation.method, walk.world.path(operation), raw=b"[]", token=token, query=walk.query(operation),
                            headers={"Content-Type": "application/json"})


def check_role(walk, operation, role, token):
    in_workspace = "workspace" in operation.segments
    holds = operation.permission in walk.role_permissions[role] and not (in_workspace and role == "org-member")
    if holds:
        reply = harmless(walk, operation, token)
        return [f"{role} holds {operation.permission}: {reply.status} {reply.text[:200]}"] * (reply.status in (401, 403))
    reply = walk.call(operation, token=token)
    return walk.refused("a role without the permission", reply, "PERMISSION_DENIED", operation.permission)


def check_tenants(walk, operation):
    problems, eve = [], walk.server.theirs
    if not operation.segments:
        return
    problems += walk.refused("another tenant", walk.call(operation, token=eve["token"]), "NOT_FOUND")
    theirs = {"organization": leaf(eve["organization"]), "workspace": leaf(eve["workspace"])}
    mixed = {k: v for k, v in theirs.items() if k in operation.segments}
    inside = [s for s in operation.segments if s not in theirs and s not in ("agent", "exception_group", "revision")]  # the same everywhere
    if mixed and inside and operation.id not in ("GetUserBasicInfo",):
        reply = walk.call(operation, token=eve["token"], parents=mixed)
        problems += walk.refused("a tenant asking at home for what is another's", reply, "NOT_FOUND")
    if "workspace" in operation.segments:
        problems += walk.refused("another tenant's workspace in one's own organization", walk.call(operation, parents={"workspace": theirs["workspace"]}), "NOT_FOUND")
    walk.tap.ok(f"{operation.id}: 404 from another tenant", problems)


def check_parents(walk, operation):
    problems = []
    for segment in operation.segments:
        absent = {"revision": "77.0", "agent": "nobody"}.get(segment, NOWHERE)
        problems += [f"{segment}: {p}" for p in walk.refused(f"no such {segment}", walk.call(operation, parents={segment: absent}), "NOT_FOUND")]
    if operation.segments:
        walk.tap.ok(f"{operation.id}: 404 for each of {', '.join(operation.segments)} that is not there", problems)


# ---- what is sent ----

WRONG = {("string", None): 7, ("string", "byte"): "?", ("string", "date-time"): "tomorrow", ("string", "duration"): "soon",
         ("string", "int64"): "many", ("integer", "int32"): "many", ("integer", "int64"): "many", ("number", None): "many",
         ("number", "double"): "many", ("boolean", None): "maybe", ("object", None): "text", ("array", None): {"a": 1}}


def wrong_fields(contract, schema, depth=0, seen=()):
    """(path, wrapper of the wrong value, wrong value, whether it is an enum) of every field that a request may hold."""
    choices = schema.get("x-exactly-one", [])
    for name, node in schema.get("properties", {}).items():
        field = contract.resolve(node)
        if node.get("readOnly") or field.get("readOnly"):
            continue
        alone = name in choices
        kind = (field.get("type"), field.get("format"))
        if "enum" in field:
            yield name, alone, "NO_SUCH_VALUE", True
        elif kind in WRONG:
            yield name, alone, 7 if field.get("x-one-or-many") else WRONG[kind], False
        if field.get("type") == "object" and "properties" in field and depth < 2 and id(field) not in seen:
            for path, _, value, enum in wrong_fields(contract, field, depth + 1, (*seen, id(field))):
                yield name + "." + path, alone, value, enum
        items = contract.resolve(field.get("items", {})) if field.get("type") == "array" else {}
        if "properties" in items and depth < 2 and id(items) not in seen:
            for path, _, value, enum in wrong_fields(contract, items, depth + 1, (*seen, id(items))):
                yield name + "[0]." + path, alone, value, enum


def with_wrong(body, path, alone, choices, value):
    """The body with this value at this path; of members of which one is set, this one alone."""
    body = {k: v for k, v in (body or {}).items() if not (alone and k in choices)}
    at, parts = body, path.split(".")
    for i, part in enumerate(parts):
        name, array = part.removesuffix("[0]"), part.endswith("[0]")
        inner = value if i == len(parts) - 1 else {}
        at[name] = [inner] if array else inner
        at = inner
    return body


def check_body(walk, operation):
    schema = operation.schema
    if not schema or not schema.get("properties"):
        return
    types, enums, n = [], [], 0
    choices = schema.get("x-exactly-one", [])
    for path, alone, value, enum in wrong_fields(walk.contract, schema):
        n += 1
        reply = walk.call(operation, body=with_wrong(walk.body(operation), path, alone, choices, value))
        case = "an unknown enum in the body" if enum else "a wrong type in the body"
        (enums if enum else types).extend(f"{path} = {value!r}: {p}" for p in walk.refused(case, reply, "INVALID_ARGUMENT", field=path))
    walk.tap.ok(f"{operation.id}: each of {n} fields of the body with a wrong type or an unknown name", types + enums)
    check_required(walk, operation, schema)


def check_required(walk, operation, schema):
    problems, partial = [], operation.get("x-partial")
    defaults = operation.node.get("x-body-defaults", {})
    for name in [] if partial else schema.get("required", []):
        if walk.contract.resolve(schema["properties"][name]).get("readOnly") or name in defaults:
            continue
        body = {k: v for k, v in walk.body(operation).items() if k != name}
        problems += walk.refused("a required field is missing", walk.call(operation, body=body), "INVALID_ARGUMENT", "is missing", field=name)
    path, query = walk.world.path(operation), walk.query(operation)
    for case, raw in (("a body that is no JSON", b'{"a":'), ("a body that is no object", b"[]")):
        reply = walk.server.call(operation.method, path, raw=raw, query=query, headers={"Content-Type": "application/json"})
        problems += walk.refused(case, reply, "INVALID_ARGUMENT")
    if walk.contract.resolve(operation.node["requestBody"]).get("required") and not partial:
        reply = walk.server.call(operation.method, path, query=query)
        problems += walk.refused("no body", reply, "INVALID_ARGUMENT")
    choices = schema.get("x-exactly-one", [])
    if choices:
        rest = {k: v for k, v in walk.body(operation).items() if k not in choices}
        problems += walk.refused("none of several", walk.call(operation, body=rest), "INVALID_ARGUMENT", "exactly one of")
    walk.tap.ok(f"{operation.id}: what is required of the body", problems)


BAD_QUERY = {"integer": "ten", "boolean": "maybe", "date-time": "yesterday", "duration": "soon", "enum": "NO_SUCH_VALUE"}


def check_query(walk, operation):
    problems, n = [], 0
    for name, parameter in operation.query.items():
        schema = walk.contract.resolve(parameter["schema"])
        kind = "enum" if "enum" in schema else schema.get("format") if schema.get("format") in BAD_QUERY else schema.get("type")
        if kind in BAD_QUERY:
            n += 1
            reply = walk.call(operation, query={**walk.query(operation), name: BAD_QUERY[kind]})
            problems += walk.refused(f"a parameter that is no {kind}", reply, "INVALID_ARGUMENT", field=name)
        if parameter.get("required"):
            n += 1
            left = {k: v for k, v in walk.query(operation).items() if k != name}
            problems += walk.refused("a required parameter is missing", walk.call(operation, query=left), "INVALID_ARGUMENT", field=name)
    if "update_mask" in operation.query:
        n += 1
        reply = walk.call(operation, query={"update_mask": "colour"})
        problems += walk.refused("an unknown field in the update mask", reply, "INVALID_ARGUMENT", "colour",
                                 operation.get("x-update-mask")[0], field="update_mask")
    if n:
        walk.tap.ok(f"{operation.id}: {n} parameters of a wrong kind or missing", problems)


# ---- when it is called ----

def check_states(walk, operation):
    """Each refusal that the contract declares beyond those above has a row that brings it about."""
    declared = operation.get("x-errors", []) + [name for i, name in REFUSALS if i == operation.id]
    for name in [] if operation.alias_of else dict.fromkeys(declared):
        key = (operation.id, name)
        if name == "NOT_FOUND":
            continue
        if key in RACES:
            walk.tap.ok(f"{operation.id}: {name}", race_problems(RACES[key](walk.world)))
        elif key in REFUSALS:
            walk.tap.ok(f"{operation.id}: {name}", walk.refused(f"{operation.id} {name}", REFUSALS[key](walk.world), name))
        else:
            walk.tap.ok(f"{operation.id}: {name}", "no row of refusals.py brings it about")


def race_problems(replies):
    refused = [reply for reply in replies if reply.status != 200]
    problems = [f"{len(replies) - len(refused)} succeeded, not one"] * (len(refused) != len(replies) - 1)
    problems += [p for reply in refused for p in shape_problems(reply)]
    return problems + [reply.text[:200] for reply in refused if reply.json["code"] not in (STATUS["ABORTED"][0], STATUS["FAILED_PRECONDITION"][0])]


def golden_text(walk):
    lines = ["# What refusals say, by what is wrong: HTTP status, code, message. Made by errors.py: see there."]
    for case in sorted(walk.said):
        lines += ["", case] + ["    " + said for said in sorted(walk.said[case])]
    return "\n".join(lines) + "\n"


def check_golden(walk):
    text = golden_text(walk)
    if os.environ.get("CLERKWORK_WRITE_GOLDEN"):
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write(text)
    pinned = open(GOLDEN, encoding="utf-8").read().splitlines() if os.path.exists(GOLDEN) else []
    now = text.splitlines()
    walk.tap.ok("refusals say what errors.golden says", [f"new: {line}" for line in now if line not in pinned] +
                [f"gone: {line}" for line in pinned if line not in now])


def main():
    tap, contract = Tap(), Contract()
    tap.ok("every row of refusals.py is of the contract",
           [f"{i} {name}" for i, name in [*REFUSALS, *RACES]
            if i not in contract.by_id or name not in contract.by_id[i].get("x-errors", []) + contract.document["x-common-errors"]])
    with Server(sys.argv[1]) as server:
        walk = Walk(server, contract, tap)
        secured = [operation for operation in contract.operations if not operation.public]
        narrow = {}
        for permission in walk.permissions:  # one at a time: tokens are few
            made = walk.world.token("narrow", [p for p in walk.permissions if p != permission])
            narrow[permission] = made["secret"]
            for operation in secured:
                if operation.permission == permission:
                    check_permissions(walk, operation, narrow)
            server.must("DELETE", "/api/v1/" + made["name"])
        for operation in secured:
            check_tokens(walk, operation)
            check_tenants(walk, operation)
            check_parents(walk, operation)
        for operation in contract.operations:
            check_body(walk, operation)
            check_query(walk, operation)
        for operation in contract.operations:
            check_states(walk, operation)
        check_golden(walk)
    return tap.end()


sys.exit(main())
