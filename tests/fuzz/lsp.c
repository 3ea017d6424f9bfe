/* Any bytes as a stream of the language server protocol: it is cut the same however it arrives, and whatever a message
 * holds is answered with frames that can be cut again. */
#include <stdlib.h>

#include "base/json.h"
#include "cli/lsp_frame.h"
#include "cli/lsp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answers(Str out)
{
    Error err = {0};
    while (out.len > 0) {
        AUTO(arena_done)
        Arena arena = {0};
        const Json *json;
        Str body;
        size_t used;
        if (lsp_frame_cut(out, &body, &used, &err) != LSP_CUT_MESSAGE || !json_parse(&arena, body, 100, &json, &err))
            abort();
        out = str_skip(out, used);
    }
}

static void take(LspServer *server, Str body)
{
    AUTO(buf_done)
    Buf out = {0};
    lsp_server_take(server, body, &out);
    check_answers(buf_view(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(lsp_server_done)
    LspServer server = {.initialized = true};
    Str bytes = str_of((const char *)data, size), body;
    size_t used = 0;
    Error err = {0};
    take(&server, bytes); /* as a body of its own */
    for (;;) {
        LspCut cut = lsp_frame_cut(bytes, &body, &used, &err);
        if (cut != LSP_CUT_MESSAGE)
            return cut == LSP_CUT_BROKEN && !err.message[0] ? (abort(), 0) : 0;
        if (used > bytes.len || body.len > used)
            abort();
        take(&server, body);
        bytes = str_skip(bytes, used);
    }
}
