/* Hostile multipart bodies: however they are cut, the same parts come out. The first byte chooses the cut. */
#include <stdlib.h>

#include "base/buf.h"
#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool part_begin(void *self, const MultipartPart *part, Error *err)
{
    (void)err;
    buf_printf(self, "[%.*s|%.*s|%.*s]", STR_ARG(part->name), STR_ARG(part->filename), STR_ARG(part->content_type));
    return true;
}

static bool part_data(void *self, Str piece, Error *err)
{
    (void)err;
    if (piece.len == 0)
        abort();
    buf_str(self, piece);
    return true;
}

static bool part_end(void *self, Error *err)
{
    (void)err;
    buf_char(self, ';');
    return true;
}

static bool parse(Arena *arena, Str body, size_t step, Str *out)
{
    Buf record = buf_in(arena);
    Multipart *multipart = NEW(arena, Multipart);
    MultipartHooks hooks = {&record, part_begin, part_data, part_end};
    Error err;
    if (!multipart_init(multipart, arena, S("multipart/form-data; boundary=X"), hooks, &err))
        abort();
    for (size_t at = 0; at < body.len; at += step)
        if (!multipart_feed(multipart, str_slice(body, at, at + step), &err))
            return false;
    *out = buf_view(&record);
    return multipart_finish(multipart, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    Arena arena = {0};
    Str body = str_of((const char *)data + 1, size - 1), whole, cut;
    bool good = parse(&arena, body, size, &whole);
    if (parse(&arena, body, 1u + data[0], &cut) != good || (good && !str_eq(whole, cut)))
        abort();
    arena_done(&arena);
    return 0;
}
