/* aip/field_mask.h: update_mask and the like (AIP-161): "display_name,config.start". */
#ifndef CLERKWORK_AIP_FIELD_MASK_H
#define CLERKWORK_AIP_FIELD_MASK_H

#include "base/error.h"

typedef struct FieldMask {
    const Str *paths; /* as the allowed list spells them */
    uint32_t n;
    bool all;   /* "*": everything that may change */
    bool given; /* false for "": the caller decides */
} FieldMask;

/* Paths in snake_case or lowerCamelCase, separated by commas. A path below an allowed one ("config.start" where
 * "config" is allowed) is taken as it. INVALID_ARGUMENT on "update_mask" for a path that is not allowed, naming those
 * that are. */
MUST_USE bool field_mask_parse(Arena *arena, Str text, const Str *allowed, size_t n_allowed, FieldMask *out,
                               Error *err);
/* True for "*" and for paths of the mask. */
bool field_mask_has(const FieldMask *mask, Str path);

#endif
