/* aip/name.c: names walked segment by segment beside their pattern. */
#include "aip/name.h"

#include "base/buf.h"
#include "base/id.h"

static bool is_part(Str segment)
{
    return segment.len >= 2 && segment.data[0] == '{' && segment.data[segment.len - 1] == '}';
}

static bool walk(Str name, Str pattern, NameParts *out)
{
    out->n = 0;
    while (pattern.data) {
        if (!name.data)
            return false;
        Str expected = str_cut(&pattern, '/'), segment = str_cut(&name, '/');
        if (!is_part(expected)) {
            if (!str_eq(segment, expected))
                return false;
            continue;
        }
        assert(out->n < NAME_PARTS_MOST);
        if (segment.len == 0)
            return false;
        out->values[out->n++] = segment;
    }
    return !name.data;
}

bool name_parse(Str name, Str pattern, const char *field, NameParts *out, Error *err)
{
    NameParts parts;
    if (!walk(name, pattern, &parts))
        return error_set(err, INVALID_ARGUMENT, field, "\"%.*s\" is not a name of the form %.*s",
                         STR_ARG(str_clip(name, 200)), STR_ARG(pattern));
    *out = parts;
    return true;
}

bool name_matches(Str name, Str pattern)
{
    NameParts parts;
    return walk(name, pattern, &parts);
}

Str name_format(Arena *arena, Str pattern, const Str *values, int n)
{
    Buf name = buf_in(arena);
    int used = 0;
    while (pattern.data) {
        Str segment = str_cut(&pattern, '/');
        if (is_part(segment)) {
            assert(used < n);
            segment = values[used++];
        }
        if (name.len > 0)
            buf_char(&name, '/');
        buf_str(&name, segment);
    }
    assert(used == n);
    return buf_view(&name);
}

Str name_leaf(Str name)
{
    ptrdiff_t slash = str_find_last_char(name, '/');
    return slash < 0 ? name : str_skip(name, (size_t)slash + 1);
}

Str name_parent(Str name)
{
    ptrdiff_t id = str_find_last_char(name, '/');
    if (id < 0)
        return (Str){0};
    ptrdiff_t collection = str_find_last_char(str_slice(name, 0, (size_t)id), '/');
    return collection < 0 ? (Str){0} : str_slice(name, 0, (size_t)collection);
}

Str name_file_id(Str text)
{
    Str leaf = name_leaf(text);
    bool has_tail = leaf.len >= ID_LEN + 2 && leaf.data[ID_LEN] == '-' && leaf.data[ID_LEN + 1] == '-';
    return has_tail ? str_slice(leaf, 0, ID_LEN) : leaf;
}

bool name_id_is_valid(Str id)
{
    if (id.len == 0 || id.len > 63)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return true;
}
