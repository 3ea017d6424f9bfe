/* engine/timetable.c: what people do to schedules, and what happens when one is due. */
#include "engine/timetable.h"

#include "base/log.h"
#include "engine/alarm.h"

#define FIRES_AT_ONCE 64

/* ---- the row and its schedule ---- */

bool timetable_schedule(Arena *arena, const ScheduleRow *row, Schedule *out, Error *err)
{
    const Json *config;
    return json_parse(arena, row->config, 16, &config, err) && schedule_read(arena, config, row->create_us, out, err);
}

int64_t timetable_remaining(const ScheduleRow *row, const Schedule *schedule)
{
    if (schedule->end != SCHEDULE_ENDS_AFTER)
        return INT64_MAX;
    return MAX_OF(schedule->max_occurrences - row->fired, 0);
}

int timetable_upcoming(const ScheduleRow *row, const Schedule *schedule, int limit, int64_t *out_us)
{
    if (row->next_us == 0 || limit < 1)
        return 0;
    limit = (int)MIN_OF(limit, timetable_remaining(row, schedule));
    out_us[0] = row->next_us;
    return 1 + schedule_upcoming(schedule, row->next_us, limit - 1, out_us + 1);
}

/* The first time after `after_us` that the row may still have; 0 for none. */
static int64_t next_of(const ScheduleRow *row, const Schedule *schedule, int64_t after_us)
{
    if (!row->enabled || timetable_remaining(row, schedule) == 0)
        return 0;
    int64_t next = schedule_next_us(schedule, after_us);
    return next == SCHEDULE_NEVER ? 0 : next;
}

static Str config_of(Arena *arena, const Schedule *schedule)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    schedule_write(&out, schedule);
    return buf_view(&text);
}

/* ---- what people do ---- */

static int64_t now_of(const Engine *engine)
{
    return engine->world->now_us(engine->world->self);
}

static bool write_row(Tx *tx, Engine *engine, ScheduleRow *row, const Schedule *schedule, Error *err)
{
    row->update_us = tx_now_us(tx);
    row->next_us = next_of(row, schedule, now_of(engine));
    if (!store_schedule_update(tx, row, err))
        return false;
    if (row->next_us)
        claim_tell_schedule(tx, engine, row->next_us);
    return true;
}

static bool find_automation(Tx *tx, Arena *arena, const Scope *scope, Str id, Automation *out, Error *err)
{
    return store_automation_get(tx, arena, scope, id, false, out, err);
}

bool timetable_create(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str automation_id,
                      const Schedule *schedule, ScheduleRow *out, Error *err)
{
    Automation automation;
    if (!find_automation(tx, arena, scope, automation_id, &automation, err))
        return false;
    ScheduleRow row = {.scope = *scope,
                       .automation = automation.key,
                       .automation_id = automation.id,
                       .config = config_of(arena, schedule),
                       .enabled = true};
    row.next_us = next_of(&row, schedule, now_of(engine));
    if (!store_schedule_insert(tx, &row, err))
        return false;
    if (row.next_us)
        claim_tell_schedule(tx, engine, row.next_us);
    *out = row;
    return true;
}

bool timetable_get(Tx *tx, Arena *arena, const Scope *scope, Str automation_id, ScheduleRow *out, Error *err)
{
    Automation automation;
    return find_automation(tx, arena, scope, automation_id, &automation, err) &&
           store_schedule_get(tx, arena, scope, automation.key, out, err);
}

bool timetable_change(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str automation_id,
                      const Schedule *schedule, ScheduleRow *out, Error *err)
{
    if (!timetable_get(tx, arena, scope, automation_id, out, err))
        return false;
    out->config = config_of(arena, schedule);
    return write_row(tx, engine, out, schedule, err);
}

bool timetable_enable(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str automation_id, bool enabled,
                      ScheduleRow *out, Error *err)
{
    Schedule schedule;
    if (!timetable_get(tx, arena, scope, automation_id, out, err) || !timetable_schedule(arena, out, &schedule, err))
        return false;
    if (out->enabled == enabled)
        return true;
    out->enabled = enabled;
    return write_row(tx, engine, out, &schedule, err);
}

bool timetable_delete(Tx *tx, Arena *arena, const Scope *scope, Str automation_id, Error *err)
{
    Automation automation;
    return find_automation(tx, arena, scope, automation_id, &automation, err) &&
           store_schedule_delete(tx, scope, automation.key, err);
}

/* ---- what is due ---- */

typedef struct Fired {
    Str automation_id;
    ScheduleFire fire;
} Fired;

typedef struct FireCommand {
    AlarmCommand alarm;
    /* Written by apply. */
    Fired fired[FIRES_AT_ONCE];
    int n_fired;
} FireCommand;

/* Codes that tell of the automation. The others tell of the store: then nothing is written, and it is tried again. */
static bool is_refusal(ErrorCode code)
{
    return code == FAILED_PRECONDITION || code == NOT_FOUND || code == INVALID_ARGUMENT || code == DATA_LOSS ||
           code == OUT_OF_RANGE;
}

static bool is_last_going(Tx *tx, Arena *arena, const ScheduleRow *row, bool *out, Error *err)
{
    RunRow last;
    *out = false;
    if (row->last_run == 0)
        return true;
    if (!store_run_get_by_key(tx, arena, row->last_run, &last, err)) {
        if (err->code != NOT_FOUND)
            return false;
        error_clear(err);
        return true;
    }
    *out = !run_is_final(last.state);
    return true;
}

/* People ask at the workspace's door; schedules have no other door than this. */
static bool invoke(Tx *tx, FireCommand *command, const ScheduleRow *row, RunRow *out, Error *err)
{
    Invocation invocation = {.automation_id = row->automation_id, .stage = STAGE_PUBLISHED, .source = SOURCE_SCHEDULE};
    Workspace workspace;
    if (!store_workspace_get(tx, &command->alarm.arena, row->scope.organization, row->scope.workspace_id, &workspace,
                             err))
        return false;
    if (workspace_is_gone(&workspace))
        return error_set(err, FAILED_PRECONDITION, "", "the workspace was deleted");
    return run_invoke(tx, command->alarm.engine, &command->alarm.arena, &row->scope, &invocation, out, err);
}

static bool start_run(Tx *tx, FireCommand *command, ScheduleRow *row, ScheduleFire *fire, Error *err)
{
    RunRow run;
    if (invoke(tx, command, row, &run, err)) {
        row->last_run = run.key;
        row->fired++;
        fire->outcome = FIRE_STARTED;
        fire->run_id = run.id;
        return true;
    }
    if (!is_refusal(err->code))
        return false;
    fire->outcome = FIRE_REFUSED;
    fire->reason = str_copy(&command->alarm.arena, str_from_c(err->message));
    error_clear(err);
    return true;
}

static bool carry_out(Tx *tx, FireCommand *command, const Schedule *schedule, ScheduleRow *row, ScheduleFire *fire,
                      Error *err)
{
    bool going = false;
    if (schedule->overlap == OVERLAP_SKIP && !is_last_going(tx, &command->alarm.arena, row, &going, err))
        return false;
    if (!going)
        return start_run(tx, command, row, fire, err);
    fire->outcome = FIRE_OVERLAPPED;
    fire->reason = S("the run before is not at its end");
    return true;
}

/* Whether the time that is due is let go; then *out_after_us is where it goes on. */
static bool is_let_go(const Schedule *schedule, int64_t due_us, int64_t now_us, int64_t *out_after_us)
{
    int64_t late_us = now_us - due_us;
    int64_t most_us = schedule->missed == MISSED_SKIP  ? SCHEDULE_GRACE_US
                      : schedule->missed == MISSED_ALL ? SCHEDULE_MAKE_UP_US
                                                       : INT64_MAX;
    *out_after_us = schedule->missed == MISSED_ONCE && late_us > SCHEDULE_GRACE_US ? now_us : due_us;
    if (late_us <= most_us)
        return false;
    *out_after_us = now_us - most_us - 1;
    return true;
}

static bool fire_schedule(Tx *tx, FireCommand *command, const Schedule *schedule, ScheduleRow *row, ScheduleFire *fire,
                          Error *err)
{
    int64_t after_us;
    if (is_let_go(schedule, row->next_us, command->alarm.now_us, &after_us)) {
        fire->outcome = FIRE_MISSED;
        fire->reason = S("the time passed while the server did not run");
    } else if (!carry_out(tx, command, schedule, row, fire, err)) {
        return false;
    }
    row->next_us = next_of(row, schedule, after_us);
    return true;
}

static bool write_fired(Tx *tx, ScheduleRow *row, const ScheduleFire *fire, Error *err)
{
    row->update_us = tx_now_us(tx);
    return store_schedule_note(tx, row, fire, err) && store_schedule_update(tx, row, err);
}

static bool fire_row(Tx *tx, FireCommand *command, ScheduleRow *row, Error *err)
{
    Schedule schedule;
    ScheduleFire fire = {.due_us = row->next_us};
    if (timetable_schedule(&command->alarm.arena, row, &schedule, err)) {
        bool noted = false;
        if (!store_schedule_is_noted(tx, row, fire.due_us, &noted, err))
            return false;
        if (noted) { /* the clock was set back, and somebody changed the schedule since */
            row->next_us = next_of(row, &schedule, fire.due_us);
            return store_schedule_update(tx, row, err);
        }
        if (!fire_schedule(tx, command, &schedule, row, &fire, err))
            return false;
    } else { /* say, a zone that the system has lost: it cannot go on before somebody changes it */
        fire.outcome = FIRE_REFUSED;
        fire.reason = str_copy(&command->alarm.arena, str_from_c(err->message));
        error_clear(err);
        row->next_us = 0;
    }
    command->fired[command->n_fired++] = (Fired){row->automation_id, fire};
    return write_fired(tx, row, &fire, err);
}

static bool apply_fire(Tx *tx, AlarmCommand *command_, Error *err)
{
    FireCommand *command = (FireCommand *)command_;
    command->n_fired = 0;
    while (command->n_fired < FIRES_AT_ONCE) {
        bool found;
        ScheduleRow row;
        if (!store_schedule_due(tx, &command->alarm.arena, command->alarm.now_us, &found, &row, err))
            return false;
        if (!found)
            break;
        if (!fire_row(tx, command, &row, err))
            return false;
    }
    return store_schedule_soonest(tx, &command->alarm.again_us, err);
}

bool timetable_let_go(Tx *tx, Engine *engine, Arena *arena, Str reason, bool *out_more, Error *err)
{
    int64_t now_us = now_of(engine);
    *out_more = true;
    for (int i = 0; i < FIRES_AT_ONCE && *out_more; i++) {
        ScheduleRow row;
        Schedule schedule;
        if (!store_schedule_due(tx, arena, now_us, out_more, &row, err))
            return false;
        if (!*out_more)
            break;
        ScheduleFire fire = {.due_us = row.next_us, .outcome = FIRE_MISSED, .reason = reason};
        bool noted = false, readable = timetable_schedule(arena, &row, &schedule, err);
        error_clear(err);
        row.next_us = readable ? next_of(&row, &schedule, now_us) : 0;
        if (!store_schedule_is_noted(tx, &row, fire.due_us, &noted, err) ||
            !(noted ? store_schedule_update(tx, &row, err) : write_fired(tx, &row, &fire, err)))
            return false;
    }
    return true;
}

static void log_fired(AlarmCommand *command_)
{
    const FireCommand *command = (FireCommand *)command_;
    for (int i = 0; i < command->n_fired; i++) {
        const Fired *fired = &command->fired[i];
        if (fired->fire.outcome != FIRE_STARTED)
            LOG(LOG_WARN, "a scheduled time started no run", LOG_STR("automation", fired->automation_id),
                LOG_NUM("due_us", fired->fire.due_us), LOG_STR("reason", fired->fire.reason));
    }
}

const AlarmAnswer timetable_answer = {
    .size = sizeof(FireCommand),
    .apply = apply_fire,
    .done = log_fired,
    .trouble = "what was due by schedule could not be stored; it is tried again",
};
