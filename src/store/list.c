/* store/list.c: a page's SQL and its rows. */
#include "store/list.h"

#include <stdio.h>
#include <string.h>

#include "aip/order.h"
#include "store/internal.h"

enum { LIMIT_MOST = 10000, ORDERS_MOST = 8 };

/* ---- text and parameters ---- */

SqlText sql_text_in(Arena *arena)
{
    return (SqlText){.sql = buf_in(arena), .arena = arena};
}

void sql_add(SqlText *text, const char *sql)
{
    buf_str(&text->sql, str_from_c(sql));
}

void sql_parameter_add(SqlText *text, Parameter parameter)
{
    if (text->n_parameters == text->cap_parameters) {
        int cap = text->cap_parameters ? 2 * text->cap_parameters : 16;
        text->parameters = arena_grow(text->arena, text->parameters, (size_t)text->cap_parameters * sizeof(Parameter),
                                      (size_t)cap * sizeof(Parameter), _Alignof(Parameter));
        text->cap_parameters = cap;
    }
    text->parameters[text->n_parameters++] = parameter;
}

void sql_mark(SqlText *text, int n)
{
    buf_printf(&text->sql, " $%d", n);
}

void sql_number(SqlText *text, int64_t n)
{
    sql_parameter_add(text, NUMBER_PARAMETER(n));
    sql_mark(text, text->n_parameters);
}

void sql_string(SqlText *text, Str string)
{
    sql_parameter_add(text, TEXT_PARAMETER(string));
    sql_mark(text, text->n_parameters);
}

bool sql_open(const SqlText *text, Query *query, Database *database, Error *err)
{
    if (!query_open_text(query, database, buf_view(&text->sql), err))
        return false;
    for (int i = 0; i < text->n_parameters; i++) {
        const Parameter *parameter = &text->parameters[i];
        if (parameter->is_text)
            bind_text(query, parameter->text);
        else
            bind_i64(query, parameter->number);
    }
    return true;
}

/* ---- the order ---- */

typedef struct ListOrder {
    const char *sql[ORDERS_MOST];
    bool descending[ORDERS_MOST];
    int n; /* 0: the plan's own */
} ListOrder;

static bool order_read(const ListPlan *plan, Str order_by, ListOrder *out, Error *err)
{
    Str names[ORDERS_MOST];
    assert(plan->n_orders <= ORDERS_MOST);
    for (size_t i = 0; i < plan->n_orders; i++)
        names[i] = plan->orders[i].name;
    OrderTerm terms[ORDERS_MOST];
    int n = 0;
    if (!order_parse(order_by, names, plan->n_orders, terms, ORDERS_MOST, &n, err))
        return false;
    *out = (ListOrder){.n = n};
    for (int i = 0; i < n; i++) {
        out->sql[i] = plan->orders[terms[i].field].sql;
        out->descending[i] = terms[i].descending;
    }
    return true;
}

static void add_order(SqlText *text, const ListPlan *plan, const ListOrder *order)
{
    const char *direction = plan->oldest_first ? "" : " DESC";
    sql_add(text, " ORDER BY ");
    for (int i = 0; i < order->n; i++) {
        sql_add(text, order->sql[i]);
        sql_add(text, order->descending[i] ? " DESC, " : ", ");
    }
    if (order->n == 0 && plan->position != plan->key)
        buf_printf(&text->sql, "%s%s, ", plan->position, direction);
    buf_printf(&text->sql, "%s%s", plan->key, direction);
}

/* The value that the page's last row has in a column: looked up again, as a cursor holds only numbers. */
static void add_last_value(SqlText *text, const ListPlan *plan, const char *column, int key_parameter)
{
    buf_printf(&text->sql, "(SELECT %s FROM %s WHERE %s = $%d)", column, plan->from, plan->key, key_parameter);
}

/* Behind the last row in an order of several columns: a > A, or a = A and b > B, or …, or all equal and the key behind.
 */
static void add_behind_in_order(SqlText *text, const ListPlan *plan, const ListOrder *order, int64_t last_key)
{
    sql_parameter_add(text, NUMBER_PARAMETER(last_key));
    int parameter = text->n_parameters;
    sql_add(text, " AND (");
    for (int i = 0; i <= order->n; i++) {
        sql_add(text, i == 0 ? "(" : " OR (");
        for (int equal = 0; equal < i; equal++) {
            buf_printf(&text->sql, "%s = ", order->sql[equal]);
            add_last_value(text, plan, order->sql[equal], parameter);
            sql_add(text, " AND ");
        }
        bool descending = i < order->n ? order->descending[i] : !plan->oldest_first;
        buf_printf(&text->sql, "%s %s ", i < order->n ? order->sql[i] : plan->key, descending ? "<" : ">");
        if (i < order->n)
            add_last_value(text, plan, order->sql[i], parameter);
        else
            sql_mark(text, parameter);
        sql_add(text, ")");
    }
    sql_add(text, ")");
}

static void add_behind(SqlText *text, const ListPlan *plan, const ListOrder *order, const PageCursor *cursor)
{
    if (order->n > 0) {
        add_behind_in_order(text, plan, order, cursor->key);
        return;
    }
    const char *behind = plan->oldest_first ? ">" : "<";
    if (plan->position == plan->key) {
        buf_printf(&text->sql, " AND %s %s", plan->key, behind);
        sql_number(text, cursor->key);
        return;
    }
    buf_printf(&text->sql, " AND (%s, %s) %s (", plan->position, plan->key, behind);
    sql_number(text, cursor->position);
    sql_add(text, ",");
    sql_number(text, cursor->key);
    sql_add(text, ")");
}

/* ---- the page ---- */

static bool add_condition(SqlText *text, const ListPlan *plan, const char *from, const Parameter *fixed, int n_fixed,
                          const ListQuery *query, Error *err)
{
    for (int i = 0; i < n_fixed; i++)
        sql_parameter_add(text, fixed[i]);
    buf_printf(&text->sql, " FROM %s WHERE %s", from, plan->where);
    if (!query->filter)
        return true;
    sql_add(text, " AND ");
    return filter_to_sql(text, query->filter, plan->filters, plan->n_filters, err);
}

static bool asks_only(const Filter *filter, const FilterColumn *columns, size_t n_columns)
{
    if (filter->kind == FILTER_TERM)
        return filter_column(filter, columns, n_columns) != NULL;
    for (uint32_t i = 0; i < filter->n_kids; i++) {
        if (!asks_only(filter->kids[i], columns, n_columns))
            return false;
    }
    return true;
}

bool list_may_sum(const Tx *tx, const Filter *filter, const FilterColumn *columns, size_t n_columns)
{
    return !tx->exception_changes && (!filter || asks_only(filter, columns, n_columns));
}

static bool count_all(Tx *tx, Arena *arena, const ListPlan *plan, const Parameter *fixed, int n_fixed,
                      const ListQuery *query, int64_t *out, Error *err)
{
    bool summed = plan->sums && list_may_sum(tx, query->filter, plan->filters, plan->n_summed);
    SqlText text = sql_text_in(arena);
    if (summed)
        buf_printf(&text.sql, "SELECT coalesce(CAST(sum(%s) AS bigint), 0)", plan->summed);
    else
        sql_add(&text, "SELECT count(*)");
    AUTO(query_done)
    Query statement = {0};
    bool found = false;
    return add_condition(&text, plan, summed ? plan->sums : plan->from, fixed, n_fixed, query, err) &&
           sql_open(&text, &statement, tx->database, err) && query_one_i64(&statement, &found, out, err);
}

static bool page_text(SqlText *text, const ListPlan *plan, const Parameter *fixed, int n_fixed, const ListQuery *query,
                      int limit, Error *err)
{
    ListOrder order = {0};
    if (query->order_by.len > 0 && !order_read(plan, query->order_by, &order, err))
        return false;
    buf_printf(&text->sql, "SELECT %s, %s, %s", plan->position, plan->key, plan->columns);
    if (!add_condition(text, plan, plan->from, fixed, n_fixed, query, err))
        return false;
    bool first_page = !query->cursor || !query->cursor->set;
    if (!first_page)
        add_behind(text, plan, &order, query->cursor);
    add_order(text, plan, &order);
    sql_add(text, " LIMIT");
    sql_number(text, limit + 1); /* one more tells whether another page follows */
    if (first_page && query->skip > 0) {
        sql_add(text, " OFFSET");
        sql_number(text, query->skip);
    }
    return true;
}

/* Rows go into an array that doubles: a page may ask for far more than there is. */
static bool read_rows(Query *statement, Arena *arena, const ListPlan *plan, int limit, char **out_rows, int *out_n,
                      PageCursor *last, bool *out_more, Error *err)
{
    char *rows = NULL;
    int n = 0, cap = 0;
    *out_more = false;
    while (query_next(statement)) {
        if (n == limit) {
            *out_more = true;
            break;
        }
        rows = rows_with_room(arena, rows, n, &cap, plan->row_size, plan->row_align);
        last->position = next_i64(statement);
        last->key = next_i64(statement);
        plan->read_row(statement, arena, rows + (size_t)n++ * plan->row_size);
    }
    *out_rows = rows;
    *out_n = n;
    return query_end(statement, err);
}

bool list_read(Tx *tx, Arena *arena, const ListPlan *plan, const Parameter *fixed, int n_fixed, ListQuery *query,
               void **out_rows, int *out_n, ListEnd *end, Error *err)
{
    int limit = MAX_OF(1, MIN_OF(query->limit, LIMIT_MOST));
    SqlText text = sql_text_in(arena);
    AUTO(query_done)
    Query statement = {0};
    ListEnd ended = {0};
    PageCursor last = {.set = true};
    char *rows = NULL;
    int n = 0;
    if (!page_text(&text, plan, fixed, n_fixed, query, limit, err) || !sql_open(&text, &statement, tx->database, err) ||
        !read_rows(&statement, arena, plan, limit, &rows, &n, &last, &ended.more, err))
        return false;
    if (query->want_total && !count_all(tx, arena, plan, fixed, n_fixed, query, &ended.total, err))
        return false;
    if (ended.more && query->cursor)
        *query->cursor = last;
    *out_rows = rows;
    *out_n = n;
    *end = ended;
    return true;
}
