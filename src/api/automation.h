/* api/automation.h: automations as the API writes them; for the files that answer with one. */
#ifndef CLERKWORK_API_AUTOMATION_H
#define CLERKWORK_API_AUTOMATION_H

#include "api/request.h"
#include "engine/automation.h"

/* The automation with the content of one of its revisions, as one JSON object. */
void automation_to_json(ApiRequest *request, const Automation *automation, const Revision *revision);
/* The automation that the path names, whole workspace's with `-`: *out_key is 0 then. */
MUST_USE bool automation_of_path(ApiRequest *request, int64_t *out_key, Error *err);
/* The one that a body's field `automation` says, by id or by its full name in this workspace. INVALID_ARGUMENT or
 * NOT_FOUND on that field. */
MUST_USE bool automation_of_text(ApiRequest *request, Str text, Automation *out, Error *err);

#endif
