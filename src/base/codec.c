/* base/codec.c: base64, hex, CRC-32C, UTF-8 and percent escapes. */
#include "base/codec.h"

#include "base/json_scan.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

/* ---- base64 ---- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Gives where the text ends. */
static char *encode_groups(char *to, Str bytes, const char digits[64], bool pad)
{
    const unsigned char *from = (const unsigned char *)bytes.data;
    size_t whole = bytes.len - bytes.len % 3;
    for (size_t i = 0; i < whole; i += 3, to += 4) {
        uint32_t group = (uint32_t)from[i] << 16 | (uint32_t)from[i + 1] << 8 | from[i + 2];
        to[0] = digits[group >> 18];
        to[1] = digits[group >> 12 & 63];
        to[2] = digits[group >> 6 & 63];
        to[3] = digits[group & 63];
    }
    if (whole == bytes.len)
        return to;
    bool two = bytes.len - whole == 2;
    uint32_t group = (uint32_t)from[whole] << 16 | (two ? (uint32_t)from[whole + 1] << 8 : 0);
    *to++ = digits[group >> 18];
    *to++ = digits[group >> 12 & 63];
    if (two)
        *to++ = digits[group >> 6 & 63];
    for (int i = two ? 3 : 2; pad && i < 4; i++)
        *to++ = '=';
    return to;
}

static void encode_base64(Buf *out, Str bytes, const char digits[64], bool pad)
{
    if (bytes.len == 0)
        return;
    buf_reserve(out, bytes.len / 3 * 4 + 4);
    out->len = (size_t)(encode_groups(out->data + out->len, bytes, digits, pad) - out->data);
}

void base64_encode(Buf *out, Str bytes)
{
    encode_base64(out, bytes, base64_digits, true);
}

void base64url_encode(Buf *out, Str bytes)
{
    encode_base64(out, bytes, base64url_digits, false);
}

/* What a character of either alphabet stands for, plus one; 0 for all others. */
static const uint8_t base64_values[256] = {

    ['+'] = 63, ['-'] = 63, ['/'] = 64, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58,
    ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,
    ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
    ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23,
    ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['_'] = 64, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31,
    ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
    ['x'] = 50, ['y'] = 51, ['z'] = 52,
};

/* Four characters of `from` to 24 bits; false when one is no digit. */
static bool decode_group(const unsigned char *from, uint32_t *out)
{
    uint32_t a = base64_values[from[0]], b = base64_values[from[1]];
    uint32_t c = base64_values[from[2]], d = base64_values[from[3]];
    if (a == 0 || b == 0 || c == 0 || d == 0)
        return false;
    *out = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
    return true;
}

static Str without_padding(Str text)
{
    if (text.len % 4 != 0 || text.len == 0)
        return text;
    for (int i = 0; i < 2 && text.data[text.len - 1] == '='; i++)
        text.len--;
    return text;
}

bool base64_decode(Arena *arena, Str text, Str *out)
{
    text = without_padding(text);
    size_t whole = text.len - text.len % 4, left = text.len - whole;
    if (left == 1)
        return false;
    char *data = arena_alloc_bytes(arena, whole / 4 * 3 + 2), *to = data;
    const unsigned char *from = (const unsigned char *)text.data;
    uint32_t group;
    for (size_t i = 0; i < whole; i += 4, to += 3) {
        if (!decode_group(from + i, &group))
            return false;
        to[0] = (char)(group >> 16);
        to[1] = (char)(group >> 8);
        to[2] = (char)group;
    }
    if (left > 0) {
        unsigned char last[4] = {'A', 'A', 'A', 'A'};
        memcpy(last, from + whole, left);
        /* Bits beyond the last byte must be zero: one value, one text. */
        if (!decode_group(last, &group) || (group & (left == 2 ? 0xffff : 0xff)) != 0)
            return false;
        *to++ = (char)(group >> 16);
        if (left == 3)
            *to++ = (char)(group >> 8);
    }
    *out = str_of(data, (size_t)(to - data));
    return true;
}

/* ---- hex ---- */

void hex_encode(Buf *out, Str bytes)
{
    static const char digits[] = "0123456789abcdef";
    buf_reserve(out, 2 * bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        buf_char(out, digits[byte >> 4]);
        buf_char(out, digits[byte & 15]);
    }
}

/* ---- CRC-32C ---- */

/* The remainders of all bytes by the reflected Castagnoli polynomial 0x82f63b78. */
static const uint32_t crc32c_table[256] = {
    0x00000000, 0xf26b8303, 0xe13b70f7, 0x1350f3f4, 0xc79a971f, 0x35f1141c, 0x26a1e7e8, 0xd4ca64eb, 0x8ad958cf,
    0x78b2dbcc, 0x6be22838, 0x9989ab3b, 0x4d43cfd0, 0xbf284cd3, 0xac78bf27, 0x5e133c24, 0x105ec76f, 0xe235446c,
    0xf165b798, 0x030e349b, 0xd7c45070, 0x25afd373, 0x36ff2087, 0xc494a384, 0x9a879fa0, 0x68ec1ca3, 0x7bbcef57,
    0x89d76c54, 0x5d1d08bf, 0xaf768bbc, 0xbc267848, 0x4e4dfb4b, 0x20bd8ede, 0xd2d60ddd, 0xc186fe29, 0x33ed7d2a,
    0xe72719c1, 0x154c9ac2, 0x061c6936, 0xf477ea35, 0xaa64d611, 0x580f5512, 0x4b5fa6e6, 0xb93425e5, 0x6dfe410e,
    0x9f95c20d, 0x8cc531f9, 0x7eaeb2fa, 0x30e349b1, 0xc288cab2, 0xd1d83946, 0x23b3ba45, 0xf779deae, 0x05125dad,
    0x1642ae59, 0xe4292d5a, 0xba3a117e, 0x4851927d, 0x5b016189, 0xa96ae28a, 0x7da08661, 0x8fcb0562, 0x9c9bf696,
    0x6ef07595, 0x417b1dbc, 0xb3109ebf, 0xa0406d4b, 0x522bee48, 0x86e18aa3, 0x748a09a0, 0x67dafa54, 0x95b17957,
    0xcba24573, 0x39c9c670, 0x2a993584, 0xd8f2b687, 0x0c38d26c, 0xfe53516f, 0xed03a29b, 0x1f682198, 0x5125dad3,
    0xa34e59d0, 0xb01eaa24, 0x42752927, 0x96bf4dcc, 0x64d4cecf, 0x77843d3b, 0x85efbe38, 0xdbfc821c, 0x2997011f,
    0x3ac7f2eb, 0xc8ac71e8, 0x1c661503, 0xee0d9600, 0xfd5d65f4, 0x0f36e6f7, 0x61c69362, 0x93ad1061, 0x80fde395,
    0x72966096, 0xa65c047d, 0x5437877e, 0x4767748a, 0xb50cf789, 0xeb1fcbad, 0x197448ae, 0x0a24bb5a, 0xf84f3859,
    0x2c855cb2, 0xdeeedfb1, 0xcdbe2c45, 0x3fd5af46, 0x7198540d, 0x83f3d70e, 0x90a324fa, 0x62c8a7f9, 0xb602c312,
    0x44694011, 0x5739b3e5, 0xa55230e6, 0xfb410cc2, 0x092a8fc1, 0x1a7a7c35, 0xe811ff36, 0x3cdb9bdd, 0xceb018de,
    0xdde0eb2a, 0x2f8b6829, 0x82f63b78, 0x709db87b, 0x63cd4b8f, 0x91a6c88c, 0x456cac67, 0xb7072f64, 0xa457dc90,
    0x563c5f93, 0x082f63b7, 0xfa44e0b4, 0xe9141340, 0x1b7f9043, 0xcfb5f4a8, 0x3dde77ab, 0x2e8e845f, 0xdce5075c,
    0x92a8fc17, 0x60c37f14, 0x73938ce0, 0x81f80fe3, 0x55326b08, 0xa759e80b, 0xb4091bff, 0x466298fc, 0x1871a4d8,
    0xea1a27db, 0xf94ad42f, 0x0b21572c, 0xdfeb33c7, 0x2d80b0c4, 0x3ed04330, 0xccbbc033, 0xa24bb5a6, 0x502036a5,
    0x4370c551, 0xb11b4652, 0x65d122b9, 0x97baa1ba, 0x84ea524e, 0x7681d14d, 0x2892ed69, 0xdaf96e6a, 0xc9a99d9e,
    0x3bc21e9d, 0xef087a76, 0x1d63f975, 0x0e330a81, 0xfc588982, 0xb21572c9, 0x407ef1ca, 0x532e023e, 0xa145813d,
    0x758fe5d6, 0x87e466d5, 0x94b49521, 0x66df1622, 0x38cc2a06, 0xcaa7a905, 0xd9f75af1, 0x2b9cd9f2, 0xff56bd19,
    0x0d3d3e1a, 0x1e6dcdee, 0xec064eed, 0xc38d26c4, 0x31e6a5c7, 0x22b65633, 0xd0ddd530, 0x0417b1db, 0xf67c32d8,
    0xe52cc12c, 0x1747422f, 0x49547e0b, 0xbb3ffd08, 0xa86f0efc, 0x5a048dff, 0x8ecee914, 0x7ca56a17, 0x6ff599e3,
    0x9d9e1ae0, 0xd3d3e1ab, 0x21b862a8, 0x32e8915c, 0xc083125f, 0x144976b4, 0xe622f5b7, 0xf5720643, 0x07198540,
    0x590ab964, 0xab613a67, 0xb831c993, 0x4a5a4a90, 0x9e902e7b, 0x6cfbad78, 0x7fab5e8c, 0x8dc0dd8f, 0xe330a81a,
    0x115b2b19, 0x020bd8ed, 0xf0605bee, 0x24aa3f05, 0xd6c1bc06, 0xc5914ff2, 0x37faccf1, 0x69e9f0d5, 0x9b8273d6,
    0x88d28022, 0x7ab90321, 0xae7367ca, 0x5c18e4c9, 0x4f48173d, 0xbd23943e, 0xf36e6f75, 0x0105ec76, 0x12551f82,
    0xe03e9c81, 0x34f4f86a, 0xc69f7b69, 0xd5cf889d, 0x27a40b9e, 0x79b737ba, 0x8bdcb4b9, 0x988c474d, 0x6ae7c44e,
    0xbe2da0a5, 0x4c4623a6, 0x5f16d052, 0xad7d5351,
};

static uint32_t crc32c_by_table(uint32_t crc, Str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        crc = crc32c_table[(crc ^ (unsigned char)bytes.data[i]) & 0xff] ^ crc >> 8;
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_by_instruction(uint32_t crc, Str bytes)
{
    uint64_t wide = crc;
    for (; bytes.len >= 8; bytes = (Str){bytes.data + 8, bytes.len - 8}) {
        uint64_t word;
        memcpy(&word, bytes.data, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    for (size_t i = 0; i < bytes.len; i++)
        crc = _mm_crc32_u8(crc, (unsigned char)bytes.data[i]);
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, Str bytes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc32c_by_instruction(~crc, bytes);
#endif
    return ~crc32c_by_table(~crc, bytes);
}

/* ---- UTF-8 ---- */

bool utf8_is_valid(Str text)
{
    return text.len == 0 || json_scan_utf8(text.data, text.len);
}

/* How many bytes the lead byte announces, and the range of the second byte that keeps out overlong forms,
 * surrogates and everything above U+10FFFF (RFC 3629, section 4). */
typedef struct Utf8Form {
    size_t len;
    unsigned char second_from, second_to;
} Utf8Form;

static Utf8Form utf8_form(unsigned char lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return (Utf8Form){2, 0x80, 0xbf};
    if (lead >= 0xe0 && lead <= 0xef)
        return (Utf8Form){3, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf};
    if (lead >= 0xf0 && lead <= 0xf4)
        return (Utf8Form){4, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf};
    return (Utf8Form){0};
}

uint32_t utf8_next(Str text, size_t *at)
{
    const unsigned char *data = (const unsigned char *)text.data + *at;
    unsigned char lead = data[0];
    size_t left = text.len - *at;
    *at += 1;
    if (lead < 0x80)
        return lead;
    Utf8Form form = utf8_form(lead);
    if (form.len == 0 || form.len > left || data[1] < form.second_from || data[1] > form.second_to)
        return 0xfffd;
    uint32_t code_point = lead & (0x7fu >> form.len);
    for (size_t i = 1; i < form.len; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0xfffd;
        code_point = code_point << 6 | (data[i] & 0x3f);
    }
    *at += form.len - 1;
    return code_point;
}

void utf8_add(Buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_char(out, (char)c);
    } else if (c < 0x800) {
        buf_char(out, (char)(0xc0 | c >> 6));
        buf_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_char(out, (char)(0xe0 | c >> 12));
        buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        buf_char(out, (char)(0xf0 | c >> 18));
        buf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

size_t utf8_count(Str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

/* ---- percent ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void percent_encode(Buf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (is_plain || c == '-' || c == '.' || c == '_' || c == '~')
            buf_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

bool percent_decode(Arena *arena, Str text, bool plus_is_space, Str *out)
{
    char *data = arena_alloc_bytes(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_value(text.data[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_value(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        data[len++] = c;
    }
    *out = str_of(data, len);
    return true;
}
