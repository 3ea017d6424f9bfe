"""Writes what schedules mean, found by brute force and without our code: every date (or every step) of the years in
question is looked at by itself, and the zones are Python's zoneinfo. One JSON object a line:

    {"config": …, "from": seconds, "times": [seconds …]}   all times after `from` and before the horizon
"""
import calendar
import json
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu"]
BEGIN, END = date(2010, 1, 1), date(2030, 1, 1)
DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
ORDINALS = ["FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "LAST"]


def to_wall(zone, second):
    return datetime.fromtimestamp(second, zone)


def to_utc(zone, wall):
    """The earlier of two; of a skipped time the first second whose wall time lies behind it."""
    at = wall.replace(tzinfo=zone, fold=0)
    back = at.astimezone(timezone.utc).astimezone(zone)
    if back.replace(tzinfo=None) == wall:
        return int(at.timestamp())
    low = int(at.timestamp()) - 2 * 86400
    high = low + 4 * 86400
    while high - low > 1:  # the wall's clock, once past `wall`, stays past it: gaps only jump ahead
        middle = (low + high) // 2
        if to_wall(zone, middle).replace(tzinfo=None) >= wall:
            high = middle
        else:
            low = middle
    return high


def time_of(seconds):
    return {"hours": seconds // 3600, "minutes": seconds // 60 % 60, "seconds": seconds % 60}


def in_window(case, second):
    window = case.get("window")
    if window is None:
        return True
    first, last, zone = window
    wall = to_wall(ZoneInfo(zone), second)
    clock = wall.hour * 3600 + wall.minute * 60 + wall.second
    return first <= clock <= last if first <= last else clock >= first or clock <= last


def matches_month(pattern, day):
    length = calendar.monthrange(day.year, day.month)[1]
    if "day_number" in pattern:
        return day.day == min(pattern["day_number"], length)
    which = pattern["ordinal_day"]
    if DAYS[day.weekday()] != which["day"][len("DAY_OF_WEEK_"):]:
        return False
    ordinal = which["ordinal"][len("ORDINAL_"):]
    if ordinal == "LAST":
        return day.day + 7 > length
    return ORDINALS.index(ordinal) == (day.day - 1) // 7


def matches(case, start, day):
    unit, interval = case["unit"], case["interval"]
    named = case.get("days")
    if named is not None and DAYS[day.weekday()] not in named:
        return False
    if unit == "DAY":
        return (day - start).days % interval == 0
    if unit == "WEEK":
        monday = lambda d: d - timedelta(days=d.weekday())
        if named is None and day.weekday() != start.weekday():
            return False
        return (monday(day) - monday(start)).days // 7 % interval == 0
    if unit == "MONTH":
        months = (day.year - start.year) * 12 + day.month - start.month
        return months % interval == 0 and matches_month(case.get("month_pattern", {"day_number": start.day}), day)
    month = case.get("month", start.month)
    return (day.year - start.year) % interval == 0 and day.month == month and \
        matches_month(case.get("month_pattern", {"day_number": start.day}), day)


def by_date(case, zone):
    start, out = case["start"], set()
    day = start
    while day < END:
        if matches(case, start, day):
            wall = datetime(day.year, day.month, day.day) + timedelta(seconds=case["time"])
            second = to_utc(zone, wall)
            if in_window(case, second):
                out.add(second)
        day += timedelta(days=1)
    return sorted(out)


def by_step(case, zone, until):
    start = case["start"]
    second = to_utc(zone, datetime(start.year, start.month, start.day) + timedelta(seconds=case["time"]))
    step, out = case["interval"] * (3600 if case["unit"] == "HOUR" else 60), []
    while second < until:
        wall = to_wall(zone, second)
        if (case.get("days") is None or DAYS[wall.weekday()] in case["days"]) and in_window(case, second):
            out.append(second)
        second += step
    return out


def config_of(case, zone):
    start = case["start"]
    config = {"start": {"start_date": {"year": start.year, "month": start.month, "day": start.day},
                        "time": time_of(case["time"]), "time_zone": zone},
              "repeat_interval": {"unit": "FREQUENCY_UNIT_" + case["unit"], "interval": case["interval"]}}
    if case.get("days") is not None:
        config["weekly_pattern"] = {"days": ["DAY_OF_WEEK_" + d for d in case["days"]]}
    if case["unit"] == "MONTH" and "month_pattern" in case:
        config["monthly_pattern"] = case["month_pattern"]
    if case["unit"] == "YEAR" and "month" in case:
        config["yearly_pattern"] = {"month": "MONTH_" + calendar.month_name[case["month"]].upper(),
                                    "day_pattern": case["month_pattern"]}
    if "window" in case:
        first, last, window_zone = case["window"]
        config["active_window"] = {"window_start": time_of(first), "window_end": time_of(last), "time_zone": window_zone}
    if "until" in case:
        until = case["until"]
        config["end"] = {"end_type": "SCHEDULE_END_TYPE_ON_DATE",
                         "end_date": {"year": until.year, "month": until.month, "day": until.day}}
    return config


def ordinal(which, day):
    return {"ordinal_day": {"ordinal": "ORDINAL_" + which, "day": "DAY_OF_WEEK_" + day}}


def cases():
    """Times around the hours at which clocks change: 00:00 (São Paulo), 02:00 and 02:30 (New York, Berlin, Lord Howe)."""
    for time in (0, 1800, 5400, 7200, 9000, 9 * 3600, 86399):
        yield {"unit": "DAY", "interval": 1, "time": time, "start": BEGIN}
    yield {"unit": "DAY", "interval": 3, "time": 9000, "start": date(2010, 5, 31), "days": DAYS[:5]}
    yield {"unit": "DAY", "interval": 1, "time": 12 * 3600, "start": BEGIN, "window": (9 * 3600, 17 * 3600, "Asia/Tokyo")}
    yield {"unit": "WEEK", "interval": 1, "time": 9000, "start": date(2010, 1, 6)}
    yield {"unit": "WEEK", "interval": 1, "time": 0, "start": BEGIN, "days": DAYS[:5], "until": date(2019, 12, 31)}
    yield {"unit": "WEEK", "interval": 2, "time": 9 * 3600, "start": date(2010, 4, 14), "days": ["MONDAY", "SUNDAY"]}
    yield {"unit": "WEEK", "interval": 5, "time": 7200, "start": date(2010, 4, 18), "days": ["SUNDAY"]}
    for number in (1, 15, 29, 30, 31):
        yield {"unit": "MONTH", "interval": 1, "time": 9000, "start": BEGIN, "month_pattern": {"day_number": number}}
    yield {"unit": "MONTH", "interval": 3, "time": 0, "start": date(2010, 11, 30)}
    for index, which in enumerate(ORDINALS):
        yield {"unit": "MONTH", "interval": 1 + index % 2, "time": 7200, "start": date(2010, 1, 20),
               "month_pattern": ordinal(which, DAYS[(index * 3 + 6) % 7])}
    yield {"unit": "YEAR", "interval": 1, "time": 9000, "start": date(2012, 2, 29)}
    yield {"unit": "YEAR", "interval": 2, "time": 9000, "start": BEGIN, "month": 3, "month_pattern": ordinal("SECOND", "SUNDAY")}
    yield {"unit": "YEAR", "interval": 1, "time": 0, "start": BEGIN, "month": 12, "month_pattern": {"day_number": 30}}
    yield {"unit": "YEAR", "interval": 1, "time": 0, "start": BEGIN, "month": 2, "month_pattern": ordinal("FIFTH", "WEDNESDAY")}
    yield {"unit": "HOUR", "interval": 7, "time": 1800, "start": BEGIN}
    yield {"unit": "HOUR", "interval": 1, "time": 900, "start": BEGIN, "days": ["SATURDAY"], "window": (3600, 7200, "Europe/Berlin")}
    yield {"unit": "HOUR", "interval": 5, "time": 0, "start": BEGIN, "window": (22 * 3600, 6 * 3600, "America/New_York")}


def minute_cases():
    yield {"unit": "MINUTE", "interval": 15, "time": 600, "start": date(2011, 1, 3), "days": DAYS[:5],
           "window": (9 * 3600, 17 * 3600, "Europe/Berlin")}
    yield {"unit": "MINUTE", "interval": 10, "time": 0, "start": date(2011, 1, 3), "days": ["SUNDAY"],
           "window": (0, 9000, "America/New_York")}
    yield {"unit": "MINUTE", "interval": 20, "time": 0, "start": date(2011, 1, 3), "window": (5400, 5400 + 1200, "America/Sao_Paulo")}


def main(path):
    end = int(datetime(END.year, END.month, END.day, tzinfo=timezone.utc).timestamp()) - 86400
    two_years = int(datetime(2013, 1, 3, tzinfo=timezone.utc).timestamp())
    with open(path, "w", encoding="ascii") as out:
        for name in ZONES:
            zone = ZoneInfo(name)
            for case in list(cases()) + list(minute_cases()):
                until = two_years if case["unit"] == "MINUTE" else end
                times = by_step(case, zone, until) if case["unit"] in ("MINUTE", "HOUR") else by_date(case, zone)
                if "until" in case:
                    times = [t for t in times if to_wall(zone, t).date() <= case["until"]]
                times = [t for t in times if t < until]
                json.dump({"config": config_of(case, name), "until": until, "times": times}, out, separators=(",", ":"))
                out.write("\n")


main(sys.argv[1])
