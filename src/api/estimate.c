/* api/estimate.c: what a completed run of each automation saves. */
#include "store/estimate.h"

#include "aip/name.h"
#include "api/estimate.h"
#include "api/handlers.h"
#include "api/name.h"
#include "api/reach.h"
#include "store/automation.h"
#include "value/decimal.h"

/* ---- dollars ---- */

#define MICROS 1000000
#define DOLLARS_MOST INT64_C(1000000000)

Str dollars_text(Arena *arena, Uint128 micros)
{
    char digits[40];
    size_t at = sizeof digits;
    int fraction = (int)(micros % MICROS), places = 6;
    Uint128 whole = micros / MICROS;
    do {
        digits[--at] = (char)('0' + (int)(whole % 10));
        whole /= 10;
    } while (whole > 0);
    while (places > 2 && fraction % 10 == 0) {
        fraction /= 10;
        places--;
    }
    return str_printf(arena, "%.*s.%0*d", (int)(sizeof digits - at), digits + at, places, fraction);
}

bool dollars_parse(Str text, const char *field, int64_t *out_micros, Error *err)
{
    Value amount, rounded;
    Error unread;
    const Value most = {.kind = VALUE_NUMBER, .low = (uint64_t)DOLLARS_MOST};
    if (!decimal_parse(text, &amount, &unread))
        return error_set(err, INVALID_ARGUMENT, field, "\"%.*s\" is not an amount such as 12.50",
                         STR_ARG(str_clip(text, 60)));
    if (amount.negative || decimal_compare(amount, most) > 0)
        return error_set(err, INVALID_ARGUMENT, field, "give an amount from 0 to %lld", (long long)DOLLARS_MOST);
    if (!decimal_round(amount, 6, ROUND_DOWN, &rounded, err))
        return false;
    if (decimal_compare(amount, rounded) != 0)
        return error_set(err, INVALID_ARGUMENT, field, "give at most six digits after the point");
    *out_micros = (int64_t)rounded.low;
    return true;
}

/* ---- as JSON ---- */

static void estimate_to_json(ApiRequest *request, const Scope *scope, const EstimatedAutomation *row)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("automation_id"), name_automation(request->arena, scope, row->automation_id));
    json_member_str(out, S("cost_usd"), dollars_text(request->arena, (Uint128)row->estimate.cost_micros));
    json_key(out, S("time_saved_secs"));
    json_i64(out, row->estimate.time_saved_s);
    json_close_object(out);
}

static bool is_shown(const EstimatedAutomation *row, const Scope *workspace)
{
    return row->workspace == workspace->workspace && row->estimated && !row->deleted;
}

static void estimates_to_json(ApiRequest *request, const Scope *workspace, const EstimatedAutomation *rows, int n)
{
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) {
        if (is_shown(&rows[i], workspace))
            estimate_to_json(request, workspace, &rows[i]);
    }
    json_close_array(&request->json);
}

/* ---- the operations ---- */

static bool query_estimates(ApiRequest *request, Error *err)
{
    JsonOut *out = &request->json;
    Reach reach;
    EstimatedAutomation *rows;
    int n;
    if (!reach_read(request, NULL, &reach, err))
        return false;
    Scope scope = reach_scope(request, &reach);
    if (!store_estimated_automations(request->tx, request->arena, &scope, &rows, &n, err))
        return false;
    json_open_object(out);
    json_key(out, S("workspace_estimates"));
    json_open_object(out);
    for (int w = 0; w < reach.n; w++) {
        bool any = false;
        for (int i = 0; i < n && !any; i++)
            any = is_shown(&rows[i], &reach.workspaces[w]);
        if (!any)
            continue;
        json_key(out, name_workspace(request->arena, &reach.workspaces[w]));
        json_open_object(out);
        json_key(out, S("estimates"));
        estimates_to_json(request, &reach.workspaces[w], rows, n);
        json_close_object(out);
    }
    json_close_object(out);
    json_close_object(out);
    return true;
}

typedef struct Wanted {
    Str automation_id;
    Estimate estimate;
} Wanted;

static bool read_wanted(ApiRequest *request, const Json *item, uint32_t at, Wanted *out, Error *err)
{
    Arena *arena = request->arena;
    Str name = json_text(json_get(item, S("automation_id")));
    out->automation_id = name_leaf(name);
    if (str_find_char(name, '/') >= 0 && !str_eq(name, name_automation(arena, &request->scope, out->automation_id)))
        return error_set(err, INVALID_ARGUMENT,
                         str_to_c(arena, str_printf(arena, "automation_estimates[%u].automation_id", at)),
                         "\"%.*s\" is not an automation of this workspace", STR_ARG(str_clip(name, 200)));
    if (!json_to_i64(json_get(item, S("time_saved_secs")), &out->estimate.time_saved_s) ||
        out->estimate.time_saved_s < 0)
        return error_set(err, INVALID_ARGUMENT,
                         str_to_c(arena, str_printf(arena, "automation_estimates[%u].time_saved_secs", at)),
                         "must not be negative");
    return dollars_parse(json_text(json_get(item, S("cost_usd"))),
                         str_to_c(arena, str_printf(arena, "automation_estimates[%u].cost_usd", at)),
                         &out->estimate.cost_micros, err);
}

static bool prepare_configure(ApiRequest *request, Error *err)
{
    const Json *items = json_get(request->body, S("automation_estimates"));
    Wanted *wanted = NEW_ARRAY(request->arena, Wanted, items->count);
    for (uint32_t i = 0; i < items->count; i++) {
        if (!read_wanted(request, &items->items[i], i, &wanted[i], err))
            return false;
    }
    request->state = wanted;
    return true;
}

/* All or none of them; those of other automations stay. */
static bool configure_estimates(ApiRequest *request, Error *err)
{
    const Wanted *wanted = request->state;
    uint32_t n_wanted = json_get(request->body, S("automation_estimates"))->count;
    EstimatedAutomation *rows;
    int n;
    for (uint32_t i = 0; i < n_wanted; i++) {
        Automation automation;
        if (!store_automation_get(request->tx, request->arena, &request->scope, wanted[i].automation_id, false,
                                  &automation, err) ||
            !store_estimate_put(request->tx, &request->scope, automation.key, &wanted[i].estimate, err))
            return false;
    }
    if (!store_estimated_automations(request->tx, request->arena, &request->scope, &rows, &n, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("automation_estimates"));
    estimates_to_json(request, &request->scope, rows, n);
    json_close_object(&request->json);
    return true;
}

const Handler estimate_handlers[] = {
    {OP_QUERY_AUTOMATION_ESTIMATES, ON_READER, query_estimates},
    {OP_CONFIGURE_AUTOMATION_ESTIMATES, ON_WRITER, configure_estimates, prepare_configure},
    HANDLERS_END,
};
