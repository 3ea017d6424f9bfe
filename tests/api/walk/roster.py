"""What the public API has, held against the contract by api/compatibility.yaml: nothing is served that it calls absent, nothing is
absent that it calls served, and the suites of this folder know every operation. Output is TAP."""
import os
import re
import sys

import yaml

from contract import ROOT, Contract
from tap import Tap

PUBLISHED = 102
# Why a POST that is sent twice needs no request_id (AIP-155).
MAKES_NOTHING = "it makes nothing: it looks, or hands out an address that expires"
ENDS_THE_SAME = "the second leaves everything as the first did, or is refused for what the first changed"
ONE_ALONE = "there is one at most: the second is refused"
HAS_A_SECRET = "its answer has a secret, which is not kept, so it could not be given again"
IS_SAID = "what is said twice stands twice, as in any conversation; an exception takes one answer"
RECEIVERS_TELL = "deliveries are at least once anyway: receivers tell repetitions by webhook-id"
NOT_REPEATED = {
    **dict.fromkeys(("CountWorkspaceUsers", "CheckAutomation", "ValidatePublishAutomation", "CountExceptions", "GenerateUploadUrl",
                     "GenerateDownloadUrl", "CompactThread", "WakeThread", "ResumeThreadStream"), MAKES_NOTHING),
    **dict.fromkeys(("UndeleteOrganization", "UndeleteWorkspace", "UndeleteAutomation", "UndeleteGuideEntry", "AssignOrganizationRole",
                     "AssignWorkspaceRole", "AcceptInvitation", "PublishAutomation", "ActivateAutomation", "DeactivateAutomation",
                     "DiscardAutomationDraft", "RestoreAutomation", "EnableAutomationSchedule", "DisableAutomationSchedule", "PauseRun",
                     "ContinueRun", "CancelRun", "ResolveRun", "ResolveException", "ArchiveException", "UnarchiveException", "AssignException",
                     "AssignExceptions", "ArchiveExceptions", "UnarchiveExceptions", "BatchResolveExceptions", "CancelAgentGeneration",
                     "StopThread", "ConfigureAutomationEstimates"), ENDS_THE_SAME),
    **dict.fromkeys(("CreateAutomationSchedule", "InviteToOrganization", "InviteToWorkspace"), ONE_ALONE),
    **dict.fromkeys(("CreateWebhook", "RotateWebhookSecret", "RotateTriggerSecret", "CreateToken"), HAS_A_SECRET),
    **dict.fromkeys(("CreateAgentEvent", "SendGuidanceMessage", "ReplyToException", "SendThreadMessage", "SendThreadInput", "GiveThreadFeedback",
                     "SendToolResult"), IS_SAID),
    **dict.fromkeys(("TestWebhook", "ReplayWebhook", "RedeliverWebhookDelivery"), RECEIVERS_TELL),
    "ForkThread": "a fork is a copy, which is deleted as easily",
    "RunExecution": "it promises no more than one try: what must happen once belongs into an automation, whose runs take a request_id",
    "UploadFile": "the same bytes are kept once; only their name stands twice",
    "UploadToThread": "the same bytes are kept once; only their name stands twice",
}


def plain(call):
    return re.sub(r"{\w+}", "{}", call)


def served_as(call):
    """The authors of threads are named in the guides; here they are values of one parameter."""
    return re.sub(r"/agents/quill2?/", "/agents/{}/", plain(call))


def main():
    tap, contract = Tap(), Contract()
    with open(os.path.join(ROOT, "api/compatibility.yaml"), encoding="utf-8") as file:
        table = yaml.safe_load(file)
    served = {plain(f"{operation.method} {operation.path}") for operation in contract.operations}
    rows = table["published"] + table["guides"]
    calls = [plain(row["call"]) for row in rows]
    tap.ok(f"the {PUBLISHED} published operations have a row each", [f"there are {len(table['published'])}"] *
           (len(table["published"]) != PUBLISHED) + [f"{call} occurs twice" for call in set(calls) if calls.count(call) > 1])
    for row in rows:
        there, how = served_as(row["call"]) in served, row["how"]
        problems = [] if how in ("same", "more", "different", "absent") else [f"\"{how}\" is not a way to stand"]
        if there and how == "absent":
            problems.append("it is served: say in api/compatibility.yaml whether it is same, more or different")
        if not there and how != "absent":
            problems.append("it is not served: call it absent, or serve it")
        if how == "different" and not row.get("note"):
            problems.append("say in what it differs")
        tap.ok(f"{row.get('id', row['call'])}: {how}", problems)
    creations(tap, contract)
    return tap.end()


def takes_request_id(operation):
    """As a query, in the body, or, of a batch, in each of its parts."""
    fields = (operation.schema or {}).get("properties", {})
    parts = [operation.contract.resolve(field["items"]) for field in fields.values() if field.get("type") == "array"]
    return "request_id" in operation.query or "request_id" in fields or any("request_id" in part.get("properties", {}) for part in parts)


def creations(tap, contract):
    for operation in contract.operations:
        if operation.method != "POST" or operation.alias_of:
            continue
        takes, reason = takes_request_id(operation), NOT_REPEATED.get(operation.id)
        problems = []
        if takes and reason:
            problems.append("it takes a request_id: take it out of NOT_REPEATED")
        if not takes and not reason:
            problems.append("give it a request_id, or say in NOT_REPEATED why it needs none")
        tap.ok(f"{operation.id}: {'takes a request_id' if takes else reason}", problems)
    known = {operation.id for operation in contract.operations}
    tap.ok("NOT_REPEATED names operations alone", [f"{name} is none" for name in NOT_REPEATED if name not in known])


sys.exit(main())
