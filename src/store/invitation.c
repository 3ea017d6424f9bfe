/* store/invitation.c */
#include "store/invitation.h"

#include <string.h>

#include "store/internal.h"
#include "store/list.h"

#define INVITATION_COLUMNS                                                                                             \
    "i.key, i.organization, i.workspace, o.id, coalesce(w.id, ''), i.id, i.email, i.role, i.hash, i.create_us, "       \
    "i.expire_us, i.accept_us, i.revoke_us"
#define INVITATION_FROM                                                                                                \
    "invitation i JOIN organization o ON o.key = i.organization LEFT JOIN workspace w ON w.key = i.workspace"
#define INVITATION_PENDING "i.accept_us = 0 AND i.revoke_us = 0"

static void invitation_read(Query *query, Arena *arena, void *row)
{
    Invitation *invitation = row;
    *invitation = (Invitation){.key = next_i64(query)};
    invitation->scope.organization = next_i64(query);
    invitation->scope.workspace = next_i64(query);
    invitation->scope.organization_id = next_text(query, arena);
    invitation->scope.workspace_id = next_text(query, arena);
    invitation->id = next_text(query, arena);
    invitation->email = next_text(query, arena);
    invitation->role = next_i64(query);
    Str hash = next_text(query, arena);
    if (hash.len == sizeof invitation->hash) /* a damaged one stays zero and matches no secret */
        memcpy(invitation->hash, hash.data, sizeof invitation->hash);
    invitation->create_us = next_i64(query);
    invitation->expire_us = next_i64(query);
    invitation->accept_us = next_i64(query);
    invitation->revoke_us = next_i64(query);
}

static bool has_room(Tx *tx, const Invitation *invitation, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "SELECT count(*), coalesce(sum(CASE WHEN i.workspace = $1 AND lower(i.email) = lower($2) THEN 1 ELSE 0 "
            "END), 0) FROM invitation i WHERE i.organization = $3 AND " INVITATION_PENDING " AND i.expire_us > $4",
            err))
        return false;
    bind_i64(&query, invitation->scope.workspace);
    bind_text(&query, invitation->email);
    bind_i64(&query, invitation->scope.organization);
    bind_i64(&query, tx->now_us);
    int64_t all = 0, same = 0;
    if (query_next(&query)) {
        all = next_i64(&query);
        same = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    if (same > 0)
        return error_set(err, ALREADY_EXISTS, "email", "%.*s is invited already: revoke that invitation first",
                         STR_ARG(str_clip(invitation->email, 200)));
    return all < INVITATIONS_MOST ||
           error_set(err, RESOURCE_EXHAUSTED, "", "%d invitations are pending, which is as many as there may be",
                     INVITATIONS_MOST);
}

bool store_invitation_create(Tx *tx, Invitation *invitation, Error *err)
{
    if (!has_room(tx, invitation, err))
        return false;
    invitation->create_us = tx->now_us;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO invitation (organization, workspace, id, email, role, hash, create_us, expire_us, "
                    "accept_us, revoke_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0) RETURNING key",
                    err))
        return false;
    bind_i64(&query, invitation->scope.organization);
    bind_i64(&query, invitation->scope.workspace);
    bind_text(&query, invitation->id);
    bind_text(&query, invitation->email);
    bind_i64(&query, invitation->role);
    bind_bytes(&query, str_of((const char *)invitation->hash, sizeof invitation->hash));
    bind_i64(&query, invitation->create_us);
    bind_i64(&query, invitation->expire_us);
    bool found = false;
    return query_one_i64(&query, &found, &invitation->key, err);
}

static bool invitation_one(Query *query, Arena *arena, Invitation *out, Error *err)
{
    bool found = query_next(query);
    Invitation row;
    if (found)
        invitation_read(query, arena, &row);
    if (!query_end(query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "there is no such invitation");
    *out = row;
    return true;
}

bool store_invitation_get(Tx *tx, Arena *arena, int64_t organization, Str id, Invitation *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " INVITATION_COLUMNS " FROM " INVITATION_FROM " WHERE i.organization = $1 AND i.id = $2",
                    err))
        return false;
    bind_i64(&query, organization);
    bind_text(&query, id);
    return invitation_one(&query, arena, out, err);
}

bool store_invitation_get_by_hash(Tx *tx, Arena *arena, const unsigned char hash[32], Invitation *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " INVITATION_COLUMNS " FROM " INVITATION_FROM " WHERE i.hash = $1",
                    err))
        return false;
    bind_bytes(&query, str_of((const char *)hash, 32));
    return invitation_one(&query, arena, out, err);
}

bool store_invitation_list(Tx *tx, Arena *arena, const Scope *scope, int64_t now_us, ListQuery *query, Invitation **out,
                           int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan plan = {
        .columns = INVITATION_COLUMNS,
        .from = INVITATION_FROM,
        .where = "i.organization = $1 AND i.workspace = $2 AND i.expire_us > $3 AND " INVITATION_PENDING,
        .position = "i.create_us",
        .key = "i.key",
        .row_size = sizeof(Invitation),
        .row_align = _Alignof(Invitation),
        .read_row = invitation_read,
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(now_us)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

bool store_invitation_update(Tx *tx, const Invitation *invitation, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE invitation SET accept_us = $1, revoke_us = $2 WHERE organization = $3 AND key = $4", err))
        return false;
    bind_i64(&query, invitation->accept_us);
    bind_i64(&query, invitation->revoke_us);
    bind_i64(&query, invitation->scope.organization);
    bind_i64(&query, invitation->key);
    return query_run(&query, err);
}
