/* cli/grant.c: tokens that an operator gives out. */
#include "cli/grant.h"

#include "base/id.h"

bool token_all(Tx *tx, Arena *arena, const User *user, Token **out, int *out_n, Error *err)
{
    ListQuery all = {.cursor = &(PageCursor){0}, .limit = 1000};
    ListEnd end;
    return store_token_list(tx, arena, user->key, &all, out, out_n, &end, err);
}

static bool remove_named(Tx *tx, Arena *arena, const User *user, Str display_name, Error *err)
{
    Token *tokens;
    int n;
    if (!token_all(tx, arena, user, &tokens, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        if (str_eq(tokens[i].display_name, display_name) && !store_token_delete(tx, user->key, tokens[i].id, err))
            return false;
    return true;
}

bool token_grant(Tx *tx, Arena *arena, const User *user, const TokenGrant *grant, TokenSecret *out, Error *err)
{
    if (grant->replace && !remove_named(tx, arena, user, grant->display_name, err))
        return false;
    *out = token_secret_new();
    Id id = id_new();
    Token token = {
        .user = user->key,
        .id = str_copy(arena, id_str(&id)),
        .display_name = grant->display_name,
        .prefix = token_secret_shown(token_secret_str(out)),
        .permissions = grant->permissions,
        .expire_us = grant->expire_us,
        .create_us = tx_now_us(tx),
        .update_us = tx_now_us(tx),
    };
    token_secret_hash(token_secret_str(out), token.hash);
    return store_token_create(tx, &token, TOKENS_OF_A_USER_MAX, err);
}
