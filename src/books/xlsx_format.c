/* books/xlsx_format.c: number formats, and the days that spreadsheets count. */
#include "books/xlsx_format.h"

#include "base/clock.h"
#include "value/calendar.h"
#include "value/decimal.h"

#define TRUSTED_DIGITS 15
#define MS_A_DAY 86400000
/* 1900 is taken for a leap year: day 60 is a 29 February that never was, and only days behind it are counted right. */
#define PHANTOM_DAY 60
#define DAYS_MAX 3000000

/* ---- formats ---- */
static const struct BuiltinFormat {
    int16_t from, to;
    CellFormat format;
} builtin_formats[] = {
    {1, 1, {CELL_NUMBER, 0}},     {2, 2, {CELL_NUMBER, 2}},     {3, 3, {CELL_NUMBER, 0}},   {4, 4, {CELL_NUMBER, 2}},
    {5, 6, {CELL_NUMBER, 0}},     {7, 8, {CELL_NUMBER, 2}},     {14, 17, {CELL_DATE, 0}},   {18, 21, {CELL_TIME, 0}},
    {22, 22, {CELL_DATETIME, 0}}, {27, 31, {CELL_DATE, 0}},     {32, 35, {CELL_TIME, 0}},   {36, 36, {CELL_DATE, 0}},
    {37, 38, {CELL_NUMBER, 0}},   {39, 40, {CELL_NUMBER, 2}},   {41, 42, {CELL_NUMBER, 0}}, {43, 44, {CELL_NUMBER, 2}},
    {45, 45, {CELL_TIME, 0}},     {46, 46, {CELL_DURATION, 0}}, {47, 47, {CELL_TIME, 0}},   {49, 49, {CELL_TEXT, 0}},
    {50, 58, {CELL_DATE, 0}},
};

CellFormat cell_format_builtin(int64_t id)
{
    for (size_t i = 0; i < COUNT_OF(builtin_formats); i++) {
        if (id >= builtin_formats[i].from && id <= builtin_formats[i].to)
            return builtin_formats[i].format;
    }
    return (CellFormat){0};
}

typedef struct FormatParts {
    bool day, month, clock, elapsed, odd; /* odd: percent, power, fraction: decimals of another kind */
    bool point;
    uint32_t decimals, zeros, others;
} FormatParts;

/* The end of what stands in `code` behind `at` for itself: a quoted text, an escaped letter, a remark in brackets. */
static size_t literal_end(Str code, size_t at, FormatParts *parts)
{
    char c = code.data[at];
    if (c == '\\' || c == '_' || c == '*')
        return at + 2;
    if (c != '"' && c != '[')
        return at;
    ptrdiff_t end = str_find_char(str_skip(code, at + 1), c == '"' ? '"' : ']');
    Str inside = str_slice(code, at + 1, end < 0 ? code.len : at + 1 + (size_t)end);
    if (c == '[' && inside.len > 0 && inside.len <= 2 && strchr("hHmMsS", inside.data[0]) &&
        (inside.data[inside.len - 1] | 32) == (inside.data[0] | 32))
        parts->elapsed = true;
    return at + 1 + inside.len + 1;
}

static void take_letter(FormatParts *parts, char c)
{
    parts->day = parts->day || c == 'y' || c == 'd';
    parts->month = parts->month || c == 'm';
    parts->clock = parts->clock || c == 'h' || c == 's';
    parts->odd = parts->odd || c == '%' || c == 'e' || c == '/' || c == '?';
    parts->decimals += parts->point && c == '0';
    parts->point = parts->point || c == '.';
    parts->zeros += c == '0';
    parts->others += c != '0';
}

/* The first section says what the format is; the others are for figures below zero, for zero and for texts. */
static FormatParts format_parts(Str code)
{
    FormatParts parts = {0};
    size_t at = 0;
    while (at < code.len && code.data[at] != ';') {
        size_t end = literal_end(code, at, &parts);
        Str rest = str_skip(code, at);
        if (end == at &&
            (str_eq_fold(str_slice(rest, 0, 5), S("AM/PM")) || str_eq_fold(str_slice(rest, 0, 3), S("A/P")))) {
            parts.clock = true;
            end = at + (rest.data[1] == '/' ? 3 : 5);
        }
        if (end == at) {
            char c = code.data[at++];
            take_letter(&parts, c >= 'A' && c <= 'Z' ? (char)(c | 32) : c);
        } else {
            parts.others++;
            at = end;
        }
    }
    return parts;
}

CellFormat cell_format_of(Str code)
{
    if (str_eq_fold(code, S("General")) || code.len == 0)
        return (CellFormat){0};
    if (str_eq(code, S("@")))
        return (CellFormat){CELL_TEXT, 0};
    FormatParts parts = format_parts(code);
    if (parts.elapsed)
        return (CellFormat){CELL_DURATION, 0};
    bool date = parts.day || (parts.month && !parts.clock);
    if (date || parts.clock)
        return (CellFormat){date && parts.clock ? CELL_DATETIME : date ? CELL_DATE : CELL_TIME, 0};
    if (parts.zeros > 1 && parts.others == 0 && parts.zeros <= 28)
        return (CellFormat){CELL_PADDED, (uint8_t)parts.zeros};
    if (parts.odd || parts.zeros == 0 || parts.decimals > 28)
        return (CellFormat){0};
    return (CellFormat){CELL_NUMBER, (uint8_t)parts.decimals};
}

/* ---- figures ---- */
/* 10 to the power of n, n at most 28. */
static Value ten_to(uint32_t n)
{
    Value power = value_int(1);
    Error ignored;
    for (uint32_t i = 0; i < n; i++)
        (void)!decimal_multiply(power, value_int(10), &power, &ignored);
    return power;
}

/* "1.2345678901234567E-20" has more places than a number can have: what does not fit is cut off. */
static bool small_figure(Str text, Value *out)
{
    ptrdiff_t e = str_find_char(text, 'E') >= 0 ? str_find_char(text, 'E') : str_find_char(text, 'e');
    int64_t power = 0;
    Value mantissa;
    Error ignored;
    if (e <= 0 || !decimal_parse(str_slice(text, 0, (size_t)e), &mantissa, &ignored) ||
        !str_to_i64(str_skip(text, (size_t)e + 1), &power) || power >= 0)
        return false;
    if (power < -28) {
        *out = value_int(0);
        return true;
    }
    return decimal_divide(mantissa, ten_to((uint32_t)-power), out, &ignored);
}

/* Digits from the first that is not zero. */
static int significant_digits(Value figure, int *out_before_point)
{
    char text[32];
    size_t len = decimal_format(decimal_abs(decimal_strip_zeros(figure)), text);
    int digits = 0, before = 0, leading = 0;
    bool point = false;
    for (size_t i = 0; i < len; i++) {
        point = point || text[i] == '.';
        if (text[i] == '.')
            continue;
        bool counts = digits > 0 || text[i] != '0';
        digits += counts;
        before += counts && !point;
        leading += !counts && point;
    }
    *out_before_point = before > 0 ? before : -leading;
    return digits;
}

bool cell_figure(Str text, bool exact, Value *out)
{
    Error ignored;
    Value figure;
    int before = 0;
    if (!decimal_parse(text, &figure, &ignored) && !small_figure(text, &figure))
        return false;
    if (!exact && significant_digits(figure, &before) > TRUSTED_DIGITS) {
        int places = TRUSTED_DIGITS - before;
        if (!decimal_round(figure, places < 28 ? places : 28, ROUND_HALF_EVEN, &figure, &ignored))
            return false;
        figure = decimal_strip_zeros(figure);
    }
    *out = figure;
    return true;
}

/* ---- days ---- */
/* Whole days, and the milliseconds behind them, of a figure that is not below zero. */
static bool split_days(Value figure, int64_t *out_days, int64_t *out_ms)
{
    Error ignored;
    Value days, rest;
    if (figure.negative || !decimal_round(figure, 0, ROUND_FLOOR, &days, &ignored) || !value_to_int(days, out_days) ||
        *out_days > DAYS_MAX || !decimal_subtract(figure, days, &rest, &ignored) ||
        !decimal_multiply(rest, value_int(MS_A_DAY), &rest, &ignored) ||
        !decimal_round(rest, 0, ROUND_HALF_EVEN, &rest, &ignored) || !value_to_int(rest, out_ms))
        return false;
    if (*out_ms == MS_A_DAY) {
        *out_ms = 0;
        ++*out_days;
    }
    return true;
}

static bool date_of(int64_t days, DateSystem system, Value *out)
{
    int64_t year, since_1970 = system.from_1904 ? days_from_civil(1904, 1, 1) + days
                                                : days_from_civil(1899, 12, 30) + days + (days < PHANTOM_DAY);
    int month, day;
    if (!system.from_1904 && (days == 0 || days == PHANTOM_DAY))
        return false;
    civil_from_days(since_1970, &year, &month, &day);
    if (year > 9999)
        return false;
    *out = value_date((int)year, month, day);
    return true;
}

static Value moment_of(Arena *arena, Value date, int64_t ms)
{
    int64_t seconds = ms / 1000;
    return value_datetime(arena, (DateTime){.year = date.date.year,
                                            .month = date.date.month,
                                            .day = date.date.day,
                                            .hour = (uint8_t)(seconds / 3600),
                                            .minute = (uint8_t)(seconds / 60 % 60),
                                            .second = (uint8_t)(seconds % 60),
                                            .nanos = (int32_t)(ms % 1000 * 1000000)});
}

static Value padded(Arena *arena, Value figure, uint32_t width)
{
    char text[32];
    if (!decimal_is_whole(figure) || figure.negative)
        return figure;
    size_t len = decimal_format(decimal_strip_zeros(figure), text);
    if (len >= width)
        return value_text(str_copy(arena, str_of(text, len)));
    return value_text(str_printf(arena, "%0*d%.*s", (int)(width - len), 0, (int)len, text));
}

static Value with_decimals(Value figure, uint32_t decimals)
{
    Error ignored;
    Value longer;
    return figure.scale < decimals && decimal_round(figure, (int)decimals, ROUND_HALF_EVEN, &longer, &ignored) ? longer
                                                                                                               : figure;
}

Value cell_of_figure(Arena *arena, Value figure, CellFormat format, DateSystem system)
{
    int64_t days, ms;
    Value date;
    if (format.kind == CELL_NUMBER)
        return with_decimals(figure, format.digits);
    if (format.kind == CELL_PADDED)
        return padded(arena, figure, format.digits);
    if (format.kind < CELL_DATE || !split_days(figure, &days, &ms))
        return figure;
    if (format.kind == CELL_DURATION)
        return value_duration(days * 86400 + ms / 1000, (int32_t)(ms % 1000 * 1000000));
    if (format.kind == CELL_TIME && days == 0)
        return value_time(ms * 1000000);
    if (!date_of(days, system, &date))
        return figure;
    return format.kind == CELL_DATE ? date : moment_of(arena, date, ms);
}

/* ---- writing ---- */
static bool serial_print(Arena *arena, int64_t days, int64_t nanos, Str *out)
{
    Error ignored;
    Value part;
    char text[32];
    if (nanos % 1000000 != 0)
        return false; /* finer than what is read back */
    if (!decimal_divide(value_int(nanos / 1000000), value_int(MS_A_DAY), &part, &ignored) ||
        !decimal_round(part, 15, ROUND_HALF_EVEN, &part, &ignored) ||
        !decimal_add(part, value_int(days), &part, &ignored))
        return false;
    size_t len = decimal_format(decimal_strip_zeros(part), text);
    *out = str_copy(arena, str_of(text, len));
    return true;
}

bool cell_serial(Arena *arena, Value value, Str *out)
{
    static const int64_t second = 1000000000;
    if (value.kind == VALUE_TIME)
        return serial_print(arena, 0, value.nanos, out);
    if (value.kind == VALUE_DURATION)
        return value.seconds >= 0 && value.seconds / 86400 <= DAYS_MAX &&
               serial_print(arena, value.seconds / 86400, value.seconds % 86400 * second + value.high, out);
    bool moment = value.kind == VALUE_DATETIME;
    if (moment && (value.datetime->has_offset || value.datetime->zone.len > 0))
        return false;
    int64_t days = moment ? days_from_civil(value.datetime->year, value.datetime->month, value.datetime->day)
                          : days_from_civil(value.date.year, value.date.month, value.date.day);
    int64_t clock = moment ? value.datetime->hour * 3600 + value.datetime->minute * 60 + value.datetime->second : 0;
    days -= days_from_civil(1899, 12, 30);
    return days > PHANTOM_DAY && serial_print(arena, days, clock * second + (moment ? value.datetime->nanos : 0), out);
}
