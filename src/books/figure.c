/* books/figure.c */
#include "books/figure.h"

#include "value/decimal.h"

bool figure_write(Buf *out, Value number, const FigureStyle *style, Error *err)
{
    Value rounded;
    char digits[32];
    if (!decimal_round(number, style->decimals, ROUND_HALF_EVEN, &rounded, err))
        return false;
    Str rest = str_of(digits, decimal_format(decimal_abs(rounded), digits));
    Str whole = str_cut(&rest, '.');
    if (rounded.negative)
        buf_char(out, '-');
    buf_str(out, style->currency);
    for (size_t i = 0; i < whole.len; i++) {
        if (i > 0 && (whole.len - i) % 3 == 0)
            buf_str(out, style->group);
        buf_char(out, whole.data[i]);
    }
    if (style->decimals > 0)
        buf_str(out, style->symbol);
    for (int i = 0; i < style->decimals; i++)
        buf_char(out, (size_t)i < rest.len ? rest.data[i] : '0');
    return true;
}
