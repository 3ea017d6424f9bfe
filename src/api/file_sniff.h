/* api/file_sniff.h: what bytes look like, by libmagic. It is loaded with the first file that needs it, and its database
 * (megabytes) is open only while it looks: a server that is sent no such files pays nothing. */
#ifndef CLERKWORK_API_FILE_SNIFF_H
#define CLERKWORK_API_FILE_SNIFF_H

#include "base/arena.h"

/* The MIME type of what begins with `head`, in `arena`; "" when nothing is known of it, or where libmagic is not
 * installed, which is logged once. From any thread. */
Str file_sniff(Arena *arena, Str head);

#endif
