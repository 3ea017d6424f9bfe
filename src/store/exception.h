/* store/exception.h: exceptions (questions of published runs), the threads about them, and guide entries. */
#ifndef CLERKWORK_STORE_EXCEPTION_H
#define CLERKWORK_STORE_EXCEPTION_H

#include "store/run.h"

typedef enum ExceptionState {
    EXCEPTION_UNSPECIFIED,
    EXCEPTION_PENDING,
    EXCEPTION_RESOLVED,
    EXCEPTION_ARCHIVED
} ExceptionState;

typedef struct ExceptionRow {
    int64_t key, run, automation;
    Scope scope;
    Str id, run_id, automation_id, execution_id;
    Str message, description;
    int64_t location_start, location_end;
    ExceptionState state;
    Str group; /* "missing_values", …; "" for none */
    Stage stage;
    Str extra;              /* JSON object of texts */
    Str assignee, resolver; /* "users/u", "agents/astral", or "" */
    Str guide_entry_id;     /* that resolved it, or "" */
    /* what a guide entry must match */
    uint64_t sentence_hash;
    Str kind, missing;
    int64_t create_us, update_us, resolve_us;
    int64_t due_us; /* when it should be answered; 0: no such time */
} ExceptionRow;

MUST_USE bool store_exception_insert(Tx *tx, ExceptionRow *exception, Error *err); /* fills key */
MUST_USE bool store_exception_get(Tx *tx, Arena *arena, const Scope *scope, Str id, ExceptionRow *out, Error *err);
MUST_USE bool store_exception_update(Tx *tx, const ExceptionRow *exception,
                                     Error *err); /* state, assignee, resolver, guide, times */
/* Newest first. Fields of filters: state, stage, automation, group, run, assignee, create_time, update_time, due_time.
 */
MUST_USE bool store_exception_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, ExceptionRow **out,
                                   int *out_n, ListEnd *end, Error *err);
/* Those in one state that match, oldest first, at most `limit`; *out_total is how many there are in all. */
MUST_USE bool store_exception_find(Tx *tx, Arena *arena, const Scope *scope, ExceptionState state,
                                   const struct Filter *filter, int limit, ExceptionRow **out, int *out_n,
                                   int64_t *out_total, Error *err);

/* How many exceptions that match have each group, automation or assignee; only values that occur, and no "". In an
 * order that stays while exceptions come and go: `position` grows. */
typedef enum ExceptionFacet { EXCEPTION_GROUPS, EXCEPTION_AUTOMATIONS, EXCEPTION_ASSIGNEES } ExceptionFacet;
typedef struct ExceptionCount {
    int64_t position;
    Str value; /* as the row holds it: an id, or "users/u" */
    int64_t count;
} ExceptionCount;
MUST_USE bool store_exception_count(Tx *tx, Arena *arena, const Scope *scope, ExceptionFacet facet,
                                    const struct Filter *filter, ExceptionCount **out, int *out_n, Error *err);

/* ---- the thread of a run, or of an automation's author (store/authoring.h): what people and the agent said ---- */
typedef enum ThreadEventKind {
    THREAD_USER_MESSAGE,
    THREAD_AGENT_MESSAGE,
    THREAD_TOOL_CALL_REQUEST,
    THREAD_TOOL_CALL_RESULT,
    THREAD_THINKING,
    THREAD_SYSTEM_MESSAGE,
    THREAD_COMPLETION_RESPONSE,
    /* of authoring threads alone */
    THREAD_PROGRESS_NOTIFICATION,
    THREAD_ARTIFACT,
    THREAD_INTERRUPT,
    THREAD_INTERRUPT_ANSWER,
    THREAD_UPLOAD,
    THREAD_FEEDBACK
} ThreadEventKind;
typedef struct ThreadEvent {
    int64_t key, run, thread; /* one of the two is 0 */
    Str id, agent_id, exception_id;
    ThreadEventKind kind;
    Str payload; /* JSON object: the member's content */
    int64_t create_us, update_us;
} ThreadEvent;
MUST_USE bool store_thread_add(Tx *tx, ThreadEvent *event, Error *err);
MUST_USE bool store_thread_get(Tx *tx, Arena *arena, int64_t run, Str agent_id, Str id, ThreadEvent *out, Error *err);
/* Newest first, or oldest first from after_key on (streams). Fields of filters: exception. */
MUST_USE bool store_thread_list(Tx *tx, Arena *arena, int64_t run, Str agent_id, ListQuery *query, ThreadEvent **out,
                                int *out_n, ListEnd *end, Error *err);
MUST_USE bool store_thread_follow(Tx *tx, Arena *arena, int64_t run, Str agent_id, int64_t after_key, int limit,
                                  ThreadEvent **out, int *out_n, Error *err);

/* ---- guide entries: answers that are kept ---- */
typedef enum GuideState {
    GUIDE_UNSPECIFIED,
    GUIDE_PENDING_APPROVAL,
    GUIDE_APPROVED,
    GUIDE_REJECTED,
    GUIDE_ARCHIVED
} GuideState;
/* Of the workspace's exceptions that were raised in [from_us, until_us): how many, and how long answers took. */
typedef struct ExceptionTimes {
    int64_t total, pending, resolved, archived;
    int64_t resolved_us; /* the times from raising to resolving, together */
} ExceptionTimes;
MUST_USE bool store_exception_times(Tx *tx, const Scope *scope, int64_t from_us, int64_t until_us, ExceptionTimes *out,
                                    Error *err);

typedef struct GuideEntry {
    int64_t key, automation;
    Str id, automation_id;
    Str title, root_cause, answer, condition, notes; /* answer: a sentence of lang/answer.h */
    GuideState state;
    Version version;
    uint64_t sentence_hash; /* exact key: automation, sentence, kind, missing name */
    Str kind, missing;
    Str source_exception_id, source_run_id;
    int64_t hits;
    int64_t create_us, update_us, delete_us;
} GuideEntry;
MUST_USE bool store_guide_insert(Tx *tx, const Scope *scope, GuideEntry *entry,
                                 Error *err); /* replaces an equal key's approved entry */
/* State, texts, version, times (by key); approving one archives the equal key's other approved entry. */
MUST_USE bool store_guide_update(Tx *tx, const Scope *scope, const GuideEntry *entry, Error *err);
MUST_USE bool store_guide_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str id, GuideEntry *out,
                              Error *err);
/* `automation` 0 lists all of the workspace. Fields: title, resolution_steps, resolution_code, resolution_notes,
 * automation, create_time, update_time, content. */
MUST_USE bool store_guide_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query,
                               GuideEntry **out, int *out_n, ListEnd *end, Error *err);
/* Entries with this exact key and state, newest first, without deleted ones. */
MUST_USE bool store_guide_match(Tx *tx, Arena *arena, int64_t automation, uint64_t sentence_hash, Str kind, Str missing,
                                GuideState state, GuideEntry **out, int *out_n, Error *err);
MUST_USE bool store_guide_hit(Tx *tx, int64_t key, Error *err);

#endif
