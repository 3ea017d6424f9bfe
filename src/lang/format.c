/* lang/format.c: Python's format specification. */
#include "lang/format.h"

#include <string.h>

#include "value/decimal.h"

const char *const format_known =
    "a form is written as Python does: .2f for two decimals, , for thousands (,.2f), .1% for a "
    "percentage, >10 or <10 or ^10 for a width, 05d for leading noughts";

/* ---- reading ---- */

static bool is_align(char c)
{
    return c == '<' || c == '>' || c == '^' || c == '=';
}

static size_t char_len(Str text)
{
    size_t len = 1;
    while (len < text.len && ((unsigned char)text.data[len] & 0xC0) == 0x80)
        len++;
    return len;
}

static void take_align(Str *rest, Format *out)
{
    size_t fill = rest->len > 0 ? char_len(*rest) : 0;
    if (rest->len > fill && is_align(rest->data[fill])) {
        out->fill = str_slice(*rest, 0, fill);
        out->filled = true;
        out->align = rest->data[fill];
        *rest = str_skip(*rest, fill + 1);
    } else if (rest->len > 0 && is_align(rest->data[0])) {
        out->align = rest->data[0];
        *rest = str_skip(*rest, 1);
    }
}

/* False when it is too large. */
static bool take_digits(Str *rest, int most, int *out, bool *out_any)
{
    *out_any = false;
    for (int n = 0; rest->len > 0 && rest->data[0] >= '0' && rest->data[0] <= '9'; *rest = str_skip(*rest, 1)) {
        n = n * 10 + (rest->data[0] - '0');
        if (n > most)
            return false;
        *out = n;
        *out_any = true;
    }
    return true;
}

static bool take_one(Str *rest, const char *of, char *out)
{
    if (rest->len == 0 || !strchr(of, rest->data[0]))
        return false;
    *out = rest->data[0];
    *rest = str_skip(*rest, 1);
    return true;
}

bool format_read(Str spec, Format *out)
{
    Format format = {.fill = S(" "), .sign = '-', .decimals = -1};
    bool any;
    char ignored;
    if (memchr(spec.data ? spec.data : "", '\0', spec.len))
        return false;
    take_align(&spec, &format);
    (void)take_one(&spec, "+- ", &format.sign);
    if (spec.len > 0 && spec.data[0] == '0') {
        format.noughts = !format.align;
        if (!format.filled)
            format.fill = S("0");
    }
    if (!take_digits(&spec, FORMAT_WIDTH_MOST, &format.width, &any))
        return false;
    (void)take_one(&spec, ",_", &format.grouping);
    if (take_one(&spec, ".", &ignored) && (!take_digits(&spec, FORMAT_WIDTH_MOST, &format.decimals, &any) || !any))
        return false;
    (void)take_one(&spec, "dfF%s", &format.type);
    if (spec.len > 0 || (format.type == 'd' && format.decimals >= 0) || (format.type == 's' && format.grouping))
        return false;
    *out = format;
    return true;
}

/* ---- writing ---- */

static void add_fill(const Format *format, Buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_str(out, format->fill);
}

static size_t characters(Str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return n;
}

static void add_aligned(const Format *format, char align, Str sign, Str body, Buf *out)
{
    size_t width = sign.len + characters(body);
    size_t room = (size_t)format->width > width ? (size_t)format->width - width : 0;
    size_t before = align == '>' ? room : align == '^' ? room / 2 : 0;
    add_fill(format, out, before);
    buf_str(out, sign);
    if (align == '=')
        add_fill(format, out, room);
    buf_str(out, body);
    if (align != '=')
        add_fill(format, out, room - before);
}

/* The digits before the point, in threes. With noughts to fill, as Python does, the groups go on into them. */
static void add_grouped(const Format *format, Str whole, size_t digits, Buf *out)
{
    for (size_t i = 0; i < digits; i++) {
        size_t left = digits - i;
        buf_char(out, left > whole.len ? '0' : whole.data[whole.len - left]);
        if (format->grouping && left > 1 && left % 3 == 1)
            buf_char(out, format->grouping);
    }
}

static size_t grouped_width(const Format *format, size_t digits)
{
    return digits + (format->grouping ? (digits - 1) / 3 : 0);
}

static bool scaled(const Format *format, Value number, Value *out, Error *err)
{
    Value hundred = value_int(100);
    bool percent = format->type == '%', fixed = percent || format->type == 'f' || format->type == 'F';
    int decimals = format->decimals >= 0 ? format->decimals : 6;
    *out = number;
    if (format->type == 's')
        return error_set(err, INVALID_ARGUMENT, "", "s is a form of texts, and this is a number");
    if (format->type == 'd' && !decimal_is_whole(number))
        return error_set(err, INVALID_ARGUMENT, "", "d is a form of whole numbers");
    if (!fixed && format->decimals >= 0)
        return error_set(err, INVALID_ARGUMENT, "", "say .%df for so many decimals", format->decimals);
    if (decimals > FORMAT_DECIMALS_MOST)
        return error_set(err, INVALID_ARGUMENT, "", "decimals go from 0 to %d", (int)FORMAT_DECIMALS_MOST);
    if (percent && !decimal_multiply(number, hundred, out, err))
        return false;
    if (fixed)
        return decimal_round(*out, decimals, ROUND_HALF_EVEN, out, err);
    return format->type != 'd' || decimal_round(*out, 0, ROUND_HALF_EVEN, out, err);
}

bool format_number(const Format *format, Value number, Buf *out, Error *err)
{
    Value shown;
    char text[32];
    if (!scaled(format, number, &shown, err))
        return false;
    size_t len = decimal_format(shown, text);
    Str rest = str_of(text, len), sign = S(""), whole;
    bool below = rest.len > 0 && rest.data[0] == '-';
    if (below)
        rest = str_skip(rest, 1);
    if (below)
        sign = S("-");
    else if (format->sign != '-')
        sign = format->sign == '+' ? S("+") : S(" ");
    whole = str_cut(&rest, '.');
    char align = format->align ? format->align : format->noughts ? '=' : '>';
    size_t tail = (rest.data ? 1 + rest.len : 0) + (format->type == '%' ? 1 : 0), digits = whole.len;
    bool noughts = align == '=' && str_eq(format->fill, S("0"));
    while (noughts && sign.len + grouped_width(format, digits) + tail < (size_t)format->width)
        digits++;
    AUTO(buf_done)
    Buf body = {0};
    add_grouped(format, whole, digits, &body);
    if (rest.data) {
        buf_char(&body, '.');
        buf_str(&body, rest);
    }
    if (format->type == '%')
        buf_char(&body, '%');
    add_aligned(format, align, sign, buf_view(&body), out);
    return true;
}

bool format_text(const Format *format, Str text, Buf *out, Error *err)
{
    if ((format->type && format->type != 's') || format->grouping || format->sign != '-' || format->align == '=')
        return error_set(err, INVALID_ARGUMENT, "", "this is a form of numbers, and this is a text");
    size_t at = 0;
    for (int n = 0; at < text.len && (format->decimals < 0 || n < format->decimals); n++)
        at += char_len(str_skip(text, at));
    add_aligned(format, format->align ? format->align : '<', S(""), str_slice(text, 0, at), out);
    return true;
}
