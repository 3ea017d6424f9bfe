/* aip/filter_parser.h: what the files of the filter share. Not for others. */
#ifndef CLERKWORK_AIP_FILTER_PARSER_H
#define CLERKWORK_AIP_FILTER_PARSER_H

#include "aip/filter.h"

enum { FILTER_TEXT_MOST = 64 * 1024, FILTER_TERMS_MOST = 1000, FILTER_DEPTH_MOST = 50 };

typedef struct FilterParser {
    Arena *arena;
    Str text;
    size_t at;
    int depth;
    int n_terms;
    const FilterField *fields;
    uint32_t n_fields;
    bool open; /* every name is a field of its own, a text */
    Error *err;
} FilterParser;

/* A literal as it stands in the filter. */
typedef struct FilterLiteral {
    Str text; /* unescaped, without quotes and without the stars at its ends */
    bool quoted;
    bool leading_star; /* an unescaped * stood at its beginning, and something behind it */
    bool star;         /* … at its end */
    bool inner_star;   /* … between */
    size_t at;
} FilterLiteral;

/* "at character 12: …"; always false. */
bool filter_refuse(FilterParser *parser, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

/* ---- filter_bind.c ---- */
/* The field of that name in snake_case or lowerCamelCase; NULL, with the parser's error set, when there is none. */
const FilterField *filter_find_field(FilterParser *parser, Str name, size_t at);
bool filter_has_field(const FilterParser *parser, Str name);
/* A literal without a field: an OR over the fields that could hold it; refused when none could. */
MUST_USE bool filter_search(FilterParser *parser, const FilterLiteral *literal, Filter **out);
MUST_USE bool filter_check_operator(FilterParser *parser, const FilterField *field, FilterOp op, size_t at);
/* field op literal, the literal made what its field asks for. May become an OR. */
MUST_USE bool filter_bind(FilterParser *parser, const FilterField *field, FilterOp op, const FilterLiteral *literal,
                          Filter **out);
/* A node over `n` kids: the kid itself for one; kids of the same kind are taken in. */
Filter *filter_join(FilterParser *parser, FilterKind kind, Filter **kids, uint32_t n);
Filter *filter_negate(FilterParser *parser, Filter *filter);

#endif
