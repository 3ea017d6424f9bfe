/* aip/order.c: terms cut at commas, each a field and perhaps a direction. */
#include "aip/order.h"

#include <stdio.h>

#include "aip/spelling.h"

/* "title, create_time": for messages. */
static void list_fields(const Str *fields, size_t n_fields, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n_fields && used < size; i++) {
        int n = snprintf(out + used, size - used, "%s%.*s", i ? ", " : "", STR_ARG(fields[i]));
        used += (size_t)MAX_OF(n, 0);
    }
}

static int find_field(Str name, const Str *fields, size_t n_fields)
{
    for (size_t i = 0; i < n_fields; i++) {
        if (spelling_matches(fields[i], name))
            return (int)i;
    }
    return -1;
}

/* The text up to the first blank; `*rest` is what follows, trimmed. */
static Str first_word(Str term, Str *rest)
{
    size_t len = 0;
    while (len < term.len && term.data[len] != ' ' && term.data[len] != '\t')
        len++;
    *rest = str_trim(str_skip(term, len));
    return str_slice(term, 0, len);
}

static bool parse_term(Str term, const Str *fields, size_t n_fields, OrderTerm *out, Error *err)
{
    Str direction, name = first_word(term, &direction);
    int field = find_field(name, fields, n_fields);
    if (field < 0) {
        char allowed[256];
        list_fields(fields, n_fields, allowed, sizeof allowed);
        return error_set(err, INVALID_ARGUMENT, "order_by", "cannot order by \"%.*s\"; possible here: %s",
                         STR_ARG(str_clip(name, 64)), n_fields ? allowed : "nothing, leave order_by out");
    }
    bool descending = str_eq_fold(direction, S("desc"));
    if (direction.len > 0 && !descending && !str_eq_fold(direction, S("asc")))
        return error_set(err, INVALID_ARGUMENT, "order_by", "\"%.*s\" after %.*s: write asc, desc or nothing",
                         STR_ARG(str_clip(direction, 64)), STR_ARG(name));
    *out = (OrderTerm){field, descending};
    return true;
}

bool order_parse(Str text, const Str *fields, size_t n_fields, OrderTerm *out, int max, int *out_n, Error *err)
{
    int n = 0;
    Str rest = str_trim(text);
    while (rest.data && rest.len > 0) {
        OrderTerm term;
        Str part = str_trim(str_cut(&rest, ','));
        if (part.len == 0 || (rest.data && rest.len == 0))
            return error_set(err, INVALID_ARGUMENT, "order_by",
                             "a comma without a field: write \"title, create_time desc\"");
        if (!parse_term(part, fields, n_fields, &term, err))
            return false;
        for (int i = 0; i < n; i++) {
            if (out[i].field == term.field)
                return error_set(err, INVALID_ARGUMENT, "order_by", "%.*s occurs twice", STR_ARG(fields[term.field]));
        }
        if (n == max)
            return error_set(err, INVALID_ARGUMENT, "order_by", "at most %d fields can be ordered by", max);
        out[n++] = term;
    }
    *out_n = n;
    return true;
}
