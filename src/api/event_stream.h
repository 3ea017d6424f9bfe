/* api/event_stream.h: something that goes on, sent event by event: from some event on, then what is added. Waiting
 * holds no thread; a client that reads slowly holds no more than one push. On the loop's thread.
 *
 * Events leave in one of two forms: NDJSON, or server-sent events where the client's Accept asks for them. In both,
 * a client that was cut off says in Last-Event-ID what it had last, and is given what comes behind. */
#ifndef CLERKWORK_API_EVENT_STREAM_H
#define CLERKWORK_API_EVENT_STREAM_H

#include "api/follow.h"
#include "api/request.h"
#include "store/exception.h"

typedef struct EventStream EventStream;
struct EventStream {
    /* Set by the owner: the first, which sends what is behind `last` while there is room, and sets `more` when it stops
     * before the end; or the other two, of threads. */
    bool (*send)(EventStream *stream, Tx *tx, Error *err);
    bool (*read)(const EventStream *stream, Tx *tx, Arena *arena, int limit, ThreadEvent **out, int *out_n,
                 Error *err);                                               /* those behind `last`, oldest first */
    void (*write)(EventStream *stream, Buf *out, const ThreadEvent *event); /* may write nothing */
    void (*closed)(EventStream *stream);                                    /* may be NULL: nothing is asked any more */
    const void *self;
    int64_t watched;  /* what engine_changed is called with */
    int64_t last;     /* key of the event that was sent last */
    bool ended;       /* set by the owner: this was the last one */
    bool more;        /* of `send` */
    bool sent_events; /* their form: server-sent events, else NDJSON */
    bool over;        /* nothing comes any more: an EventSource is told by 204 to stay away */
    /* The stream's own. */
    Follow follow;
    ApiRequest *request;
    Arena arena; /* of one push, emptied with each */
    Str rest;    /* in `arena`: of an event that did not go out whole */
    bool full;   /* wait for on_room */
    bool gone;
};

/* Whether the client would rather have server-sent events than NDJSON. */
bool event_stream_asked_sent_events(const ApiRequest *request);
/* What the client had last: an event's id, or the name that ends in it; "" where it begins. */
Str event_stream_resumed_behind(const ApiRequest *request);
/* Begins the answer; `stream` lives in the request's arena and owns the request from here on. */
void event_stream_begin(ApiRequest *request, EventStream *stream);
/* Sends an event, or what there is room for; the rest follows before anything else. `bytes` lie in the stream's arena.
 */
void event_stream_send(EventStream *stream, Str bytes);
/* An event in the stream's form; `json` is one line. */
void event_stream_put(const EventStream *stream, Buf *out, Str id, Str json);

#endif
