/* agents/quill.c: the authoring agent. */
#include "agents/quill.h"

#include "agents/author.h"
#include "agents/quill_payload.h"
#include "agents/recall.h"
#include "base/clock.h"
#include "base/id.h"
#include "engine/automation.h"
#include "engine/thread.h"

/* How often a message is read anew when the draft was changed by others between reading and saving. */
#define TRIES 4
#define EVENTS_MAX 8
#define PENDING_DEPTH 16

typedef struct Turn {
    Command command;
    Engine *engine;
    Scribe *scribe;
    ScribeTurn *description; /* its place with the scribe; NULL for what is no description */
    Arena *arena;
    const Scope *scope;
    const QuillMessage *message;
    QuillTurn *out;
    AuthoringThread thread; /* as it was read */
    Automation automation;
    Revision draft;
    AuthorStep step;
    AutomationEdit edit;
    bool answers, was_answered; /* the message answers the open question; and picked a choice */
} Turn;

/* ---- what is said ---- */

static bool put(Tx *tx, Turn *turn, ThreadEventKind kind, Str payload, Error *err)
{
    assert(turn->out->n_events < EVENTS_MAX);
    ThreadEvent *event = &turn->out->events[turn->out->n_events];
    *event =
        (ThreadEvent){.thread = turn->thread.key, .agent_id = turn->thread.agent_id, .kind = kind, .payload = payload};
    if (!thread_put(tx, turn->arena, event, err))
        return false;
    turn->out->n_events++;
    return true;
}

static bool say(Tx *tx, Turn *turn, ThreadEventKind kind, Str content, Error *err)
{
    return put(tx, turn, kind, thread_payload(turn->arena, kind, content, (Str){0}), err);
}

/* ---- writing a turn down ---- */

/* Without a model the author reads sentences alone: what was sent along is for runs. */
static void put_documents(Buf *text, Arena *arena, Str documents)
{
    const Json *list;
    Error ignored;
    if (documents.len == 0 || !json_parse(arena, documents, PENDING_DEPTH, &list, &ignored))
        return;
    for (uint32_t i = 0; i < list->count; i++) {
        Str filename = json_text(json_get(&list->items[i], S("filename")));
        Str file = json_text(json_get(&list->items[i], S("file")));
        buf_printf(text, "\n%.*s was not read, the author reads sentences alone; give it to runs as the file %.*s.",
                   STR_ARG(filename), STR_ARG(file));
    }
}

static bool complete(Tx *tx, Turn *turn, Str said, const Revision *shown, Error *err)
{
    Buf told = buf_in(turn->arena);
    buf_str(&told, said);
    put_documents(&told, turn->arena, turn->message->documents);
    Str text = buf_view(&told);
    return say(tx, turn, THREAD_AGENT_MESSAGE, text, err) &&
           (!shown || put(tx, turn, THREAD_ARTIFACT, quill_artifact_payload(turn->arena, shown), err)) &&
           say(tx, turn, THREAD_COMPLETION_RESPONSE, text, err);
}

static void put_warnings(Buf *text, const Diagnostics *diagnostics)
{
    for (uint32_t i = 0; diagnostics && i < diagnostics->count; i++) {
        if (diagnostics->items[i].severity == SEVERITY_WARNING)
            buf_printf(text, "\nLine %u: %.*s.", diagnostics->items[i].line, STR_ARG(diagnostics->items[i].message));
    }
}

static bool save(Tx *tx, Turn *turn, Error *err)
{
    Automation saved;
    Revision revision;
    if (!automation_edit(tx, turn->arena, turn->scope, turn->automation.id, &turn->edit, turn->message->user_id, &saved,
                         &revision, err))
        return false;
    turn->out->draft = revision;
    Str version = version_text(turn->arena, revision.version);
    Buf text = buf_in(turn->arena);
    if (revision.key == turn->draft.key)
        buf_printf(&text, "Nothing changed: version %.*s says that already.", STR_ARG(version));
    else
        buf_printf(&text, "%.*s%sSaved as version %.*s.", STR_ARG(turn->step.say), turn->step.say.len > 0 ? " " : "",
                   STR_ARG(version));
    put_warnings(&text, turn->step.diagnostics);
    return complete(tx, turn, buf_view(&text), &revision, err);
}

static bool ask(Tx *tx, Turn *turn, Error *err)
{
    Id id = id_new();
    Str interrupt_id = str_copy(turn->arena, id_str(&id));
    turn->thread.pending = author_pending(turn->arena, &turn->step, interrupt_id);
    return say(tx, turn, THREAD_AGENT_MESSAGE, turn->step.say, err) &&
           put(tx, turn, THREAD_INTERRUPT, quill_interrupt_payload(turn->arena, &turn->step, interrupt_id), err);
}

/* The turn goes on when this is stored: the scribe takes it up then. */
static bool describe(Tx *tx, Turn *turn, Error *err)
{
    turn->thread.generating_until_us = scribe_until_us(turn->scribe, tx_now_us(tx));
    return put(tx, turn, THREAD_PROGRESS_NOTIFICATION,
               quill_progress_payload(turn->arena, S("The model is asked to turn the description into sentences.")),
               err);
}

static bool carry_out(Tx *tx, Turn *turn, Error *err)
{
    if (turn->description)
        return describe(tx, turn, err);
    switch (turn->step.move) {
    case AUTHOR_SAVES:
    case AUTHOR_NAMES: return save(tx, turn, err);
    case AUTHOR_ASKS: return ask(tx, turn, err);
    case AUTHOR_SHOWS: return complete(tx, turn, turn->step.say, &turn->draft, err);
    case AUTHOR_TELLS: break;
    }
    return complete(tx, turn, turn->step.say, NULL, err);
}

static Str pending_id(Arena *arena, Str pending)
{
    const Json *json;
    Error ignored;
    if (pending.len == 0 || !json_parse(arena, pending, PENDING_DEPTH, &json, &ignored))
        return (Str){0};
    return json_text(json_get(json, S("interrupt_id")));
}

/* A message that is no answer passes over the open question: an empty answer is kept for it. */
static bool settle_question(Tx *tx, Turn *turn, Error *err)
{
    Str id = pending_id(turn->arena, turn->thread.pending);
    if (id.len == 0 || (turn->answers && !turn->was_answered))
        return true;
    turn->thread.pending = (Str){0};
    return put(tx, turn, THREAD_INTERRUPT_ANSWER,
               quill_answer_payload(turn->arena, id, turn->answers ? turn->message->content : (Str){0}), err);
}

static bool check_idle(const AuthoringThread *thread, int64_t now_us, Error *err)
{
    return thread->generating_until_us <= now_us ||
           error_set(err, FAILED_PRECONDITION, "",
                     "generation already active for thread: wait for its end, or stop it");
}

static bool turn_write(Tx *tx, Command *command, Error *err)
{
    Turn *turn = (Turn *)command;
    AuthoringThread now;
    Automation automation;
    turn->out->n_events = 0;
    if (!store_authoring_get(tx, turn->arena, turn->scope, turn->message->automation, turn->message->agent_id,
                             turn->message->thread_id, &now, err) ||
        !store_automation_get(tx, turn->arena, turn->scope, turn->automation.id, false, &automation, err))
        return false;
    if (!str_eq(now.pending, turn->thread.pending) || !str_eq(automation.etag, turn->automation.etag))
        return error_set(err, ABORTED, "", "the draft was changed meanwhile");
    if (!check_idle(&now, tx_now_us(tx), err))
        return false;
    turn->thread = now;
    turn->thread.generating_until_us = 0;
    turn->out->draft = turn->draft;
    if (!put(tx, turn, THREAD_USER_MESSAGE, quill_user_payload(turn->arena, turn->message), err) ||
        !settle_question(tx, turn, err) || !carry_out(tx, turn, err))
        return false;
    turn->thread.update_us = tx_now_us(tx);
    engine_tell_changed(tx, turn->engine, -turn->thread.key);
    turn->out->thread = turn->thread;
    return store_authoring_update(tx, &turn->thread, err);
}

/* ---- reading ---- */

static bool read_state(Tx *tx, Turn *turn, Error *err)
{
    const QuillMessage *message = turn->message;
    return store_authoring_get(tx, turn->arena, turn->scope, message->automation, message->agent_id, message->thread_id,
                               &turn->thread, err) &&
           store_automation_get(tx, turn->arena, turn->scope, turn->thread.automation_id, false, &turn->automation,
                                err) &&
           store_revision_get(tx, turn->arena, turn->automation.draft_revision, &turn->draft, err);
}

static bool refuse_answer(Turn *turn, Error *err)
{
    if (turn->thread.pending.len == 0)
        return error_set(err, FAILED_PRECONDITION, "", "no question is open in this thread; send a message instead");
    return error_set(err, FAILED_PRECONDITION, "interrupt_id",
                     "the question \"%.*s\" is not open any more; answer \"%.*s\", or send a message",
                     STR_ARG(str_clip(turn->message->interrupt_id, 40)),
                     STR_ARG(pending_id(turn->arena, turn->thread.pending)));
}

/* A number or a choice's own words answer an open question, however they were sent. */
static bool take_answer(Turn *turn, Error *err)
{
    const QuillMessage *message = turn->message;
    const Catalog *catalog = engine_catalog(turn->engine);
    bool must = message->is_answer || message->interrupt_id.len > 0;
    const Json *pending = NULL;
    Str id = pending_id(turn->arena, turn->thread.pending);
    turn->answers = turn->was_answered = false;
    if (id.len == 0 || (message->interrupt_id.len > 0 && !str_eq(id, message->interrupt_id)))
        return !must || refuse_answer(turn, err);
    if (!json_parse(turn->arena, turn->thread.pending, PENDING_DEPTH, &pending, err))
        return false;
    turn->was_answered = author_choose(turn->arena, catalog, pending, message->content, &turn->step);
    turn->answers = must || turn->was_answered;
    return true;
}

/* A whole draft is taken or refused: whoever puts one waits for no question. */
static bool take_draft(Turn *turn, Error *err)
{
    const QuillMessage *message = turn->message;
    turn->answers = turn->was_answered = false;
    author_weigh(turn->arena, engine_catalog(turn->engine), message->content, message->spelling,
                 S("The draft was put in place of the one before."), &turn->step);
    if (turn->step.move != AUTHOR_ASKS)
        return true;
    const Diagnostics *all = turn->step.diagnostics;
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == SEVERITY_ERROR)
            return error_set(err, FAILED_PRECONDITION, "content",
                             "nothing was saved; line %u: %.*s%s%.*s%s. Send it as a message to be asked about it",
                             all->items[i].line, STR_ARG(str_clip(all->items[i].message, 200)),
                             all->items[i].hint.len > 0 ? " (" : "", STR_ARG(str_clip(all->items[i].hint, 100)),
                             all->items[i].hint.len > 0 ? ")" : "");
    }
    return error_set(err, FAILED_PRECONDITION, "content", "nothing was saved: the draft has problems");
}

static const Str no_model = S_INIT(
    "No model is configured, so a description is not turned into sentences. Write sentences of the language, for "
    "example: output 2 as \"two\"\n\n");

static bool read_task(Turn *turn, StoreReader *reader, PromptTask *out, Error *err)
{
    Tx *tx;
    Recall recall;
    const QuillMessage *message = turn->message;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = recall_read(tx, turn->arena, turn->scope, &turn->thread, message->documents, message->may_read_files,
                          &recall, err);
    tx_end(tx);
    if (!ok)
        return false;
    *out = (PromptTask){.draft = turn->draft.english,
                        .description = message->content,
                        .said = recall.said,
                        .files = recall_files_text(engine_store(turn->engine), turn->arena, &recall)};
    return true;
}

/* What cannot be read may be a description: a place with the scribe, or a word that nobody takes descriptions. */
static bool take_description(Turn *turn, StoreReader *reader, Error *err)
{
    PromptTask task;
    if (turn->step.move != AUTHOR_ASKS || !turn->step.described || turn->answers)
        return true;
    if (!turn->scribe) {
        turn->step.say = str_printf(turn->arena, "%.*s%.*s", STR_ARG(no_model), STR_ARG(turn->step.say));
        return true;
    }
    if (!read_task(turn, reader, &task, err))
        return false;
    turn->description = scribe_reserve(turn->scribe, &turn->thread, &task, err);
    return turn->description != NULL;
}

static bool read_message(Turn *turn, Error *err)
{
    const Catalog *catalog = engine_catalog(turn->engine);
    if (turn->message->is_draft ? !take_draft(turn, err) : !take_answer(turn, err))
        return false;
    if (!turn->message->is_draft && !turn->answers)
        author_read(turn->arena, catalog, turn->draft.english, turn->message->content, &turn->step);
    bool spy = turn->step.spelling == SPELLING_SPY;
    turn->edit = (AutomationEdit){.etag = turn->automation.etag};
    if (turn->step.move == AUTHOR_NAMES) {
        turn->edit.has_display_name = true;
        turn->edit.display_name = turn->step.title;
    } else if (turn->step.move == AUTHOR_SAVES) {
        turn->edit.has_english = !spy;
        turn->edit.has_code = spy;
        turn->edit.english = spy ? (Str){0} : turn->step.text;
        turn->edit.code = spy ? turn->step.text : (Str){0};
    }
    return automation_prepare(turn->engine, turn->arena, &turn->edit, &turn->draft, err);
}

static bool turn_read(Turn *turn, StoreReader *reader, Error *err)
{
    Tx *tx;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = read_state(tx, turn, err);
    tx_end(tx);
    return ok && check_idle(&turn->thread, clock_now_us(), err) && read_message(turn, err);
}

/* One try; false with ABORTED when others were quicker. */
static bool turn_try(Turn *turn, StoreReader *reader, Error *err)
{
    turn->description = NULL;
    if (!turn_read(turn, reader, err) || !take_description(turn, reader, err))
        return false;
    if (!store_execute(engine_store(turn->engine), &turn->command, err)) {
        scribe_release(turn->description);
        return false;
    }
    turn->out->goes_on = turn->description != NULL;
    if (turn->description)
        scribe_begin(turn->description, turn->thread.generating_until_us);
    return true;
}

bool quill_receive(Engine *engine, Scribe *scribe, StoreReader *reader, Arena *arena, const Scope *scope,
                   const QuillMessage *message, QuillTurn *out, Error *err)
{
    if (str_trim(message->content).len == 0 && !message->is_draft)
        return error_set(err, INVALID_ARGUMENT, "content",
                         "the message is empty; write sentences, or how to change them");
    *out = (QuillTurn){.events = NEW_ARRAY(arena, ThreadEvent, EVENTS_MAX)};
    Turn turn = {.command.apply = turn_write,
                 .engine = engine,
                 .scribe = scribe,
                 .arena = arena,
                 .scope = scope,
                 .message = message,
                 .out = out};
    for (int i = 0; i < TRIES; i++) {
        if (turn_try(&turn, reader, err))
            return true;
        if (err->code != ABORTED)
            return false;
    }
    return error_set(err, UNAVAILABLE, "", "the draft is being changed by others too; say it again in a moment");
}

/* ---- a thread's beginning and end ---- */

bool quill_begin(Tx *tx, Arena *arena, const Scope *scope, Str automation_id, Str agent_id, Str title, Str user_id,
                 AuthoringThread *out, Error *err)
{
    Automation automation;
    Id id = id_new();
    if (!store_automation_get(tx, arena, scope, automation_id, false, &automation, err))
        return false;
    *out = (AuthoringThread){
        .scope = *scope,
        .automation = automation.key,
        .automation_id = automation.id,
        .id = str_copy(arena, id_str(&id)),
        .agent_id = agent_id,
        .title = title,
        .user_id = user_id,
    };
    return store_authoring_insert(tx, out, err);
}

bool quill_stop(Tx *tx, Arena *arena, Engine *engine, Scribe *scribe, AuthoringThread *thread, Error *err)
{
    if (thread->pending.len == 0 && thread->generating_until_us == 0)
        return true;
    ThreadEvent event = {
        .thread = thread->key,
        .agent_id = thread->agent_id,
        .kind = THREAD_COMPLETION_RESPONSE,
        .payload = thread_payload(arena, THREAD_COMPLETION_RESPONSE, S("Stopped. The draft is as it was."), (Str){0}),
    };
    thread->pending = (Str){0};
    thread->generating_until_us = 0;
    thread->update_us = tx_now_us(tx);
    engine_tell_changed(tx, engine, -thread->key);
    if (scribe)
        tx_after_commit(tx, scribe_drop, scribe, thread->key);
    return thread_put(tx, arena, &event, err) && store_authoring_update(tx, thread, err);
}
