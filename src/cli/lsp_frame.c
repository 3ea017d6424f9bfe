/* cli/lsp_frame.c: heads and bodies. */
#include "cli/lsp_frame.h"

static bool broken(Error *err, const char *why)
{
    return error_set(err, INVALID_ARGUMENT, "", "this is no message of the language server protocol: %s", why);
}

/* "Content-Length: 12"; other fields are passed over. */
static bool read_field(Str line, int64_t *length, Error *err)
{
    Str rest = line, name = str_trim(str_cut(&rest, ':'));
    int64_t value = 0;
    if (!rest.data)
        return broken(err, "a line of the head has no colon");
    if (!str_eq_fold(name, S("Content-Length")))
        return true;
    if (*length >= 0)
        return broken(err, "Content-Length stands there twice");
    if (!str_to_i64(str_trim(rest), &value) || value < 0)
        return broken(err, "Content-Length is no number");
    if (value > (int64_t)LSP_BODY_BYTES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "a message of %lld bytes: %u are the most", (long long)value,
                         LSP_BODY_BYTES_MAX);
    *length = value;
    return true;
}

static bool read_head(Str head, int64_t *out_length, Error *err)
{
    *out_length = -1;
    while (head.len > 0) {
        Str line = str_cut(&head, '\n');
        if (!read_field(str_trim(line), out_length, err))
            return false;
    }
    return *out_length >= 0 || broken(err, "the head has no Content-Length");
}

LspCut lsp_frame_cut(Str bytes, Str *out_body, size_t *out_used, Error *err)
{
    ptrdiff_t end = str_find(str_slice(bytes, 0, LSP_HEAD_BYTES_MAX), S("\r\n\r\n"));
    int64_t length;
    if (end < 0 && bytes.len < LSP_HEAD_BYTES_MAX)
        return LSP_CUT_MORE;
    if (end < 0) {
        (void)broken(err, "its head has no end");
        return LSP_CUT_BROKEN;
    }
    if (!read_head(str_slice(bytes, 0, (size_t)end), &length, err))
        return LSP_CUT_BROKEN;
    size_t start = (size_t)end + 4;
    if (bytes.len - start < (size_t)length)
        return LSP_CUT_MORE;
    *out_body = str_slice(bytes, start, start + (size_t)length);
    *out_used = start + (size_t)length;
    return LSP_CUT_MESSAGE;
}

void lsp_frame_add(Buf *out, Str body)
{
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body.len);
    buf_str(out, body);
}
