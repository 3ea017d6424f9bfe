/* aip/clip.h: what clients sent, short enough for a message. */
#ifndef CLERKWORK_AIP_CLIP_H
#define CLERKWORK_AIP_CLIP_H

#include "base/str.h"

/* At most `most` bytes of `text`, never half a character. */
static inline Str clip(Str text, size_t most)
{
    if (text.len <= most)
        return text;
    while (most > 0 && ((unsigned char)text.data[most] & 0xc0) == 0x80)
        most--;
    return str_of(text.data, most);
}

#endif
