/* bench/value.c: what numbers, JSON and tables cost. Each line is the best of five rounds, in the
 * thread's own time, so that a busy machine does not look slow. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "value/arrow.h"
#include "value/decimal.h"
#include "value/wire.h"

enum { ROUNDS = 5 };

/* One round: returns how many units it did (operations, or bytes). */
typedef size_t Work(Arena *arena, size_t n);

/* Keeps the compiler from seeing that nobody reads a result. */
static void keep(Value v)
{
    __asm__ volatile("" : : "r"(v.low), "r"((uint64_t)v.high) : "memory");
}

static void must(bool fine)
{
    if (!fine)
        abort();
}

/* ---- decimals ---- */

/* The line of an invoice: quantity times price with tax, rounded to cents, added up. */
static size_t money(Arena *arena, size_t n)
{
    (void)arena;
    Value total = value_int(0), price, amount;
    Error err = {0};
    must(decimal_parse(S("19.99"), &price, &err));
    for (size_t i = 0; i < n; i++) {
        Value quantity = {.low = 1000 + i % 1000, .scale = 3, .kind = VALUE_NUMBER};
        must(decimal_multiply(quantity, price, &amount, &err));
        must(decimal_round(amount, 2, ROUND_HALF_EVEN, &amount, &err));
        must(decimal_add(total, amount, &total, &err));
    }
    keep(total);
    return n;
}

static size_t integers(Arena *arena, size_t n)
{
    (void)arena;
    Value i = value_int(0), sum = value_int(0), one = value_int(1), end = value_int((int64_t)n);
    Error err = {0};
    while (decimal_compare(i, end) < 0) {
        must(decimal_add(sum, i, &sum, &err));
        must(decimal_add(i, one, &i, &err));
    }
    keep(sum);
    return n;
}

static size_t division(Arena *arena, size_t n)
{
    (void)arena;
    Value quotient, three = value_int(3);
    Error err = {0};
    for (size_t i = 0; i < n; i++) {
        must(decimal_divide(value_int((int64_t)i + 1), three, &quotient, &err));
        keep(quotient);
    }
    return n;
}

static size_t figures(Arena *arena, size_t n)
{
    (void)arena;
    Value v;
    Error err = {0};
    for (size_t i = 0; i < n; i++) {
        must(decimal_parse_figure(S("$ 1,234,567.89"), false, &v, &err));
        keep(v);
    }
    return n;
}

/* ---- JSON and tables: bytes ---- */

static Table *make_invoices(Arena *arena, uint32_t n)
{
    Table *table = value_table_new(arena, n).table;
    Value *number = table_add_column(arena, table, S("number"))->cells;
    Value *supplier = table_add_column(arena, table, S("supplier"))->cells;
    Value *total = table_add_column(arena, table, S("total"))->cells;
    Value *due = table_add_column(arena, table, S("due date"))->cells;
    for (uint32_t i = 0; i < n; i++) {
        number[i] = value_text(str_printf(arena, "INV-%06u", i));
        supplier[i] = value_text(S("Northwind Traders GmbH"));
        total[i] = (Value){.low = 100 * i + 25, .scale = 2, .kind = VALUE_NUMBER};
        due[i] = value_date(2026, 1 + (int)i % 12, 1 + (int)i % 28);
    }
    return table;
}

/* Made before the first round and kept. */
static Table *invoices(size_t n)
{
    static Arena arena;
    static Table *table;
    if (!table)
        table = make_invoices(&arena, (uint32_t)n);
    return table;
}

static Value rows_of(Arena *arena, Table *table)
{
    Value list = value_list_new(arena, table->n_rows);
    for (uint32_t i = 0; i < table->n_rows; i++)
        list_add(arena, list.list, value_row(table, i));
    return list;
}

static size_t json_written(Arena *arena, size_t n)
{
    Buf out = buf_in(arena);
    JsonOut json = json_out(&out);
    value_to_json(&json, rows_of(arena, invoices(n)));
    return out.len;
}

static size_t json_parsed(Arena *arena, size_t n)
{
    static Buf text;
    if (text.len == 0) {
        JsonOut json = json_out(&text);
        value_to_json(&json, rows_of(arena, invoices(n)));
    }
    const Json *json;
    Error err = {0};
    must(json_parse(arena, buf_view(&text), 100, &json, &err));
    return text.len;
}

static size_t arrow_written(Arena *arena, size_t n)
{
    Buf out = buf_in(arena);
    arrow_write(&out, invoices(n));
    return out.len;
}

static size_t arrow_read_back(Arena *arena, size_t n)
{
    static Buf bytes;
    if (bytes.len == 0)
        arrow_write(&bytes, invoices(n));
    Table *table;
    Error err = {0};
    must(arrow_read(arena, buf_view(&bytes), &table, &err));
    return bytes.len;
}

static const struct {
    const char *name;
    Work *work;
    size_t n;
    bool is_bytes;
} benches[] = {
    {"money: multiply, round half-even, add", money, 5000000, false},
    {"integers: compare, add, add", integers, 5000000, false},
    {"divide by three", division, 1000000, false},
    {"read the figure \"$ 1,234,567.89\"", figures, 500000, false},
    {"JSON out: 20,000 rows in the API's form", json_written, 20000, true},
    {"JSON in: the same, to a tree", json_parsed, 20000, true},
    {"Arrow out: 20,000 rows of 4 columns", arrow_written, 20000, true},
    {"Arrow in: the same, to a table", arrow_read_back, 20000, true},
};

static double thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(Work *work, size_t n, size_t *out_units)
{
    AUTO(arena_done)
    Arena arena = {0};
    double before = thread_seconds();
    *out_units = work(&arena, n);
    return thread_seconds() - before;
}

int main(void)
{
    for (size_t i = 0; i < COUNT_OF(benches); i++) {
        double best = 1e9;
        size_t units = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double seconds = seconds_of(benches[i].work, benches[i].n, &units);
            best = seconds < best ? seconds : best;
        }
        if (benches[i].is_bytes)
            printf("%-44s %8.0f MB/s\n", benches[i].name, (double)units / best / 1e6);
        else
            printf("%-44s %8.1f ns\n", benches[i].name, best * 1e9 / (double)units);
    }
    return 0;
}
