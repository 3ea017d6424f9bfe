/* store/rollup.c: sums of runs, read and kept. */
#include "store/rollup.h"

#include "store/internal.h"

/* ---- kept ----
 *
 * A sum of each level lies elsewhere in the table, so adding a run to all of them at once would change five pages with
 * each commit. Instead an automation's row of all time also holds the counts of its newest quarter of an hour, the open
 * one, which are not in the levels yet: the first run of a later quarter puts them there and opens its own. */

/* From days of UTC down to quarters of an hour: each span is a multiple of the next. */
static const int64_t spans_us[] = {96 * ROLLUP_US, 24 * ROLLUP_US, 4 * ROLLUP_US, ROLLUP_US};
#define N_LEVELS COUNT_OF(spans_us)
#define ALL_TIME (-1)
#define YEAR_10000_US INT64_C(253402300800000000) /* no run is from later */

/* The column start_us of a sum: its level above the bits that a time needs. */
static int64_t slot_of(size_t at, int64_t us)
{
    return (int64_t)(N_LEVELS - 1 - at) * (INT64_C(1) << 58) + us;
}

/* What a transaction adds to the sums of one automation and quarter of an hour. */
struct RollupChange {
    RollupChange *next;
    int64_t organization, workspace, automation, quarter_us;
    RunCounts counts;
};

static void note(Tx *tx, const RunRow *run, RunCounts counts)
{
    RollupChange *change = NEW(tx->arena, RollupChange);
    *change = (RollupChange){
        .next = tx->rollup_changes,
        .organization = run->scope.organization,
        .workspace = run->scope.workspace,
        .automation = run->automation,
        .quarter_us = run->create_us - run->create_us % ROLLUP_US,
        .counts = counts,
    };
    tx->rollup_changes = change;
}

static RunCounts next_counts(Query *query)
{
    RunCounts counts;
    counts.total = next_i64(query);
    counts.completed = next_i64(query);
    counts.manual = next_i64(query);
    counts.failed = next_i64(query);
    return counts;
}

static void bind_place(Query *query, const RollupChange *change)
{
    bind_i64(query, change->organization);
    bind_i64(query, change->workspace);
    bind_i64(query, change->automation);
}

static void bind_counts(Query *query, const RunCounts *counts)
{
    bind_i64(query, counts->total);
    bind_i64(query, counts->completed);
    bind_i64(query, counts->manual);
    bind_i64(query, counts->failed);
}

static bool add_to_levels(Tx *tx, const RollupChange *change, int64_t quarter_us, const RunCounts *counts, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO run_rollup (organization, workspace, automation, total, completed, manual, failed, "
                    "start_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8), ($1, $2, $3, $4, $5, $6, $7, $9), ($1, $2, "
                    "$3, $4, $5, $6, $7, $10), ($1, $2, $3, $4, $5, $6, $7, $11) "
                    "ON CONFLICT (organization, start_us, workspace, automation) DO UPDATE SET completed = "
                    "run_rollup.completed + excluded.completed, manual = run_rollup.manual + excluded.manual, failed "
                    "= run_rollup.failed + excluded.failed, total = run_rollup.total + excluded.total",
                    err))
        return false;
    bind_place(&query, change);
    bind_counts(&query, counts);
    for (size_t i = 0; i < N_LEVELS; i++)
        bind_i64(&query, slot_of(i, quarter_us - quarter_us % spans_us[i]));
    return query_run(&query, err);
}

/* An automation's runs of all time. */
typedef struct AllTime {
    RunCounts counts;
    int64_t open_us;
    RunCounts open;
} AllTime;

static bool get_all_time(Tx *tx, const RollupChange *change, AllTime *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    *out = (AllTime){.open_us = change->quarter_us};
    if (!query_open(&query, tx->database,
                    "SELECT total, completed, manual, failed, open_us, open_total, open_completed, open_manual, "
                    "open_failed FROM run_rollup WHERE organization = $1 AND workspace = $2 AND automation = $3 AND "
                    "start_us = $4",
                    err))
        return false;
    bind_place(&query, change);
    bind_i64(&query, ALL_TIME);
    if (query_next(&query)) {
        out->counts = next_counts(&query);
        out->open_us = next_i64(&query);
        out->open = next_counts(&query);
    }
    return query_end(&query, err);
}

static bool put_all_time(Tx *tx, const RollupChange *change, const AllTime *all, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO run_rollup (organization, workspace, automation, start_us, total, completed, manual, "
                    "failed, open_us, open_total, open_completed, open_manual, open_failed) VALUES ($1, $2, $3, $4, "
                    "$5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (organization, start_us, workspace, "
                    "automation) DO UPDATE SET total = excluded.total, completed = excluded.completed, manual = "
                    "excluded.manual, failed = excluded.failed, open_us = excluded.open_us, open_total = "
                    "excluded.open_total, open_completed = excluded.open_completed, open_manual = "
                    "excluded.open_manual, open_failed = excluded.open_failed",
                    err))
        return false;
    bind_place(&query, change);
    bind_i64(&query, ALL_TIME);
    bind_counts(&query, &all->counts);
    bind_i64(&query, all->open_us);
    bind_counts(&query, &all->open);
    return query_run(&query, err);
}

static void add_counts(RunCounts *to, const RunCounts *more)
{
    to->total += more->total;
    to->completed += more->completed;
    to->manual += more->manual;
    to->failed += more->failed;
}

/* Only a beginning opens a quarter: runs of a later one that end now stand in the levels, where they began before there
 * was an open quarter. */
static bool add_to_quarter(Tx *tx, const RollupChange *change, AllTime *all, Error *err)
{
    if (change->quarter_us == all->open_us) {
        add_counts(&all->open, &change->counts);
        return true;
    }
    if (change->quarter_us < all->open_us || change->counts.total == 0)
        return add_to_levels(tx, change, change->quarter_us, &change->counts, err);
    AllTime before = *all;
    all->open_us = change->quarter_us;
    all->open = change->counts;
    return before.open.total == 0 || add_to_levels(tx, change, before.open_us, &before.open, err);
}

static bool write_change(Tx *tx, const RollupChange *change, Error *err)
{
    AllTime all;
    if (!get_all_time(tx, change, &all, err))
        return false;
    add_counts(&all.counts, &change->counts);
    return add_to_quarter(tx, change, &all, err) && put_all_time(tx, change, &all, err);
}

/* ---- what a transaction adds ---- */

static bool is_same_sum(const RollupChange *a, const RollupChange *b)
{
    return a->quarter_us == b->quarter_us && a->automation == b->automation && a->workspace == b->workspace &&
           a->organization == b->organization;
}

/* `slots`: `cap` of them, a power of two, more than there are sums. */
static void merge(RollupChange **slots, size_t cap, RollupChange *change)
{
    size_t at = (size_t)((uint64_t)(change->automation + change->quarter_us / ROLLUP_US) * 0x9E3779B97F4A7C15u >> 32);
    while (slots[at & (cap - 1)] && !is_same_sum(slots[at & (cap - 1)], change))
        at++;
    RollupChange **slot = &slots[at & (cap - 1)];
    if (*slot)
        add_counts(&(*slot)->counts, &change->counts);
    else
        *slot = change;
}

bool rollup_write_changes(Tx *tx, Error *err)
{
    size_t n = 0, cap = 2;
    for (const RollupChange *change = tx->rollup_changes; change; change = change->next)
        n++;
    if (n == 0)
        return true;
    while (cap < 2 * n)
        cap *= 2;
    RollupChange **slots = NEW_ARRAY(tx->arena, RollupChange *, cap);
    for (RollupChange *change = tx->rollup_changes; change; change = change->next)
        merge(slots, cap, change);
    for (size_t i = 0; i < cap; i++)
        if (slots[i] && !write_change(tx, slots[i], err))
            return false;
    return true;
}

bool rollup_verify(Database *database, Findings *findings, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t wrong = 0;
    if (!query_open(
            &query, database,
            "SELECT count(DISTINCT automation) FROM (SELECT automation FROM (SELECT automation, start_us / "
            "288230376151711744 AS level, total, completed, manual, failed FROM run_rollup WHERE start_us >= 0 UNION "
            "ALL SELECT automation, level, open_total - total, open_completed - completed, open_manual - manual, "
            "open_failed - failed FROM run_rollup, (SELECT 0 AS level UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL "
            "SELECT 3) AS levels WHERE start_us = -1) AS parts GROUP BY automation, level HAVING sum(total) <> 0 OR "
            "sum(completed) <> 0 OR sum(manual) <> 0 OR sum(failed) <> 0) AS wrong",
            err) ||
        !query_one_i64(&query, &found, &wrong, err))
        return false;
    if (wrong > 0)
        findings_add(findings, "the sums of the runs of %lld automations contradict each other", (long long)wrong);
    return true;
}

/* A child run counts with the run whose item it works on. */
static bool is_counted(const RunRow *run)
{
    return run->automation != 0 && run->parent == 0;
}

bool rollup_run_began(Tx *tx, const RunRow *run, Error *err)
{
    if (!is_counted(run))
        return true;
    note(tx, run, (RunCounts){.total = 1});
    return rollup_run_moves(tx, run, true, err);
}

static bool is_final(int64_t state)
{
    return state == RUN_COMPLETED || state == RUN_FAILED;
}

/* What the row says now, before it is written; a run counts once however often its end is written. */
static bool ended_before(Tx *tx, const RunRow *run, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t state = 0;
    if (!query_open(&query, tx->database, "SELECT state FROM run WHERE key = $1", err))
        return false;
    bind_i64(&query, run->key);
    if (!query_one_i64(&query, &found, &state, err))
        return false;
    *out = found && is_final(state);
    return true;
}

/* The plus keeps SQLite from looking through all that were ever resolved in a workspace instead of those of a run. */
#define ANSWERED_BY_A_PERSON "+state = 2 AND substr(resolver, 1, 6) = 'users/'"

static bool a_person_answered(Tx *tx, const RunRow *run, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t count = 0;
    if (!query_open(&query, tx->database,
                    "SELECT count(*) FROM exception WHERE organization = $1 AND workspace = $2 AND run_id IN (SELECT "
                    "id FROM run WHERE key = $3 UNION ALL SELECT id FROM run WHERE top = $3 AND top > 0) "
                    "AND " ANSWERED_BY_A_PERSON,
                    err))
        return false;
    bind_i64(&query, run->scope.organization);
    bind_i64(&query, run->scope.workspace);
    bind_i64(&query, run->key);
    if (!query_one_i64(&query, &found, &count, err))
        return false;
    *out = count > 0;
    return true;
}

bool rollup_run_moves(Tx *tx, const RunRow *run, bool is_new, Error *err)
{
    bool counted = false, manual = false;
    if (!is_counted(run) || !is_final(run->state))
        return true;
    if (!is_new && !ended_before(tx, run, &counted, err))
        return false;
    if (counted)
        return true;
    if (run->state == RUN_COMPLETED && !a_person_answered(tx, run, &manual, err))
        return false;
    note(tx, run,
         (RunCounts){
             .completed = run->state == RUN_COMPLETED,
             .manual = manual,
             .failed = run->state == RUN_FAILED,
         });
    return true;
}

/* ---- read ---- */

/* What is given to whom. */
typedef struct Giving {
    Tx *tx;
    const Scope *scope;
    void (*each)(void *self, const RunSum *sum);
    void *self;
} Giving;

/* `less` is taken from the first column, which then is a time. */
static bool give_all(const Giving *giving, const char *sql, int64_t from_us, int64_t until_us, int64_t less, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (from_us >= until_us)
        return true;
    if (!query_open(&query, giving->tx->database, sql, err))
        return false;
    bind_i64(&query, giving->scope->organization);
    bind_i64(&query, giving->scope->workspace);
    bind_i64(&query, from_us);
    bind_i64(&query, until_us);
    while (query_next(&query)) {
        RunSum sum;
        sum.at_us = next_i64(&query) - less;
        sum.workspace = next_i64(&query);
        sum.automation = next_i64(&query);
        sum.counts = next_counts(&query);
        giving->each(giving->self, &sum);
    }
    return query_end(&query, err);
}

/* The workspaces are named one by one so that the index of each serves. */
static bool give_runs(const Giving *giving, int64_t from_us, int64_t until_us, Error *err)
{
    return give_all(giving,
                    "SELECT r.create_us, r.workspace, r.automation, 1, CASE WHEN r.state = 5 THEN 1 ELSE 0 END, "
                    "CASE WHEN r.state = 5 AND EXISTS (SELECT 1 FROM exception WHERE organization = r.organization "
                    "AND workspace = r.workspace AND run_id IN (SELECT r.id UNION ALL SELECT c.id FROM run c WHERE "
                    "c.top = r.key AND c.top > 0) AND " ANSWERED_BY_A_PERSON
                    ") THEN 1 ELSE 0 END, CASE WHEN r.state = 6 THEN 1 ELSE 0 END FROM run r WHERE "
                    "r.organization = $1 AND r.workspace IN (SELECT key FROM workspace WHERE organization = $1 AND "
                    "($2 = 0 OR key = $2)) AND r.create_us >= $3 AND r.create_us < $4 AND r.automation <> 0 AND "
                    "r.parent = 0",
                    from_us, until_us, 0, err);
}

static bool give_level(const Giving *giving, size_t at, int64_t from_us, int64_t until_us, Error *err)
{
    int64_t level = slot_of(at, 0);
    return give_all(giving,
                    "SELECT start_us, workspace, automation, total, completed, manual, failed FROM run_rollup WHERE "
                    "organization = $1 AND ($2 = 0 OR workspace = $2) AND start_us >= $3 AND start_us < $4",
                    level + from_us, level + until_us, level, err);
}

static bool give_open(const Giving *giving, int64_t first, int64_t last, Error *err)
{
    return give_all(giving,
                    "SELECT open_us, workspace, automation, open_total, open_completed, open_manual, open_failed FROM "
                    "run_rollup WHERE organization = $1 AND start_us = -1 AND ($2 = 0 OR workspace = $2) AND open_us "
                    ">= $3 AND open_us < $4 AND open_total > 0",
                    first, last, 0, err);
}

static int64_t quarter_from(int64_t us)
{
    return (us + ROLLUP_US - 1) / ROLLUP_US * ROLLUP_US;
}

/* The longest span that begins here and ends by then. */
static size_t longest_span(int64_t us, int64_t until_us)
{
    size_t at = 0;
    while (us % spans_us[at] != 0 || us + spans_us[at] > until_us)
        at++;
    return at;
}

/* Whole quarters of an hour, from the longest sums that reach across no bound. Sums of one level that follow each other
 * are read at once. */
static bool give_sums(const Giving *giving, const SumWindow *window, int64_t first, int64_t last, Error *err)
{
    size_t level = 0;
    int64_t begun = first;
    int bound = 0;
    for (int64_t us = first; us < last;) {
        while (bound < window->n_bounds && quarter_from(MAX_OF(window->bounds[bound], 0)) <= us)
            bound++;
        int64_t until = bound < window->n_bounds ? MIN_OF(quarter_from(window->bounds[bound]), last) : last;
        size_t at = longest_span(us, until);
        if (at != level && !give_level(giving, level, begun, us, err))
            return false;
        begun = at != level ? us : begun;
        level = at;
        us += spans_us[at];
    }
    return give_level(giving, level, begun, last, err);
}

bool store_run_sums(Tx *tx, const Scope *scope, const SumWindow *window, void (*each)(void *self, const RunSum *sum),
                    void *self, Error *err)
{
    const Giving giving = {.tx = tx, .scope = scope, .each = each, .self = self};
    int64_t from_us = MAX_OF(window->from_us, 0), until_us = MIN_OF(window->until_us, YEAR_10000_US);
    int64_t first = quarter_from(from_us), last = until_us / ROLLUP_US * ROLLUP_US;
    if (first > last)
        return give_runs(&giving, from_us, until_us, err);
    return give_runs(&giving, from_us, first, err) && give_sums(&giving, window, first, last, err) &&
           give_open(&giving, first, last, err) && give_runs(&giving, last, until_us, err);
}

bool store_runs_awaiting(Tx *tx, const Scope *scope, int64_t from_us, int64_t until_us,
                         void (*each)(void *self, const RunSum *sum), void *self, Error *err)
{
    const Giving giving = {.tx = tx, .scope = scope, .each = each, .self = self};
    return give_all(
        &giving,
        "SELECT create_us, workspace, automation, 1, 0, 0, 0 FROM run WHERE organization = $1 AND workspace "
        "IN (SELECT key FROM workspace WHERE organization = $1 AND ($2 = 0 OR key = $2)) AND state = 2 AND "
        "create_us >= $3 AND create_us < $4 AND automation <> 0 AND parent = 0",
        from_us, until_us, 0, err);
}

bool store_runs_going(Tx *tx, const Scope *scope, int64_t from_us, int64_t until_us,
                      void (*each)(void *self, const RunSum *sum, RunState state), void *self, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (from_us >= until_us)
        return true;
    if (!query_open(
            &query, tx->database,
            "SELECT create_us, workspace, automation, state FROM run WHERE organization = $1 AND workspace IN "
            "(SELECT key FROM workspace WHERE organization = $1 AND ($2 = 0 OR key = $2)) AND state IN (0, 1, 2, "
            "3, 4) AND create_us >= $3 AND create_us < $4 AND automation <> 0 AND parent = 0",
            err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, from_us);
    bind_i64(&query, until_us);
    while (query_next(&query)) {
        RunSum sum = {.counts.total = 1};
        sum.at_us = next_i64(&query);
        sum.workspace = next_i64(&query);
        sum.automation = next_i64(&query);
        each(self, &sum, (RunState)next_i64(&query));
    }
    return query_end(&query, err);
}

bool store_automation_runs(Tx *tx, Arena *arena, const Scope *scope, AutomationRuns **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT a.workspace, a.key, coalesce(s.total, 0), coalesce(s.completed, 0), coalesce(s.manual, 0), "
                    "coalesce(s.failed, 0), w.id, a.id, a.display_name FROM automation a JOIN workspace w ON w.key = "
                    "a.workspace LEFT JOIN run_rollup s ON s.organization = a.organization AND s.start_us = -1 AND "
                    "s.workspace = a.workspace AND s.automation = a.key WHERE a.organization = $1 AND ($2 = 0 OR "
                    "a.workspace = $2) AND a.delete_us = 0 ORDER BY a.key",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    AutomationRuns *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(AutomationRuns));
        AutomationRuns *row = &rows[n++];
        row->workspace = next_i64(&query);
        row->automation = next_i64(&query);
        row->counts = next_counts(&query);
        row->workspace_id = next_text(&query, arena);
        row->automation_id = next_text(&query, arena);
        row->display_name = next_text(&query, arena);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}
