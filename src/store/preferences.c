/* store/preferences.c */
#include "store/preferences.h"

#include "store/internal.h"

static void preferences_read(Query *query, Arena *arena, Preferences *out)
{
    *out = (Preferences){.locale.time_zone = next_text(query, arena)};
    out->locale.time_format = (TimeFormat)next_i64(query);
    out->locale.date_format = (DateFormat)next_i64(query);
    out->locale.decimal_symbol = (DecimalSymbol)next_i64(query);
    int64_t places = next_i64(query);
    out->locale.places_set = places >= 0;
    out->locale.decimal_places = (uint8_t)(places >= 0 ? places : 0);
    out->locale.measurement = (MeasurementSystem)next_i64(query);
    out->support_access = (SupportAccess)next_i64(query);
    out->update_us = next_i64(query);
}

/* The database's numbers index tables. */
static bool preferences_are_known(const Preferences *preferences, Error *err)
{
    const Locale *locale = &preferences->locale;
    bool known = (unsigned)locale->time_format < TIME_FORMATS && (unsigned)locale->date_format < DATE_FORMATS &&
                 (unsigned)locale->decimal_symbol < DECIMAL_SYMBOLS &&
                 (unsigned)locale->measurement < MEASUREMENT_SYSTEMS && locale->decimal_places <= DECIMAL_PLACES_MOST &&
                 (unsigned)preferences->support_access <= SUPPORT_ALLOWED;
    return known || error_set(err, DATA_LOSS, "", "the preferences in the database cannot be read");
}

/* Own and the organization's; for an organization both are the same. */
static bool read_both(Tx *tx, Arena *arena, const Scope *scope, Preferences *out_own, Preferences *out_inherited,
                      Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Preferences own = {0}, inherited = {0};
    if (!query_open(
            &query, tx->database,
            "SELECT workspace, time_zone, time_format, date_format, decimal_symbol, decimal_places, measurement, "
            "support_access, update_us FROM preferences WHERE organization = $1 AND workspace IN (0, $2)",
            err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    while (query_next(&query)) {
        int64_t workspace = next_i64(&query);
        Preferences row;
        preferences_read(&query, arena, &row);
        if (workspace == scope->workspace)
            own = row;
        if (workspace == 0)
            inherited = row;
    }
    if (!query_end(&query, err) || !preferences_are_known(&own, err) || !preferences_are_known(&inherited, err))
        return false;
    *out_own = own;
    *out_inherited = inherited;
    return true;
}

bool store_preferences_get(Tx *tx, Arena *arena, const Scope *scope, Preferences *out, Error *err)
{
    Preferences inherited;
    return read_both(tx, arena, scope, out, &inherited, err);
}

bool store_preferences_effective(Tx *tx, Arena *arena, const Scope *scope, Preferences *out, Error *err)
{
    Preferences own, inherited;
    if (!read_both(tx, arena, scope, &own, &inherited, err))
        return false;
    SupportAccess access = own.support_access != SUPPORT_UNSET ? own.support_access : inherited.support_access;
    *out = (Preferences){
        .locale = locale_over(own.locale, locale_over(inherited.locale, locale_default)),
        .support_access = access != SUPPORT_UNSET ? access : SUPPORT_REFUSED,
        .update_us = MAX_OF(own.update_us, inherited.update_us),
    };
    return true;
}

bool store_preferences_put(Tx *tx, const Scope *scope, const Preferences *preferences, Error *err)
{
    const Locale *locale = &preferences->locale;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO preferences (organization, workspace, time_zone, time_format, date_format, "
                    "decimal_symbol, decimal_places, measurement, support_access, update_us) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (organization, workspace) DO UPDATE "
                    "SET time_zone = excluded.time_zone, time_format = excluded.time_format, "
                    "date_format = excluded.date_format, decimal_symbol = excluded.decimal_symbol, "
                    "decimal_places = excluded.decimal_places, measurement = excluded.measurement, "
                    "support_access = excluded.support_access, update_us = excluded.update_us",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, locale->time_zone);
    bind_i64(&query, locale->time_format);
    bind_i64(&query, locale->date_format);
    bind_i64(&query, locale->decimal_symbol);
    bind_i64(&query, locale->places_set ? locale->decimal_places : -1);
    bind_i64(&query, locale->measurement);
    bind_i64(&query, preferences->support_access);
    bind_i64(&query, tx->now_us);
    return query_run(&query, err);
}
