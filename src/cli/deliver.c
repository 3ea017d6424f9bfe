/* cli/deliver.c */
#include "cli/deliver.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cli/version.h"
#include "http/signature.h"

#define TIMEOUT_MS 20000
#define ANSWER_MOST (64 << 10)
#define N_HEADERS 5

typedef struct Message {
    HttpCall call;
    Arena arena; /* everything that the call points to */
    HttpHeader headers[N_HEADERS];
    void (*done)(void *context, const WorldDelivered *delivered);
    void *context;
} Message;

static void come_back(HttpCall *call)
{
    Message *message = call->context;
    int64_t retry_after_s = 0;
    /* What the receiver says at length is not read; that it answered counts. */
    bool answered = call->err.code == OK || call->err.code == RESOURCE_EXHAUSTED;
    if (!str_to_i64(http_call_header(call, S("Retry-After")), &retry_after_s) || retry_after_s < 0)
        retry_after_s = 0;
    WorldDelivered delivered = {.status = answered ? call->status : 0,
                                .retry_after_s = retry_after_s,
                                .problem = answered ? "" : call->err.message,
                                .given_up = call->err.code == CANCELLED};
    message->done(message->context, &delivered);
    http_call_done(call);
    arena_done(&message->arena);
    free(message);
}

static Message *message_of(const WorldDelivery *delivery)
{
    Message *message = calloc(1, sizeof *message);
    if (!message)
        abort();
    Arena *arena = &message->arena;
    Str id = str_printf(arena, "msg_%.*s", STR_ARG(delivery->id));
    Str timestamp = str_printf(arena, "%lld", (long long)(delivery->time_us / 1000000));
    Str body = str_copy(arena, delivery->body);
    message->headers[0] = (HttpHeader){S("Content-Type"), S("application/json")};
    message->headers[1] = (HttpHeader){S("User-Agent"), S("Clerkwork/" CLERKWORK_VERSION)};
    message->headers[2] = (HttpHeader){S("webhook-id"), id};
    message->headers[3] = (HttpHeader){S("webhook-timestamp"), timestamp};
    message->headers[4] =
        (HttpHeader){S("webhook-signature"), signature_make(arena, delivery->secret, id, timestamp, body)};
    message->call = (HttpCall){.method = "POST",
                               .url = str_copy(arena, delivery->url),
                               .headers = message->headers,
                               .n_headers = N_HEADERS,
                               .body = body,
                               .timeout_ms = TIMEOUT_MS,
                               .max_bytes = ANSWER_MOST,
                               .done = come_back,
                               .context = message};
    return message;
}

void deliver(Outgoing *outgoing, const WorldDelivery *delivery,
             void (*done)(void *context, const WorldDelivered *delivered), void *context)
{
    Error err = {0};
    Message *message = message_of(delivery);
    message->done = done;
    message->context = context;
    if (outgoing_send(outgoing, &message->call, &err))
        return;
    arena_done(&message->arena);
    free(message);
    done(context, &(WorldDelivered){.problem = err.message, .given_up = err.code == CANCELLED});
}
