/* tests/store/same/run.c: runs. */
#include "store/same/side.h"

static bool run_begin(Tx *tx, Side *s, Error *err)
{
    RunRow run = run_of(&s->f);
    if (random_chance(&s->random, 3)) {
        run.scope = *place(s);
        run.automation = below(s, s->automations + 1); /* 0: of none */
        run.automation_id = run.automation ? name(s, 'a', run.automation) : S("");
    }
    run.id = name(s, 'r', ++s->runs);
    run.execution_id = name(s, 'e', s->runs);
    run.state = (RunState)below(s, RUN_N_STATES);
    run.stage = coin(s) ? STAGE_DRAFT : STAGE_PUBLISHED;
    run.version = (Version){(int32_t)below(s, 3), (int32_t)below(s, 3)};
    run.timer_us = moment(s);
    run.deadline_us = moment(s);
    run.create_us = s->now_us - s->now_us % 20000000; /* many begin at once */
    run.inputs = text(s);
    run.parent = s->runs > 1 && random_chance(&s->random, 3) ? 1 + below(s, s->runs - 1) : 0;
    run.top = run.parent;
    run.in_pool = run.parent && coin(s);
    bool ok = store_run_insert(tx, &run, err);
    say(s, "key", run.key);
    return ok;
}

static bool run_change(Tx *tx, Side *s, Error *err)
{
    RunRow run;
    if (!store_run_get_by_key(tx, &s->f.arena, 1 + below(s, s->runs + 1), &run, err))
        return false;
    if (run.state < RUN_COMPLETED)
        run.state = (RunState)below(s, RUN_N_STATES);
    run.update_us = tx_now_us(tx);
    run.timer_us = moment(s);
    run.timer_parked = run.timer_us && coin(s);
    run.deadline_us = moment(s);
    run.outputs = text(s);
    run.description = text(s);
    run.children_open = random_chance(&s->random, 5);
    return store_run_update(tx, &run, err);
}

static bool run_look(Tx *tx, Side *s, Error *err)
{
    RunRow run;
    bool ok = coin(s) ? store_run_get(tx, &s->f.arena, &s->f.scope, 0, any(s, 'r', s->runs), &run, err)
                      : store_run_get_by_execution(tx, &s->f.arena, &s->f.scope, any(s, 'e', s->runs), &run, err);
    if (ok)
        say_run(s, &run);
    return ok;
}

static const Filter *run_filter(Side *s)
{
    static const char *const states[] = {"pending", "executing", "awaiting_guidance", "completed"};
    switch (below(s, 5)) {
    case 0:
        return filter_enum(&s->f, "state", coin(s) ? FILTER_EQ : FILTER_NE,
                           "pending executing awaiting_guidance completed", states[below(s, COUNT_OF(states))]);
    case 1: return filter_text(&s->f, "version", coin(s) ? FILTER_EQ : FILTER_NE, coin(s) ? "1.*" : "2.0");
    case 2:
        return filter_number(&s->f, "create_time", coin(s) ? FILTER_GE : FILTER_LT,
                             s->now_us - below(s, 200) * 1000003);
    case 3:
        return filter_of(&s->f, FILTER_NOT, filter_number(&s->f, "update_time", FILTER_GT, s->now_us - 50000000), NULL);
    default: return NULL;
    }
}

static bool run_lists(Tx *tx, Side *s, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {.filter = run_filter(s), .cursor = &cursor, .limit = LIMIT, .want_total = coin(s)};
    ListEnd end = {.more = true};
    int64_t parent = s->runs && random_chance(&s->random, 3) ? 1 + below(s, s->runs) : 0;
    for (int page = 0; end.more && page < 4; page++) {
        RunRow *rows;
        int n;
        if (!(parent ? store_run_list_children(tx, &s->f.arena, &s->f.scope, parent, &query, &rows, &n, &end, err)
                     : store_run_list(tx, &s->f.arena, &s->f.scope, 0, &query, &rows, &n, &end, err)))
            return false;
        for (int i = 0; i < n; i++)
            say_run(s, &rows[i]);
        say_end(s, &query, &end);
    }
    return true;
}

static bool run_queues(Tx *tx, Side *s, Error *err)
{
    RunRow *rows;
    RunTimer *timers;
    int n;
    int64_t soonest, counts[RUN_N_STATES], key = below(s, s->runs + 1);
    if (!store_run_list_unfinished(tx, &s->f.arena, key, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_run(s, &rows[i]);
    if (!store_run_list_overdue(tx, &s->f.arena, s->now_us, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_run(s, &rows[i]);
    if (!store_run_list_timers(tx, &s->f.arena, (RunTimer){moment(s), key}, LIMIT, &timers, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        buf_printf(&s->said, "timer %lld %lld ", (long long)timers[i].due_us, (long long)timers[i].run);
    if (!store_run_deadline_soonest(tx, 0, &soonest, err) || !store_run_count_by_state(tx, counts, err))
        return false;
    say(s, "soonest", soonest);
    for (int i = 0; i < RUN_N_STATES; i++)
        say(s, "count", counts[i]);
    return true;
}

static bool run_claims(Tx *tx, Side *s, Error *err)
{
    int64_t keys[LIMIT];
    int n;
    if (!store_run_claim(tx, s->now_us, LIMIT, keys, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say(s, "claimed", keys[i]);
    return true;
}

const Operation same_runs[] = {
    {"run_begin", run_begin},   {"run_begin", run_begin},   {"run_change", run_change},
    {"run_change", run_change}, {"run_look", run_look},     {"run_lists", run_lists},
    {"run_queues", run_queues}, {"run_claims", run_claims}, {0},
};
