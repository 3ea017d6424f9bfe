/* api/webhook.c: who is told when runs move. */
#include "api/webhook.h"

#include "api/automation.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "base/clock.h"
#include "base/id.h"
#include "engine/outbox.h"
#include "http/client.h"
#include "http/signature.h"

#define EVENTS_OF_RUNS (BIT(EVENT_WEBHOOK_TEST) - 1)

Str webhook_name(Arena *arena, const WebhookRow *webhook)
{
    return str_printf(arena, "%.*s/webhooks/%.*s", STR_ARG(name_workspace(arena, &webhook->scope)),
                      STR_ARG(webhook->id));
}

bool webhook_of_path(ApiRequest *request, WebhookRow *out, Error *err)
{
    return store_webhook_get(request->tx, request->arena, &request->scope, request->path[PATH_WEBHOOK], out, err);
}

/* ---- as JSON ---- */

static void events_to_json(JsonOut *out, uint64_t events)
{
    json_key(out, S("event_types"));
    json_open_array(out);
    for (int i = 0; i < EVENT_WEBHOOK_TEST; i++)
        if (events & BIT(i))
            json_str(out, webhook_event_names[i]);
    json_close_array(out);
}

static void webhook_to_json(ApiRequest *request, const WebhookRow *webhook, Str secret)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"), webhook_name(request->arena, webhook));
    json_member_str(out, S("display_name"), webhook->display_name);
    json_member_str(out, S("url"), webhook->url);
    events_to_json(out, webhook->events);
    json_member_str(out, S("automation"),
                    webhook->automation_id.len > 0
                        ? name_automation(request->arena, &webhook->scope, webhook->automation_id)
                        : S(""));
    json_key(out, S("enabled"));
    json_bool(out, webhook->enabled);
    if (webhook->problem.len > 0)
        json_member_str(out, S("problem"), webhook->problem);
    if (secret.len > 0)
        json_member_str(out, S("secret"), secret);
    json_member_time_us(out, S("create_time"), webhook->create_us);
    json_member_time_us(out, S("update_time"), webhook->update_us);
    json_close_object(out);
}

static bool secret_text(ApiRequest *request, const WebhookRow *webhook, Str *out, Error *err)
{
    unsigned char secret[32];
    if (!store_webhook_secret(request->tx, webhook, secret, err))
        return false;
    *out = signature_secret_text(request->arena, str_of((const char *)secret, sizeof secret));
    return true;
}

/* ---- reading ---- */

static bool get_webhook(ApiRequest *request, Error *err)
{
    WebhookRow webhook;
    if (!webhook_of_path(request, &webhook, err))
        return false;
    webhook_to_json(request, &webhook, (Str){0});
    return true;
}

static bool list_webhooks(ApiRequest *request, Error *err)
{
    ApiList list;
    WebhookRow *webhooks;
    int n;
    if (!list_begin(request, &list, err) ||
        !store_webhook_list(request->tx, request->arena, &request->scope, &list.query, &webhooks, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("webhooks"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        webhook_to_json(request, &webhooks[i], (Str){0});
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- making and changing ---- */

static bool read_event(Str name, uint32_t at, Arena *arena, uint64_t *events, Error *err)
{
    Buf known = buf_in(arena);
    for (int i = 0; i < EVENT_WEBHOOK_TEST; i++) {
        if (str_eq(name, webhook_event_names[i])) {
            *events |= BIT(i);
            return true;
        }
        buf_printf(&known, "%s%.*s", i ? ", " : "", STR_ARG(webhook_event_names[i]));
    }
    return error_set(err, INVALID_ARGUMENT, str_to_c(arena, str_printf(arena, "event_types[%u]", at)),
                     "there is no event \"%.*s\"; there are %.*s", STR_ARG(str_clip(name, 60)),
                     STR_ARG(buf_view(&known)));
}

static bool read_events(ApiRequest *request, uint64_t *out, Error *err)
{
    const Json *types = json_get(request->body, S("event_types"));
    uint64_t events = 0;
    for (uint32_t i = 0; types && i < types->count; i++)
        if (!read_event(types->items[i].text, i, request->arena, &events, err))
            return false;
    *out = events ? events : EVENTS_OF_RUNS;
    return true;
}

static bool read_automation(ApiRequest *request, Str *out, Error *err)
{
    Str text = json_text(json_get(request->body, S("automation")));
    Automation automation;
    *out = (Str){0};
    if (text.len == 0)
        return true;
    if (!automation_of_text(request, text, &automation, err))
        return false;
    *out = automation.id;
    return true;
}

typedef struct WebhookEdit {
    Mask mask; /* PATCH */
    WebhookRow row;
} WebhookEdit;

static bool read_body(ApiRequest *request, WebhookEdit *edit, Error *err)
{
    const Json *enabled = json_get(request->body, S("enabled"));
    WebhookRow *row = &edit->row;
    *row = (WebhookRow){.scope = request->scope,
                        .display_name = json_text(json_get(request->body, S("display_name"))),
                        .url = str_trim(json_text(json_get(request->body, S("url")))),
                        .enabled = !enabled || enabled->boolean};
    return (row->url.len == 0 || http_call_check(&(HttpCall){.url = row->url}, err)) &&
           read_events(request, &row->events, err) && read_automation(request, &row->automation_id, err);
}

static bool prepare_create(ApiRequest *request, Error *err)
{
    WebhookEdit *edit = NEW(request->arena, WebhookEdit);
    request->state = edit;
    return read_body(request, edit, err);
}

static bool create_webhook(ApiRequest *request, Error *err)
{
    const WebhookEdit *edit = request->state;
    WebhookRow webhook = edit->row;
    Id id = id_new();
    Str secret;
    webhook.id = str_copy(request->arena, id_str(&id));
    webhook.secret_salt = (int64_t)(random_u64() >> 1);
    if (!outbox_webhook_create(request->tx, api_engine(request->api), &webhook, err) ||
        !secret_text(request, &webhook, &secret, err))
        return false;
    webhook_to_json(request, &webhook, api_only_validates(request) ? (Str){0} : secret);
    return true;
}

static bool prepare_update(ApiRequest *request, Error *err)
{
    WebhookEdit *edit = NEW(request->arena, WebhookEdit);
    request->state = edit;
    if (!mask_read(request, &edit->mask, err) || !read_body(request, edit, err))
        return false;
    if (mask_has(request, &edit->mask, S("url")) && edit->row.url.len == 0)
        return error_set(err, INVALID_ARGUMENT, "url", "must not be empty");
    return true;
}

static bool update_webhook(ApiRequest *request, Error *err)
{
    const WebhookEdit *edit = request->state;
    WebhookRow webhook;
    if (!webhook_of_path(request, &webhook, err))
        return false;
    if (mask_has(request, &edit->mask, S("display_name")))
        webhook.display_name = edit->row.display_name;
    if (mask_has(request, &edit->mask, S("url")))
        webhook.url = edit->row.url;
    if (mask_has(request, &edit->mask, S("event_types")))
        webhook.events = edit->row.events;
    if (mask_has(request, &edit->mask, S("automation")))
        webhook.automation_id = edit->row.automation_id;
    if (mask_has(request, &edit->mask, S("enabled"))) {
        webhook.enabled = edit->row.enabled;
        webhook.problem = (Str){0};
    }
    webhook.update_us = tx_now_us(request->tx);
    if (!outbox_webhook_update(request->tx, api_engine(request->api), &webhook, err))
        return false;
    webhook_to_json(request, &webhook, (Str){0});
    return true;
}

static bool delete_webhook(ApiRequest *request, Error *err)
{
    if (!store_webhook_delete(request->tx, &request->scope, request->path[PATH_WEBHOOK], err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

static bool rotate_secret(ApiRequest *request, Error *err)
{
    WebhookRow webhook;
    Str secret;
    if (!webhook_of_path(request, &webhook, err))
        return false;
    webhook.secret_salt = (int64_t)(random_u64() >> 1);
    webhook.update_us = tx_now_us(request->tx);
    if (!outbox_webhook_update(request->tx, api_engine(request->api), &webhook, err) ||
        !secret_text(request, &webhook, &secret, err))
        return false;
    webhook_to_json(request, &webhook, secret);
    return true;
}

static bool test_webhook(ApiRequest *request, Error *err)
{
    WebhookRow webhook;
    DeliveryRow delivery;
    if (!webhook_of_path(request, &webhook, err) ||
        !outbox_test(request->tx, api_engine(request->api), request->arena, &webhook, &delivery, err))
        return false;
    delivery_to_json(request, &webhook, &delivery, true);
    return true;
}

static bool replay_webhook(ApiRequest *request, Error *err)
{
    WebhookRow webhook;
    int64_t since_us = 0, n = 0;
    const Json *since = json_get(request->body, S("start_time"));
    if (since && !clock_parse(since->text, &since_us))
        return error_set(err, INVALID_ARGUMENT, "start_time", "give a time such as 2026-04-14T09:00:00Z");
    if (!webhook_of_path(request, &webhook, err) ||
        !outbox_replay(request->tx, api_engine(request->api), &webhook, since_us, &n, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("replayed_count"));
    json_i64(&request->json, n);
    json_close_object(&request->json);
    return true;
}

const Handler webhook_handlers[] = {
    {OP_LIST_WEBHOOKS, ON_READER, list_webhooks},
    {OP_CREATE_WEBHOOK, ON_WRITER, create_webhook, prepare_create},
    {OP_GET_WEBHOOK, ON_READER, get_webhook},
    {OP_UPDATE_WEBHOOK, ON_WRITER, update_webhook, prepare_update},
    {OP_DELETE_WEBHOOK, ON_WRITER, delete_webhook},
    {OP_ROTATE_WEBHOOK_SECRET, ON_WRITER, rotate_secret},
    {OP_TEST_WEBHOOK, ON_WRITER, test_webhook},
    {OP_REPLAY_WEBHOOK, ON_WRITER, replay_webhook},
    HANDLERS_END,
};
