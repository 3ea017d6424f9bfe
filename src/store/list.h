/* store/list.h: how a noun's pages are read: keyset pages over an index, filters, orders, totals. Internal to store/.
 *
 * The cost of page 10,000 is that of page 1: a page begins behind the last row of the one before, found by the index of
 * the order. */
#ifndef CLERKWORK_STORE_LIST_H
#define CLERKWORK_STORE_LIST_H

#include "aip/filter.h"
#include "aip/page.h"
#include "base/buf.h"
#include "store/database.h"

/* What answers a field of a filter. A contract's field with no row here is refused, so forgetting one is seen. */
typedef struct FilterColumn {
    Str name;
    const char *sql;   /* an expression of the field's type */
    const char *equal; /* when equality asks for more than `sql = ?`; each ? is the value */
    const Str *names;  /* ENUM: literals without their prefix, in the store's numbering; any case */
    size_t n_names;
} FilterColumn;

typedef struct OrderColumn {
    Str name;
    const char *sql;
} OrderColumn;

/* A value for the next $n. */
typedef struct Parameter {
    bool is_text;
    int64_t number;
    Str text;
} Parameter;
#define NUMBER_PARAMETER(n) ((Parameter){.number = (n)})
#define TEXT_PARAMETER(t) ((Parameter){.is_text = true, .text = (t)})

/* SQL that grows together with its parameters. */
typedef struct SqlText {
    Buf sql;
    Arena *arena;
    Parameter *parameters;
    int n_parameters, cap_parameters;
} SqlText;
SqlText sql_text_in(Arena *arena);
void sql_add(SqlText *text, const char *sql);
void sql_number(SqlText *text, int64_t n);                  /* " $n" */
void sql_string(SqlText *text, Str string);                 /* " $n" */
void sql_parameter_add(SqlText *text, Parameter parameter); /* without its mark */
void sql_mark(SqlText *text, int n);                        /* " $n" of one that was added */
MUST_USE bool sql_open(const SqlText *text, Query *query, Database *database, Error *err);

/* That of a term; NULL: there is none. */
const FilterColumn *filter_column(const Filter *term, const FilterColumn *columns, size_t n_columns);
/* Adds the condition that `filter` is, in parentheses. INVALID_ARGUMENT for a field that has no column. */
MUST_USE bool filter_to_sql(SqlText *text, const Filter *filter, const FilterColumn *columns, size_t n_columns,
                            Error *err);

/* Whether sums that have these columns alone can answer: the filter asks for no other field, and the transaction itself
 * has changed nothing that is not in the sums yet. */
bool list_may_sum(const Tx *tx, const Filter *filter, const FilterColumn *columns, size_t n_columns);

typedef struct ListPlan {
    const char *columns; /* read by read_row, in order */
    const char *from;
    const char *where;    /* with $1 … for the fixed parameters */
    const char *position; /* column of the default order; rows are indexed by it */
    const char *key;      /* breaks ties */
    bool oldest_first;
    size_t row_size, row_align;
    void (*read_row)(Query *query, Arena *arena, void *row);
    const FilterColumn *filters;
    size_t n_filters;
    /* A table of sums that has the columns of `where` and of the first n_summed filters: how many rows there are is
     * `summed` of them, where a filter asks for nothing else. NULL: rows are always counted. */
    const char *sums, *summed;
    size_t n_summed;
    const OrderColumn *orders; /* for order_by; none: only the default order */
    size_t n_orders;
} ListPlan;

MUST_USE bool list_read(Tx *tx, Arena *arena, const ListPlan *plan, const Parameter *fixed, int n_fixed,
                        ListQuery *query, void **out_rows, int *out_n, ListEnd *end, Error *err);

#endif
