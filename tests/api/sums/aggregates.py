"""Runs of each automation and of each day, and how long answers took, against a count."""
import datetime

import zones
from sample import COMPLETED, camel


def twin(tree):
    """The same members in lowerCamelCase; names of resources are none."""
    if isinstance(tree, dict):
        return {key if "/" in key else camel(key): twin(value) for key, value in tree.items()}
    return [twin(item) for item in tree] if isinstance(tree, list) else tree


def of_automations(sample, workspace, only=None):
    def stats(automation):
        own = [run for run in sample.runs if run.automation is automation]
        return {"total_runs": str(len(own)), "completed_runs": str(sum(run.state == COMPLETED for run in own))}
    snake = {"automation_run_aggregates": [
        {"automation_id": sample.name(automation), "stats": stats(automation)} for automation in sample.automations
        if automation.workspace == workspace and not automation.deleted and only in (None, automation)]}
    return {**snake, **twin(snake)}


def check_automations(sample, must):
    for workspace in sample.workspaces:
        w, whole = sample.w(workspace), of_automations(sample, workspace)
        yield from must(w + ":automationRunAggregates", {}, whole)
        yield from must(w + "/analytics/run_stats", {"daily": "false"}, whole)
        for automation in sample.automations:
            if automation.workspace == workspace:
                said = sample.random.choice((automation.id, sample.name(automation)))
                yield from must(w + "/analytics/run_stats", {sample.either("automation_id"): said}, of_automations(sample, workspace, automation))


def of_days(sample, workspace, first, last, zone, automations=None):
    counts = {first + datetime.timedelta(days=n): 0 for n in range((last - first).days + 1)}
    for run in sample.runs:
        day = zones.local(run.us, zone).date()
        if run.workspace == workspace and day in counts and (automations is None or run.automation in automations):
            counts[day] += 1
    return {"daily_run_aggregates": [{"date": day.isoformat(), "stats": {"total_runs": n}} for day, n in counts.items()]}


def random_days(sample, zone):
    first = zones.local(sample.random_us(), zone).date()
    return first, first + datetime.timedelta(days=sample.random.choice((0, 1, 2, 6, 30, 400)))


def parts(sample, field, day, at_end):
    """A date by its parts; the whole month or year where the day is the first or the last of it."""
    tomorrow = day + datetime.timedelta(days=1)
    edge = tomorrow if at_end else day
    n = 1 if edge.day == 1 and edge.month == 1 else 2 if edge.day == 1 else 3
    n = sample.random.randrange(n, 4)
    return {f"{field}.{part}": getattr(day, part) for part in ("year", "month", "day")[:n]}


def random_filter(sample, workspace):
    """Alternatives of ids and names, some of them of nobody; and which automations that leaves."""
    mine = [automation for automation in sample.automations if automation.workspace == workspace]
    chosen = sample.some(mine)
    terms = [f'automation_id = "{sample.random.choice((automation.id, sample.name(automation)))}"' for automation in chosen]
    if sample.random.random() < 0.3:
        terms.append('automation_id = "nobody"')
    text = sample.random.choice((" OR ", " or ")).join(terms)
    if sample.random.random() < 0.3:
        text = 'automation_id = "' + " OR ".join(automation.id for automation in chosen) + '"'
    elif len(terms) > 2 and sample.random.random() < 0.5:
        text = f"({terms[0]} OR {terms[1]}) OR " + " OR ".join(terms[2:])
    return text, chosen


def check_days(sample, must):
    for n in range(36):
        workspace, zone = sample.random.choice(sample.workspaces), sample.random.choice(sample.zones)
        first, last = random_days(sample, zone)
        if n % 6 == 0:
            first = first.replace(day=1, month=sample.random.choice((1, first.month)))
        if n % 6 == 1:
            last = datetime.date(last.year, 12, 31)
        query = {**parts(sample, "start_date", first, False), **parts(sample, "end_date", last, True), "time_zone": zone}
        chosen = None
        if n % 2:
            query["filter"], chosen = random_filter(sample, workspace)
        yield from must(sample.w(workspace) + ":dailyRunAggregates", sample.spelled(query), of_days(sample, workspace, first, last, zone, chosen))
    for _ in range(12):
        workspace, zone = sample.random.choice(sample.workspaces), sample.random.choice(sample.zones)
        first, last = random_days(sample, zone)
        query = {"daily": "true", "start_date": first.isoformat(), "end_date": last.isoformat(), "time_zone": zone}
        chosen = sample.random.choice([None] + [a for a in sample.automations if a.workspace == workspace])
        if chosen:
            query["automation_id"] = chosen.id
        yield from must(sample.w(workspace) + "/analytics/run_stats", sample.spelled(query),
                        of_days(sample, workspace, first, last, zone, [chosen] if chosen else None))


def check_answers(sample, must):
    for _ in range(12):
        workspace, zone = sample.random.choice(sample.workspaces), sample.random.choice(sample.zones)
        first, last = random_days(sample, zone)
        here = [q for q in sample.questions if q.workspace == workspace and first <= zones.local(q.us, zone).date() <= last]
        count = {state: sum(q.state == state for q in here) for state in ("pending", "resolved", "archived")}
        expected = {"total_exceptions_count": str(len(here)), **{f"{state}_count": str(n) for state, n in count.items()}}
        if count["resolved"]:
            expected["mean_time_to_resolution_secs"] = sum(q.seconds for q in here if q.state == "resolved") / count["resolved"]
        query = {"start_date": first.isoformat(), "end_date": last.isoformat(), "time_zone": zone}
        yield from must(sample.w(workspace) + "/analytics/exception_insights", sample.spelled(query), expected)
