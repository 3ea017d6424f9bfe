/* store/authoring.h: threads in which an automation is written. What is said in one are events as in a run's thread
 * (store/exception.h), with `thread` set instead of `run`. */
#ifndef CLERKWORK_STORE_AUTHORING_H
#define CLERKWORK_STORE_AUTHORING_H

#include "store/exception.h"

typedef struct AuthoringThread {
    int64_t key, automation;
    Scope scope;
    Str id, automation_id;
    Str agent_id; /* "quill" or "quill2" */
    Str title;
    Str user_id;                 /* who began it, without "users/" */
    Str pending;                 /* JSON of the open question, "" for none */
    int64_t generating_until_us; /* a turn is under way that will have ended by then; 0: none */
    int64_t create_us, update_us;
} AuthoringThread;

/* Fills key; times that are 0 become the command's own. */
MUST_USE bool store_authoring_insert(Tx *tx, AuthoringThread *thread, Error *err);
/* `automation` 0: of any. NOT_FOUND also for another agent's, and for those of deleted automations. */
MUST_USE bool store_authoring_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str agent_id, Str id,
                                  AuthoringThread *out, Error *err);
/* Writes title, pending, generating_until_us and update_us (by key). */
MUST_USE bool store_authoring_update(Tx *tx, const AuthoringThread *thread, Error *err);
/* Newest first; `automation` 0: of all. Fields of filters: automation, create_time. */
MUST_USE bool store_authoring_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str agent_id,
                                   ListQuery *query, AuthoringThread **out, int *out_n, ListEnd *end, Error *err);

/* Those of all tenants in which a turn is under way, or was lost; at most `limit`. For the server itself. */
MUST_USE bool store_authoring_generating(Tx *tx, Arena *arena, int limit, AuthoringThread **out, int *out_n,
                                         Error *err);

MUST_USE bool store_authoring_event(Tx *tx, Arena *arena, int64_t thread, Str id, ThreadEvent *out, Error *err);
/* Newest first. */
MUST_USE bool store_authoring_events(Tx *tx, Arena *arena, int64_t thread, ListQuery *query, ThreadEvent **out,
                                     int *out_n, ListEnd *end, Error *err);
/* Oldest first, those behind `after_key`, at most `limit`. */
MUST_USE bool store_authoring_follow(Tx *tx, Arena *arena, int64_t thread, int64_t after_key, int limit,
                                     ThreadEvent **out, int *out_n, Error *err);
/* What was uploaded to the thread, oldest first, at most `limit`. */
MUST_USE bool store_authoring_uploads(Tx *tx, Arena *arena, int64_t thread, int limit, ThreadEvent **out, int *out_n,
                                      Error *err);
/* The key before the newest turn: of the event before its user_message. 0 for a thread without one. */
MUST_USE bool store_authoring_turn(Tx *tx, int64_t thread, int64_t *out_before, Error *err);

#endif
