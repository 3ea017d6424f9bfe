/* api/exception.c: the questions of published runs: found, answered, given up, handed to somebody. */
#include "api/exception.h"

#include "aip/name.h"
#include "api/answer.h"
#include "api/check.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "base/clock.h"

/* ---- as JSON ---- */

static const unsigned wire_states[] = {
    [EXCEPTION_UNSPECIFIED] = WIRE_EXCEPTION_STATE_UNSPECIFIED,
    [EXCEPTION_PENDING] = WIRE_EXCEPTION_STATE_PENDING,
    [EXCEPTION_RESOLVED] = WIRE_EXCEPTION_STATE_RESOLVED,
    [EXCEPTION_ARCHIVED] = WIRE_EXCEPTION_STATE_ARCHIVED,
};
static const unsigned wire_stages[] = {
    [STAGE_UNSPECIFIED] = WIRE_AUTOMATION_STAGE_UNSPECIFIED,
    [STAGE_DRAFT] = WIRE_AUTOMATION_STAGE_DRAFT,
    [STAGE_PUBLISHED] = WIRE_AUTOMATION_STAGE_PUBLISHED,
};

static void location_to_json(JsonOut *out, const ExceptionRow *exception)
{
    json_key(out, S("location"));
    json_open_object(out);
    if (exception->location_start >= 0) {
        json_key(out, S("start_byte"));
        json_i64_text(out, exception->location_start);
        json_key(out, S("end_byte"));
        json_i64_text(out, exception->location_end);
    }
    json_close_object(out);
}

static void exception_to_json(ApiRequest *request, const ExceptionRow *exception)
{
    JsonOut *out = &request->json;
    Arena *arena = request->arena;
    const Scope *scope = &request->scope;
    json_open_object(out);
    json_member_str(out, S("name"), name_in_workspace(arena, scope, S("exceptions"), exception->id));
    json_member_str(out, S("run"), name_run(arena, scope, exception->automation_id, exception->run_id));
    json_member_str(out, S("automation"), name_automation(arena, scope, exception->automation_id));
    json_member_str(out, S("message"), exception->message);
    json_member_str(out, S("description"), exception->description);
    location_to_json(out, exception);
    json_member_str(out, S("state"), contract_enum_text(ENUM_EXCEPTION_STATE, wire_states[exception->state]));
    json_member_str(out, S("group"), exception_group_name(request, exception->group));
    json_member_str(out, S("stage"), contract_enum_text(ENUM_AUTOMATION_STAGE, wire_stages[exception->stage]));
    json_member_str(out, S("execution_id"), exception->execution_id);
    json_key(out, S("extra"));
    json_raw(out, exception->extra.len > 0 ? exception->extra : S("{}"));
    json_member_str(out, S("assignee"), exception->assignee);
    json_member_str(out, S("resolver"), exception->resolver);
    if (exception->guide_entry_id.len > 0)
        json_member_str(
            out, S("resolution_guide_entry"),
            name_in_automation(arena, scope, exception->automation_id, S("guideEntries"), exception->guide_entry_id));
    json_member_time_us(out, S("create_time"), exception->create_us);
    json_member_time_us(out, S("update_time"), exception->update_us);
    if (exception->due_us)
        json_member_time_us(out, S("due_time"), exception->due_us);
    json_close_object(out);
}

/* ---- reading ---- */

static bool get_exception(ApiRequest *request, Error *err)
{
    ExceptionRow exception;
    if (!store_exception_get(request->tx, request->arena, &request->scope, request->path[PATH_EXCEPTION], &exception,
                             err))
        return false;
    exception_to_json(request, &exception);
    return true;
}

static bool list_exceptions(ApiRequest *request, Error *err)
{
    ApiList list;
    ExceptionRow *exceptions;
    int n;
    if (!list_begin(request, &list, err))
        return false;
    list.query.want_total = true;
    if (!store_exception_list(request->tx, request->arena, &request->scope, &list.query, &exceptions, &n, &list.end,
                              err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("exceptions"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        exception_to_json(request, &exceptions[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- answering ---- */

static bool prepare_resolve(ApiRequest *request, Error *err)
{
    AnswerRequest *answer = NEW(request->arena, AnswerRequest);
    request->state = answer;
    if (!answer_of_body(request, answer, err))
        return false;
    answer->exception_id = request->path[PATH_EXCEPTION];
    return true;
}

static bool resolve_exception(ApiRequest *request, Error *err)
{
    AnswerResult result;
    if (!exception_answer(api_engine(request->api), request->reader, request->arena, &request->scope, request->state,
                          &result, err))
        return false;
    exception_to_json(request, &result.exception);
    return true;
}

/* ---- managing ---- */

static bool archive_exception(ApiRequest *request, Error *err)
{
    ExceptionRow exception;
    if (!exception_archive(request->tx, api_engine(request->api), request->arena, &request->scope,
                           request->path[PATH_EXCEPTION], &exception, err))
        return false;
    exception_to_json(request, &exception);
    return true;
}

static bool unarchive_exception(ApiRequest *request, Error *err)
{
    ExceptionRow exception;
    if (!exception_unarchive(request->tx, api_engine(request->api), request->arena, &request->scope,
                             request->path[PATH_EXCEPTION], &exception, err))
        return false;
    exception_to_json(request, &exception);
    return true;
}

bool exception_assignee(ApiRequest *request, const char *field, Str assignee, Str *out, Error *err)
{
    User user;
    Membership membership;
    *out = assignee;
    if (assignee.len == 0)
        return true;
    if (!store_user_get(request->tx, request->arena, name_leaf(assignee), &user, err) ||
        !store_membership(request->tx, request->arena, request->scope.organization, request->scope.workspace, user.key,
                          &membership, err))
        return error_set(err, INVALID_ARGUMENT, field, "there is no user \"%.*s\"; give users/{user}",
                         STR_ARG(str_slice(assignee, 0, 60)));
    if (membership_is_none(&membership))
        return error_set(err, INVALID_ARGUMENT, field, "%.*s is not a member of this workspace", STR_ARG(assignee));
    *out = str_printf(request->arena, "users/%.*s", STR_ARG(user.id));
    return true;
}

static bool change_exception(ApiRequest *request, const ExceptionChange *change, Error *err)
{
    ExceptionRow exception;
    if (!exception_change(request->tx, api_engine(request->api), request->arena, &request->scope,
                          request->path[PATH_EXCEPTION], change, &exception, err))
        return false;
    exception_to_json(request, &exception);
    return true;
}

static bool assign_exception(ApiRequest *request, Error *err)
{
    ExceptionChange change = {.has_assignee = true};
    return exception_assignee(request, "assignee", json_text(json_get(request->body, S("assignee"))), &change.assignee,
                              err) &&
           change_exception(request, &change, err);
}

static bool prepare_update(ApiRequest *request, Error *err)
{
    Mask mask;
    ExceptionChange *change = NEW(request->arena, ExceptionChange);
    const Json *due = json_get(request->body, S("due_time"));
    request->state = change;
    if (!mask_read(request, &mask, err))
        return false;
    change->has_assignee = mask_has(request, &mask, S("assignee"));
    change->has_due = mask_has(request, &mask, S("due_time"));
    change->assignee = json_text(json_get(request->body, S("assignee")));
    return !due || clock_parse(due->text, &change->due_us) ||
           error_set(err, INVALID_ARGUMENT, "due_time", "is no time; give one such as 2026-04-14T09:00:00Z");
}

static bool update_exception(ApiRequest *request, Error *err)
{
    ExceptionChange change = *(const ExceptionChange *)request->state;
    return (!change.has_assignee || exception_assignee(request, "assignee", change.assignee, &change.assignee, err)) &&
           change_exception(request, &change, err);
}

const Handler exception_handlers[] = {
    {OP_GET_EXCEPTION, ON_LOOP, get_exception},
    {OP_LIST_EXCEPTIONS, ON_READER, list_exceptions},
    {OP_RESOLVE_EXCEPTION, ON_POOL, resolve_exception, prepare_resolve},
    {OP_ARCHIVE_EXCEPTION, ON_WRITER, archive_exception},
    {OP_UNARCHIVE_EXCEPTION, ON_WRITER, unarchive_exception},
    {OP_ASSIGN_EXCEPTION, ON_WRITER, assign_exception},
    {OP_UPDATE_EXCEPTION, ON_WRITER, update_exception, prepare_update},
    HANDLERS_END,
};
