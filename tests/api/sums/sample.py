"""A random sample of what is summed up: automations, files and estimates made through the API, runs and questions of the past by bench/fill.
All that the tests expect is counted from these lists, one by one."""
import base64
import os
import sqlite3
import subprocess
from collections import namedtuple

import zones
from zones import DAY, HOUR, SECOND

STATES = ("pending", "executing", "awaiting_guidance", "stopping", "stopped", "success", "failed")  # as metrics call them, in fill's order
AWAITING, COMPLETED = 2, 5
N_RUNS = 1500
FIRST, LAST = 1_672_531_200 * SECOND, 1_798_761_600 * SECOND  # the years 2023 to 2026
CODE = "output 1 as \"n\"\n"

Automation = namedtuple("Automation", "workspace id display_name status create_us deleted micros seconds")
Run = namedtuple("Run", "us state workspace automation manual")  # those that count: of an automation, and nobody's child
Question = namedtuple("Question", "us state workspace seconds")
File = namedtuple("File", "us workspace size")


def leaf(name):
    return name.rsplit("/", 1)[-1]


class Sample:
    def __init__(self, server, fill, random):
        self.server, self.random = server, random
        self.organization = server.ours["organization"]
        self.o = f"/api/v1/organizations/{leaf(self.organization)}"
        second = server.must("POST", self.o + "/workspaces", {"title": "Elsewhere"})["name"]
        self.workspaces = [leaf(server.ours["workspace"]), leaf(second)]  # in the order in which they were made
        self.zones = sorted({*zones.ODD, *random.sample(sorted(zones.zoneinfo.available_timezones()), 10)})
        self.jumps = [us for name in self.zones for us in self.jumps_of(name)]
        self.automations, self.runs, self.questions, self.files = [], [], [], []
        self.answered_below = []  # runs that a person helped through their children alone
        self.make_automations()
        self.make_files()
        lines = self.make_runs()
        server.process.terminate()
        assert server.process.wait(timeout=60) == 0
        self.move_to_the_past()
        subprocess.run([fill, server.directory, leaf(self.organization)], input="\n".join(lines) + "\n", text=True, check=True)
        self.wrong_sums = self.migrate_rollups() or self.migrate_exceptions()
        server.start_again()

    def w(self, workspace):
        return f"{self.o}/workspaces/{workspace}"

    def name(self, automation):
        return f"{self.w(automation.workspace)[8:]}/automations/{automation.id}"

    @staticmethod
    def jumps_of(zone):
        return zones.changes(zone, FIRST, LAST)

    def random_us(self):
        """Often near a jump of some clock, or at a midnight."""
        kind = self.random.random()
        if kind < 0.35:
            return self.random.choice(self.jumps) + self.random.randrange(-2 * DAY, 2 * DAY)
        if kind < 0.5:
            return self.random.choice(self.jumps) + self.random.choice((-2, -1, 0, 1, 2, 3)) * HOUR // 2 - self.random.randrange(2)
        us = self.random.randrange(FIRST, LAST)
        if kind < 0.7:
            us = zones.day_start(zones.moment(us).date(), self.random.choice(self.zones)) - self.random.randrange(2)
        return us

    # ---- through the API ----

    def make_automations(self):
        made = []
        for n in range(9):
            workspace = self.workspaces[n % 2 if n < 6 else 0]
            place = self.server.must("POST", self.w(workspace) + "/automations", {"display_name": f"Automation {n}", "english_code": CODE})["name"]
            status = ("active", "active", "deactivated", "active", "draft", "active")[n % 6]
            if status != "draft":
                self.server.must("POST", f"/api/v1/{place}:publish", {})
            if status == "deactivated":
                self.server.must("POST", f"/api/v1/{place}:deactivate", {})
            micros, seconds = (self.random.randrange(10**9), self.random.randrange(10**5)) if n % 3 else (0, 0)
            made.append(Automation(workspace, leaf(place), f"Automation {n}", status, self.random_us(), n in (5, 7), micros, seconds))
            if n % 3:
                self.server.must("POST", self.w(workspace) + "/dashboards:configureAutomationEstimates", {"automation_estimates": [
                    {"automation_id": place, "cost_usd": f"{micros // 10**6}.{micros % 10**6:06}", "time_saved_secs": seconds}]})
        for automation in made:
            if automation.deleted:
                self.server.must("DELETE", "/api/v1/" + self.name(automation))
        self.automations = made

    def make_files(self):
        for n in range(14):
            workspace = (*self.workspaces, "")[n % 3]
            size = self.random.randrange(1, 5000)
            self.server.must("POST", (self.w(workspace) if workspace else self.o) + "/files:upload",
                             {"filename": "a.bin", "content_base64": base64.b64encode(bytes(size)).decode()})
            self.files.append(File(self.random_us(), workspace, size))

    def move_to_the_past(self):
        """Automations and files were made just now; only their time is changed."""
        database = sqlite3.connect(os.path.join(self.server.directory, "clerkwork.db"))
        with database:
            for automation in self.automations:
                database.execute("UPDATE automation SET create_us = ? WHERE id = ?", (automation.create_us, automation.id))
            keys = [row[0] for row in database.execute("SELECT key FROM file ORDER BY key")]
            assert len(keys) == len(self.files)
            for key, file in zip(keys, self.files):
                database.execute("UPDATE file SET create_us = ? WHERE key = ?", (file.us, key))
        database.close()

    def migrate_rollups(self):
        """What the migration makes of quarters of an hour must be what the store keeps: "" when it is."""
        migration = os.path.join(os.environ["CLERKWORK_SOURCE_ROOT"], "src/store/migrations/025_rollup_levels.sql")
        database = sqlite3.connect(os.path.join(self.server.directory, "clerkwork.db"))
        every = "SELECT * FROM run_rollup ORDER BY organization, start_us, workspace, automation"
        kept = database.execute(every).fetchall()
        database.execute("DELETE FROM run_rollup WHERE start_us >= 1 << 58")
        with open(migration, encoding="utf-8") as statements:
            database.executescript(statements.read())
        made = database.execute(every).fetchall()
        database.close()
        return "" if made == kept else f"{set(made) ^ set(kept)}"

    def migrate_exceptions(self):
        """The same of exceptions, whose sums a migration counts."""
        migration = os.path.join(os.environ["CLERKWORK_SOURCE_ROOT"], "src/store/migrations/026_sums.sql")
        database = sqlite3.connect(os.path.join(self.server.directory, "clerkwork.db"))
        every = "SELECT * FROM exception_sum ORDER BY organization, workspace, state, automation, group_name"
        kept = database.execute(every).fetchall()
        with open(migration, encoding="utf-8") as statements, database:
            database.execute("DELETE FROM exception_sum")
            database.execute("INSERT INTO exception_sum" + statements.read().split("INSERT INTO exception_sum")[1])
        made = database.execute(every).fetchall()
        database.close()
        return "" if made == kept and len(kept) > 3 else f"{set(made) ^ set(kept)}"

    # ---- runs, as lines for bench/fill ----

    def make_questions(self, us, workspace):
        """As fill reads them, and whether a person answered."""
        ends, by_person = [], False
        for n in range(self.random.choice((0, 0, 0, 1, 1, 2))):
            how, seconds = self.random.choice("uugap"), self.random.randrange(100_000)
            ends.append("p" if how == "p" else f"{how}{seconds}")
            by_person |= how == "u"
            state = {"p": "pending", "a": "archived"}.get(how, "resolved")
            self.questions.append(Question(us + (n + 1) * SECOND, state, workspace, seconds))
        return ",".join(ends) or "-", by_person

    def make_runs(self):
        lines = []
        for _ in range(N_RUNS):
            automation = self.random.choice(self.automations[:-1])  # the last one never ran
            us, state = self.random_us(), self.random.choice((0, 1, 2, 2, 3, 4, 5, 5, 5, 5, 6, 6))
            workspace = automation.workspace
            alone = self.random.random() < 0.05
            questions, by_person = self.make_questions(us, workspace)
            own = by_person
            lines.append(f"{us} {state} {workspace} {'-' if alone else automation.id} {questions}")
            for _ in range(0 if alone else self.random.choice((0,) * 9 + (3,))):
                later = us + self.random.randrange(HOUR)
                questions, below = self.make_questions(later, workspace)
                lines.append(f"{later} {self.random.choice((COMPLETED, 6))} {workspace} + {questions}")
                by_person |= below
            if not alone:
                self.runs.append(Run(us, state, workspace, automation, state == COMPLETED and by_person))
                if self.runs[-1].manual and not own:
                    self.answered_below.append(self.runs[-1])
        return lines

    # ---- for those who ask ----

    def window(self, longest=400 * DAY):
        """[from, until), from a microsecond on."""
        start = self.random_us()
        if self.random.random() < 0.25:
            start = self.random.choice(self.random.choice((self.runs, self.answered_below))).us
        until = start + int(10 ** self.random.uniform(6, 13.6)) if self.random.random() < 0.6 else self.random_us()
        start, until = min(start, until), max(start, until)
        return start, min(max(until, start + 1), start + longest)

    def some(self, of):
        """Some of them, at least one."""
        return self.random.sample(of, self.random.randrange(1, len(of) + 1))

    def spelled(self, query):
        """Query parameters in either spelling."""
        return {self.either(name): value for name, value in query.items()}

    def either(self, name):
        return camel(name) if self.random.random() < 0.5 else name


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
