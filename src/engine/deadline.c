/* engine/deadline.c: runs that have not ended by when they must have, whatever they are at: waiting for a person
 * counts, and so does a pause. Their children end with them, as after a cancel.
 *
 * A run that cannot be ended (something of it is damaged) is set aside, so that those behind it are not held up. */
#include "engine/alarm.h"
#include "value/value.h"

#define RUNS_AT_ONCE 32

typedef struct DeadlineCommand {
    AlarmCommand alarm;
    /* Written by apply. */
    int n;
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

static bool end_some(Tx *tx, AlarmCommand *command_, Error *err)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    AlarmCommand *alarm = &command->alarm;
    AsideTry *try = &alarm->try;
    RunRow *runs;
    int n, limit = RUNS_AT_ONCE + set_aside_count(try);
    command->n = 0;
    if (!store_run_list_overdue(tx, &alarm->arena, alarm->now_us, limit, &runs, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (set_aside_has(try, ASIDE_RUN, runs[i].key))
            continue;
        try->at = (Aside){ASIDE_RUN, runs[i].key};
        if (!end_overdue(tx, alarm, &runs[i], err))
            return false;
        command->n++;
    }
    try->at = (Aside){0};
    int64_t next_us = alarm->now_us;
    if (n < limit && /* else there may be more */
        !store_run_deadline_soonest(tx, set_aside_count(try) ? alarm->now_us : 0, &next_us, err))
        return false;
    alarm_come_back(alarm, next_us);
    return true;
}

static void count_them(AlarmCommand *command_)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    atomic_fetch_add(&command->alarm.engine->failed, (uint64_t)command->n);
}

const AlarmAnswer deadline_answer = {
    .size = sizeof(DeadlineCommand),
    .apply = end_some,
    .done = count_them,
    .trouble = "runs whose deadline has passed could not be ended; it is tried again",
};
