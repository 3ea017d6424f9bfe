/* api/workspace.c: workspaces: where automations, runs and questions live. */
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "base/id.h"
#include "engine/tenant.h"

static void workspace_to_json(ApiRequest *request, const Workspace *workspace)
{
    JsonOut *out = &request->json;
    Scope scope = {.organization_id = request->scope.organization_id, .workspace_id = workspace->id};
    json_open_object(out);
    json_member_str(out, S("name"), name_workspace(request->arena, &scope));
    json_member_str(out, S("title"), workspace->title);
    if (workspace->icon.len > 0)
        json_member_str(out, S("workspace_icon"), workspace->icon);
    if (workspace->icon_color.len > 0)
        json_member_str(out, S("workspace_icon_color"), workspace->icon_color);
    json_member_time_us(out, S("create_time"), workspace->create_us);
    json_member_time_us(out, S("update_time"), workspace->update_us);
    if (workspace->delete_us) {
        json_member_time_us(out, S("delete_time"), workspace->delete_us);
        json_member_time_us(out, S("purge_time"), tenant_purge_us(workspace->delete_us));
    }
    json_member_str(out, S("creator_display_name"), workspace->creator_display_name);
    json_member_str(out, S("creator_email"), workspace->creator_email);
    json_close_object(out);
}

/* The same things under two list keys: "workspaces", and "user_workspaces" for those that the caller may enter. */
static bool write_workspaces(ApiRequest *request, Str key, int64_t user, Error *err)
{
    ApiList list;
    Workspace *workspaces;
    int n;
    if (!list_begin(request, &list, err) ||
        !store_workspace_list(request->tx, request->arena, request->scope.organization, user, &list.query, &workspaces,
                              &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, key);
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) { /* a page may hold fewer than asked for (AIP-158) */
        if (!principal_is_kept_out(request->principal, request->scope.organization_id, workspaces[i].id))
            workspace_to_json(request, &workspaces[i]);
    }
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static bool list_my_workspaces(ApiRequest *request, Error *err)
{
    return write_workspaces(request, S("user_workspaces"), request->principal->user, err);
}

static bool list_workspaces(ApiRequest *request, Error *err)
{
    return write_workspaces(request, S("workspaces"), request->principal->user, err);
}

static bool get_workspace(ApiRequest *request, Error *err)
{
    Workspace workspace;
    if (!store_workspace_get(request->tx, request->arena, request->scope.organization, request->path[PATH_WORKSPACE],
                             &workspace, err))
        return false;
    workspace_to_json(request, &workspace);
    return true;
}

/* On the writer's thread. Whoever makes a workspace is its first administrator. */
static bool create_workspace(ApiRequest *request, Error *err)
{
    const Principal *creator = request->principal;
    Id id = id_new();
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    Workspace workspace = {
        .organization = request->scope.organization,
        .id = str_copy(request->arena, id_str(&id)),
        .title = json_text(json_get(request->body, S("title"))),
        .icon = json_text(json_get(request->body, S("workspace_icon"))),
        .icon_color = json_text(json_get(request->body, S("workspace_icon_color"))),
        .creator_display_name = creator->display_name,
        .creator_email = creator->email,
    };
    if (!store_workspace_create(request->tx, &workspace, err) ||
        !store_member_put(request->tx, workspace.organization, workspace.key, creator->user, ROLE_WORKSPACE_ADMIN, err))
        return false;
    workspace_to_json(request, &workspace);
    return idempotent_end(request, err);
}

/* ---- changing ---- */

typedef struct WorkspaceEdit {
    Mask mask;
    Str title, icon, icon_color;
} WorkspaceEdit;

static bool prepare_update(ApiRequest *request, Error *err)
{
    WorkspaceEdit *edit = NEW(request->arena, WorkspaceEdit);
    request->state = edit;
    if (!mask_read(request, &edit->mask, err))
        return false;
    edit->title = json_text(json_get(request->body, S("title")));
    edit->icon = json_text(json_get(request->body, S("workspace_icon")));
    edit->icon_color = json_text(json_get(request->body, S("workspace_icon_color")));
    if (mask_has(request, &edit->mask, S("title")) && edit->title.len == 0)
        return error_set(err, INVALID_ARGUMENT, "title", "must not be empty");
    return true;
}

static bool workspace_of_path(ApiRequest *request, Workspace *out, Error *err)
{
    return store_workspace_get(request->tx, request->arena, request->scope.organization, request->path[PATH_WORKSPACE],
                               out, err);
}

static bool update_workspace(ApiRequest *request, Error *err)
{
    const WorkspaceEdit *edit = request->state;
    Workspace workspace;
    if (!workspace_of_path(request, &workspace, err))
        return false;
    if (mask_has(request, &edit->mask, S("title")))
        workspace.title = edit->title;
    if (mask_has(request, &edit->mask, S("workspace_icon")))
        workspace.icon = edit->icon;
    if (mask_has(request, &edit->mask, S("workspace_icon_color")))
        workspace.icon_color = edit->icon_color;
    if (!store_workspace_update(request->tx, &workspace, err))
        return false;
    workspace_to_json(request, &workspace);
    return true;
}

static bool delete_workspace(ApiRequest *request, Error *err)
{
    Workspace workspace;
    if (!workspace_of_path(request, &workspace, err) ||
        !workspace_delete(request->tx, api_engine(request->api), &workspace, err))
        return false;
    workspace_to_json(request, &workspace);
    return true;
}

static bool undelete_workspace(ApiRequest *request, Error *err)
{
    Workspace workspace;
    if (!workspace_of_path(request, &workspace, err) || !workspace_undelete(request->tx, &workspace, err))
        return false;
    workspace_to_json(request, &workspace);
    return true;
}

const Handler workspace_handlers[] = {
    {OP_LIST_MY_WORKSPACES, ON_READER, list_my_workspaces},
    {OP_LIST_WORKSPACES, ON_READER, list_workspaces},
    {OP_GET_WORKSPACE, ON_LOOP, get_workspace},
    {OP_CREATE_WORKSPACE, ON_WRITER, create_workspace},
    {OP_UPDATE_WORKSPACE, ON_WRITER, update_workspace, prepare_update},
    {OP_DELETE_WORKSPACE, ON_WRITER, delete_workspace},
    {OP_UNDELETE_WORKSPACE, ON_WRITER, undelete_workspace},
    HANDLERS_END,
};
