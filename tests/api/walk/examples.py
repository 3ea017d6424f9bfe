"""Every example of the contract is carried out: bodies are sent as they stand, with the names of things that are there in place of
the example's, and succeed; answers have the members that their examples show. Output is TAP.

    examples.py PROGRAM"""
import json
import sys

from contract import Contract
from refusals import DRAFT
from server import Server
from tap import Tap
from world import ASKING, EMPTY_ORDER, World, leaf

# What an example's answer holds is of its own run: only that it holds something is compared.
OPEN = {"state", "outputs", "user_inputs", "user_organizations"}
WAITING = "wait 1 hour\noutput 1 as \"n\"\n"
INVOICES = "inputs\n  the invoice file is a file\n  the tolerance is a number\n\noutput the tolerance as \"tolerance\"\n"


def of(address, verb=""):
    """A call on what is made for it, rather than on what others use too."""
    return lambda world: address(world) + verb


def parked_run(verb):
    return lambda world: world.parked()[0] + verb


CALLS = {
    "UpdateWorkspace": lambda w: "/api/v1/" + w.server.must("POST", w.o + "/workspaces", {"title": w.fresh("Workspace")})["name"],
    "AssignOrganizationRole": lambda w: f"{w.o}/users/{w.people['org-member'][0]}:assignRole",
    "UpdateAutomation": of(World.automation),
    "ForkAutomation": of(World.automation, ":fork"),
    "RestoreAutomation": of(World.automation, ":restore"),
    "CreateAutomationSchedule": of(World.automation, "/schedule"),
    "InvokeAutomation": lambda w: w.automation(INVOICES) + ":invoke",
    "BatchInvokeAutomation": lambda w: w.automation(INVOICES) + ":batchInvoke",
    "PauseRun": lambda w: w.run(w.automation(WAITING), wait=False) + ":pause",
    "ContinueRun": lambda w: w.ran + ":continue",
    "CancelRun": parked_run(":cancel"),
    "RerunRun": lambda w: w.ran + ":rerun",
    "ResolveRun": lambda w: w.run(w.asking, EMPTY_ORDER, stage=DRAFT) + ":resolve",
    "ResolveException": lambda w: w.parked(w.automation(ASKING))[1] + ":resolve",
    "CreateAgentEvent": parked_run("/agents/astral/events"),
    "SendGuidanceMessage": parked_run("/agents/astral:sendMessage"),
    "RotateTriggerSecret": lambda w: "/api/v1/" + w.trigger()["name"] + ":rotateSecret",
    "GetRunOutputs": lambda w: w.ran + ":getOutputs",
    "GetRun": lambda w: w.ran,
    "WaitRun": lambda w: w.ran + ":wait",
    "WaitRunByPost": lambda w: w.ran + ":wait",
}


def uploaded(world, operation):
    """An upload goes to where it is told to."""
    made = world.server.must("POST", world.o + "/files:generateUploadUrl", {})["upload_uri"]
    return world.server.call(operation.method, "/api/" + made.split("/api/", 1)[1] + "&filename=invoices.csv", raw=b"number,total\n", token=None)


def names_in_place(world, operation, body):
    """The example with things that are there for those that it names."""
    if "secret" in body:
        return {**body, "secret": world.invite(world.o, "org-member")["secret"]}
    text = json.dumps(body)
    automation = leaf(world.closing)
    for example, there in (("users/u1", world.server.ours["user"]), ("xEu9mKq2TzPd0Lr5WcYaB", leaf(world.workspace)),
                           ("4hBq7Zt1Jn8Rk3Vd6Ms0P", automation), ("3fGh7Kq2TzPd0Lr5WcYaB", leaf(world.exception)),
                           ("organizations/V1StGXR8_Z5jdHi6B-myT/files/1kQv8Yt3Zs6Wd0Nb5Rm2C", world.file),
                           ('"automation_id": "V1StGXR8_Z5jdHi6B-myT"', f'"automation_id": "{automation}"'),
                           ('"organization_id": "o", "workspace_id": "w"',
                            f'"organization_id": "{leaf(world.organization)}", "workspace_id": "{leaf(world.workspace)}"')):
        text = text.replace(example, there)
    return json.loads(text)


def missing(example, answer, path=""):
    """Members of the example that the answer has not."""
    if isinstance(example, list) and isinstance(answer, list):
        return missing(example[0], answer[0], path + "[0]") if example and answer else []
    if not isinstance(example, dict):
        return []
    if not isinstance(answer, dict):
        return [f"{path} is {answer!r}"]
    found = []
    for name, value in example.items():
        if name not in answer:
            found.append(f"{path}.{name}")
        elif name not in OPEN:
            found += missing(value, answer[name], f"{path}.{name}")
    return found


def check(tap, world, operation):
    asked = operation.body_content("application/json")
    answered = operation.node["responses"]["200"].get("content", {}).get("application/json", {})
    if "example" not in (asked or {}) and "example" not in answered:
        return
    if operation.id == "UploadByUrl":
        reply = uploaded(world, operation)
    else:
        body = names_in_place(world, operation, asked["example"]) if asked and "example" in asked else {} if asked else None
        path = CALLS[operation.id](world) if operation.id in CALLS else world.path(operation)
        reply = world.server.call(operation.method, path, body, token=None if operation.public else "")
    problems = [f"{reply.status}: {reply.text[:400]}"] if reply.status != 200 else []
    if not problems and "example" in answered:
        problems = [f"the answer has no {name}" for name in missing(answered["example"], reply.json)]
    tap.ok(f"{operation.id}: its example", problems)


def main():
    tap, contract = Tap(), Contract()
    tap.ok("every body with something to say has an example", [
        operation.id for operation in contract.operations
        if operation.schema and operation.schema.get("properties") and "example" not in operation.body_content("application/json")])
    with Server(sys.argv[1]) as server:
        world = World(server)
        for operation in contract.operations:
            check(tap, world, operation)
    return tap.end()


sys.exit(main())
