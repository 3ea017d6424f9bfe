#include "api/reach.h"

#include <stdlib.h>

#include "aip/name.h"
#include "aip/page.h"

static bool enter(ApiRequest *request, Str id, Scope *out, Error *err)
{
    return principal_authorize(request->tx, request->arena, request->principal, request->operation->permission,
                               request->scope.organization_id, id, out, err);
}

static int by_key(const void *a, const void *b)
{
    const Scope *x = a, *y = b;
    return (x->workspace > y->workspace) - (x->workspace < y->workspace);
}

static void keep(Reach *out, Scope *scopes, int n)
{
    int kept = 0;
    if (n > 0)
        qsort(scopes, (size_t)n, sizeof *scopes, by_key);
    for (int i = 0; i < n; i++) { /* one that was named twice counts once */
        if (kept == 0 || scopes[kept - 1].workspace != scopes[i].workspace)
            scopes[kept++] = scopes[i];
    }
    *out = (Reach){.workspaces = scopes, .n = kept};
}

static bool read_named(ApiRequest *request, const ApiParameter *asked, Reach *out, Error *err)
{
    Scope *scopes = NEW_ARRAY(request->arena, Scope, asked->n);
    for (uint32_t i = 0; i < asked->n; i++) {
        Str name = asked->texts[i];
        NameParts parts;
        Error unread;
        if (str_find_char(name, '/') >= 0 &&
            (!name_parse(name, S("organizations/{organization}/workspaces/{workspace}"), "", &parts, &unread) ||
             !str_eq(parts.values[0], request->scope.organization_id)))
            return error_set(err, NOT_FOUND, "", "workspace \"%.*s\" was not found in this organization",
                             STR_ARG(str_clip(name, 120)));
        if (!enter(request, name_leaf(name), &scopes[i], err))
            return false;
    }
    keep(out, scopes, (int)asked->n);
    return true;
}

#define WORKSPACES_AT_ONCE 1000

static bool read_all(ApiRequest *request, Reach *out, Error *err)
{
    PageCursor cursor = {0};
    ListEnd end = {.more = true};
    Scope *scopes = NULL;
    int kept = 0;
    while (end.more) {
        ListQuery query = {.cursor = &cursor, .limit = WORKSPACES_AT_ONCE};
        Workspace *workspaces;
        int n;
        if (!store_workspace_list(request->tx, request->arena, request->scope.organization, request->principal->user,
                                  &query, &workspaces, &n, &end, err))
            return false;
        Scope *room = NEW_ARRAY(request->arena, Scope, (size_t)(kept + n));
        if (kept > 0)
            memcpy(room, scopes, (size_t)kept * sizeof *room);
        scopes = room;
        for (int i = 0; i < n; i++) {
            Error refusal = {0};
            if (enter(request, workspaces[i].id, &scopes[kept], &refusal))
                kept++;
            else if (refusal.code != PERMISSION_DENIED && refusal.code != NOT_FOUND) {
                *err = refusal;
                return false;
            }
        }
    }
    keep(out, scopes, kept);
    return true;
}

bool reach_read(ApiRequest *request, const ApiParameter *asked, Reach *out, Error *err)
{
    return asked && asked->n > 0 ? read_named(request, asked, out, err) : read_all(request, out, err);
}

int reach_find(const Reach *reach, int64_t workspace)
{
    if (reach->n == 0)
        return -1;
    const Scope *found = bsearch(&(Scope){.workspace = workspace}, reach->workspaces, (size_t)reach->n,
                                 sizeof *reach->workspaces, by_key);
    return found ? (int)(found - reach->workspaces) : -1;
}

Scope reach_scope(const ApiRequest *request, const Reach *reach)
{
    return reach->n == 1 ? reach->workspaces[0] : request->scope;
}
