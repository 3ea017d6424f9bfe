/* store/filter_sql.c: a bound filter as a condition with parameters. Nothing of a filter's text enters the SQL itself.
 */
#include <stdio.h>

#include "base/codec.h"
#include "store/list.h"

const FilterColumn *filter_column(const Filter *term, const FilterColumn *columns, size_t n_columns)
{
    for (size_t i = 0; i < n_columns; i++) {
        if (str_eq(columns[i].name, term->spec->name))
            return &columns[i];
    }
    return NULL;
}

static Str without_prefix(Str literal, Str prefix)
{
    return prefix.len > 0 && str_starts(literal, prefix) ? str_skip(literal, prefix.len) : literal;
}

/* The contract numbers an enum's literals in its own order; rows hold ours. They meet by name. */
static int64_t enum_number(const Filter *term, const FilterColumn *column)
{
    const FilterField *field = term->spec;
    if (term->number < 0 || term->number >= field->n_values)
        return term->number;
    Str literal = without_prefix(field->values[term->number], field->prefix);
    for (size_t i = 0; i < column->n_names; i++) {
        if (str_eq_fold(column->names[i], literal))
            return (int64_t)i;
    }
    return column->n_names > 0 ? -1 : term->number;
}

static const char *operator_text(FilterOp op)
{
    switch (op) {
    case FILTER_LT: return " <";
    case FILTER_LE: return " <=";
    case FILTER_GT: return " >";
    case FILTER_GE: return " >=";
    case FILTER_EQ:
    case FILTER_NE:
    case FILTER_HAS: break;
    }
    return " =";
}

/* `template` with each ? as the mark of the newest parameter. */
static void add_template(SqlText *text, const char *template)
{
    for (const char *at = template; *at; at++) {
        if (*at == '?')
            sql_mark(text, text->n_parameters);
        else
            buf_char(&text->sql, *at);
    }
}

static void add_text_term(SqlText *text, const Filter *term, const FilterColumn *column)
{
    if (term->op == FILTER_HAS) {
        buf_printf(&text->sql, "strpos(lower(%s), lower(", column->sql);
        sql_string(text, term->text);
        sql_add(text, ")) > 0");
    } else if (term->prefix_match && term->suffix_match) {
        buf_printf(&text->sql, "strpos(%s, ", column->sql);
        sql_string(text, term->text);
        sql_add(text, ") > 0");
    } else if (term->suffix_match) {
        size_t n = utf8_count(term->text);
        buf_printf(&text->sql, "length(%s) >= %zu AND substr(%s, length(%s) - %zu) =", column->sql, n, column->sql,
                   column->sql, n - 1);
        sql_string(text, term->text);
    } else if (term->prefix_match) {
        buf_printf(&text->sql, "substr(%s, 1, %zu) =", column->sql, utf8_count(term->text));
        sql_string(text, term->text);
    } else if (column->equal && (term->op == FILTER_EQ || term->op == FILTER_NE)) {
        sql_parameter_add(text, TEXT_PARAMETER(term->text));
        add_template(text, column->equal);
    } else {
        sql_add(text, column->sql);
        sql_add(text, operator_text(term->op));
        sql_string(text, term->text);
    }
}

static void add_number_term(SqlText *text, const Filter *term, const FilterColumn *column)
{
    int64_t number = term->spec->type == FILTER_ENUM ? enum_number(term, column) : term->number;
    if (column->equal && (term->op == FILTER_EQ || term->op == FILTER_NE)) {
        sql_parameter_add(text, NUMBER_PARAMETER(number));
        add_template(text, column->equal);
        return;
    }
    sql_add(text, column->sql);
    sql_add(text, operator_text(term->op));
    sql_number(text, number);
}

static bool add_term(SqlText *text, const Filter *term, const FilterColumn *columns, size_t n_columns, Error *err)
{
    const FilterColumn *column = filter_column(term, columns, n_columns);
    if (!column)
        return error_set(err, INVALID_ARGUMENT, "filter", "this list cannot be filtered by %.*s",
                         STR_ARG(term->spec->name));
    bool text_like = term->spec->type == FILTER_TEXT || term->spec->type == FILTER_RESOURCE;
    bool is_pattern = term->op != FILTER_HAS && (term->prefix_match || term->suffix_match);
    if (is_pattern && column->equal)
        return error_set(err, INVALID_ARGUMENT, "filter", "%.*s takes no *: give the whole text",
                         STR_ARG(term->spec->name));
    sql_add(text, "(");
    if (term->present)
        buf_printf(&text->sql, text_like ? "coalesce(%s, '') <> ''" : "%s IS NOT NULL", column->sql);
    else if (text_like)
        add_text_term(text, term, column);
    else
        add_number_term(text, term, column);
    sql_add(text, term->op == FILTER_NE ? ") IS NOT TRUE" : ")");
    return true;
}

/* What is not set is not equal to anything: SQL's NULL counts as false before it is negated. */
static bool add_negation(SqlText *text, const Filter *kid, const FilterColumn *columns, size_t n_columns, Error *err)
{
    sql_add(text, "(");
    if (!filter_to_sql(text, kid, columns, n_columns, err))
        return false;
    sql_add(text, ") IS NOT TRUE");
    return true;
}

/* Kids [from, to), halved again and again: databases bound the depth of an expression, and a chain of a thousand ANDs
 * is a thousand deep. */
static bool add_kids(SqlText *text, const Filter *filter, uint32_t from, uint32_t to, const FilterColumn *columns,
                     size_t n_columns, Error *err)
{
    if (to - from == 1)
        return filter_to_sql(text, filter->kids[from], columns, n_columns, err);
    uint32_t middle = from + (to - from) / 2;
    sql_add(text, "(");
    if (!add_kids(text, filter, from, middle, columns, n_columns, err))
        return false;
    sql_add(text, filter->kind == FILTER_AND ? " AND " : " OR ");
    if (!add_kids(text, filter, middle, to, columns, n_columns, err))
        return false;
    sql_add(text, ")");
    return true;
}

bool filter_to_sql(SqlText *text, const Filter *filter, const FilterColumn *columns, size_t n_columns, Error *err)
{
    switch (filter->kind) {
    case FILTER_TERM: return add_term(text, filter, columns, n_columns, err);
    case FILTER_NOT: return add_negation(text, filter->kids[0], columns, n_columns, err);
    case FILTER_AND:
    case FILTER_OR: break;
    }
    return add_kids(text, filter, 0, filter->n_kids, columns, n_columns, err);
}
