"""Metrics: every one of them, by every grouping, interval, aggregation and order, against a count."""
import itertools

import zones
from aggregates import twin
from sample import STATES
from zones import DAY, HOUR

METRICS = ("runs", "files", "automations", "pages")
TAGS = ("status", "workspace_id", "automation_id")
GROUPS = [group for n in range(4) for group in itertools.combinations(TAGS, n)]
AGGREGATIONS = {"COUNT": len, "SUM": sum, "AVG": lambda values: sum(values) / len(values), "MIN": min, "MAX": max}
STATUSES = (*STATES, "active", "deactivated", "draft")


def records(sample, metric):
    """(when, tags, value) of everything that is measured."""
    if metric == "runs":
        return [(run.us, (STATES[run.state], run.workspace, run.automation.id), 1) for run in sample.runs]
    if metric == "automations":
        return [(a.create_us, (a.status, a.workspace, a.id), 1) for a in sample.automations if not a.deleted]
    return [(file.us, ("", file.workspace, ""), file.size) for file in sample.files] if metric == "files" else []


# ---- filters: their text, and whether tags pass ----

def random_term(sample):
    tag = sample.random.randrange(3)
    values = (STATUSES, sample.workspaces, [a.id for a in sample.automations])[tag]
    kind = sample.random.random()
    if kind < 0.25:
        some = sample.some(values)
        inside = ", ".join(f'"{value}"' for value in some)
        return f"{TAGS[tag]} {sample.random.choice(('IN', 'in'))} [{inside}]", lambda tags: tags[tag] in some
    value = sample.random.choice(values)
    said = value if tag == 0 or kind < 0.5 else sample.w(value)[8:] if tag == 1 else sample.name(
        next(a for a in sample.automations if a.id == value))
    if kind < 0.75:
        return f'{TAGS[tag]} = "{said}"', lambda tags: tags[tag] == value
    return f'{TAGS[tag]} != "{said}"', lambda tags: tags[tag] != value


def random_filter(sample, depth=2):
    kind = sample.random.random()
    if depth == 0 or kind < 0.3:
        return random_term(sample)
    text, holds = random_filter(sample, depth - 1)
    if kind < 0.5:
        return f"NOT ({text})", lambda tags: not holds(tags)
    other, too = random_filter(sample, depth - 1)
    if kind < 0.75:
        return f"({text}) AND ({other})", lambda tags: holds(tags) and too(tags)
    return f"({text}) OR ({other})", lambda tags: holds(tags) or too(tags)


# ---- what a count gives ----

class Asked:
    """One random question."""

    def __init__(self, sample, n):
        random = sample.random
        self.sample, self.zone = sample, random.choice(sample.zones)
        self.metrics = random.sample(METRICS, random.randrange(1, 5))
        self.group, self.unit = GROUPS[n % len(GROUPS)], (*zones.UNITS, "")[n % 5]
        self.aggregation = random.choice((*AGGREGATIONS, ""))
        self.start, self.until = sample.window({"HOUR": 20 * DAY, "DAY": 400 * DAY}.get(self.unit, 1400 * DAY))
        if self.unit == "HOUR" and random.random() < 0.3:  # clocks that jump by half an hour
            self.zone = "Australia/Lord_Howe"
            jump = random.choice(sample.jumps_of(self.zone))
            self.start, self.until = jump - random.randrange(DAY), jump + random.randrange(DAY)
        self.filter, self.holds = random_filter(sample) if random.random() < 0.6 else ("", lambda tags: True)
        fields = random.sample((*self.group, "value"), random.randrange(0, len(self.group) + 2))
        self.order = [(field, random.choice(("", " asc", " desc"))) for field in fields]

    def query(self):
        said, random = self.sample.either, self.sample.random
        query = {"metrics": self.metrics, said("start_time"): zones.text(self.start), said("end_time"): zones.text(self.until),
                 said("time_zone"): self.zone, said("group_by"): self.group, "filter": self.filter, "page_size": 0}
        if self.unit:
            query["interval"] = random.choice(("", "METRIC_INTERVAL_")) + self.unit
        if self.aggregation:
            query["aggregation"] = random.choice(("", "AGGREGATION_FUNCTION_")) + self.aggregation
        if self.order:
            query[said("order_by")] = ", ".join(said(field) + way for field, way in self.order)
        return {key: value for key, value in query.items() if value not in ("", ())}

    def expected(self, unit):
        results = [{"metric": metric, "interval": "METRIC_INTERVAL_" + unit,
                    "aggregation": "AGGREGATION_FUNCTION_" + (self.aggregation or "COUNT"), "series": self.series(metric, unit)}
                   for metric in self.metrics]
        return {"results": results, "next_page_token": ""}

    def series(self, metric, unit):
        keys = zones.periods(unit, self.start, self.until, self.zone)
        found = {} if self.group else {(): {key: [] for key in keys}}
        for us, tags, value in records(self.sample, metric):
            if self.start <= us < self.until and self.holds(tags):
                shown = tuple(tags[TAGS.index(tag)] for tag in self.group)
                by_period = found.setdefault(shown, {key: [] for key in keys})
                by_period[zones.period(unit, us, self.zone)].append(value)
        told = [{"tags": dict(zip(self.group, tags)), "points": self.points(by_period, unit)} for tags, by_period in sorted(found.items())]
        for field, way in reversed(self.order):
            told.sort(key=lambda series, field=field: self.order_key(series, field), reverse=way == " desc")
        return told

    @staticmethod
    def order_key(series, field):
        if field == "value":
            return series["points"][-1]["value"] if series["points"] else 0
        return series["tags"][field]

    def points(self, by_period, unit):
        tell = AGGREGATIONS[self.aggregation or "COUNT"]
        told = [{"start_time": zones.text(zones.period_start(unit, key, self.zone)), "value": tell(values) if values else 0,
                 "window_label": zones.label(unit, key, self.zone)}
                for key, values in by_period.items() if values or self.aggregation in ("", "COUNT", "SUM")]
        return [{**point, **twin(point)} for point in told]


def chosen_unit(start, until):
    """The interval of those who name none."""
    days = (until - start) // DAY
    return "HOUR" if until - start < 49 * HOUR else "DAY" if days <= 31 else "WEEK" if days <= 184 else "MONTH"


def check(sample, must):
    for n in range(80):  # every grouping with every interval, twice
        asked = Asked(sample, n)
        yield from must(sample.o + "/metrics:query", asked.query(), asked.expected(asked.unit or chosen_unit(asked.start, asked.until)))


def check_pages(sample, must):
    """Pages of series put together are the whole, of each metric."""
    for n in range(6):
        asked = Asked(sample, 7)
        asked.metrics, asked.unit, asked.group = ["automations", "runs"], "MONTH", GROUPS[-1 - n % 2]
        asked.order = []
        whole, query, token = asked.expected("MONTH"), asked.query(), ""
        size = sample.random.choice((1, 3, 7))
        series = [result.pop("series") for result in whole["results"]]
        at = 0
        while at == 0 or token:
            page = [{**result, "series": all_of_it[at:at + size]} for result, all_of_it in zip(whole["results"], series)]
            at += size
            more = at < max(map(len, series))
            reply = sample.server.must("GET", sample.o + "/metrics:query", query={**query, "page_size": size, "page_token": token})
            token = reply["next_page_token"]
            yield from must(f"{at // size}. page of {size}", query, {"results": page, "next_page_token": token or "one" if more else ""}, reply)
