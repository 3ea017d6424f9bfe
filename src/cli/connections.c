/* cli/connections.c: the command `connection`: servers that automations may call, and the credentials for them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "auth/seal.h"
#include "base/json.h"
#include "books/book.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/operator.h"
#include "store/connection.h"

#define SECRET_BYTES_MAX 4096

typedef enum ConnectionAction { ACTION_SET, ACTION_LIST, ACTION_DELETE, ACTION_N } ConnectionAction;
static const char *const action_names[ACTION_N] = {"set", "list", "delete"};

typedef struct ConnectionCommand {
    Command command;
    Arena arena;
    ConnectionAction action;
    Str workspace; /* "organizations/o/workspaces/w" */
    const char *key_file;
    Str secret;
    ConnectionRow row;
    /* What came of it. */
    ConnectionRow *rows;
    int n_rows;
} ConnectionCommand;

/* ---- what is said on the command line ---- */

static bool is_name(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (i > 0 && (c == '_' || (c >= '0' && c <= '9')))))
            return false;
    }
    return text.len > 0 && text.len <= 60;
}

static bool read_auth(const char *text, int64_t *out, Error *err)
{
    for (int i = 0; i < AUTH_N; i++)
        if (strcmp(text, book_auth_names[i]) == 0) {
            *out = i;
            return true;
        }
    return error_set(err, INVALID_ARGUMENT, "auth", "\"%s\" is none of none, bearer, basic, header", text);
}

static bool check_http(const ConnectionRow *row, Error *err)
{
    if ((row->auth == AUTH_BASIC || row->auth == AUTH_HEADER) && row->user.len == 0)
        return error_set(err, INVALID_ARGUMENT, "user",
                         row->auth == AUTH_BASIC ? "say whose password it is: --user NAME"
                                                 : "say which header it is sent in: --user X-Api-Key");
    HttpHeader header = {row->auth == AUTH_HEADER ? row->user : S("X"), S("")};
    return http_call_check(&(HttpCall){.url = row->url, .headers = &header, .n_headers = 1}, err);
}

static bool check_email(const ConnectionRow *row, Error *err)
{
    static const Str open_scheme = S_INIT("smtp+plain://");
    bool in_the_open = str_starts(row->url, open_scheme);
    Arena arena = {0};
    Str url = in_the_open ? str_printf(&arena, "smtp://%.*s", STR_ARG(str_skip(row->url, open_scheme.len))) : row->url;
    HttpMail mail = {.from = row->sender, .to = &row->sender, .n_to = 1};
    bool ok = http_call_check(&(HttpCall){.url = url, .mail = &mail}, err);
    arena_done(&arena);
    if (!ok && strcmp(err->field, "from") == 0)
        return error_set(err, INVALID_ARGUMENT, "sender", "say who writes: --sender automations@acme.example");
    if (!ok)
        return false;
    if (row->auth == AUTH_NONE)
        return true;
    if (row->auth != AUTH_BASIC || row->user.len == 0)
        return error_set(err, INVALID_ARGUMENT, "auth", "a mail server takes --auth basic --user NAME, or --auth none");
    return !in_the_open || error_set(err, INVALID_ARGUMENT, "url",
                                     "a password is not sent in the open: use smtp:// or smtps://, or --auth none");
}

static bool check_row(const ConnectionRow *row, Error *err)
{
    if (!is_name(row->name))
        return error_set(err, INVALID_ARGUMENT, "",
                         "\"%.*s\" is no name for a connection; expected one like erp or "
                         "mail_2: lower-case letters, digits and _",
                         STR_ARG(str_clip(row->name, 60)));
    if (str_eq(row->book, S("http")))
        return check_http(row, err);
    if (str_eq(row->book, S("email")))
        return check_email(row, err);
    return error_set(err, INVALID_ARGUMENT, "book", "say what it is for: --book http or --book email");
}

/* Neither in the arguments, which others on the machine can see, nor echoed. */
static bool read_secret(Arena *arena, Str *out, Error *err)
{
    struct termios before, silent;
    bool at_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    char text[SECRET_BYTES_MAX + 2];
    if (at_terminal) {
        fputs("The secret (it is not shown): ", stderr);
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    }
    bool got = fgets(text, sizeof text, stdin) != NULL;
    if (at_terminal) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        fputc('\n', stderr);
    }
    Str secret = got ? str_trim(str_from_c(text)) : (Str){0};
    if (secret.len == 0 || secret.len > SECRET_BYTES_MAX)
        return error_set(err, INVALID_ARGUMENT, "",
                         "the secret is read from standard input, one line of at most %d bytes: clerkwork connection "
                         "set … < secret.txt",
                         SECRET_BYTES_MAX);
    *out = str_copy(arena, secret);
    explicit_bzero(text, sizeof text);
    return true;
}

/* ---- in the store ---- */

static bool find_workspace(Tx *tx, ConnectionCommand *connection, Scope *out, Error *err)
{
    Str rest = connection->workspace, parts[4] = {0};
    int n = 0;
    while (n < 4 && rest.data)
        parts[n++] = str_cut(&rest, '/');
    Organization organization;
    Workspace workspace;
    if (n != 4 || rest.data || !str_eq(parts[0], S("organizations")) || !str_eq(parts[2], S("workspaces")))
        return error_set(err, INVALID_ARGUMENT, "workspace",
                         "say which workspace: --workspace organizations/…/workspaces/…, as clerkwork setup prints it");
    if (!store_organization_get(tx, &connection->arena, parts[1], &organization, err) ||
        !store_workspace_get(tx, &connection->arena, organization.key, parts[3], &workspace, err))
        return false;
    *out = (Scope){organization.key, workspace.key, organization.id, workspace.id};
    return true;
}

static bool set_connection(Tx *tx, ConnectionCommand *connection, Error *err)
{
    SealKey key = {0};
    if (connection->row.auth != AUTH_NONE && !seal_key_read(connection->key_file, true, &key, err))
        return false;
    bool ok = seal_connection(&connection->arena, &key, connection->secret, &connection->row, err) &&
              store_connection_put(tx, &connection->row, err);
    seal_key_done(&key);
    return ok;
}

static bool apply_connection(Tx *tx, Command *command, Error *err)
{
    ConnectionCommand *connection = (ConnectionCommand *)command;
    Scope *scope = &connection->row.scope;
    if (!find_workspace(tx, connection, scope, err))
        return false;
    switch (connection->action) {
    case ACTION_SET: return set_connection(tx, connection, err);
    case ACTION_DELETE: return store_connection_delete(tx, scope, connection->row.name, err);
    default: return store_connection_list(tx, &connection->arena, scope, &connection->rows, &connection->n_rows, err);
    }
}

/* ---- what is printed: never a secret ---- */

static void print_row_json(JsonOut *json, const ConnectionRow *row)
{
    json_open_object(json);
    json_member_str(json, S("name"), row->name);
    json_member_str(json, S("book"), row->book);
    json_member_str(json, S("url"), row->url);
    json_member_str(json, S("auth"), str_from_c(book_auth_names[row->auth]));
    json_member_str(json, S("user"), row->user);
    json_member_str(json, S("sender"), row->sender);
    json_member_time_us(json, S("update_time"), row->update_us);
    json_close_object(json);
}

static void print_rows(ConnectionCommand *connection, bool as_json)
{
    Buf text = buf_in(&connection->arena);
    JsonOut json = json_out(&text);
    json_open_array(&json);
    for (int i = 0; i < connection->n_rows; i++) {
        const ConnectionRow *row = &connection->rows[i];
        if (as_json)
            print_row_json(&json, row);
        else
            printf("%-16.*s %-6.*s %-7s %.*s\n", STR_ARG(row->name), STR_ARG(row->book), book_auth_names[row->auth],
                   STR_ARG(row->url));
    }
    json_close_array(&json);
    if (as_json)
        printf("%.*s\n", STR_ARG(buf_view(&text)));
}

/* ---- the command ---- */

static bool read_action(ConnectionCommand *connection, const char **operands, int n)
{
    int action = 0;
    while (n > 0 && action < ACTION_N && strcmp(operands[0], action_names[action]) != 0)
        action++;
    if (n == 0 || action == ACTION_N) {
        command_usage("connection", "say set, list or delete");
        return false;
    }
    connection->action = (ConnectionAction)action;
    if (n != (action == ACTION_LIST ? 1 : 2)) {
        command_usage("connection", action == ACTION_LIST ? "list takes no name" : "say one name, as in %s erp",
                      action_names[action]);
        return false;
    }
    connection->row.name = action == ACTION_LIST ? (Str){0} : str_from_c(operands[1]);
    return true;
}

static bool carry_out(ConnectionCommand *connection, const char *auth, const char *data, const char *database,
                      Error *err)
{
    ConnectionRow *row = &connection->row;
    if (connection->action == ACTION_SET &&
        (!read_auth(auth, &row->auth, err) || !check_row(row, err) ||
         (row->auth != AUTH_NONE && !read_secret(&connection->arena, &connection->secret, err))))
        return false;
    connection->command.apply = apply_connection;
    bool ok = operator_execute(&connection->command, data, database, err);
    if (connection->secret.len > 0)
        explicit_bzero((char *)(uintptr_t)connection->secret.data, connection->secret.len);
    return ok;
}

static int run_connection(int argc, char **argv)
{
    const char *data = "./clerkwork-data", *database = command_database(), *workspace = "", *book = "", *url = "",
               *auth = "none", *user = "", *sender = "", *key_file = "";
    bool json = false;
    const CliOption options[] = {{.name = "data", .value = &data},
                                 {.name = "database", .value = &database},
                                 {.name = "workspace", .value = &workspace},
                                 {.name = "book", .value = &book},
                                 {.name = "url", .value = &url},
                                 {.name = "auth", .value = &auth},
                                 {.name = "user", .value = &user},
                                 {.name = "sender", .value = &sender},
                                 {.name = "key-file", .value = &key_file},
                                 {.name = "json", .flag = &json}};
    const char *operands[64];
    int n;
    if (argc > (int)COUNT_OF(operands))
        return command_usage("connection", "too many arguments");
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    AUTO(arena_done)
    Arena paths = {0};
    ConnectionCommand connection = {
        .workspace = str_from_c(workspace),
        .key_file = key_file_path(&paths, str_from_c(key_file), str_from_c(data)),
        .row = {
            .book = str_from_c(book), .url = str_from_c(url), .user = str_from_c(user), .sender = str_from_c(sender)}};
    if (!read_action(&connection, operands, n))
        return EXIT_USAGE;
    Error err = {0};
    bool ok = carry_out(&connection, auth, data, database, &err);
    if (ok && connection.action == ACTION_LIST)
        print_rows(&connection, json);
    else if (ok)
        printf("the connection \"%.*s\" is %s\n", STR_ARG(connection.row.name),
               connection.action == ACTION_SET ? "set" : "deleted");
    arena_done(&connection.arena);
    return ok ? EXIT_DONE : command_failed("connection", &err);
}

const CliCommand command_connection = {
    .name = "connection",
    .summary = "set, list and delete servers that automations may call, with their credentials",
    .help = "usage: clerkwork connection set NAME --workspace W --book http|email --url URL [--auth "
            "none|bearer|basic|header]\n"
            "                                     [--user NAME] [--sender ADDRESS] [--data DIR] [--database URL] "
            "[--key-file "
            "FILE]\n"
            "       clerkwork connection list --workspace W [--json] [--data DIR] [--database URL]\n"
            "       clerkwork connection delete NAME --workspace W [--data DIR] [--database URL]\n\n"
            "A connection is a server, and who calls it, under a name that automations of one workspace may say:\n"
            "`use the \"erp\" connection of the \"http\" book`. The credential is read from standard input. It is kept "
            "encrypted,\n"
            "with a key that lies in a file of its own (credentials.key in the data directory, or --key-file), and is "
            "never shown.\n\n"
            "  clerkwork connection set erp --workspace organizations/…/workspaces/… --book http \\\n"
            "      --url https://erp.example/api --auth bearer < token.txt\n"
            "  clerkwork connection set shop --workspace … --book http --url https://shop.example \\\n"
            "      --auth header --user X-Api-Key\n"
            "  clerkwork connection set email --workspace … --book email --url smtp://mail.example:587 \\\n"
            "      --auth basic --user robot --sender robot@acme.example\n\n"
            "--auth bearer sends \"Authorization: Bearer SECRET\", basic sends user and password, header sends the "
            "secret in "
            "the\n"
            "header that --user names. Mail servers at smtp:// must offer STARTTLS, smtps:// is encrypted from the "
            "beginning, and\n"
            "smtp+plain:// does without, for a relay on your own machine.\n\n"
            "The server must not be running on that directory.\n",
    .run = run_connection,
};
