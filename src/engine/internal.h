/* engine/internal.h: what the files of this folder share with each other and with nobody else. */
#ifndef CLERKWORK_ENGINE_INTERNAL_H
#define CLERKWORK_ENGINE_INTERNAL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/id.h"
#include "engine/children.h"
#include "engine/exception.h"
#include "engine/heard.h"
#include "engine/key_ring.h"
#include "engine/outbox.h"
#include "engine/run.h"
#include "engine/set_aside.h"
#include "engine/thread.h"
#include "lang/trace.h"
#include "store/lease.h"
#include "store/purge.h"

/* ---- journal of one change ---- */
typedef struct JournalDraft {
    Buf bytes;
    int32_t n_entries;
    unsigned moved;                  /* a bit for each state that was entered */
    bool continued;                  /* executing again after a question or a stop */
    const ChildResult *child_result; /* of a child run that ends; NULL: its description tells why it failed */
} JournalDraft;
void journal_draft_add(JournalDraft *draft, const TraceEntry *entry);
void journal_draft_done(JournalDraft *draft);
void journal_draft_batch(JournalDraft *draft, Str packed); /* entries of the evaluator, as they are */

/* run_become in two halves, for changes that take several steps in one transaction. */
/* `entering` is journalled just before the update, NULL for nothing. */
MUST_USE bool run_move(RunRow *run, RunState state, int64_t now_us, const TraceEntry *entering, JournalDraft *journal,
                       Error *err);
/* `told`: the evaluator has journalled the failure itself. */
MUST_USE bool run_fail(Arena *arena, RunRow *run, Str description, bool told, int64_t now_us, JournalDraft *journal,
                       Error *err);
/* `before`: the row as it was read in this transaction, NULL when it is to be written anyhow. */
MUST_USE bool run_write(Tx *tx, Engine *engine, const RunRow *before, RunRow *run, const JournalDraft *journal,
                        Error *err);
/* Somebody ends a run that has not ended, wherever it stands: it fails, what it asks is archived, and whoever has it in
 * hand lets go. */
MUST_USE bool run_end(Tx *tx, Engine *engine, Arena *arena, RunRow *run, Str description, Error *err);
/* Of a run that has ended: no snapshot is needed any more, and what it heard is settled. */
MUST_USE bool run_clear_remains(Tx *tx, int64_t run, Error *err);

/* ---- invoke.c: what every way to start a run needs ---- */
/* INVALID_ARGUMENT on "`what`.NAME", naming the inputs that there are. */
bool input_refuse_unknown(Arena *arena, const Program *program, const char *what, Str name, Error *err);
/* What was given, in canonical wire form, and `defaults` (a JSON object) where nothing was given. */
MUST_USE bool run_inputs_text(Arena *arena, const Program *program, const Json *given, Str defaults, Str *out,
                              Error *err);
MUST_USE bool run_pick_revision(const Automation *automation, Stage stage, int64_t *out, Error *err);
/* Writes the row, keeps the request id ("" for none); a worker takes the run up after the commit. */
MUST_USE bool run_start(Tx *tx, Engine *engine, RunRow *run, Str request_id, uint64_t request_hash, Error *err);
MUST_USE bool run_program_fit(const Program *program, Error *err);
/* The run that was started with the same request id. */
MUST_USE bool run_of_request(Tx *tx, Arena *arena, const Scope *scope, const Invocation *invocation, bool *out_found,
                             RunRow *out, Error *err);

/* ---- a run in memory ---- */
typedef enum ActivePhase {
    PHASE_CLAIM,    /* nothing loaded yet */
    PHASE_EVALUATE, /* go on evaluating */
    PHASE_EFFECT,   /* the record before the effect is on disk: carry it out */
    PHASE_DROP      /* what was known is not to be trusted or needed any more: let go, claim anew if it can go on */
} ActivePhase;

typedef struct EffectDone {
    EffectRow row;
    struct EffectDone *next;
} EffectDone;

typedef struct ActiveRun {
    /* Set when it is made, constant afterwards. */
    int64_t key;
    Engine *engine;
    /* The worker's that has it in hand. */
    ActivePhase phase;
    Arena arena;
    Locale locale; /* as the run keeps it */
    int64_t node;  /* the number under which it was taken up: lease.h */
    RunRow row;    /* as claimed; its state in the store may have moved on since */
    const Program *program;
    Evaluation *evaluation;
    uint64_t trace_to_skip; /* entries that were journalled before a crash and come again now */
    EffectRow *known;       /* effects after the snapshot, from before a crash or of an earlier run */
    int n_known;
    int64_t next_effect;
    uint64_t effect_site;     /* of the call in hand */
    bool timer_over;          /* what it waited for has come; the store does not know yet */
    Id effect_key;            /* of the effect whose record before is being written */
    Str outside_key;          /* the same of a call that goes outside, */
    int outside_tries;        /* and how often it has failed: while the run stays */
    bool stays;               /* in memory while that call is under way */
    bool has_no_snapshot;     /* in the store, for certain */
    int64_t saved_effects;    /* how many stood before the last snapshot, */
    uint64_t saved_fuel;      /* and what had been used by then */
    EffectDone *effects_done; /* results that are not on disk yet, oldest first */
    EffectDone **effects_end;
    int64_t flushed_us;  /* when the journal was last handed over */
    uint64_t guided[16]; /* places already answered by a guide: the same again is for a person */
    int n_guided;
    WorldErrand *errand; /* a call outside: ready to be sent, under way or back; NULL for none */
    /* Under the engine's lock. */
    bool commit_in_flight;
    bool wants_worker; /* it reached a boundary while a commit was in flight */
    bool again;        /* somebody woke it while it was in hand */
    bool has_pass;     /* to have a call outside: door.c */
    bool is_outside;   /* its errand has not arrived; nothing but this struct is in memory, unless it stays */
    struct ActiveRun *next_in_table, *next_ready;
    /* Any thread. */
    _Atomic bool interrupted;
    _Atomic bool broken; /* a commit was refused: what is in memory is ahead of the store */
} ActiveRun;

typedef struct RunCommit RunCommit;
typedef struct ProgramCache ProgramCache;
/* Read and checked, in `arena`. */
const Program *revision_program(Arena *arena, const Revision *revision, const Catalog *catalog);
ProgramCache *program_cache_new(const Catalog *catalog);
void program_cache_free(ProgramCache *cache);
const Program *program_cache_get(ProgramCache *cache, Tx *tx, int64_t revision, Error *err);
void program_cache_release(ProgramCache *cache, const Program *program);
/* The JSON of the automation's default inputs in that revision; valid as long as the program. */
Str program_cache_default_inputs(ProgramCache *cache, const Program *program);

typedef struct Outbox Outbox;

typedef struct Timer {
    RunTimer at;
    bool stored; /* the run's row says so, too */
} Timer;

/* What the store knows the next time of: the timekeeper keeps that one alone. */
typedef enum Alarm { ALARM_SCHEDULES, ALARM_PURGE, ALARM_SWEEP, ALARM_DEADLINES, ALARM_TIMERS, ALARM_N } Alarm;

#define WATCH_SLOTS 1024
#define ACTIVE_SLOTS 4096 /* 2 to the 12: slot_of takes the top 12 bits */

struct Engine {
    /* Set before the threads start, constant afterwards. */
    Store *store;
    const World *world;
    const Catalog *catalog;
    EngineOptions options;
    ProgramCache *programs;
    Outbox *outbox;
    pthread_t *workers;
    int n_workers;
    struct Worker *stepper; /* of a stepped engine, in place of the threads */
    pthread_t timekeeper;
    bool timekeeper_started;
    /* Under `lock`. */
    pthread_mutex_t lock;
    pthread_cond_t ready_or_stopping;
    ActiveRun *active[ACTIVE_SLOTS];
    int n_active;
    ActiveRun *ready_first, *ready_last; /* in memory and able to go on */
    KeyRing waiting;                     /* able to go on, but not in memory */
    int n_to_wake;                       /* workers, once the lock is given back */
    bool stopping;
    int n_working;
    int n_commits;         /* commits in flight */
    int n_outside;         /* runs whose call is under way: they count into max_outside, not into max_active */
    int n_passes;          /* runs that have a call outside, or may have one */
    KeyRing at_door;       /* runs that are to call out and wait until they may */
    bool outside_given_up; /* the engine stops without waiting for them any longer */
    pthread_cond_t idle;
    /* Under `timer_lock`. */
    pthread_mutex_t timer_lock;
    pthread_cond_t timer_changed;
    Timer *timers; /* a heap, earliest first */
    size_t n_timers, cap_timers, n_stored;
    RunTimer horizon; /* stored timers up to this one are in memory, those behind it are not; ALARM_TIMERS is at it */
    struct {
        int64_t due_us; /* when the next of all is due, or earlier; 0 for never */
        bool answering; /* the writer has a command for it */
        /* The writer's thread. */
        SetAside aside;
    } alarms[ALARM_N];
    bool led; /* this process led at its last beat */
    bool timers_stopping;
    /* The writer's thread: how far retention.c has come. */
    Sweep sweep;
    SetAside children_aside; /* those that did not end with their parents */
    /* Under `watch_lock`. */
    pthread_mutex_t watch_lock;
    Watch *watches[WATCH_SLOTS];
    /* Any thread. */
    sem_t inline_computing; /* places for executions that compute: those that wait for other servers take none */
    _Atomic bool claiming, burying; /* the writer has a command of claim.c */
    _Atomic bool has_webhooks;      /* some tenant has one: until then no run looks for listeners */
    _Atomic uint64_t started, completed, failed, questions, answers, guided;
};

/* ---- engine.c ---- */
void engine_unlock(Engine *engine);       /* gives `lock` back, then wakes as many workers as there is new work for */
void engine_commit_ended(Engine *engine); /* one of n_commits */
void engine_changed_all(Engine *engine);  /* tells all watchers, and all runs in memory that they may be interrupted */

/* ---- alarm.c ---- */
/* Whether this process leads: only then it answers alarms. What is due is seen to as it begins. */
void engine_lead(Engine *engine, bool leads);

/* ---- timer.c ---- */
extern const RunTimer no_horizon; /* all stored timers are in memory */
void *timekeeper_main(void *engine);
/* Those behind `after`, which was the horizon, up to the next one; `all`: there are no more. False when the horizon is
 * another one by now: then nothing was taken. */
bool engine_timers_take(Engine *engine, RunTimer after, const RunTimer *timers, int n, bool all);
int engine_timers_piece(const Engine *engine); /* how many are taken at once */

/* ---- deadline.c ---- */
int64_t deadline_after(int64_t now_us, int64_t within_us); /* 0, for none, when `within_us` is */

/* ---- purge.c ---- */
/* Of store_purge_soonest and store_tenant_purge_soonest the earlier one. */
MUST_USE bool purge_soonest(Tx *tx, int64_t automations_after_us, int64_t tenants_after_us, int64_t *out_us,
                            Error *err);

/* ---- outbox.c ---- */
Outbox *outbox_new(Engine *engine);
MUST_USE bool outbox_start(Outbox *outbox, Error *err);
void outbox_stop(Outbox *outbox); /* begins nothing any more */
void outbox_free(Outbox *outbox); /* waits for what is under way; the World has been told to end it */
/* To whoever listens, with the move's transaction. */
MUST_USE bool outbox_tell(Tx *tx, Engine *engine, const RunRow *run, WebhookEvent event, Error *err);
void outbox_wake(Engine *engine); /* something may be due */

/* ---- claim.c: which runs this process carries out, when several share the store ---- */
MUST_USE bool claim_start(Engine *engine, Error *err);
void claim_stop(Engine *engine); /* gives up what it still has */
/* Takes up what should be going and nobody carries out. */
void claim_free_runs(Engine *engine);
/* Says in whose hands the run is, before it is written: nobody's when it is parked or at its end, this process's when
 * it should be going and was nobody's; then this process must wake it. */
MUST_USE bool claim_settle(Tx *tx, RunRow *run, Error *err);
/* As tx_after_commit of engine_interrupt and the like; other processes are told, too. */
void claim_tell_interrupt(Tx *tx, Engine *engine, int64_t run);
void claim_tell_schedule(Tx *tx, Engine *engine, int64_t due_us);
void claim_tell_purge(Tx *tx, Engine *engine, int64_t due_us);
void claim_tell_deadline(Tx *tx, Engine *engine, int64_t due_us);

/* ---- active.c ---- */
bool active_has(Engine *engine, int64_t run); /* some worker has it, or its commit is under way */
ActiveRun *active_find_locked(Engine *engine, int64_t key);
ActiveRun *active_add_locked(Engine *engine, int64_t key);
void active_forget(ActiveRun *active); /* lets go of program, evaluation and memory; stays in the table */
void active_remove_locked(ActiveRun *active);
void active_ready_locked(ActiveRun *active);

/* ---- door.c ---- */
/* True when the run may have a call outside: it has the pass until it is given back. Else it must leave memory and
 * wait. */
bool door_pass(ActiveRun *active);
void door_give_back(ActiveRun *active); /* of one that has none: nothing happens */
void door_give_back_locked(ActiveRun *active);
/* The run has left memory: it is taken up again, with a pass, when its turn comes; perhaps at once. */
void door_wait_locked(Engine *engine, int64_t key);

/* ---- call.c: what a run asks of the world. Where they give a bool, false: the run is out of this worker's hand ----
 */
/* Records what was heard from outside; the next commit writes it. */
void call_remember(ActiveRun *active, EffectKind kind, uint64_t site, Str result);
/* The record of what is wanted next, from before a crash or of the run that this one repeats; NULL for none. */
const EffectRow *call_known(const ActiveRun *active);
bool call_tell_known(ActiveRun *active, const EffectRow *known, uint32_t node_id);
bool call_answer(ActiveRun *active);                        /* the evaluation is at EVAL_CALL */
bool call_carry_out(ActiveRun *active, Str key, int tries); /* what its record before was written for */
/* On the writer's thread: the record before a call outside is on disk, or, `goes` being false, is not. */
void call_send_outside(ActiveRun *active, bool goes);
bool call_take_errand(ActiveRun *active); /* it has arrived */

/* ---- worker.c ---- */
typedef struct Worker Worker;
bool active_put_aside(ActiveRun *active); /* true: a commit is in flight; the run comes back once it is done */
void active_park(ActiveRun *active, RunCommit *commit);             /* the run leaves memory, and this worker's hand */
void active_fail(ActiveRun *active, Str failure, uint32_t node_id); /* likewise; node 0: none */
Str active_save(ActiveRun *active, Arena *arena);                   /* the evaluation's snapshot */
void *worker_main(void *engine);
MUST_USE bool worker_new(Engine *engine, Worker **out, Error *err); /* for engine_step_run */
void worker_free(Worker *worker);                                   /* NULL is accepted */
/* A run's inputs as they are stored; outputs as they will be. */
MUST_USE bool inputs_read(Arena *arena, Str text, Argument **out, uint32_t *out_n, Error *err);
Str outputs_text(Arena *arena, const Evaluation *evaluation);

/* ---- commit.c ---- */
typedef enum CommitKind {
    COMMIT_PROGRESS,
    COMMIT_EFFECT,
    COMMIT_AT_DOOR, /* it is to call out and may not yet: door.c */
    COMMIT_OUTSIDE, /* before a call that goes outside: the run is parked while it is under way */
    COMMIT_QUESTION,
    COMMIT_GUIDED,
    COMMIT_TIMER,
    COMMIT_RETRY,
    COMMIT_STOPPED,
    COMMIT_CHILDREN, /* it waits for child runs */
    COMMIT_ENDING,   /* it has ended, and its children end with it */
    COMMIT_COMPLETED,
    COMMIT_FAILED
} CommitKind;

struct RunCommit {
    Command command;
    CommitKind kind;
    ActiveRun *active;
    Engine *engine;
    int64_t run, node;
    Arena arena; /* everything below */
    Str trace;   /* entries of the evaluator */
    int32_t n_trace;
    EffectDone *effects_done;
    EffectRow begun; /* EFFECT, OUTSIDE; RETRY: the call that is tried again */
    int64_t effects; /* how many stand before this commit's snapshot */
    bool timer_over;
    bool has_no_snapshot; /* in the store: there is none to clear at the run's end */
    Str snapshot;       /* AT_DOOR, OUTSIDE where it leaves memory, QUESTION, GUIDED, TIMER, RETRY, STOPPED, CHILDREN */
    Str outputs;        /* COMPLETED */
    ChildLoop children; /* CHILDREN */
    ChildResult child_result; /* COMPLETED, FAILED, of a child */
    const Question *question; /* QUESTION, GUIDED: copied */
    Str guide_story;          /* QUESTION: of an entry that did not help, or "" */
    uint64_t sentence_hash;
    int64_t location_start, location_end;
    Str failure;      /* FAILED */
    bool told;        /* FAILED: the evaluator has journalled it itself */
    int64_t timer_us; /* TIMER, RETRY */
    int64_t timer_seconds;
    const GuideEntry *guide; /* GUIDED */
    Stage stage;
    bool dropped;          /* out: the run was ended by somebody else meanwhile */
    AsideTry children_try; /* out: ENDING */
};
RunCommit *commit_new(ActiveRun *active, CommitKind kind);
void commit_submit(RunCommit *commit);

/* ---- exception.c ---- */
/* The run ends: what it asks, if it asks anything, is archived. */
MUST_USE bool exception_give_up(Tx *tx, Arena *arena, const RunRow *run, Error *err);
const Question *question_copy(Arena *arena, const Question *question);
/* The row for a question that a published run asks at this moment. `guide_story` as of guide_apply. */
void exception_from_question(Arena *arena, int64_t now_us, const RunRow *run, const Question *question,
                             uint64_t sentence_hash, Str guide_story, ExceptionRow *out);
/* Fills assignee and due time of one that is about to be raised, as its workspace says of its group. */
MUST_USE bool exception_give(Tx *tx, Arena *arena, ExceptionRow *exception, Error *err);
typedef struct Snapshot {
    Str bytes;
    int64_t journal_entries, effects; /* how many stand before it */
} Snapshot;
MUST_USE bool snapshot_put(Tx *tx, int64_t run, const Snapshot *snapshot, Error *err);
MUST_USE bool snapshot_get(Tx *tx, Arena *arena, int64_t run, Snapshot *out, Error *err); /* empty for none */
Span question_location(const Program *program, uint32_t node_id);

/* ---- guide.c ---- */
/* The newest approved entry that fits and whose condition holds, applied to the evaluation; NULL without one. `out` is
 * the answer that was applied. Where an entry was tried and did not help, `out_story` says so to a person; else it is
 * left as it was. */
const GuideEntry *guide_apply(ActiveRun *active, Tx *tx, Arena *arena, const Question *question, uint64_t sentence_hash,
                              Answer *out, Str *out_story);
MUST_USE bool guide_remember(Tx *tx, Arena *arena, const RunRow *run, const Program *program, const Question *question,
                             const Answer *answer, const AnswerRequest *request, Str exception_id, Error *err);

EvalOptions engine_eval_options(const Engine *engine, const Locale *locale);

#endif
