/* cli/lsp.c: the language server on standard input and output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/lsp_frame.h"
#include "cli/lsp_server.h"

static bool write_all(Str bytes, Error *err)
{
    while (bytes.len > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, "standard output");
        bytes = str_skip(bytes, (size_t)n);
    }
    return true;
}

/* False at the end of the input. */
static bool read_more(Buf *in, bool *out_ended, Error *err)
{
    for (;;) {
        buf_reserve(in, 1 << 16);
        ssize_t n = read(STDIN_FILENO, in->data + in->len, 1 << 16);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, "standard input");
        in->len += (size_t)n;
        *out_ended = n == 0;
        return true;
    }
}

/* Takes every whole message that is there. */
static bool take_messages(LspServer *server, Buf *in, Error *err)
{
    size_t taken = 0, used = 0;
    Str body;
    while (!server->exited) {
        LspCut cut = lsp_frame_cut(str_skip(buf_view(in), taken), &body, &used, err);
        if (cut == LSP_CUT_BROKEN)
            return false;
        if (cut == LSP_CUT_MORE)
            break;
        AUTO(buf_done)
        Buf out = {0};
        lsp_server_take(server, body, &out);
        if (!write_all(buf_view(&out), err))
            return false;
        taken += used;
    }
    if (taken > 0)
        memmove(in->data, in->data + taken, in->len - taken);
    in->len -= taken;
    return true;
}

static int serve_editor(void)
{
    AUTO(buf_done)
    Buf in = {0};
    AUTO(lsp_server_done)
    LspServer server = {0};
    Error err = {0};
    bool ended = false;
    while (!server.exited && !ended) {
        if (!read_more(&in, &ended, &err) || !take_messages(&server, &in, &err))
            return command_failed("lsp", &err);
    }
    return server.shut_down ? EXIT_DONE : EXIT_FAILED;
}

static int run_lsp(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    int n = 0;
    bool stdio = false;
    /* Editors like to say it; there is no other way. */
    const CliOption options[] = {{.name = "stdio", .flag = &stdio}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n > 0)
        return command_usage("lsp", "there is nothing to say about \"%s\": editors talk to it", operands[0]);
    return serve_editor();
}

const CliCommand command_lsp = {
    .name = "lsp",
    .summary = "serve an editor: problems, hover, completion, rename, format",
    .help =
        "usage: clerkwork lsp [--stdio]\n"
        "\n"
        "A language server (LSP 3.17) on standard input and output; your editor starts it. It tells problems while\n"
        "you type, what a fact is and what a sentence will do, completes facts, fields, procedures and sentences,\n"
        "goes to where a fact is set, renames facts and procedures, and formats.\n"
        "\n"
        "  nvim      vim.lsp.start({name = 'clerkwork', cmd = {'clerkwork', 'lsp'}})\n"
        "  helix     [language-server.clerkwork]  command = \"clerkwork\"  args = [\"lsp\"]\n"
        "\n"
        "Exit code: 0 after shutdown and exit, 1 when the stream breaks or ends without them.\n",
    .run = run_lsp,
};
