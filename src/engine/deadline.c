/* engine/deadline.c: runs that have not ended by when they must have, whatever they are at: waiting for a person
 * counts, and so does a pause. Their children end with them, as after a cancel.
 *
 * A run that cannot be ended (something of it is damaged) is set aside for a minute, so that those behind it are not
 * held up. Should SET_ASIDE_MOST of them be set aside, the next one holds up the rest until the minute is over. */
#include "base/log.h"
#include "engine/alarm.h"
#include "value/value.h"

#define RUNS_AT_ONCE 32
#define SET_ASIDE_FOR_US (60LL * 1000000)

typedef struct DeadlineCommand {
    AlarmCommand alarm;
    /* Written by apply. */
    int n;
    const RunRow *at; /* the run that could not be ended; NULL for none */
    bool afresh;      /* those set aside were tried again */
} DeadlineCommand;

int64_t deadline_after(int64_t now_us, int64_t within_us)
{
    return within_us ? now_us + within_us : 0;
}

/* Its automation may say otherwise by now, or be gone: then the run alone knows. */
static bool is_from_automation(Tx *tx, Arena *arena, const RunRow *run, int64_t within_us, bool *out, Error *err)
{
    Automation automation;
    Error gone = {0};
    *out = false;
    if (store_automation_get_by_key(tx, arena, run->automation, &automation, &gone))
        *out = automation.run_deadline_us == within_us;
    else if (gone.code != NOT_FOUND)
        *err = gone;
    return gone.code == OK || gone.code == NOT_FOUND;
}

static bool end_overdue(Tx *tx, AlarmCommand *command, RunRow *run, Error *err)
{
    int64_t within_us = run->deadline_us - run->create_us;
    bool from_automation;
    if (!is_from_automation(tx, &command->arena, run, within_us, &from_automation, err))
        return false;
    Buf text = buf_in(&command->arena);
    buf_str(&text, S("The run did not end within "));
    value_print(&text, value_duration(within_us / 1000000, (int32_t)(within_us % 1000000) * 1000));
    buf_str(&text, from_automation ? S(", which its automation sets (run_deadline)")
                                   : S(", which was set when it was started (deadline)"));
    return run_end(tx, command->engine, &command->arena, run, buf_view(&text), err);
}

static bool is_set_aside(const SetAside *aside, int64_t run)
{
    for (int i = 0; i < aside->n; i++)
        if (aside->runs[i] == run)
            return true;
    return false;
}

static bool end_some(Tx *tx, AlarmCommand *command_, Error *err)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    AlarmCommand *alarm = &command->alarm;
    SetAside aside = alarm->engine->set_aside;
    RunRow *runs;
    int n;
    command->n = 0;
    command->at = NULL;
    command->afresh = alarm->now_us >= aside.until_us;
    if (command->afresh)
        aside = (SetAside){0};
    int limit = RUNS_AT_ONCE + aside.n;
    if (!store_run_list_overdue(tx, &alarm->arena, alarm->now_us, limit, &runs, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (is_set_aside(&aside, runs[i].key))
            continue;
        command->at = &runs[i];
        if (!end_overdue(tx, alarm, &runs[i], err))
            return false;
        command->n++;
    }
    command->at = NULL;
    alarm->again_us = alarm->now_us;
    if (n == limit) /* there may be more */
        return true;
    if (!store_run_deadline_soonest(tx, aside.n ? alarm->now_us : 0, &alarm->again_us, err))
        return false;
    if (aside.n && (alarm->again_us == 0 || aside.until_us < alarm->again_us))
        alarm->again_us = aside.until_us;
    return true;
}

static void count_them(AlarmCommand *command_)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    atomic_fetch_add(&command->alarm.engine->failed, (uint64_t)command->n);
    if (command->afresh)
        command->alarm.engine->set_aside = (SetAside){0};
}

/* A store that is not to be had says nothing of the run. */
static void set_aside(AlarmCommand *command_, const Error *err)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    SetAside *aside = &command->alarm.engine->set_aside;
    if (command->afresh)
        *aside = (SetAside){0};
    if (!command->at || err->code == UNAVAILABLE || aside->n == SET_ASIDE_MOST)
        return;
    if (aside->n == 0)
        aside->until_us = command->alarm.now_us + SET_ASIDE_FOR_US;
    aside->runs[aside->n++] = command->at->key;
    command->alarm.again_us = command->alarm.now_us;
    LOG(LOG_WARN, "a run cannot be ended at its deadline and is set aside for a minute",
        LOG_STR("run", command->at->id));
}

const AlarmAnswer deadline_answer = {
    .size = sizeof(DeadlineCommand),
    .apply = end_some,
    .done = count_them,
    .failed = set_aside,
    .trouble = "runs whose deadline has passed could not be ended; it is tried again",
};
