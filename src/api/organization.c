/* api/organization.c: organizations as their members see them, made and ended by admins. */
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "auth/permission.h"
#include "base/id.h"
#include "engine/tenant.h"

static void organization_to_json(ApiRequest *request, const Organization *organization)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"), name_organization(request->arena, organization->id));
    json_member_str(out, S("title"), organization->title);
    if (organization->logo_data_uri.len > 0)
        json_member_str(out, S("logo_data_uri"), organization->logo_data_uri);
    json_member_time_us(out, S("create_time"), organization->create_us);
    json_member_time_us(out, S("update_time"), organization->update_us);
    if (organization->delete_us) {
        json_member_time_us(out, S("delete_time"), organization->delete_us);
        json_member_time_us(out, S("purge_time"), tenant_purge_us(organization->delete_us));
    }
    json_member_str(out, S("owner_display_name"), organization->owner_display_name);
    json_member_str(out, S("owner_email"), organization->owner_email);
    json_close_object(out);
}

static bool list_my_organizations(ApiRequest *request, Error *err)
{
    ApiList list;
    Organization *organizations;
    int n;
    if (!list_begin(request, &list, err) ||
        !store_organization_list(request->tx, request->arena, request->principal->user, &list.query, &organizations, &n,
                                 &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("user_organizations"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) {
        if (!principal_is_kept_out(request->principal, organizations[i].id, S("")))
            organization_to_json(request, &organizations[i]);
    }
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static bool get_organization(ApiRequest *request, Error *err)
{
    Organization organization;
    if (!store_organization_get(request->tx, request->arena, request->path[PATH_ORGANIZATION], &organization, err))
        return false;
    organization_to_json(request, &organization);
    return true;
}

/* ---- changing ---- */

static bool check_logo(Str logo, Error *err)
{
    return logo.len == 0 || str_starts(logo, S("data:image/")) ||
           error_set(err, INVALID_ARGUMENT, "logo_data_uri",
                     "must be a picture as a data URI, such as data:image/png;base64,…");
}

/* There is no organization yet that could have given a role: who administers one may make another. */
static bool administers_any(ApiRequest *request, Error *err)
{
    Membership anywhere;
    if (!store_membership_anywhere(request->tx, request->arena, request->principal->user, &anywhere, err))
        return false;
    return membership_may(&anywhere, S("create:Organization")) ||
           error_set(err, PERMISSION_DENIED, "",
                     "you administer no organization, so you lack the permission create:Organization; ask an admin");
}

/* Who may is found out beside the writer: whoever administers something is not slowed down by how much that is. */
static bool prepare_create(ApiRequest *request, Error *err)
{
    if (request->principal->n_workspaces > 0)
        return error_set(err, PERMISSION_DENIED, "",
                         "this token is bound to workspaces; create:Organization needs one that is not");
    return administers_any(request, err) && check_logo(json_text(json_get(request->body, S("logo_data_uri"))), err);
}

/* On the writer's thread. Whoever makes an organization is its first admin, and shown as its owner. */
static bool create_organization(ApiRequest *request, Error *err)
{
    const Principal *creator = request->principal;
    Id id = id_new();
    Organization organization = {
        .id = str_copy(request->arena, id_str(&id)),
        .title = json_text(json_get(request->body, S("title"))),
        .logo_data_uri = json_text(json_get(request->body, S("logo_data_uri"))),
        .owner_display_name = creator->display_name,
        .owner_email = creator->email,
    };
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    if (!store_organization_create(request->tx, &organization, err) ||
        !store_member_put(request->tx, organization.key, 0, creator->user, ROLE_ORGANIZATION_ADMIN, err))
        return false;
    organization_to_json(request, &organization);
    return idempotent_end(request, err);
}

typedef struct OrganizationEdit {
    Mask mask;
    Str title, logo;
} OrganizationEdit;

static bool prepare_update(ApiRequest *request, Error *err)
{
    OrganizationEdit *edit = NEW(request->arena, OrganizationEdit);
    request->state = edit;
    if (!mask_read(request, &edit->mask, err))
        return false;
    edit->title = json_text(json_get(request->body, S("title")));
    edit->logo = json_text(json_get(request->body, S("logo_data_uri")));
    if (mask_has(request, &edit->mask, S("title")) && edit->title.len == 0)
        return error_set(err, INVALID_ARGUMENT, "title", "must not be empty");
    return check_logo(edit->logo, err);
}

static bool organization_of_path(ApiRequest *request, Organization *out, Error *err)
{
    return store_organization_get(request->tx, request->arena, request->path[PATH_ORGANIZATION], out, err);
}

static bool update_organization(ApiRequest *request, Error *err)
{
    const OrganizationEdit *edit = request->state;
    Organization organization;
    if (!organization_of_path(request, &organization, err))
        return false;
    if (mask_has(request, &edit->mask, S("title")))
        organization.title = edit->title;
    if (mask_has(request, &edit->mask, S("logo_data_uri")))
        organization.logo_data_uri = edit->logo;
    if (!store_organization_update(request->tx, &organization, err))
        return false;
    organization_to_json(request, &organization);
    return true;
}

static bool delete_organization(ApiRequest *request, Error *err)
{
    Organization organization;
    if (!organization_of_path(request, &organization, err) ||
        !organization_delete(request->tx, api_engine(request->api), &organization, err))
        return false;
    organization_to_json(request, &organization);
    return true;
}

static bool undelete_organization(ApiRequest *request, Error *err)
{
    Organization organization;
    if (!organization_of_path(request, &organization, err) || !organization_undelete(request->tx, &organization, err))
        return false;
    organization_to_json(request, &organization);
    return true;
}

const Handler organization_handlers[] = {
    {OP_LIST_MY_ORGANIZATIONS, ON_READER, list_my_organizations},
    {OP_GET_ORGANIZATION, ON_LOOP, get_organization},
    {OP_CREATE_ORGANIZATION, ON_WRITER, create_organization, prepare_create},
    {OP_UPDATE_ORGANIZATION, ON_WRITER, update_organization, prepare_update},
    {OP_DELETE_ORGANIZATION, ON_WRITER, delete_organization},
    {OP_UNDELETE_ORGANIZATION, ON_WRITER, undelete_organization},
    HANDLERS_END,
};
