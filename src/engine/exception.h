/* engine/exception.h: questions that runs ask, and the one function in which every way to answer ends. */
#ifndef CLERKWORK_ENGINE_EXCEPTION_H
#define CLERKWORK_ENGINE_EXCEPTION_H

#include "engine/run.h"
#include "lang/answer.h"
#include "store/exception.h"

typedef struct AnswerRequest {
    /* Which question: an exception, or (for draft runs, threads) the run's open one. One of the two. */
    Str exception_id;
    int64_t automation; /* with run_id: its automation's key, 0 for any */
    Str run_id;
    /* What is said: a sentence (lang/answer.h), or a typed answer. */
    Str sentence; /* used when `typed` is NULL */
    const Answer *typed;
    bool remember;    /* keep it as a guide entry */
    bool may_approve; /* … approved at once; else pending approval */
    Str actor;        /* "users/u" or "agents/a": the resolver */
    Str user_id;      /* who is said to have written the message in the thread */
    Str agent_id;     /* whose thread it belongs to; "" is "astral" */
    bool from_thread; /* it came as a thread's user_message: a bad answer is told in the thread too, and is no error */
} AnswerRequest;

typedef struct AnswerResult {
    RunRow run;             /* as it is afterwards */
    ExceptionRow exception; /* key 0 for draft runs */
    ThreadEvent message;    /* the user_message that was added to the thread */
    bool accepted;          /* false only with from_thread: the thread says why */
} AnswerResult;

/* Answers the open question: patch, journal, thread, guide entry and the run's next state in one transaction; the run
 * goes on by itself. Blocks until it is durable: not for the loop's or the writer's thread. The thread always ends with
 * a completion_response. INVALID_ARGUMENT tells what may be said; FAILED_PRECONDITION when nothing is asked (any more);
 * ABORTED when somebody else answered meanwhile. */
MUST_USE bool exception_answer(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope,
                               const AnswerRequest *request, AnswerResult *out, Error *err);
/* One of many answers: taken, or why not. */
typedef struct AnswerOutcome {
    AnswerResult result; /* when it was taken */
    Error refusal;       /* OK: it was taken */
} AnswerOutcome;
/* The same for many open questions, in one transaction: `out` has as many as `requests`. What cannot be answered (it
 * does not fit the question, is answered or archived already, was answered meanwhile) is told in its outcome and left
 * as it was; the others are answered. False, with nothing written, when the transaction itself failed. Holds the states
 * of all `n` runs until then: callers with many take them in parts. Not for requests with from_thread. */
MUST_USE bool exception_answer_many(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope,
                                    const AnswerRequest *requests, int n, AnswerOutcome *out, Error *err);
/* Archive: the run stops; unarchive: it waits again. Each gives the exception as it is afterwards. FAILED_PRECONDITION
 * comes before anything is written, so that of many the others can go on. */
MUST_USE bool exception_archive(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, ExceptionRow *out,
                                Error *err);
MUST_USE bool exception_unarchive(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, ExceptionRow *out,
                                  Error *err);
/* Who is to answer, and by when: "users/u" or "", and 0 for no time. */
typedef struct ExceptionChange {
    bool has_assignee, has_due;
    Str assignee;
    int64_t due_us;
} ExceptionChange;
MUST_USE bool exception_change(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id,
                               const ExceptionChange *change, ExceptionRow *out, Error *err);

/* The static groups of the contract. */
typedef struct ExceptionGroup {
    const char *id, *title, *description, *suggested_action;
} ExceptionGroup;
extern const ExceptionGroup exception_groups[3];

#endif
