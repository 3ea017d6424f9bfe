/* cli/local_errand.c: other servers, called by a run without a server. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "cli/local.h"

/* "bearer TOKEN", "basic USER:PASSWORD", "header NAME:VALUE". */
static bool read_credential(Arena *arena, const char *variable, BookConnection *out, Error *err)
{
    const char *said = getenv(variable);
    Str rest = str_copy(arena, str_trim(str_from_c(said)));
    if (!said)
        return true;
    Str how = str_cut(&rest, ' ');
    for (int i = AUTH_NONE + 1; i < AUTH_N; i++)
        if (str_eq(how, str_from_c(book_auth_names[i])))
            out->auth = (BookAuth)i;
    if (out->auth == AUTH_BASIC || out->auth == AUTH_HEADER)
        out->user = str_cut(&rest, ':');
    out->secret = rest;
    return (out->auth != AUTH_NONE && rest.len > 0) ||
           error_set(err, INVALID_ARGUMENT, "",
                     "%s is not \"bearer TOKEN\", \"basic USER:PASSWORD\" or \"header NAME:VALUE\"", variable);
}

bool local_connection(LocalWorld *world, const char *given, const char *sender, Error *err)
{
    Str rest = str_copy(&world->arena, str_from_c(given)), name = str_cut(&rest, '=');
    char variable[100] = "CLERKWORK_SECRET_";
    size_t len = strlen(variable);
    if (!rest.data || rest.len == 0 || name.len == 0 || name.len + len >= sizeof variable)
        return error_set(err, INVALID_ARGUMENT, "", "--connection %s: write --connection NAME=URL", given);
    if (world->n_connections == LOCAL_CONNECTIONS_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "a run may use at most %d connections", LOCAL_CONNECTIONS_MAX);
    for (size_t i = 0; i < name.len; i++)
        variable[len++] = (char)toupper((unsigned char)name.data[i]);
    BookConnection *connection = &world->connections[world->n_connections++];
    *connection = (BookConnection){.name = name, .url = rest, .sender = str_from_c(sender)};
    connection->book = str_starts(rest, S("smtp")) ? S("email") : S("http");
    return read_credential(&world->arena, variable, connection, err);
}

bool local_find_connection(void *self, Arena *arena, Str book, Str name, BookConnection *out, Error *err)
{
    const LocalWorld *world = self;
    bool letters = str_eq(book, S("email"));
    if (world->staged) {
        *out = (BookConnection){.name = name,
                                .book = book,
                                .url = str_printf(arena, "%s://%.*s", letters ? "smtp" : "https", STR_ARG(name)),
                                .sender = str_printf(arena, "automations@%.*s.example", STR_ARG(name))};
        return true;
    }
    for (uint32_t i = 0; i < world->n_connections; i++)
        if (str_eq(world->connections[i].name, name) && str_eq(world->connections[i].book, book)) {
            *out = world->connections[i];
            out->secret = str_copy(arena, out->secret); /* the errand overwrites its own */
            return true;
        }
    return error_set(err, NOT_FOUND, "", "no connection \"%.*s\" was given: run again with --connection %.*s=%s",
                     STR_ARG(str_clip(name, 60)), STR_ARG(str_clip(name, 60)), letters ? "smtp://…" : "https://…");
}

static bool carry_out(LocalWorld *world, BookErrand *errand, Error *err)
{
    Error ignored = {0}; /* the errand's own is what counts */
    if (world->reply)
        return world->reply(world->reply_self, errand, err);
    if (!world->client &&
        !http_client_start(&world->client, &(HttpClientOptions){.reach_private = world->reach_private}, err))
        return false;
    (void)!http_client_wait(world->client, &errand->call, &ignored);
    return true;
}

bool local_call_outside(LocalWorld *world, const EvalCall *call, Str place, Arena *arena, Value *out, Error *err)
{
    BookContext context = local_context(world);
    BookErrand errand;
    Id id = id_new();
    int number = ++world->n_errands;
    context.alias = call->alias;
    context.idempotency_key = world->staged ? str_printf(arena, "key-%d", number) : id_str(&id);
    context.place = world->staged ? place : str_printf(arena, "%s/%.*s", id.text, STR_ARG(place));
    if (!books_prepare(&context, call->procedure, call->arguments, call->n_arguments, &errand, err))
        return false;
    bool ok = carry_out(world, &errand, err) && books_read(call->procedure, &errand, arena, out, err);
    book_errand_done(&errand);
    return ok;
}
