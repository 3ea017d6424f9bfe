/* tests/store/same/tenant.c: organizations and their workspaces. */
#include "store/same/side.h"

static void say_organization(Side *s, const Organization *row)
{
    say(s, "organization", row->key);
    say_text(s, row->id);
    say_text(s, row->title);
    say_text(s, row->logo_data_uri);
    say(s, "deleted", row->delete_us);
}

static bool organizations(Tx *tx, Side *s, Error *err)
{
    Organization row = {.id = any(s, 'o', s->organizations), .title = text(s), .owner_email = text(s)}, *rows;
    ListQuery query = query_of(s, NULL);
    ListEnd end;
    int n;
    switch (below(s, 4)) {
    case 0: /* the id of one that is there is refused */
        if (str_eq(row.id, name(s, 'o', s->organizations + 1)))
            s->organizations++;
        return store_organization_create(tx, &row, err);
    case 1:
        if (!store_organization_get(tx, &s->f.arena, row.id, &row, err))
            return false;
        say_organization(s, &row);
        row.title = text(s);
        row.logo_data_uri = text(s);
        row.delete_us = random_chance(&s->random, 3) ? moment(s) : 0;
        return store_organization_update(tx, &row, err);
    default:
        if (!store_organization_list(tx, &s->f.arena, user(s), &query, &rows, &n, &end, err))
            return false;
        for (int i = 0; i < n; i++)
            say_organization(s, &rows[i]);
        say_end(s, &query, &end);
        return true;
    }
}

static void say_workspace(Side *s, const Workspace *row)
{
    say(s, "workspace", row->key);
    say_text(s, row->id);
    say_text(s, row->title);
    say_text(s, row->icon);
    say(s, "deleted", row->delete_us);
    say(s, "with its organization", row->organization_delete_us);
}

static const Filter *workspace_filter(Side *s)
{
    static const char *const titles[] = {"Invoices", "A", "ärger & söhne", "σας SS ß 漢 \xF0\x9F\x98\x80", "%_\\"};
    return coin(s) ? NULL : filter_text(&s->f, "title", any_op(s), titles[below(s, COUNT_OF(titles))]);
}

static bool workspaces(Tx *tx, Side *s, Error *err)
{
    static const Str orders[] = {S_INIT(""), S_INIT("title"), S_INIT("title desc"), S_INIT("update_time")};
    Workspace row = {.organization = place(s)->organization,
                     .id = any(s, 'w', s->workspaces),
                     .title = text(s),
                     .icon = text(s),
                     .creator_email = text(s)},
              *rows;
    ListQuery query = query_of(s, workspace_filter(s));
    ListEnd end;
    int n;
    switch (below(s, 4)) {
    case 0:
        if (str_eq(row.id, name(s, 'w', s->workspaces + 1)))
            s->workspaces++;
        return store_workspace_create(tx, &row, err);
    case 1:
        if (!store_workspace_get(tx, &s->f.arena, row.organization, row.id, &row, err))
            return false;
        say_workspace(s, &row);
        row.title = text(s);
        row.icon = text(s);
        row.delete_us = random_chance(&s->random, 3) ? moment(s) : 0;
        return store_workspace_update(tx, &row, err);
    default:
        query.order_by = orders[below(s, COUNT_OF(orders))];
        if (!store_workspace_list(tx, &s->f.arena, row.organization, coin(s) ? user(s) : 0, &query, &rows, &n, &end,
                                  err))
            return false;
        for (int i = 0; i < n; i++)
            say_workspace(s, &rows[i]);
        say_end(s, &query, &end);
        return true;
    }
}

const Operation same_tenants[] = {{"organizations", organizations}, {"workspaces", workspaces}, {0}};
