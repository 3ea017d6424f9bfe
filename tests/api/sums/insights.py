"""Insights and estimates, against a count."""
import datetime

import zones
from aggregates import twin
from sample import AWAITING, COMPLETED
from zones import DAY, SECOND


def dollars(micros):
    text = f"{micros // 10**6}.{micros % 10**6:06}"
    return text[:-4] + text[-4:].rstrip("0")


def percent(part, whole):
    return 100 * part / whole if whole else 0


def change(before, now):
    return 100 * (now - before) / before if before else 100 if now else 0


def saved(runs):
    done = [run.automation for run in runs if run.state == COMPLETED]
    return {"time_saved_secs": str(sum(a.seconds for a in done)), "money_saved_usd": dollars(sum(a.micros for a in done))}


def counted(runs):
    return {"runs_count": str(len(runs))}


def before_window(start, until, zone):
    """The window before, and its name: so many days when it is whole days of the zone, up to a last moment of less than a minute;
    else in the largest unit that fits within a fiftieth."""
    last = -(-until // (60 * SECOND)) * 60 * SECOND
    first_day, end_day = zones.local(start, zone).date(), zones.local(last, zone).date()
    if zones.day_start(first_day, zone) == start and zones.day_start(end_day, zone) == last:
        n = (end_day - first_day).days
        return zones.day_start(first_day - datetime.timedelta(days=n), zone), "Previous day" if n == 1 else f"Previous {n} days"
    length = until - start
    for unit, word in ((1440 * 60 * SECOND, "day"), (60 * 60 * SECOND, "hour")):
        n = (length + unit // 2) // unit
        if n and 50 * abs(length - n * unit) <= length:
            break
    else:
        n, word = -(-length // (60 * SECOND)), "minute"
    return start - length, f"Previous {word}" if n == 1 else f"Previous {n} {word}s"


class Expected:
    """The answer for [start, until), of these workspaces and automations."""

    def __init__(self, sample, start, until, zone, workspaces, automations):
        self.sample, self.zone, self.workspaces, self.automations = sample, zone, workspaces, automations
        self.unit = "DAY" if until - start < 32 * DAY else "WEEK" if until - start < 185 * DAY else "MONTH"
        self.periods = zones.periods(self.unit, start, until, zone)
        mine = [run for run in sample.runs if run.workspace in workspaces and run.automation in automations]
        self.runs = [run for run in mine if start <= run.us < until]
        before, self.comparison = before_window(start, until, zone)
        self.before = [run for run in mine if before <= run.us < start]

    def by_period(self, runs):
        found = {key: [] for key in self.periods}
        for run in runs:
            found[zones.period(self.unit, run.us, self.zone)].append(run)
        return [(zones.label(self.unit, key, self.zone), those) for key, those in found.items()]

    def by_workspace(self, told):
        sample, automations, periods = self.sample, {}, {}
        for workspace in sample.workspaces:
            if workspace not in self.workspaces:
                continue
            runs, name = [run for run in self.runs if run.workspace == workspace], sample.w(workspace)[8:]
            values = []
            for automation in sample.automations:
                own = [run for run in runs if run.automation is automation]
                if automation.workspace == workspace and automation in self.automations and (own or not automation.deleted):
                    values.append({"automation_id": sample.name(automation), "display_name": automation.display_name, **told(own)})
            automations[name] = {"values": values}
            periods[name] = {"values": [{"window_label": label, **told(those)} for label, those in self.by_period(runs)]}
        return {"insights_per_automation_per_workspace": automations, "insights_per_period_per_workspace": periods}

    def trend(self, before, now):
        return {"percent_change": change(before, now), "comparison_window": self.comparison}

    def tree(self):
        value, done = saved(self.runs), [run for run in self.runs if run.state == COMPLETED]
        waiting = [run for run in self.runs if run.state == AWAITING]
        share = percent(len(done), len(self.runs))
        share_before = percent(sum(run.state == COMPLETED for run in self.before), len(self.before))
        snake = {
            "value_insight": {"total_money_saved_usd": value["money_saved_usd"], "total_time_saved_secs": value["time_saved_secs"],
                              **self.by_workspace(saved)},
            "run_insight": {"total_runs_count": str(len(self.runs)), **self.by_workspace(counted),
                            "trend": self.trend(len(self.before), len(self.runs))},
            "completion_insight": {
                "total_percent_completions": share,
                "completions_per_period": [
                    {"window_label": label, "auto_completed_count": str(sum(not run.manual for run in those)),
                     "manually_resolved_count": str(sum(run.manual for run in those))} for label, those in self.by_period(done)],
                "trend": self.trend(share_before, share),
                "stp": percent(sum(not run.manual for run in done), len(self.runs))},
            "awaiting_guidance_insight": {
                "total_runs_awaiting_guidance": str(len(waiting)),
                "runs_per_period": [{"window_label": label, "runs_awaiting_guidance": str(len(those))}
                                    for label, those in self.by_period(waiting)]}}
        return {**snake, **twin(snake)}


def random_choice(sample, query, prefix, named):
    """Workspaces and automations, by id or name; all of them when none is said."""
    workspaces, automations = list(sample.workspaces), list(sample.automations)
    if sample.random.random() < 0.5:
        workspaces = sample.some(workspaces)
        query[prefix + named[0]] = [sample.random.choice((w, sample.w(w)[8:])) for w in workspaces]
    if named[1] and sample.random.random() < 0.5:
        automations = sample.some([a for a in automations if a.workspace in workspaces])
        query[prefix + named[1]] = [sample.random.choice((a.id, sample.name(a))) for a in automations]
    return workspaces, automations


def check_windows(sample, must):
    for n in range(48):
        zone = sample.random.choice(sample.zones)
        start, until = sample.window()
        if n % 4 == 0:  # whole days, as clients ask for them: to the last second, millisecond or microsecond
            start = zones.day_start(zones.local(start, zone).date(), zone)
            until = zones.day_start(zones.local(until, zone).date() + datetime.timedelta(days=1), zone)
            until -= sample.random.choice((SECOND - 1, 999, 0))
        query = {"filter.time_window.start_time": zones.text(start), "filter.time_window.end_time": zones.text(until - 1),
                 "filter.time_window.time_zone": zone}
        chosen = random_choice(sample, query, "filter.", ("workspace_ids", "automation_ids"))
        yield from must(sample.o + "/dashboards:queryInsights", sample.spelled(query),
                        Expected(sample, start, until, zone, *chosen).tree())


def check_days(sample, must):
    for _ in range(18):
        zone = sample.random.choice(sample.zones)
        first = zones.local(sample.random_us(), zone).date()
        last = first + datetime.timedelta(days=sample.random.choice((0, 1, 6, 29, 30, 31, 183, 184, 500)))
        query = {"start_date": first.isoformat(), "end_date": last.isoformat(), "time_zone": zone}
        chosen = random_choice(sample, query, "", ("workspace_id", None))
        start, until = zones.day_start(first, zone), zones.day_start(last + datetime.timedelta(days=1), zone)
        yield from must(sample.o + "/analytics/insights", sample.spelled(query), Expected(sample, start, until, zone, *chosen).tree())


def check_estimates(sample, must):
    def estimates(workspace):
        return [{"automation_id": sample.name(a), "cost_usd": dollars(a.micros), "time_saved_secs": a.seconds}
                for n, a in enumerate(sample.automations) if a.workspace == workspace and n % 3 and not a.deleted]
    expected = {sample.w(w)[8:]: {"estimates": estimates(w)} for w in sample.workspaces}
    yield from must(sample.o + "/dashboards:queryAutomationEstimates", {}, {"workspace_estimates": expected})
