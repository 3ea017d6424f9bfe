/* value/locale.c */
#include "value/locale.h"

const Locale locale_default = {
    .time_zone = S_INIT("UTC"),
    .time_format = TIME_FORMAT_24_HOUR,
    .date_format = DATE_FORMAT_YYYY_MM_DD_DASH,
    .decimal_symbol = DECIMAL_PERIOD,
    .measurement = MEASUREMENT_METRIC,
    .places_set = true,
    .decimal_places = 2,
};

Locale locale_over(Locale own, Locale inherited)
{
    Locale both = own;
    if (own.time_zone.len == 0)
        both.time_zone = inherited.time_zone;
    if (own.time_format == TIME_FORMAT_UNSET)
        both.time_format = inherited.time_format;
    if (own.date_format == DATE_FORMAT_UNSET)
        both.date_format = inherited.date_format;
    if (own.decimal_symbol == DECIMAL_SYMBOL_UNSET)
        both.decimal_symbol = inherited.decimal_symbol;
    if (own.measurement == MEASUREMENT_UNSET)
        both.measurement = inherited.measurement;
    if (!own.places_set) {
        both.places_set = inherited.places_set;
        both.decimal_places = inherited.decimal_places;
    }
    return both;
}

/* ---- the date formats: strftime's letters, of which only these five are known ---- */

static const struct DateForm {
    Str pattern;
    DateOrder order;
} date_forms[DATE_FORMATS] = {
    [DATE_FORMAT_UNSET] = {S_INIT("%Y-%m-%d"), DATE_ORDER_UNKNOWN},
    [DATE_FORMAT_DD_MM_YYYY_SLASH] = {S_INIT("%d/%m/%Y"), DATE_ORDER_DAY_FIRST},
    [DATE_FORMAT_MM_DD_YYYY_SLASH] = {S_INIT("%m/%d/%Y"), DATE_ORDER_MONTH_FIRST},
    [DATE_FORMAT_YYYY_MM_DD_DASH] = {S_INIT("%Y-%m-%d"), DATE_ORDER_UNKNOWN},
    [DATE_FORMAT_DD_MM_YYYY_DASH] = {S_INIT("%d-%m-%Y"), DATE_ORDER_DAY_FIRST},
    [DATE_FORMAT_MM_DD_YYYY_DASH] = {S_INIT("%m-%d-%Y"), DATE_ORDER_MONTH_FIRST},
    [DATE_FORMAT_YYYY_MM_DD_SLASH] = {S_INIT("%Y/%m/%d"), DATE_ORDER_UNKNOWN},
    [DATE_FORMAT_DD_MM_YYYY_DOT] = {S_INIT("%d.%m.%Y"), DATE_ORDER_DAY_FIRST},
    [DATE_FORMAT_MM_DD_YYYY_DOT] = {S_INIT("%m.%d.%Y"), DATE_ORDER_MONTH_FIRST_DOTTED},
    [DATE_FORMAT_YYYY_MM_DD_DOT] = {S_INIT("%Y.%m.%d"), DATE_ORDER_UNKNOWN},
    [DATE_FORMAT_DD_MMM_YYYY] = {S_INIT("%d %b %Y"), DATE_ORDER_DAY_FIRST},
    [DATE_FORMAT_MMM_DD_YYYY] = {S_INIT("%b %d, %Y"), DATE_ORDER_MONTH_FIRST},
    [DATE_FORMAT_DD_MMMM_YYYY] = {S_INIT("%d %B %Y"), DATE_ORDER_DAY_FIRST},
    [DATE_FORMAT_MMMM_DD_YYYY] = {S_INIT("%B %d, %Y"), DATE_ORDER_MONTH_FIRST},
};

Reading locale_reading(const Locale *locale)
{
    return (Reading){.decimal_comma = locale->decimal_symbol == DECIMAL_COMMA,
                     .date_order = date_forms[locale->date_format].order,
                     .twelve_hours = locale->time_format == TIME_FORMAT_12_HOUR};
}

char locale_decimal_symbol(const Locale *locale)
{
    return locale->decimal_symbol == DECIMAL_COMMA ? ',' : '.';
}

int locale_decimal_places(const Locale *locale)
{
    return locale->places_set ? locale->decimal_places : locale_default.decimal_places;
}

/* Partial dates (a month, a day of each year) have no place in these formats and stay as they are printed. */
void locale_write_date(Buf *out, const Locale *locale, Value date)
{
    if (date.date.year == 0 || date.date.month == 0 || date.date.day == 0) {
        value_print(out, date);
        return;
    }
    Str pattern = date_forms[locale->date_format].pattern;
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] != '%') {
            buf_char(out, pattern.data[i]);
            continue;
        }
        switch (pattern.data[++i]) {
        case 'Y': buf_printf(out, "%04d", date.date.year); break;
        case 'm': buf_printf(out, "%02d", date.date.month); break;
        case 'd': buf_printf(out, "%02d", date.date.day); break;
        case 'b': buf_str(out, str_slice(month_name(date.date.month), 0, 3)); break;
        case 'B': buf_str(out, month_name(date.date.month)); break;
        default: assert(false);
        }
    }
}

void locale_write_time(Buf *out, const Locale *locale, Value time)
{
    bool halves = locale->time_format == TIME_FORMAT_12_HOUR;
    int64_t whole = time.nanos / 1000000000, nanos = time.nanos % 1000000000;
    int hour = (int)(whole / 3600), minute = (int)(whole / 60 % 60), second = (int)(whole % 60);
    if (halves)
        buf_printf(out, "%d:%02d", (hour + 11) % 12 + 1, minute);
    else
        buf_printf(out, "%02d:%02d", hour, minute);
    if (second > 0 || nanos > 0)
        buf_printf(out, ":%02d", second);
    if (nanos > 0) {
        int digits = 9;
        for (; nanos % 10 == 0; nanos /= 10)
            digits--;
        buf_printf(out, "%c%0*lld", locale_decimal_symbol(locale), digits, (long long)nanos);
    }
    if (halves)
        buf_str(out, hour < 12 ? S(" AM") : S(" PM"));
}

/* ---- as text ---- */

static bool same(const Locale *a, const Locale *b)
{
    return str_eq(a->time_zone, b->time_zone) && a->time_format == b->time_format && a->date_format == b->date_format &&
           a->decimal_symbol == b->decimal_symbol && a->measurement == b->measurement &&
           a->decimal_places == b->decimal_places;
}

/* "1 2 3 1 2 Europe/Berlin": time and date format, symbol, places, measurement, zone. */
Str locale_pack(Arena *arena, const Locale *locale)
{
    Locale whole = locale_over(*locale, locale_default);
    if (same(&whole, &locale_default))
        return (Str){0};
    return str_printf(arena, "%d %d %d %d %d %.*s", whole.time_format, whole.date_format, whole.decimal_symbol,
                      whole.decimal_places, whole.measurement, STR_ARG(whole.time_zone));
}

static bool take(Str *rest, int64_t most, int64_t *out)
{
    return str_to_i64(str_cut(rest, ' '), out) && *out >= 0 && *out <= most;
}

bool locale_unpack(Arena *arena, Str text, Locale *out, Error *err)
{
    Str rest = text;
    int64_t time, date, symbol, places, measurement;
    if (text.len == 0) {
        *out = locale_default;
        return true;
    }
    if (!take(&rest, TIME_FORMATS - 1, &time) || !take(&rest, DATE_FORMATS - 1, &date) ||
        !take(&rest, DECIMAL_SYMBOLS - 1, &symbol) || !take(&rest, DECIMAL_PLACES_MOST, &places) ||
        !take(&rest, MEASUREMENT_SYSTEMS - 1, &measurement) || rest.len == 0)
        return error_set(err, DATA_LOSS, "", "the preferences that the run keeps cannot be read");
    *out = (Locale){.time_zone = str_copy(arena, rest),
                    .time_format = (TimeFormat)time,
                    .date_format = (DateFormat)date,
                    .decimal_symbol = (DecimalSymbol)symbol,
                    .measurement = (MeasurementSystem)measurement,
                    .places_set = true,
                    .decimal_places = (uint8_t)places};
    return true;
}
