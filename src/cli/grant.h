/* cli/grant.h: tokens that an operator with access to the data directory gives out. */
#ifndef CLERKWORK_CLI_GRANT_H
#define CLERKWORK_CLI_GRANT_H

#include "aip/page.h"
#include "auth/token.h"
#include "store/token.h"
#include "store/tenant.h"

#define TOKENS_OF_A_USER_MAX 10

typedef struct TokenGrant {
    Str display_name;
    Str permissions;   /* as store/token.h keeps them: "all", "read_only" or a JSON array */
    int64_t expire_us; /* 0: never */
    bool replace;      /* a token of that name goes first */
} TokenGrant;

/* Makes the token and tells its secret, which is kept nowhere. RESOURCE_EXHAUSTED at ten. */
MUST_USE bool token_grant(Tx *tx, Arena *arena, const User *user, const TokenGrant *grant, TokenSecret *out,
                          Error *err);
/* Every token of the user, newest first. */
MUST_USE bool token_all(Tx *tx, Arena *arena, const User *user, Token **out, int *out_n, Error *err);

#endif
