/* aip/filter_bind.c: what a literal means to its field: names of enums, times, numbers, ids. */
#include <stdio.h>

#include "aip/filter_parser.h"
#include "aip/name.h"
#include "aip/spelling.h"
#include "base/buf.h"
#include "base/clock.h"

/* ---- fields and operators ---- */

bool filter_has_field(const FilterParser *parser, Str name)
{
    for (uint32_t i = 0; i < parser->n_fields; i++) {
        if (spelling_matches(parser->fields[i].name, name))
            return true;
    }
    return false;
}

static const FilterField *open_field(FilterParser *parser, Str name)
{
    FilterField *field = NEW(parser->arena, FilterField);
    *field = (FilterField){
        .name = name,
        .type = FILTER_TEXT,
        .operators = FILTER_EQ | FILTER_NE | FILTER_LT | FILTER_LE | FILTER_GT | FILTER_GE | FILTER_HAS,
    };
    return field;
}

const FilterField *filter_find_field(FilterParser *parser, Str name, size_t at)
{
    if (parser->open)
        return open_field(parser, name);
    Buf allowed = buf_in(parser->arena);
    for (uint32_t i = 0; i < parser->n_fields; i++) {
        const FilterField *field = &parser->fields[i];
        if (spelling_matches(field->name, name))
            return field;
        if (i > 0)
            buf_str(&allowed, S(", "));
        buf_str(&allowed, field->name);
    }
    Str list = parser->n_fields > 0 ? buf_view(&allowed) : S("none, leave filter out");
    filter_refuse(parser, at, "unknown field \"%.*s\"; there are: %.*s", STR_ARG(str_clip(name, 64)),
                  STR_ARG(str_clip(list, 380)));
    return NULL;
}

static const struct {
    FilterOp op;
    const char *sign;
} signs[] = {
    {FILTER_EQ, "="},
    {FILTER_NE, "!="},
    {FILTER_LT, "<"},
    {FILTER_LE, "<="},
    {FILTER_GT, ">"},
    {FILTER_GE, ">="},
    {FILTER_HAS, ": or contains"},
};

bool filter_check_operator(FilterParser *parser, const FilterField *field, FilterOp op, size_t at)
{
    bool has_as_equals = op == FILTER_HAS && field->type != FILTER_TEXT && field->operators & FILTER_EQ;
    if (field->operators & (unsigned)op || has_as_equals)
        return true;
    char allowed[64] = "";
    size_t used = 0;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (!(field->operators & (unsigned)signs[i].op) || used >= sizeof allowed)
            continue;
        int n = snprintf(allowed + used, sizeof allowed - used, "%s%s", used ? ", " : "", signs[i].sign);
        used += (size_t)MAX_OF(n, 0);
    }
    return filter_refuse(parser, at, "%.*s can be compared by %s", STR_ARG(field->name), allowed);
}

/* ---- nodes ---- */

static Filter *term_new(FilterParser *parser, const FilterField *field, FilterOp op)
{
    if (++parser->n_terms > FILTER_TERMS_MOST)
        return NULL;
    Filter *term = NEW(parser->arena, Filter);
    *term = (Filter){.kind = FILTER_TERM, .spec = field, .op = op};
    if (!parser->open)
        term->field = (uint32_t)(field - parser->fields);
    return term;
}

static bool too_many(FilterParser *parser, size_t at)
{
    return filter_refuse(parser, at, "more than %d comparisons; ask in several calls", FILTER_TERMS_MOST);
}

static uint32_t count_flat(FilterKind kind, Filter **kids, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += kids[i]->kind == kind ? kids[i]->n_kids : 1;
    return count;
}

Filter *filter_join(FilterParser *parser, FilterKind kind, Filter **kids, uint32_t n)
{
    if (n == 1)
        return kids[0];
    Filter *node = NEW(parser->arena, Filter);
    node->kind = kind;
    node->n_kids = count_flat(kind, kids, n);
    node->kids = NEW_ARRAY(parser->arena, Filter *, node->n_kids);
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (kids[i]->kind != kind) {
            node->kids[at++] = kids[i];
            continue;
        }
        for (uint32_t j = 0; j < kids[i]->n_kids; j++)
            node->kids[at++] = kids[i]->kids[j];
    }
    return node;
}

Filter *filter_negate(FilterParser *parser, Filter *filter)
{
    if (filter->kind == FILTER_NOT)
        return filter->kids[0];
    Filter *node = NEW(parser->arena, Filter);
    node->kind = FILTER_NOT;
    node->n_kids = 1;
    node->kids = NEW(parser->arena, Filter *);
    node->kids[0] = filter;
    return node;
}

/* ---- literals of each type ---- */

/* The literal with stars that are not wildcards put back. */
static Str whole_text(FilterParser *parser, const FilterLiteral *literal)
{
    if (!literal->star && !literal->leading_star)
        return literal->text;
    return str_printf(parser->arena, "%s%.*s%s", literal->leading_star ? "*" : "", STR_ARG(literal->text),
                      literal->star ? "*" : "");
}

static bool bind_text(FilterParser *parser, const FilterLiteral *literal, Filter *term)
{
    if (literal->inner_star)
        return filter_refuse(parser, literal->at,
                             "a * can only stand at the beginning or the end of a text; the character itself is \\*");
    bool is_comparison = term->op != FILTER_EQ && term->op != FILTER_NE && term->op != FILTER_HAS;
    term->text = is_comparison ? whole_text(parser, literal) : literal->text;
    term->prefix_match = literal->star && !is_comparison;
    term->suffix_match = literal->leading_star && !is_comparison;
    return true;
}

static bool bind_number(FilterParser *parser, const FilterField *field, const FilterLiteral *literal, Filter *term)
{
    Str text = literal->text;
    bool ok = false;
    const char *expected = "";
    switch (field->type) {
    case FILTER_TIME:
        ok = clock_parse(text, &term->number) ||
             (text.len == 10 && clock_parse(str_printf(parser->arena, "%.*sT00:00:00Z", STR_ARG(text)), &term->number));
        expected = "a time like \"2026-04-10T00:00:00Z\"";
        break;
    case FILTER_INTEGER:
        ok = str_to_i64(text, &term->number);
        expected = "a whole number";
        break;
    case FILTER_DURATION:
        ok = duration_parse(text, &term->number);
        expected = "a duration like 1.5s";
        break;
    case FILTER_BOOLEAN:
        term->number = str_eq_fold(text, S("true"));
        ok = term->number || str_eq_fold(text, S("false"));
        expected = "true or false";
        break;
    case FILTER_TEXT:
    case FILTER_ENUM:
    case FILTER_RESOURCE: break;
    }
    return (ok && !literal->star && !literal->leading_star) ||
           filter_refuse(parser, literal->at, "%.*s is compared with %s, found \"%.*s\"", STR_ARG(field->name),
                         expected, STR_ARG(str_clip(text, 64)));
}

static bool enum_literal_is(const FilterField *field, Str value, Str text)
{
    if (str_eq_fold(value, text))
        return true;
    bool has_prefix = field->prefix.len > 0 && str_starts(value, field->prefix);
    return has_prefix && str_eq_fold(str_skip(value, field->prefix.len), text);
}

static bool refuse_enum(FilterParser *parser, const FilterField *field, const FilterLiteral *literal)
{
    Buf allowed = buf_in(parser->arena);
    for (uint32_t i = 0; i < field->n_values; i++) {
        bool shorter = field->prefix.len > 0 && str_starts(field->values[i], field->prefix);
        buf_str(&allowed, i > 0 ? S(", ") : S(""));
        buf_str(&allowed, shorter ? str_skip(field->values[i], field->prefix.len) : field->values[i]);
    }
    return filter_refuse(parser, literal->at, "\"%.*s\" is no %.*s; there are: %.*s",
                         STR_ARG(str_clip(literal->text, 64)), STR_ARG(field->name),
                         STR_ARG(str_clip(buf_view(&allowed), 320)));
}

static bool add_enum_term(FilterParser *parser, const FilterField *field, Str text, size_t at, Filter **kids,
                          uint32_t *n_kids)
{
    for (uint32_t i = 0; i < field->n_values; i++) {
        if (!enum_literal_is(field, field->values[i], text))
            continue;
        Filter *term = term_new(parser, field, FILTER_EQ);
        if (!term)
            return too_many(parser, at);
        term->number = i;
        kids[(*n_kids)++] = term;
        return true;
    }
    return true;
}

/* One literal may be another name for several values: `waiting` for awaiting_guidance and stopped. */
static bool bind_enum(FilterParser *parser, const FilterField *field, const FilterLiteral *literal, Filter **out)
{
    Filter **kids = NEW_ARRAY(parser->arena, Filter *, field->n_aliases + 1);
    uint32_t n_kids = 0;
    Str text = whole_text(parser, literal);
    if (!add_enum_term(parser, field, text, literal->at, kids, &n_kids))
        return false;
    for (uint32_t i = 0; n_kids == 0 || i < field->n_aliases; i++) {
        if (i >= field->n_aliases)
            return refuse_enum(parser, field, literal);
        if (str_eq_fold(field->aliases[2 * i], text) &&
            !add_enum_term(parser, field, field->aliases[2 * i + 1], literal->at, kids, &n_kids))
            return false;
    }
    *out = filter_join(parser, FILTER_OR, kids, n_kids);
    return true;
}

static bool bind_single(FilterParser *parser, const FilterField *field, FilterOp op, const FilterLiteral *literal,
                        Filter **out)
{
    if (field->type == FILTER_ENUM)
        return bind_enum(parser, field, literal, out);
    Filter *term = term_new(parser, field, op);
    if (!term)
        return too_many(parser, literal->at);
    *out = term;
    if (field->type == FILTER_TEXT)
        return bind_text(parser, literal, term);
    if (field->type != FILTER_RESOURCE)
        return bind_number(parser, field, literal, term);
    term->text = name_leaf(whole_text(parser, literal));
    return true;
}

/* "a OR b" within one pair of quotes means either of them, where no value can hold " OR " itself. */
static bool bind_alternatives(FilterParser *parser, const FilterField *field, FilterOp op, const FilterLiteral *literal,
                              Filter **out)
{
    Filter **kids = NEW_ARRAY(parser->arena, Filter *, literal->text.len / 4 + 1);
    uint32_t n_kids = 0;
    Str rest = whole_text(parser, literal);
    for (bool last = false; !last;) {
        ptrdiff_t at = str_find(rest, S(" OR "));
        last = at < 0;
        FilterLiteral part = {.text = str_trim(last ? rest : str_slice(rest, 0, (size_t)at)), .at = literal->at};
        rest = last ? rest : str_skip(rest, (size_t)at + 4);
        if (!bind_single(parser, field, op, &part, &kids[n_kids++]))
            return false;
    }
    *out = filter_join(parser, FILTER_OR, kids, n_kids);
    return true;
}

static bool bind_present(FilterParser *parser, const FilterField *field, const FilterLiteral *literal, Filter **out)
{
    *out = term_new(parser, field, FILTER_HAS);
    if (!*out)
        return too_many(parser, literal->at);
    (*out)->present = true;
    return true;
}

bool filter_bind(FilterParser *parser, const FilterField *field, FilterOp op, const FilterLiteral *literal,
                 Filter **out)
{
    if (op == FILTER_HAS && literal->star && literal->text.len == 0 && !literal->quoted)
        return bind_present(parser, field, literal, out);
    if (op == FILTER_HAS && field->type != FILTER_TEXT)
        op = FILTER_EQ;
    bool by_name = field->type == FILTER_ENUM || field->type == FILTER_RESOURCE;
    if (!by_name)
        return bind_single(parser, field, op, literal, out);
    bool ok = literal->quoted && str_contains(literal->text, S(" OR "))
                  ? bind_alternatives(parser, field, FILTER_EQ, literal, out)
                  : bind_single(parser, field, FILTER_EQ, literal, out);
    if (!ok || op != FILTER_NE)
        return ok;
    bool one_term = (*out)->kind == FILTER_TERM;
    if (one_term)
        (*out)->op = FILTER_NE;
    else
        *out = filter_negate(parser, *out);
    return true;
}

/* ---- literals without a field ---- */

static bool names_a_value(const FilterField *field, Str text)
{
    for (uint32_t i = 0; i < field->n_values; i++)
        if (enum_literal_is(field, field->values[i], text))
            return true;
    for (uint32_t i = 0; i < field->n_aliases; i++)
        if (str_eq_fold(field->aliases[2 * i], text))
            return true;
    return false;
}

bool filter_search(FilterParser *parser, const FilterLiteral *literal, Filter **out)
{
    if (parser->open)
        return filter_refuse(parser, literal->at,
                             "\"%.*s\" stands alone; compare a member of the payload with a value, "
                             "as in order.status = \"paid\"",
                             STR_ARG(str_clip(literal->text, 64)));
    Filter **kids = NEW_ARRAY(parser->arena, Filter *, parser->n_fields + 1);
    uint32_t n_kids = 0;
    for (uint32_t i = 0; i < parser->n_fields; i++) {
        const FilterField *field = &parser->fields[i];
        bool is_text = field->type == FILTER_TEXT, is_name = field->type == FILTER_ENUM;
        FilterOp op = is_text && field->operators & FILTER_HAS ? FILTER_HAS : FILTER_EQ;
        if (!(is_text || (is_name && names_a_value(field, whole_text(parser, literal)))) ||
            !(field->operators & (unsigned)op))
            continue;
        if (!filter_bind(parser, field, op, literal, &kids[n_kids++]))
            return false;
    }
    if (n_kids == 0) /* the usual reason is a mistyped field */
        return filter_find_field(parser, whole_text(parser, literal), literal->at) != NULL;
    *out = filter_join(parser, FILTER_OR, kids, n_kids);
    return true;
}
