/* cli/token.c: tokens, from the command line of the machine that holds the data. */
#include <stdio.h>
#include <string.h>

#include "auth/permission.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/grant.h"
#include "cli/operator.h"

typedef struct TokenCommand {
    Command command;
    Arena arena;
    const char *action; /* "create", "list", "delete" */
    Str email, display_name, permissions, id;
    int64_t expire_us;
    /* What came of it. */
    TokenSecret secret;
    Token *tokens;
    int n_tokens;
} TokenCommand;

static bool apply_token(Tx *tx, Command *command, Error *err)
{
    TokenCommand *token = (TokenCommand *)command;
    User user;
    if (!store_user_get_by_email(tx, &token->arena, token->email, &user, err))
        return false;
    if (strcmp(token->action, "list") == 0)
        return token_all(tx, &token->arena, &user, &token->tokens, &token->n_tokens, err);
    if (strcmp(token->action, "delete") == 0)
        return store_token_delete(tx, user.key, token->id, err);
    TokenGrant grant = {
        .display_name = token->display_name, .permissions = token->permissions, .expire_us = token->expire_us};
    return token_grant(tx, &token->arena, &user, &grant, &token->secret, err);
}

static void print_token(JsonOut *json, const Token *token)
{
    json_open_object(json);
    json_member_str(json, S("id"), token->id);
    json_member_str(json, S("display_name"), token->display_name);
    json_member_str(json, S("prefix"), token->prefix);
    json_member_str(json, S("permissions"), token->permissions);
    json_member_time_us(json, S("create_time"), token->create_us);
    if (token->expire_us)
        json_member_time_us(json, S("expire_time"), token->expire_us);
    json_close_object(json);
}

static void print_list(TokenCommand *token, bool as_json)
{
    if (as_json) {
        Buf text = buf_in(&token->arena);
        JsonOut json = json_out(&text);
        json_open_array(&json);
        for (int i = 0; i < token->n_tokens; i++)
            print_token(&json, &token->tokens[i]);
        json_close_array(&json);
        printf("%.*s\n", STR_ARG(buf_view(&text)));
        return;
    }
    for (int i = 0; i < token->n_tokens; i++) {
        const Token *row = &token->tokens[i];
        char expires[CLOCK_TEXT_LEN] = "";
        if (row->expire_us)
            clock_format(row->expire_us, expires);
        printf("%.*s  %.*s…  %-20.*s  %.*s  %.*s\n", STR_ARG(row->id), STR_ARG(row->prefix), STR_ARG(row->display_name),
               STR_ARG(row->permissions), row->expire_us ? CLOCK_TEXT_LEN : 5, row->expire_us ? expires : "never");
    }
}

/* "all", "read-only" or "read:Run,invoke:Automation". */
static bool permissions_column(Arena *arena, Str said, Str *out, Error *err)
{
    if (str_eq(said, S("all")) || str_eq(said, S("read_only")) || str_eq(said, S("read-only"))) {
        *out = str_eq(said, S("all")) ? said : S("read_only");
        return true;
    }
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    json_open_array(&json);
    while (said.len > 0) {
        Str permission = str_trim(str_cut(&said, ','));
        if (!permission_exists(permission))
            return error_set(
                err, INVALID_ARGUMENT, "permissions",
                "there is no permission \"%.*s\"; expected all, read-only, or a list like read:Run,invoke:Automation",
                STR_ARG(permission));
        json_str(&json, permission);
    }
    json_close_array(&json);
    *out = buf_view(&text);
    return true;
}

static bool read_days(const char *days, int64_t *out_expire_us, Error *err)
{
    int64_t n;
    if (!days)
        return true;
    if (!str_to_i64(str_from_c(days), &n) || n < 1 || n > 3650)
        return error_set(err, INVALID_ARGUMENT, "days",
                         "\"%s\" is not accepted; expected a number of days from 1 to 3650", days);
    *out_expire_us = clock_now_us() + n * 86400 * 1000000;
    return true;
}

static bool check_action(TokenCommand *token, const char **operands, int n)
{
    if (n == 0 || (strcmp(operands[0], "create") != 0 && strcmp(operands[0], "list") != 0 &&
                   strcmp(operands[0], "delete") != 0)) {
        command_usage("token", "say create, list or delete");
        return false;
    }
    bool deletes = strcmp(operands[0], "delete") == 0;
    if (n != (deletes ? 2 : 1)) {
        command_usage("token", deletes ? "say the id of the token to delete; `clerkwork token list` shows them"
                                       : "there are too many arguments");
        return false;
    }
    token->action = operands[0];
    token->id = deletes ? str_from_c(operands[1]) : (Str){0};
    return true;
}

static int run_token(int argc, char **argv)
{
    const char *data = "./clerkwork-data", *database = command_database(), *email = "admin@localhost",
               *name = "command line", *permissions = "all", *days = NULL;
    bool json = false;
    const CliOption options[] = {{"data", &data, NULL, NULL, NULL},
                                 {"database", &database, NULL, NULL, NULL},
                                 {"email", &email, NULL, NULL, NULL},
                                 {"name", &name, NULL, NULL, NULL},
                                 {"permissions", &permissions, NULL, NULL, NULL},
                                 {"days", &days, NULL, NULL, NULL},
                                 {"json", NULL, &json, NULL, NULL}};
    const char *operands[64];
    int n;
    TokenCommand token = {.command.apply = apply_token};
    Error err = {0};
    if (argc > (int)COUNT_OF(operands))
        return command_usage("token", "too many arguments");
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n) || !check_action(&token, operands, n))
        return EXIT_USAGE;
    token.email = str_from_c(email);
    token.display_name = str_from_c(name);
    bool ok = permissions_column(&token.arena, str_from_c(permissions), &token.permissions, &err) &&
              read_days(days, &token.expire_us, &err) && operator_execute(&token.command, data, database, &err);
    if (ok && strcmp(token.action, "list") == 0)
        print_list(&token, json);
    else if (ok && strcmp(token.action, "create") == 0)
        printf(json ? "{\"token\":\"%s\"}\n" : "%s\n", token.secret.text);
    arena_done(&token.arena);
    return ok ? EXIT_DONE : command_failed("token", &err);
}

const CliCommand command_token = {
    .name = "token",
    .summary = "create, list and delete access tokens",
    .help =
        "usage: clerkwork token create|list|delete [ID] [--data DIR] [--database URL] [--email ADDRESS] [--name NAME]\n"
        "                       [--permissions all|read-only|LIST] [--days N] [--json]\n\n"
        "Tokens of a user, on the machine that holds the data. The secret is printed once and kept only as a hash.\n\n"
        "  clerkwork token create --data ./data --email ada@acme.example --name \"nightly job\" --days 90\n"
        "  clerkwork token create --data ./data --email ada@acme.example --permissions read-only\n"
        "  clerkwork token create --data ./data --email ada@acme.example --permissions read:Run,invoke:Automation\n"
        "  clerkwork token list --data ./data --email ada@acme.example\n"
        "  clerkwork token delete 4hBq… --data ./data --email ada@acme.example\n\n"
        "The server must not be running on that directory; while it runs, use POST /api/v1/me/tokens.\n",
    .run = run_token,
};
