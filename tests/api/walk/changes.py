"""What changes change, and nothing else: every PATCH under every field of its update mask, every request_id and etag of the contract.
An operation that takes one of them and has no row here fails. Output is TAP.

    changes.py PROGRAM
"""
import sys
import tempfile

from contract import Contract
from server import Server
from tap import Tap
from world import CLOSING, World

GENERAL = {"time_zone": "Europe/Berlin", "time_format": "TIME_FORMAT_24_HOUR", "date_format": "DATE_FORMAT_DD_MM_YYYY_DOT",
           "decimal_symbol": "DECIMAL_SYMBOL_COMMA", "decimal_places": 3, "measurement_system": "MEASUREMENT_SYSTEM_IMPERIAL"}
PREFERENCES = {"support_team_access": True, **{f"general.{name}": value for name, value in GENERAL.items()}}
ROLE = {"title": "Auditor", "description": "Looks.", "permissions": ["read:Exception"]}
NUMBER = {"number": {"lo": 5, "mid": 0, "hi": 0, "flags": 0}}

# By operation: what it is called on (made anew each time), and a new value of each field.
CHANGES = {
    "UpdateOrganization": (lambda w: new_organization(w), {"title": "Renamed", "logo_data_uri": "data:image/gif;base64,R0lGODlhAQABAAAAACw="}),
    "UpdateWorkspace": (lambda w: new_workspace(w), {"title": "Renamed", "workspace_icon": "book", "workspace_icon_color": "#112233"}),
    "UpdateOrganizationPreferences": (lambda w: fresh_preferences(w, w.o), PREFERENCES),
    "UpdateWorkspacePreferences": (lambda w: inheriting_preferences(w), PREFERENCES),
    "UpdateOrganizationRole": (lambda w: new_role(w, w.o), ROLE),
    "UpdateWorkspaceRole": (lambda w: new_role(w, w.w), ROLE),
    "UpdateAutomation": (lambda w: w.automation(publish=False), {
        "display_name": "Renamed", "description": "Twice.", "english_code": CLOSING.replace("times 2", "times 3"),
        "code": "price = read_input(\"price\", type=number)\n\nset_output(\"total\", value=price)\n",
        "connections": {"mail": {"connection_id": "smtp-1", "endpoint": ""}}, "default_inputs": {"price": NUMBER},
        "marked_outputs": ["total"], "artifacts": {"notes": "aGVsbG8="}, "run_retention": "7776000s", "run_deadline": "3600s"}),
    "UpdateWebhook": (lambda w: "/api/v1/" + w.webhook(), {
        "display_name": "Ledger", "url": "https://elsewhere.invalid/", "event_types": ["run.completed"], "automation": None, "enabled": False}),
    "UpdateTrigger": (lambda w: "/api/v1/" + idle_trigger(w), {
        "display_name": "Orders", "require_signature": True, "filter": "total > 1", "input_mapping": {"the price": "total"}, "enabled": False, "wait": "5s",
        "folder": "orders/in", "pattern": "*.csv", "keep_files": True}),
    "UpdateException": (lambda w: w.parked()[1], {"assignee": None, "due_time": "2027-04-14T09:00:00.000000Z"}),
    "UpdateExceptionGroup": (lambda w: given_group(w), {"default_assignee": None, "response_time": "86400s"}),
    "UpdateGuideEntry": (lambda w: w.guide_entry(), {
        "title": "Renamed", "root_cause": "No number came.", "resolution_steps": "use 7", "resolution_notes": "Ask the buyer.",
        "state": "STATE_REJECTED"}),
    "UpdateToken": (lambda w: new_token(w), {
        "display_name": "Renamed", "workspaces": None, "permissions": ["read:Run"]}),
}
# Fields that say the same in other words change together.
TOGETHER = {"english_code": {"code"}, "code": {"english_code"}}

# By operation: what is called with a request id, a body (made anew for the call without an id), and where what it makes is counted.
REPEATS = {
    "CreateOrganization": (lambda w: "/api/v1/organizations", {"title": "Once"}, lambda w: ("/api/v1/me/organizations", "user_organizations")),
    "CreateWorkspace": (lambda w: w.o + "/workspaces", {"title": "Once"}, lambda w: (w.o + "/workspaces", "workspaces")),
    "CreateOrganizationRole": (lambda w: w.o + "/roles", lambda w: fresh_role(w), lambda w: (w.o + "/roles", "roles")),
    "CreateWorkspaceRole": (lambda w: w.w + "/roles", lambda w: fresh_role(w), lambda w: (w.w + "/roles", "roles")),
    "CreateAutomationTrigger": (lambda w: w.closing + "/triggers", lambda w: fresh_note(w), lambda w: (w.closing + "/triggers", "automation_triggers")),
    "CreateAutomation": (lambda w: w.w + "/automations", {"display_name": "Once"}, lambda w: (w.w + "/automations", "automations")),
    "ForkAutomation": (lambda w: w.closing + ":fork", {"display_name": "Forked once"}, lambda w: (w.w + "/automations", "automations")),
    "InvokeAutomation": (lambda w: w.closing + ":invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED"}, lambda w: (w.w + "/runs", "runs")),
    "StartRun": (lambda w: w.closing + "/runs", {"stage": "AUTOMATION_STAGE_PUBLISHED"}, lambda w: (w.w + "/runs", "runs")),
    "RerunRun": (lambda w: w.ran + ":rerun", {}, lambda w: (w.w + "/runs", "runs")),
    "CreateThread": (lambda w: w.closing + "/agents/quill/threads", {"title": "Once"}, lambda w: (w.closing + "/agents/quill/threads", "threads")),
    "CreateWorkspaceThread": (lambda w: w.w + "/agents/quill/threads", lambda w: {"automation": w.closing.removeprefix("/api/v1/")},
                              lambda w: (w.closing + "/agents/quill/threads", "threads")),
    "CreateTrigger": (lambda w: w.w + "/triggers", lambda w: {"automation": w.closing.removeprefix("/api/v1/")}, lambda w: (w.w + "/triggers", "triggers")),
    "ReceiveHook": (lambda w: w.trigger_made["path"], {"price": 3}, lambda w: (w.w + "/runs", "runs")),
}


def fresh_role(world):
    return {"title": world.fresh("Role"), "permissions": ["read:Run"]}


def fresh_note(world):
    return {"trigger_id": world.fresh("note").replace(" ", "-"), "phase_type": "PHASE_TYPE_PRE", "phase_sub_type": "PHASE_SUB_TYPE_EMAIL"}


def given_group(world):
    """A group of exceptions of which nothing was said."""
    path = world.w + "/exceptionGroups/internal_error"
    world.server.must("PATCH", path, {"default_assignee": "", "response_time": "0s"})
    return path


def idle_trigger(world):
    """The name of one that differs in every field from what CHANGES gives it."""
    body = {"automation": world.closing.removeprefix("/api/v1/"), "folder": world.fresh("folder").replace(" ", "-")}
    return world.server.must("POST", world.w + "/triggers", body)["name"]


def new_organization(world):
    return "/api/v1/" + world.server.must("POST", "/api/v1/organizations", {"title": world.fresh("Organization")})["name"]


def new_workspace(world):
    return "/api/v1/" + world.server.must("POST", world.o + "/workspaces", {"title": world.fresh("Workspace")})["name"]


def fresh_preferences(world, place):
    """The organization has one set: back to what nothing of PREFERENCES is."""
    body = {"support_team_access": False, "general": {"time_zone": "UTC", "time_format": "TIME_FORMAT_12_HOUR", "decimal_places": 2}}
    world.server.must("PATCH", place + "/preferences", body, query={"update_mask": "*"})
    return place + "/preferences"


def inheriting_preferences(world):
    fresh_preferences(world, world.o)
    return new_workspace(world) + "/preferences"


def new_token(world):
    for token in world.server.must("GET", "/api/v1/me/tokens")["tokens"]:
        if token["display_name"] in ("Renamed", "subject"):  # one may have few
            world.server.must("DELETE", "/api/v1/" + token["name"])
    return "/api/v1/" + world.token("subject")["name"]


def new_role(world, place):
    for role in world.server.must("GET", place + "/roles", query={"page_size": 1000})["roles"]:
        if role["title"] == ROLE["title"]:  # the one before
            world.server.must("DELETE", "/api/v1/" + role["name"])
    made = world.server.must("POST", place + "/roles", {"title": world.fresh("Role"), "permissions": ["read:Run"]})
    return "/api/v1/" + made["name"]


# ---- fields ----

def field(tree, path):
    for part in path.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def body_of(values):
    body = {}
    for path, value in values.items():
        *folders, last = path.split(".")
        at = body
        for folder in folders:
            at = at.setdefault(folder, {})
        at[last] = value
    return body


def camel(path):
    head, *rest = path.split("_")
    return head + "".join(part.title() for part in rest)


def check_field(world, operation, name, values, how):
    """Only `name` changes: named by the mask among others that are sent, or sent alone."""
    make, _ = CHANGES[operation.id]
    path = make(world)
    before = world.server.must("GET", path)
    sent = {name: values[name]} if how == "body" else {k: v for k, v in values.items() if k == name or k not in TOGETHER.get(name, ())}
    query = {} if how == "body" else {"update_mask": camel(name) if how == "camel" else name}
    reply = world.server.call("PATCH", path, body_of(sent), query=query)
    if reply.status != 200:
        return [f"{how}: {name}: {reply.status} {reply.text[:300]}"]
    after = world.server.must("GET", path)
    problems = []
    if field(after, name) != values[name] and name not in TOGETHER:
        problems.append(f"{how}: {name} is {field(after, name)!r}, not {values[name]!r}")
    if field(after, name) == field(before, name):
        problems.append(f"{how}: {name} did not change from {field(before, name)!r}")
    others = set(values) - {name} - TOGETHER.get(name, set())
    return problems + [f"{how}: {name} was meant, and {other} became {field(after, other)!r}" for other in sorted(others)
                       if field(after, other) != field(before, other)]


def check_mask(world, tap, operation):
    if operation.id not in CHANGES:
        tap.ok(f"{operation.id}: update_mask", "give it a row in CHANGES of changes.py")
        return
    make, values = CHANGES[operation.id]
    values = {name: world.workspace if name == "workspaces" else value for name, value in values.items()}
    values = {name: [value] if name == "workspaces" else value for name, value in values.items()}
    values |= {name: world.server.ours["user"] for name in ("assignee", "default_assignee") if name in values}
    if "automation" in values:
        values["automation"] = world.closing.removeprefix("/api/v1/")
    leaves = {name for name in operation.get("x-update-mask") if not any(other.startswith(name + ".") for other in values)}
    problems = [f"{name}: no value in CHANGES" for name in sorted(leaves - set(values))]
    for name in values:
        for how in ("mask", "camel", "body"):
            problems += check_field(world, operation, name, values, how)
    tap.ok(f"{operation.id}: each field of update_mask alone, in both spellings, and without a mask", problems)
    path = make(world)
    all_of = {name: value for name, value in values.items() if name != "code"}
    reply = world.server.call("PATCH", path, body_of(all_of), query={"update_mask": "*"})
    after = world.server.must("GET", path)
    tap.ok(f"{operation.id}: update_mask *", [reply.text[:300]] * (reply.status != 200) + [f"{name} is {field(after, name)!r}" for name, value in all_of.items()
                                              if name != "english_code" and field(after, name) != value])


# ---- once, and only if ----

def how_many(server, place):
    path, key = place
    return len(server.must("GET", path, query={"page_size": 1000})[key])


def lasting(reply):
    """A run may have moved meanwhile, and a message says that it came before."""
    return named(reply.json) if "state" in reply.json or "repeated" in reply.json else reply.json


def named(answer):
    return next(answer[key] for key in ("name", "run_id", "run", "trigger_id") if key in answer)


def check_repeat(world, tap, operation):
    if operation.id not in REPEATS:
        tap.ok(f"{operation.id}: request_id", "give it a row in REPEATS of changes.py")
        return
    path, body, place = REPEATS[operation.id]
    make = body if callable(body) else lambda world: REPEATS[operation.id][1]
    in_body = "request_id" in ((operation.schema or {}).get("properties") or {})
    problems = []
    for where in [w for w, there in (("query", "request_id" in operation.query), ("body", in_body)) if there]:
        name, before = world.fresh("once").replace(" ", "-"), how_many(world.server, place(world))
        query = {"requestId": name} if where == "query" else {}
        body = make(world)
        sent = {**body, "request_id": name} if where == "body" else body
        first, second = (world.server.call("POST", path(world), sent, query=query) for _ in range(2))
        problems += [f"{where}: {first.status} {first.text[:200]}"] * (first.status != 200)
        problems += [f"{where}: two answers: {first.text[:200]} and {second.text[:200]}"] * (lasting(first) != lasting(second))
        more = how_many(world.server, place(world)) - before
        problems += [f"{where}: made {more}"] * (more != 1)
        another = world.server.must("POST", path(world), make(world))
        problems += [f"{where}: a call without an id gave the same"] * (named(another) == named(first.json))
    tap.ok(f"{operation.id}: request_id makes it happen once", problems)


def check_etag(world, tap):
    """Of automations; that a stale one is refused as ABORTED stands in refusals.py."""
    path = world.automation()
    etags = [world.server.must("GET", path)["etag"]]
    for text in ("one", "two"):
        etags.append(world.server.must("PATCH", path, {"description": text, "etag": etags[-1]})["etag"])
    tap.ok("UpdateAutomation: an etag is good for one change", [f"{etags}"] * (len(set(etags)) != 3))
    stale = world.server.call("DELETE", path, query={"etag": etags[0]})
    fresh = world.server.call("DELETE", path, query={"etag": etags[-1]})
    tap.ok("DeleteAutomation: with the etag of now alone", [f"{stale.status} and {fresh.status}"] * ((stale.status, fresh.status) != (409, 200)))


def main():
    tap, contract = Tap(), Contract()
    with tempfile.TemporaryDirectory() as folders, Server(sys.argv[1], "--rate-limit", "0", "--address-limit", "0", "--folder-root", folders) as server:
        world = World(server)
        for operation in contract.operations:
            properties = (operation.schema or {}).get("properties") or {}
            if operation.method == "PATCH" and operation.get("x-update-mask"):
                check_mask(world, tap, operation)
            if "request_id" in operation.query or "request_id" in properties:
                check_repeat(world, tap, operation)
        check_etag(world, tap)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
