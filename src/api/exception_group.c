/* api/exception_group.c: the groups of exceptions, and what a workspace says of each: who is given new ones, and how
 * long an answer may take. */
#include "store/exception_group.h"

#include "api/duration.h"
#include "api/exception.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"

Str exception_group_name(ApiRequest *request, Str group)
{
    return group.len > 0 ? name_in_workspace(request->arena, &request->scope, S("exceptionGroups"), group) : group;
}

static const ExceptionGroup *group_find(Str id)
{
    for (size_t i = 0; i < COUNT_OF(exception_groups); i++) {
        if (str_eq(str_from_c(exception_groups[i].id), id))
            return &exception_groups[i];
    }
    return NULL;
}

bool exception_group_to_json(ApiRequest *request, Str id, Error *err)
{
    static const ExceptionGroup unknown = {.title = "", .description = "", .suggested_action = ""};
    const ExceptionGroup *group = group_find(id);
    GroupDefaults defaults;
    JsonOut *out = &request->json;
    if (!store_exception_group_get(request->tx, request->arena, &request->scope, id, &defaults, err))
        return false;
    if (!group)
        group = &unknown;
    json_open_object(out);
    json_member_str(out, S("name"), exception_group_name(request, id));
    json_member_str(out, S("title"), str_from_c(group->title));
    json_member_str(out, S("description"), str_from_c(group->description));
    json_member_str(out, S("suggested_action"), str_from_c(group->suggested_action));
    json_member_str(out, S("default_assignee"), defaults.assignee);
    if (defaults.due_us)
        json_member_str(out, S("response_time"),
                        str_printf(request->arena, "%llds", (long long)(defaults.due_us / 1000000)));
    json_close_object(out);
    return true;
}

static bool list_groups(ApiRequest *request, Error *err)
{
    ApiList list;
    int from, to;
    if (!list_begin(request, &list, err))
        return false;
    list_slice(&list, (int)COUNT_OF(exception_groups), &from, &to);
    json_open_object(&request->json);
    json_key(&request->json, S("groups"));
    json_open_array(&request->json);
    for (int i = from; i < to; i++) {
        if (!exception_group_to_json(request, str_from_c(exception_groups[i].id), err))
            return false;
    }
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static bool group_of_path(ApiRequest *request, Str *out_id, Error *err)
{
    *out_id = request->path[PATH_EXCEPTION_GROUP];
    return group_find(*out_id) ||
           error_set(err, NOT_FOUND, "",
                     "there is no exception group \"%.*s\"; they are missing_values, user_system_error and "
                     "internal_error",
                     STR_ARG(str_clip(*out_id, 64)));
}

static bool get_group(ApiRequest *request, Error *err)
{
    Str id;
    return group_of_path(request, &id, err) && exception_group_to_json(request, id, err);
}

/* ---- changing ---- */

typedef struct GroupEdit {
    Mask mask;
    Str assignee;
    int64_t due_us;
} GroupEdit;

static bool prepare_update(ApiRequest *request, Error *err)
{
    GroupEdit *edit = NEW(request->arena, GroupEdit);
    request->state = edit;
    edit->assignee = json_text(json_get(request->body, S("default_assignee")));
    return mask_read(request, &edit->mask, err) &&
           duration_of_body(request->body, "response_time", 1, "no due time", &edit->due_us, err);
}

static bool update_group(ApiRequest *request, Error *err)
{
    const GroupEdit *edit = request->state;
    Str id;
    GroupDefaults defaults;
    if (!group_of_path(request, &id, err) ||
        !store_exception_group_get(request->tx, request->arena, &request->scope, id, &defaults, err))
        return false;
    if (mask_has(request, &edit->mask, S("default_assignee")) &&
        !exception_assignee(request, "default_assignee", edit->assignee, &defaults.assignee, err))
        return false;
    if (mask_has(request, &edit->mask, S("response_time")))
        defaults.due_us = edit->due_us;
    return store_exception_group_put(request->tx, &request->scope, id, &defaults, err) &&
           exception_group_to_json(request, id, err);
}

const Handler exception_group_handlers[] = {
    {OP_LIST_EXCEPTION_GROUPS, ON_LOOP, list_groups},
    {OP_GET_EXCEPTION_GROUP, ON_LOOP, get_group},
    {OP_UPDATE_EXCEPTION_GROUP, ON_WRITER, update_group, prepare_update},
    HANDLERS_END,
};
