/* agents/quill.c: the authoring agent. */
#include "agents/quill.h"

#include "agents/author.h"
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

/* Clients read the echo from either member. */
static Str user_payload(Arena *arena, const QuillMessage *message)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("user"), str_printf(arena, "users/%.*s", STR_ARG(message->user_id)));
    json_member_str(&out, S("content"), message->content);
    json_key(&out, S("content_list"));
    json_open_object(&out);
    json_key(&out, S("items"));
    json_open_array(&out);
    json_open_object(&out);
    json_member_str(&out, S("text"), message->content);
    json_close_object(&out);
    json_close_array(&out);
    json_close_object(&out);
    json_close_object(&out);
    return buf_view(&payload);
}

static void diagnostics_member(JsonOut *out, const Diagnostics *diagnostics)
{
    json_key(out, S("diagnostics"));
    json_open_array(out);
    for (uint32_t i = 0; diagnostics && i < diagnostics->count; i++)
        diagnostic_to_json(out, &diagnostics->items[i]);
    json_close_array(out);
}

/* Both spellings as JSON within a string, which is how clients read it. */
static Str artifact_payload(Arena *arena, const Revision *revision)
{
    Buf content = buf_in(arena), payload = buf_in(arena);
    JsonOut inner = json_out(&content), out = json_out(&payload);
    json_open_object(&inner);
    json_member_str(&inner, S("english_code"), revision->english);
    json_member_str(&inner, S("code"), revision->code);
    json_member_str(&inner, S("version"), version_text(arena, revision->version));
    json_member_str(&inner, S("display_name"), revision->display_name);
    json_key(&inner, S("valid"));
    json_bool(&inner, revision->valid);
    json_close_object(&inner);
    json_open_object(&out);
    json_member_str(&out, S("artifact_type"), S("automation"));
    json_member_str(&out, S("content"), buf_view(&content));
    json_close_object(&out);
    return buf_view(&payload);
}

static Str interrupt_payload(Arena *arena, const AuthorStep *step, Str id)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("interrupt_id"), id);
    json_member_str(&out, S("content"), step->say);
    json_key(&out, S("questions"));
    json_open_array(&out);
    json_open_object(&out);
    json_member_str(&out, S("id"), S("draft"));
    json_member_str(&out, S("header"), S("Draft"));
    json_member_str(&out, S("question"), step->say);
    json_key(&out, S("options"));
    json_open_array(&out);
    for (uint32_t i = 0; i < step->n_options; i++) {
        json_open_object(&out);
        json_member_str(&out, S("label"), step->options[i].label);
        json_member_str(&out, S("description"), step->options[i].description);
        json_close_object(&out);
    }
    json_close_array(&out);
    json_key(&out, S("multi_select"));
    json_bool(&out, false);
    json_close_object(&out);
    json_close_array(&out);
    diagnostics_member(&out, step->diagnostics);
    json_close_object(&out);
    return buf_view(&payload);
}

static Str answer_payload(Arena *arena, Str interrupt_id, Str answer)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("interrupt_id"), interrupt_id);
    json_member_str(&out, S("content"), answer);
    json_close_object(&out);
    return buf_view(&payload);
}

/* ---- writing a turn down ---- */

static bool complete(Tx *tx, Turn *turn, Str text, const Revision *shown, Error *err)
{
    return say(tx, turn, THREAD_AGENT_MESSAGE, text, err) &&
           (!shown || put(tx, turn, THREAD_ARTIFACT, artifact_payload(turn->arena, shown), err)) &&
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
           put(tx, turn, THREAD_INTERRUPT, interrupt_payload(turn->arena, &turn->step, interrupt_id), err);
}

static bool carry_out(Tx *tx, Turn *turn, Error *err)
{
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
               answer_payload(turn->arena, id, turn->answers ? turn->message->content : (Str){0}), err);
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
    turn->thread = now;
    if (!put(tx, turn, THREAD_USER_MESSAGE, user_payload(turn->arena, turn->message), err) ||
        !settle_question(tx, turn, err) || !carry_out(tx, turn, err))
        return false;
    turn->thread.update_us = tx_now_us(tx);
    tx_after_commit(tx, engine_changed, turn->engine, -turn->thread.key);
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

static bool read_message(Turn *turn, Error *err)
{
    const Catalog *catalog = engine_catalog(turn->engine);
    if (!take_answer(turn, err))
        return false;
    if (!turn->answers)
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
    return ok && read_message(turn, err);
}

bool quill_receive(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope, const QuillMessage *message,
                   QuillTurn *out, Error *err)
{
    if (str_trim(message->content).len == 0)
        return error_set(err, INVALID_ARGUMENT, "content",
                         "the message is empty; write sentences, or how to change them");
    *out = (QuillTurn){.events = NEW_ARRAY(arena, ThreadEvent, EVENTS_MAX)};
    Turn turn = {
        .command.apply = turn_write, .engine = engine, .arena = arena, .scope = scope, .message = message, .out = out};
    bool ok = false;
    for (int i = 0; i < TRIES && !ok; i++) {
        if (!turn_read(&turn, reader, err))
            return false;
        ok = store_execute(engine_store(engine), &turn.command, err);
        if (!ok && err->code != ABORTED)
            return false;
    }
    return ok || error_set(err, UNAVAILABLE, "", "the draft is being changed by others too; say it again in a moment");
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

bool quill_stop(Tx *tx, Arena *arena, Engine *engine, AuthoringThread *thread, Error *err)
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
    tx_after_commit(tx, engine_changed, engine, -thread->key);
    return thread_put(tx, arena, &event, err) && store_authoring_update(tx, thread, err);
}
