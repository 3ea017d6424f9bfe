/* Random sequences of operations over the store's headers, carried out in SQLite and in PostgreSQL: after each one both
 * have said the same, and at the end of a sequence both hold the same rows, which store_move sums. The operations stand
 * beside this file, noun by noun.
 *
 * CLERKWORK_SEED names the one sequence to carry out; CLERKWORK_SEEDS how many. What fails is told with its seed and
 * the number of the operation, which is the shortest beginning of that sequence that differs. */
#include "store/same/side.h"

#include <stdlib.h>

enum { SEEDS = 5, OPERATIONS = 400, OPERATIONS_MOST = 100 };

static const Operation *const nouns[] = {
    same_authoring, same_automations, same_connections, same_exceptions, same_files, same_guides,
    same_insights,  same_people,      same_purges,      same_run_parts,  same_runs,  same_schedules,
    same_tenants,   same_tokens,      same_triggers,    same_webhooks,
};

static int all_operations(const Operation *out[OPERATIONS_MOST])
{
    int n = 0;
    for (size_t i = 0; i < COUNT_OF(nouns); i++) {
        for (const Operation *operation = nouns[i]; operation->name; operation++) {
            assert_true(n < OPERATIONS_MOST);
            out[n++] = operation;
        }
    }
    return n;
}

static void assert_same(Str a, Str b, uint64_t seed, int operation, const char *what)
{
    if (!str_eq(a, b))
        fail_msg("seed %llu, operation %d (%s)\nSQLite:     %.*s\nPostgreSQL: %.*s", (unsigned long long)seed,
                 operation, what, STR_ARG(a), STR_ARG(b));
}

static void compare(uint64_t seed)
{
    Side *sides = calloc(2, sizeof *sides);
    Random random = random_of(~seed);
    const Operation *operations[OPERATIONS_MOST];
    int n_operations = all_operations(operations);
    assert_non_null(sides);
    for (int i = 0; i < 2; i++)
        side_begin(&sides[i], seed, i == 1);
    for (int n = 1; n <= OPERATIONS; n++) {
        const Operation *drawn = operations[random_below(&random, (uint64_t)n_operations)];
        side_operate(&sides[0], drawn);
        side_operate(&sides[1], drawn);
        assert_same(buf_view(&sides[0].said), buf_view(&sides[1].said), seed, n, drawn->name);
    }
    Str tables[2] = {side_tables(&sides[0]), side_tables(&sides[1])};
    while (tables[0].len > 0 || tables[1].len > 0) {
        Str line = str_cut(&tables[0], '\n');
        assert_same(line, str_cut(&tables[1], '\n'), seed, OPERATIONS, "a table, its rows and their sum");
    }
    side_end(&sides[0]);
    side_end(&sides[1]);
    free(sides);
}

static void test_operations__come_to_the_same_in_both_databases(void **state)
{
    (void)state;
    const char *one = getenv("CLERKWORK_SEED"), *many = getenv("CLERKWORK_SEEDS");
    if (one) {
        compare(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= (many ? strtoull(many, NULL, 10) : SEEDS); seed++)
        compare(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operations__come_to_the_same_in_both_databases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
