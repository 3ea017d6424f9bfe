/* auth/authenticate.c: from a header to a principal. */
#include <stdlib.h>
#include <string.h>

#include "auth/grant.h"
#include "auth/memory.h"
#include "base/clock.h"
#include "store/token.h"

enum { MINUTE_US = 60 * 1000 * 1000 };

/* ---- the last use ---- */

typedef struct UseCommand {
    Command command;
    int64_t token, now_us;
} UseCommand;

static bool use_apply(Tx *tx, Command *command, Error *err)
{
    const UseCommand *use = (UseCommand *)command;
    return store_token_used(tx, use->token, use->now_us, err);
}

/* Not written, it is written a minute later. */
static void use_done(Command *command, bool ok, const Error *err)
{
    (void)ok, (void)err;
    free(command);
}

static void note_use(Tx *tx, KnownToken *known, int64_t now_us)
{
    if (now_us - known->noted_us < MINUTE_US)
        return;
    known->noted_us = now_us;
    UseCommand *use = malloc(sizeof *use);
    if (!use)
        return;
    *use = (UseCommand){{.apply = use_apply, .done = use_done}, known->principal.token, now_us};
    store_submit(tx_store(tx), &use->command);
}

/* ---- the token ---- */

static bool refuse(Error *err)
{
    return error_set(err, UNAUTHENTICATED, "", "the token is not valid: it is mistyped, revoked or of another server");
}

/* "Bearer <token>"; the scheme in any case (RFC 9110). */
static bool read_header(Str authorization, Str *out_secret, Error *err)
{
    Str rest = str_trim(authorization);
    if (rest.len == 0)
        return error_set(err, UNAUTHENTICATED, "",
                         "say who you are: send the header \"Authorization: Bearer kgn_pat_…\"");
    Str scheme = str_cut(&rest, ' ');
    Str secret = str_trim(rest);
    if (!str_eq_fold(scheme, S("Bearer")) || secret.len == 0)
        return error_set(err, UNAUTHENTICATED, "", "expected \"Bearer \" and a token in the Authorization header");
    if (!token_secret_is_well_formed(secret))
        return refuse(err);
    *out_secret = secret;
    return true;
}

static bool load(Tx *tx, Arena *arena, const unsigned char hash[TOKEN_HASH_LEN], KnownToken *out, Error *err)
{
    Token token;
    User user;
    if (!store_token_get_by_hash(tx, arena, hash, &token, err) ||
        !store_user_get_by_key(tx, arena, token.user, &user, err))
        return err->code == NOT_FOUND ? refuse(err) : false;
    if (!token_hash_eq(token.hash, hash))
        return refuse(err);
    *out = (KnownToken){.noted_us = token.last_used_us,
                        .principal = {.user = token.user,
                                      .token = token.key,
                                      .user_id = user.id,
                                      .display_name = user.display_name,
                                      .email = user.email,
                                      .token_id = token.id,
                                      .expire_us = token.expire_us}};
    memcpy(out->hash, hash, TOKEN_HASH_LEN);
    return grant_read(arena, token.workspaces, token.permissions, &out->principal, err);
}

static bool find(Tx *tx, Arena *arena, const unsigned char hash[TOKEN_HASH_LEN], KnownToken **out, Error *err)
{
    AuthMemory *memory = auth_memory(tx);
    Str key = str_of((const char *)hash, TOKEN_HASH_LEN);
    KnownToken *known = memory ? map_get(&memory->tokens, key) : NULL;
    if (known && token_hash_eq(known->hash, hash)) {
        *out = known;
        return true;
    }
    Arena *kept = memory ? &memory->arena : arena;
    known = NEW(kept, KnownToken);
    if (!load(tx, kept, hash, known, err))
        return false;
    if (memory)
        map_put(&memory->tokens, str_of((const char *)known->hash, TOKEN_HASH_LEN), known);
    *out = known;
    return true;
}

/* Requests outlive what a reader remembers. */
static const Str *copy_list(Arena *arena, const Str *list, uint32_t n)
{
    Str *copy = NEW_ARRAY(arena, Str, n);
    for (uint32_t i = 0; i < n; i++)
        copy[i] = str_copy(arena, list[i]);
    return copy;
}

static const Principal *copy_principal(Arena *arena, const Principal *principal)
{
    Principal *copy = NEW(arena, Principal);
    *copy = *principal;
    copy->user_id = str_copy(arena, principal->user_id);
    copy->display_name = str_copy(arena, principal->display_name);
    copy->email = str_copy(arena, principal->email);
    copy->token_id = str_copy(arena, principal->token_id);
    copy->permissions = copy_list(arena, principal->permissions, principal->n_permissions);
    copy->workspaces = copy_list(arena, principal->workspaces, principal->n_workspaces);
    return copy;
}

bool principal_authenticate(Tx *tx, Arena *arena, Str authorization, const Principal **out, Error *err)
{
    Str secret;
    if (!read_header(authorization, &secret, err))
        return false;
    unsigned char hash[TOKEN_HASH_LEN];
    token_secret_hash(secret, hash);
    KnownToken *known = NULL;
    if (!find(tx, arena, hash, &known, err))
        return false;
    int64_t now_us = clock_now_us();
    if (known->principal.expire_us != 0 && now_us >= known->principal.expire_us)
        return error_set(err, UNAUTHENTICATED, "", "the token has expired; make a new one");
    note_use(tx, known, now_us);
    *out = copy_principal(arena, &known->principal);
    return true;
}
