/* tests/store/same/people.c: users, their roles, invitations, and what they prefer. */
#include "store/same/side.h"

#include "store/invitation.h"
#include "store/preferences.h"
#include "store/role.h"

/* ---- users ---- */

static Str email(Side *s) /* some are the same in another case, or composed otherwise */
{
    static const Str all[] = {S_INIT("ada@example.com"),     S_INIT("ADA@example.com"), S_INIT("straße@example.com"),
                              S_INIT("STRASSE@example.com"), S_INIT("é@example.com"),   S_INIT("e\xCC\x81@Example.com"),
                              S_INIT("ΣΑΣ@example.com"),     S_INIT("σας@EXAMPLE.com"), S_INIT("")};
    return all[below(s, COUNT_OF(all))];
}

static void say_user(Side *s, const User *row)
{
    say(s, "user", row->key);
    say_text(s, row->id);
    say_text(s, row->display_name);
    say_text(s, row->email);
}

static bool users(Tx *tx, Side *s, Error *err)
{
    User row = {.id = name(s, 'u', s->users + 1), .display_name = text(s), .email = email(s)};
    bool ok = true;
    switch (below(s, 4)) {
    case 0:
        if (!store_user_create(tx, &row, err))
            return false;
        s->users++;
        break;
    case 1: ok = store_user_get(tx, &s->f.arena, any(s, 'u', s->users), &row, err); break;
    case 2: ok = store_user_get_by_key(tx, &s->f.arena, user(s), &row, err); break;
    default: ok = store_user_get_by_email(tx, &s->f.arena, email(s), &row, err);
    }
    if (ok)
        say_user(s, &row);
    return ok;
}

/* ---- roles ---- */

static void say_role(Side *s, const RoleRow *row)
{
    say(s, "role", row->key);
    say_text(s, row->id);
    say_text(s, row->title);
    say_text(s, row->permissions);
    say(s, "in_organization", row->in_organization);
    say(s, "at", row->update_us);
}

static Str title(Side *s) /* few, so that some are in use */
{
    static const Str all[] = {S_INIT("Clerk"), S_INIT("clerk"), S_INIT("Prüfer"), S_INIT("Org. admin"), S_INIT("")};
    return all[below(s, COUNT_OF(all))];
}

static bool role_change(Tx *tx, Side *s, Error *err)
{
    RoleRow row = {.id = name(s, 'l', s->roles + 1), .title = title(s), .permissions = S(",read:Run,")};
    switch (below(s, 3)) {
    case 0:
        if (!store_role_create(tx, place(s), &row, err))
            return false;
        s->roles++;
        say_role(s, &row);
        return true;
    case 1:
        if (!store_role_get(tx, &s->f.arena, place(s), any(s, 'l', s->roles), &row, err))
            return false;
        row.title = title(s);
        row.description = text(s);
        row.permissions = coin(s) ? S(",read:Run,invoke:Automation,") : S("");
        return store_role_update(tx, &row, err);
    default:
        return store_role_get(tx, &s->f.arena, place(s), any(s, 'l', s->roles), &row, err) &&
               store_role_delete(tx, &row, err);
    }
}

static bool role_lists(Tx *tx, Side *s, Error *err)
{
    RoleRow *rows, row;
    int n;
    if (!store_role_list(tx, &s->f.arena, place(s), &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_role(s, &rows[i]);
    if (!store_role_get_by_key(tx, &s->f.arena, place(s)->organization, coin(s) ? below(s, 9) : 1000 + below(s, 5),
                               &row, err))
        return false;
    say_role(s, &row);
    return true;
}

static int64_t any_role(Side *s)
{
    return coin(s) ? below(s, ROLE_MEMBER + 1) : ROLE_OWN_FIRST + below(s, 4);
}

static bool role_give(Tx *tx, Side *s, Error *err)
{
    const Scope *where = place(s);
    switch (below(s, 6)) {
    case 0: return store_member_expel(tx, where->organization, user(s), err);
    case 1: return store_member_put(tx, where->organization, where->workspace, user(s), (Role)any_role(s), err);
    default: return store_role_give(tx, where, user(s), any_role(s), err);
    }
}

static void say_membership(Side *s, const Membership *membership)
{
    say(s, "roles", membership->roles);
    say_text(s, membership->permissions);
}

static bool held(Tx *tx, Side *s, Error *err)
{
    const Scope *where = place(s);
    int64_t who = user(s), given;
    HeldRole *rows;
    Membership membership;
    int n;
    bool belongs;
    if (!store_role_held(tx, &s->f.arena, where, who, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
        say_text(s, rows[i].role_workspace_id);
        say(s, "own", rows[i].own);
        say(s, "in_organization", rows[i].in_organization);
    }
    if (!store_role_given(tx, where, who, &given, err) ||
        !store_membership(tx, &s->f.arena, where->organization, where->workspace, who, &membership, err))
        return false;
    say(s, "given", given);
    say_membership(s, &membership);
    if (!store_membership_anywhere(tx, &s->f.arena, who, &membership, err) ||
        !store_member_of_organization(tx, where->organization, who, &belongs, err))
        return false;
    say_membership(s, &membership);
    say(s, "belongs", belongs);
    return true;
}

static const Filter *member_filter(Side *s)
{
    static const char *const searched[] = {"ada", "Ä", "strasse", "%", "σας"};
    static const char *const roles[] = {
        "Clerk",   "org-admin", "PRÜFER", "organizations/o1/roles/l1", "organizations/o1/workspaces/w1/roles/l2",
        "nobody's"};
    switch (below(s, 4)) {
    case 0: return filter_text(&s->f, "search", FILTER_HAS, searched[below(s, COUNT_OF(searched))]);
    case 1: return filter_text(&s->f, "role", FILTER_EQ, roles[below(s, COUNT_OF(roles))]);
    case 2:
        return filter_enum(&s->f, "role_scope", FILTER_EQ, "UNSPECIFIED ORGANIZATION WORKSPACE",
                           coin(s) ? "ORGANIZATION" : "WORKSPACE");
    default: return NULL;
    }
}

static bool members(Tx *tx, Side *s, Error *err)
{
    static const Str orders[] = {S_INIT(""), S_INIT("email"), S_INIT("display_name desc"), S_INIT("created_time")};
    const Scope *where = place(s);
    ListQuery query = query_of(s, member_filter(s));
    ListEnd end;
    User *rows;
    int n;
    int64_t all;
    query.order_by = orders[below(s, COUNT_OF(orders))];
    if (!store_member_list(tx, &s->f.arena, where, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_user(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_member_count(tx, where, &all, err))
        return false;
    say(s, "members", all);
    return true;
}

/* ---- invitations ---- */

static void say_invitation(Side *s, const Invitation *row)
{
    say(s, "invitation", row->key);
    say_text(s, row->scope.organization_id);
    say_text(s, row->scope.workspace_id);
    say_text(s, row->email);
    say(s, "role", row->role);
    say(s, "until", row->expire_us);
    say(s, "accepted", row->accept_us);
    say(s, "revoked", row->revoke_us);
}

static bool invite(Tx *tx, Side *s, Error *err)
{
    Invitation row = {.scope = *place(s),
                      .id = any(s, 'i', s->invitations),
                      .email = email(s),
                      .role = any_role(s),
                      .expire_us = moment(s)};
    row.hash[0] = (unsigned char)below(s, 40); /* one that is there is refused, as an id is */
    if (!store_invitation_create(tx, &row, err))
        return false;
    s->invitations++;
    say_invitation(s, &row);
    return true;
}

static bool invitations(Tx *tx, Side *s, Error *err)
{
    Invitation row = {.hash = {(unsigned char)below(s, 40)}}, *rows;
    ListQuery query = query_of(s, NULL);
    ListEnd end;
    int n;
    switch (below(s, 3)) {
    case 0:
        if (!store_invitation_get(tx, &s->f.arena, place(s)->organization, any(s, 'i', s->invitations), &row, err))
            return false;
        say_invitation(s, &row);
        row.accept_us = moment(s);
        row.revoke_us = moment(s);
        return store_invitation_update(tx, &row, err);
    case 1:
        if (!store_invitation_get_by_hash(tx, &s->f.arena, row.hash, &row, err))
            return false;
        say_invitation(s, &row);
        return true;
    default:
        if (!store_invitation_list(tx, &s->f.arena, place(s), s->now_us, &query, &rows, &n, &end, err))
            return false;
        for (int i = 0; i < n; i++)
            say_invitation(s, &rows[i]);
        say_end(s, &query, &end);
        return true;
    }
}

/* ---- preferences ---- */

static void say_preferences(Side *s, const Preferences *preferences)
{
    const Locale *locale = &preferences->locale;
    say_text(s, locale->time_zone);
    buf_printf(&s->said, "%d %d %d %d %d/%d %d at %lld ", locale->time_format, locale->date_format,
               locale->decimal_symbol, locale->measurement, locale->places_set, locale->decimal_places,
               preferences->support_access, (long long)preferences->update_us);
}

static bool preferences(Tx *tx, Side *s, Error *err)
{
    Preferences own = {.locale = {.time_zone = text(s),
                                  .time_format = (TimeFormat)below(s, TIME_FORMATS),
                                  .date_format = (DateFormat)below(s, DATE_FORMATS),
                                  .decimal_symbol = (DecimalSymbol)below(s, DECIMAL_SYMBOLS),
                                  .measurement = (MeasurementSystem)below(s, MEASUREMENT_SYSTEMS),
                                  .places_set = coin(s),
                                  .decimal_places = (uint8_t)below(s, DECIMAL_PLACES_MOST + 1)},
                       .support_access = (SupportAccess)below(s, SUPPORT_ALLOWED + 1)};
    const Scope *where = place(s);
    if (random_chance(&s->random, 20)) /* then none of the tenant's can be read */
        own.support_access = SUPPORT_ALLOWED + 1;
    if (coin(s) && !store_preferences_put(tx, where, &own, err))
        return false;
    if (!store_preferences_get(tx, &s->f.arena, where, &own, err))
        return false;
    say_preferences(s, &own);
    if (!store_preferences_effective(tx, &s->f.arena, where, &own, err))
        return false;
    say_preferences(s, &own);
    return true;
}

const Operation same_people[] = {
    {"users", users},
    {"role_change", role_change},
    {"role_change", role_change},
    {"role_lists", role_lists},
    {"role_give", role_give},
    {"role_give", role_give},
    {"held", held},
    {"members", members},
    {"invite", invite},
    {"invitations", invitations},
    {"preferences", preferences},
    {0},
};
