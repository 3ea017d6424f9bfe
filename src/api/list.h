/* api/list.h: what every list operation does the same way: page size, filter, order, tokens (AIP-158, AIP-160,
 * AIP-132).
 *
 *     ApiList list;
 *     Workspace *workspaces;
 *     int n;
 *     if (!list_begin(request, &list, err) || !store_workspace_list(…, &list.query, &workspaces, &n, &list.end, err))
 *         return false;
 *     … write the items …
 *     list_end(request, &list);      writes next_page_token
 */
#ifndef CLERKWORK_API_LIST_H
#define CLERKWORK_API_LIST_H

#include "aip/filter.h"
#include "aip/page.h"
#include "api/request.h"

typedef struct ApiList {
    ListQuery query; /* for the store */
    ListEnd end;     /* from the store */
    PageCursor cursor;
    Str arguments; /* what the page token is bound to: operation, caller, path, filter, order; not the page's size */
} ApiList;

/* For operations that take `filter`, `page_size` and `page_token` in their body: as if they stood in the query. */
void list_arguments_of_body(ApiRequest *request);
/* INVALID_ARGUMENT names the parameter at fault. */
MUST_USE bool list_begin(ApiRequest *request, ApiList *out, Error *err);
/* The members that end a list's answer: next_page_token, and total_size where it was wanted. */
void list_end(ApiRequest *request, const ApiList *list);

/* For lists that the store does not page: which of `n` items, in order, belong to this page. Sets list->end. */
void list_slice(ApiList *list, int n, int *out_from, int *out_to);
/* The same for items that have growing positions of their own, which stay when others come and go. */
void list_slice_by_position(ApiList *list, int n, int64_t (*position_of)(const void *items, int at), const void *items,
                            int *out_from, int *out_to);

#endif
