/* store/token.h: access tokens: only a hash of the secret is kept. A token stands for a user. */
#ifndef CLERKWORK_STORE_TOKEN_H
#define CLERKWORK_STORE_TOKEN_H

#include "store/store.h"

typedef struct Token {
    int64_t key, user;
    int64_t
        organization; /* with which it is counted; 0: none. What it may enter, `workspaces` and the user's roles say */
    Str organization_id;
    Str id, display_name;
    Str prefix;                              /* the first characters of the secret, shown in lists */
    unsigned char hash[32];                  /* SHA-256 of the whole secret */
    Str workspaces;                          /* JSON array of full workspace names; "" for all */
    Str permissions;                         /* "all", "read_only", or a JSON array of action:Resource */
    int64_t create_us, update_us, expire_us; /* expire 0: never */
    int64_t last_used_us;                    /* to the minute */
} Token;

/* RESOURCE_EXHAUSTED beyond `max_for_user` of the same user and organization. */
MUST_USE bool store_token_create(Tx *tx, Token *token, int max_for_user, Error *err);
MUST_USE bool store_token_get(Tx *tx, Arena *arena, int64_t user, Str id, Token *out, Error *err);
MUST_USE bool store_token_get_by_hash(Tx *tx, Arena *arena, const unsigned char hash[32], Token *out, Error *err);
MUST_USE bool store_token_list(Tx *tx, Arena *arena, int64_t user, ListQuery *query, Token **out, int *out_n,
                               ListEnd *end, Error *err);
MUST_USE bool store_token_update(Tx *tx, const Token *token, Error *err); /* name, workspaces, permissions */
MUST_USE bool store_token_delete(Tx *tx, int64_t user, Str id, Error *err);
MUST_USE bool store_token_used(Tx *tx, int64_t key, int64_t now_us, Error *err);

#endif
