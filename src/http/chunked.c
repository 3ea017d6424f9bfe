/* http/chunked.c: one state a kind of byte; content is handed on without looking at it. */
#include "http/chunked.h"

enum {
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_START, /* at the beginning of a line */
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_LAST_LF,
    CHUNK_OVER,
};

/* 2^60 would do for any body: sixteen digits could overflow when added up by whoever counts. */
#define SIZE_DIGITS_MAX 15

bool chunked_is_over(const Chunked *chunked)
{
    return chunked->state == CHUNK_OVER;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    unsigned char lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static Refusal size_byte(Chunked *chunked, unsigned char c)
{
    int value = hex_value(c);
    if (value >= 0) {
        if (++chunked->digits > SIZE_DIGITS_MAX)
            return REFUSE_CHUNK_SIZE;
        chunked->left = chunked->left * 16 + (uint64_t)value;
        return REFUSE_NOT;
    }
    if (chunked->digits == 0 || (c != ';' && c != '\r'))
        return REFUSE_CHUNK_SIZE;
    chunked->extension = 0;
    chunked->state = c == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
    return REFUSE_NOT;
}

static Refusal extension_byte(Chunked *chunked, unsigned char c)
{
    if (c == '\r') {
        chunked->state = CHUNK_SIZE_LF;
        return REFUSE_NOT;
    }
    if ((c < 0x20 && c != '\t') || c == 0x7f)
        return REFUSE_CHUNK_FRAMING;
    if (++chunked->extension > CHUNK_EXTENSION_MAX || ++chunked->extensions > CHUNK_EXTENSIONS_MAX)
        return REFUSE_CHUNK_EXTENSION;
    return REFUSE_NOT;
}

static Refusal trailer_byte(Chunked *chunked, unsigned char c)
{
    if (++chunked->trailer > CHUNK_TRAILER_MAX)
        return REFUSE_TRAILERS;
    if (c == '\r') {
        chunked->state = chunked->state == CHUNK_TRAILER_START ? CHUNK_LAST_LF : CHUNK_TRAILER_LF;
        return REFUSE_NOT;
    }
    bool blank = c == ' ' || c == '\t';
    if ((c < 0x20 && c != '\t') || c == 0x7f || (blank && chunked->state == CHUNK_TRAILER_START))
        return REFUSE_CHUNK_FRAMING;
    chunked->state = CHUNK_TRAILER;
    return REFUSE_NOT;
}

static Refusal expect(Chunked *chunked, unsigned char c, unsigned char wanted, uint8_t next)
{
    if (c != wanted)
        return REFUSE_CHUNK_FRAMING;
    chunked->state = next;
    return REFUSE_NOT;
}

static Refusal frame_byte(Chunked *chunked, unsigned char c)
{
    switch (chunked->state) {
    case CHUNK_SIZE: return size_byte(chunked, c);
    case CHUNK_EXTENSION: return extension_byte(chunked, c);
    case CHUNK_SIZE_LF: return expect(chunked, c, '\n', chunked->left ? CHUNK_DATA : CHUNK_TRAILER_START);
    case CHUNK_DATA_CR: return expect(chunked, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF: chunked->digits = 0; return expect(chunked, c, '\n', CHUNK_SIZE);
    case CHUNK_TRAILER_START:
    case CHUNK_TRAILER: return trailer_byte(chunked, c);
    case CHUNK_TRAILER_LF: return expect(chunked, c, '\n', CHUNK_TRAILER_START);
    case CHUNK_LAST_LF: return expect(chunked, c, '\n', CHUNK_OVER);
    default: assert(!"data and over are not framing"); return REFUSE_CHUNK_FRAMING;
    }
}

Str chunked_next(Chunked *chunked, Str input, size_t *at, Refusal *out_refusal)
{
    while (*at < input.len && chunked->state != CHUNK_OVER) {
        if (chunked->state == CHUNK_DATA) {
            Str piece = str_slice(input, *at, *at + (size_t)MIN_OF(chunked->left, (uint64_t)(input.len - *at)));
            *at += piece.len;
            chunked->left -= piece.len;
            if (chunked->left == 0)
                chunked->state = CHUNK_DATA_CR;
            return piece;
        }
        Refusal refusal = frame_byte(chunked, (unsigned char)input.data[*at]);
        if (refusal != REFUSE_NOT) {
            *out_refusal = refusal;
            return (Str){0};
        }
        ++*at;
    }
    return (Str){0};
}
