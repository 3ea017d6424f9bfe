/* value/calendar.c: a text is cut into a few figures, words and signs; a date is a known pattern of these. */
#include "value/calendar.h"

#include "base/clock.h"

#define PIECES_MAX 12
#define TEXT_MAX 64 /* no date or time that people write is longer */
#define NANOS_PER_SECOND 1000000000LL

static const Str month_names[13] = {
    S_INIT(""),        S_INIT("January"),  S_INIT("February"), S_INIT("March"),  S_INIT("April"),
    S_INIT("May"),     S_INIT("June"),     S_INIT("July"),     S_INIT("August"), S_INIT("September"),
    S_INIT("October"), S_INIT("November"), S_INIT("December"),
};
static const Str weekday_names[8] = {
    S_INIT(""),         S_INIT("Monday"), S_INIT("Tuesday"),  S_INIT("Wednesday"),
    S_INIT("Thursday"), S_INIT("Friday"), S_INIT("Saturday"), S_INIT("Sunday"),
};

Str month_name(int month)
{
    return month >= 1 && month <= 12 ? month_names[month] : month_names[0];
}
Str weekday_name(int weekday)
{
    return weekday >= 1 && weekday <= 7 ? weekday_names[weekday] : weekday_names[0];
}

int weekday_of_days(int64_t days)
{
    /* 1970-01-01 was a Thursday. */
    return (int)(((days + 3) % 7 + 7) % 7) + 1;
}

bool date_is_valid(int64_t year, int month, int day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

/* ---- pieces ---- */
typedef enum PieceKind { PIECE_FIGURE, PIECE_WORD, PIECE_SIGN } PieceKind;
typedef struct Piece {
    PieceKind kind;
    Str text;
    int number;        /* FIGURE: its value; up to nine digits */
    bool space_before; /* figures that touch signs are told from those that do not */
} Piece;
typedef struct Pieces {
    Piece items[PIECES_MAX];
    int count;
} Pieces;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t run_length(Str text, size_t at, bool (*belongs)(char))
{
    size_t end = at;
    while (end < text.len && belongs(text.data[end]))
        end++;
    return end - at;
}

/* False when there are more pieces, or longer figures, than any date has. */
static bool pieces_cut(Str text, Pieces *out)
{
    out->count = 0;
    bool space = false;
    for (size_t at = 0; at < text.len;) {
        char c = text.data[at];
        if (c == ' ' || c == '\t') {
            space = true;
            at++;
            continue;
        }
        if (out->count == PIECES_MAX)
            return false;
        bool figure = is_digit(c), word = is_letter(c);
        size_t len = figure ? run_length(text, at, is_digit) : word ? run_length(text, at, is_letter) : 1;
        Piece piece = {figure ? PIECE_FIGURE : word ? PIECE_WORD : PIECE_SIGN, str_slice(text, at, at + len), 0, space};
        int64_t number = 0;
        if (figure && (len > 9 || !str_to_i64(piece.text, &number)))
            return false;
        piece.number = (int)number;
        out->items[out->count++] = piece;
        space = false;
        at += len;
    }
    return true;
}

static bool piece_is_sign(const Piece *piece, char sign)
{
    return piece->kind == PIECE_SIGN && piece->text.data[0] == sign;
}

static bool piece_is_word(const Piece *piece, Str word)
{
    return piece->kind == PIECE_WORD && str_eq_fold(piece->text, word);
}

/* The whole name, or its first three letters and more ("Sept"). 0 when it is none. */
static int name_in(Str word, const Str *names, int count)
{
    for (int i = 1; i < count; i++) {
        if (word.len >= 3 && word.len <= names[i].len && str_eq_fold(word, str_slice(names[i], 0, word.len)))
            return i;
    }
    return 0;
}

/* ---- dates ---- */
typedef struct Day {
    int year, month, day;
    int weekday; /* as written, 0 when it was not */
} Day;

static bool refuse_date(Str text, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" is not a date: write it like 2026-04-14 or 14 April 2026",
                     STR_ARG(str_slice(text, 0, TEXT_MAX)));
}

/* The filler that means nothing in a date: "the", "of", commas, and the "th" of "14th". */
static bool piece_is_filler(const Piece *piece, const Piece *before)
{
    static const Str ordinals[] = {S_INIT("st"), S_INIT("nd"), S_INIT("rd"), S_INIT("th")};
    if (piece_is_sign(piece, ',') || piece_is_word(piece, S("of")) || piece_is_word(piece, S("the")))
        return true;
    for (size_t i = 0; i < COUNT_OF(ordinals); i++) {
        if (before && before->kind == PIECE_FIGURE && !piece->space_before && piece_is_word(piece, ordinals[i]))
            return true;
    }
    return false;
}

/* Takes out the filler and a weekday at the start; what is left has one of the shapes below. */
static void pieces_simplify(Pieces *pieces, int *out_weekday)
{
    Pieces kept = {.count = 0};
    *out_weekday = 0;
    for (int i = 0; i < pieces->count; i++) {
        const Piece *piece = &pieces->items[i];
        if (piece_is_filler(piece, i > 0 ? &pieces->items[i - 1] : NULL))
            continue;
        int weekday = kept.count == 0 && piece->kind == PIECE_WORD ? name_in(piece->text, weekday_names, 8) : 0;
        if (weekday) {
            *out_weekday = weekday;
            /* "Mon." */
            if (i + 1 < pieces->count && piece_is_sign(&pieces->items[i + 1], '.'))
                i++;
            continue;
        }
        kept.items[kept.count++] = *piece;
    }
    *pieces = kept;
}

typedef enum DayResult { DAY_READ, DAY_UNREADABLE, DAY_SHORT_YEAR, DAY_AMBIGUOUS } DayResult;

/* 2026-04-14, 14.04.2026, 04/14/2026: three figures with one sign between them. */
static DayResult day_from_figures(const Piece *p, DateOrder order, Day *out)
{
    char sign = p[1].text.data[0];
    if (!strchr("-./", sign) || !piece_is_sign(&p[3], sign))
        return DAY_UNREADABLE;
    int a = p[0].number, b = p[2].number, c = p[4].number;
    if (p[0].text.len == 4) {
        *out = (Day){a, b, c, 0};
        return DAY_READ;
    }
    if (p[4].text.len != 4)
        return p[4].text.len == 2 ? DAY_SHORT_YEAR : DAY_UNREADABLE;
    /* With dots the day comes first, since no country writes it otherwise: only a workspace that says so does. */
    bool day_first = order == DATE_ORDER_DAY_FIRST || (sign == '.' && order != DATE_ORDER_MONTH_FIRST_DOTTED);
    bool is_open = sign != '.' || order == DATE_ORDER_MONTH_FIRST_DOTTED;
    if (is_open && (a > 12 || b > 12))
        day_first = a > 12;
    else if (is_open && order == DATE_ORDER_UNKNOWN && a != b)
        return DAY_AMBIGUOUS;
    *out = day_first ? (Day){c, b, a, 0} : (Day){c, a, b, 0};
    return DAY_READ;
}

/* 14 April 2026, April 14 2026, 14-Apr-2026, Apr. 14, 2026: the signs between them say nothing. */
static DayResult day_from_names(const Pieces *pieces, Day *out)
{
    const Piece *kept[3];
    int n = 0;
    for (int i = 0; i < pieces->count; i++) {
        const Piece *piece = &pieces->items[i];
        if (piece_is_sign(piece, '-') || piece_is_sign(piece, '.') || piece_is_sign(piece, '/'))
            continue;
        if (n == 3 || piece->kind == PIECE_SIGN)
            return DAY_UNREADABLE;
        kept[n++] = piece;
    }
    if (n != 3 || kept[2]->kind != PIECE_FIGURE)
        return DAY_UNREADABLE;
    int named = kept[0]->kind == PIECE_WORD ? 0 : 1;
    int month = kept[named]->kind == PIECE_WORD ? name_in(kept[named]->text, month_names, 13) : 0;
    if (!month || kept[1 - named]->kind != PIECE_FIGURE)
        return DAY_UNREADABLE;
    if (kept[2]->text.len != 4)
        return kept[2]->text.len == 2 ? DAY_SHORT_YEAR : DAY_UNREADABLE;
    *out = (Day){kept[2]->number, month, kept[1 - named]->number, 0};
    return DAY_READ;
}

static DayResult day_from_pieces(const Pieces *pieces, DateOrder order, Day *out)
{
    const Piece *p = pieces->items;
    if (pieces->count == 1 && p[0].kind == PIECE_FIGURE && p[0].text.len == 8) { /* 20260414 */
        *out = (Day){p[0].number / 10000, p[0].number / 100 % 100, p[0].number % 100, 0};
        return DAY_READ;
    }
    if (pieces->count == 5 && p[0].kind == PIECE_FIGURE && p[1].kind == PIECE_SIGN && p[2].kind == PIECE_FIGURE &&
        p[3].kind == PIECE_SIGN && p[4].kind == PIECE_FIGURE)
        return day_from_figures(p, order, out);
    return day_from_names(pieces, out);
}

static bool day_check(Str text, const Day *day, Error *err)
{
    if (!date_is_valid(day->year, day->month, day->day))
        return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" is not a date: there is no such day in the calendar",
                         STR_ARG(text));
    int weekday = weekday_of_days(days_from_civil(day->year, day->month, day->day));
    if (day->weekday && day->weekday != weekday)
        return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" is not a date: that day is a %.*s", STR_ARG(text),
                         STR_ARG(weekday_name(weekday)));
    return true;
}

static bool refuse_ambiguous(Str text, const Pieces *pieces, Error *err)
{
    int a = pieces->items[0].number, b = pieces->items[2].number, year = pieces->items[4].number;
    return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" may be %d %.*s or %d %.*s: write it like %04d-%02d-%02d",
                     STR_ARG(text), a, STR_ARG(month_name(b)), b, STR_ARG(month_name(a)), year, b, a);
}

static bool day_parse(Str text, DateOrder order, Day *out, Error *err)
{
    Pieces pieces;
    Day day = {0};
    int weekday = 0;
    if (text.len == 0 || text.len > TEXT_MAX || !pieces_cut(text, &pieces))
        return refuse_date(text, err);
    pieces_simplify(&pieces, &weekday);
    switch (day_from_pieces(&pieces, order, &day)) {
    case DAY_READ: break;
    case DAY_UNREADABLE: return refuse_date(text, err);
    case DAY_AMBIGUOUS: return refuse_ambiguous(text, &pieces, err);
    case DAY_SHORT_YEAR:
        return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" has a year of two digits: write all four, like 2026",
                         STR_ARG(text));
    }
    day.weekday = weekday;
    if (!day_check(text, &day, err))
        return false;
    *out = day;
    return true;
}

/* ---- times ---- */
typedef struct Moment {
    int64_t nanos; /* since midnight */
    bool has_offset;
    int32_t offset_seconds;
} Moment;

/* Why a text is no time of day. */
typedef enum ClockResult { CLOCK_READ, CLOCK_UNREADABLE, CLOCK_NO_SUCH, CLOCK_AMBIGUOUS } ClockResult;

static bool refuse_time(Str text, ClockResult why, Error *err)
{
    Str shown = str_slice(text, 0, TEXT_MAX);
    if (why == CLOCK_NO_SUCH)
        return error_set(
            err, INVALID_ARGUMENT, "",
            "\"%.*s\" is not a time of day: hours go from 0 to 23, with am or pm from 1 to 12, and minutes "
            "to 59",
            STR_ARG(shown));
    if (why == CLOCK_AMBIGUOUS)
        return error_set(err, INVALID_ARGUMENT, "",
                         "\"%.*s\" may be in the morning or in the afternoon: write %.*s AM or %.*s PM", STR_ARG(shown),
                         STR_ARG(shown), STR_ARG(shown));
    return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" is not a time of day: write it like 09:30 or 2:30 pm",
                     STR_ARG(shown));
}

/* One or two digits below `limit`, taken off the front of `rest`. */
static bool take_figure(Str *rest, int limit, int *out)
{
    size_t len = run_length(*rest, 0, is_digit);
    int64_t number = 0;
    if (len < 1 || len > 2 || !str_to_i64(str_slice(*rest, 0, len), &number) || number >= limit)
        return false;
    *rest = str_skip(*rest, len);
    *out = (int)number;
    return true;
}

static bool take_char(Str *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c)
        return false;
    *rest = str_skip(*rest, 1);
    return true;
}

static bool take_fraction(Str *rest, int64_t *out_nanos)
{
    size_t len = run_length(*rest, 0, is_digit);
    if (len < 1 || len > 9)
        return false;
    int64_t nanos = 0;
    for (size_t i = 0; i < 9; i++)
        nanos = nanos * 10 + (i < len ? rest->data[i] - '0' : 0);
    *rest = str_skip(*rest, len);
    *out_nanos = nanos;
    return true;
}

/* "am" and "pm" turn 12 into 0 and afternoon hours into 13 to 23. */
static bool take_half_day(Str *rest, int *hour)
{
    Str half = str_trim(*rest);
    bool am = str_eq_fold(half, S("am")) || str_eq_fold(half, S("a.m."));
    bool pm = str_eq_fold(half, S("pm")) || str_eq_fold(half, S("p.m."));
    if (!am && !pm)
        return true;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (pm ? 12 : 0);
    *rest = (Str){0};
    return true;
}

static bool take_offset(Str *rest, Moment *out)
{
    if (rest->len == 0)
        return true;
    out->has_offset = true;
    if (str_eq_fold(*rest, S("Z"))) {
        *rest = (Str){0};
        return true;
    }
    int hours = 0, minutes = 0;
    bool minus = rest->data[0] == '-';
    if (!take_char(rest, '+') && !take_char(rest, '-'))
        return false;
    if (!take_figure(rest, 19, &hours))
        return false;
    if (rest->len > 0 && (take_char(rest, ':'), !take_figure(rest, 60, &minutes)))
        return false;
    out->offset_seconds = (minus ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* 25:10 and 13:00 pm: the shape of a time, whatever its figures. */
static bool clock_shaped(Str text)
{
    size_t hour = run_length(text, 0, is_digit);
    return hour >= 1 && hour <= 3 && hour < text.len && text.data[hour] == ':' &&
           run_length(text, hour + 1, is_digit) == 2;
}

/* 9:30, 09:30:15.25, 2:30 pm, 9 am; with `offset` also Z and +02:00 behind it. Of `twelve_hours`, 9:30 may be either
 * half of the day; 09:30 is not written by people who count to twelve. */
static ClockResult moment_parse(Str text, bool offset, bool twelve_hours, Moment *out)
{
    Moment moment = {0};
    int hour = 0, minute = 0, second = 0;
    Str rest = text;
    ClockResult otherwise = clock_shaped(text) ? CLOCK_NO_SUCH : CLOCK_UNREADABLE;
    if (!take_figure(&rest, 24, &hour))
        return otherwise;
    bool minutes_given = take_char(&rest, ':');
    if (minutes_given && !take_figure(&rest, 60, &minute))
        return otherwise;
    if (minutes_given && take_char(&rest, ':')) {
        if (!take_figure(&rest, 60, &second))
            return otherwise;
        /* With either symbol, as ISO 8601 has it: a time never holds a comma otherwise. */
        if ((take_char(&rest, '.') || take_char(&rest, ',')) && !take_fraction(&rest, &moment.nanos))
            return CLOCK_UNREADABLE;
    }
    size_t before = rest.len;
    if (!take_half_day(&rest, &hour))
        return otherwise;
    bool half_given = rest.len != before;
    if (!minutes_given && !half_given)
        return CLOCK_UNREADABLE;
    rest = str_trim(rest);
    if ((offset && !take_offset(&rest, &moment)) || rest.len > 0)
        return CLOCK_UNREADABLE;
    if (twelve_hours && !half_given && text.data[0] != '0' && hour >= 1 && hour <= 12)
        return CLOCK_AMBIGUOUS;
    moment.nanos += ((int64_t)hour * 3600 + minute * 60 + second) * NANOS_PER_SECOND;
    *out = moment;
    return CLOCK_READ;
}

bool date_parse_written(Str text, DateOrder order, Value *out, Error *err)
{
    Day day;
    if (!day_parse(str_trim(text), order, &day, err))
        return false;
    *out = value_date(day.year, day.month, day.day);
    return true;
}

bool time_parse_written(Str text, bool twelve_hours, Value *out, Error *err)
{
    Moment moment;
    ClockResult result = moment_parse(str_trim(text), false, twelve_hours, &moment);
    if (result != CLOCK_READ)
        return refuse_time(str_trim(text), result, err);
    *out = value_time(moment.nanos);
    return true;
}

/* The time of day begins behind the "T" of 2026-04-14T09:30 or at the last word that starts like 09:30 or 9 am. */
static size_t time_begins(Str text)
{
    if (text.len > 10 && (text.data[10] == 'T' || text.data[10] == 't') && is_digit(text.data[9]))
        return 11;
    ptrdiff_t colon = str_find_char(text, ':');
    if (colon < 0)
        return text.len;
    size_t at = (size_t)colon;
    while (at > 0 && is_digit(text.data[at - 1]))
        at--;
    return at;
}

bool datetime_parse_written(Arena *arena, Str text, DateOrder order, bool twelve_hours, Value *out, Error *err)
{
    text = str_trim(text);
    size_t at = time_begins(text);
    bool iso = run_length(text, 0, is_digit) == 4; /* counts to 24 */
    Str date_text = str_trim(str_slice(text, 0, at));
    if (at == 11 && date_text.len == 11)
        date_text.len = 10; /* without the T */
    if (str_ends(date_text, S(" at")))
        date_text.len -= 3;
    Day day;
    Moment moment = {0};
    if (!day_parse(date_text, order, &day, err))
        return false;
    ClockResult result = CLOCK_READ;
    if (at < text.len)
        result = moment_parse(str_skip(text, at), true, twelve_hours && !iso, &moment);
    if (result != CLOCK_READ)
        return refuse_time(str_skip(text, at), result, err);
    int64_t seconds = moment.nanos / NANOS_PER_SECOND;
    *out = value_datetime(arena, (DateTime){
                                     .year = day.year,
                                     .month = (uint8_t)day.month,
                                     .day = (uint8_t)day.day,
                                     .hour = (uint8_t)(seconds / 3600),
                                     .minute = (uint8_t)(seconds / 60 % 60),
                                     .second = (uint8_t)(seconds % 60),
                                     .nanos = (int32_t)(moment.nanos % NANOS_PER_SECOND),
                                     .has_offset = moment.has_offset,
                                     .offset_seconds = moment.offset_seconds,
                                 });
    return true;
}

/* ---- durations ---- */
static const struct Unit {
    Str name;
    int64_t seconds;
} units[] = {
    {S_INIT("second"), 1},    {S_INIT("minute"), 60}, {S_INIT("hour"), 3600}, {S_INIT("day"), 86400},
    {S_INIT("week"), 604800}, {S_INIT("s"), 1},       {S_INIT("min"), 60},    {S_INIT("h"), 3600},
    {S_INIT("hr"), 3600},     {S_INIT("m"), 60},
};

static int64_t unit_seconds(Str word)
{
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        bool plural = word.len == units[i].name.len + 1 && (word.data[word.len - 1] | 0x20) == 's';
        if (str_eq_fold(plural ? str_slice(word, 0, word.len - 1) : word, units[i].name))
            return units[i].seconds;
    }
    return 0;
}

static bool refuse_duration(Str text, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "",
                     "\"%.*s\" is not a duration: write it like 3 days, 1 hour 30 minutes or 1:30",
                     STR_ARG(str_slice(text, 0, TEXT_MAX)));
}

/* One "1.5 hours"; `nanos` of it are added to the total. */
static bool duration_add_part(const Pieces *pieces, int *at, int64_t *seconds, int64_t *nanos)
{
    const Piece *p = pieces->items;
    int i = *at;
    int64_t fraction = 0, unit = 0;
    if (i >= pieces->count || p[i].kind != PIECE_FIGURE)
        return false;
    int64_t whole = p[i++].number;
    if (i + 1 < pieces->count && piece_is_sign(&p[i], '.') && p[i + 1].kind == PIECE_FIGURE) {
        Str digits = p[i + 1].text;
        if (!take_fraction(&digits, &fraction))
            return false;
        i += 2;
    }
    if (i >= pieces->count || p[i].kind != PIECE_WORD || (unit = unit_seconds(p[i++].text)) == 0)
        return false;
    *seconds += whole * unit + fraction * unit / NANOS_PER_SECOND;
    *nanos += fraction * unit % NANOS_PER_SECOND;
    *at = i;
    return true;
}

/* "8:30" and "38:30:15": hours and minutes, and seconds. */
static bool duration_from_clock(const Pieces *pieces, int at, int64_t *seconds)
{
    const Piece *p = &pieces->items[at];
    int n = pieces->count - at;
    if ((n != 3 && n != 5) || p[0].kind != PIECE_FIGURE)
        return false;
    *seconds = (int64_t)p[0].number * 3600;
    for (int i = 1; i < n; i += 2) {
        bool good = piece_is_sign(&p[i], ':') && p[i + 1].kind == PIECE_FIGURE && p[i + 1].text.len == 2 &&
                    p[i + 1].number < 60 && !p[i].space_before && !p[i + 1].space_before;
        if (!good)
            return false;
        *seconds += (int64_t)p[i + 1].number * (i == 1 ? 60 : 1);
    }
    return true;
}

bool duration_parse_written(Str text, Value *out, Error *err)
{
    text = str_trim(text);
    Pieces pieces;
    if (text.len == 0 || text.len > TEXT_MAX || !pieces_cut(text, &pieces))
        return refuse_duration(text, err);
    int at = piece_is_sign(&pieces.items[0], '-') ? 1 : 0;
    int64_t sign = at ? -1 : 1, seconds = 0, nanos = 0;
    bool more = !duration_from_clock(&pieces, at, &seconds);
    if (more)
        seconds = 0;
    while (more) {
        if (!duration_add_part(&pieces, &at, &seconds, &nanos))
            return refuse_duration(text, err);
        more = at < pieces.count;
        if (more && (piece_is_sign(&pieces.items[at], ',') || piece_is_word(&pieces.items[at], S("and"))))
            at++;
    }
    seconds += nanos / NANOS_PER_SECOND;
    nanos %= NANOS_PER_SECOND;
    /* A duration is kept rounded down: -1.5 s is -2 s and half a second. */
    bool borrow = sign < 0 && nanos > 0;
    *out = value_duration(sign * seconds - borrow, (int32_t)(borrow ? NANOS_PER_SECOND - nanos : nanos));
    return true;
}
