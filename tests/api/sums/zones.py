"""The calendar of time zones as Python's zoneinfo has it: which hour, day, week or month of a zone an instant belongs to, and what it is
called. Instants are microseconds since 1970, UTC."""
import datetime
import functools
import zoneinfo

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SECOND = 1_000_000
HOUR, DAY = 3600 * SECOND, 86400 * SECOND
UNITS = ("HOUR", "DAY", "WEEK", "MONTH")
# Clocks that jump at midnight, by half an hour, at a minute past, or stand at odd quarters.
ODD = ("America/Havana", "Africa/Cairo", "America/Santiago", "America/Asuncion", "Asia/Beirut", "Atlantic/Azores", "America/Scoresbysund",
       "Asia/Amman", "Australia/Lord_Howe", "Antarctica/Casey", "Antarctica/Troll", "Africa/Casablanca", "Europe/Dublin", "Asia/Kathmandu",
       "Pacific/Chatham", "America/St_Johns", "Asia/Gaza", "Pacific/Kiritimati", "America/New_York", "Europe/Berlin", "UTC")

zone = functools.cache(zoneinfo.ZoneInfo)


def moment(us):
    return EPOCH + datetime.timedelta(microseconds=us)


def us_of(when):
    return (when - EPOCH) // datetime.timedelta(microseconds=1)


def local(us, name):
    return moment(us).astimezone(zone(name))


def text(us):
    return moment(us).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def offset(us, name):
    return local(us, name).utcoffset() // datetime.timedelta(seconds=1)


def first_with(low, high, holds):
    """The first whole second in (low, high] of which it holds; it does of high, and of none before one of which it does."""
    low, high = low // SECOND, high // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle * SECOND) else (middle, high)
    return high * SECOND


@functools.cache
def changes(name, first, last):
    """Instants from which on the zone's clock stands otherwise."""
    found = []
    for us in range(first, last, DAY):
        new = offset(us + DAY, name)
        if new != offset(us, name):
            found.append(first_with(us, us + DAY, lambda at, new=new: offset(at, name) == new))
    return found


def day_start(day, name):
    """Its midnight: the first of two; if the clocks skip it, the moment when they do."""
    return us_of(datetime.datetime(day.year, day.month, day.day, tzinfo=zone(name)).astimezone(datetime.timezone.utc))


def hour_start(us, name):
    """When the clock on the wall began this hour; a jump by half an hour begins one, too."""
    here = local(us, name)
    start = us - ((here.minute * 60 + here.second) * SECOND + here.microsecond)
    now = offset(us, name)
    if (offset(start, name) - now) % 3600 != 0:
        start = first_with(start, us, lambda at: offset(at, name) == now)
    return start


def begin(unit, day):
    return day - datetime.timedelta(days=day.weekday()) if unit == "WEEK" else day.replace(day=1) if unit == "MONTH" else day


def period(unit, us, name):
    """What tells the period of an instant from others."""
    return hour_start(us, name) if unit == "HOUR" else begin(unit, local(us, name).date())


def periods(unit, start, until, name):
    """All that [start, until) touches, in order."""
    if unit == "HOUR":
        return sorted({hour_start(us, name) for us in [*range(start, until, HOUR // 4), until - 1]})
    first, last = local(start, name).date(), local(until - 1, name).date()
    days = (first + datetime.timedelta(days=n) for n in range((last - first).days + 1))
    return sorted({begin(unit, day) for day in days})


def period_start(unit, key, name):
    return key if unit == "HOUR" else day_start(key, name)


def label(unit, key, name):
    here = local(key, name) if unit == "HOUR" else key
    return here.strftime({"HOUR": "%b %-d, %Y %-I:%M %p", "DAY": "%B %-d, %Y", "WEEK": "Week of %b %-d, %Y", "MONTH": "%B %Y"}[unit])
