/* tests/store/same/connection.c: what automations call other servers with. */
#include "store/same/side.h"

#include "store/connection.h"

static bool connections(Tx *tx, Side *s, Error *err)
{
    const Str names[] = {S("mail"), S("Mail"), S("ärp"), S("bank")};
    ConnectionRow row = {.scope = s->f.scope,
                         .name = names[below(s, COUNT_OF(names))],
                         .book = S("http"),
                         .url = text(s),
                         .user = text(s),
                         .sender = text(s),
                         .auth = below(s, 3),
                         .sealed = bytes(s)};
    ConnectionRow *rows;
    int n;
    if (coin(s) ? !store_connection_put(tx, &row, err)
                : random_chance(&s->random, 3) && !store_connection_delete(tx, &s->f.scope, row.name, err))
        return false;
    if (!store_connection_list(tx, &s->f.arena, &s->f.scope, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].name);
        say_text(s, rows[i].url);
    }
    return true;
}

const Operation same_connections[] = {
    {"connections", connections},
    {0},
};
