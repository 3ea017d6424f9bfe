#include "api/list.h"

#include "aip/order.h"

#define ORDERS_MAX 4

/* The order in its one spelling; "" for the default, and where the contract knows only one order anyway. */
static bool read_order(ApiRequest *request, Str *out, Error *err)
{
    const ContractOperation *operation = request->operation;
    OrderTerm terms[ORDERS_MAX];
    int n;
    *out = (Str){0};
    if (operation->n_order_by < 2)
        return true;
    if (!order_parse(request->query[QUERY_ORDER_BY].text, operation->order_by, operation->n_order_by, terms, ORDERS_MAX,
                     &n, err))
        return false;
    Buf order = buf_in(request->arena);
    for (int i = 0; i < n; i++)
        buf_printf(&order, "%s%.*s %s", i ? ", " : "", STR_ARG(operation->order_by[terms[i].field]),
                   terms[i].descending ? "desc" : "asc");
    *out = str_eq(buf_view(&order), operation->order_default) ? (Str){0} : buf_view(&order);
    return true;
}

/* What else the body says; the filter is bound by its meaning, sizes not at all. */
static void add_body_arguments(Buf *out, const Json *body)
{
    static const Str own[] = {S_INIT("filter"), S_INIT("page_size"), S_INIT("page_token")};
    for (uint32_t i = 0; body && i < body->count; i++) {
        bool skip = false;
        for (size_t at = 0; at < COUNT_OF(own); at++)
            skip |= str_eq(body->items[i].key, own[at]);
        if (skip)
            continue;
        buf_printf(out, "\n%.*s ", STR_ARG(body->items[i].key));
        JsonOut json = json_out(out);
        json_write(&json, &body->items[i]);
    }
}

/* What the operation takes beside the parameters that all lists have. */
static void add_own_parameters(Buf *out, const ApiRequest *request)
{
    static const QueryParameter common[] = {QUERY_PAGE_SIZE,    QUERY_PAGE_TOKEN, QUERY_FILTER,
                                            QUERY_SHOW_DELETED, QUERY_SKIP,       QUERY_ORDER_BY};
    const ContractOperation *operation = request->operation;
    for (uint32_t i = 0; i < operation->n_parameters; i++) {
        const ContractParameter *parameter = &operation->parameters[i];
        const ApiParameter *given = &request->query[parameter->id];
        bool skip = false;
        for (size_t at = 0; at < COUNT_OF(common); at++)
            skip |= parameter->id == common[at] && (parameter->id != QUERY_ORDER_BY || operation->n_order_by > 0);
        if (skip || !given->present)
            continue;
        buf_printf(out, "\n%.*s", STR_ARG(parameter->name));
        if (given->n == 0)
            buf_printf(out, " %.*s", STR_ARG(given->text));
        for (uint32_t at = 0; at < given->n; at++)
            buf_printf(out, " %.*s", STR_ARG(given->texts[at]));
    }
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
    add_own_parameters(&out, request);
    add_body_arguments(&out, request->body);
    return buf_view(&out);
}

void list_arguments_of_body(ApiRequest *request)
{
    static const struct {
        QueryParameter parameter;
        Str name;
    } arguments[] = {
        {QUERY_FILTER, S_INIT("filter")},
        {QUERY_PAGE_SIZE, S_INIT("page_size")},
        {QUERY_PAGE_TOKEN, S_INIT("page_token")},
    };
    for (size_t i = 0; i < COUNT_OF(arguments); i++) {
        const Json *given = json_get(request->body, arguments[i].name);
        ApiParameter *out = &request->query[arguments[i].parameter];
        if (!given)
            continue;
        *out = (ApiParameter){.present = true, .text = given->text};
        if (given->kind == JSON_NUMBER && !json_to_i64(given, &out->number))
            out->number = 0;
    }
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
    out->query.filter = filter;
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

void list_slice_by_position(ApiList *list, int n, int64_t (*position_of)(const void *items, int at), const void *items,
                            int *out_from, int *out_to)
{
    int from = 0;
    while (list->cursor.set && from < n && position_of(items, from) <= list->cursor.position)
        from++;
    *out_from = from;
    *out_to = (int)MIN_OF((int64_t)from + list->query.limit, n);
    list->end = (ListEnd){.more = *out_to < n, .total = n};
    list->cursor = (PageCursor){.set = true, .position = *out_to > from ? position_of(items, *out_to - 1) : 0};
}
