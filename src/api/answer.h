/* api/answer.h: an answer in a request's body (the contract's ResolveRequest) as the engine takes it. */
#ifndef CLERKWORK_API_ANSWER_H
#define CLERKWORK_API_ANSWER_H

#include "api/request.h"
#include "engine/exception.h"

/* Needs a view (request->tx). Fills what is said, who says it and whether it is remembered; which question it answers
 * is the caller's to add. */
MUST_USE bool answer_of_body(ApiRequest *request, AnswerRequest *out, Error *err);

#endif
