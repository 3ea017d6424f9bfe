/* value/locale.h: how an organization or a workspace writes figures, dates and times, and so how it reads them.
 *
 * A member that is 0 or "" is not set. What is not set is inherited: workspace from organization from locale_default.
 * The functions that ask take a locale with gaps as well and fill them from the default. */
#ifndef CLERKWORK_VALUE_LOCALE_H
#define CLERKWORK_VALUE_LOCALE_H

#include "base/buf.h"
#include "value/calendar.h"

/* In the order of the API's enums. */
typedef enum TimeFormat { TIME_FORMAT_UNSET, TIME_FORMAT_12_HOUR, TIME_FORMAT_24_HOUR, TIME_FORMATS } TimeFormat;
typedef enum DateFormat {
    DATE_FORMAT_UNSET,
    DATE_FORMAT_DD_MM_YYYY_SLASH,
    DATE_FORMAT_MM_DD_YYYY_SLASH,
    DATE_FORMAT_YYYY_MM_DD_DASH, /* ISO 8601 */
    DATE_FORMAT_DD_MM_YYYY_DASH,
    DATE_FORMAT_MM_DD_YYYY_DASH,
    DATE_FORMAT_YYYY_MM_DD_SLASH,
    DATE_FORMAT_DD_MM_YYYY_DOT,
    DATE_FORMAT_MM_DD_YYYY_DOT,
    DATE_FORMAT_YYYY_MM_DD_DOT,
    DATE_FORMAT_DD_MMM_YYYY,  /* 15 Jan 2024 */
    DATE_FORMAT_MMM_DD_YYYY,  /* Jan 15, 2024 */
    DATE_FORMAT_DD_MMMM_YYYY, /* 15 January 2024 */
    DATE_FORMAT_MMMM_DD_YYYY, /* January 15, 2024 */
    DATE_FORMATS
} DateFormat;
typedef enum DecimalSymbol { DECIMAL_SYMBOL_UNSET, DECIMAL_PERIOD, DECIMAL_COMMA, DECIMAL_SYMBOLS } DecimalSymbol;
typedef enum MeasurementSystem {
    MEASUREMENT_UNSET,
    MEASUREMENT_METRIC,
    MEASUREMENT_IMPERIAL,
    MEASUREMENT_SYSTEMS
} MeasurementSystem;

/* What a number can show: decimals have at most 28 places. */
#define DECIMAL_PLACES_MOST 28

typedef struct Locale {
    Str time_zone; /* IANA id */
    TimeFormat time_format;
    DateFormat date_format;
    DecimalSymbol decimal_symbol;
    MeasurementSystem measurement;
    bool places_set; /* 0 is a number of places, too */
    uint8_t decimal_places;
} Locale;

/* UTC, 24 hours, 2024-01-15, a decimal point, two places, metric. */
extern const Locale locale_default;

/* `own` where it says something, else `inherited`. */
Locale locale_over(Locale own, Locale inherited);

/* ---- reading ---- */
/* How texts that could be read in two ways are read. */
typedef struct Reading {
    bool decimal_comma; /* "1,250" is 1.25 */
    DateOrder date_order;
    bool twelve_hours; /* "5:30" may be in the afternoon */
} Reading;
#define READING_DEFAULT ((Reading){0})
/* The order of day and month is known where the date format has one that could be mistaken. */
Reading locale_reading(const Locale *locale);

/* ---- writing ---- */
char locale_decimal_symbol(const Locale *locale);
int locale_decimal_places(const Locale *locale);
void locale_write_date(Buf *out, const Locale *locale, Value date);
/* "9:05 AM" or "09:05"; seconds and their fractions where they are not zero. Takes a time of day. */
void locale_write_time(Buf *out, const Locale *locale, Value time);

/* ---- as text: what a run keeps ---- */
/* "" where all of it is the default, so that most runs keep nothing. */
Str locale_pack(Arena *arena, const Locale *locale);
/* Everything is set afterwards. DATA_LOSS for what locale_pack does not write. */
MUST_USE bool locale_unpack(Arena *arena, Str text, Locale *out, Error *err);

#endif
