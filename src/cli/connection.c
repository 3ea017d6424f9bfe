/* cli/connection.c */
#include "cli/connection.h"

#include "auth/seal.h"

const char *key_file_path(Arena *arena, Str said, Str data)
{
    Str directory = str_starts(data, S("sqlite:")) ? str_skip(data, S("sqlite:").len) : data;
    return str_to_c(arena, said.len > 0 ? said : str_printf(arena, "%.*s/credentials.key", STR_ARG(directory)));
}

static bool open_secret(Arena *arena, const char *key_file, const ConnectionRow *row, Str *out, Error *err)
{
    SealKey key;
    *out = S("");
    if (row->sealed.len == 0)
        return true;
    if (!seal_key_read(key_file, false, &key, err))
        return false;
    bool ok = unseal_connection(arena, &key, row, out, err);
    seal_key_done(&key);
    return ok;
}

bool connection_open(Tx *tx, Arena *arena, const Scope *scope, const char *key_file, Str book, Str name,
                     BookConnection *out, Error *err)
{
    ConnectionRow row;
    if (!store_connection_get(tx, arena, scope, name, &row, err)) {
        if (err->code == NOT_FOUND)
            error_set(err, NOT_FOUND, "",
                      "there is no connection \"%.*s\" in this workspace; whoever runs the server makes one: clerkwork "
                      "connection set %.*s --book %.*s --url …",
                      STR_ARG(str_clip(name, 60)), STR_ARG(str_clip(name, 60)), STR_ARG(book));
        return false;
    }
    if (!str_eq(row.book, book))
        return error_set(err, FAILED_PRECONDITION, "", "the connection \"%.*s\" belongs to the book %.*s, not %.*s",
                         STR_ARG(name), STR_ARG(row.book), STR_ARG(book));
    if (row.auth < 0 || row.auth >= AUTH_N)
        return error_set(err, DATA_LOSS, "", "the connection \"%.*s\" is damaged; set it anew", STR_ARG(name));
    *out = (BookConnection){.name = row.name,
                            .book = row.book,
                            .url = row.url,
                            .auth = (BookAuth)row.auth,
                            .user = row.user,
                            .sender = row.sender};
    return open_secret(arena, key_file, &row, &out->secret, err);
}
