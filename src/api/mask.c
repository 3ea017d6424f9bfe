#include "api/mask.h"

#include "aip/spelling.h"
#include "api/check.h"

/* A path in either spelling: masks in JSON are in lowerCamelCase by the book and in snake_case in practice. */
static int find_path(const ContractOperation *operation, Str path)
{
    for (uint32_t i = 0; i < operation->n_update_mask; i++) {
        if (spelling_matches(operation->update_mask[i], path))
            return (int)i;
    }
    return -1;
}

static bool refuse_path(const ApiRequest *request, Str path, Error *err)
{
    Buf known = buf_in(request->arena);
    for (uint32_t i = 0; i < request->operation->n_update_mask; i++)
        buf_printf(&known, "%s%.*s", i ? ", " : "", STR_ARG(request->operation->update_mask[i]));
    return error_set(err, INVALID_ARGUMENT, "update_mask", "\"%.*s\" cannot be changed; %.*s can",
                     STR_ARG(str_slice(path, 0, 60)), STR_ARG(buf_view(&known)));
}

bool mask_read(ApiRequest *request, Mask *out, Error *err)
{
    Str rest = str_trim(request->query[QUERY_UPDATE_MASK].text);
    *out = (Mask){.from_body = rest.len == 0};
    if (str_eq(rest, S("*")))
        out->bits = UINT64_MAX;
    else
        while (rest.len > 0) {
            Str path = str_trim(str_cut(&rest, ','));
            int found = find_path(request->operation, path);
            if (found < 0)
                return refuse_path(request, path, err);
            out->bits |= (uint64_t)1 << found;
        }
    return true;
}

static bool body_has(const Json *body, Str path)
{
    Str rest = path;
    while (body && rest.len > 0)
        body = json_get(body, str_cut(&rest, '.'));
    return body != NULL;
}

bool mask_has(const ApiRequest *request, const Mask *mask, Str field)
{
    if (mask->from_body)
        return body_has(request->body, field);
    for (Str path = field; path.len > 0;) { /* naming a message names all that is in it */
        int found = find_path(request->operation, path);
        if (found >= 0 && (mask->bits >> found & 1))
            return true;
        ptrdiff_t dot = str_find_last_char(path, '.');
        path = str_slice(path, 0, dot < 0 ? 0 : (size_t)dot);
    }
    return false;
}
