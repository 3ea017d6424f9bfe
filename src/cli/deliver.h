/* cli/deliver.h: hands messages to the receivers of webhooks, signed as the Standard Webhooks specification says
 * (www.standardwebhooks.com): webhook-id, webhook-timestamp, and in webhook-signature "v1," and the base64 of the
 * HMAC-SHA256 of "id.timestamp.body". */
#ifndef CLERKWORK_CLI_DELIVER_H
#define CLERKWORK_CLI_DELIVER_H

#include "cli/outgoing.h"
#include "engine/world.h"

/* World's `deliver`. Once `outgoing` has stopped, messages come back as given up. */
void deliver(Outgoing *outgoing, const WorldDelivery *delivery,
             void (*done)(void *context, const WorldDelivered *delivered), void *context);

#endif
