/* aip/filter_print.c: a bound filter's one canonical text. Parsed again it gives the same filter. */
#include "aip/filter.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"

static void print_text(Buf *out, Str text, bool star_before, bool star_behind)
{
    buf_str(out, star_before ? S("\"*") : S("\""));
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\' || c == '*')
            buf_char(out, '\\');
        buf_char(out, c);
    }
    buf_str(out, star_behind ? S("*\"") : S("\""));
}

static Str operator_text(FilterOp op)
{
    switch (op) {
    case FILTER_EQ: return S(" = ");
    case FILTER_NE: return S(" != ");
    case FILTER_LT: return S(" < ");
    case FILTER_LE: return S(" <= ");
    case FILTER_GT: return S(" > ");
    case FILTER_GE: return S(" >= ");
    case FILTER_HAS: break;
    }
    return S(":");
}

static void print_value(Buf *out, const Filter *term, const FilterField *field)
{
    char time[CLOCK_TEXT_LEN];
    switch (field->type) {
    case FILTER_TEXT:
    case FILTER_RESOURCE: print_text(out, term->text, term->suffix_match, term->prefix_match); return;
    case FILTER_ENUM: buf_str(out, field->values[term->number]); return;
    case FILTER_BOOLEAN: buf_str(out, term->number ? S("true") : S("false")); return;
    case FILTER_INTEGER: buf_printf(out, "%lld", (long long)term->number); return;
    case FILTER_DURATION:
        buf_printf(out, "%s%lld.%06llds", term->number < 0 ? "-" : "", llabs(term->number / 1000000),
                   llabs(term->number % 1000000));
        return;
    case FILTER_TIME: break;
    }
    clock_format(term->number, time);
    print_text(out, str_of(time, sizeof time), false, false);
}

static void print(Buf *out, const Filter *filter, const FilterField *fields)
{
    if (filter->kind == FILTER_TERM) {
        const FilterField *field = &fields[filter->field];
        buf_str(out, field->name);
        if (filter->present) {
            buf_str(out, S(":*"));
            return;
        }
        buf_str(out, operator_text(filter->op));
        print_value(out, filter, field);
        return;
    }
    if (filter->kind == FILTER_NOT)
        buf_str(out, S("NOT "));
    for (uint32_t i = 0; i < filter->n_kids; i++) {
        if (i > 0)
            buf_str(out, filter->kind == FILTER_AND ? S(" AND ") : S(" OR "));
        bool simple = filter->kids[i]->kind == FILTER_TERM;
        if (!simple)
            buf_char(out, '(');
        print(out, filter->kids[i], fields);
        if (!simple)
            buf_char(out, ')');
    }
}

Str filter_print(Arena *arena, const Filter *filter, const FilterField *fields)
{
    Buf out = buf_in(arena);
    if (filter)
        print(&out, filter, fields);
    return buf_view(&out);
}
