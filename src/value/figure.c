/* value/figure.c: figures as people write them in files.
 *
 * What is around the digits (blanks, a currency, a sign, parentheses for below zero) is taken off layer by layer; the
 * digits with their separators are then read by one rule for groups and one for the decimal symbol. Whatever does not
 * follow them is refused with the reason: a wrong amount is worse than a question. */
#include <string.h>

#include "value/decimal.h"

enum { FIGURE_MOST = 64 }; /* bytes that are left once blanks around it are gone */

/* Characters beyond ASCII become the ASCII ones that they stand for. */
static const struct {
    Str written;
    char meant;
} stand_ins[] = {
    {S_INIT("\xc2\xa0"), ' '},      /* no-break space */
    {S_INIT("\xe2\x80\xaf"), ' '},  /* narrow no-break space */
    {S_INIT("\xe2\x80\x89"), ' '},  /* thin space */
    {S_INIT("\xe2\x80\x87"), ' '},  /* figure space */
    {S_INIT("\xe2\x80\x99"), '\''}, /* right quote, Swiss groups */
    {S_INIT("\xe2\x88\x92"), '-'},  /* minus sign */
    {S_INIT("\xe2\x80\x93"), '-'},  /* en dash */
};

static const Str currency_signs[] = {
    S_INIT("$"),   S_INIT("€"),   S_INIT("£"),  S_INIT("¥"),  S_INIT("₹"),  S_INIT("₽"), S_INIT("₩"),  S_INIT("₺"),
    S_INIT("US$"), S_INIT("kr."), S_INIT("kr"), S_INIT("zł"), S_INIT("Kč"), S_INIT("Fr."), S_INIT("R$"), S_INIT("₴"),
};

/* ISO 4217, those in wide use. Any three capitals would make numbers of document names such as INV123. */
static const char currency_codes[] =
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNH CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL GHS GTQ HKD HUF IDR ILS "
    "INR ISK JOD JPY KES KRW KWD KZT LBP LKR MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN PYG QAR RON RSD RUB SAR SEK "
    "SGD THB TND TRY TWD TZS UAH UGX USD UYU UZS VND XAF XOF ZAR";

typedef struct Figure {
    Str written; /* for messages */
    Str rest;
    bool negative, has_currency;
    Str currency; /* as it is written, once taken */
    Error *err;
} Figure;

static bool refuse(const Figure *figure, const char *reason)
{
    return error_set(figure->err, INVALID_ARGUMENT, "", "`%.*s` is not clearly a number: %s",
                     (int)MIN_OF(figure->written.len, (size_t)FIGURE_MOST),
                     figure->written.data ? figure->written.data : "", reason);
}

/* Replaces the stand-ins; false when the text is too long to be a figure. */
static bool simplify(Str text, char out[FIGURE_MOST], Str *simple)
{
    size_t len = 0;
    while (text.len > 0) {
        char c = text.data[0];
        size_t taken = 1;
        bool is_ascii = (unsigned char)c < 0x80;
        for (size_t i = 0; !is_ascii && i < COUNT_OF(stand_ins); i++) {
            if (str_starts(text, stand_ins[i].written)) {
                c = stand_ins[i].meant;
                taken = stand_ins[i].written.len;
            }
        }
        if (len == FIGURE_MOST)
            return false;
        out[len++] = c;
        text = str_skip(text, taken);
    }
    *simple = str_trim(str_of(out, len));
    return true;
}

static bool is_currency_code(Str three)
{
    ptrdiff_t at = str_find(str_of(currency_codes, sizeof currency_codes - 1), three);
    return at >= 0 && at % 4 == 0; /* each code and the blank after it take four */
}

/* The length of a currency at the front or at the end. */
static size_t currency_len(Str s, bool at_end)
{
    size_t longest = 0;
    if (s.len == 0 || strchr("0123456789()+-,", s.data[at_end ? s.len - 1 : 0]))
        return 0;
    for (size_t i = 0; i < COUNT_OF(currency_signs); i++) {
        bool there = at_end ? str_ends(s, currency_signs[i]) : str_starts(s, currency_signs[i]);
        if (there && currency_signs[i].len > longest)
            longest = currency_signs[i].len;
    }
    if (s.len > 3 && is_currency_code(at_end ? str_skip(s, s.len - 3) : str_slice(s, 0, 3)))
        longest = 3;
    return longest;
}

static bool take_currency(Figure *figure)
{
    size_t front = currency_len(figure->rest, false), end = front ? 0 : currency_len(figure->rest, true);
    if (front + end == 0 || figure->has_currency)
        return false;
    figure->has_currency = true;
    figure->currency = front ? str_slice(figure->rest, 0, front) : str_skip(figure->rest, figure->rest.len - end);
    figure->rest = str_trim(str_slice(figure->rest, front, figure->rest.len - end));
    return true;
}

static bool take_sign(Figure *figure, bool *signed_already)
{
    Str s = figure->rest;
    if (s.len < 2 || *signed_already)
        return false;
    char first = s.data[0], last = s.data[s.len - 1];
    bool at_front = first == '-' || first == '+';
    bool in_parentheses = first == '(' && last == ')';
    if (!at_front && last != '-' && !in_parentheses)
        return false;
    *signed_already = true;
    figure->negative = first != '+';
    figure->rest = str_trim(str_slice(s, at_front || in_parentheses, s.len - (in_parentheses || !at_front)));
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

typedef struct Separators {
    size_t n_commas, n_points, n_blanks; /* apostrophes count as blanks */
    ptrdiff_t last_comma, last_point;
    bool other, digits;
} Separators;

static Separators look_at(Str s)
{
    Separators found = {.last_comma = -1, .last_point = -1};
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == ',') {
            found.n_commas++;
            found.last_comma = (ptrdiff_t)i;
        } else if (c == '.') {
            found.n_points++;
            found.last_point = (ptrdiff_t)i;
        } else if (c == ' ' || c == '\'') {
            found.n_blanks++;
        } else if (is_digit(c)) {
            found.digits = true;
        } else {
            found.other = true;
        }
    }
    return found;
}

/* Whether `whole` is digits in groups of three behind `separator`, the first group of one to three. */
static bool is_grouped(Str whole, char separator)
{
    Str group = str_cut(&whole, separator);
    if (group.len < 1 || group.len > 3 || group.data[0] == '0')
        return false;
    while (whole.data) {
        group = str_cut(&whole, separator);
        if (group.len != 3)
            return false;
    }
    return true;
}

/* Where the decimal symbol stands: -1 for a whole number. False when it cannot be told. */
static bool find_decimal(const Figure *figure, const Separators *found, bool decimal_comma, ptrdiff_t *out)
{
    size_t n_decimal = decimal_comma ? found->n_commas : found->n_points;
    size_t n_other = decimal_comma ? found->n_points : found->n_commas;
    ptrdiff_t last_decimal = decimal_comma ? found->last_comma : found->last_point;
    *out = -1;
    if (n_decimal > 0 && n_other > 0) {
        *out = MAX_OF(found->last_comma, found->last_point);
        size_t times = *out == found->last_comma ? found->n_commas : found->n_points;
        return times == 1 || refuse(figure, "its decimal symbol stands more than once");
    }
    if (n_decimal == 1)
        *out = last_decimal;
    if (n_decimal > 1 || n_other != 1)
        return true; /* several of one kind can only be groups */
    Str behind = str_skip(figure->rest, (size_t)MAX_OF(found->last_comma, found->last_point) + 1);
    if (behind.len == 3)
        return true;
    return refuse(figure, decimal_comma
                              ? "the point could be a decimal point, but this workspace writes a decimal comma"
                              : "the comma could be a decimal comma, but this workspace writes a decimal point");
}

/* The separator of groups in the whole part; NUL without one, and 'x' for two kinds mixed. */
static char group_separator(Str whole)
{
    char separator = '\0';
    for (size_t i = 0; i < whole.len; i++) {
        char c = whole.data[i];
        if (is_digit(c))
            continue;
        if (separator && separator != c)
            return 'x';
        separator = c;
    }
    return separator;
}

static bool all_digits(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.data[i]))
            return false;
    }
    return true;
}

/* The digits with a point, ready for decimal_parse. */
static Str plain_literal(const Figure *figure, Str whole, Str fraction, char out[2 * FIGURE_MOST])
{
    Buf buf = {.data = out, .cap = 2 * FIGURE_MOST};
    if (figure->negative)
        buf_char(&buf, '-');
    if (whole.len == 0)
        buf_char(&buf, '0');
    for (size_t i = 0; i < whole.len; i++) {
        if (is_digit(whole.data[i]))
            buf_char(&buf, whole.data[i]);
    }
    if (fraction.len > 0) {
        buf_char(&buf, '.');
        buf_str(&buf, fraction);
    }
    return buf_view(&buf);
}

static bool read_digits(Figure *figure, bool decimal_comma, Value *out)
{
    Separators found = look_at(figure->rest);
    if (!found.digits)
        return refuse(figure, "it has no digits");
    if (str_ends(figure->rest, S("%")))
        return refuse(figure, "it is a percentage; say of what, or divide by 100");
    if (found.other)
        return refuse(figure, "it has other characters than digits, separators, a sign and a currency");
    ptrdiff_t decimal_at;
    if (!find_decimal(figure, &found, decimal_comma, &decimal_at))
        return false;
    size_t end = decimal_at < 0 ? figure->rest.len : (size_t)decimal_at;
    Str whole = str_slice(figure->rest, 0, end), fraction = str_skip(figure->rest, end + 1);
    char separator = group_separator(whole);
    if (separator == 'x')
        return refuse(figure, "two kinds of separators stand before its decimals");
    if ((separator && !is_grouped(whole, separator)) || !all_digits(fraction))
        return refuse(figure, "its separators do not stand between groups of three digits");
    char literal[2 * FIGURE_MOST];
    return decimal_parse(plain_literal(figure, whole, fraction, literal), out, figure->err);
}

bool decimal_parse_figure(Str text, bool decimal_comma, Value *out, Error *err)
{
    Figure figure = {.written = str_trim(text), .err = err};
    char simple[FIGURE_MOST];
    if (figure.written.len == 0)
        return error_set(err, INVALID_ARGUMENT, "", "an empty text is not a number");
    if (!simplify(figure.written, simple, &figure.rest))
        return refuse(&figure, "it is too long");
    bool is_signed = false;
    while (take_currency(&figure) || take_sign(&figure, &is_signed)) {
    }
    return read_digits(&figure, decimal_comma, out);
}

/* Signs that people write beside their codes in one file. */
static const struct {
    Str sign, code;
} codes_of_signs[] = {
    {S_INIT("€"), S_INIT("EUR")},
    {S_INIT("£"), S_INIT("GBP")},
    {S_INIT("$"), S_INIT("USD")},
    {S_INIT("US$"), S_INIT("USD")},
};

bool figure_currency(Str text, char out[FIGURE_CURRENCY])
{
    Error ignored;
    char simple[FIGURE_MOST];
    Figure figure = {.written = str_trim(text), .err = &ignored};
    bool is_signed = false;
    memset(out, 0, FIGURE_CURRENCY);
    if (figure.written.len == 0 || !simplify(figure.written, simple, &figure.rest))
        return false;
    while (take_currency(&figure) || take_sign(&figure, &is_signed)) {
    }
    Str currency = figure.currency;
    for (size_t i = 0; i < COUNT_OF(codes_of_signs); i++)
        if (str_eq(currency, codes_of_signs[i].sign))
            currency = codes_of_signs[i].code;
    if (currency.len == 0 || currency.len > FIGURE_CURRENCY)
        return false;
    memcpy(out, currency.data, currency.len);
    return true;
}
