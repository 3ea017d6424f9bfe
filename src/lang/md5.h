/* lang/md5.h: MD5 (RFC 1321), because the API names code by it. A name, no protection. */
#ifndef CLERKWORK_LANG_MD5_H
#define CLERKWORK_LANG_MD5_H

#include "base/str.h"

void md5_hex(Str bytes, char out[33]);

#endif
