/* books/encoding.c: detection and decoding of the encodings in which offices save text files. */
#include "books/encoding.h"

#include <string.h>

#include "base/codec.h"

#define SAMPLE_MAX 4096 /* zero bytes show themselves early */

static const struct EncodingName {
    Str name;
    Encoding encoding;
} names[] = {
    /* The first name of each is the one that is printed. */
    {S_INIT("utf-8"), ENCODING_UTF_8},         {S_INIT("utf-16le"), ENCODING_UTF_16_LE},
    {S_INIT("utf-16be"), ENCODING_UTF_16_BE},  {S_INIT("windows-1252"), ENCODING_WINDOWS_1252},
    {S_INIT("utf8"), ENCODING_UTF_8},          {S_INIT("ascii"), ENCODING_UTF_8},
    {S_INIT("utf-16"), ENCODING_UTF_16_LE},    {S_INIT("utf16"), ENCODING_UTF_16_LE},
    {S_INIT("cp1252"), ENCODING_WINDOWS_1252}, {S_INIT("latin-1"), ENCODING_WINDOWS_1252},
    {S_INIT("latin1"), ENCODING_WINDOWS_1252}, {S_INIT("iso-8859-1"), ENCODING_WINDOWS_1252},
};

static const struct Mark {
    Str bytes;
    Encoding encoding;
} marks[] = {
    {S_INIT("\xEF\xBB\xBF"), ENCODING_UTF_8},
    {S_INIT("\xFF\xFE"), ENCODING_UTF_16_LE},
    {S_INIT("\xFE\xFF"), ENCODING_UTF_16_BE},
};

/* 0x80-0x9F. The five bytes that Windows-1252 leaves open are the control characters of Latin-1, as browsers read them.
 */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

Str encoding_name(Encoding encoding)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i].encoding == encoding)
            return names[i].name;
    }
    return S("");
}

bool encoding_from_name(Str name, Encoding *out, Error *err)
{
    Str wanted = str_trim(name);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_eq_fold(names[i].name, wanted)) {
            *out = names[i].encoding;
            return true;
        }
    }
    return error_set(err, INVALID_ARGUMENT, "encoding",
                     "\"%.*s\" is no encoding that is read here: use utf-8, utf-16le, utf-16be or windows-1252",
                     STR_ARG(str_slice(wanted, 0, 40)));
}

/* Latin text in UTF-16 has a zero in nearly every second byte; UTF-8 and Windows-1252 have none. */
static Encoding detect_zeros(Str bytes)
{
    size_t zeros[2] = {0, 0}, n = MIN_OF(bytes.len, (size_t)SAMPLE_MAX) & ~(size_t)1;
    for (size_t i = 0; i < n; i++)
        zeros[i & 1] += bytes.data[i] == '\0';
    if (n >= 4 && zeros[1] > n / 4 && zeros[0] == 0)
        return ENCODING_UTF_16_LE;
    if (n >= 4 && zeros[0] > n / 4 && zeros[1] == 0)
        return ENCODING_UTF_16_BE;
    return ENCODING_DETECT;
}

Encoding encoding_detect(Str bytes)
{
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (str_starts(bytes, marks[i].bytes))
            return marks[i].encoding;
    }
    Encoding wide = detect_zeros(bytes);
    if (wide != ENCODING_DETECT)
        return wide;
    return utf8_is_valid(bytes) ? ENCODING_UTF_8 : ENCODING_WINDOWS_1252;
}

static Str without_mark(Str bytes, Encoding encoding)
{
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (marks[i].encoding == encoding && str_starts(bytes, marks[i].bytes))
            return str_skip(bytes, marks[i].bytes.len);
    }
    return bytes;
}

static Str decode_windows_1252(Arena *arena, Str bytes)
{
    Buf out = buf_in(arena);
    buf_reserve(&out, bytes.len + bytes.len / 8);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        if (c < 0x80)
            buf_char(&out, (char)c);
        else
            utf8_add(&out, c < 0xA0 ? windows_1252[c - 0x80] : c);
    }
    return buf_view(&out);
}

static uint32_t unit_at(Str bytes, size_t at, Encoding encoding)
{
    unsigned char a = (unsigned char)bytes.data[at], b = (unsigned char)bytes.data[at + 1];
    return encoding == ENCODING_UTF_16_LE ? (uint32_t)(b << 8 | a) : (uint32_t)(a << 8 | b);
}

static bool refuse_at(size_t at, Encoding encoding, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "encoding",
                     "the text breaks the rules of %.*s at byte %zu: save the file as UTF-8, or name its encoding",
                     STR_ARG(encoding_name(encoding)), at);
}

static bool decode_utf_16(Arena *arena, Str bytes, Encoding encoding, Str *out, Error *err)
{
    Buf text = buf_in(arena);
    buf_reserve(&text, bytes.len / 2);
    if (bytes.len % 2 != 0)
        return refuse_at(bytes.len, encoding, err);
    for (size_t i = 0; i < bytes.len; i += 2) {
        uint32_t unit = unit_at(bytes, i, encoding);
        bool high = unit >= 0xD800 && unit < 0xDC00;
        uint32_t low = high && i + 2 < bytes.len ? unit_at(bytes, i + 2, encoding) : 0;
        if ((unit >= 0xDC00 && unit < 0xE000) || (high && (low < 0xDC00 || low > 0xDFFF)))
            return refuse_at(i, encoding, err);
        if (high)
            i += 2;
        utf8_add(&text, high ? 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) : unit);
    }
    *out = buf_view(&text);
    return true;
}

static size_t first_bad_utf8(Str text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t before = at;
        /* A well-formed U+FFFD has three bytes, an ill-formed byte moves by one. */
        if (utf8_next(text, &at) == 0xFFFD && at - before != 3)
            return before;
    }
    return text.len;
}

bool encoding_decode(Arena *arena, Str bytes, Encoding encoding, Str *out, Error *err)
{
    if (encoding == ENCODING_DETECT)
        encoding = encoding_detect(bytes);
    bytes = without_mark(bytes, encoding);
    switch (encoding) {
    case ENCODING_UTF_16_LE:
    case ENCODING_UTF_16_BE: return decode_utf_16(arena, bytes, encoding, out, err);
    case ENCODING_WINDOWS_1252: *out = decode_windows_1252(arena, bytes); return true;
    default:
        if (!utf8_is_valid(bytes))
            return refuse_at(first_bad_utf8(bytes), encoding, err);
        *out = bytes;
        return true;
    }
}
