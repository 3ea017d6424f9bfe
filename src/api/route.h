/* api/route.h: which operation a method and a path mean, by the contract's tree.
 *
 * The path is matched as it came: split at '/', the verb taken from the last segment's last ':', and only then are
 * segments percent-decoded, so that an encoded slash or colon stays part of an id. Literal segments win over
 * parameters. HEAD is matched as GET. */
#ifndef CLERKWORK_API_ROUTE_H
#define CLERKWORK_API_ROUTE_H

#include "api/contract.h"
#include "base/error.h"

typedef struct Route {
    const ContractOperation *operation; /* NULL when nothing matches */
    Str path[PATH_COUNT];               /* decoded; empty where the operation has no such segment */
    unsigned allowed;                   /* when another method would match: bits of HttpMethod */
} Route;

/* False: NOT_FOUND for an unknown path, UNIMPLEMENTED with `out->allowed` for a method that the path does not have,
 * INVALID_ARGUMENT for a segment that is not text. Decoded segments live in `arena`. */
MUST_USE bool route_match(Arena *arena, HttpMethod method, Str raw_path, Route *out, Error *err);

/* "GET, HEAD, PATCH" for the Allow header. */
Str route_allow(Arena *arena, unsigned allowed);

#endif
