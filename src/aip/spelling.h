/* aip/spelling.h: fields have one name in two spellings, create_time and createTime; callers may use either. */
#ifndef CLERKWORK_AIP_SPELLING_H
#define CLERKWORK_AIP_SPELLING_H

#include "base/str.h"

/* Whether `text` is `snake`, or `snake` in lowerCamelCase; part by part in paths ("general.timeZone"). */
bool spelling_matches(Str snake, Str text);

#endif
