/* api/reach.h: which workspaces of an organization a sum goes over: those that the caller may look into. */
#ifndef CLERKWORK_API_REACH_H
#define CLERKWORK_API_REACH_H

#include "api/request.h"

typedef struct Reach {
    const Scope *workspaces; /* by key, ascending */
    int n;
} Reach;

/* The workspaces that `asked` names (ids or full names), or without any all where the operation's permission holds.
 * A named one that the caller may not enter is refused as its own operations would: NOT_FOUND or PERMISSION_DENIED.
 * The result lives in the request's arena. */
MUST_USE bool reach_read(ApiRequest *request, const ApiParameter *asked, Reach *out, Error *err);
/* Where a workspace's key stands; -1 when it is outside. */
int reach_find(const Reach *reach, int64_t workspace);
/* What the store has to look through: the one workspace, or the whole organization. */
Scope reach_scope(const ApiRequest *request, const Reach *reach);

#endif
