/* engine/alarm.c: what the store knows the next time of, and the commands that see to it. */
#include "engine/alarm.h"

#include <stdlib.h>

#include "base/log.h"

#define RETRY_AFTER_US 1000000

static const AlarmAnswer *const answers[ALARM_N] = {
    [ALARM_SCHEDULES] = &timetable_answer, [ALARM_PURGE] = &purge_answer,  [ALARM_SWEEP] = &retention_answer,
    [ALARM_DEADLINES] = &deadline_answer,  [ALARM_TIMERS] = &timer_answer,
};

/* ---- when ---- */

void alarm_set_locked(Engine *engine, Alarm alarm, int64_t due_us)
{
    int64_t *known_us = &engine->alarms[alarm].due_us;
    if (*known_us == 0 || due_us < *known_us) {
        *known_us = due_us;
        pthread_cond_signal(&engine->timer_changed);
    }
}

static void set_alarm(Engine *engine, Alarm alarm, int64_t due_us)
{
    pthread_mutex_lock(&engine->timer_lock);
    alarm_set_locked(engine, alarm, due_us);
    pthread_mutex_unlock(&engine->timer_lock);
}

void engine_schedules_due(void *self, int64_t due_us)
{
    set_alarm(self, ALARM_SCHEDULES, due_us);
}

void engine_purge_due(void *self, int64_t due_us)
{
    set_alarm(self, ALARM_PURGE, due_us);
}

void engine_sweep_due(void *self, int64_t due_us)
{
    set_alarm(self, ALARM_SWEEP, due_us);
}

void engine_deadline_due(void *self, int64_t due_us)
{
    set_alarm(self, ALARM_DEADLINES, due_us);
}

void engine_lead(Engine *engine, bool leads)
{
    pthread_mutex_lock(&engine->timer_lock);
    bool begins = leads && !engine->led;
    engine->led = leads;
    for (int i = 0; begins && i < ALARM_N; i++)
        alarm_set_locked(engine, (Alarm)i, engine->world->now_us(engine->world->self));
    if (leads)
        pthread_cond_signal(&engine->timer_changed);
    pthread_mutex_unlock(&engine->timer_lock);
    if (leads) /* at each beat: it may have had to let one pass while the lease was in doubt */
        outbox_wake(engine);
}

/* The next one; INT64_MAX for nothing to wait for: while the writer sees to it, it says when it is done. */
int64_t alarm_next_locked(const Engine *engine, Alarm *out)
{
    int64_t soonest_us = INT64_MAX;
    bool leads = engine->led && store_leads(engine->store);
    for (int i = 0; leads && i < ALARM_N; i++) {
        int64_t due_us = engine->alarms[i].due_us;
        if (due_us != 0 && !engine->alarms[i].answering && due_us < soonest_us) {
            soonest_us = due_us;
            *out = (Alarm)i;
        }
    }
    return soonest_us;
}

/* ---- what then ---- */

static bool apply(Tx *tx, Command *command_, Error *err)
{
    AlarmCommand *command = (AlarmCommand *)command_;
    arena_reset(&command->arena);
    command->try = set_aside_begin(&command->engine->alarms[command->alarm].aside, command->now_us);
    return answers[command->alarm]->apply(tx, command, err);
}

void alarm_come_back(AlarmCommand *command, int64_t due_us)
{
    int64_t until_us = set_aside_until_us(&command->try);
    command->again_us = until_us && (due_us == 0 || until_us < due_us) ? until_us : due_us;
}

static void answered(Engine *engine, Alarm alarm, int64_t again_us)
{
    pthread_mutex_lock(&engine->timer_lock);
    engine->alarms[alarm].answering = false;
    if (again_us)
        alarm_set_locked(engine, alarm, again_us);
    pthread_cond_signal(&engine->timer_changed);
    pthread_mutex_unlock(&engine->timer_lock);
}

static void done(Command *command_, bool ok, const Error *err)
{
    AlarmCommand *command = (AlarmCommand *)command_;
    Engine *engine = command->engine;
    const AlarmAnswer *answer = answers[command->alarm];
    SetAside *aside = &engine->alarms[command->alarm].aside;
    if (ok) {
        set_aside_kept(aside, &command->try);
        if (answer->done)
            answer->done(command);
    } else if (set_aside_refused(aside, &command->try, command->now_us, err)) {
        command->again_us = command->now_us;
    } else {
        LOG(LOG_WARN, answer->trouble, LOG_STR("reason", str_from_c(err->message)));
        command->again_us = command->now_us + RETRY_AFTER_US;
    }
    answered(engine, command->alarm, command->again_us);
    arena_done(&command->arena);
    free(command);
    engine_commit_ended(engine);
}

static void hand_over(Engine *engine, Alarm alarm)
{
    AlarmCommand *command = calloc(1, answers[alarm]->size);
    if (!command)
        abort();
    command->command = (Command){.apply = apply, .done = done};
    command->engine = engine;
    command->alarm = alarm;
    command->now_us = engine->world->now_us(engine->world->self);
    pthread_mutex_lock(&engine->lock);
    engine->n_commits++;
    engine_unlock(engine);
    store_submit(engine->store, &command->command);
}

void alarm_ring_locked(Engine *engine, Alarm alarm)
{
    engine->alarms[alarm].answering = true;
    engine->alarms[alarm].due_us = 0;
    pthread_mutex_unlock(&engine->timer_lock);
    hand_over(engine, alarm);
    pthread_mutex_lock(&engine->timer_lock);
}
