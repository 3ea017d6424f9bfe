/* api/exception_count.c: how many exceptions each group, automation or assignee has. */
#include "api/check.h"
#include "api/exception.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/name.h"

static int64_t position_of(const void *counts, int at)
{
    return ((const ExceptionCount *)counts)[at].position;
}

static bool count_to_json(ApiRequest *request, ExceptionFacet facet, const ExceptionCount *count, Error *err)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    switch (facet) {
    case EXCEPTION_GROUPS:
        json_key(out, S("group"));
        if (!exception_group_to_json(request, count->value, err))
            return false;
        break;
    case EXCEPTION_AUTOMATIONS:
        json_member_str(out, S("automation"), name_automation(request->arena, &request->scope, count->value));
        break;
    case EXCEPTION_ASSIGNEES: json_member_str(out, S("assignee"), count->value); break;
    }
    json_key(out, S("count"));
    json_i64(out, MIN_OF(count->count, INT32_MAX));
    json_close_object(out);
    return true;
}

static bool count_by(ApiRequest *request, ExceptionFacet facet, Error *err)
{
    static const Str members[] = {
        [EXCEPTION_GROUPS] = S_INIT("group_counts"),
        [EXCEPTION_AUTOMATIONS] = S_INIT("automation_counts"),
        [EXCEPTION_ASSIGNEES] = S_INIT("assignee_counts"),
    };
    ApiList list;
    ExceptionCount *counts;
    int n, from, to;
    int64_t total = 0;
    if (!list_begin(request, &list, err) || !store_exception_count(request->tx, request->arena, &request->scope, facet,
                                                                   list.query.filter, &counts, &n, err))
        return false;
    list.query.want_total = true;
    list_slice_by_position(&list, n, position_of, counts, &from, &to);
    json_open_object(&request->json);
    json_key(&request->json, members[facet]);
    json_open_array(&request->json);
    for (int i = from; i < to; i++) {
        if (!count_to_json(request, facet, &counts[i], err))
            return false;
    }
    json_close_array(&request->json);
    list_end(request, &list);
    for (int i = 0; i < n; i++)
        total += counts[i].count;
    json_key(&request->json, S("total_exception_count"));
    json_i64(&request->json, MIN_OF(total, INT32_MAX));
    json_close_object(&request->json);
    return true;
}

static bool count_by_group(ApiRequest *request, Error *err)
{
    return count_by(request, EXCEPTION_GROUPS, err);
}

static bool count_by_automation(ApiRequest *request, Error *err)
{
    return count_by(request, EXCEPTION_AUTOMATIONS, err);
}

static bool count_by_body(ApiRequest *request, Error *err)
{
    static const ExceptionFacet facets[] = {
        [WIRE_EXCEPTION_FACET_GROUP] = EXCEPTION_GROUPS,
        [WIRE_EXCEPTION_FACET_AUTOMATION] = EXCEPTION_AUTOMATIONS,
        [WIRE_EXCEPTION_FACET_ASSIGNEE] = EXCEPTION_ASSIGNEES,
    };
    Str asked = json_text(json_get(request->body, S("count_by")));
    list_arguments_of_body(request);
    return count_by(request, facets[contract_enum_find(ENUM_EXCEPTION_FACET, asked, false)], err);
}

const Handler exception_count_handlers[] = {
    {OP_COUNT_EXCEPTIONS_BY_GROUP, ON_READER, count_by_group},
    {OP_COUNT_EXCEPTIONS_BY_AUTOMATION, ON_READER, count_by_automation},
    {OP_COUNT_EXCEPTIONS, ON_READER, count_by_body},
    HANDLERS_END,
};
