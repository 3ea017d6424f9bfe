/* api/thread.h: what both forms of authoring threads share. */
#ifndef CLERKWORK_API_THREAD_H
#define CLERKWORK_API_THREAD_H

#include "api/request.h"
#include "store/authoring.h"

/* The thread that the path names. NOT_FOUND; PERMISSION_DENIED for one of quill2 without its automation in the path. */
MUST_USE bool thread_of_path(ApiRequest *request, AuthoringThread *out, Error *err);
/* To write in a thread is to edit its automation: PERMISSION_DENIED for those who may not. */
MUST_USE bool check_may_edit(const ApiRequest *request, Error *err);
void thread_to_json(ApiRequest *request, const AuthoringThread *thread);

#endif
