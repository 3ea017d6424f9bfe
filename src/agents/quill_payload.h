/* agents/quill_payload.h: what the author and those who talk with it say, as the JSON that events hold. All texts live
 * in `arena`. */
#ifndef CLERKWORK_AGENTS_QUILL_PAYLOAD_H
#define CLERKWORK_AGENTS_QUILL_PAYLOAD_H

#include "agents/author.h"
#include "agents/quill.h"
#include "store/automation.h"

Str quill_user_payload(Arena *arena, const QuillMessage *message);
Str quill_artifact_payload(Arena *arena, const Revision *revision);
Str quill_interrupt_payload(Arena *arena, const AuthorStep *step, Str id);
Str quill_answer_payload(Arena *arena, Str interrupt_id, Str answer); /* "": passed over */
Str quill_progress_payload(Arena *arena, Str content);
/* The end of a turn that came to nothing; `kind` is the error's code. */
Str quill_failure_payload(Arena *arena, Str content, const char *kind, bool retryable);

#endif
