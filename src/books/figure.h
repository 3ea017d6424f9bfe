/* books/figure.h: figures written for people. */
#ifndef CLERKWORK_BOOKS_FIGURE_H
#define CLERKWORK_BOOKS_FIGURE_H

#include "value/value.h"

typedef struct FigureStyle {
    int decimals;      /* digits behind the symbol, 0 to 28 */
    Str symbol, group; /* behind the whole part, and between groups of three digits in it */
    Str currency;      /* in front, behind the minus; "" for none */
} FigureStyle;

/* Rounded half to even: "-$1,250.50". OUT_OF_RANGE for what has no room for its decimals. */
MUST_USE bool figure_write(Buf *out, Value number, const FigureStyle *style, Error *err);

#endif
