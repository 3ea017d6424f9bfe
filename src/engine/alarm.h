/* engine/alarm.h: what the store knows the next time of (schedules, purges, deadlines, …). The timekeeper keeps that
 * one time alone; when it comes, the writer is handed a command that sees to a piece of what is due and says when to
 * come back. Internal to engine/. */
#ifndef CLERKWORK_ENGINE_ALARM_H
#define CLERKWORK_ENGINE_ALARM_H

#include "engine/internal.h"

typedef struct AlarmCommand {
    Command command;
    Engine *engine;
    Alarm alarm;
    Arena arena;      /* emptied before each try of apply */
    int64_t now_us;   /* when the timekeeper looked */
    int64_t again_us; /* apply or done sets it: when to come back; 0 for not before somebody says so */
    AsideTry try;     /* apply passes over what it has, and says what it is at */
} AlarmCommand;

/* One an alarm. A command that cannot be carried out is tried again after a second, as the log then says; at once, when
 * what it was at could be set aside. */
typedef struct AlarmAnswer {
    size_t size; /* of its command, which begins with an AlarmCommand and is zeroed at first */
    bool (*apply)(Tx *tx, AlarmCommand *command, Error *err); /* may be called again: it writes its results anew */
    void (*done)(AlarmCommand *command);                      /* on the writer's thread, once it is on disk; NULL */
    const char *trouble;
} AlarmAnswer;
/* For apply: back at `due_us` (0 for never), and when what was set aside is tried again. */
void alarm_come_back(AlarmCommand *command, int64_t due_us);
extern const AlarmAnswer timetable_answer, purge_answer, retention_answer, deadline_answer, timer_answer;

/* Under the engine's timer_lock. */
void alarm_set_locked(Engine *engine, Alarm alarm, int64_t due_us); /* it comes no later */
/* The next one; INT64_MAX for nothing to wait for: while the writer sees to it, it says when it is done. */
int64_t alarm_next_locked(const Engine *engine, Alarm *out);
void alarm_ring_locked(Engine *engine, Alarm alarm); /* gives the lock up meanwhile */

#endif
