/* api/thread.c: threads in which automations are written: quill's form of them, and what both forms share. */
#include "api/thread.h"

#include "agents/quill.h"
#include "aip/name.h"
#include "api/agent_event.h"
#include "api/automation.h"
#include "api/check.h"
#include "api/event_stream.h"
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/internal.h"
#include "api/list.h"
#include "api/name.h"
#include "base/clock.h"
#include "http/response.h"

/* What is read of a turn for one answer. */
#define TURN_EVENTS 1000
/* When a turn that is followed is first looked at for being overdue. */
#define OVERDUE_FIRST_MS 1000

/* ---- which thread ---- */

/* quill2's threads are only found under their automation: its clients take the refusal for a sign. */
static bool check_agent(ApiRequest *request, Error *err)
{
    Str agent = request->path[PATH_AGENT];
    bool second = str_eq(agent, S("quill2"));
    if (!second && !str_eq(agent, S("quill")))
        return error_set(err, NOT_FOUND, "", "there is no authoring agent \"%.*s\"; there are quill and quill2",
                         STR_ARG(str_clip(agent, 40)));
    if (second && str_eq(request->path[PATH_AUTOMATION], S("-")))
        return error_set(
            err, PERMISSION_DENIED, "",
            "threads of quill2 stand under their automation: …/automations/{automation}/agents/quill2/threads");
    return true;
}

bool thread_of_path(ApiRequest *request, AuthoringThread *out, Error *err)
{
    int64_t automation;
    return check_agent(request, err) && automation_of_path(request, &automation, err) &&
           store_authoring_get(request->tx, request->arena, &request->scope, automation, request->path[PATH_AGENT],
                               request->path[PATH_THREAD], out, err);
}

bool check_may_edit(const ApiRequest *request, Error *err)
{
    return api_may(request, S("update:Automation")) ||
           error_set(err, PERMISSION_DENIED, "",
                     "what is said here changes the automation: that needs the permission update:Automation too");
}

/* ---- as JSON ---- */

static Str thread_name(ApiRequest *request, const AuthoringThread *thread)
{
    Str agent = str_printf(request->arena, "agents/%.*s/threads", STR_ARG(thread->agent_id));
    return name_in_automation(request->arena, &request->scope, thread->automation_id, agent, thread->id);
}

static unsigned state_of(const AuthoringThread *thread)
{
    if (thread->generating_until_us > clock_now_us())
        return WIRE_THREAD_STATE_GENERATING;
    return thread->pending.len > 0 ? WIRE_THREAD_STATE_AWAITING_ANSWER : WIRE_THREAD_STATE_IDLE;
}

void thread_to_json(ApiRequest *request, const AuthoringThread *thread)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"), thread_name(request, thread));
    json_member_str(out, S("thread_id"), thread->id);
    json_member_str(out, S("automation"), name_automation(request->arena, &request->scope, thread->automation_id));
    json_member_str(out, S("title"), thread->title);
    json_member_str(out, S("user"), str_printf(request->arena, "users/%.*s", STR_ARG(thread->user_id)));
    json_member_str(out, S("state"), contract_enum_text(ENUM_THREAD_STATE, state_of(thread)));
    json_key(out, S("variables"));
    json_raw(out, S("{}"));
    json_member_time_us(out, S("create_time"), thread->create_us);
    json_member_time_us(out, S("update_time"), thread->update_us);
    json_close_object(out);
}

static void message_to_json(JsonOut *out, Arena *arena, Str thread, const ThreadEvent *event)
{
    Str member = agent_event_member(event->kind);
    json_open_object(out);
    json_member_str(out, S("name"), str_printf(arena, "%.*s/messages/%.*s", STR_ARG(thread), STR_ARG(event->id)));
    json_member_str(out, S("type"), member);
    json_member_str(out, S("state"), contract_enum_text(ENUM_AGENT_EVENT_STATE, WIRE_AGENT_EVENT_STATE_COMPLETE));
    json_member_time_us(out, S("create_time"), event->create_us);
    json_key(out, member);
    json_raw(out, event->payload);
    json_close_object(out);
}

/* ---- threads ---- */

static bool get_thread(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    if (!thread_of_path(request, &thread, err))
        return false;
    thread_to_json(request, &thread);
    return true;
}

static bool list_threads(ApiRequest *request, Error *err)
{
    ApiList list;
    AuthoringThread *threads;
    int64_t automation;
    int n;
    if (!list_begin(request, &list, err) || !check_agent(request, err) ||
        !automation_of_path(request, &automation, err) ||
        !store_authoring_list(request->tx, request->arena, &request->scope, automation, request->path[PATH_AGENT],
                              &list.query, &threads, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("threads"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        thread_to_json(request, &threads[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* The automation stands in the path, or in the body, by its id or its full name; both must be the same. */
static bool automation_of_body(const ApiRequest *request, Str *out, Error *err)
{
    Str path = request->path[PATH_AUTOMATION], said = json_text(json_get(request->body, S("automation")));
    bool any = str_eq(path, S("-"));
    if (any && said.len == 0)
        return error_set(err, INVALID_ARGUMENT, "automation",
                         "say which automation the thread is about, by its full name");
    if (!any && said.len > 0 && !str_eq(name_leaf(said), path))
        return error_set(err, INVALID_ARGUMENT, "automation", "the path names another automation");
    *out = any ? name_leaf(said) : path;
    return true;
}

static bool create_thread(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    Str automation;
    if (!check_agent(request, err) || !check_may_edit(request, err))
        return false;
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    if (!automation_of_body(request, &automation, err) ||
        !quill_begin(request->tx, request->arena, &request->scope, automation, request->path[PATH_AGENT],
                     str_trim(json_text(json_get(request->body, S("title")))), request->principal->user_id, &thread,
                     err))
        return false;
    thread_to_json(request, &thread);
    return idempotent_end(request, err);
}

static bool stop_thread(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    if (!check_may_edit(request, err) || !thread_of_path(request, &thread, err) ||
        !quill_stop(request->tx, request->arena, api_engine(request->api), api_scribe(request->api), &thread, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

/* ---- messages ---- */

static bool get_message(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    ThreadEvent event;
    if (!thread_of_path(request, &thread, err) ||
        !store_authoring_event(request->tx, request->arena, thread.key, request->path[PATH_MESSAGE], &event, err))
        return false;
    message_to_json(&request->json, request->arena, thread_name(request, &thread), &event);
    return true;
}

static bool list_messages(ApiRequest *request, Error *err)
{
    ApiList list;
    AuthoringThread thread;
    ThreadEvent *events;
    int n;
    if (!list_begin(request, &list, err) || !thread_of_path(request, &thread, err))
        return false;
    list.query.want_total = true;
    if (!store_authoring_events(request->tx, request->arena, thread.key, &list.query, &events, &n, &list.end, err))
        return false;
    Str name = thread_name(request, &thread);
    json_open_object(&request->json);
    json_key(&request->json, S("messages"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        message_to_json(&request->json, request->arena, name, &events[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- a turn, as a sequence of objects ---- */

/* Some clients find the end of an object by counting braces, also within strings: there they are written as escapes. */
static void put_line(Buf *out, Str json)
{
    bool within = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.data[i];
        if (c == '"')
            within = !within;
        if (within && c == '\\' && i + 1 < json.len) {
            buf_char(out, c);
            c = json.data[++i];
        } else if (within && (c == '{' || c == '}')) {
            buf_str(out, c == '{' ? S("\\u007b") : S("\\u007d"));
            continue;
        }
        buf_char(out, c);
    }
    buf_char(out, '\n');
}

static void turn_to_lines(ApiRequest *request, const AuthoringThread *thread, const ThreadEvent *events, int n)
{
    Str name = thread_name(request, thread);
    for (int i = 0; i < n; i++) {
        Buf line = buf_in(request->arena);
        JsonOut json = json_out(&line);
        message_to_json(&json, request->arena, name, &events[i]);
        api_check_answer(request->api, request->operation, (SchemaId)request->operation->response, buf_view(&line));
        put_line(&request->out, buf_view(&line));
    }
}

static void answer_lines(ApiRequest *request)
{
    api_header(request, S("Content-Type"), S("application/x-ndjson"));
    api_header(request, S("Cache-Control"), S("no-store"));
    http_respond(request->http, 200, request->headers, request->n_headers, buf_view(&request->out));
}

/* A turn that goes on: what there is of it, then what is added, up to its end. */
typedef struct TurnStream {
    EventStream stream;
    const AuthoringThread *thread; /* as it was */
    Str name;                      /* the thread's */
} TurnStream;

static bool read_turn(const EventStream *stream, Tx *tx, Arena *arena, int limit, ThreadEvent **out, int *out_n,
                      Error *err)
{
    return store_authoring_follow(tx, arena, -stream->watched, stream->last, limit, out, out_n, err);
}

static void write_turn(EventStream *stream, Buf *out, const ThreadEvent *event)
{
    const TurnStream *turn = stream->self;
    ApiRequest *request = stream->request;
    Buf line = buf_in(&stream->arena);
    JsonOut json = json_out(&line);
    message_to_json(&json, &stream->arena, turn->name, event);
    api_check_answer(request->api, request->operation, (SchemaId)request->operation->response, buf_view(&line));
    put_line(out, buf_view(&line));
    stream->ended = event->kind == THREAD_COMPLETION_RESPONSE || event->kind == THREAD_INTERRUPT;
}

/* How long the turn may still go on, as the store has it now. */
static int64_t turn_left_us(const TurnStream *turn)
{
    ApiRequest *request = turn->stream.request;
    AuthoringThread now;
    Error err;
    Tx *tx = NULL;
    AUTO(arena_done)
    Arena arena = {0};
    StoreReader *reader = api_loop_reader(request->api);
    store_reader_deadline(reader, 0);
    if (!tx_begin_read(reader, &tx, &err))
        return 0;
    bool found = store_authoring_get(tx, &arena, &request->scope, turn->thread->automation, turn->thread->agent_id,
                                     turn->thread->id, &now, &err);
    tx_end(tx);
    return found ? now.generating_until_us - clock_now_us() : 0;
}

/* A turn whose end could not be written, or was lost with its server, does not keep its clients waiting for ever. */
static void end_overdue(Follow *follow)
{
    TurnStream *turn = (TurnStream *)((char *)follow - offsetof(TurnStream, stream.follow));
    int64_t left_us = turn_left_us(turn);
    if (left_us > 0)
        follow_timer(follow, left_us / 1000 + 1);
    else
        follow_end(follow);
}

static void follow_turn(ApiRequest *request, const AuthoringThread *thread, int64_t before)
{
    TurnStream *turn = NEW(request->arena, TurnStream);
    *turn = (TurnStream){
        .stream = {.read = read_turn,
                   .write = write_turn,
                   .self = turn,
                   .watched = -thread->key,
                   .last = before,
                   .follow.tick = end_overdue},
        .thread = thread,
        .name = thread_name(request, thread),
    };
    event_stream_begin(request, &turn->stream);
    follow_timer(&turn->stream.follow, OVERDUE_FIRST_MS);
}

/* A turn as it is answered: whole, or followed to its end. */
typedef struct TurnAnswer {
    QuillMessage message; /* what is sent */
    AuthoringThread thread;
    int64_t before; /* key of the event before its first */
    bool goes_on;
} TurnAnswer;

static void answer_turn(ApiRequest *request)
{
    TurnAnswer *answer = request->state;
    if (answer->goes_on)
        follow_turn(request, &answer->thread, answer->before);
    else
        answer_lines(request);
}

/* The texts of a message; what comes as a file is no sentence, but goes along. */
static Str texts_of(Arena *arena, const Json *message, Str *out_documents)
{
    const Json *items = json_get(json_get(message, S("content_list")), S("items"));
    Buf text = buf_in(arena), documents = buf_in(arena);
    JsonOut out = json_out(&documents);
    uint32_t files = 0;
    if (json_get(message, S("content")) || !items)
        return json_text(json_get(message, S("content")));
    json_open_array(&out);
    for (uint32_t i = 0; i < items->count; i++) {
        const Json *file = json_get(&items->items[i], S("file"));
        Str line = json_text(json_get(&items->items[i], S("text"))), remote = json_text(json_get(file, S("remote")));
        if (!file)
            buf_printf(&text, "%s%.*s", text.len ? "\n" : "", STR_ARG(line));
        if (remote.len == 0)
            continue;
        json_open_object(&out);
        json_member_str(&out, S("uri"), remote);
        json_member_str(&out, S("filename"), name_leaf(remote));
        json_member_str(&out, S("file"), remote);
        json_close_object(&out);
        files++;
    }
    json_close_array(&out);
    *out_documents = files > 0 ? buf_view(&documents) : (Str){0};
    return buf_view(&text);
}

static bool prepare_send(ApiRequest *request, Error *err)
{
    Str documents = {0};
    AuthoringThread thread;
    const Json *said = json_get(json_get(request->body, S("user_message")), S("user_message"));
    TurnAnswer *answer = NEW(request->arena, TurnAnswer);
    request->state = answer;
    if (!check_may_edit(request, err) || !thread_of_path(request, &thread, err))
        return false;
    answer->message = (QuillMessage){
        .automation = thread.automation,
        .agent_id = thread.agent_id,
        .thread_id = thread.id,
        .content = texts_of(request->arena, said, &documents),
        .interrupt_id = json_text(json_get(said, S("interrupt_id"))),
        .is_answer = str_eq(json_text(json_get(said, S("user_message_type"))), S("interrupt_response")),
        .user_id = request->principal->user_id,
        .may_read_files = api_may(request, S("read:File")),
    };
    answer->message.documents = documents;
    return true;
}

static bool send_message(ApiRequest *request, Error *err)
{
    TurnAnswer *answer = request->state;
    QuillTurn turn;
    if (!quill_receive(api_engine(request->api), api_scribe(request->api), request->reader, request->arena,
                       &request->scope, &answer->message, &turn, err))
        return false;
    answer->thread = turn.thread;
    answer->before = turn.events[0].key - 1;
    answer->goes_on = turn.goes_on;
    if (!turn.goes_on)
        turn_to_lines(request, &turn.thread, turn.events, turn.n_events);
    return true;
}

/* The newest turn again, from its message on, and further if it goes on: for a client whose connection was cut. */
static bool resume_stream(ApiRequest *request, Error *err)
{
    TurnAnswer *answer = NEW(request->arena, TurnAnswer);
    ThreadEvent *events;
    int n;
    request->state = answer;
    if (!thread_of_path(request, &answer->thread, err) ||
        !store_authoring_turn(request->tx, answer->thread.key, &answer->before, err))
        return false;
    answer->goes_on = answer->thread.generating_until_us > clock_now_us();
    if (answer->goes_on)
        return true;
    if (!store_authoring_follow(request->tx, request->arena, answer->thread.key, answer->before, TURN_EVENTS, &events,
                                &n, err))
        return false;
    turn_to_lines(request, &answer->thread, events, n);
    return true;
}

const Handler thread_handlers[] = {
    {OP_LIST_THREADS, ON_READER, list_threads},
    {OP_CREATE_THREAD, ON_WRITER, create_thread},
    {OP_GET_THREAD, ON_LOOP, get_thread},
    {OP_STOP_THREAD, ON_WRITER, stop_thread},
    {OP_LIST_THREAD_MESSAGES, ON_READER, list_messages},
    {OP_GET_THREAD_MESSAGE, ON_LOOP, get_message},
    {OP_SEND_THREAD_MESSAGE, ON_POOL, send_message, prepare_send, .finish = answer_turn},
    {OP_RESUME_THREAD_STREAM, ON_READER, resume_stream, .finish = answer_turn},
    HANDLERS_END,
};
