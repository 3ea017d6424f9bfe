/* agents/quill.h: the authoring agent: a thread about one automation, in which what a person says becomes its draft.
 *
 * A turn is one message and what came of it. It is one transaction: the message, the draft's new version, both
 * spellings as an artifact and the completion_response stand together or not at all; a question (thread_interrupt) ends
 * the turn instead of the completion and stays open, over restarts too, until it is answered or something else is said.
 * Who watches the engine for the negative of a thread's key hears of its turns (engine_watch).
 * `quill` and `quill2` are the same author behind two forms of the API. */
#ifndef CLERKWORK_AGENTS_QUILL_H
#define CLERKWORK_AGENTS_QUILL_H

#include "agents/scribe.h"
#include "engine/engine.h"
#include "lang/diagnostic.h"
#include "store/authoring.h"
#include "store/automation.h"

typedef struct QuillMessage {
    int64_t automation; /* key, 0 for any */
    Str agent_id;       /* "quill" or "quill2" */
    Str thread_id;
    Str content;
    Str interrupt_id; /* an answer to that question; "" for a message */
    bool is_answer;   /* an answer to whatever question is open */
    bool is_draft;    /* the content is the whole draft, in `spelling` */
    Spelling spelling;
    Str documents;       /* JSON array of what was sent along, "" for none */
    bool may_read_files; /* a model may be shown what is in them */
    Str user_id;         /* without "users/" */
} QuillMessage;

typedef struct QuillTurn {
    AuthoringThread thread;
    ThreadEvent *events; /* of the turn, in order, beginning with the user_message */
    int n_events;
    Revision draft; /* as it is after the turn */
    bool goes_on;   /* a model was asked: further events follow, and the turn ends with one of them */
} QuillTurn;

/* Starts a thread; the title may be "". NOT_FOUND for an automation that is not there. On the writer's thread. */
MUST_USE bool quill_begin(Tx *tx, Arena *arena, const Scope *scope, Str automation_id, Str agent_id, Str title,
                          Str user_id, AuthoringThread *out, Error *err);
/* Does what the message says. Blocks until durable; `scribe` (NULL for none) goes on with a description by itself.
 * NOT_FOUND for a thread that is not there; INVALID_ARGUMENT for an empty message; FAILED_PRECONDITION for an answer to
 * a question that is not open, for a draft with problems, and while a turn goes on; UNAVAILABLE when others change the
 * draft again and again meanwhile. */
MUST_USE bool quill_receive(Engine *engine, Scribe *scribe, StoreReader *reader, Arena *arena, const Scope *scope,
                            const QuillMessage *message, QuillTurn *out, Error *err);
/* Ends what is under way: an open question is dropped, and the thread says so; without one nothing changes. On the
 * writer's thread. */
MUST_USE bool quill_stop(Tx *tx, Arena *arena, Engine *engine, Scribe *scribe, AuthoringThread *thread, Error *err);

#endif
