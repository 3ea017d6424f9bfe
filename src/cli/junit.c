/* cli/junit.c: one testsuite, one testcase a case. */
#include "cli/junit.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/codec.h"

static bool may_stand_in_xml(uint32_t c)
{
    return c == '\t' || c == '\n' || (c >= 0x20 && c < 0xD800) || (c > 0xDFFF && c < 0xFFFE) || c > 0xFFFF;
}

static void add_escaped(Buf *out, Str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        switch (c) {
        case '<': buf_str(out, S("&lt;")); break;
        case '>': buf_str(out, S("&gt;")); break;
        case '&': buf_str(out, S("&amp;")); break;
        case '"': buf_str(out, S("&quot;")); break;
        default: utf8_add(out, may_stand_in_xml(c) ? c : '?');
        }
    }
}

static void add_seconds(Buf *out, int64_t us)
{
    buf_printf(out, " time=\"%lld.%06lld\"", (long long)(us / 1000000), (long long)(us % 1000000));
}

/* The folder is the class, the file's name the case's. */
static void add_case(Buf *out, const JunitCase *result)
{
    ptrdiff_t slash = str_find_last_char(result->path, '/');
    buf_str(out, S("  <testcase classname=\""));
    add_escaped(out, slash > 0 ? str_slice(result->path, 0, (size_t)slash) : S("."));
    buf_str(out, S("\" name=\""));
    add_escaped(out, str_skip(result->path, (size_t)(slash + 1)));
    buf_char(out, '"');
    add_seconds(out, result->duration_us);
    if (result->wrong.len == 0) {
        buf_str(out, S("/>\n"));
        return;
    }
    const char *element = result->broken ? "error" : "failure";
    buf_printf(out, ">\n    <%s message=\"%s\">", element,
               result->broken ? "the case cannot be carried out" : "something else happened than is expected");
    add_escaped(out, result->wrong);
    buf_printf(out, "</%s>\n  </testcase>\n", element);
}

bool junit_write(const char *path, const JunitCase *cases, uint32_t n_cases, Error *err)
{
    AUTO(buf_done)
    Buf out = {0};
    uint32_t n_failed = 0, n_broken = 0;
    int64_t duration = 0;
    for (uint32_t i = 0; i < n_cases; i++) {
        n_broken += cases[i].broken;
        n_failed += !cases[i].broken && cases[i].wrong.len > 0;
        duration += cases[i].duration_us;
    }
    buf_printf(&out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"clerkwork test\" tests=\"%u\" "
               "failures=\"%u\" errors=\"%u\"",
               n_cases, n_failed, n_broken);
    add_seconds(&out, duration);
    buf_str(&out, S(">\n"));
    for (uint32_t i = 0; i < n_cases; i++)
        add_case(&out, &cases[i]);
    buf_str(&out, S("</testsuite>\n"));
    FILE *file = fopen(path, "wb");
    if (!file)
        return error_set_errno(err, path);
    bool written = fwrite(out.data, 1, out.len, file) == out.len;
    if (fclose(file) != 0 || !written)
        return error_set_errno(err, path);
    return true;
}
