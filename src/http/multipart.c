/* http/multipart.c: see the header. The delimiter is CR LF "--" boundary, and CR stands nowhere in it but at its
 * beginning: after a mismatch only the byte at hand can begin a new match. */
#include "http/multipart.h"

#include <string.h>

#include "base/buf.h"
#include "base/codec.h"

enum {
    PART_PREAMBLE,
    PART_DATA,
    PART_AFTER,      /* behind a delimiter: "--" or the end of the line */
    PART_AFTER_DASH, /* behind its first dash */
    PART_AFTER_CR,
    PART_HEAD,
    PART_EPILOGUE,
};

#define MAX_PADDING 64

static bool refuse(Error *err, const char *what)
{
    return error_set(err, INVALID_ARGUMENT, "", "the multipart body is malformed: %s", what);
}

/* ---- Header parameters ---- */

/* A quoted string. A backslash escapes a quote or another backslash only: some clients send Windows paths raw. */
static Str take_quoted(Arena *arena, Str *rest)
{
    Buf text = buf_in(arena);
    size_t i = 1;
    for (; i < rest->len && rest->data[i] != '"'; i++) {
        bool escape =
            rest->data[i] == '\\' && i + 1 < rest->len && (rest->data[i + 1] == '"' || rest->data[i + 1] == '\\');
        i += escape;
        buf_char(&text, rest->data[i]);
    }
    *rest = str_skip(*rest, i + 1);
    return text.data ? buf_view(&text) : S("");
}

static Str take_value(Arena *arena, Str *rest)
{
    if (rest->len > 0 && rest->data[0] == '"')
        return take_quoted(arena, rest);
    size_t len = 0;
    while (len < rest->len && rest->data[len] != ';')
        len++;
    Str value = str_trim(str_slice(*rest, 0, len));
    *rest = str_skip(*rest, len);
    return value.data ? value : S("");
}

Str header_parameter(Arena *arena, Str header, Str name)
{
    Str rest = header;
    str_cut(&rest, ';');
    while (rest.len > 0) {
        Str key = str_trim(str_cut(&rest, '='));
        while (rest.len > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t'))
            rest = str_skip(rest, 1);
        Str value = take_value(arena, &rest);
        if (str_eq_fold(key, name))
            return value;
        str_cut(&rest, ';');
    }
    return (Str){0};
}

/* ---- The head of a part ---- */

static bool is_clean_text(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return utf8_is_valid(text);
}

/* Browsers write quotes and line ends of names as %22, %0D and %0A, and nothing else that way. */
static Str undo_browser_escapes(Arena *arena, Str text)
{
    Buf out = buf_in(arena);
    for (size_t i = 0; i < text.len; i++) {
        Str escape = str_slice(text, i, i + 3);
        bool quote = str_eq(escape, S("%22"));
        bool line_end = str_eq_fold(escape, S("%0d")) || str_eq_fold(escape, S("%0a"));
        buf_char(&out, quote ? '"' : line_end ? ' ' : text.data[i]);
        i += quote || line_end ? 2 : 0;
    }
    return out.data ? buf_view(&out) : S("");
}

/* filename*=UTF-8''na%C3%AFve.csv (RFC 8187). */
static bool extended_value(Arena *arena, Str text, Str *out)
{
    Str rest = text;
    Str charset = str_cut(&rest, '\'');
    if (!str_eq_fold(charset, S("utf-8")) || str_find_char(rest, '\'') < 0)
        return false;
    str_cut(&rest, '\'');
    return percent_decode(arena, rest, false, out);
}

/* A file name is a name: whatever directories a client sends are its own business (RFC 7578, 4.2). */
static Str without_directories(Str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.data[i - 1] == '/' || name.data[i - 1] == '\\')
            return str_skip(name, i);
    return name;
}

static bool read_filename(Multipart *multipart, Str disposition, MultipartPart *part, Error *err)
{
    Arena *arena = multipart->arena;
    Str extended = header_parameter(arena, disposition, S("filename*"));
    Str plain = header_parameter(arena, disposition, S("filename"));
    if (!extended.data && !plain.data)
        return true;
    Str name;
    if (!extended.data || !extended_value(arena, extended, &name)) {
        if (!plain.data)
            return refuse(err, "filename* must read UTF-8''name, percent-encoded");
        name = undo_browser_escapes(arena, plain);
    }
    if (!is_clean_text(name))
        return refuse(err, "a file name must be UTF-8 without control characters");
    part->filename = without_directories(name);
    if (!part->filename.data)
        part->filename = S("");
    return true;
}

static bool read_disposition(Multipart *multipart, Str disposition, MultipartPart *part, Error *err)
{
    Str kind = disposition;
    kind = str_trim(str_cut(&kind, ';'));
    if (!str_eq_fold(kind, S("form-data")))
        return refuse(err, "each part needs a header Content-Disposition: form-data; name=\"…\"");
    Str name = header_parameter(multipart->arena, disposition, S("name"));
    if (!name.data)
        return refuse(err, "a part has no name in its Content-Disposition");
    part->name = undo_browser_escapes(multipart->arena, name);
    if (!is_clean_text(part->name))
        return refuse(err, "a part's name must be UTF-8 without control characters");
    return read_filename(multipart, disposition, part, err);
}

static bool read_head_line(Str line, Str *disposition, Str *content_type, Error *err)
{
    Str value = line;
    Str name = str_cut(&value, ':');
    if (!value.data || name.len == 0)
        return refuse(err, "a part's header has no colon");
    value = str_trim(value);
    if (str_eq_fold(name, S("content-disposition"))) {
        if (disposition->data)
            return refuse(err, "a part has two Content-Disposition headers");
        *disposition = value;
    } else if (str_eq_fold(name, S("content-type"))) {
        *content_type = value;
    } else if (str_eq_fold(name, S("content-transfer-encoding")) && !str_eq_fold(value, S("binary")) &&
               !str_eq_fold(value, S("8bit")) && !str_eq_fold(value, S("7bit"))) {
        return refuse(err, "Content-Transfer-Encoding is not served: send the bytes as they are");
    }
    return true;
}

static bool begin_part(Multipart *multipart, Error *err)
{
    /* The head is reused by the next part: its texts are copied. */
    Str head = str_copy(multipart->arena, str_of(multipart->head, multipart->head_len));
    Str disposition = {0};
    MultipartPart part = {0};
    for (Str line = str_cut(&head, '\n'); line.len > 1; line = str_cut(&head, '\n'))
        if (!read_head_line(str_slice(line, 0, line.len - 1), &disposition, &part.content_type, err))
            return false;
    if (!is_clean_text(part.content_type))
        return refuse(err, "a part's Content-Type must be UTF-8 without control characters");
    if (++multipart->n_parts > MULTIPART_MAX_PARTS)
        return error_set(err, INVALID_ARGUMENT, "", "the multipart body has more than %d parts", MULTIPART_MAX_PARTS);
    return read_disposition(multipart, disposition, &part, err) &&
           multipart->hooks.part_begin(multipart->hooks.self, &part, err);
}

/* ---- The stream ---- */

bool multipart_init(Multipart *multipart, Arena *arena, Str content_type, MultipartHooks hooks, Error *err)
{
    Str kind = content_type;
    kind = str_trim(str_cut(&kind, ';'));
    if (!str_eq_fold(kind, S("multipart/form-data")))
        return error_set(err, INVALID_ARGUMENT, "Content-Type",
                         "expected multipart/form-data; boundary=…, not \"%.*s\"", STR_ARG(str_slice(kind, 0, 80)));
    Str boundary = header_parameter(arena, content_type, S("boundary"));
    if (boundary.len == 0 || boundary.len > MULTIPART_MAX_BOUNDARY || !is_clean_text(boundary))
        return error_set(err, INVALID_ARGUMENT, "Content-Type",
                         "the boundary of multipart/form-data must have 1 to %d printable characters",
                         MULTIPART_MAX_BOUNDARY);
    multipart->hooks = hooks;
    multipart->arena = arena;
    memcpy(multipart->delimiter, "\r\n--", 4);
    memcpy(multipart->delimiter + 4, boundary.data, boundary.len);
    multipart->delimiter_len = 4 + boundary.len;
    multipart->matched = 2; /* the body begins as if a line had ended before it */
    multipart->state = PART_PREAMBLE;
    multipart->n_parts = multipart->preamble = multipart->padding = multipart->head_len = 0;
    return true;
}

static bool give_data(Multipart *multipart, Str data, Error *err)
{
    if (data.len == 0)
        return true;
    if (multipart->state == PART_DATA)
        return multipart->hooks.part_data(multipart->hooks.self, data, err);
    multipart->preamble += data.len;
    return multipart->preamble <= MULTIPART_MAX_PREAMBLE ||
           refuse(err, "it does not begin with the boundary that Content-Type names");
}

static bool end_part(Multipart *multipart, Error *err)
{
    bool in_part = multipart->state == PART_DATA;
    multipart->matched = 0;
    multipart->padding = 0;
    multipart->state = PART_AFTER;
    return !in_part || multipart->hooks.part_end(multipart->hooks.self, err);
}

/* Content up to the next delimiter. What looked like its beginning and was not is content, too. */
static bool feed_content(Multipart *multipart, Str *rest, Error *err)
{
    if (multipart->matched == 0) {
        const char *cr = memchr(rest->data, '\r', rest->len);
        Str plain = cr ? str_slice(*rest, 0, (size_t)(cr - rest->data)) : *rest;
        *rest = str_skip(*rest, plain.len);
        if (!give_data(multipart, plain, err))
            return false;
    }
    while (rest->len > 0 && multipart->matched < multipart->delimiter_len) {
        if (rest->data[0] != multipart->delimiter[multipart->matched]) {
            size_t held = multipart->matched;
            multipart->matched = 0;
            return held == 0 || give_data(multipart, str_of(multipart->delimiter, held), err);
        }
        multipart->matched++;
        *rest = str_skip(*rest, 1);
    }
    return multipart->matched < multipart->delimiter_len || end_part(multipart, err);
}

static bool feed_after(Multipart *multipart, char c, Error *err)
{
    if (multipart->state == PART_AFTER_DASH) {
        multipart->state = PART_EPILOGUE;
        return c == '-' || refuse(err, "a boundary is followed by one dash");
    }
    if (multipart->state == PART_AFTER_CR) {
        multipart->state = PART_HEAD;
        multipart->head_len = 0;
        return c == '\n' || refuse(err, "a boundary must end its line with CR LF");
    }
    if ((c == ' ' || c == '\t') && ++multipart->padding <= MAX_PADDING)
        return true;
    multipart->state = c == '-' ? PART_AFTER_DASH : PART_AFTER_CR;
    return c == '\r' || (c == '-' && multipart->padding == 0) || refuse(err, "a boundary must stand alone on its line");
}

static bool head_is_over(const Multipart *multipart)
{
    Str head = str_of(multipart->head, multipart->head_len);
    return str_ends(head, S("\r\n\r\n")) || str_eq(head, S("\r\n"));
}

static bool feed_head(Multipart *multipart, char c, Error *err)
{
    if (multipart->head_len == MULTIPART_MAX_HEAD)
        return refuse(err, "a part's headers are too large");
    if (c == '\n' && (multipart->head_len == 0 || multipart->head[multipart->head_len - 1] != '\r'))
        return refuse(err, "a part's header must end in CR LF");
    multipart->head[multipart->head_len++] = c;
    if (c != '\n' || !head_is_over(multipart))
        return true;
    multipart->state = PART_DATA;
    multipart->matched = 0;
    return begin_part(multipart, err);
}

bool multipart_feed(Multipart *multipart, Str piece, Error *err)
{
    Str rest = piece;
    while (rest.len > 0) {
        bool good;
        if (multipart->state == PART_EPILOGUE)
            return true;
        if (multipart->state == PART_DATA || multipart->state == PART_PREAMBLE) {
            good = feed_content(multipart, &rest, err);
        } else {
            char c = rest.data[0];
            rest = str_skip(rest, 1);
            good = multipart->state == PART_HEAD ? feed_head(multipart, c, err) : feed_after(multipart, c, err);
        }
        if (!good)
            return false;
    }
    return true;
}

bool multipart_finish(const Multipart *multipart, Error *err)
{
    return multipart->state == PART_EPILOGUE || refuse(err, "it ends before its closing boundary");
}
