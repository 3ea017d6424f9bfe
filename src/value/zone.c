/* value/zone.c: the one place where GLib's GTimeZone is met. */
#include "value/zone.h"

#include <glib.h>
#include <string.h>

#include "base/clock.h"

#define ID_MAX 64
#define US_PER_SECOND 1000000LL

/* The database's names begin with a capital letter, offsets with a sign or a digit. What else stands in its folder
 * (tables, lists of leap seconds) is no zone, and GLib loses memory over each try to read it as one. */
static bool may_be_zone(Str id)
{
    char first = id.data[0];
    if (!((first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9') || first == '+' || first == '-'))
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && (c == '\0' || !strchr("+-_/:", c)))
            return false;
    }
    return true;
}

static GTimeZone *zone_open(Str id)
{
    char name[ID_MAX + 1];
    if (id.len == 0)
        return g_time_zone_new_utc();
    if (id.len > ID_MAX || !may_be_zone(id))
        return NULL;
    memcpy(name, id.data, id.len);
    name[id.len] = '\0';
    return g_time_zone_new_identifier(name);
}

static void zone_done(GTimeZone **zone)
{
    if (*zone)
        g_time_zone_unref(*zone);
}

static bool refuse_zone(Str id, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "", "there is no time zone called \"%.*s\": use a name like Europe/Berlin",
                     STR_ARG(str_slice(id, 0, ID_MAX)));
}

bool zone_is_known(Str id)
{
    AUTO(zone_done)
    GTimeZone *zone = zone_open(id);
    return zone != NULL;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

bool zone_local(Arena *arena, Str id, int64_t us, Value *out_datetime, Error *err)
{
    AUTO(zone_done)
    GTimeZone *zone = zone_open(id);
    if (!zone)
        return refuse_zone(id, err);
    int64_t seconds = floor_divide(us, US_PER_SECOND);
    int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, seconds);
    int32_t offset = g_time_zone_get_offset(zone, interval);
    int64_t local = seconds + offset, year = 0;
    int64_t days = floor_divide(local, 86400);
    int month = 0, day = 0;
    civil_from_days(days, &year, &month, &day);
    if (year < 1 || year > 9999)
        return error_set(err, OUT_OF_RANGE, "", "the time lies outside the years 1 to 9999");
    int second = (int)(local - days * 86400);
    *out_datetime = value_datetime(arena, (DateTime){
                                              .year = (int32_t)year,
                                              .month = (uint8_t)month,
                                              .day = (uint8_t)day,
                                              .hour = (uint8_t)(second / 3600),
                                              .minute = (uint8_t)(second / 60 % 60),
                                              .second = (uint8_t)(second % 60),
                                              .nanos = (int32_t)((us - seconds * US_PER_SECOND) * 1000),
                                              .has_offset = true,
                                              .offset_seconds = offset,
                                              .zone = str_copy(arena, id),
                                          });
    return true;
}

bool zone_instant(Value datetime, Str zone_id, int64_t *out_us, Error *err)
{
    const DateTime *at = datetime.datetime;
    int64_t local =
        days_from_civil(at->year, at->month, at->day) * 86400 + at->hour * 3600 + at->minute * 60 + at->second;
    int32_t offset = at->offset_seconds;
    if (!at->has_offset) {
        Str id = at->zone.len > 0 ? at->zone : zone_id;
        AUTO(zone_done)
        GTimeZone *zone = zone_open(id);
        if (!zone)
            return refuse_zone(id, err);
        int interval = g_time_zone_adjust_time(zone, G_TIME_TYPE_DAYLIGHT, &local);
        offset = g_time_zone_get_offset(zone, interval);
    }
    *out_us = (local - offset) * US_PER_SECOND + at->nanos / 1000;
    return true;
}

/* The time of day `nanos` on the day of `us`, or so many days later. */
static bool time_on_day(Arena *arena, int64_t nanos, Str zone, int64_t us, int days_later, int64_t *out_us, Error *err)
{
    Value local;
    int64_t year;
    int month, day;
    if (!zone_local(arena, zone, us, &local, err))
        return false;
    const DateTime *today = local.datetime;
    civil_from_days(days_from_civil(today->year, today->month, today->day) + days_later, &year, &month, &day);
    int second = (int)(nanos / 1000000000);
    DateTime at = {.year = (int32_t)year,
                   .month = (uint8_t)month,
                   .day = (uint8_t)day,
                   .hour = (uint8_t)(second / 3600),
                   .minute = (uint8_t)(second / 60 % 60),
                   .second = (uint8_t)(second % 60),
                   .nanos = (int32_t)(nanos % 1000000000)};
    return zone_instant(value_datetime(arena, at), zone, out_us, err);
}

bool zone_moment(Arena *arena, Value moment, Str zone, int64_t now_us, int64_t *out_us, Error *err)
{
    if (moment.kind == VALUE_DATETIME)
        return zone_instant(moment, zone, out_us, err);
    if (moment.kind == VALUE_DATE) {
        DateTime midnight = {.year = moment.date.year, .month = moment.date.month, .day = moment.date.day};
        return zone_instant(value_datetime(arena, midnight), zone, out_us, err);
    }
    assert(moment.kind == VALUE_TIME);
    int64_t at = 0;
    if (!time_on_day(arena, moment.nanos, zone, now_us, 0, &at, err) ||
        (at < now_us && !time_on_day(arena, moment.nanos, zone, now_us, 1, &at, err)))
        return false;
    *out_us = at;
    return true;
}

/* A Zone is a GTimeZone under another name, so that the header need not know GLib. */
Zone *zone_hold(Str id)
{
    return (Zone *)zone_open(id);
}

void zone_release(Zone *zone)
{
    if (zone)
        g_time_zone_unref((GTimeZone *)zone);
}

int64_t zone_wall_seconds(Zone *zone, int64_t utc_seconds)
{
    GTimeZone *clock = (GTimeZone *)zone;
    return utc_seconds +
           g_time_zone_get_offset(clock, g_time_zone_find_interval(clock, G_TIME_TYPE_UNIVERSAL, utc_seconds));
}

int64_t zone_utc_seconds(Zone *zone, int64_t wall_seconds)
{
    GTimeZone *clock = (GTimeZone *)zone;
    int interval = g_time_zone_adjust_time(clock, G_TIME_TYPE_DAYLIGHT, &wall_seconds);
    return wall_seconds - g_time_zone_get_offset(clock, interval);
}
