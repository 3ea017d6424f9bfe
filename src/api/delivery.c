/* api/delivery.c: what a webhook was told, or will be. */
#include "api/check.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/webhook.h"
#include "engine/outbox.h"

static const unsigned wire_states[DELIVERY_N_STATES] = {
    [DELIVERY_PENDING] = WIRE_DELIVERY_STATE_PENDING,
    [DELIVERY_DELIVERED] = WIRE_DELIVERY_STATE_DELIVERED,
    [DELIVERY_DEAD] = WIRE_DELIVERY_STATE_DEAD,
};

void delivery_to_json(ApiRequest *request, const WebhookRow *webhook, const DeliveryRow *delivery, bool with_body)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(request->arena, "%.*s/deliveries/%.*s", STR_ARG(webhook_name(request->arena, webhook)),
                               STR_ARG(delivery->id)));
    json_member_str(out, S("event_type"), webhook_event_names[delivery->event]);
    json_member_str(out, S("run"), delivery->run_name);
    json_member_str(out, S("state"), contract_enum_text(ENUM_DELIVERY_STATE, wire_states[delivery->state]));
    json_key(out, S("attempts"));
    json_i64(out, delivery->attempts);
    if (delivery->status) {
        json_key(out, S("response_status"));
        json_i64(out, delivery->status);
    }
    if (delivery->problem.len > 0)
        json_member_str(out, S("problem"), delivery->problem);
    json_member_time_us(out, S("create_time"), delivery->create_us);
    if (delivery->next_us)
        json_member_time_us(out, S("next_attempt_time"), delivery->next_us);
    if (delivery->end_us)
        json_member_time_us(out, S("end_time"), delivery->end_us);
    if (with_body)
        json_member_str(out, S("body"), delivery->body);
    json_close_object(out);
}

static bool find(ApiRequest *request, WebhookRow *out_webhook, DeliveryRow *out, Error *err)
{
    return webhook_of_path(request, out_webhook, err) &&
           store_delivery_get(request->tx, request->arena, &request->scope, out_webhook->key,
                              request->path[PATH_DELIVERY], out, err);
}

static bool get_delivery(ApiRequest *request, Error *err)
{
    WebhookRow webhook;
    DeliveryRow delivery;
    if (!find(request, &webhook, &delivery, err))
        return false;
    delivery_to_json(request, &webhook, &delivery, true);
    return true;
}

static bool list_deliveries(ApiRequest *request, Error *err)
{
    ApiList list;
    WebhookRow webhook;
    DeliveryRow *deliveries;
    int n;
    if (!list_begin(request, &list, err) || !webhook_of_path(request, &webhook, err) ||
        !store_delivery_list(request->tx, request->arena, &request->scope, webhook.key, &list.query, &deliveries, &n,
                             &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("deliveries"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        delivery_to_json(request, &webhook, &deliveries[i], false);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static bool redeliver(ApiRequest *request, Error *err)
{
    WebhookRow webhook;
    DeliveryRow delivery;
    if (!find(request, &webhook, &delivery, err))
        return false;
    if (!webhook.enabled)
        return error_set(err, FAILED_PRECONDITION, "", "the webhook is disabled: enable it first");
    if (!outbox_redeliver(request->tx, api_engine(request->api), &delivery, err))
        return false;
    delivery_to_json(request, &webhook, &delivery, true);
    return true;
}

const Handler delivery_handlers[] = {
    {OP_LIST_WEBHOOK_DELIVERIES, ON_READER, list_deliveries},
    {OP_GET_WEBHOOK_DELIVERY, ON_READER, get_delivery},
    {OP_REDELIVER_WEBHOOK_DELIVERY, ON_WRITER, redeliver},
    HANDLERS_END,
};
