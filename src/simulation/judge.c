/* simulation/judge.c: what came of a world, held against what must. */
#include <stdlib.h>
#include <string.h>

#include "aip/page.h"
#include "engine/replay.h"
#include "simulation/internal.h"

/* ---- lines ---- */

typedef struct Lines {
    Str *items;
    int n, cap;
} Lines;

static void add_line(Lines *lines, Arena *arena, Str line)
{
    if (lines->n == lines->cap) {
        int cap = lines->cap ? 2 * lines->cap : 16;
        lines->items =
            arena_grow(arena, lines->items, (size_t)lines->cap * sizeof(Str), (size_t)cap * sizeof(Str), _Alignof(Str));
        lines->cap = cap;
    }
    lines->items[lines->n++] = line;
}

static int line_order(const void *a, const void *b)
{
    Str left = *(const Str *)a, right = *(const Str *)b;
    int order = memcmp(left.data, right.data, MIN_OF(left.len, right.len));
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static Str sorted(Lines *lines, Arena *arena)
{
    Buf out = buf_in(arena);
    if (lines->n > 1)
        qsort(lines->items, (size_t)lines->n, sizeof(Str), line_order);
    for (int i = 0; i < lines->n; i++)
        buf_printf(&out, "%.*s\n", STR_ARG(lines->items[i]));
    return out.len ? buf_view(&out) : S("");
}

/* ---- what came of it ---- */

static bool read_run(Universe *universe, Tx *tx, int number, Arena *arena, RunRow *out, Error *err)
{
    return store_run_get(tx, arena, &universe->scope, 0, universe->requests[number].run_id, out, err);
}

static Str deeds_of(const Universe *universe, int64_t run, Arena *arena)
{
    Lines lines = {0};
    for (int i = 0; i < universe->n_deeds; i++)
        if (universe->deeds[i].run == run && universe->deeds[i].what.len > 0)
            add_line(&lines, arena, universe->deeds[i].what);
    return sorted(&lines, arena);
}

/* Those that the world's own trouble raised are left out. */
static bool questions_of(Universe *universe, Tx *tx, int64_t run, Arena *arena, Str *out, Error *err)
{
    Lines lines = {0};
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = 1000};
    ExceptionRow *rows;
    int n;
    ListEnd end;
    if (!store_exception_list(tx, arena, &universe->scope, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        RunRow asking;
        if (is_simulated_trouble(&rows[i]))
            continue;
        if (!store_run_get_by_key(tx, arena, rows[i].run, &asking, err))
            return false;
        if (asking.key == run || asking.top == run)
            add_line(&lines, arena,
                     str_printf(arena, "%s: %.*s", rows[i].state == EXCEPTION_RESOLVED ? "answered" : "open",
                                STR_ARG(rows[i].description)));
    }
    *out = sorted(&lines, arena);
    return true;
}

static bool read_outcome(Universe *universe, Tx *tx, int number, Arena *arena, Outcome *out, Error *err)
{
    RunRow run;
    *out = (Outcome){0};
    if (!read_run(universe, tx, number, arena, &run, err) ||
        !questions_of(universe, tx, run.key, arena, &out->questions, err))
        return false;
    /* Of when it ended: the clock may have been set back since. */
    out->is_overdue = run.state == RUN_FAILED && run.deadline_us > 0 && run.deadline_us <= run.state_us &&
                      str_starts(run.description, S("The run did not end within "));
    out->deeds = deeds_of(universe, run.key, arena);
    out->end = str_printf(arena, "%s\n%.*s\n", run_state_names[run.state],
                          STR_ARG(run.state == RUN_COMPLETED ? run.outputs : run.description));
    return true;
}

bool outcome_read(Universe *universe, int number, Arena *arena, Outcome *out, Error *err)
{
    Tx *tx;
    if (!tx_begin_read(universe->reader, &tx, err))
        return false;
    bool ok = read_outcome(universe, tx, number, arena, out, err);
    tx_end(tx);
    return ok;
}

static void compare(Universe *universe, int number, const char *what, Str expected, Str found)
{
    if (!str_eq(expected, found))
        universe_blame(universe, "run %d: %s\nwhere nothing went wrong:\n%.*shere:\n%.*s", number + 1, what,
                       STR_ARG(str_clip(expected, 800)), STR_ARG(str_clip(found, 800)));
}

void outcome_compare(Universe *universe, int number, const Outcome *expected, const Outcome *found)
{
    if (found->is_overdue) {
        universe->tally->deadlines++;
        return;
    }
    compare(universe, number, "it did something else to the world, or not as often", expected->deeds, found->deeds);
    compare(universe, number, "it asked something else", expected->questions, found->questions);
    compare(universe, number, "it came to another end", expected->end, found->end);
}

/* ---- all of them ---- */

bool all_is_over(Universe *universe, bool *out, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Tx *tx;
    *out = true;
    for (int i = 0; i < universe->plan->n_runs; i++)
        *out &= universe->requests[i].run_id.len > 0;
    if (!*out)
        return true;
    if (!tx_begin_read(universe->reader, &tx, err))
        return false;
    bool ok = true;
    for (int i = 0; i < universe->plan->n_runs && ok && *out; i++) {
        RunRow run;
        ok = read_run(universe, tx, i, &arena, &run, err);
        if (ok)
            *out = (run_is_final(run.state) || run.state == RUN_AWAITING_GUIDANCE) && !run.children_open;
    }
    tx_end(tx);
    return ok;
}

static bool replay(Universe *universe, Arena *arena, const RunRow *run, Error *err)
{
    Replay found;
    if (!run_replay(universe->reader, &universe->world, universe->plan->catalog, (Budget){0}, arena, &universe->scope,
                    run->id, &found, err))
        return false;
    if (!found.same)
        universe_blame(universe, "what is stored of a run does not reproduce it: %.*s", STR_ARG(found.difference));
    return true;
}

static bool list_all(Universe *universe, Tx *tx, Arena *arena, Lines *out, Error *err)
{
    for (int i = 0; i < universe->plan->n_runs; i++) {
        PageCursor cursor = {0};
        ListQuery query = {.cursor = &cursor, .limit = 1000};
        RunRow *children;
        int n;
        ListEnd end;
        add_line(out, arena, universe->requests[i].run_id);
        if (!store_run_list_children(tx, arena, &universe->scope, universe->requests[i].run, &query, &children, &n,
                                     &end, err))
            return false;
        for (int k = 0; k < n; k++)
            add_line(out, arena, children[k].id);
    }
    return true;
}

bool all_is_replayed(Universe *universe, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Lines ids = {0};
    Tx *tx;
    if (!tx_begin_read(universe->reader, &tx, err))
        return false;
    bool ok = list_all(universe, tx, &arena, &ids, err);
    tx_end(tx);
    for (int i = 0; ok && i < ids.n; i++)
        ok = replay(universe, &arena, &(RunRow){.id = ids.items[i]}, err);
    universe->tally->children += (uint64_t)(ids.n - universe->plan->n_runs);
    return ok;
}
