#include "api/event_stream.h"

#include "aip/name.h"
#include "api/internal.h"
#include "http/response.h"

/* What is read from the store for one push. */
#define PUSH_EVENTS 50
/* Who writes more at once than the server lets wait of a stream is cut off. */
#define PIECE_MAX ((size_t)256 << 10)

static EventStream *stream_of(HttpRequest *http)
{
    ApiRequest *request = http->context;
    return request->state;
}

static EventStream *stream_of_follow(Follow *follow)
{
    return (EventStream *)((char *)follow - offsetof(EventStream, follow));
}

static void send_rest(EventStream *stream)
{
    while (stream->rest.len > 0 && !stream->full) {
        Str piece = str_slice(stream->rest, 0, MIN_OF(stream->rest.len, PIECE_MAX));
        stream->rest = str_slice(stream->rest, piece.len, stream->rest.len);
        stream->full = !http_stream_write(stream->request->http, piece);
    }
}

void event_stream_send(EventStream *stream, Str bytes)
{
    assert(stream->rest.len == 0 && !stream->full);
    stream->rest = bytes;
    send_rest(stream);
}

static void send_event(EventStream *stream, const ThreadEvent *event)
{
    Buf out = buf_in(&stream->arena);
    stream->write(stream, &out, event);
    event_stream_send(stream, buf_view(&out));
    stream->last = event->key;
}

static bool push_events(EventStream *stream, Tx *tx, Error *err)
{
    ThreadEvent *events;
    int n = 0;
    bool ok = true;
    do {
        arena_reset(&stream->arena);
        ok = stream->read(stream, tx, &stream->arena, PUSH_EVENTS, &events, &n, err);
        for (int i = 0; ok && i < n && !stream->full && !stream->ended; i++)
            send_event(stream, &events[i]);
    } while (ok && n == PUSH_EVENTS && !stream->full && !stream->ended);
    return ok;
}

/* Sends what is new until there is no more, or no more room. False when the store cannot be read: then the stream ends,
 * and the client comes back for the rest. */
static bool push(EventStream *stream)
{
    StoreReader *reader = api_loop_reader(stream->request->api);
    Error err;
    Tx *tx = NULL;
    store_reader_deadline(reader, 0);
    if (!tx_begin_read(reader, &tx, &err))
        return false;
    stream->more = false;
    arena_reset(&stream->arena);
    bool ok = stream->send ? stream->send(stream, tx, &err) : push_events(stream, tx, &err);
    tx_end(tx);
    return ok;
}

static void push_or_end(EventStream *stream)
{
    send_rest(stream);
    if (!stream->ended && !stream->full && !push(stream))
        stream->ended = true;
    if (stream->ended && stream->rest.len == 0)
        follow_end(&stream->follow);
    else if (stream->more && !stream->full)
        follow_again(&stream->follow);
}

static void on_news(Follow *follow)
{
    push_or_end(stream_of_follow(follow));
}

static void on_room(HttpRequest *http)
{
    EventStream *stream = stream_of(http);
    stream->full = false;
    push_or_end(stream);
}

static void on_ended(Follow *follow)
{
    EventStream *stream = stream_of_follow(follow);
    if (stream->closed)
        stream->closed(stream);
    arena_done(&stream->arena);
    if (stream->gone)
        http_let_go(stream->request->http);
    else
        http_stream_end(stream->request->http);
}

static void on_gone(HttpRequest *http)
{
    EventStream *stream = stream_of(http);
    stream->gone = true;
    follow_end(&stream->follow);
}

static void on_drain(HttpRequest *http)
{
    follow_end(&stream_of(http)->follow);
}

/* A client that takes both has NDJSON, which is what was there first. */
bool event_stream_asked_sent_events(const ApiRequest *request)
{
    bool asked = false;
    for (Str rest = http_header(request->http, S("Accept")); rest.len > 0;) {
        Str range = str_cut(&rest, ',');
        Str type = str_trim(str_cut(&range, ';'));
        if (str_eq_fold(type, S("application/x-ndjson")))
            return false;
        asked = asked || str_eq_fold(type, S("text/event-stream"));
    }
    return asked;
}

Str event_stream_resumed_behind(const ApiRequest *request)
{
    return name_leaf(str_trim(http_header(request->http, S("Last-Event-ID"))));
}

void event_stream_put(const EventStream *stream, Buf *out, Str id, Str json)
{
    if (stream->sent_events)
        buf_printf(out, "id: %.*s\ndata: ", STR_ARG(id));
    buf_str(out, json);
    buf_str(out, stream->sent_events ? S("\n\n") : S("\n"));
}

void event_stream_begin(ApiRequest *request, EventStream *stream)
{
    stream->request = request;
    stream->follow.news = on_news;
    stream->follow.ended = on_ended;
    request->state = stream;
    request->http->on_gone = on_gone;
    api_header(request, S("Content-Type"), stream->sent_events ? S("text/event-stream") : S("application/x-ndjson"));
    api_header(request, S("Cache-Control"), S("no-store"));
    http_stream_begin(request->http, stream->over && stream->sent_events ? 204 : 200, request->headers,
                      request->n_headers, (HttpStreamHooks){.on_room = on_room, .on_drain = on_drain});
    follow_begin(&stream->follow, api_engine(request->api), request->http->server, stream->watched, false);
}
