/* api/run_event.c: a run's journal as the API shows it: packed entries (lang/trace.h) become RunEvents, oldest first. A
 * page token holds the number of the next entry, so it stays good while the journal grows; an event's id is its
 * entry's number, so a stream is resumed behind it. */
#include "api/check.h"
#include "api/event_stream.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/list.h"
#include "api/name.h"
#include "api/run.h"
#include "engine/run.h"
#include "lang/program.h"
#include "lang/trace.h"
#include "value/wire.h"

/* What one call reads of a journal at most, so that a filter that matches nothing still answers soon; its page is then
 * short. */
#define READ_BYTES (512u << 10)
#define READS_MAX 16
/* What a stream reads at a time: the loop has others to serve. */
#define STREAM_READ_BYTES (32u << 10)

typedef struct EventPage {
    ApiRequest *request;
    const RunRow *run;
    const Program *program; /* NULL when the code cannot be had any more: events then come without places */
    const Filter *filter;
    int64_t next; /* number of the entry to show next */
    int left;     /* events that the page still takes */
} EventPage;

/* ---- one entry ---- */

static const Node *node_of(const EventPage *page, uint32_t id)
{
    return page->program && id > 0 && id < page->program->n_nodes ? page->program->nodes[id] : NULL;
}

static void location_to_json(JsonOut *out, Str key, const Node *node)
{
    if (!node)
        return;
    json_key(out, key);
    json_open_object(out);
    json_key(out, S("start_byte"));
    json_i64_text(out, node->spy.start);
    json_key(out, S("end_byte"));
    json_i64_text(out, node->spy.end);
    json_close_object(out);
}

static void facts_to_json(JsonOut *out, Str key, const Argument *facts, uint32_t n)
{
    json_key(out, key);
    json_open_object(out);
    for (uint32_t i = 0; i < n; i++) {
        json_key(out, facts[i].name);
        value_to_json(out, facts[i].value);
    }
    json_close_object(out);
}

static Str node_kind_of(const EventPage *page, const TraceEntry *entry)
{
    if (entry->kind == TRACE_SAID)
        return str_from_c(node_kind_name(NODE_SAY));
    const Node *node = node_of(page, entry->node_id);
    return node ? str_from_c(node_kind_name((NodeKind)node->kind)) : (Str){0};
}

static void node_to_json(const EventPage *page, JsonOut *out, const TraceEntry *entry, Str location_key)
{
    Str kind = node_kind_of(page, entry);
    location_to_json(out, location_key, node_of(page, entry->node_id));
    json_member_str(out, S("node_id"), str_printf(page->request->arena, "%u", entry->node_id));
    if (kind.len > 0)
        json_member_str(out, S("node_kind"), kind);
}

static void book_call_to_json(JsonOut *out, const TraceEntry *entry)
{
    if (entry->procedure.len == 0)
        return;
    json_key(out, S("book_function_call"));
    json_open_object(out);
    json_key(out, S("book_function"));
    json_open_object(out);
    json_member_str(out, S("connection_spy_identifier"), entry->alias);
    json_member_str(out, S("book_name"), entry->book);
    json_member_str(out, S("function_name"), entry->procedure);
    json_close_object(out);
    facts_to_json(out, S("inputs"), entry->inputs, entry->n_inputs);
    if (entry->result.kind != VALUE_UNSET) {
        json_key(out, S("output"));
        value_to_json(out, entry->result);
    }
    json_close_object(out);
}

static void error_members(JsonOut *out, const TraceEntry *entry)
{
    json_open_object(out);
    if (entry->error_id.len > 0)
        json_member_str(out, S("id"), entry->error_id);
    json_member_str(out, S("description"), entry->text);
    json_close_object(out);
}

static void executed_to_json(const EventPage *page, JsonOut *out, const TraceEntry *entry, Str location_key)
{
    Argument said = {.name = S("said"), .value = value_text(entry->text)};
    bool says = entry->kind == TRACE_SAID;
    node_to_json(page, out, entry, location_key);
    facts_to_json(out, S("inputs"), entry->inputs, entry->n_inputs);
    facts_to_json(out, S("outputs"), says ? &said : entry->outputs, says ? 1 : entry->n_outputs);
    json_key(out, S("error"));
    json_open_array(out);
    if (!says && entry->text.len > 0)
        error_members(out, entry);
    json_close_array(out);
    book_call_to_json(out, entry);
}

/* "waiting_on_timer 259200s": the member, and what it holds. */
static void stopped_to_json(JsonOut *out, Str text)
{
    Str detail = text, member = str_cut(&detail, ' ');
    if (str_eq(member, S("program_stopped")) || str_eq(member, S("waiting_on_timer"))) {
        json_key(out, member);
        json_open_object(out);
        json_member_str(out, str_eq(member, S("waiting_on_timer")) ? S("duration") : S("reason"), detail);
        json_close_object(out);
        return;
    }
    json_key(out, str_eq(member, S("waiting_on_book")) ? member : S("user_stopped"));
    json_raw(out, S("{}"));
}

/* The end of the run: which error it was, and where, stands in its row. */
static void failed_to_json(const EventPage *page, JsonOut *out, const TraceEntry *entry)
{
    const RunRow *run = page->run;
    json_key(out, S("error"));
    json_open_object(out);
    json_member_str(out, S("id"), entry->error_id.len > 0 ? entry->error_id : run->error_id);
    json_member_str(out, S("description"), entry->text);
    if (run->location_start >= 0) {
        json_key(out, S("context"));
        json_open_object(out);
        json_key(out, S("code_location"));
        json_open_object(out);
        json_key(out, S("start_byte"));
        json_i64_text(out, run->location_start);
        json_key(out, S("end_byte"));
        json_i64_text(out, run->location_end);
        json_close_object(out);
        json_close_object(out);
    }
    json_close_object(out);
}

static void variant_to_json(const EventPage *page, JsonOut *out, const TraceEntry *entry)
{
    static const Str members[] = {
        [TRACE_STARTED] = S_INIT("started"),
        [TRACE_COMPLETED] = S_INIT("completed"),
        [TRACE_STOPPED] = S_INIT("stopped"),
        [TRACE_FAILED] = S_INIT("failed"),
        [TRACE_NODE_STARTED] = S_INIT("node_started"),
        [TRACE_NODE_EXECUTED] = S_INIT("node_executed"),
        [TRACE_NODE_SKIPPED] = S_INIT("node_skipped"),
        [TRACE_NODE_PATCHED] = S_INIT("node_patched"),
        [TRACE_PATCHED_NODE_STARTED] = S_INIT("patched_node_started"),
        [TRACE_PATCHED_NODE_EXECUTED] = S_INIT("patched_node_executed"),
        [TRACE_SAID] = S_INIT("node_executed"),
    };
    json_key(out, members[entry->kind]);
    json_open_object(out);
    switch (entry->kind) {
    case TRACE_COMPLETED: /* the journal does not repeat them: they stand in the run's row, once */
        json_key(out, S("outputs"));
        json_raw(out, page->run->outputs.len > 0 ? page->run->outputs : S("{}"));
        break;
    case TRACE_STOPPED: stopped_to_json(out, entry->text); break;
    case TRACE_FAILED: failed_to_json(page, out, entry); break;
    case TRACE_NODE_STARTED:
    case TRACE_NODE_SKIPPED: node_to_json(page, out, entry, S("code_location")); break;
    case TRACE_NODE_EXECUTED:
    case TRACE_SAID: executed_to_json(page, out, entry, S("code_location")); break;
    case TRACE_NODE_PATCHED:
        node_to_json(page, out, entry, S("code_location"));
        json_member_str(out, S("code_patch"), entry->text);
        facts_to_json(out, S("inputs_patch"), entry->inputs, entry->n_inputs);
        break;
    case TRACE_PATCHED_NODE_STARTED: node_to_json(page, out, entry, S("node_location")); break;
    case TRACE_PATCHED_NODE_EXECUTED: executed_to_json(page, out, entry, S("node_location")); break;
    case TRACE_STARTED:
    case TRACE_RUN_UPDATE: break;
    }
    json_close_object(out);
}

static void journal_to_json(const EventPage *page, const TraceEntry *entry, int64_t time_us)
{
    static const unsigned stages[] = {
        [STAGE_UNSPECIFIED] = WIRE_AUTOMATION_STAGE_UNSPECIFIED,
        [STAGE_DRAFT] = WIRE_AUTOMATION_STAGE_DRAFT,
        [STAGE_PUBLISHED] = WIRE_AUTOMATION_STAGE_PUBLISHED,
    };
    const RunRow *run = page->run;
    const Scope *scope = &page->request->scope;
    JsonOut *out = &page->request->json;
    json_key(out, S("execution_journal"));
    json_open_object(out);
    json_member_str(out, S("execution_id"), run->execution_id);
    json_member_str(out, S("run_id"), run->id);
    json_member_str(out, S("automation_id"), run->automation_id);
    json_member_str(out, S("workspace_id"), scope->workspace_id);
    json_member_str(out, S("organization_id"), scope->organization_id);
    json_member_time_us(out, S("event_time"), time_us);
    json_member_str(out, S("stage"), contract_enum_text(ENUM_AUTOMATION_STAGE, stages[run->stage]));
    if (page->program)
        json_member_str(out, S("code_hash"), str_from_c(page->program->spy_md5));
    variant_to_json(page, out, entry);
    json_close_object(out);
}

/* The journal keeps states without outputs; a completed run shows them as they stand in its row. */
static void update_to_json(const EventPage *page, const TraceEntry *entry)
{
    JsonOut *out = &page->request->json;
    bool completed = str_starts(entry->text, S("{\"completed\""));
    json_key(out, S("run_update"));
    json_open_object(out);
    json_key(out, S("run"));
    run_to_json(page->request, page->run, completed && page->run->state == RUN_COMPLETED ? (Str){0} : entry->text);
    json_close_object(out);
}

static void event_to_json(const EventPage *page, const TraceEntry *entry, int64_t number, int64_t time_us)
{
    JsonOut *out = &page->request->json;
    json_open_object(out);
    json_key(out, S("id"));
    json_i64_text(out, number);
    if (entry->kind == TRACE_RUN_UPDATE)
        update_to_json(page, entry);
    else
        journal_to_json(page, entry, time_us);
    json_close_object(out);
}

/* ---- which entries ---- */

static bool text_matches(const Filter *term, Str text)
{
    if (term->prefix_match && term->suffix_match)
        return str_contains(text, term->text);
    if (term->prefix_match)
        return str_starts(text, term->text);
    return term->suffix_match ? str_ends(text, term->text) : str_eq(text, term->text);
}

/* The one field of this filter is node_kind. Entries that are of no node have none: they equal nothing. */
static bool filter_holds(const Filter *filter, Str kind)
{
    if (!filter)
        return true;
    switch (filter->kind) {
    case FILTER_AND:
        for (uint32_t i = 0; i < filter->n_kids; i++) {
            if (!filter_holds(filter->kids[i], kind))
                return false;
        }
        return true;
    case FILTER_OR:
        for (uint32_t i = 0; i < filter->n_kids; i++) {
            if (filter_holds(filter->kids[i], kind))
                return true;
        }
        return false;
    case FILTER_NOT: return !filter_holds(filter->kids[0], kind);
    case FILTER_TERM: break;
    }
    bool equal = kind.len > 0 && text_matches(filter, kind);
    return filter->op == FILTER_NE ? !equal : equal;
}

static bool shows(const EventPage *page, const TraceEntry *entry)
{
    if (!page->filter)
        return true;
    return filter_holds(page->filter, node_kind_of(page, entry));
}

static bool batch_to_json(EventPage *page, const JournalBatch *batch, Error *err)
{
    Reader reader = reader_of(batch->bytes);
    TraceEntry entry;
    int64_t number = batch->first_entry;
    err->code = OK;
    for (; page->left > 0 && trace_next(page->request->arena, &reader, &entry, err); number++) {
        if (number < page->next)
            continue;
        page->next = number + 1;
        if (!shows(page, &entry))
            continue;
        event_to_json(page, &entry, number, entry.time_us ? entry.time_us : batch->time_us);
        page->left--;
    }
    return err->code == OK;
}

static bool page_to_json(EventPage *page, int64_t end, Error *err)
{
    for (int reads = 0; reads < READS_MAX && page->left > 0 && page->next < end; reads++) {
        JournalBatch *batches;
        int n;
        if (!store_journal_read(page->request->tx, page->request->arena, page->run->key, page->next, READ_BYTES,
                                &batches, &n, err))
            return false;
        for (int i = 0; i < n && page->left > 0; i++) {
            if (!batch_to_json(page, &batches[i], err))
                return false;
        }
        if (n == 0)
            return true;
    }
    return true;
}

static bool events_to_json(EventPage *page, ApiList *list, Error *err)
{
    int64_t end;
    JsonOut *out = &page->request->json;
    if (!store_journal_end(page->request->tx, page->run->key, &end, err))
        return false;
    json_open_object(out);
    json_key(out, S("run_events"));
    json_open_array(out);
    if (!page_to_json(page, end, err))
        return false;
    json_close_array(out);
    list->end.more = page->next < end;
    list->cursor = (PageCursor){.set = true, .position = page->next};
    list_end(page->request, list);
    json_close_object(out);
    return true;
}

static bool list_run_events(ApiRequest *request, Error *err)
{
    ApiList list;
    RunRow run;
    Error missing;
    Engine *engine = api_engine(request->api);
    if (!list_begin(request, &list, err) || !run_of_path(request, &run, err))
        return false;
    const Program *program = engine_program(engine, request->tx, run.revision, &missing);
    EventPage page = {
        .request = request,
        .run = &run,
        .program = program,
        .filter = list.query.filter,
        .next = list.cursor.set ? list.cursor.position : 0,
        .left = list.query.limit,
    };
    bool ok = events_to_json(&page, &list, err);
    engine_program_release(engine, program);
    return ok;
}

/* ---- following ---- */

typedef struct JournalStream {
    EventStream stream; /* `last` is the number of the entry to send next */
    const Program *program;
} JournalStream;

/* Each event is written by itself into the stream's arena: the request's would grow as long as the stream lives. */
static bool send_batch(EventPage *page, EventStream *stream, const JournalBatch *batch, Error *err)
{
    ApiRequest *request = page->request;
    Reader reader = reader_of(batch->bytes);
    TraceEntry entry;
    int64_t number = batch->first_entry;
    err->code = OK;
    for (; !stream->full && trace_next(&stream->arena, &reader, &entry, err); number++) {
        if (number < stream->last)
            continue;
        Buf json = buf_in(&stream->arena), out = buf_in(&stream->arena);
        request->json = json_out(&json);
        event_to_json(page, &entry, number, entry.time_us ? entry.time_us : batch->time_us);
        api_check_answer(request->api, request->operation, (SchemaId)request->operation->response, buf_view(&json));
        event_stream_put(stream, &out, str_printf(&stream->arena, "%lld", (long long)number), buf_view(&json));
        event_stream_send(stream, buf_view(&out));
        stream->last = number + 1;
    }
    return err->code == OK;
}

static bool send_entries(EventStream *stream, ApiRequest *request, Error *err)
{
    RunRow run;
    JournalBatch *batches;
    int64_t end;
    int n;
    if (!run_of_path(request, &run, err) || !store_journal_end(request->tx, run.key, &end, err) ||
        !store_journal_read(request->tx, request->arena, run.key, stream->last, STREAM_READ_BYTES, &batches, &n, err))
        return false;
    EventPage page = {.request = request, .run = &run, .program = ((JournalStream *)stream)->program};
    for (int i = 0; i < n && !stream->full; i++) {
        if (!send_batch(&page, stream, &batches[i], err))
            return false;
    }
    stream->more = n > 0 && stream->last < end;
    stream->ended = !stream->more && run_is_final(run.state);
    return true;
}

static bool send_news(EventStream *stream, Tx *tx, Error *err)
{
    ApiRequest *request = stream->request;
    Arena *own = request->arena;
    request->arena = &stream->arena;
    request->tx = tx;
    bool ok = send_entries(stream, request, err);
    request->tx = NULL;
    request->arena = own;
    return ok;
}

static void stream_closed(EventStream *stream)
{
    engine_program_release(api_engine(stream->request->api), ((JournalStream *)stream)->program);
}

/* A Last-Event-ID that is none of the run's begins at the beginning: repeating is harmless, leaving out is not. */
static bool stream_run_events(ApiRequest *request, Error *err)
{
    RunRow run;
    Error missing;
    int64_t end, had = -1;
    if (!run_of_path(request, &run, err) || !store_journal_end(request->tx, run.key, &end, err))
        return false;
    if (!str_to_i64(event_stream_resumed_behind(request), &had) || had < 0 || had >= end)
        had = -1;
    JournalStream *stream = NEW(request->arena, JournalStream);
    *stream = (JournalStream){
        .stream = {.send = send_news,
                   .closed = stream_closed,
                   .watched = run.key,
                   .last = had + 1,
                   .over = had + 1 == end && run_is_final(run.state),
                   .sent_events = event_stream_asked_sent_events(request)},
        .program = engine_program(api_engine(request->api), request->tx, run.revision, &missing),
    };
    event_stream_begin(request, &stream->stream);
    return true;
}

const Handler run_event_handlers[] = {
    {OP_LIST_RUN_EVENTS, ON_READER, list_run_events},
    {OP_STREAM_RUN_EVENTS, BY_ITSELF, stream_run_events},
    HANDLERS_END,
};
