/* aip/field_mask.c: paths found again in the list of allowed ones. */
#include "aip/field_mask.h"

#include "base/buf.h"

/* The path in snake_case: createTime → create_time. */
static Str snake_case(Arena *arena, Str path)
{
    Buf out = buf_in(arena);
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i];
        bool upper = c >= 'A' && c <= 'Z';
        if (upper)
            buf_char(&out, '_');
        buf_char(&out, upper ? (char)(c - 'A' + 'a') : c);
    }
    return buf_view(&out);
}

static bool is_or_is_below(Str path, Str allowed)
{
    return str_starts(path, allowed) && (path.len == allowed.len || path.data[allowed.len] == '.');
}

static const Str *find(Str path, const Str *allowed, size_t n_allowed)
{
    for (size_t i = 0; i < n_allowed; i++) {
        if (is_or_is_below(path, allowed[i]))
            return &allowed[i];
    }
    return NULL;
}

static bool refuse(Arena *arena, Str path, const Str *allowed, size_t n_allowed, Error *err)
{
    Buf list = buf_in(arena);
    for (size_t i = 0; i < n_allowed; i++) {
        buf_str(&list, i > 0 ? S(", ") : S(""));
        buf_str(&list, allowed[i]);
    }
    return error_set(err, INVALID_ARGUMENT, "update_mask", "\"%.*s\" cannot be changed here; possible are %.*s, or *",
                     STR_ARG(str_clip(path, 64)), STR_ARG(str_clip(buf_view(&list), 400)));
}

bool field_mask_has(const FieldMask *mask, Str path)
{
    if (mask->all)
        return true;
    for (uint32_t i = 0; i < mask->n; i++) {
        if (str_eq(mask->paths[i], path))
            return true;
    }
    return false;
}

bool field_mask_parse(Arena *arena, Str text, const Str *allowed, size_t n_allowed, FieldMask *out, Error *err)
{
    FieldMask mask = {.given = str_trim(text).len > 0};
    Str *paths = NEW_ARRAY(arena, Str, n_allowed + 1);
    mask.paths = paths;
    for (Str rest = text; mask.given && rest.data;) {
        Str path = str_trim(str_cut(&rest, ','));
        if (str_eq(path, S("*"))) {
            mask.all = true;
            continue;
        }
        const Str *found = find(snake_case(arena, path), allowed, n_allowed);
        if (!found)
            return refuse(arena, path, allowed, n_allowed, err);
        if (!field_mask_has(&(FieldMask){.paths = paths, .n = mask.n}, *found))
            paths[mask.n++] = *found;
    }
    *out = mask;
    return true;
}
