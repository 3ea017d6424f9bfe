#include "api/file_type.h"

#include "api/file_sniff.h"
#include "base/buf.h"
#include "base/codec.h"

#define FILE_NAME_MAX 255
#define SAID_MAX 100

static const struct {
    Str extension, type;
} extensions[] = {
    {S_INIT("csv"), S_INIT("text/csv")},
    {S_INIT("tsv"), S_INIT("text/tab-separated-values")},
    {S_INIT("txt"), S_INIT("text/plain")},
    {S_INIT("md"), S_INIT("text/markdown")},
    {S_INIT("html"), S_INIT("text/html")},
    {S_INIT("xml"), S_INIT("application/xml")},
    {S_INIT("json"), S_INIT("application/json")},
    {S_INIT("pdf"), S_INIT("application/pdf")},
    {S_INIT("png"), S_INIT("image/png")},
    {S_INIT("jpg"), S_INIT("image/jpeg")},
    {S_INIT("jpeg"), S_INIT("image/jpeg")},
    {S_INIT("gif"), S_INIT("image/gif")},
    {S_INIT("tif"), S_INIT("image/tiff")},
    {S_INIT("tiff"), S_INIT("image/tiff")},
    {S_INIT("zip"), S_INIT("application/zip")},
    {S_INIT("xls"), S_INIT("application/vnd.ms-excel")},
    {S_INIT("doc"), S_INIT("application/msword")},
    {S_INIT("xlsx"), S_INIT("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")},
    {S_INIT("docx"), S_INIT("application/vnd.openxmlformats-officedocument.wordprocessingml.document")},
    {S_INIT("pptx"), S_INIT("application/vnd.openxmlformats-officedocument.presentationml.presentation")},
    {S_INIT("eml"), S_INIT("message/rfc822")},
    {S_INIT("arrow"), S_INIT("application/vnd.apache.arrow.stream")},
};

static Str type_by_name(Str filename)
{
    Str extension = str_skip(filename, (size_t)(str_find_last_char(filename, '.') + 1));
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        if (str_eq_fold(extension, extensions[i].extension))
            return extensions[i].type;
    }
    return (Str){0};
}

/* "type/subtype" of sane characters, without parameters. */
static bool is_type(Str said)
{
    size_t slashes = 0;
    for (size_t i = 0; i < said.len; i++) {
        char c = said.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '+' && c != '-' && c != '/')
            return false;
        slashes += c == '/';
    }
    return said.len >= 3 && said.len <= SAID_MAX && slashes == 1;
}

/* The head may end within a character: its last few bytes do not count. */
static bool is_text(Str head)
{
    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char)head.data[i];
        if (c < 32 && c != '\n' && c != '\r' && c != '\t')
            return false;
    }
    for (size_t cut = 0; cut < 4 && cut <= head.len; cut++) {
        if (utf8_is_valid(str_slice(head, 0, head.len - cut)))
            return true;
    }
    return false;
}

/* Containers look alike, whatever is in them. */
static bool is_vague(Str type)
{
    static const Str containers[] = {S_INIT("application/zip"), S_INIT("application/x-ole-storage"),
                                     S_INIT("application/cdfv2"), S_INIT("application/vnd.ms-office")};
    for (size_t i = 0; i < COUNT_OF(containers); i++) {
        if (str_eq_fold(type, containers[i]))
            return true;
    }
    return str_starts(type, S("text/"));
}

/* Many clients name a type because they must, and this one means nothing. */
static Str type_said(Arena *arena, Str said)
{
    static const Str nothing[] = {S_INIT("application/octet-stream"), S_INIT("binary/octet-stream"),
                                  S_INIT("application/x-www-form-urlencoded")};
    said = str_trim(str_cut(&said, ';'));
    for (size_t i = 0; i < COUNT_OF(nothing); i++) {
        if (str_eq_fold(said, nothing[i]))
            return (Str){0};
    }
    return is_type(said) ? str_lower(arena, said) : (Str){0};
}

Str file_type_of(Arena *arena, Str filename, Str head, Str said)
{
    bool text = is_text(head);
    Str told = type_by_name(filename);
    if (told.len == 0)
        told = type_said(arena, said);
    /* A CSV file is a text like any other: of texts, names tell more than a look at them. */
    if (text && told.len > 0)
        return told;
    Str seen = file_sniff(arena, head);
    if (seen.len > 0 && (told.len == 0 || !is_vague(seen)))
        return seen;
    if (told.len > 0)
        return told;
    return text && head.len > 0 ? S("text/plain") : S("application/octet-stream");
}

Str file_name_clean(Arena *arena, Str filename)
{
    Buf out = buf_in(arena);
    ptrdiff_t slash = str_find_last_char(filename, '/'), backslash = str_find_last_char(filename, '\\');
    Str base = str_skip(filename, (size_t)(MAX_OF(slash, backslash) + 1));
    for (size_t at = 0; at < base.len && out.len + 4 <= FILE_NAME_MAX;) {
        uint32_t code_point = utf8_next(base, &at);
        if (code_point >= 32 && code_point != 127 && code_point != 0xFFFD)
            utf8_add(&out, code_point);
    }
    Str clean = str_trim(buf_view(&out));
    return clean.len > 0 && !str_eq(clean, S(".")) && !str_eq(clean, S("..")) ? clean : S("file");
}
