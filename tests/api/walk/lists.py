"""Every list operation of the contract, walked by one table: sizes, tokens, filters, orders, totals, and what happens to a
walk while rows are inserted. An operation without a row fails, and so does a row without its operation. Output is TAP.

    lists.py PROGRAM

What a filter should give is computed here from the whole list, by reading the items: `fields` says where in an item the
value of a filter field stands."""
import sys

from contract import Contract
from server import Server
from tap import Tap
from world import ASKING, EMPTY_ORDER, World, leaf

SIGNS = ("=", "!=", "<", "<=", ">", ">=", ":", "contains")
ORDERED = ["=", "!=", "<", "<=", ">", ">="]
LETTERS = "abcdefghk"
QUESTIONS = [a + b for a in LETTERS for b in LETTERS]


# ---- where values stand ----

def at(*path):
    def get(item):
        for name in path:
            item = item.get(name) if item is not None else None
        return item
    return get


def leaf_at(*path):
    get = at(*path)
    return lambda item: leaf(get(item)) if get(item) else None


def node_kind(item):
    return next((v["node_kind"] for v in item.get("execution_journal", {}).values() if isinstance(v, dict) and "node_kind" in v), None)


def stage_of(version):
    return "PUBLISHED" if version and version.endswith(".0") else "DRAFT"


TITLE = {"title": at("title")}
USER = {"role": lambda item: [role["name"] for role in item["roles"]],
        "role_scope": lambda item: [role["role_scope"] for role in item["roles"]],
        "search": lambda item: [item["user"]["display_name"], item["user"]["email"]]}
TIMES = {"create_time": at("create_time"), "update_time": at("update_time")}
RUN = {"state": lambda item: next(iter(item["state"])), "stage": at("stage"), "version": at("stage_version"),
       "source": at("invocation_details", "invocation_source"), **TIMES, "automation": lambda item: item["name"].split("/")[5]}
EXCEPTION = {"state": at("state"), "automation": leaf_at("automation"), "group": leaf_at("group"), "run": leaf_at("run"),
             "assignee": leaf_at("assignee"), "stage": at("stage"), "due_time": at("due_time"), **TIMES}
GUIDE = {"title": at("title"), "resolution_steps": at("resolution_steps"), "resolution_code": at("resolution_code"),
         "resolution_notes": at("resolution_notes"), "automation": leaf_at("automation"), "content": at("content"),
         "state": at("state"), **TIMES}


class Row:
    """`more(walk)` makes one more item, where the row does not say `fixed` and why. `few` says why there are never more than the
    default of a page. `address(walk)` is the list's, when not the usual one. `fields` and `orders` find values in items. Counts
    are made `of` the items of another list: `count` maps such an item to what it is counted under."""

    def __init__(self, more=None, fixed=None, few=None, address=None, fields=None, orders=None, of=None, count=None, body=None):
        self.more, self.fixed, self.few, self.address = more, fixed, few, address
        self.fields, self.orders, self.of, self.count, self.body = fields or {}, orders or {}, of, count, body


def workspace(walk):
    walk.call("POST", walk.w.o + "/workspaces", {"title": walk.w.fresh("Workspace")})


def role(place):
    return lambda walk: walk.call("POST", getattr(walk.w, place) + "/roles",
                                  {"title": walk.w.fresh("Role"), "permissions": ["read:Run"]})


def revision(walk):
    text = f"output {walk.w.n} as \"{walk.w.fresh('output')}\"\n"
    walk.call("PATCH", walk.edited, {"english_code": text})


def answer(walk):
    """The next question of the run of many questions; its answer is remembered."""
    state = walk.call("GET", walk.questions + ":wait?timeout=30s")["state"]
    walk.call("POST", "/api/v1/" + state["awaiting_guidance"]["exception"] + ":resolve",
              {"use": {"text": walk.w.fresh("answer")}, "remember": True})
    walk.call("GET", walk.questions + ":wait?timeout=30s")


def say(walk):
    walk.call("POST", walk.w.parked_run + "/agents/astral/events", {"user_message": {"content": walk.w.fresh("what about order")}})


def join_theirs(walk):
    invited = walk.call("POST", "/api/v1/" + walk.server.theirs["organization"] + "/invites",
                        {"email": "ada@acme.example", "role": "org-member"}, token=walk.server.theirs["token"])
    walk.call("POST", "/api/v1/invitations:accept", {"secret": invited["secret"]})


PHASES = ["PHASE_TYPE_PRE", "PHASE_TYPE_MAIN", "PHASE_TYPE_POST"]
SOURCES = ["PHASE_SUB_TYPE_EMAIL", "PHASE_SUB_TYPE_SCHEDULE", "PHASE_SUB_TYPE_WEBHOOK", "PHASE_SUB_TYPE_API"]


def thread(walk):
    walk.call("POST", walk.w.closing + "/agents/quill/threads", {"title": walk.w.fresh("thread")})


THREAD = {"automation": leaf_at("automation"), "create_time": at("create_time")}
RUNS = Row(lambda w: w.w.run(w.w.closing, wait=False), fields=RUN)
EVENTS = {"exception": leaf_at("exception")}
COUNTED = {"group": leaf_at("group"), "automation": at("automation"), "assignee": at("assignee")}
ROWS = {
    "ListMyOrganizations": Row(join_theirs, fields=TITLE),
    "ListMyWorkspaces": Row(workspace, fields=TITLE),
    "ListWorkspaces": Row(workspace, fields=TITLE, orders={"create_time": at("create_time"), "update_time": at("update_time"),
                                                           "title": at("title")}),
    "ListOrganizationUsers": Row(lambda w: w.w.join(w.w.o, "org-member", w.w.fresh("Guest")), fields=USER,
                                 orders={"display_name": at("user", "display_name"), "email": at("user", "email"),
                                         "created_time": None, "updated_time": None}),
    "ListWorkspaceUsers": Row(lambda w: w.w.join(w.w.w, "operator", w.w.fresh("Guest")), fields=USER,
                              orders={"display_name": at("user", "display_name"), "email": at("user", "email"),
                                      "created_time": None, "updated_time": None}),
    "ListOrganizationRoles": Row(role("o")),
    "ListWorkspaceRoles": Row(role("w")),
    "ListOrganizationUserInvites": Row(lambda w: w.w.invite(w.w.o, "org-member")),
    "ListWorkspaceUserInvites": Row(lambda w: w.w.invite(w.w.w, "operator")),
    "ListAutomations": Row(lambda w: w.w.automation(publish=w.w.n % 2), fields={
        "state": lambda item: ["AUTOMATION_STAGE_PUBLISHED"] * bool(item.get("latest_published_version")) +
                              ["AUTOMATION_STAGE_DRAFT"] * (not item.get("latest_published_version")),
        "display_name": at("display_name"), **TIMES}),
    "ListAutomationRevisions": Row(revision, address=lambda w: w.edited + "/revisions", fields={
        "stage": lambda item: stage_of(item["snapshot"]["version"])}),
    "ListDefaultInputsHistory": Row(
        lambda w: w.call("PATCH", w.kept, {"default_inputs": {"price": {"text": w.w.fresh("default").split()[-1]}}}),
        address=lambda w: w.kept + ":listDefaultInputsHistory"),
    "ListAutomationTriggers": Row(
        lambda w: w.call("POST", w.edited + "/triggers", {"trigger_id": w.w.fresh("trigger"), "phase_type": PHASES[w.w.n % 3],
                                                          "phase_sub_type": SOURCES[w.w.n % 4]}),
        address=lambda w: w.edited + "/triggers",
        fields={name: at(name) for name in ("trigger_id", "phase_type", "phase_sub_type")}),
    "ListRuns": RUNS,
    "ListWorkspaceRuns": RUNS,
    "ListRunEvents": Row(answer, address=lambda w: w.questions + "/events", fields={"node_kind": node_kind}),
    "ListExceptions": Row(lambda w: w.w.parked(), fields=EXCEPTION),
    "CountExceptionsByGroup": Row(fixed="there are three groups", few="there are three groups", fields=EXCEPTION,
                                  of="ListExceptions", count=COUNTED["group"]),
    "CountExceptionsByAutomation": Row(lambda w: w.w.parked(w.w.automation(ASKING)), fields=EXCEPTION, of="ListExceptions",
                                       count=COUNTED["automation"]),
    "CountExceptions": Row(lambda w: w.w.parked(w.w.automation(ASKING)), fields=EXCEPTION, of="ListExceptions",
                           count=COUNTED["automation"], body={"count_by": "automation"}),
    "ListExceptionGroups": Row(fixed="there are three groups", few="there are three groups"),
    "ListAgentEvents": Row(say, fields=EVENTS),
    "ListExceptionEvents": Row(say, fields=EVENTS),
    "ListThreads": Row(thread, fields=THREAD),
    "ListWorkspaceThreads": Row(thread, fields=THREAD),
    "ListThreadMessages": Row(lambda w: w.w.say("show")),
    "ListWorkspaceThreadMessages": Row(lambda w: w.w.say("show")),
    "ListGuideEntries": Row(answer, address=lambda w: w.questioner + "/guideEntries", fields=GUIDE),
    "ListGuides": Row(answer, address=lambda w: w.questioner + "/guides", fields=GUIDE),
    "ListWebhooks": Row(lambda w: w.w.webhook(), few="a workspace has at most fifty webhooks"),
    "ListWebhookDeliveries": Row(lambda w: w.call("POST", "/api/v1/" + w.w.hook + ":test", {}),
                                 fields={"state": at("state"), "create_time": at("create_time")}),
    "ListTriggers": Row(lambda w: w.w.trigger(), fields={"automation": leaf_at("automation")},
                        few="a workspace has at most a hundred triggers"),
    "ListTriggerEvents": Row(lambda w: w.call("POST", w.w.trigger_made["path"], {"price": w.w.n}),
                             fields={"outcome": at("outcome"), "create_time": at("create_time")}),
    "ListTokens": Row(lambda w: w.w.token(w.w.fresh("token")), few="a user has at most ten tokens"),
}
# Texts that are looked up, so that a part of them with a * finds nothing: that is refused.
WHOLE = ("role",)
# Of these there are so many that the greatest page does not hold them.
MANY = ("ListMyWorkspaces", "ListWorkspaces", "ListRuns", "ListWorkspaceRuns")


class Walk:
    def __init__(self, server, contract, tap):
        self.server, self.contract, self.tap = server, contract, tap
        self.w = World(server)
        self.call = server.must
        text = "inputs\n  the order is a dictionary\n\n" + "".join(
            f"the number {q} is the order's number {q}\noutput the number {q} as \"{q}\"\n" for q in QUESTIONS)
        self.questioner = self.w.automation(text)
        self.questions = self.w.run(self.questioner, EMPTY_ORDER)
        self.edited, self.kept = self.w.automation(), self.w.automation()
        self.make_various()

    def make_various(self):
        """Exceptions and runs of every state, exceptions of several groups."""
        self.w.run(self.w.automation("the total is 1 divided by 0\noutput the total as \"total\"\n"))
        for change, body in ((":archive", {}), (":assign", {"assignee": "users/" + self.w.people["operator"][0]}),
                             (":resolve", {"skip": {}})):
            self.call("POST", self.w.parked()[1] + change, body)
        for due in ("2027-04-14T09:00:00Z", "2027-04-15T09:00:00.5Z"):
            self.call("PATCH", self.w.parked()[1], {"due_time": due})
        self.call("POST", self.w.parked()[0] + ":cancel", {"reason": "not wanted"})
        self.w.run(self.w.closing, stage="AUTOMATION_STAGE_DRAFT")
        self.call("PATCH", self.w.closing, {"description": "closes"})
        self.w.run(self.w.closing, stage="AUTOMATION_STAGE_DRAFT")

    # ---- one list ----

    def address(self, operation):
        row = ROWS[operation.id]
        return row.address(self) if row.address else self.w.path(operation)

    def ask(self, operation, arguments=None, token="", address=None):
        """One page; arguments go where the operation takes them."""
        address, row = address or self.address(operation), ROWS[operation.id]
        if operation.method == "POST":
            return self.server.call("POST", address, {**(row.body or {}), **(arguments or {})}, token=token)
        return self.server.call("GET", address, query=arguments, token=token)

    def items(self, operation, reply):
        if operation.id == "CountExceptions":
            return reply.json["automation_counts"]
        return reply.json[operation.list_key]

    def page(self, operation, arguments=None):
        reply = self.ask(operation, arguments)
        assert reply.status == 200, f"{operation.id} {arguments}: {reply.text[:300]}"
        return self.items(operation, reply), reply.json.get("next_page_token", ""), reply.json

    def all(self, operation, arguments=None, size=1000, between=None):
        """Every item, page by page; `between` is called once, after the first page."""
        found, token = [], None
        while token != "":
            page, token, _ = self.page(operation, {**(arguments or {}), "page_size": size, **({"page_token": token} if token else {})})
            found += page
            if between:
                between(self)
                between = None
        return found


def refused(reply, field, *parts):
    """[] when the call is refused for this field with these words."""
    if reply.status != 400 or reply.json.get("code") != 3:
        return [f"is answered with {reply.status}: {reply.text[:300]}"]
    named = [v["field"] for d in reply.json["details"] for v in d.get("field_violations", [])]
    missing = [part for part in parts if part not in reply.json["message"]]
    return [f"names {named}, not {field}: {reply.text[:300]}"] * (field not in named) + \
           [f"\"{reply.json['message']}\" does not say {missing}"] * bool(missing)


# ---- sizes ----

def check_sizes(walk, operation):
    page, row, tap = operation.get("x-page"), ROWS[operation.id], walk.tap
    wanted = page["maximum"] + 1 if operation.id in MANY else page["default"] + 1
    while not row.few and len(walk.all(operation)) < wanted:
        for _ in range((wanted - len(walk.all(operation)) + 3) // 4):  # one `more` may make several items
            row.more(walk)
    while row.few and not row.fixed and len(walk.all(operation)) < 5:
        row.more(walk)
    n = len(walk.all(operation))
    problems = [f"has {n} items, more than a page: it is not so that {row.few}"] * bool(row.few and n > page["default"])
    for size, expected in ((None, page["default"]), (0, page["default"]), (1, 1), (2, 2), (page["maximum"], page["maximum"]),
                           (page["maximum"] + 1, page["maximum"]), (2 ** 31 - 1, page["maximum"])):
        got = len(walk.page(operation, {} if size is None else {"page_size": size})[0])
        if got != min(n, expected):
            problems.append(f"page_size {size} gives {got} of {n}, not {min(n, expected)}")
    tap.ok(f"{operation.id}: sizes, {n} items, default {page['default']}, at most {page['maximum']}", problems)
    tap.ok(f"{operation.id}: a negative size is refused", refused(walk.ask(operation, {"page_size": -1}), "page_size", "-1"))
    tap.ok(f"{operation.id}: a size beyond all numbers is refused", refused(walk.ask(operation, {"page_size": 10 ** 15}), "page_size"))
    tap.ok(f"{operation.id}: a size that is no number is refused", refused(walk.ask(operation, {"page_size": "ten"}), "page_size"))


def check_spellings(walk, operation):
    _, token, _ = walk.page(operation, {"page_size": 1})
    one, _, _ = walk.page(operation, {"page_size": 1, "page_token": token})
    other, _, _ = walk.page(operation, {"pageSize": 1, "pageToken": token})
    walk.tap.ok(f"{operation.id}: both spellings of the parameters",
                [] if one == other and len(one) == 1 else f"{one}\n{other}")


# ---- tokens ----

def check_tokens(walk, operation):
    tap, spoilt = walk.tap, []
    first, token, _ = walk.page(operation, {"page_size": 1})
    for place in sorted({0, 1, len(token) // 2, len(token) - 2}):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1:]
        spoilt.append(changed)
    spoilt += [token[:-1], token[:-4], token + "AAAA", token * 2, "nonsense", "0", "a" * 4000, "%00"]
    tap.ok(f"{operation.id}: a token that was changed is refused",
           [p for t in spoilt for p in refused(walk.ask(operation, {"page_token": t}), "page_token")])
    again, _, _ = walk.page(operation, {"page_size": 2, "page_token": token})
    tap.ok(f"{operation.id}: another size goes on at the same place", [] if first[0] not in again else f"{first} {again}")
    tap.ok(f"{operation.id}: somebody else's token is refused",
           refused(walk.ask(operation, {"page_token": token}, token=walk.others_token(operation)), "page_token"))
    foreign = "ListTokens" if operation.id != "ListTokens" else "ListMyWorkspaces"
    _, theirs, _ = walk.page(walk.contract.by_id[foreign], {"page_size": 1})
    tap.ok(f"{operation.id}: another operation's token is refused", refused(walk.ask(operation, {"page_token": theirs}), "page_token"))
    for arguments in walk.changed_arguments(operation):
        tap.ok(f"{operation.id}: a token with another {'/'.join(arguments)} is refused",
               refused(walk.ask(operation, {**arguments, "page_token": token}), "page_token"))
    other = walk.other_parent(operation)
    if other:
        tap.ok(f"{operation.id}: a token of another parent is refused",
               refused(walk.ask(operation, {"page_token": token}, address=other), "page_token"))


def others_token(walk, operation):
    """Of somebody who may list the same."""
    if "{workspace}" in operation.path:
        return walk.w.people["workspace-admin"][1]
    return walk.w.people["org-member"][1]


def changed_arguments(walk, operation):
    """Arguments that the token was not made for."""
    changed = []
    for name, spec in list(operation.get("x-filter-fields", {}).items())[:1]:
        field = Field(walk, name, spec, None)
        changed.append({"filter": f"{name} {sorted(field.signs)[0]} {literal(field.samples([])[-1])}"})
    if len(operation.get("x-order-by", [])) > 1:
        changed.append({"order_by": operation.get("x-order-by")[1].split()[0]})
    if "show_deleted" in operation.query:
        changed.append({"show_deleted": "true"})
    return changed


def other_parent(walk, operation):
    """The same list elsewhere, where the caller may look as well."""
    path = operation.path
    if operation.id == "ListExceptionEvents":
        return None  # an exception has one run: it is nowhere else
    if "{thread}" in path:
        return walk.w.path(operation, thread=leaf(walk.w.other_thread))
    if "{run}" in path:
        return walk.w.path(operation, automation=leaf(walk.w.closing), run=leaf(walk.w.ran))
    if "{automation}" in path:
        return walk.w.path(operation, automation=leaf(walk.w.asking))
    if "{workspace}" in path:
        return walk.w.path(operation, workspace=walk.second_workspace())
    if "{organization}" in path:
        return walk.w.path(operation, organization=walk.server.more[0].split("/")[1])
    return None


def second_workspace(walk):
    spaces = walk.call("GET", walk.w.o + "/workspaces", query={"page_size": 2, "filter": "title : \"Workspace\""})["workspaces"]
    return leaf(spaces[0]["name"])


Walk.others_token, Walk.changed_arguments = others_token, changed_arguments
Walk.other_parent, Walk.second_workspace = other_parent, second_workspace


# ---- pages and inserts ----

def identity(item):
    """What tells an item of a list from the others."""
    if "run_update" in item:  # the run in it goes on
        return "run_update " + repr(item["run_update"]["run"]["state"])
    return item.get("name") or item.get("user", {}).get("name") or repr(item)


def check_walk(walk, operation):
    whole = walk.all(operation)
    small = walk.all(operation, size=max(1, len(whole) // 7))
    names = [identity(item) for item in whole]
    problems = [] if [identity(item) for item in small] == names else ["small pages give other items or another order"]
    problems += ["an item occurs twice"] * (len(set(names)) != len(names))
    walk.tap.ok(f"{operation.id}: {len(whole)} items are the same in pages of any size", problems)


def counted_under(count):
    """The name that a count of counts is of."""
    under = count.get("group") or count.get("automation") or count.get("assignee") or ""
    return under["name"] if isinstance(under, dict) else under


def check_inserts(walk, operation):
    row = ROWS[operation.id]
    if row.fixed:
        walk.tap.ok(f"{operation.id}: nothing is inserted: {row.fixed}")
        return
    before = [identity(item) for item in walk.all(operation)]
    if row.of:  # counts change as rows come; whatever is counted under must still be there once
        before = [counted_under(item) for item in walk.all(operation)]
        during = [counted_under(item) for item in walk.all(operation, size=max(1, len(before) // 3), between=row.more)]
    else:
        during = [identity(item) for item in walk.all(operation, size=max(1, len(before) // 3), between=row.more)]
    problems = [f"{name} was lost" for name in before if name not in during]
    problems += ["an item occurs twice"] * (len(set(during)) != len(during))
    problems += ["what was inserted shifts those that were there"] * ([n for n in during if n in set(before)] != before)
    walk.tap.ok(f"{operation.id}: a walk keeps its place while a row is inserted", problems)


# ---- filters ----

def values_of(get, item):
    value = get(item)
    return [v for v in (value if isinstance(value, list) else [value]) if v not in (None, "")]


def short(value, prefix):
    return value.upper().removeprefix(prefix.upper())


class Field:
    """A filter field: which operators the contract gives it, and what they should find."""

    def __init__(self, walk, name, spec, get):
        self.name, self.spec, self.get, self.type = name, spec, get, spec["type"]
        self.enum = walk.contract.document["components"]["schemas"][spec["enum"]] if self.type == "enum" else {}
        self.prefix = self.enum.get("x-wire-prefix", "")
        default = ORDERED if self.type in ("time", "integer", "string") else ["=", "!="]
        self.signs = set(spec.get("operators", default))
        self.signs |= {":", "contains"} if "=" in self.signs and self.type != "string" else set()
        self.signs |= {":", "contains"} if self.signs & {":", "contains"} else set()

    def holds(self, item, sign, value):
        has = values_of(self.get, item)
        if sign == "!=":
            return not self.holds(item, "=", value)
        if self.type == "enum":
            names = self.enum.get("x-other-names", {}).get(value, [value])
            return bool({short(n, self.prefix) for n in names} & {short(v, self.prefix) for v in has})
        if self.type == "resource":
            return leaf(value) in map(leaf, has)
        if sign in (":", "contains") and self.type == "string":
            return any(value.lower() in v.lower() for v in has)
        tests = {"=": lambda v: v == value, ":": lambda v: v == value, "contains": lambda v: v == value, "<": lambda v: v < value,
                 "<=": lambda v: v <= value, ">": lambda v: v > value, ">=": lambda v: v >= value}
        return any(tests[sign](v) for v in has)

    def samples(self, items):
        """Values that occur, seldom ones first, and one that does not."""
        found = [v for item in items for v in values_of(self.get, item)]
        ordered = sorted(set(found), key=lambda v: (found.count(v), str(v)))
        full_names = [v for v in ordered if isinstance(v, str) and "/" in v]  # where short and full names stand side by side
        some = ordered[:3] + ordered[-1:] + full_names[:1]
        if self.type == "enum":
            values = [v for v in self.enum["enum"] if not v.endswith("_UNSPECIFIED")]
            return list(dict.fromkeys(values + [short(v, self.prefix).lower() for v in values] + list(self.enum.get("x-other-names", {}))))
        absent = {"time": "2001-01-01T00:00:00.000000Z"}.get(self.type, "there-is-none-such")
        return list(dict.fromkeys(some + [absent]))


def literal(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*").replace("\n", "\\n") + '"'


def expected(row, items, test):
    """What the list should hold: the items that pass, or the counts of those that do."""
    passing = [item for item in items if test(item)]
    if not row.of:
        return sorted(identity(item) for item in passing)
    counts = {}
    for item in passing:
        under = row.count(item) or ""
        counts[leaf(under)] = counts.get(leaf(under), 0) + 1
    return sorted(counts.items())


def found_by(walk, operation, text):
    row = ROWS[operation.id]
    first = walk.ask(operation, {"filter": text})
    if first.status != 200:
        return [first.text[:300]]
    items = walk.all(operation, {"filter": text})
    if not row.of:
        return sorted(identity(item) for item in items)
    return sorted((leaf(counted_under(item)), item["count"]) for item in items)


def check_filters(walk, operation):
    row, specs = ROWS[operation.id], operation.get("x-filter-fields", {})
    unknown = walk.ask(operation, {"filter": "colour = \"red\""}) if "filter" in operation.query or operation.method == "POST" else None
    if not specs:
        walk.tap.ok(f"{operation.id}: takes no filter", [] if unknown is None else "declares a filter without fields")
        return
    walk.tap.ok(f"{operation.id}: every filter field has its place in an item",
                [f"no row says where {name} stands" for name in specs if name not in row.fields] +
                [f"{name} is no field of the contract" for name in row.fields if name not in specs])
    items = walk.all(walk.contract.by_id[row.of] if row.of else operation)
    walk.tap.ok(f"{operation.id}: an unknown field is refused, naming those that there are",
                refused(unknown, "filter", "colour", *specs))
    for name, spec in specs.items():
        if name in row.fields:
            check_field(walk, operation, Field(walk, name, spec, row.fields[name]), items)


def check_field(walk, operation, field, items):
    problems, row, asked = [], ROWS[operation.id], 0
    samples = field.samples(items)
    names = [field.name] + field.spec.get("also", [])
    for sign in SIGNS:
        for value in samples if sign in field.signs else samples[:1]:
            text = f"{field.name} {sign} {literal(value)}"
            if sign not in field.signs:
                say = [s for s in ("=", "!=", "<", "<=", ">", ">=") if s in field.signs]
                problems += [f"{text}: {p}" for p in refused(walk.ask(operation, {"filter": text}), "filter", field.name, *say)]
                continue
            wanted = expected(row, items, lambda item: field.holds(item, sign, value))
            asked += 1
            for name in names:
                text = f"{name} {sign} {literal(value)}"
                got = found_by(walk, operation, text)
                if got != wanted:
                    problems.append(f"{text}: finds {len(got)}, not {len(wanted)} of {len(items)}: {got[:2]} {wanted[:2]}")
    problems += check_combined(walk, operation, field, items, samples)
    walk.tap.ok(f"{operation.id}: filter by {field.name}, {asked} questions", problems)


def check_combined(walk, operation, field, items, samples):
    """Sets, negation, presence, alternatives, camel case."""
    row, problems = ROWS[operation.id], []
    first, last = samples[0], samples[-1]
    camel = "".join(p.title() if i else p for i, p in enumerate(field.name.split("_")))
    cases = []
    if "=" in field.signs:
        either = [f"{field.name} IN [{literal(first)}, {literal(last)}]", f"{field.name} = ({literal(first)} OR {literal(last)})",
                  f"{field.name} = {literal(first)} OR {field.name} = {literal(last)}", f"{camel} in [{literal(first)},{literal(last)}]"]
        cases += [(text, lambda i: field.holds(i, "=", first) or field.holds(i, "=", last)) for text in either]
        cases += [(text, lambda i: not field.holds(i, "=", first)) for text in
                  (f"NOT {field.name} = {literal(first)}", f"-{field.name} = {literal(first)}")]
    if "=" in field.signs and field.type == "string" and len(first) > 2 and field.name not in WHOLE:
        head, tail = literal(first[:2])[1:-1], literal(first[-2:])[1:-1]
        cases += [(f"{field.name} = \"{head}*\"", lambda i: any(v.startswith(first[:2]) for v in values_of(field.get, i))),
                  (f"{field.name} = \"*{tail}\"", lambda i: any(v.endswith(first[-2:]) for v in values_of(field.get, i))),
                  (f"{field.name} = \"*{tail}*\"", lambda i: any(first[-2:] in v for v in values_of(field.get, i)))]
    sign = "=" if "=" in field.signs else ":"
    if field.name in WHOLE:
        problems += refused(walk.ask(operation, {"filter": f"{field.name} = \"{first[:2]}*\""}), "filter", field.name, "whole")
    cases.append((f"{camel} {sign} {literal(first)}", lambda i: field.holds(i, sign, first)))
    if ":" in field.signs:
        cases.append((f"{field.name}:*", lambda i: bool(values_of(field.get, i))))
    for text, test in cases:
        got, wanted = found_by(walk, operation, text), expected(row, items, test)
        if got != wanted:
            problems.append(f"{text}: finds {len(got)}, not {len(wanted)} of {len(items)}: {got[:2]} {wanted[:2]}")
    return problems


# ---- orders and totals ----

def check_orders(walk, operation):
    row, orders = ROWS[operation.id], operation.get("x-order-by", [])
    if len(orders) < 2:
        return
    names = [order.split()[0] for order in orders]
    walk.tap.ok(f"{operation.id}: every order has its place in an item",
                [f"no row says where {name} stands" for name in names if name not in row.orders])
    for name in names:
        up = walk.all(operation, {"order_by": name}, size=7)
        camel = "".join(part.title() if i else part for i, part in enumerate(name.split("_")))
        down = walk.all(operation, {"orderBy": camel + " desc"}, size=7)
        get, problems = row.orders.get(name), []
        if get:
            problems += [f"{name} is not ascending"] * ([get(i) for i in up] != sorted(get(i) for i in up))
            problems += [f"{name} desc is not descending"] * ([get(i) for i in down] != sorted((get(i) for i in down), reverse=True))
        problems += [f"{name} gives {len(up)}, desc {len(down)}"] * (sorted(map(identity, up)) != sorted(map(identity, down)))
        problems += [f"{name} and {name} desc are the same"] * (len(up) > 1 and list(map(identity, up)) == list(map(identity, down)))
        walk.tap.ok(f"{operation.id}: order by {name}", problems)
    walk.tap.ok(f"{operation.id}: an unknown order is refused, naming those that there are",
                refused(walk.ask(operation, {"order_by": "colour"}), "order_by", *names) +
                refused(walk.ask(operation, {"order_by": f"{names[0]}, {names[0]}"}), "order_by", "twice") +
                refused(walk.ask(operation, {"order_by": names[0] + " sideways"}), "order_by", "asc"))


def check_totals(walk, operation):
    fields, row = operation.answer["properties"], ROWS[operation.id]
    if "total_size" not in fields:
        return
    whole = walk.all(operation)
    _, token, reply = walk.page(operation, {"page_size": 1})
    _, _, later = walk.page(operation, {"page_size": 1, "page_token": token})
    problems = [f"total_size is {r.get('total_size')}, not {len(whole)}" for r in (reply, later) if r.get("total_size") != len(whole)]
    if "total_exception_count" in fields:
        n = len(walk.all(walk.contract.by_id[row.of]))
        problems += [f"total_exception_count is {reply['total_exception_count']}, not {n}"] * (reply["total_exception_count"] != n)
    walk.tap.ok(f"{operation.id}: total_size is the whole, on any page", problems)


def check_filters_without_pages(walk):
    """Operations that take a filter and change or sum what it finds."""
    for operation in walk.contract.operations:
        specs = operation.get("x-filter-fields")
        if not specs or operation.get("x-page"):
            continue
        def ask(text, operation=operation):
            if operation.method == "POST":  # whatever the operation needs beside the filter
                needed = {"assignee": "users/" + walk.server.ours["user"].split("/")[1], "skip": {}}
                return walk.server.call("POST", walk.w.path(operation), {"filter": text, **needed})
            return walk.server.call("GET", walk.w.path(operation), query={"filter": text, "time_zone": "UTC"})
        walk.tap.ok(f"{operation.id}: an unknown field is refused, naming those that there are", refused(ask("colour = 1"), "filter", *specs))
        problems = []
        for name, spec in specs.items():
            field = Field(walk, name, spec, None)
            value = "2001-01-01T00:00:00Z" if field.type == "time" else "there-is-none-such"
            for sign in SIGNS:
                reply = ask(f"{name} {sign} \"{value}\"" + " AND run = \"there-is-none\"" * (sign[0] in "!>"))
                problems += refused(reply, "filter", name) if sign not in field.signs else \
                    [f"{name} {sign}: {reply.text[:200]}"] * (reply.status not in (200, 404))
        walk.tap.ok(f"{operation.id}: every operator of every filter field", problems)


# Their pages are no plain lists.
OTHERWISE = {"QueryMetrics": "of each metric's series; tests/api/insight.c walks them"}


def main():
    tap, contract = Tap(), Contract()
    lists = [operation for operation in contract.operations if operation.get("x-page") and operation.id not in OTHERWISE]
    tap.ok("every list operation of the contract has a row, and every row its operation",
           [f"{o.id} has no row" for o in lists if o.id not in ROWS] +
           [f"{name} is no list of the contract" for name in ROWS if name not in contract.by_id])
    with Server(sys.argv[1], organizations=51) as server:
        walk = Walk(server, contract, tap)
        lists = [operation for operation in lists if operation.id in ROWS]
        for check in (check_sizes, check_spellings, check_tokens, check_walk, check_filters, check_orders, check_totals, check_inserts):
            for operation in lists:
                check(walk, operation)
        check_filters_without_pages(walk)
    return tap.end()


sys.exit(main())
