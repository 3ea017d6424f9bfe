/* api/webhook.h: what the two files about webhooks share. */
#ifndef CLERKWORK_API_WEBHOOK_H
#define CLERKWORK_API_WEBHOOK_H

#include "api/request.h"
#include "store/webhook.h"

Str webhook_name(Arena *arena, const WebhookRow *webhook);
/* The one that the path names. */
MUST_USE bool webhook_of_path(ApiRequest *request, WebhookRow *out, Error *err);
/* As JSON, without what was sent. */
void delivery_to_json(ApiRequest *request, const WebhookRow *webhook, const DeliveryRow *delivery, bool with_body);

#endif
