/* tests/store/same/exception.c: questions, and what is said about them. */
#include "store/same/side.h"

#include "store/exception_group.h"

static void say_exception(Side *s, const ExceptionRow *row)
{
    buf_printf(&s->said, "exception %lld %.*s state %d at %lld due %lld ", (long long)row->key, STR_ARG(row->id),
               row->state, (long long)row->update_us, (long long)row->due_us);
    say_text(s, row->assignee);
    say_text(s, row->message);
    say_text(s, row->group);
}

static bool exception_raise_one(Tx *tx, Side *s, Error *err)
{
    ExceptionRow row = {.run = 1 + below(s, s->runs + 1),
                        .automation = s->f.automation.key,
                        .scope = s->f.scope,
                        .id = name(s, 'x', ++s->exceptions),
                        .run_id = any(s, 'r', s->runs),
                        .automation_id = s->f.automation.id,
                        .message = text(s),
                        .description = text(s),
                        .state = EXCEPTION_PENDING,
                        .group = coin(s) ? S("missing_values") : S("other"),
                        .stage = STAGE_PUBLISHED,
                        .extra = S("{}"),
                        .assignee = text(s),
                        .sentence_hash = random_next(&s->random),
                        .due_us = moment(s)};
    bool ok = store_exception_insert(tx, &row, err);
    say(s, "key", row.key);
    return ok;
}

static bool exception_change(Tx *tx, Side *s, Error *err)
{
    ExceptionRow row;
    if (!store_exception_get(tx, &s->f.arena, &s->f.scope, any(s, 'x', s->exceptions), &row, err))
        return false;
    say_exception(s, &row);
    row.state = EXCEPTION_PENDING + (ExceptionState)below(s, 3);
    row.assignee = text(s);
    row.update_us = tx_now_us(tx);
    row.resolve_us = row.state == EXCEPTION_RESOLVED ? s->now_us : 0;
    row.due_us = moment(s);
    return store_exception_update(tx, &row, err);
}

static const Filter *exception_filter(Side *s)
{
    switch (below(s, 5)) {
    case 0:
        return filter_enum(&s->f, "state", FILTER_EQ, "UNSPECIFIED PENDING RESOLVED ARCHIVED",
                           coin(s) ? "PENDING" : "RESOLVED");
    case 1: return filter_resource(&s->f, "assignee", coin(s) ? FILTER_EQ : FILTER_NE, "users/u1");
    case 2: return filter_number(&s->f, "due_time", FILTER_LT, s->now_us);
    case 3:
        return filter_of(&s->f, FILTER_AND, filter_resource(&s->f, "automation", FILTER_EQ, "a1"),
                         filter_enum(&s->f, "state", FILTER_NE, "UNSPECIFIED PENDING RESOLVED ARCHIVED", "PENDING"));
    default: return NULL;
    }
}

static bool exception_lists(Tx *tx, Side *s, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {
        .filter = exception_filter(s), .cursor = &cursor, .limit = LIMIT, .skip = below(s, 3), .want_total = true};
    ListEnd end;
    ExceptionRow *rows;
    ExceptionCount *counts;
    ExceptionTimes times;
    int n;
    int64_t total;
    if (!store_exception_list(tx, &s->f.arena, &s->f.scope, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_exception(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_exception_find(tx, &s->f.arena, &s->f.scope, EXCEPTION_PENDING, query.filter, LIMIT, &rows, &n, &total,
                              err))
        return false;
    say(s, "found", n);
    say(s, "of", total);
    if (!store_exception_count(tx, &s->f.arena, &s->f.scope, (ExceptionFacet)below(s, 3), query.filter, &counts, &n,
                               err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, counts[i].value);
        say(s, "count", counts[i].count);
    }
    if (!store_exception_times(tx, &s->f.scope, s->now_us / 2, s->now_us + 1, &times, err))
        return false;
    say(s, "total", times.total);
    say(s, "resolved_us", times.resolved_us);
    return true;
}

static bool groups(Tx *tx, Side *s, Error *err)
{
    static const Str names[] = {S_INIT("missing_values"), S_INIT("other"), S_INIT("Ärger"), S_INIT("")};
    GroupDefaults defaults = {text(s), moment(s)};
    const Scope *where = place(s);
    if (coin(s) && !store_exception_group_put(tx, where, names[below(s, COUNT_OF(names))], &defaults, err))
        return false;
    if (!store_exception_group_get(tx, &s->f.arena, where, names[below(s, COUNT_OF(names))], &defaults, err))
        return false;
    say_text(s, defaults.assignee);
    say(s, "due", defaults.due_us);
    return true;
}

static void say_said(Side *s, const ThreadEvent *event)
{
    say(s, "event", event->key);
    say_text(s, event->payload);
}

static bool thread_lists(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, 3);
    ListQuery query = query_of(s, coin(s) ? NULL : filter_resource(&s->f, "exception", FILTER_EQ, coin(s) ? "" : "x1"));
    ListEnd end;
    ThreadEvent *rows, row;
    int n;
    if (!store_thread_list(tx, &s->f.arena, run, S("astral"), &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_said(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_thread_get(tx, &s->f.arena, run, S("astral"), any(s, 't', s->events), &row, err))
        return false;
    say_said(s, &row);
    return true;
}

static bool threads(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, 3);
    ThreadEvent event = {.run = run,
                         .id = name(s, 't', s->events + 1),
                         .agent_id = S("astral"),
                         .exception_id = coin(s) ? S("x1") : S(""),
                         .kind = (ThreadEventKind)below(s, 7),
                         .payload = text(s)};
    ThreadEvent *rows;
    int n;
    if (coin(s)) {
        s->events++;
        if (!store_thread_add(tx, &event, err))
            return false;
    }
    if (!store_thread_follow(tx, &s->f.arena, run, S("astral"), below(s, s->events + 1), LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say(s, "event", rows[i].key);
        say_text(s, rows[i].payload);
    }
    return true;
}

const Operation same_exceptions[] = {
    {"exception_raise_one", exception_raise_one},
    {"exception_change", exception_change},
    {"exception_lists", exception_lists},
    {"groups", groups},
    {"threads", threads},
    {"thread_lists", thread_lists},
    {0},
};
