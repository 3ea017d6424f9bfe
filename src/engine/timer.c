/* engine/timer.c: when runs are to go on, and the thread that heeds it, and alarms. Only the earliest timers are in
 * memory; the writer looks for the next ones when those are over: what is committed before it looks is found, and what
 * is committed afterwards comes to engine_timer once the horizon is the new one. */
#include <stdlib.h>

#include "engine/alarm.h"

const RunTimer no_horizon = {INT64_MAX, INT64_MAX};

static bool is_before(RunTimer a, RunTimer b)
{
    return a.due_us < b.due_us || (a.due_us == b.due_us && a.run < b.run);
}

static void timer_sift_up(Engine *engine, size_t at)
{
    for (size_t parent; at > 0 && is_before(engine->timers[at].at, engine->timers[parent = (at - 1) / 2].at);
         at = parent) {
        Timer swap = engine->timers[at];
        engine->timers[at] = engine->timers[parent];
        engine->timers[parent] = swap;
    }
}

static void timer_sift_down(Engine *engine, size_t at)
{
    for (;;) {
        size_t least = at, left = 2 * at + 1, right = left + 1;
        if (left < engine->n_timers && is_before(engine->timers[left].at, engine->timers[least].at))
            least = left;
        if (right < engine->n_timers && is_before(engine->timers[right].at, engine->timers[least].at))
            least = right;
        if (least == at)
            return;
        Timer swap = engine->timers[at];
        engine->timers[at] = engine->timers[least];
        engine->timers[least] = swap;
        at = least;
    }
}

static int timer_order(const void *a, const void *b)
{
    const Timer *left = a, *right = b;
    return is_before(left->at, right->at) ? -1 : is_before(right->at, left->at);
}

static void set_horizon_locked(Engine *engine, RunTimer horizon)
{
    engine->horizon = horizon;
    if (horizon.due_us != INT64_MAX)
        alarm_set_locked(engine, ALARM_TIMERS, horizon.due_us);
}

/* There are more stored timers than may be: the later half of them is left to the store. */
static void forget_later_half_locked(Engine *engine)
{
    size_t kept = 0, stay = (size_t)engine_timers_piece(engine);
    RunTimer horizon = {0};
    qsort(engine->timers, engine->n_timers, sizeof(Timer), timer_order); /* which is a heap, too */
    engine->n_stored = 0;
    for (size_t i = 0; i < engine->n_timers; i++) {
        const Timer timer = engine->timers[i];
        if (timer.stored && engine->n_stored == stay)
            continue;
        if (timer.stored) {
            engine->n_stored++;
            horizon = timer.at;
        }
        engine->timers[kept++] = timer;
    }
    engine->n_timers = kept;
    set_horizon_locked(engine, horizon);
}

static void add_timer_locked(Engine *engine, Timer timer)
{
    if (engine->n_timers == engine->cap_timers) {
        engine->cap_timers = engine->cap_timers ? engine->cap_timers * 2 : 64;
        engine->timers = realloc(engine->timers, engine->cap_timers * sizeof(Timer));
        if (!engine->timers)
            abort();
    }
    engine->timers[engine->n_timers++] = timer;
    timer_sift_up(engine, engine->n_timers - 1);
    if (engine->timers[0].at.run == timer.at.run)
        pthread_cond_signal(&engine->timer_changed);
    engine->n_stored += timer.stored;
    if (engine->n_stored > (size_t)engine->options.timers_in_memory)
        forget_later_half_locked(engine);
}

void engine_timer(Engine *engine, int64_t run, int64_t due_us)
{
    Timer timer = {{due_us, run}, true};
    pthread_mutex_lock(&engine->timer_lock);
    if (!is_before(engine->horizon, timer.at))
        add_timer_locked(engine, timer);
    pthread_mutex_unlock(&engine->timer_lock);
}

void engine_wake_later(Engine *engine, int64_t run, int64_t due_us)
{
    pthread_mutex_lock(&engine->timer_lock);
    add_timer_locked(engine, (Timer){{due_us, run}, false});
    pthread_mutex_unlock(&engine->timer_lock);
}

int engine_timers_piece(const Engine *engine)
{
    return engine->options.timers_in_memory / 2;
}

bool engine_timers_take(Engine *engine, RunTimer after, const RunTimer *timers, int n, bool all)
{
    pthread_mutex_lock(&engine->timer_lock);
    bool same = engine->horizon.due_us == after.due_us && engine->horizon.run == after.run;
    if (same)
        set_horizon_locked(engine, all ? no_horizon : timers[n - 1]);
    for (int i = 0; same && i < n; i++)
        if (!is_before(engine->horizon, timers[i]))
            add_timer_locked(engine, (Timer){timers[i], true});
    pthread_mutex_unlock(&engine->timer_lock);
    return same;
}

/* ---- the next ones ---- */

typedef struct TimersCommand {
    AlarmCommand alarm;
    RunTimer after;
    RunTimer *timers;
    int n;
} TimersCommand;

static bool look_for_timers(Tx *tx, AlarmCommand *command_, Error *err)
{
    TimersCommand *command = (TimersCommand *)command_;
    Engine *engine = command->alarm.engine;
    pthread_mutex_lock(&engine->timer_lock);
    command->after = engine->horizon;
    pthread_mutex_unlock(&engine->timer_lock);
    return store_run_list_timers(tx, &command->alarm.arena, command->after, engine_timers_piece(engine),
                                 &command->timers, &command->n, err);
}

static void take_timers(AlarmCommand *command_)
{
    TimersCommand *command = (TimersCommand *)command_;
    Engine *engine = command->alarm.engine;
    bool all = command->n < engine_timers_piece(engine);
    bool taken = engine_timers_take(engine, command->after, command->timers, command->n, all);
    command->alarm.again_us = taken ? 0 : command->alarm.now_us;
}

const AlarmAnswer timer_answer = {
    .size = sizeof(TimersCommand),
    .apply = look_for_timers,
    .done = take_timers,
    .trouble = "the next timers could not be read; it is tried again",
};

/* ---- the thread ---- */

static void sleep_until_locked(Engine *engine, int64_t due_us)
{
    /* The World's clock may run otherwise than the machine's: ask it again at least once a second. */
    int64_t wait_us = MIN_OF(due_us - engine->world->now_us(engine->world->self), 1000000);
    if (wait_us <= 0)
        return;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanos = until.tv_nsec + (wait_us % 1000000) * 1000;
    until.tv_sec += wait_us / 1000000 + nanos / 1000000000;
    until.tv_nsec = nanos % 1000000000;
    pthread_cond_timedwait(&engine->timer_changed, &engine->timer_lock, &until);
}

static void fire_timer_locked(Engine *engine)
{
    Timer first = engine->timers[0];
    engine->timers[0] = engine->timers[--engine->n_timers];
    engine->n_stored -= first.stored;
    timer_sift_down(engine, 0);
    pthread_mutex_unlock(&engine->timer_lock);
    engine_wake(engine, first.at.run);
    pthread_mutex_lock(&engine->timer_lock);
}

/* The first thing that is due; false when nothing is before `out_until_us`. */
static bool heed_locked(Engine *engine, int64_t *out_until_us)
{
    int64_t timer_us = engine->n_timers ? engine->timers[0].at.due_us : INT64_MAX;
    Alarm alarm = ALARM_N;
    int64_t alarm_us = alarm_next_locked(engine, &alarm), now_us = engine->world->now_us(engine->world->self);
    *out_until_us = MIN_OF(timer_us, alarm_us);
    if (timer_us <= now_us)
        fire_timer_locked(engine);
    else if (alarm_us <= now_us)
        alarm_ring_locked(engine, alarm);
    else
        return false;
    return true;
}

void *timekeeper_main(void *self)
{
    Engine *engine = self;
    int64_t until_us;
    pthread_mutex_lock(&engine->timer_lock);
    while (!engine->timers_stopping) {
        if (heed_locked(engine, &until_us))
            continue;
        if (until_us == INT64_MAX)
            pthread_cond_wait(&engine->timer_changed, &engine->timer_lock);
        else
            sleep_until_locked(engine, until_us);
    }
    pthread_mutex_unlock(&engine->timer_lock);
    return NULL;
}

bool engine_step_time(Engine *engine, int64_t *out_until_us)
{
    pthread_mutex_lock(&engine->timer_lock);
    bool any = heed_locked(engine, out_until_us);
    pthread_mutex_unlock(&engine->timer_lock);
    return any;
}
