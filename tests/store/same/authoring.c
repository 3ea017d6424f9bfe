/* tests/store/same/authoring.c: threads in which automations are written. */
#include "store/same/side.h"

#include "store/authoring.h"

static Str agent(Side *s)
{
    return coin(s) ? S("quill") : S("quill2");
}

static void say_thread(Side *s, const AuthoringThread *row)
{
    say(s, "thread", row->key);
    say(s, "of", row->automation);
    say_text(s, row->id);
    say_text(s, row->title);
    say_text(s, row->pending);
    say(s, "until", row->generating_until_us);
    say(s, "at", row->update_us);
}

static bool thread_begin(Tx *tx, Side *s, Error *err)
{
    AuthoringThread row = {.automation = 1 + below(s, s->automations + 1),
                           .scope = *place(s),
                           .id = any(s, 'h', s->threads),
                           .automation_id = any(s, 'a', s->automations),
                           .agent_id = agent(s),
                           .title = text(s),
                           .user_id = S("u1"),
                           .generating_until_us = moment(s)};
    if (!store_authoring_insert(tx, &row, err))
        return false;
    s->threads++;
    say_thread(s, &row);
    return true;
}

static bool thread_change(Tx *tx, Side *s, Error *err)
{
    AuthoringThread row;
    if (!store_authoring_get(tx, &s->f.arena, place(s), coin(s) ? 1 + below(s, s->automations) : 0, agent(s),
                             any(s, 'h', s->threads), &row, err))
        return false;
    say_thread(s, &row);
    row.title = text(s);
    row.pending = text(s);
    row.generating_until_us = moment(s);
    row.update_us = moment(s);
    row.scope = random_chance(&s->random, 10) ? *place(s) : row.scope;
    return store_authoring_update(tx, &row, err);
}

static const Filter *thread_filter(Side *s)
{
    switch (below(s, 3)) {
    case 0:
        return filter_resource(&s->f, "automation", coin(s) ? FILTER_EQ : FILTER_NE, coin(s) ? "a1" : "automations/a2");
    case 1: return filter_number(&s->f, "create_time", coin(s) ? FILTER_GE : FILTER_LT, moment(s));
    default: return NULL;
    }
}

static bool thread_lists(Tx *tx, Side *s, Error *err)
{
    ListQuery query = query_of(s, thread_filter(s));
    ListEnd end;
    AuthoringThread *rows;
    int n;
    if (!store_authoring_list(tx, &s->f.arena, place(s), coin(s) ? 1 + below(s, s->automations) : 0, agent(s), &query,
                              &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_thread(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_authoring_generating(tx, &s->f.arena, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_thread(s, &rows[i]);
    return true;
}

static void say_event(Side *s, const ThreadEvent *event)
{
    say(s, "event", event->key);
    say_text(s, event->id);
    say(s, "kind", event->kind);
    say_text(s, event->payload);
}

static bool thread_say(Tx *tx, Side *s, Error *err)
{
    ThreadEvent event = {.thread = 1 + below(s, s->threads + 1),
                         .id = any(s, 'y', s->authored),
                         .agent_id = agent(s),
                         .kind = (ThreadEventKind)below(s, THREAD_FEEDBACK + 1),
                         .payload = text(s)};
    if (!store_thread_add(tx, &event, err))
        return false;
    s->authored++;
    say_event(s, &event);
    return true;
}

static bool thread_hear(Tx *tx, Side *s, Error *err)
{
    int64_t thread = 1 + below(s, s->threads + 1), before;
    ListQuery query = query_of(s, NULL);
    ListEnd end;
    ThreadEvent *rows, event;
    int n;
    if (!store_authoring_events(tx, &s->f.arena, thread, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_event(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_authoring_follow(tx, &s->f.arena, thread, below(s, s->events + s->authored + 1), LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_event(s, &rows[i]);
    if (!store_authoring_uploads(tx, &s->f.arena, thread, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_event(s, &rows[i]);
    if (!store_authoring_turn(tx, thread, &before, err))
        return false;
    say(s, "before", before);
    if (!store_authoring_event(tx, &s->f.arena, thread, any(s, 'y', s->authored), &event, err))
        return false;
    say_event(s, &event);
    return true;
}

const Operation same_authoring[] = {
    {"thread_begin", thread_begin},
    {"thread_change", thread_change},
    {"thread_lists", thread_lists},
    {"thread_say", thread_say},
    {"thread_say", thread_say},
    {"thread_hear", thread_hear},
    {0},
};
