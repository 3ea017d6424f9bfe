/* cli/outgoing.c */
#include "cli/outgoing.h"

#include <pthread.h>
#include <stdlib.h>

struct Outgoing {
    HttpClientOptions options;
    pthread_mutex_t lock;
    HttpClient *client; /* under `lock` */
    bool stopped;
};

Outgoing *outgoing_new(const HttpClientOptions *options)
{
    Outgoing *outgoing = calloc(1, sizeof *outgoing);
    if (!outgoing)
        abort();
    outgoing->options = *options;
    pthread_mutex_init(&outgoing->lock, NULL);
    return outgoing;
}

bool outgoing_send(Outgoing *outgoing, HttpCall *call, Error *err)
{
    pthread_mutex_lock(&outgoing->lock);
    bool ok = !outgoing->stopped || error_set(err, CANCELLED, "", "The server stops.");
    ok = ok && (outgoing->client || http_client_start(&outgoing->client, &outgoing->options, err));
    if (ok)
        http_client_send(outgoing->client, call);
    pthread_mutex_unlock(&outgoing->lock);
    return ok;
}

void outgoing_stop(Outgoing *outgoing)
{
    pthread_mutex_lock(&outgoing->lock);
    outgoing->stopped = true;
    HttpClient *client = outgoing->client;
    outgoing->client = NULL;
    pthread_mutex_unlock(&outgoing->lock);
    http_client_stop(client);
}

void outgoing_free(Outgoing *outgoing)
{
    if (!outgoing)
        return;
    pthread_mutex_destroy(&outgoing->lock);
    free(outgoing);
}
