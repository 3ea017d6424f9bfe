/* cli/deliver.h: hands messages to the receivers of webhooks, signed as the Standard Webhooks specification says
 * (www.standardwebhooks.com): webhook-id, webhook-timestamp, and in webhook-signature "v1," and the base64 of the
 * HMAC-SHA256 of "id.timestamp.body". */
#ifndef CLERKWORK_CLI_DELIVER_H
#define CLERKWORK_CLI_DELIVER_H

#include "engine/world.h"
#include "http/client.h"

typedef struct Deliverer Deliverer;

/* The client starts with the first message. `options` are kept as they are; their texts must outlive it. */
Deliverer *deliverer_new(const HttpClientOptions *options);
/* World's `deliver`; one thread at a time. */
void deliverer_send(Deliverer *deliverer, const WorldDelivery *delivery,
                    void (*done)(void *context, const WorldDelivered *delivered), void *context);
/* Messages under way come back as given up; later ones at once. */
void deliverer_stop(Deliverer *deliverer);
void deliverer_free(Deliverer *deliverer); /* stopped; NULL is accepted */

#endif
