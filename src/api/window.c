#include "api/window.h"

#include "base/clock.h"
#include "value/zone.h"

static bool check_zone(Str zone, Error *err)
{
    return zone_is_known(zone) ||
           error_set(err, INVALID_ARGUMENT, "time_zone", "\"%.*s\" is not a zone such as Europe/Berlin",
                     STR_ARG(str_clip(zone, 60)));
}

bool day_start(Arena *arena, Str zone, int64_t day, int64_t *out, Error *err)
{
    DateTime *time = NEW(arena, DateTime);
    int64_t year;
    int month, date;
    civil_from_days(day, &year, &month, &date);
    *time = (DateTime){.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)date};
    return zone_instant((Value){.kind = VALUE_DATETIME, .datetime = time}, zone, out, err);
}

bool days_between(Arena *arena, Str zone, int64_t first, int64_t last, Days *out, Error *err)
{
    AUTO(zone_let_go)
    Zone *held = zone_hold(zone);
    (void)held; /* read from the disk once, not for each day */
    if (!check_zone(zone, err))
        return false;
    if (last < first)
        return error_set(err, INVALID_ARGUMENT, "end_date", "lies before start_date");
    if (last - first >= WINDOW_DAYS_MOST)
        return error_set(err, INVALID_ARGUMENT, "start_date", "%lld days are asked for; at most %d can be",
                         (long long)last - (long long)first + 1, WINDOW_DAYS_MOST);
    int n = (int)(last - first + 1);
    int64_t *starts = NEW_ARRAY(arena, int64_t, (size_t)n + 1);
    for (int i = 0; i <= n; i++) {
        if (!day_start(arena, zone, first + i, &starts[i], err))
            return false;
    }
    *out = (Days){.first = first, .n = n, .starts = starts};
    return true;
}

/* Days, and what else is looked for here, are of almost the same length: the first guess is a neighbour at worst. */
int days_find(const Days *days, int64_t us)
{
    const int64_t *starts = days->starts;
    if (us < starts[0] || us >= starts[days->n])
        return -1;
    double share = (double)(us - starts[0]) / (double)(starts[days->n] - starts[0]);
    int at = MIN_OF((int)(share * days->n), days->n - 1);
    while (us < starts[at])
        at--;
    while (us >= starts[at + 1])
        at++;
    return at;
}

bool day_at(Arena *arena, Str zone, int64_t us, int64_t *out, Error *err)
{
    Value local;
    if (!check_zone(zone, err) || !zone_local(arena, zone, us, &local, err))
        return false;
    *out = days_from_civil(local.datetime->year, local.datetime->month, local.datetime->day);
    return true;
}

bool day_parse(Str text, const char *field, int64_t *out, Error *err)
{
    int64_t us;
    char whole[] = "0000-00-00T00:00:00Z";
    if (text.len == 10)
        memcpy(whole, text.data, 10);
    if (text.len != 10 || !clock_parse(str_from_c(whole), &us))
        return error_set(err, INVALID_ARGUMENT, field, "\"%.*s\" is not a date such as 2026-04-14",
                         STR_ARG(str_clip(text, 60)));
    *out = us / (INT64_C(86400) * 1000000) - (us % (INT64_C(86400) * 1000000) < 0);
    return true;
}

Str day_text(Arena *arena, int64_t day)
{
    int64_t year;
    int month, date;
    civil_from_days(day, &year, &month, &date);
    return str_printf(arena, "%04lld-%02d-%02d", (long long)year, month, date);
}
