/* api/agent_event.c: the conversation about a run: what people and the agent said, and streams that follow it. */
#include "api/agent_event.h"

#include "agents/astral.h"
#include "aip/name.h"
#include "api/check.h"
#include "api/event_stream.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/list.h"
#include "api/name.h"
#include "api/run.h"

/* ---- as JSON ---- */

static const Str members[] = {
    [THREAD_PROGRESS_NOTIFICATION] = S_INIT("progress_notification"),
    [THREAD_ARTIFACT] = S_INIT("artifact"),
    [THREAD_INTERRUPT] = S_INIT("thread_interrupt"),
    [THREAD_INTERRUPT_ANSWER] = S_INIT("interrupt_answer"),
    [THREAD_UPLOAD] = S_INIT("upload"),
    [THREAD_FEEDBACK] = S_INIT("feedback"),
    [THREAD_USER_MESSAGE] = S_INIT("user_message"),
    [THREAD_AGENT_MESSAGE] = S_INIT("agent_message"),
    [THREAD_TOOL_CALL_REQUEST] = S_INIT("tool_call_request"),
    [THREAD_TOOL_CALL_RESULT] = S_INIT("tool_call_result"),
    [THREAD_THINKING] = S_INIT("thinking"),
    [THREAD_SYSTEM_MESSAGE] = S_INIT("system_message"),
    [THREAD_COMPLETION_RESPONSE] = S_INIT("completion_response"),
};

Str agent_event_member(ThreadEventKind kind)
{
    return members[kind];
}

/* A thread's place: the names of its events begin with it. */
typedef struct Thread {
    const Scope *scope;
    Str run; /* the run's full name */
    Str agent;
} Thread;

/* Paths that name no agent mean the one that answers. */
static Str agent_of(const ApiRequest *request)
{
    return request->path[PATH_AGENT].len > 0 ? request->path[PATH_AGENT] : S("astral");
}

/* The run whose thread the path names; one agent alone answers for runs. */
static bool thread_run_of_path(ApiRequest *request, RunRow *out, Error *err)
{
    Str agent = agent_of(request);
    if (!run_of_path(request, out, err))
        return false;
    return str_eq(agent, S("astral")) ||
           error_set(err, NOT_FOUND, "", "runs have no agent \"%.*s\"; their questions are astral's",
                     STR_ARG(str_clip(agent, 60)));
}

static Thread thread_of(ApiRequest *request, const RunRow *run)
{
    return (Thread){
        .scope = &request->scope,
        .run = name_run(request->arena, &request->scope, run->automation_id, run->id),
        .agent = agent_of(request),
    };
}

static void event_to_json(JsonOut *out, Arena *arena, const Thread *thread, const ThreadEvent *event)
{
    Str member = members[event->kind];
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(arena, "%.*s/agents/%.*s/events/%.*s", STR_ARG(thread->run), STR_ARG(thread->agent),
                               STR_ARG(event->id)));
    json_member_str(out, S("type"), member);
    json_member_str(out, S("state"), contract_enum_text(ENUM_AGENT_EVENT_STATE, WIRE_AGENT_EVENT_STATE_COMPLETE));
    json_member_time_us(out, S("create_time"), event->create_us);
    json_member_time_us(out, S("update_time"), event->update_us);
    if (event->exception_id.len > 0)
        json_member_str(out, S("exception"),
                        name_in_workspace(arena, thread->scope, S("exceptions"), event->exception_id));
    json_key(out, member);
    json_raw(out, event->payload.len > 0 ? event->payload : S("{}"));
    json_close_object(out);
}

/* ---- reading ---- */

static bool get_event(ApiRequest *request, Error *err)
{
    RunRow run;
    ThreadEvent event;
    if (!thread_run_of_path(request, &run, err) ||
        !store_thread_get(request->tx, request->arena, run.key, request->path[PATH_AGENT], request->path[PATH_EVENT],
                          &event, err))
        return false;
    Thread thread = thread_of(request, &run);
    event_to_json(&request->json, request->arena, &thread, &event);
    return true;
}

/* `exception_id` "" is none; another run's is as good as not there. */
static bool exception_is_of_run(ApiRequest *request, const RunRow *run, Str exception_id, Error *err)
{
    ExceptionRow exception;
    if (exception_id.len == 0)
        return true;
    if (!store_exception_get(request->tx, request->arena, &request->scope, exception_id, &exception, err))
        return false;
    return exception.run == run->key || error_set(err, NOT_FOUND, "", "the run \"%.*s\" has no exception \"%.*s\"",
                                                  STR_ARG(run->id), STR_ARG(exception.id));
}

static bool list_events(ApiRequest *request, Error *err)
{
    ApiList list;
    RunRow run;
    ThreadEvent *events;
    int n;
    if (!list_begin(request, &list, err) || !thread_run_of_path(request, &run, err) ||
        !exception_is_of_run(request, &run, request->path[PATH_EXCEPTION], err))
        return false;
    list.query.want_total = true;
    if (!store_thread_list(request->tx, request->arena, run.key, agent_of(request), &list.query, &events, &n, &list.end,
                           err))
        return false;
    Thread thread = thread_of(request, &run);
    json_open_object(&request->json);
    json_key(&request->json, S("events"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        event_to_json(&request->json, request->arena, &thread, &events[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- saying something ---- */

Str agent_event_content(Arena *arena, const Json *message)
{
    const Json *plain = json_get(message, S("content"));
    const Json *items = json_get(json_get(message, S("content_list")), S("items"));
    if (plain)
        return plain->text;
    Buf text = buf_in(arena);
    for (uint32_t i = 0; items && i < items->count; i++) {
        const Json *file = json_get(&items->items[i], S("file"));
        Str line = file ? json_text(json_get(file, S("remote"))) : json_text(json_get(&items->items[i], S("text")));
        buf_printf(&text, "%s%.*s", text.len ? "\n" : "", STR_ARG(line));
    }
    return buf_view(&text);
}

typedef struct Saying {
    Remark remark;
    Thread thread;
} Saying;

static bool prepare_saying(ApiRequest *request, Str content, Str exception_id, Error *err)
{
    RunRow run;
    Saying *saying = NEW(request->arena, Saying);
    request->state = saying;
    if (!thread_run_of_path(request, &run, err) || !exception_is_of_run(request, &run, exception_id, err))
        return false;
    saying->thread = thread_of(request, &run);
    saying->remark = (Remark){
        .automation = run.automation,
        .run_id = run.id,
        .agent_id = saying->thread.agent,
        .exception_id = exception_id,
        .content = content,
        .user_id = str_printf(request->arena, "users/%.*s", STR_ARG(request->principal->user_id)),
        .may_approve = api_may(request, S("approve:GuideEntry")),
    };
    return true;
}

static bool prepare_create(ApiRequest *request, Error *err)
{
    const Json *message = json_get(request->body, S("user_message"));
    if (!message)
        return error_set(err, INVALID_ARGUMENT, "user_message",
                         "only people speak here; the other members are made by the server");
    return prepare_saying(request, agent_event_content(request->arena, message),
                          name_leaf(json_text(json_get(request->body, S("exception")))), err);
}

static bool prepare_send(ApiRequest *request, Error *err)
{
    const Json *message = json_get(json_get(request->body, S("user_message")), S("user_message"));
    return prepare_saying(request, agent_event_content(request->arena, message), (Str){0}, err);
}

static bool prepare_reply(ApiRequest *request, Error *err)
{
    return prepare_saying(request, json_text(json_get(request->body, S("message"))),
                          name_leaf(json_text(json_get(request->body, S("exception_id")))), err);
}

static bool create_event(ApiRequest *request, Error *err)
{
    ThreadEvent event;
    Saying *saying = request->state;
    if (!astral_receive(api_engine(request->api), request->reader, request->arena, &request->scope, &saying->remark,
                        &event, err))
        return false;
    event_to_json(&request->json, request->arena, &saying->thread, &event);
    return true;
}

/* A turn is over when its message is stored, so there is never a generation to end; the run must be there, though. */
static bool cancel_generation(ApiRequest *request, Error *err)
{
    RunRow run;
    if (!thread_run_of_path(request, &run, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

/* ---- following ---- */

typedef struct RunStream {
    EventStream stream;
    Thread thread;
} RunStream;

static bool read_more(const EventStream *stream, Tx *tx, Arena *arena, int limit, ThreadEvent **out, int *out_n,
                      Error *err)
{
    const RunStream *run = stream->self;
    return store_thread_follow(tx, arena, stream->watched, run->thread.agent, stream->last, limit, out, out_n, err);
}

static void write_event(EventStream *stream, Buf *out, const ThreadEvent *event)
{
    const RunStream *run = stream->self;
    ApiRequest *request = stream->request;
    Buf data = buf_in(&stream->arena);
    JsonOut json = json_out(&data);
    event_to_json(&json, &stream->arena, &run->thread, event);
    api_check_answer(request->api, request->operation, (SchemaId)request->operation->response, buf_view(&data));
    event_stream_put(stream, out, event->id, buf_view(&data));
}

/* A Last-Event-ID that is not of this thread begins at the beginning: repeating is harmless, leaving out is not. */
static bool stream_events(ApiRequest *request, Error *err)
{
    RunRow run;
    ThreadEvent last = {0};
    Error unknown;
    Str id = event_stream_resumed_behind(request);
    if (!thread_run_of_path(request, &run, err))
        return false;
    if (id.len > 0 && !store_thread_get(request->tx, request->arena, run.key, agent_of(request), id, &last, &unknown))
        last.key = 0;
    RunStream *stream = NEW(request->arena, RunStream);
    *stream = (RunStream){
        .stream = {.read = read_more,
                   .write = write_event,
                   .self = stream,
                   .watched = run.key,
                   .last = last.key,
                   .sent_events = event_stream_asked_sent_events(request)},
        .thread = thread_of(request, &run),
    };
    event_stream_begin(request, &stream->stream);
    return true;
}

const Handler agent_event_handlers[] = {
    {OP_GET_AGENT_EVENT, ON_LOOP, get_event},
    {OP_LIST_AGENT_EVENTS, ON_READER, list_events},
    {OP_CREATE_AGENT_EVENT, ON_POOL, create_event, prepare_create},
    {OP_CANCEL_AGENT_GENERATION, ON_LOOP, cancel_generation},
    {OP_STREAM_AGENT_EVENTS, BY_ITSELF, stream_events},
    {OP_LIST_EXCEPTION_EVENTS, ON_READER, list_events},
    {OP_SEND_GUIDANCE_MESSAGE, ON_POOL, create_event, prepare_send},
    {OP_REPLY_TO_EXCEPTION, ON_POOL, create_event, prepare_reply},
    HANDLERS_END,
};
