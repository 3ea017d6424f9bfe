/* cli/setup.c: the first organization, workspace, user and token of a data directory. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/grant.h"
#include "cli/operator.h"
#include "store/tenant.h"

typedef struct Setup {
    Command command;
    Arena arena;
    Str organization_title, workspace_title, email, name;
    /* What was made or found. */
    Organization organization;
    Workspace workspace;
    User user;
    TokenSecret secret;
} Setup;

static Str fresh_id(Setup *setup)
{
    Id id = id_new();
    return str_copy(&setup->arena, id_str(&id));
}

static bool put_user(Tx *tx, Setup *setup, Error *err)
{
    Error absent = {0};
    if (store_user_get_by_email(tx, &setup->arena, setup->email, &setup->user, &absent))
        return true;
    setup->user = (User){.id = fresh_id(setup), .display_name = setup->name, .email = setup->email};
    return store_user_create(tx, &setup->user, err);
}

static bool put_organization(Tx *tx, Setup *setup, Error *err)
{
    ListQuery all = {.cursor = &(PageCursor){0}, .limit = 1000};
    Organization *found;
    int n;
    ListEnd end;
    if (!store_organization_list(tx, &setup->arena, setup->user.key, &all, &found, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        if (str_eq(found[i].title, setup->organization_title)) {
            setup->organization = found[i];
            return true;
        }
    setup->organization = (Organization){.id = fresh_id(setup),
                                         .title = setup->organization_title,
                                         .owner_display_name = setup->name,
                                         .owner_email = setup->email};
    return store_organization_create(tx, &setup->organization, err);
}

static bool put_workspace(Tx *tx, Setup *setup, Error *err)
{
    ListQuery all = {.cursor = &(PageCursor){0}, .limit = 1000};
    Workspace *found;
    int n;
    ListEnd end;
    if (!store_workspace_list(tx, &setup->arena, setup->organization.key, 0, &all, &found, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        if (str_eq(found[i].title, setup->workspace_title)) {
            setup->workspace = found[i];
            return true;
        }
    setup->workspace = (Workspace){.id = fresh_id(setup),
                                   .organization = setup->organization.key,
                                   .title = setup->workspace_title,
                                   .creator_display_name = setup->name,
                                   .creator_email = setup->email};
    return store_workspace_create(tx, &setup->workspace, err);
}

static bool apply_setup(Tx *tx, Command *command, Error *err)
{
    Setup *setup = (Setup *)command;
    TokenGrant grant = {.display_name = S("setup"), .permissions = S("all"), .replace = true};
    return put_user(tx, setup, err) && put_organization(tx, setup, err) && put_workspace(tx, setup, err) &&
           store_member_put(tx, setup->organization.key, 0, setup->user.key, ROLE_ORGANIZATION_ADMIN, err) &&
           token_grant(tx, &setup->arena, &setup->user, &grant, &setup->secret, err);
}

static void print_json(Setup *setup)
{
    Buf text = buf_in(&setup->arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    json_member_str(&json, S("organization"),
                    str_printf(&setup->arena, "organizations/%.*s", STR_ARG(setup->organization.id)));
    json_member_str(&json, S("workspace"),
                    str_printf(&setup->arena, "organizations/%.*s/workspaces/%.*s", STR_ARG(setup->organization.id),
                               STR_ARG(setup->workspace.id)));
    json_member_str(&json, S("user"), str_printf(&setup->arena, "users/%.*s", STR_ARG(setup->user.id)));
    json_member_str(&json, S("token"), token_secret_str(&setup->secret));
    json_close_object(&json);
    printf("%.*s\n", STR_ARG(buf_view(&text)));
}

static void print_words(const Setup *setup, const char *data)
{
    printf("organization  organizations/%.*s  (%.*s)\n", STR_ARG(setup->organization.id),
           STR_ARG(setup->organization.title));
    printf("workspace     organizations/%.*s/workspaces/%.*s  (%.*s)\n", STR_ARG(setup->organization.id),
           STR_ARG(setup->workspace.id), STR_ARG(setup->workspace.title));
    printf("user          users/%.*s  (%.*s)\n", STR_ARG(setup->user.id), STR_ARG(setup->user.email));
    printf("token         %s\n\nThe token is shown only now: keep it. Next: clerkwork serve --data %s\n",
           setup->secret.text, data);
}

static bool is_email(Str text)
{
    ptrdiff_t at = str_find_char(text, '@');
    return at > 0 && (size_t)at + 1 < text.len && str_find_char(text, ' ') < 0 && text.len <= 254;
}

static bool check_arguments(const Setup *setup, Error *err)
{
    if (!is_email(setup->email))
        return error_set(err, INVALID_ARGUMENT, "email",
                         "\"%.*s\" is no e-mail address; expected one like ada@example.com", STR_ARG(setup->email));
    if (setup->organization_title.len == 0 || setup->organization_title.len > 200)
        return error_set(err, INVALID_ARGUMENT, "organization", "expected a name of 1 to 200 characters");
    if (setup->workspace_title.len == 0 || setup->workspace_title.len > 200)
        return error_set(err, INVALID_ARGUMENT, "workspace", "expected a name of 1 to 200 characters");
    return true;
}

static int run_setup(int argc, char **argv)
{
    const char *data = "./clerkwork-data", *database = command_database(), *organization = "My organization",
               *workspace = "Main", *email = "admin@localhost", *name = "Administrator";
    bool json = false;
    const CliOption options[] = {{"data", &data, NULL, NULL, NULL},
                                 {"database", &database, NULL, NULL, NULL},
                                 {"organization", &organization, NULL, NULL, NULL},
                                 {"workspace", &workspace, NULL, NULL, NULL},
                                 {"email", &email, NULL, NULL, NULL},
                                 {"name", &name, NULL, NULL, NULL},
                                 {"json", NULL, &json, NULL, NULL}};
    const char *operands[64];
    int n;
    if (argc > (int)COUNT_OF(operands))
        return command_usage("setup", "too many arguments");
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n > 0)
        return command_usage("setup", "\"%s\" is not expected here", operands[0]);
    Setup setup = {.command.apply = apply_setup,
                   .organization_title = str_trim(str_from_c(organization)),
                   .workspace_title = str_trim(str_from_c(workspace)),
                   .email = str_trim(str_from_c(email)),
                   .name = str_trim(str_from_c(name))};
    Error err = {0};
    bool ok = check_arguments(&setup, &err) && operator_execute_anew(&setup.command, data, database, &err);
    if (ok && json)
        print_json(&setup);
    else if (ok)
        print_words(&setup, data);
    arena_done(&setup.arena);
    return ok ? EXIT_DONE : command_failed("setup", &err);
}

const CliCommand command_setup = {
    .name = "setup",
    .summary = "make an organization, a workspace, a user and a token",
    .help = "usage: clerkwork setup [--data DIR] [--database URL] [--organization NAME] [--workspace NAME] [--email "
            "ADDRESS] [--name "
            "NAME] [--json]\n\n"
            "Makes what a new data directory needs before anybody can call: an organization, a workspace in it, a user "
            "who\n"
            "administers both, and a token for that user. The token is printed once and kept only as a hash.\n\n"
            "  clerkwork setup --data ./data --organization Acme --workspace Finance --email ada@acme.example --name "
            "\"Ada Okafor\"\n"
            "  clerkwork setup --data ./data --json          one JSON object, for scripts\n\n"
            "It may be run again: an organization or workspace of that name and a user of that address are used as "
            "they are, and\n"
            "the token named \"setup\" is replaced. The server must not be running on that directory.\n",
    .run = run_setup,
};
