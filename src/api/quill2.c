/* api/quill2.c: the second form in which clients write with the author: input, flat events, server-sent events. What
 * only means something with a model behind it is refused with the reason. */
#include "agents/quill.h"
#include "api/event_stream.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/thread.h"
#include "api/thread_upload.h"

/* A thread is read whole by its clients; no person writes so much. */
#define EVENTS_MOST 10000

static bool second_thread(ApiRequest *request, AuthoringThread *out, Error *err)
{
    if (!thread_of_path(request, out, err))
        return false;
    return str_eq(out->agent_id, S("quill2")) ||
           error_set(err, NOT_FOUND, "", "quill's threads are spoken to by :sendMessage; this is quill2's form");
}

/* ---- events ---- */

static Str content_of(Arena *arena, Str payload)
{
    const Json *json;
    Error ignored;
    return json_parse(arena, payload, 32, &json, &ignored) ? json_text(json_get(json, S("content"))) : (Str){0};
}

static void failure_to_json(JsonOut *out, const Json *payload)
{
    const Json *retryable = json_get(payload, S("retryable"));
    json_key(out, S("generation_failed"));
    json_open_object(out);
    json_member_str(out, S("message"), json_text(json_get(payload, S("content"))));
    json_member_str(out, S("kind"), json_text(json_get(payload, S("error"))));
    json_key(out, S("retryable"));
    json_bool(out, json_is(retryable, JSON_BOOL) && retryable->boolean);
    json_close_object(out);
}

static void end_to_json(JsonOut *out, Arena *arena, Str payload)
{
    const Json *json;
    Error ignored;
    if (json_parse(arena, payload, 32, &json, &ignored) && json_get(json, S("error"))) {
        failure_to_json(out, json);
        return;
    }
    json_key(out, S("generation_complete"));
    json_raw(out, S("{}"));
}

/* False where this form has nothing for it: artifacts are asked for by themselves. */
static bool event_to_json(JsonOut *out, Arena *arena, const ThreadEvent *event)
{
    static const Str texts[] = {[THREAD_USER_MESSAGE] = S_INIT("input_text"),
                                [THREAD_AGENT_MESSAGE] = S_INIT("output_text"),
                                [THREAD_PROGRESS_NOTIFICATION] = S_INIT("reasoning_text")};
    static const Str objects[] = {
        [THREAD_INTERRUPT] = S_INIT("interrupt"), [THREAD_INTERRUPT_ANSWER] = S_INIT("interrupt_answer")};
    bool text = (size_t)event->kind < COUNT_OF(texts) && texts[event->kind].len > 0;
    bool object = (size_t)event->kind < COUNT_OF(objects) && objects[event->kind].len > 0;
    if (!text && !object && event->kind != THREAD_COMPLETION_RESPONSE)
        return false;
    json_open_object(out);
    json_member_str(out, S("id"), event->id);
    if (text) {
        json_member_str(out, texts[event->kind], content_of(arena, event->payload));
    } else if (object) {
        json_key(out, objects[event->kind]);
        json_raw(out, event->payload);
    } else {
        end_to_json(out, arena, event->payload);
    }
    json_close_object(out);
    return true;
}

static bool list_events(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    ThreadEvent *events;
    int n;
    if (!second_thread(request, &thread, err) ||
        !store_authoring_follow(request->tx, request->arena, thread.key, 0, EVENTS_MOST, &events, &n, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("events"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        (void)event_to_json(&request->json, request->arena, &events[i]);
    json_close_array(&request->json);
    json_close_object(&request->json);
    return true;
}

static bool read_more(const EventStream *stream, Tx *tx, Arena *arena, int limit, ThreadEvent **out, int *out_n,
                      Error *err)
{
    return store_authoring_follow(tx, arena, -stream->watched, stream->last, limit, out, out_n, err);
}

static void write_event(EventStream *stream, Buf *out, const ThreadEvent *event)
{
    ApiRequest *request = stream->request;
    Buf data = buf_in(&stream->arena);
    JsonOut json = json_out(&data);
    if (!event_to_json(&json, &stream->arena, event))
        return;
    api_check_answer(request->api, request->operation, SCHEMA_QUILL2_EVENT, buf_view(&data));
    event_stream_put(stream, out, event->id, buf_view(&data));
}

/* A Last-Event-ID that is not of this thread begins at the beginning: repeating is harmless, leaving out is not. */
static bool stream_events(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    ThreadEvent last = {0};
    Error unknown;
    Str id = event_stream_resumed_behind(request);
    if (!second_thread(request, &thread, err))
        return false;
    if (id.len > 0 && !store_authoring_event(request->tx, request->arena, thread.key, id, &last, &unknown))
        last.key = 0;
    EventStream *stream = NEW(request->arena, EventStream);
    *stream = (EventStream){
        .read = read_more, .write = write_event, .watched = -thread.key, .last = last.key, .sent_events = true};
    event_stream_begin(request, stream);
    return true;
}

/* ---- input ---- */

/* The choices of an interrupt reply, as an answer: there is one question at a time. */
static Str selected_of(const Json *reply)
{
    const Json *answers = json_get(reply, S("answers"));
    const Json *selected = answers && answers->count > 0 ? json_get(&answers->items[0], S("selected")) : NULL;
    return selected && selected->count > 0 ? json_text(&selected->items[0]) : (Str){0};
}

static bool prepare_input(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    const Json *said = json_get(request->body, S("message")), *reply = json_get(request->body, S("interrupt_reply"));
    QuillMessage *message = NEW(request->arena, QuillMessage);
    request->state = message;
    if (!check_may_edit(request, err) || !second_thread(request, &thread, err))
        return false;
    if (!said && !reply)
        return error_set(err, FAILED_PRECONDITION, "tool_approval_reply",
                         "no tool waits for approval: the author calls none");
    Str documents;
    if (!thread_documents(request, &thread, said, &documents, err))
        return false;
    *message = (QuillMessage){
        .automation = thread.automation,
        .agent_id = thread.agent_id,
        .thread_id = thread.id,
        .content = said ? json_text(json_get(said, S("content"))) : selected_of(reply),
        .interrupt_id = json_text(json_get(reply, S("interrupt_id"))),
        .is_answer = reply != NULL,
        .documents = documents,
        .may_read_files = api_may(request, S("read:File")),
        .user_id = request->principal->user_id,
    };
    return true;
}

static bool input(ApiRequest *request, Error *err)
{
    QuillTurn turn;
    if (!quill_receive(api_engine(request->api), api_scribe(request->api), request->reader, request->arena,
                       &request->scope, request->state, &turn, err))
        return false;
    json_raw(&request->json, S("{\"ok\":true}"));
    return true;
}

/* ---- the rest ---- */

/* Another thread about the same automation: the draft is the automation's, so there is only one to go on from. */
static bool fork_thread(ApiRequest *request, Error *err)
{
    AuthoringThread thread, made;
    if (!check_may_edit(request, err) || !second_thread(request, &thread, err) ||
        !quill_begin(request->tx, request->arena, &request->scope, thread.automation_id, thread.agent_id, thread.title,
                     request->principal->user_id, &made, err))
        return false;
    thread_to_json(request, &made);
    return true;
}

static bool refuse(ApiRequest *request, Error *err)
{
    static const struct {
        uint16_t operation;
        const char *why;
    } reasons[] = {
        {OP_WAKE_THREAD, "nothing sleeps here: a turn of the author is under way or over"},
        {OP_COMPACT_THREAD,
         "there is nothing to compact: the author reads the draft and no more than the newest messages"},
        {OP_GET_THREAD_CONTEXT, "the author keeps no context beside the draft; read the automation instead"},
        {OP_GIVE_THREAD_FEEDBACK, "the author is no model and learns nothing from feedback; say what is to be changed"},
        {OP_SEND_TOOL_RESULT, "no tool waits for a result: the author calls none"},
    };
    AuthoringThread thread;
    if (!second_thread(request, &thread, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        if (reasons[i].operation == request->operation->canonical)
            return error_set(err, FAILED_PRECONDITION, "", "%s", reasons[i].why);
    }
    return error_set(err, INTERNAL, "", "nobody knows why this is refused");
}

const Handler quill2_handlers[] = {
    {OP_SEND_THREAD_INPUT, ON_POOL, input, prepare_input, .precondition_status = 412},
    {OP_LIST_THREAD_EVENTS, ON_READER, list_events},
    {OP_STREAM_THREAD_EVENTS, BY_ITSELF, stream_events},
    {OP_FORK_THREAD, ON_WRITER, fork_thread},
    {OP_WAKE_THREAD, ON_LOOP, refuse, .precondition_status = 412},
    {OP_COMPACT_THREAD, ON_LOOP, refuse, .precondition_status = 412},
    {OP_GET_THREAD_CONTEXT, ON_LOOP, refuse, .precondition_status = 412},
    {OP_GIVE_THREAD_FEEDBACK, ON_LOOP, refuse, .precondition_status = 412},
    {OP_SEND_TOOL_RESULT, ON_LOOP, refuse, .precondition_status = 412},
    HANDLERS_END,
};
