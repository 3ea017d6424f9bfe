/* lang/format.h: how a figure or a text is to look: Python's format specification, as far as it means something for
 * exact numbers and texts (Python 3.11 library, "Format Specification Mini-Language"). */
#ifndef CLERKWORK_LANG_FORMAT_H
#define CLERKWORK_LANG_FORMAT_H

#include "base/buf.h"
#include "value/value.h"

enum { FORMAT_WIDTH_MOST = 1000, FORMAT_DECIMALS_MOST = 28 };

typedef struct Format {
    Str fill;      /* one character; a blank unless said otherwise */
    bool filled;   /* it was said */
    bool noughts;  /* a 0 stands before the width, and no alignment: numbers are filled behind their sign */
    char align;    /* < > ^ =, or 0: texts to the left, numbers to the right */
    char sign;     /* + or blank before what is not below 0; - for neither */
    char grouping; /* , or _ between thousands; 0 for none */
    char type;     /* d f F % for numbers, s for texts; 0: as the value is */
    int width;     /* characters at least */
    int decimals;  /* behind the point, or of a text at most; -1: not said */
} Format;

/* False, and nothing written, for what is no such specification or not ours: e, g, n, #, other bases. */
MUST_USE bool format_read(Str spec, Format *out);
/* What may be said, for a message. */
extern const char *const format_known;
/* A number as the format says, rounded half to even. INVALID_ARGUMENT for a type of texts, for d where it is no whole
 * number, and for decimals without a type; OUT_OF_RANGE where it has no room for them. */
MUST_USE bool format_number(const Format *format, Value number, Buf *out, Error *err);
/* A text; INVALID_ARGUMENT for what only numbers have. */
MUST_USE bool format_text(const Format *format, Str text, Buf *out, Error *err);

#endif
