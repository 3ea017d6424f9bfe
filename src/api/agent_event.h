/* api/agent_event.h: what all conversations write and read the same way. */
#ifndef CLERKWORK_API_AGENT_EVENT_H
#define CLERKWORK_API_AGENT_EVENT_H

#include "base/json.h"
#include "store/exception.h"

/* The member in which an event of this kind has its payload. */
Str agent_event_member(ThreadEventKind kind);
/* What a message says: `content`, or the texts of `content_list`, a line each; files are named. */
Str agent_event_content(Arena *arena, const Json *message);

#endif
