#include "api/list.h"

/* Other names of a filter field stand behind all fields in the contract's table: the store knows the first names only.
 */
static const Filter *filter_with_main_fields(Arena *arena, const Filter *filter, const ContractOperation *operation)
{
    if (!filter)
        return NULL;
    Filter *copy = NEW(arena, Filter);
    *copy = *filter;
    copy->field = filter->kind == FILTER_TERM ? operation->filter_main[filter->field] : 0;
    copy->kids = NEW_ARRAY(arena, Filter *, filter->n_kids);
    for (uint32_t i = 0; i < filter->n_kids; i++)
        copy->kids[i] = (Filter *)filter_with_main_fields(arena, filter->kids[i], operation);
    return copy;
}

/* "title desc" → its place in x-order-by; the order is taken as asked, so "title" and "title asc" are one. */
static bool order_term(Arena *arena, const ContractOperation *operation, Str term, Str *out, Error *err)
{
    Str rest = str_trim(term), field = str_cut(&rest, ' '), direction = str_trim(rest);
    bool descending = str_eq_fold(direction, S("desc"));
    if (direction.len > 0 && !descending && !str_eq_fold(direction, S("asc")))
        return error_set(err, INVALID_ARGUMENT, "order_by", "order_by: \"%.*s\" is neither asc nor desc",
                         STR_ARG(str_slice(direction, 0, 60)));
    Buf known = buf_in(arena);
    for (uint32_t i = 0; i < operation->n_order_by; i++) {
        Str entry = operation->order_by[i], name = str_cut(&entry, ' ');
        if (str_eq(name, field)) {
            *out = str_printf(arena, "%.*s %s", STR_ARG(name), descending ? "desc" : "asc");
            return true;
        }
        buf_printf(&known, "%s%.*s", i ? ", " : "", STR_ARG(name));
    }
    return error_set(err, INVALID_ARGUMENT, "order_by", "order_by: \"%.*s\" is not one of %.*s",
                     STR_ARG(str_slice(field, 0, 60)), STR_ARG(buf_view(&known)));
}

/* The order in its one spelling; "" for the default, and where the contract knows only one order anyway. */
static bool read_order(ApiRequest *request, Str *out, Error *err)
{
    const ContractOperation *operation = request->operation;
    Str asked = str_trim(request->query[QUERY_ORDER_BY].text);
    *out = (Str){0};
    if (asked.len == 0 || operation->n_order_by < 2)
        return true;
    Buf order = buf_in(request->arena);
    while (asked.data) {
        Str term;
        if (!order_term(request->arena, operation, str_cut(&asked, ','), &term, err))
            return false;
        buf_printf(&order, "%s%.*s", order.len ? "," : "", STR_ARG(term));
    }
    *out = str_eq(buf_view(&order), operation->order_by[0]) ? (Str){0} : buf_view(&order);
    return true;
}

static Str token_arguments(const ApiRequest *request, const Filter *filter, Str order)
{
    const ContractOperation *operation = request->operation;
    Buf out = buf_in(request->arena);
    buf_str(&out, contract_operations[operation->canonical].id);
    buf_printf(&out, "\n%.*s", STR_ARG(request->principal->user_id));
    for (int i = 0; i < PATH_COUNT; i++)
        buf_printf(&out, "\n%.*s", STR_ARG(request->path[i]));
    buf_printf(&out, "\n%.*s\n%d\n%lld\n", STR_ARG(order), (int)request->query[QUERY_SHOW_DELETED].number,
               (long long)request->query[QUERY_SKIP].number);
    buf_str(&out, filter_print(request->arena, filter, operation->filter_fields));
    return buf_view(&out);
}

bool list_begin(ApiRequest *request, ApiList *out, Error *err)
{
    const ContractOperation *operation = request->operation;
    const ApiParameter *query = request->query;
    const Filter *filter = NULL;
    *out = (ApiList){0};
    if (!page_size_check(query[QUERY_PAGE_SIZE].number, operation->page_default, operation->page_maximum,
                         &out->query.limit, err) ||
        !filter_parse(request->arena, query[QUERY_FILTER].text, operation->filter_fields, operation->n_filter_fields,
                      &filter, err) ||
        !read_order(request, &out->query.order_by, err))
        return false;
    out->arguments = token_arguments(request, filter, out->query.order_by);
    if (!page_token_read(api_page_key(request->api), out->arguments, query[QUERY_PAGE_TOKEN].text, &out->cursor, err))
        return false;
    out->query.filter = filter_with_main_fields(request->arena, filter, operation);
    out->query.cursor = &out->cursor;
    out->query.show_deleted = query[QUERY_SHOW_DELETED].number;
    out->query.skip = out->cursor.set ? 0 : query[QUERY_SKIP].number;
    return true;
}

void list_end(ApiRequest *request, const ApiList *list)
{
    Str token = S("");
    if (list->end.more)
        token = page_token_make(request->arena, api_page_key(request->api), list->arguments, list->cursor);
    json_member_str(&request->json, S("next_page_token"), token);
    if (list->query.want_total) {
        json_key(&request->json, S("total_size"));
        json_i64(&request->json, MIN_OF(list->end.total, INT32_MAX));
    }
}

void list_slice(ApiList *list, int n, int *out_from, int *out_to)
{
    int64_t from = list->cursor.set ? list->cursor.position : list->query.skip;
    *out_from = (int)MIN_OF(from, n);
    *out_to = (int)MIN_OF((int64_t)*out_from + list->query.limit, n);
    list->end = (ListEnd){.more = *out_to < n, .total = n};
    list->cursor = (PageCursor){.set = true, .position = *out_to};
}
