/* api/mask.h: which fields a PATCH changes (AIP-161): those of `update_mask`, else those that the body has. */
#ifndef CLERKWORK_API_MASK_H
#define CLERKWORK_API_MASK_H

#include "api/request.h"

typedef struct Mask {
    bool from_body;
    uint64_t bits; /* of operation->update_mask, in order */
} Mask;

/* INVALID_ARGUMENT on update_mask for a field that cannot be changed, naming those that can. */
MUST_USE bool mask_read(ApiRequest *request, Mask *out, Error *err);
/* Whether `field`, in snake_case, changes: "general.time_zone" for one within a message. */
bool mask_has(const ApiRequest *request, const Mask *mask, Str field);

#endif
