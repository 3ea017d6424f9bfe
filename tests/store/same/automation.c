/* tests/store/same/automation.c: automations and their revisions. */
#include "store/same/side.h"

static void say_automation(Side *s, const Automation *row)
{
    say(s, "automation", row->key);
    say_text(s, row->id);
    say_text(s, row->display_name);
    say_text(s, row->etag);
    say(s, "draft", row->draft_revision);
    say(s, "published", row->published_revision);
    say(s, "deleted", row->delete_us);
    say(s, "purged", row->purge_us);
    say(s, "at", row->update_us);
}

static bool automation_create(Tx *tx, Side *s, Error *err)
{
    Automation automation = {
        .id = any(s, 'a', s->automations), .version = {0, 1}, .display_name = text(s), .author_id = text(s)};
    Revision revision = s->f.revision;
    const Scope *where = coin(s) ? &s->f.scope : place(s);
    revision.key = 0;
    revision.description = text(s);
    if (!store_automation_create(tx, where, &automation, &revision, err))
        return false;
    s->automations++;
    say_automation(s, &automation);
    return true;
}

/* Sometimes one that is deleted, whose purge time comes soon. */
static bool automation_change(Tx *tx, Side *s, Error *err)
{
    Automation automation;
    const Scope *where = coin(s) ? &s->f.scope : place(s);
    if (!store_automation_get(tx, &s->f.arena, where, any(s, 'a', s->automations), coin(s), &automation, err))
        return false;
    say_automation(s, &automation);
    automation.display_name = text(s);
    automation.activation = (ActivationState)below(s, 3);
    automation.keep_runs_us = below(s, 9);
    automation.delete_us = random_chance(&s->random, 3) ? s->now_us : 0;
    automation.purge_us = automation.delete_us ? s->now_us + below(s, 9) * 1000000 : 0;
    automation.update_us = s->now_us;
    return store_automation_update(tx, where, &automation, err);
}

static bool revise(Tx *tx, Side *s, Error *err)
{
    Revision revision = s->f.revision;
    revision.automation = 1 + below(s, s->automations);
    revision.version = (Version){(int32_t)below(s, 4), (int32_t)below(s, 30)}; /* some are there already */
    revision.published = coin(s);
    revision.english = text(s);
    revision.default_inputs = text(s);
    if (random_chance(&s->random, 5))
        return store_revision_discard_drafts(tx, revision.automation, err);
    return store_revision_add(tx, place(s), &revision, err);
}

static const Filter *automation_filter(Side *s)
{
    switch (below(s, 4)) {
    case 0:
        return filter_enum(&s->f, "activation_state", coin(s) ? FILTER_EQ : FILTER_NE, "unspecified active deactivated",
                           coin(s) ? "active" : "unspecified");
    case 1: return filter_text(&s->f, "display_name", any_op(s), coin(s) ? "ärger*" : "b");
    case 2: return filter_number(&s->f, "update_time", coin(s) ? FILTER_GE : FILTER_LT, moment(s));
    default: return NULL;
    }
}

static bool automation_lists(Tx *tx, Side *s, Error *err)
{
    static const Str orders[] = {S_INIT(""), S_INIT("display_name"), S_INIT("create_time desc")};
    ListQuery query = query_of(s, automation_filter(s));
    ListEnd end;
    Automation *rows;
    int n;
    query.order_by = orders[below(s, COUNT_OF(orders))];
    if (!store_automation_list(tx, &s->f.arena, coin(s) ? &s->f.scope : place(s), &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_automation(s, &rows[i]);
    say_end(s, &query, &end);
    return true;
}

static void say_revision(Side *s, const Revision *row)
{
    say(s, "revision", row->key);
    say(s, "major", row->version.major);
    say(s, "minor", row->version.minor);
    say(s, "published", row->published);
    say_text(s, row->english);
    say_text(s, row->default_inputs);
}

static bool revision_lists(Tx *tx, Side *s, Error *err)
{
    int64_t automation = 1 + below(s, s->automations + 1);
    ListQuery query = query_of(s, NULL), again = query_of(s, NULL);
    ListEnd end;
    Revision *rows, row;
    DefaultInputsChange *changes;
    int n;
    if (coin(s))
        query.filter = filter_enum(&s->f, "stage", FILTER_EQ, "unspecified draft published", "published");
    if (!store_revision_list(tx, &s->f.arena, automation, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_revision(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_default_inputs_history(tx, &s->f.arena, place(s), automation, &again, &changes, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say(s, "changed", changes[i].change_us);
        say_text(s, changes[i].default_inputs);
    }
    say_end(s, &again, &end);
    const Version version = {(int32_t)below(s, 4), (int32_t)below(s, 30)};
    if (coin(s) ? !store_revision_get(tx, &s->f.arena, 1 + below(s, 30), &row, err)
                : !store_revision_get_by_version(tx, &s->f.arena, automation, version, &row, err))
        return false;
    say_revision(s, &row);
    return true;
}

const Operation same_automations[] = {
    {"automation_create", automation_create},
    {"automation_change", automation_change},
    {"automation_lists", automation_lists},
    {"revise", revise},
    {"revise", revise},
    {"revision_lists", revision_lists},
    {0},
};
