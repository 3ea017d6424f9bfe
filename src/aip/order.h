/* aip/order.h: order_by of list operations (AIP-132): "title, create_time desc". */
#ifndef CLERKWORK_AIP_ORDER_H
#define CLERKWORK_AIP_ORDER_H

#include "base/error.h"

typedef struct OrderTerm {
    int field; /* index in the allowed fields */
    bool descending;
} OrderTerm;

/* At most `max` terms; "" gives none. INVALID_ARGUMENT on "order_by" for a field that is unknown (naming the allowed
 * ones) or occurs twice, for a direction other than asc and desc, for an empty term. */
MUST_USE bool order_parse(Str text, const Str *fields, size_t n_fields, OrderTerm *out, int max, int *out_n,
                          Error *err);

#endif
