"""One of everything in Ada's organization, so that every operation has something to be called on; people of every role; a
token of every kind. More is made where a suite asks for it."""
import base64
import datetime
import time

ASKING = "inputs\n  the order is a dictionary\n\nthe number is the order's PO number\noutput the number as \"number\"\n"
CLOSING = "inputs\n  the price is a number, usually 2\n\nthe total is the price times 2\noutput the total as \"total\"\n"
EMPTY_ORDER = {"order": {"dictionary": {"entries": []}}}
ROLES = ("workspace-admin", "automation-author", "operator", "workspace-viewer", "integrator")
DAILY = {"config": {"start": {"start_date": {"year": 2030, "month": 1, "day": 1}, "time": {"hours": 9}, "time_zone": "UTC"},
                    "repeat_interval": {"unit": "FREQUENCY_UNIT_DAY"}}}
# What only quill2's threads have.
SECOND_FORM = ("SendThreadInput", "ListThreadEvents", "StreamThreadEvents", "ForkThread", "WakeThread", "CompactThread", "GetThreadContext",
               "GiveThreadFeedback", "SendToolResult")


def leaf(name):
    return name.rsplit("/", 1)[-1]


class World:
    def __init__(self, server):
        self.server, self.n = server, 0
        self.organization, self.workspace = server.ours["organization"], server.ours["workspace"]
        self.o, self.w = "/api/v1/" + self.organization, "/api/v1/" + self.workspace
        self.make_people()
        self.make_tokens()
        self.make_work()

    # ---- making more of it ----

    def fresh(self, what):
        self.n += 1
        return f"{what} {self.n}"

    def invite(self, place, role, email=None):
        email = email or f"{self.fresh('guest').replace(' ', '-')}@acme.example"
        return self.server.must("POST", place + "/invites", {"email": email, "role": role})

    def join(self, place, role, name):
        """Somebody new with this role; gives their user id and token."""
        invited = self.invite(place, role)
        token = self.server.must("POST", "/api/v1/invitations:accept", {"secret": invited["secret"], "display_name": name},
                                 token=None)["token"]
        people = self.server.must("GET", place + "/users", query={"page_size": 1000})["users"]
        user = next(leaf(p["user"]["name"]) for p in people if p["user"]["email"] == invited["invitation"]["email"])
        return user, token

    def token(self, name, permissions="all", **more):
        """A token of Ada's: the whole answer, with its secret."""
        return self.server.must("POST", "/api/v1/me/tokens", {"display_name": name, "permissions": permissions, **more})

    def automation(self, english=CLOSING, publish=True, workspace=None):
        """Its address."""
        made = self.server.must("POST", (workspace or self.w) + "/automations",
                                {"display_name": self.fresh("Automation"), "english_code": english})
        if publish:
            self.server.must("POST", f"/api/v1/{made['name']}:publish", {})
        return "/api/v1/" + made["name"]

    def run(self, automation, inputs=None, stage="AUTOMATION_STAGE_PUBLISHED", wait=True):
        """Its address, once it is at rest."""
        address = "/api/v1/" + self.server.must("POST", automation + ":invoke", {"stage": stage, "inputs": inputs or {}})["run_id"]
        if wait:
            self.server.must("GET", address + ":wait", query={"timeout": "30s"})
        return address

    def parked(self, automation=None):
        """A run that asks, and its exception: two addresses."""
        run = self.run(automation or self.asking, EMPTY_ORDER)
        return run, "/api/v1/" + self.server.must("GET", run)["state"]["awaiting_guidance"]["exception"]

    def guide_entry(self):
        """The address of a remembered answer of an automation of its own."""
        automation = self.automation(ASKING)
        _, exception = self.parked(automation)
        self.server.must("POST", exception + ":resolve", {"use": {"text": "PO-1"}, "remember": True})
        return "/api/v1/" + self.server.must("GET", automation + "/guideEntries")["guide_entries"][0]["name"]

    def say(self, text):
        """In the authoring thread; gives the name of the last message of the turn."""
        self.server.must("POST", f"/api/v1/{self.thread}:sendMessage", {"user_message": {"user_message": {"content": text}}})
        return self.server.must("GET", f"/api/v1/{self.thread}/messages", query={"page_size": 1})["messages"][0]["name"]

    def upload(self, name="a.csv", content=b"number,total\nA-1,12.50\n"):
        return self.server.must("POST", self.o + "/files:upload",
                                {"filename": name, "content_base64": base64.b64encode(content).decode()})["metadata"]["name"]

    def webhook(self):
        """Its name. Nobody is there."""
        return self.server.must("POST", self.w + "/webhooks", {"url": "https://nowhere.invalid/" + self.fresh("hook").replace(" ", "-")})["name"]

    def trigger(self):
        """The whole answer, with its address."""
        return self.server.must("POST", self.w + "/triggers", {"automation": leaf(self.closing), "display_name": self.fresh("trigger"), "enabled": self.n % 2 == 0})

    # ---- at first ----

    def make_people(self):
        self.people = {"org-member": self.join(self.o, "org-member", "Mia")}
        for role in ROLES:
            self.people[role] = self.join(self.w, role, role.title())
        self.org_role = leaf(self.server.must("POST", self.o + "/roles", {"title": "Reader", "permissions": ["read:Run"]})["name"])
        self.w_role = leaf(self.server.must("POST", self.w + "/roles", {"title": "Reader", "permissions": ["read:Run"]})["name"])
        self.people[self.w_role] = self.join(self.w, self.w_role, "Rita")  # a role that is nobody else's
        self.invited = self.invite(self.o, "org-member")

    def make_tokens(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        expiring = self.token("expiring", expire_time=soon.isoformat().replace("+00:00", "Z"))
        revoked = self.token("revoked")
        self.server.must("DELETE", "/api/v1/" + revoked["name"])
        self.expired, self.revoked = expiring["secret"], revoked["secret"]
        self.own_token = self.token("subject")
        self.narrow = {}  # by permission: a token that has all others
        time.sleep(1.1)

    def make_work(self):
        server = self.server
        self.asking, self.closing = self.automation(ASKING), self.automation()
        self.ran, (self.parked_run, self.exception) = self.run(self.closing), self.parked()
        self.event = server.must("GET", self.parked_run + "/agents/astral/events")["events"][0]["name"]
        self.entry = self.guide_entry().removeprefix("/api/v1/")
        self.thread = server.must("POST", self.closing + "/agents/quill/threads", {"title": "Closing"})["name"]
        self.other_thread = server.must("POST", self.closing + "/agents/quill/threads", {})["name"]
        self.second_thread = server.must("POST", self.closing + "/agents/quill2/threads", {"title": "Closing"})["name"]
        self.message = self.say("show")
        self.file = self.upload()
        server.must("POST", self.closing + "/schedule", DAILY)
        self.hook = self.webhook()
        self.delivery = server.must("POST", f"/api/v1/{self.hook}:test", {})["name"]
        self.trigger_made = self.trigger()
        server.must("PATCH", "/api/v1/" + self.trigger_made["name"], {"enabled": True})
        self.execution = server.must("POST", self.w + "/executions:run",
                                     {"start_execution": {"code": "set_output(\"n\", value=3)"}})["execution_id"]

    # ---- addresses ----

    def subject(self, operation):
        """What stands for the parameters of the operation's path."""
        run = self.parked_run if "/runs/{run}" in operation.path else self.closing
        parts = dict(zip(run.split("/")[3::2], run.split("/")[4::2]))
        of_workspace = "{workspace}" in operation.path
        entry = "guide_entry" in operation.segments
        second = operation.id in SECOND_FORM
        return {"organization": leaf(self.organization), "workspace": leaf(self.workspace),
                "automation": self.entry.split("/")[5] if entry else parts["automations"], "revision": "1.0",
                "run": parts.get("runs"), "execution": leaf(self.execution), "exception": leaf(self.exception),
                "agent": "quill2" if second else "quill" if "/agents/{agent}/threads" in operation.path else "astral",
                "thread": leaf(self.second_thread if second else self.thread), "message": leaf(self.message), "artifact": "aop.md",
                "event": leaf(self.event), "guide_entry": leaf(self.entry), "exception_group": "missing_values", "file": leaf(self.file),
                "trigger": leaf(self.trigger_made["name"]), "hook": leaf(self.trigger_made["path"]), "webhook": leaf(self.hook), "delivery": leaf(self.delivery),
                "token": leaf(self.own_token["name"]), "user": self.people["workspace-viewer"][0],
                "role": self.w_role if of_workspace else self.org_role, "invitation": leaf(self.invited["invitation"]["name"])}

    def path(self, operation, **changes):
        values = {**self.subject(operation), **changes}
        path = operation.path
        for name in operation.segments:
            assert name in values, f"world.py has no subject for {{{name}}} of {operation.path}"
            path = path.replace("{" + name + "}", values[name])
        return path
