/* api/organization.c: organizations as their members see them. */
#include "api/handlers.h"
#include "api/list.h"
#include "api/name.h"

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

const Handler organization_handlers[] = {
    {OP_LIST_MY_ORGANIZATIONS, ON_READER, list_my_organizations},
    {OP_GET_ORGANIZATION, ON_LOOP, get_organization},
    HANDLERS_END,
};
