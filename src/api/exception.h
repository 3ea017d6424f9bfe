/* api/exception.h: exceptions as the API writes them; for the files that answer with one. */
#ifndef CLERKWORK_API_EXCEPTION_H
#define CLERKWORK_API_EXCEPTION_H

#include "api/request.h"
#include "engine/exception.h"

/* The full name of a group; "" for none. */
Str exception_group_name(ApiRequest *request, Str group);
/* Needs a view: what the workspace says of the group is part of it. */
MUST_USE bool exception_group_to_json(ApiRequest *request, Str id, Error *err);
/* "users/u" of the assignee that the caller names in `field`, "" for nobody. INVALID_ARGUMENT unless it is somebody who
 * can see the workspace's questions. */
MUST_USE bool exception_assignee(ApiRequest *request, const char *field, Str assignee, Str *out, Error *err);

#endif
