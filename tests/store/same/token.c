/* tests/store/same/token.c: access tokens. */
#include "store/same/side.h"

enum { TOKENS_MOST = 3, HASHES = 30 };

static void say_token(Side *s, const Token *row)
{
    say(s, "token", row->key);
    say_text(s, row->id);
    say_text(s, row->display_name);
    say_text(s, row->organization_id);
    say_text(s, row->workspaces);
    say_text(s, row->permissions);
    say(s, "at", row->update_us);
    say(s, "used", row->last_used_us);
}

static bool token_create(Tx *tx, Side *s, Error *err)
{
    const Scope *where = place(s);
    Token row = {.user = user(s),
                 .organization = coin(s) ? where->organization : 0,
                 .organization_id = where->organization_id,
                 .id = any(s, 'k', s->tokens),
                 .display_name = text(s),
                 .prefix = text(s),
                 .workspaces = text(s),
                 .permissions = S("all"),
                 .expire_us = moment(s)};
    row.hash[31] = (unsigned char)below(s, HASHES); /* one that is there is refused, as an id is */
    if (!store_token_create(tx, &row, TOKENS_MOST, err))
        return false;
    s->tokens++;
    say_token(s, &row);
    return true;
}

static bool token_look(Tx *tx, Side *s, Error *err)
{
    Token row = {0}, *rows;
    ListQuery query = query_of(s, NULL);
    ListEnd end;
    int n;
    row.hash[31] = (unsigned char)below(s, HASHES);
    if (!store_token_list(tx, &s->f.arena, user(s), &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_token(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_token_get_by_hash(tx, &s->f.arena, row.hash, &row, err))
        return false;
    say_token(s, &row);
    return true;
}

static bool token_change(Tx *tx, Side *s, Error *err)
{
    Token row;
    if (random_chance(&s->random, 4))
        return store_token_delete(tx, user(s), any(s, 'k', s->tokens), err);
    if (!store_token_get(tx, &s->f.arena, user(s), any(s, 'k', s->tokens), &row, err))
        return false;
    if (coin(s))
        return store_token_used(tx, row.key, moment(s), err);
    row.display_name = text(s);
    row.workspaces = text(s);
    row.permissions = text(s);
    row.update_us = s->now_us;
    row.key += random_chance(&s->random, 10) ? 1000 : 0; /* that is not there */
    return store_token_update(tx, &row, err);
}

const Operation same_tokens[] = {
    {"token_create", token_create},
    {"token_create", token_create},
    {"token_look", token_look},
    {"token_change", token_change},
    {0},
};
