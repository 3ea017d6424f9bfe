"""validate_only (AIP-163), of every operation that takes it: it answers as the call itself does, refuses as the call itself does, and
leaves every table of the database as it was, on either database. An operation that changes something takes it, or says in
NEVER_VALIDATED why not. Output is TAP.

    validated.py PROGRAM           on SQLite
    validated.py PROGRAM postgres  on a PostgreSQL of its own
"""
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "store", "postgres"))
import with_server  # noqa: E402
from changes import CHANGES, REPEATS, body_of  # noqa: E402
from contract import Contract  # noqa: E402
from refusals import REFUSALS  # noqa: E402
from server import Server  # noqa: E402
from tap import Tap  # noqa: E402
from world import CLOSING, DAILY, World, leaf  # noqa: E402

# Why an operation that changes something has no validate_only.
LOOKS = "it changes nothing"
IS_SAID = "what is said is answered by what it sets off, not by what is written"
GOES_ON = "it steers a run, which moves meanwhile: whether it may is known when it is done"
GOES_OUT = "it is done to reach somebody else"
IS_SECRET = "its answer is nothing but a secret that would not hold"
IS_BYTES = "its bytes are checked by being taken"
COMPUTES = "it is the trying itself"
NEVER_VALIDATED = {
    **dict.fromkeys(("CountWorkspaceUsers", "CheckAutomation", "ValidatePublishAutomation", "WaitRunByPost", "CountExceptions", "GenerateUploadUrl",
                     "GenerateWorkspaceUploadUrl", "GenerateDownloadUrl", "GenerateWorkspaceDownloadUrl", "ResumeThreadStream",
                     "ResumeWorkspaceThreadStream", "WakeThread", "CompactThread", "GiveThreadFeedback", "SendToolResult",
                     "DeleteThreadArtifact", "CancelAgentGeneration"), LOOKS),
    **dict.fromkeys(("CreateAgentEvent", "SendGuidanceMessage", "ReplyToException", "SendThreadMessage", "SendWorkspaceThreadMessage",
                     "SendThreadInput", "PutThreadArtifact", "ForkThread", "StopThread", "StopWorkspaceThread"), IS_SAID),
    **dict.fromkeys(("PauseRun", "ContinueRun", "CancelRun", "RerunRun", "ResolveRun", "ResolveException", "BatchResolveExceptions"), GOES_ON),
    **dict.fromkeys(("TestWebhook", "ReplayWebhook", "RedeliverWebhookDelivery", "ReceiveHook"), GOES_OUT),
    **dict.fromkeys(("RotateWebhookSecret", "RotateTriggerSecret", "AcceptInvitation"), IS_SECRET),
    **dict.fromkeys(("UploadFile", "UploadWorkspaceFile", "UploadByUrl", "UploadToThread", "UploadToWorkspaceThread"), IS_BYTES),
    "RunExecution": COMPUTES,
}
NOWHERE = "nosuch-00000000000000"
# What every call leaves, once a minute, whatever it is: when its token was last used.
LEFT = {"token": "last_used_us"}
INVOKE = {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": {}}


def address(make, verb=""):
    """A call without anything to say, on what is made for it."""
    return lambda world: ("/api/v1/" + make(world).removeprefix("/api/v1/") + verb, {} if verb else None)


def deleted(make):
    def row(world):
        path = "/api/v1/" + make(world).removeprefix("/api/v1/")
        world.server.must("DELETE", path)
        return path + ":undelete", {}
    return row


def organization(world):
    return world.server.must("POST", "/api/v1/organizations", {"title": world.fresh("Organization")})["name"]


def workspace(world):
    return world.server.must("POST", world.o + "/workspaces", {"title": world.fresh("Workspace")})["name"]


def role(place):
    return lambda world: world.server.must("POST", getattr(world, place) + "/roles",
                                           {"title": world.fresh("Role"), "permissions": ["read:Run"]})["name"]


def member(place, role_id):
    def make(world):
        where = getattr(world, place)
        return where + "/users/" + world.join(where, role_id, world.fresh("Guest"))[0]
    return make


def edited(world):
    automation = world.automation()
    world.server.must("PATCH", automation, {"english_code": CLOSING + "say \"done\"\n"})
    return automation


def deactivated(world):
    automation = world.automation()
    world.server.must("POST", automation + ":deactivate", {})
    return automation


def scheduled(world):
    automation = world.automation()
    world.server.must("POST", automation + "/schedule", DAILY)
    return automation


def disabled(world):
    automation = scheduled(world)
    world.server.must("POST", automation + ":disableAutomationSchedule", {})
    return automation


def archived(world):
    exception = world.parked()[1]
    world.server.must("POST", exception + ":archive", {})
    return exception


def room_for_tokens(world):
    """One may have ten: those that stand here for nothing go. Gives a name for another."""
    for token in world.server.must("GET", "/api/v1/me/tokens")["tokens"]:
        if token["display_name"].startswith("token "):
            world.server.must("DELETE", "/api/v1/" + token["name"])
    return world.fresh("token")


def invited(place, role_id):
    return lambda world: (getattr(world, place) + "/invites", {"email": world.fresh("guest").replace(" ", "-") + "@acme.example", "role": role_id})


def by_name(verb, make, **more):
    return lambda world: (world.w + "/exceptions:" + verb, {"exception_name": make(world).removeprefix("/api/v1/"), **more})


def change(operation_id):
    """Of the fields of CHANGES the first that needs nothing else."""
    make, values = CHANGES[operation_id]
    name = next(name for name, value in values.items() if value is not None)
    return lambda world: (make(world), body_of({name: values[name]}))


def creation(operation_id):
    path, body, _ = REPEATS[operation_id]
    return lambda world: (path(world), body(world) if callable(body) else body)


# What is called, by its address and body; what it is called on is made anew each time.
ROWS = {
    **{name: change(name) for name in CHANGES if name not in ("UpdateException",)},
    **{name: creation(name) for name in REPEATS if name not in ("RerunRun", "ReceiveHook")},
    "UpdateException": lambda w: (w.parked()[1], {"due_time": "2027-04-14T09:00:00Z"}),
    "DeleteOrganization": address(organization), "UndeleteOrganization": deleted(organization),
    "DeleteWorkspace": address(workspace), "UndeleteWorkspace": deleted(workspace),
    "RemoveOrganizationUser": address(member("o", "org-member")), "RemoveWorkspaceUser": address(member("w", "operator")),
    "AssignOrganizationRole": lambda w: (member("o", "org-member")(w) + ":assignRole", {"role": w.org_role}),
    "AssignWorkspaceRole": lambda w: (member("w", "operator")(w) + ":assignRole", {"role": "workspace-viewer"}),
    "DeleteOrganizationRole": address(role("o")), "DeleteWorkspaceRole": address(role("w")),
    "InviteToOrganization": invited("o", "org-member"), "InviteToWorkspace": invited("w", "operator"),
    "RevokeInvitation": address(lambda w: w.invite(w.o, "org-member")["invitation"]["name"]),
    "DeleteAutomation": address(World.automation), "UndeleteAutomation": deleted(World.automation),
    "PublishAutomation": address(edited, ":publish"), "DiscardAutomationDraft": address(edited, ":discardDraft"),
    "ActivateAutomation": address(deactivated, ":activate"), "DeactivateAutomation": address(World.automation, ":deactivate"),
    "RestoreAutomation": lambda w: (edited(w) + ":restore", {"revision": "1.0"}),
    "CreateAutomationSchedule": lambda w: (w.automation() + "/schedule", DAILY),
    "UpdateAutomationSchedule": lambda w: (scheduled(w) + "/schedule", {"config": {**DAILY["config"], "repeat_interval": {"unit": "FREQUENCY_UNIT_WEEK"}}}),
    "DeleteAutomationSchedule": lambda w: (scheduled(w) + "/schedule", None),
    "EnableAutomationSchedule": address(disabled, ":enableAutomationSchedule"),
    "DisableAutomationSchedule": address(scheduled, ":disableAutomationSchedule"),
    "BatchInvokeAutomation": lambda w: (w.closing + ":batchInvoke", {"requests": [INVOKE, INVOKE]}),
    "ArchiveException": address(lambda w: w.parked()[1], ":archive"), "UnarchiveException": address(archived, ":unarchive"),
    "AssignException": lambda w: (w.parked()[1] + ":assign", {"assignee": w.server.ours["user"]}),
    "AssignExceptions": lambda w: by_name("assign", lambda w: w.parked()[1], assignee=w.server.ours["user"])(w),
    "ArchiveExceptions": by_name("archive", lambda w: w.parked()[1]), "UnarchiveExceptions": by_name("unarchive", archived),
    "DeleteGuideEntry": address(World.guide_entry), "UndeleteGuideEntry": deleted(World.guide_entry),
    "ConfigureAutomationEstimates": lambda w: (w.w + "/dashboards:configureAutomationEstimates", {
        "automation_estimates": [{"automation_id": leaf(w.automation()), "cost_usd": "12.50", "time_saved_secs": 900}]}),
    "DeleteFile": address(lambda w: w.upload(content=w.fresh("bytes").encode())),
    "DeleteWorkspaceFile": lambda w: (w.w + "/files/" + leaf(w.upload(content=w.fresh("bytes").encode())), None),
    "CreateWebhook": lambda w: (w.w + "/webhooks", {"url": "https://nowhere.invalid/new"}), "DeleteWebhook": address(World.webhook),
    "DeleteTrigger": address(lambda w: w.trigger()["name"]),
    "CreateToken": lambda w: ("/api/v1/me/tokens", {"display_name": room_for_tokens(w)}),
    "DeleteToken": address(lambda w: w.token(room_for_tokens(w))["name"]),
}


class SqliteRows:
    """Reads what the file holds, beside the server."""

    def __init__(self, directory):
        self.connection = sqlite3.connect(f"file:{os.path.join(directory, 'clerkwork.db')}?mode=ro", uri=True)

    def columns(self):
        """By table."""
        names = [name for name, in self.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return {name: [row[1] for row in self.connection.execute(f"PRAGMA table_info(\"{name}\")")] for name in names}

    def of(self, tables):
        return {name: self.connection.execute(f"SELECT {columns} FROM \"{name}\"").fetchall() for name, columns in tables.items()}


class PostgresRows:
    """The same by psql, which stays: a row is a line as COPY writes it."""
    END = "-- all said --"

    def __init__(self, database):
        self.psql = subprocess.Popen([f"{database.binaries}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database.url()], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *commands):
        self.psql.stdin.write("\n".join((*commands, f"\\echo '{self.END}'\n")))
        self.psql.stdin.flush()
        lines = []
        while (line := self.psql.stdout.readline()) != self.END + "\n":
            assert line, "psql ended"
            lines.append(line[:-1])
        return lines

    def columns(self):
        columns = {}
        for line in self.ask("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
                             "ORDER BY table_name, ordinal_position;"):
            columns.setdefault(line.split("|")[0], []).append(line.split("|")[1])
        return columns

    def of(self, tables):
        said = iter(self.ask(*(f"\\echo\nCOPY (SELECT {columns} FROM \"{name}\") TO STDOUT;" for name, columns in tables.items()), "\\echo"))
        next(said)
        return {name: sorted(iter(said.__next__, "")) for name in tables}


class Tables:
    """What the database holds."""

    def __init__(self, reader):
        self.reader = reader
        self.tables = {name: ", ".join(f'"{column}"' for column in columns if column != LEFT.get(name)) for name, columns in reader.columns().items()}

    def rows(self):
        return self.reader.of(self.tables)

    def at_rest(self):
        """Once what runs leave behind them is written."""
        before = self.rows()
        while True:
            time.sleep(0.12)
            now = self.rows()
            if now == before:
                return now
            before = now


class Validating:
    """A server that is asked the n-th call of an operation with validate_only."""

    def __init__(self, server, operation, nth):
        self.server, self.nth, self.seen, self.status = server, nth, 0, None
        self.method, self.path = operation.method, re.compile(re.sub(r"\\{\w+\\}", "[^/:]+", re.escape(operation.path)) + "$")

    def __getattr__(self, name):
        return getattr(self.server, name)

    def call(self, method, path, body=None, query=None, **more):
        if method == self.method and self.path.match(path):
            self.seen += 1
            if self.seen == self.nth:
                query = {**(query or {}), "validateOnly": "true"}
        return self.server.call(method, path, body, query=query, **more)

    def must(self, method, path, body=None, **more):
        reply = self.call(method, path, body, **more)
        assert reply.status == 200, f"{method} {path}: {reply.status} {reply.text[:600]}"
        return reply.json


def plain(text):
    """Without what is only of this call: times, ids, numbered names; secrets, which are not shown for nothing."""
    text = re.sub(r'"(secret|link|path)":"[^"]*",?', "", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "{time}", text)
    text = re.sub(r"(?<![\w-])[\w-]{12}(?![\w-])", "{etag}", text)
    return re.sub(r"[\w-]{21,}|(?<=[a-z] )\d+|(?<=[a-z]-)\d+", "{id}", text)


def asked(world, operation, row, **query):
    path, body = row
    return world.server.call(operation.method, path, body, query=query)


def end_deliveries(world):
    """Nobody hears the webhooks of this world: what they are told is tried again and again, and written down each time."""
    for hook in world.server.must("GET", world.w + "/webhooks", query={"page_size": 1000})["webhooks"]:
        world.server.must("DELETE", "/api/v1/" + hook["name"])


def said_in_body(world, operation, row, validated):
    path, body = row
    if not isinstance(body, dict):
        return []
    there = asked(world, operation, (path, {**body, "validateOnly": True}))
    perhaps = asked(world, operation, (path, {**body, "validate_only": "perhaps"}))
    return [f"in the body: {there.text[:700]}"] * (plain(there.text) != plain(validated.text)) + \
        [f"perhaps: {perhaps.text[:300]}"] * (perhaps.status != 400 or "validate_only" not in perhaps.text)


def check_answer(world, tap, operation, tables):
    end_deliveries(world)
    row = ROWS[operation.id](world)
    before = tables.at_rest()
    validated = asked(world, operation, row, validate_only="true")
    problems = said_in_body(world, operation, row, validated)
    after = tables.rows()
    real = asked(world, operation, row)
    problems += [f"table {name}: {[r for r in after[name] if r not in before[name]][:2]} is new" for name in tables.tables if before[name] != after[name]]
    problems += [f"{validated.status} {validated.text[:300]}"] * (validated.status != 200)
    problems += [f"it said {validated.text[:700]}\nand then did {real.text[:700]}"] * (plain(validated.text) != plain(real.text))
    problems += ["it shows a secret that holds nowhere"] * ('"secret":' in validated.text)
    problems += ["the call itself changed nothing: it proves nothing"] * (tables.rows() == after)
    tap.ok(f"{operation.id}: validate_only answers as the call does, and writes nothing", problems)


def pairs(world, operation):
    """Calls that are refused, each with and without validate_only: what is wrong, and two replies."""
    path, body = ROWS[operation.id](world)
    nowhere = path.replace("/".join(path.split("/")[3:5]), path.split("/")[3] + "/" + NOWHERE)
    wrong = [("somebody else", path, body, world.server.theirs["token"]), ("no token", path, body, None), ("a name of nothing", nowhere, body, "")]
    if isinstance(body, dict):
        wrong.append(("a body that is none", path, ["x"], ""))
        wrong += [(f"a wrong {field}", path, {**body, field: [[{}]]}, "") for field in (operation.schema or {}).get("properties", ())]
    for case, where, content, token in wrong:
        yield case, *(world.server.call(operation.method, where, content, token=token, query=query) for query in ({"validate_only": "true"}, {}))


def refused_in_its_state(world, operation):
    """The rows of refusals.py, whose last call is then asked with validate_only."""
    for (name, code), row in REFUSALS.items():
        if name != operation.canonical.id or operation.alias_of:
            continue
        server = world.server
        world.server = counting = Validating(server, operation, 0)
        plainly = row(world)
        world.server = Validating(server, operation, counting.seen)
        validated = row(world)
        world.server = server
        yield code, validated, plainly


def check_refusals(world, tap, operation):
    problems, refused = [], 0
    for case, validated, plainly in (*pairs(world, operation), *refused_in_its_state(world, operation)):
        refused += plainly.status >= 400
        same = validated.status == plainly.status and plain(validated.text) == plain(plainly.text)
        problems += [f"{case}: {plainly.status} {plainly.text[:300]}\nwith it {validated.status} {validated.text[:300]}"] * (not same)
    tap.ok(f"{operation.id}: validate_only refuses as the call does", problems + [f"only {refused} were refused"] * (refused < 2))


def check_who_takes_it(tap, contract):
    for operation in contract.operations:
        if operation.method == "GET":
            continue
        takes, reason = "validate_only" in operation.query, NEVER_VALIDATED.get(operation.id)
        problems = ["it takes validate_only: take it out of NEVER_VALIDATED"] * bool(takes and reason)
        problems += ["give it validate_only, or say in NEVER_VALIDATED why not"] * (not takes and not reason)
        problems += ["give it a row in ROWS"] * (takes and operation.id not in ROWS)
        tap.ok(f"{operation.id}: {'takes validate_only' if takes else reason}", problems)
    known = {operation.id for operation in contract.operations}
    tap.ok("NEVER_VALIDATED and ROWS name operations alone", [f"{name} is none" for name in (*NEVER_VALIDATED, *ROWS) if name not in known])


def check_server(program, tap, contract, reader_of):
    with tempfile.TemporaryDirectory() as folders, Server(program, "--rate-limit", "0", "--address-limit", "0", "--folder-root", folders) as server:
        world, tables = World(server), Tables(reader_of(server))
        tap.ok("the tables are seen", [] if len(tables.tables) > 20 and tables.rows()["run"] else f"only {tables.tables}")
        for operation in contract.operations:
            if "validate_only" in operation.query and operation.id in ROWS:
                check_answer(world, tap, operation, tables)
                check_refusals(world, tap, operation)


def main():
    tap, contract = Tap(), Contract()
    program, on_postgres = sys.argv[1], sys.argv[2:] == ["postgres"]
    if not on_postgres:
        check_who_takes_it(tap, contract)
        check_server(program, tap, contract, lambda server: SqliteRows(server.directory))
        return tap.end()
    binaries = with_server.find_binaries()
    if not binaries:
        print("1..0 # SKIP PostgreSQL is not installed: scripts/packages.sh test")
        return 0
    database = with_server.Server(binaries)
    os.environ["CLERKWORK_DATABASE"] = database.url()
    try:
        check_server(program, tap, contract, lambda _: PostgresRows(database))
    finally:
        database.end()
    return tap.end()


sys.exit(main())
