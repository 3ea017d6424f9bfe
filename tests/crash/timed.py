"""What is due by the clock while processes are killed and stopped: schedules, retention, purges. For nodes.py.

Each blow finds times of schedules, runs that were kept long enough and a deleted automation just come due, and the process that leads
told of them: it is struck while it sees to them, or before, and another one goes on."""
import datetime
import time

SCHEDULES, OLD_RUNS = 20, 40
CODE = 'set_output("n", value=1)\n'
MINUTE_US = 60 * 1000000
DAY_US = 86400 * 1000000
EVERY_MINUTE = {"config": {"start": {"start_date": {"year": 2020, "month": 1, "day": 1}, "time": {"hours": 0}, "time_zone": "UTC"},
                           "repeat_interval": {"unit": "FREQUENCY_UNIT_MINUTE"}}}


def leaf(name):
    return name.rsplit("/", 1)[-1]


class Timed:
    """`call` and `ask` are the harness's: the API at any process, and SQL."""

    def __init__(self, call, ask, workspace):
        self.call, self.ask, self.workspace = call, ask, workspace
        self.due = {}      # id of a scheduled automation → the times that were made due
        self.leaving = []  # automations without a run left, once all is seen to
        self.kept = None
        for i in range(SCHEDULES):
            automation = self.automation(f"Scheduled {i}")
            self.call("POST", f"{automation}/schedule", EVERY_MINUTE)
            self.due[leaf(automation)] = []
        self.since_us = self.now_us()

    def now_us(self):
        return int(self.ask("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))

    def automation(self, name, **more):
        made = self.call("POST", f"{self.workspace}/automations", {"display_name": name, "code": CODE} | more)["name"]
        self.call("POST", f"{made}:publish", {})
        return made

    def with_runs(self, name, **more):
        automation = self.automation(name, **more)
        begun = self.call("POST", f"{automation}:batchInvoke", {"requests": [{"stage": "AUTOMATION_STAGE_PUBLISHED"}] * OLD_RUNS})
        for answer in begun["responses"]:
            self.call("GET", f"{answer['run_id']}:wait?timeout=15s")
        return automation

    def prepare(self):
        """Runs that are soon old, and an automation that is soon to be purged; beside them runs that are to stay."""
        self.kept = self.kept or self.with_runs("Kept", run_retention="2592000s")
        self.old, self.gone = self.with_runs("Old", run_retention="86400s"), self.with_runs("Gone")
        self.call("DELETE", self.gone)

    def come_due(self, leader_changes):
        """Nobody can be told of runs that are old: whoever begins to lead looks, and then once an hour."""
        now_us = self.now_us()
        for automation in self.ask(f"UPDATE schedule SET next_us = {now_us} WHERE next_us > {now_us} RETURNING automation_id").split():
            self.due[automation].append(now_us)
        for automation in (self.old, self.kept) if leader_changes else ():
            self.ask(f"UPDATE run SET create_us = create_us - {2 * DAY_US}, state_us = state_us - {2 * DAY_US} "
                     f"WHERE automation = {self.key(automation)}")
        self.ask(f"UPDATE automation SET purge_us = 1 WHERE id = '{leaf(self.gone)}'")
        self.leaving += [self.key(self.gone)] + ([self.key(self.old)] if leader_changes else [])
        self.ask(f"SELECT pg_notify('clerkwork_' || to_hex(hashtext(current_schema())), '0 s{now_us} p1')")

    def key(self, automation):
        return self.ask(f"SELECT key FROM automation WHERE id = '{leaf(automation)}'")

    # ---- afterwards ----
    def check_removed(self):
        """Whoever leads now has removed it."""
        sql = f"SELECT count(*) FROM run WHERE automation IN ({', '.join(self.leaving)})"
        until = time.monotonic() + 15
        while (left := self.ask(sql)) != "0" and time.monotonic() < until:
            time.sleep(0.1)
        kept = self.ask(f"SELECT count(*) FROM run WHERE automation = {self.key(self.kept)}")
        problems = [f"{left} runs are left that were to be removed"] if left != "0" else []
        purged = self.ask(f"SELECT count(*) FROM automation WHERE key IN ({', '.join(self.leaving)}) AND purge_us NOT IN (0, -2)")
        return problems + ([f"{OLD_RUNS} runs were to stay, {kept} are there"] if kept != str(OLD_RUNS) else []) + \
            ([f"{purged} automations are not purged"] if purged != "0" else [])

    def minutes(self, from_us, to_us):
        return set(range((from_us // MINUTE_US + 1) * MINUTE_US, to_us, MINUTE_US))

    def check_schedules(self):
        """Each time once: one note, one run, none left out."""
        problems = []
        time.sleep(1)
        to_us = self.now_us()
        for automation, made_due in self.due.items():
            rows = [row.split("|") for row in self.ask(
                "SELECT f.due_us, f.outcome, f.run_id, f.reason FROM schedule_fire f JOIN automation a ON a.key = f.automation "
                f"WHERE a.id = '{automation}'").splitlines()]
            fired = {int(due_us) for due_us, *_ in rows}
            runs = set(self.ask(f"SELECT r.id FROM run r JOIN automation a ON a.key = r.automation WHERE a.id = '{automation}'").split())
            must = set(made_due) | self.minutes(self.since_us, to_us - 5 * 1000000)
            may = must | self.minutes(self.since_us, self.now_us())
            if not must <= fired <= may:
                problems.append(f"schedule {automation}: {self.told(must - fired)} missing, {self.told(fired - may)} too many")
            started = [run for _, outcome, run, _ in rows if run]
            if len(started) != len(rows) or len(started) != len(set(started)) or set(started) != runs:
                problems.append(f"schedule {automation}: {rows} noted, {len(runs)} runs there")
        if not all(self.due.values()):
            problems.append("no time of some schedules was made due")
        return problems

    @staticmethod
    def told(times):
        return [datetime.datetime.fromtimestamp(t / 1e6, datetime.timezone.utc).isoformat() for t in sorted(times)[:5]]
