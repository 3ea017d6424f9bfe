"""What each operation refuses because of the state that things are in: a row for each such error that its x-errors declare. A row
brings the state about and gives the reply."""
import threading

from world import DAILY, EMPTY_ORDER, leaf

DRAFT, PUBLISHED = "AUTOMATION_STAGE_DRAFT", "AUTOMATION_STAGE_PUBLISHED"


def call(world, method, path, body=None, **more):
    return world.server.call(method, path, body, **more)


def after(verb, make):
    """A verb of something that is past it: `make` gives its address."""
    return lambda world: call(world, "POST", make(world) + verb, {})


def at_once(world, address, body):
    """The replies to the same call from eight connections at the same time."""
    start, replies = threading.Barrier(8), []

    def ask():
        client = world.server.another_client()
        start.wait()
        replies.append(client.call("POST", address, body))
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def reused_request_id(path, body, other):
    def row(world):
        name = world.fresh("request").replace(" ", "-")
        for content in (body(world), other(world)):
            reply = call(world, "POST", path(world), content, query={"request_id": name})
        return reply
    return row


def rerun_request_id(world):
    name = world.fresh("request").replace(" ", "-")
    for body in ({}, {"from_node": "1"}):
        reply = call(world, "POST", world.ran + ":rerun", {**body, "request_id": name})
    return reply


def unpublished(world):
    return world.automation(publish=False)


def of_unpublished(world):
    """The address of a trigger whose automation cannot run."""
    made = world.server.must("POST", world.w + "/triggers", {"automation": leaf(unpublished(world))})
    return made["path"]


def completed(world):
    return world.run(world.closing)


def resolved(world):
    exception = world.parked()[1]
    world.server.must("POST", exception + ":resolve", {"skip": {}})
    return exception


def deleted_guide_entry(world):
    entry = world.guide_entry()
    world.server.must("DELETE", entry)
    return entry


def cancelled(world):
    run = world.parked()[0]
    world.server.must("POST", run + ":cancel", {"reason": "not wanted"})
    return run


def archived_of_cancelled(world):
    run, exception = world.parked()
    world.server.must("POST", exception + ":archive", {})
    world.server.must("POST", run + ":cancel", {"reason": "not wanted"})
    return exception


def used_role(place):
    def row(world):
        where = getattr(world, place)
        role = world.server.must("POST", where + "/roles", {"title": world.fresh("Role"), "permissions": ["read:Run"]})
        world.join(where, role["name"], world.fresh("Guest"))
        return call(world, "DELETE", "/api/v1/" + role["name"])
    return row


def same_title(place, method="POST"):
    def row(world):
        where, title = getattr(world, place) + "/roles", world.fresh("Role")
        body = {"title": title, "permissions": ["read:Run"]}
        world.server.must("POST", where, body)
        if method == "POST":
            return call(world, "POST", where, body)
        other = world.server.must("POST", where, {**body, "title": title + " b"})
        return call(world, "PATCH", "/api/v1/" + other["name"], {"title": title})
    return row


def common_role(place):
    return lambda world: call(world, "PATCH", getattr(world, place) + "/roles/" + ("org-admin" if place == "o" else "operator"),
                              {"title": "Mine"})


def invited_twice(place, role):
    def row(world):
        email = world.fresh("twice").replace(" ", "-") + "@acme.example"
        world.invite(getattr(world, place), role, email)
        return call(world, "POST", getattr(world, place) + "/invites", {"email": email, "role": role})
    return row


def accepted(world):
    invited = world.invite(world.o, "org-member")
    world.server.must("POST", "/api/v1/invitations:accept", {"secret": invited["secret"], "display_name": "Grace"}, token=None)
    return invited


def many_tokens(world):
    made = []
    while True:
        reply = call(world, "POST", "/api/v1/me/tokens", {"display_name": world.fresh("token")})
        if reply.status != 200:
            break
        made.append(reply.json["name"])
    for name in made:
        world.server.must("DELETE", "/api/v1/" + name)
    return reply


def beyond_end(path, **more):
    return lambda world: call(world, "GET", path(world), headers={"Range": "bytes=100000-"}, **more)


def download_url(world):
    return world.server.must("POST", f"/api/v1/{world.file}:generateDownloadUrl", {})["download_uri"]


def relative(uri):
    return "/api/" + uri.split("/api/", 1)[1]


def ada(world):
    return leaf(world.server.ours["user"])


def disabled(world):
    """The address of a delivery of a webhook that is disabled."""
    hook = world.webhook()
    delivery = world.server.must("POST", f"/api/v1/{hook}:test", {})["name"]
    world.server.must("PATCH", "/api/v1/" + hook, {"enabled": False})
    return "/api/v1/" + delivery


def exception_of(world, state):
    return {"exception_name": state(world).removeprefix("/api/v1/")}


def second(method, what, body=None):
    return lambda world: call(world, method, f"/api/v1/{world.second_thread}{what}", body)


INVOKE = {"stage": PUBLISHED, "inputs": {}}

REFUSALS = {
    # organizations, workspaces, people
    ("UndeleteOrganization", "ALREADY_EXISTS"): lambda w: call(w, "POST", w.o + ":undelete", {}),
    ("CreateOrganization", "ALREADY_EXISTS"): reused_request_id(lambda w: "/api/v1/organizations", lambda w: {"title": "A"}, lambda w: {"title": "B"}),
    ("CreateWorkspace", "ALREADY_EXISTS"): reused_request_id(lambda w: w.o + "/workspaces", lambda w: {"title": "A"}, lambda w: {"title": "B"}),
    ("UndeleteWorkspace", "ALREADY_EXISTS"): lambda w: call(w, "POST", w.w + ":undelete", {}),
    ("RemoveOrganizationUser", "FAILED_PRECONDITION"): lambda w: call(w, "DELETE", f"{w.o}/users/{ada(w)}"),
    ("AssignOrganizationRole", "FAILED_PRECONDITION"): lambda w: call(w, "POST", f"{w.o}/users/{ada(w)}:assignRole", {"role": "org-member"}),
    ("CreateOrganizationRole", "ALREADY_EXISTS"): same_title("o"),
    ("UpdateOrganizationRole", "ALREADY_EXISTS"): same_title("o", "PATCH"),
    ("UpdateOrganizationRole", "FAILED_PRECONDITION"): common_role("o"),
    ("DeleteOrganizationRole", "FAILED_PRECONDITION"): used_role("o"),
    ("CreateWorkspaceRole", "ALREADY_EXISTS"): same_title("w"),
    ("UpdateWorkspaceRole", "ALREADY_EXISTS"): same_title("w", "PATCH"),
    ("UpdateWorkspaceRole", "FAILED_PRECONDITION"): common_role("w"),
    ("DeleteWorkspaceRole", "FAILED_PRECONDITION"): used_role("w"),
    ("InviteToOrganization", "ALREADY_EXISTS"): invited_twice("o", "org-member"),
    ("InviteToWorkspace", "ALREADY_EXISTS"): invited_twice("w", "operator"),
    ("RevokeInvitation", "FAILED_PRECONDITION"): lambda w: call(w, "DELETE", "/api/v1/" + accepted(w)["invitation"]["name"]),
    ("TestWebhook", "FAILED_PRECONDITION"): lambda w: call(w, "POST", disabled(w).split("/deliveries/")[0] + ":test", {}),
    ("RedeliverWebhookDelivery", "FAILED_PRECONDITION"): lambda w: call(w, "POST", disabled(w) + ":redeliver", {}),
    ("AcceptInvitation", "FAILED_PRECONDITION"): lambda w: call(w, "POST", "/api/v1/invitations:accept", {"secret": accepted(w)["secret"]}, token=None),
    # automations
    ("CreateAutomationTrigger", "ALREADY_EXISTS"): reused_request_id(lambda w: w.closing + "/triggers", lambda w: {"trigger_id": "a", "phase_type": "PHASE_TYPE_PRE"},
                                                                     lambda w: {"trigger_id": "b", "phase_type": "PHASE_TYPE_PRE"}),
    ("CreateAutomation", "ALREADY_EXISTS"): reused_request_id(lambda w: w.w + "/automations", lambda w: {"display_name": "A"},
                                                              lambda w: {"display_name": "B"}),
    ("ForkAutomation", "ALREADY_EXISTS"): reused_request_id(lambda w: w.closing + ":fork", lambda w: {"display_name": "A"},
                                                            lambda w: {"display_name": "B"}),
    ("CreateTrigger", "ALREADY_EXISTS"): reused_request_id(lambda w: w.w + "/triggers", lambda w: {"automation": leaf(w.closing)},
                                                           lambda w: {"automation": leaf(w.asking)}),
    ("CreateTrigger", "FAILED_PRECONDITION"): lambda w: call(w, "POST", w.w + "/triggers", {"automation": leaf(w.closing), "folder": "in"}),
    ("UpdateTrigger", "ABORTED"): lambda w: call(w, "PATCH", "/api/v1/" + w.trigger()["name"], {"enabled": True, "etag": "\"0\""}),
    ("DeleteTrigger", "ABORTED"): lambda w: call(w, "DELETE", "/api/v1/" + w.trigger()["name"], query={"etag": "\"0\""}),
    ("ReceiveHook", "ALREADY_EXISTS"): reused_request_id(lambda w: w.trigger_made["path"], lambda w: {"price": 1}, lambda w: {"price": 2}),
    ("ReceiveHook", "FAILED_PRECONDITION"): lambda w: call(w, "POST", of_unpublished(w), {"price": 1}),
    ("UpdateAutomation", "ABORTED"): lambda w: call(w, "PATCH", w.automation(), {"description": "d", "etag": "\"old\""}),
    ("DeleteAutomation", "ABORTED"): lambda w: call(w, "DELETE", w.automation(), query={"etag": "\"old\""}),
    ("UndeleteAutomation", "ALREADY_EXISTS"): lambda w: call(w, "POST", w.automation() + ":undelete", {}),
    ("QueryAutomation", "FAILED_PRECONDITION"): lambda w: call(w, "GET", unpublished(w) + ":query", query={"stage": PUBLISHED}),
    ("GetAutomationVisualization", "FAILED_PRECONDITION"): lambda w: call(w, "GET", unpublished(w) + "/visualization"),
    ("PublishAutomation", "FAILED_PRECONDITION"): lambda w: call(w, "POST", w.automation() + ":publish", {}),
    ("ActivateAutomation", "FAILED_PRECONDITION"): after(":activate", unpublished),
    ("DeactivateAutomation", "FAILED_PRECONDITION"): after(":deactivate", unpublished),
    ("DiscardAutomationDraft", "FAILED_PRECONDITION"): after(":discardDraft", unpublished),
    ("ForkAutomation", "FAILED_PRECONDITION"): after(":fork", unpublished),
    ("CreateAutomationSchedule", "ALREADY_EXISTS"): lambda w: call(w, "POST", w.closing + "/schedule", DAILY),
    ("InvokeAutomation", "FAILED_PRECONDITION"): lambda w: call(w, "POST", unpublished(w) + ":invoke", INVOKE),
    ("InvokeAutomation", "ALREADY_EXISTS"): reused_request_id(lambda w: w.closing + ":invoke", lambda w: INVOKE,
                                                              lambda w: {**INVOKE, "stage": DRAFT}),
    ("BatchInvokeAutomation", "FAILED_PRECONDITION"): lambda w: call(w, "POST", unpublished(w) + ":batchInvoke", {"requests": [INVOKE]}),
    ("BatchInvokeAutomation", "ALREADY_EXISTS"): lambda w: call(
        w, "POST", w.closing + ":batchInvoke", {"requests": [{**INVOKE, "request_id": "twice"}, {**INVOKE, "stage": DRAFT, "request_id": "twice"}]}),
    # runs
    ("PauseRun", "FAILED_PRECONDITION"): lambda w: call(w, "POST", completed(w) + ":pause", {"reason": "wait"}),
    ("ContinueRun", "FAILED_PRECONDITION"): after(":continue", cancelled),
    ("CancelRun", "FAILED_PRECONDITION"): after(":cancel", completed),
    ("RerunRun", "FAILED_PRECONDITION"): lambda w: call(w, "POST", w.run(unpublished(w), stage=DRAFT) + ":rerun", {"stage": PUBLISHED}),
    ("RerunRun", "ALREADY_EXISTS"): rerun_request_id,
    ("ResolveRun", "FAILED_PRECONDITION"): lambda w: call(w, "POST", completed(w) + ":resolve", {"skip": {}}),
    ("GetRunOutputs", "FAILED_PRECONDITION"): lambda w: call(w, "GET", w.parked_run + ":getOutputs"),
    # exceptions
    ("ResolveException", "FAILED_PRECONDITION"): lambda w: call(w, "POST", resolved(w) + ":resolve", {"skip": {}}),
    ("ArchiveException", "FAILED_PRECONDITION"): after(":archive", resolved),
    ("UnarchiveException", "FAILED_PRECONDITION"): after(":unarchive", archived_of_cancelled),
    ("ArchiveExceptions", "FAILED_PRECONDITION"): lambda w: call(w, "POST", w.w + "/exceptions:archive", exception_of(w, resolved)),
    ("UnarchiveExceptions", "FAILED_PRECONDITION"): lambda w: call(w, "POST", w.w + "/exceptions:unarchive", exception_of(w, resolved)),
    ("UpdateGuideEntry", "FAILED_PRECONDITION"): lambda w: call(w, "PATCH", deleted_guide_entry(w), {"state": "STATE_APPROVED"}),
    ("UndeleteGuideEntry", "ALREADY_EXISTS"): lambda w: call(w, "POST", w.guide_entry() + ":undelete", {}),
    # threads
    ("CreateThread", "ALREADY_EXISTS"): reused_request_id(lambda w: w.closing + "/agents/quill/threads", lambda w: {"title": "A"}, lambda w: {"title": "B"}),
    ("SendThreadInput", "FAILED_PRECONDITION"): second("POST", "/input", {"tool_approval_reply": {"tool_call_id": "c", "approved": True}}),
    ("WakeThread", "FAILED_PRECONDITION"): second("POST", ":wake", {}),
    ("CompactThread", "FAILED_PRECONDITION"): second("POST", ":compact", {}),
    ("GetThreadContext", "FAILED_PRECONDITION"): second("GET", "/context"),
    ("GiveThreadFeedback", "FAILED_PRECONDITION"): second("POST", "/feedback", {}),
    ("SendToolResult", "FAILED_PRECONDITION"): second("POST", "/tool-results", {}),
    ("PutThreadArtifact", "FAILED_PRECONDITION"): second("PUT", "/artifacts/aop.md", {"content": "no sentence at all"}),
    ("DeleteThreadArtifact", "FAILED_PRECONDITION"): second("DELETE", "/artifacts/aop.md"),
    ("SendThreadMessage", "FAILED_PRECONDITION"): lambda w: call(w, "POST", f"/api/v1/{w.other_thread}:sendMessage", {
        "user_message": {"user_message": {"user_message_type": "interrupt_response", "content": "1", "interrupt_id": "i"}}}),
    # files and tokens
    ("DownloadFile", "OUT_OF_RANGE"): beyond_end(lambda w: f"/api/v1/{w.file}:download"),
    ("DownloadByUrl", "OUT_OF_RANGE"): beyond_end(lambda w: relative(download_url(w)), token=None),
    ("CreateToken", "RESOURCE_EXHAUSTED"): many_tokens,
}
# Where only chance decides who is told ABORTED: of eight who answer at once, one succeeds.
RACES = {
    # A draft run that skipped might ask once more, and take another answer.
    ("ResolveException", "ABORTED"): lambda w: at_once(w, w.parked()[1] + ":resolve", {"skip": {}}),
    ("ResolveRun", "ABORTED"): lambda w: at_once(w, w.run(w.asking, EMPTY_ORDER, stage=DRAFT) + ":resolve", {"use": {"text": "PO-1"}}),
}
