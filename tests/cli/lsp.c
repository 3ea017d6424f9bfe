/* The language server's stream and messages, without a stream: what is cut, what is refused, what is answered. The
 * client of tests/cli/lsp_client.py speaks to the program itself. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/lsp_frame.h"
#include "cli/lsp_server.h"
#include "fixture.h"

static void test_frame__whole_messages_only(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        LspCut cut;
        const char *body;
    } rows[] = {
        {"", LSP_CUT_MORE, NULL},
        {"Content-Length: 2\r\n\r\n{}", LSP_CUT_MESSAGE, "{}"},
        {"content-length:2\r\nContent-Type: x; charset=utf-8\r\n\r\n{}rest", LSP_CUT_MESSAGE, "{}"},
        {"Content-Length: 0\r\n\r\n", LSP_CUT_MESSAGE, ""},
        {"Content-Length: 3\r\n\r\n{}", LSP_CUT_MORE, NULL},
        {"Content-Length: 2\r\n", LSP_CUT_MORE, NULL},
        {"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", LSP_CUT_BROKEN, NULL},
        {"Content-Length: two\r\n\r\n{}", LSP_CUT_BROKEN, NULL},
        {"Content-Length: -1\r\n\r\n{}", LSP_CUT_BROKEN, NULL},
        {"Content-Length: 99999999999999999999\r\n\r\n{}", LSP_CUT_BROKEN, NULL},
        {"Content-Length: 8388609\r\n\r\n", LSP_CUT_BROKEN, NULL},
        {"Length\r\n\r\n{}", LSP_CUT_BROKEN, NULL},
        {"X: 1\r\n\r\n{}", LSP_CUT_BROKEN, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str body = {0};
        size_t used = 0;
        Error err = {0};
        assert_int_equal(lsp_frame_cut(str_from_c(rows[i].bytes), &body, &used, &err), rows[i].cut);
        assert_int_equal(rows[i].cut == LSP_CUT_BROKEN, err.message[0] != '\0');
        if (rows[i].body)
            assert_str_equal(body, str_from_c(rows[i].body));
    }
    static char endless[LSP_HEAD_BYTES_MAX + 1];
    memset(endless, 'x', LSP_HEAD_BYTES_MAX);
    Str body;
    size_t used;
    Error err = {0};
    assert_int_equal(lsp_frame_cut(str_from_c(endless), &body, &used, &err), LSP_CUT_BROKEN);
}

/* However a stream is cut off and damaged, what comes out is a message within it, or nothing. */
static void test_frame__damaged_streams(void **state)
{
    (void)state;
    static const char whole[] = "Content-Length: 12\r\nX-Y: z\r\n\r\n{\"id\":1.000}Content-Length: 2\r\n\r\n{}";
    uint64_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[sizeof whole];
        memcpy(bytes, whole, sizeof whole);
        size_t len = sizeof whole - 1;
        for (int i = 0; i < 3; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes[(random >> 33) % len] = (char)(random >> 20);
        }
        len = (random >> 40) % (len + 1);
        /* Its own memory, so that a byte too far is seen. */
        char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, bytes, len);
        Str body = {0};
        size_t used = 0;
        Error err = {0};
        if (lsp_frame_cut(str_of(exact, len), &body, &used, &err) == LSP_CUT_MESSAGE) {
            assert_true(used <= len && body.len <= used);
            assert_true(body.len == 0 || body.data + body.len == exact + used);
        }
        free(exact);
    }
}

static Str take(LspServer *server, Buf *out, const char *body)
{
    Str answer = {0};
    size_t used;
    Error err = {0};
    out->len = 0;
    lsp_server_take(server, str_from_c(body), out);
    if (out->len > 0)
        assert_int_equal(lsp_frame_cut(buf_view(out), &answer, &used, &err), LSP_CUT_MESSAGE);
    return answer;
}

static void test_server__its_life(void **state)
{
    (void)state;
    AUTO(lsp_server_done)
    LspServer server = {0};
    AUTO(buf_done)
    Buf out = {0};
    static const struct {
        const char *body, *says; /* NULL: nothing is answered */
    } rows[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/hover\"}", "-32002"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"x\"}}}",
         NULL},
        {"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"initialize\",\"params\":{}}",
         "\"id\":\"a\",\"result\":{\"capabilities\""},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}", NULL},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":1}}", NULL},
        {"{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":null}", NULL},
        {"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"workspace/symbol\"}", "-32601"},
        {"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"textDocument/hover\",\"params\":{}}", "-32602"},
        {"{nonsense", "\"id\":null,\"error\":{\"code\":-32700"},
        {"[]", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"shutdown\"}", "\"id\":4,\"result\":null"},
        {"{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"textDocument/hover\"}", "-32600"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str answer = take(&server, &out, rows[i].body);
        if (!rows[i].says)
            assert_int_equal(out.len, 0);
        else
            assert_true(str_contains(answer, str_from_c(rows[i].says)));
    }
    assert_true(server.shut_down && server.exited);
}

static void test_server__many_and_long_texts(void **state)
{
    (void)state;
    AUTO(lsp_server_done)
    LspServer server = {.initialized = true};
    AUTO(buf_done)
    Buf out = {0}, body = {0};
    for (int i = 0; i < 100; i++) {
        char open[200];
        (void)snprintf(
            open, sizeof open,
            "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"u%d\",\"text\":\"say 1\"}}}",
            i);
        assert_true(str_contains(take(&server, &out, open), S("publishDiagnostics")));
    }
    assert_int_equal(server.n_documents, LSP_DOCUMENTS_MAX);
    buf_str(&body,
            S("{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"long\",\"text\":\""));
    for (int i = 0; i < (1 << 20) + 1; i++)
        buf_char(&body, '#');
    buf_str(&body, S("\"}}}"));
    buf_char(&body, '\0');
    assert_true(str_contains(take(&server, &out, body.data), S("too long to be an automation")));
    assert_true(str_contains(
        take(&server, &out,
             "{\"id\":1,\"method\":\"textDocument/hover\",\"params\":{\"textDocument\":{\"uri\":\"long\"}}}"),
        S("-32602")));
}

static void test_lsp__a_broken_stream_is_an_exit_code(void **state)
{
    Fixture *f = *state;
    assert_int_equal(COMMAND(f, command_lsp, "Content-Length: x\r\n\r\n", "--stdio"), EXIT_FAILED);
    assert_says(f->err, "Content-Length is no number");
    assert_int_equal(command(f, &command_lsp, "", (const char *const[]){NULL}), EXIT_FAILED);
    assert_int_equal(COMMAND(f, command_lsp, "", "file.english"), EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame__whole_messages_only), cmocka_unit_test(test_frame__damaged_streams),
        cmocka_unit_test(test_server__its_life),           cmocka_unit_test(test_server__many_and_long_texts),
        TEST(test_lsp__a_broken_stream_is_an_exit_code),
    };
    return cmocka_run_group_tests_name("cli/lsp", tests, NULL, NULL);
}
