/* api/thread_upload.h: files that were given to a thread. */
#ifndef CLERKWORK_API_THREAD_UPLOAD_H
#define CLERKWORK_API_THREAD_UPLOAD_H

#include "api/request.h"
#include "store/authoring.h"

#define THREAD_UPLOADS_MOST 200

/* The uploads that `message` names in `documents` and `images`, as a JSON array of them; "" for none. INVALID_ARGUMENT
 * for one that is not of this thread. */
MUST_USE bool thread_documents(ApiRequest *request, const AuthoringThread *thread, const Json *message, Str *out,
                               Error *err);

#endif
