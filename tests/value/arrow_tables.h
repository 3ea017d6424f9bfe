/* tests/value/arrow_tables.h: the table that both the C test and the JavaScript test read. */
#ifndef CLERKWORK_TESTS_VALUE_ARROW_TABLES_H
#define CLERKWORK_TESTS_VALUE_ARROW_TABLES_H

#include "base/check.h"
#include "value/decimal.h"
#include "value/value.h"

static inline Value number_of(const char *text)
{
    Value v = {0};
    Error err = {0};
    assert_fine(decimal_parse(str_from_c(text), &v, &err), &err);
    return v;
}

/* Row 1 is empty everywhere; row 2 holds the awkward ones. */
static inline Table *sample_table(Arena *arena)
{
    Table *table = value_table_new(arena, 3).table;
    Value *claim = table_add_column(arena, table, S("Claim ID"))->cells;
    claim[0] = value_text(S("C-1"));
    claim[2] = value_text(S("Zürich, \"quoted\" 😀"));
    Value *total = table_add_column(arena, table, S("total"))->cells;
    total[0] = number_of("1250.00");
    total[2] = number_of("-79228162514264337593543950335");
    Value *paid = table_add_column(arena, table, S("paid"))->cells;
    paid[0] = value_bool(true);
    paid[2] = value_bool(false);
    Value *due = table_add_column(arena, table, S("due date"))->cells;
    due[0] = value_date(2026, 4, 14);
    due[2] = value_date(1, 1, 1);
    Value *mixed = table_add_column(arena, table, S("mixed"))->cells;
    mixed[0] = number_of("1.50");
    mixed[2] = value_text(S("two"));
    table_add_column(arena, table, S("empty"));
    return table;
}

#endif
