/* tests/store/same/trigger.c: messages and files that start runs. */
#include "store/same/side.h"

#include "store/folder_file.h"
#include "store/trigger.h"
#include "store/workspace_trigger.h"

static bool triggers(Tx *tx, Side *s, Error *err)
{
    TriggerRow row = {.automation = s->f.automation.key,
                      .id = any(s, 'o', 5),
                      .phase = (TriggerPhase)below(s, 4),
                      .source = TRIGGER_API,
                      .active = coin(s),
                      .input_mapping = text(s)};
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = LIMIT};
    ListEnd end;
    TriggerRow *rows;
    int n;
    if (!store_trigger_put(tx, &s->f.scope, &row, err) ||
        !store_trigger_list(tx, &s->f.arena, &s->f.scope, s->f.automation.key, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
    }
    say_end(s, &query, &end);
    return true;
}

/* ---- messages and files that start runs ---- */

static void say_inbound(Side *s, const WorkspaceTrigger *row)
{
    say_text(s, row->id);
    say_text(s, row->display_name);
    say_text(s, row->folder);
    say(s, "enabled", row->enabled);
    say(s, "version", row->version);
    say(s, "number", row->number);
}

static bool inbound_list(Tx *tx, Side *s, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = LIMIT, .skip = below(s, 3), .want_total = true};
    ListEnd end;
    WorkspaceTrigger *rows;
    int n;
    if (!store_workspace_trigger_list(tx, &s->f.arena, &s->f.scope, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_inbound(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_folder_triggers(tx, &s->f.arena, below(s, 4), LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_inbound(s, &rows[i]);
    return true;
}

static bool inbound(Tx *tx, Side *s, Error *err)
{
    WorkspaceTrigger row = {.automation = s->f.automation.key,
                            .scope = s->f.scope,
                            .display_name = text(s),
                            .enabled = coin(s),
                            .secret_salt = below(s, 1000000),
                            .filter = text(s),
                            .input_mapping = S("{}"),
                            .folder = coin(s) ? S("in/box") : S(""),
                            .pattern = text(s),
                            .wait_us = below(s, 3)};
    switch (below(s, 6)) {
    case 0: row.id = name(s, 'b', ++s->inbound); return store_workspace_trigger_insert(tx, &row, err);
    case 1:
        if (!store_workspace_trigger_get(tx, &s->f.arena, &s->f.scope, any(s, 'b', s->inbound), &row, err))
            return false;
        say_inbound(s, &row);
        row.enabled = coin(s);
        row.display_name = text(s);
        return store_workspace_trigger_update(tx, &row, err);
    case 2:
        return !random_chance(&s->random, 4) ||
               store_workspace_trigger_delete(tx, &s->f.scope, any(s, 'b', s->inbound), err);
    default: return inbound_list(tx, s, err);
    }
}

static bool received_list(Tx *tx, Side *s, const WorkspaceTrigger *trigger, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = LIMIT, .want_total = true};
    ListEnd end;
    TriggerEvent *rows;
    int n;
    if (!store_trigger_event_list(tx, &s->f.arena, &s->f.scope, trigger->key, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say(s, "event", rows[i].number);
        say_text(s, rows[i].id);
        say_text(s, rows[i].origin);
        say(s, "outcome", rows[i].outcome);
    }
    say_end(s, &query, &end);
    return true;
}

static bool received(Tx *tx, Side *s, Error *err)
{
    WorkspaceTrigger trigger;
    if (!store_workspace_trigger_get(tx, &s->f.arena, &s->f.scope, any(s, 'b', s->inbound), &trigger, err))
        return false;
    if (coin(s))
        return received_list(tx, s, &trigger, err);
    TriggerEvent event = {.id = name(s, 'v', ++s->received),
                          .outcome = (TriggerOutcome)below(s, TRIGGER_N_OUTCOMES),
                          .origin = text(s),
                          .reason = text(s),
                          .size_bytes = below(s, 1000),
                          .create_us = s->now_us};
    return store_trigger_event_add(tx, &trigger, &event, err);
}

static bool folder_files(Tx *tx, Side *s, Error *err)
{
    WorkspaceTrigger trigger;
    FolderFile file = {.outcome = (TriggerOutcome)below(s, TRIGGER_N_OUTCOMES)}, *files;
    int n;
    bool is_new;
    file.hash[0] = (unsigned char)below(s, 5);
    file.hash[31] = 0xff;
    if (!store_workspace_trigger_get(tx, &s->f.arena, &s->f.scope, any(s, 'b', s->inbound), &trigger, err))
        return false;
    if (random_chance(&s->random, 4))
        return store_folder_file_forget(tx, trigger.key, &file, err);
    if (!store_folder_file_add(tx, trigger.key, &file, &is_new, err) ||
        !store_folder_file_list(tx, &s->f.arena, trigger.key, &files, &n, err))
        return false;
    say(s, "is_new", is_new);
    for (int i = 0; i < n; i++) {
        say(s, "file", files[i].hash[0]);
        say(s, "outcome", files[i].outcome);
    }
    return true;
}

const Operation same_triggers[] = {
    {"triggers", triggers}, {"inbound", inbound},           {"inbound", inbound},
    {"received", received}, {"folder_files", folder_files}, {0},
};
