/* api/hook.c: messages that come to a trigger's address. No token is asked for: the address is the secret, and where
 * the trigger says so the message must be signed. Whoever knows the address learns what became of the message and,
 * where the trigger's answers wait for it, of the run, and nothing else. */
#include "aip/payload.h"
#include "api/admit.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/name.h"
#include "api/run.h"
#include "api/run_wait.h"
#include "api/trigger_inputs.h"
#include "api/workspace_trigger.h"
#include "base/clock.h"
#include "engine/run.h"
#include "engine/trigger.h"
#include "http/signature.h"

#define UNIQUE_MOST 200

typedef struct Hook {
    WorkspaceTrigger trigger; /* as it was when the message was read */
    TriggerMessage message;
    Error problem;
    TriggerReceipt receipt;
} Hook;

static bool check_signature(ApiRequest *request, const Hook *hook, bool *out_fits, Error *why, Error *err)
{
    unsigned char secret[32];
    const HttpRequest *http = request->http;
    *out_fits = true;
    if (!hook->trigger.is_signed)
        return true;
    if (!store_workspace_trigger_secret(request->tx, &hook->trigger, secret, err))
        return false;
    *out_fits = signature_check(request->arena, str_of((const char *)secret, sizeof secret),
                                http_header(http, S("webhook-id")), http_header(http, S("webhook-timestamp")),
                                http_header(http, S("webhook-signature")), http->body, clock_now_us(), why);
    return true;
}

static bool read_payload(ApiRequest *request, Hook *hook, Error *err)
{
    const Json *payload;
    const Filter *filter;
    if (hook->message.unique.len > UNIQUE_MOST)
        return error_set(err, INVALID_ARGUMENT, "webhook-id", "must have at most %d characters", UNIQUE_MOST);
    if (!json_parse(request->arena, request->http->body, CONTRACT_BODY_DEPTH, &payload, err))
        return error_within(err, "body");
    if (!filter_parse_open(request->arena, hook->trigger.filter, &filter, err))
        return false;
    hook->message.passes = payload_matches(filter, payload);
    return !hook->message.passes ||
           trigger_inputs(request->arena, hook->trigger.input_mapping, payload, (Str){0}, &hook->message.inputs, err);
}

/* What is wrong with the message is noted with the others, so it fails nothing here. */
static bool prepare_receive(ApiRequest *request, Error *err)
{
    Hook *hook = NEW(request->arena, Hook);
    TriggerMessage *message = &hook->message;
    bool fits = false;
    request->state = hook;
    if (!store_workspace_trigger_by_token(request->tx, request->arena, request->path[PATH_HOOK], &hook->trigger, err) ||
        !admit_count(request, request->api->rate, -hook->trigger.key, "trigger", err) ||
        !check_signature(request, hook, &fits, &hook->problem, err))
        return false;
    message->size_bytes = (int64_t)request->http->body.len;
    message->hash = str_hash(request->http->body);
    message->unique = http_header(request->http, S("webhook-id"));
    if (message->unique.len == 0)
        message->unique = request->query[QUERY_REQUEST_ID].text;
    message->origin = message->unique;
    if (!fits || !read_payload(request, hook, &hook->problem))
        message->problem = &hook->problem;
    return true;
}

/* What an answer carries of outputs: they are read and written on the loop. */
#define OUTPUTS_MOST (256 << 10)

static bool run_to_receipt(ApiRequest *request, const RunRow *run, Error *err)
{
    JsonOut *out = &request->json;
    json_member_str(out, S("run_state"), str_from_c(run_state_names[run->state]));
    if (run->state != RUN_COMPLETED)
        return true;
    if (run->outputs.len <= OUTPUTS_MOST)
        return run_plain_outputs(request, run->outputs, err);
    json_key(out, S("outputs_left_out"));
    json_bool(out, true);
    return true;
}

/* `run` when the answer has waited for it, else NULL. */
static bool receipt_to_json(ApiRequest *request, const Hook *hook, const RunRow *run, Error *err)
{
    const TriggerEvent *event = &hook->receipt.event;
    JsonOut *out = &request->json;
    Str reason = event->reason.len > 0 || !run ? event->reason : run->description;
    json_open_object(out);
    json_member_str(out, S("outcome"), trigger_outcome_text(event->outcome));
    if (event->run_id.len > 0)
        json_member_str(out, S("run"),
                        name_run(request->arena, &hook->trigger.scope, hook->trigger.automation_id, event->run_id));
    if (reason.len > 0)
        json_member_str(out, S("reason"), reason);
    json_key(out, S("repeated"));
    json_bool(out, hook->receipt.repeated);
    if (run && !run_to_receipt(request, run, err))
        return false;
    json_close_object(out);
    return true;
}

static bool receive(ApiRequest *request, Error *err)
{
    Hook *hook = request->state;
    WorkspaceTrigger now;
    return store_workspace_trigger_by_token(request->tx, request->arena, request->path[PATH_HOOK], &now, err) &&
           trigger_receive(request->tx, api_engine(request->api), request->arena, &now, &hook->message, &hook->receipt,
                           err);
}

/* ---- answering ---- */

static bool find_run(void *self, ApiRequest *request, RunRow *out, Error *err)
{
    const Hook *hook = self;
    return store_run_get_by_key(request->tx, request->arena, hook->receipt.run, out, err);
}

/* 202 for a run that is not over: its name is all that the answer has. */
static bool write_waited(void *self, ApiRequest *request, const RunRow *run, Error *err)
{
    if (!run_is_final(run->state))
        request->status = 202;
    return receipt_to_json(request, self, run, err);
}

static void answer_at_once(ApiRequest *request, const Hook *hook)
{
    Error err = {0};
    if (receipt_to_json(request, hook, NULL, &err))
        api_answer(request);
    else
        api_refuse(request, &err);
}

/* A refusal is an answer that was kept, so it is made one only here. */
static void answer_receipt(ApiRequest *request)
{
    Hook *hook = request->state;
    const TriggerReceipt *receipt = &hook->receipt;
    const WaitedRun waited = {.self = hook, .key = receipt->run, .find = find_run, .write = write_waited};
    if (receipt->event.outcome == TRIGGER_REFUSED)
        api_refuse(request, &receipt->why);
    else if (receipt->run && hook->trigger.wait_us > 0)
        run_wait_begin(request, &waited, hook->trigger.wait_us / 1000);
    else
        answer_at_once(request, hook);
}

const Handler hook_handlers[] = {
    {OP_RECEIVE_HOOK, ON_WRITER, receive, prepare_receive, .finish = answer_receipt},
    HANDLERS_END,
};
