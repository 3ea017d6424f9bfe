/* cli/outgoing.h: a client of other servers that starts with its first call, so that a server that calls nobody pays
 * for none. */
#ifndef CLERKWORK_CLI_OUTGOING_H
#define CLERKWORK_CLI_OUTGOING_H

#include "http/client.h"

typedef struct Outgoing Outgoing;

/* `options` are kept as they are; their texts must outlive it. */
Outgoing *outgoing_new(const HttpClientOptions *options);
/* Hands the call to the client: its `done` is called. False when it was not taken: CANCELLED after outgoing_stop. */
MUST_USE bool outgoing_send(Outgoing *outgoing, HttpCall *call, Error *err);
void outgoing_stop(Outgoing *outgoing); /* calls under way end as CANCELLED, each with its `done` */
void outgoing_free(Outgoing *outgoing); /* stopped; NULL is accepted */

#endif
