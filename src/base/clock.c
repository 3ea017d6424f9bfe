/* base/clock.c: the calendar, and the text of points in time. */
#include "base/clock.h"

#include <time.h>

#define US_A_SECOND INT64_C(1000000)
#define SECONDS_A_DAY INT64_C(86400)

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * US_A_SECOND + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years begin in March here, so that the leap day comes last; 400 years have 146097 days, and 719468 lie between
 * 0000-03-01 and 1970-01-01. */
int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *out_year, int *out_month, int *out_day)
{
    days += 719468;
    int64_t era = floor_divide(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (int)((5 * day_of_year + 2) / 153);
    *out_day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *out_month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *out_year = year_of_era + era * 400 + (*out_month <= 2);
}

int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static void put_digits(char *out, int64_t n, int width)
{
    for (int i = width - 1; i >= 0; i--, n /= 10)
        out[i] = (char)('0' + n % 10);
}

void clock_format(int64_t us, char out[CLOCK_TEXT_LEN])
{
    int64_t day_us = SECONDS_A_DAY * US_A_SECOND;
    int64_t days = floor_divide(us, day_us), rest = us - days * day_us;
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    assert(year >= 1 && year <= 9999);
    memcpy(out, "0000-00-00T00:00:00.000000Z", CLOCK_TEXT_LEN);
    put_digits(out, year, 4);
    put_digits(out + 5, month, 2);
    put_digits(out + 8, day, 2);
    int64_t seconds = rest / US_A_SECOND;
    put_digits(out + 11, seconds / 3600, 2);
    put_digits(out + 14, seconds / 60 % 60, 2);
    put_digits(out + 17, seconds % 60, 2);
    put_digits(out + 20, rest % US_A_SECOND, 6);
}

/* Takes exactly `width` digits off the front. */
static bool take_digits(Str *rest, size_t width, int *out)
{
    if (rest->len < width)
        return false;
    int n = 0;
    for (size_t i = 0; i < width; i++) {
        char c = rest->data[i];
        if (c < '0' || c > '9')
            return false;
        n = n * 10 + (c - '0');
    }
    *rest = str_skip(*rest, width);
    *out = n;
    return true;
}

static bool take_char(Str *rest, char c)
{
    if (rest->len == 0 || (rest->data[0] | 0x20) != (c | 0x20))
        return false;
    *rest = str_skip(*rest, 1);
    return true;
}

/* ".5" and the like: 1-9 digits, cut after the sixth. Nothing there is no fraction. */
static bool take_fraction_us(Str *rest, int64_t *out)
{
    *out = 0;
    if (!take_char(rest, '.'))
        return true;
    int64_t unit = US_A_SECOND / 10;
    size_t digits = 0;
    for (int digit; take_digits(rest, 1, &digit); digits++, unit /= 10)
        *out += digit * unit;
    return digits >= 1 && digits <= 9;
}

static bool take_offset_seconds(Str *rest, int64_t *out)
{
    if (take_char(rest, 'Z')) {
        *out = 0;
        return true;
    }
    if (rest->len == 0 || (rest->data[0] != '+' && rest->data[0] != '-'))
        return false;
    int sign = rest->data[0] == '-' ? -1 : 1;
    *rest = str_skip(*rest, 1);
    int hours, minutes;
    if (!take_digits(rest, 2, &hours) || !take_char(rest, ':') || !take_digits(rest, 2, &minutes))
        return false;
    *out = (int64_t)sign * (hours * 3600 + minutes * 60);
    return hours <= 23 && minutes <= 59;
}

bool clock_parse(Str text, int64_t *out_us)
{
    int year, month, day, hour, minute, second;
    int64_t fraction_us, offset_seconds;
    if (!take_digits(&text, 4, &year) || !take_char(&text, '-') || !take_digits(&text, 2, &month) ||
        !take_char(&text, '-') || !take_digits(&text, 2, &day) || !take_char(&text, 'T') ||
        !take_digits(&text, 2, &hour) || !take_char(&text, ':') || !take_digits(&text, 2, &minute) ||
        !take_char(&text, ':') || !take_digits(&text, 2, &second) || !take_fraction_us(&text, &fraction_us) ||
        !take_offset_seconds(&text, &offset_seconds) || text.len > 0)
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    /* RFC 3339 allows leap seconds; unix time has no room for them, so they are the second after. */
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t seconds = days_from_civil(year, month, day) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
    seconds -= offset_seconds;
    static const int64_t first_second = INT64_C(-62135596800), last_second = INT64_C(253402300799);
    if (seconds < first_second || seconds > last_second)
        return false;
    *out_us = seconds * US_A_SECOND + fraction_us;
    return true;
}

bool duration_parse(Str text, int64_t *out_us)
{
    static const int64_t most_seconds = INT64_C(315576000000); /* protobuf's: 10,000 years */
    bool negative = text.len > 0 && text.data[0] == '-';
    if (negative)
        text = str_skip(text, 1);
    int64_t seconds = 0, fraction_us;
    size_t digits = 0;
    for (int digit; digits < 13 && take_digits(&text, 1, &digit); digits++)
        seconds = seconds * 10 + digit;
    if (digits == 0 || !take_fraction_us(&text, &fraction_us) || !str_eq(text, S("s")))
        return false;
    if (seconds > most_seconds || (seconds == most_seconds && fraction_us > 0))
        return false;
    int64_t us = seconds * US_A_SECOND + fraction_us;
    *out_us = negative ? -us : us;
    return true;
}
