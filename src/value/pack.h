/* value/pack.h: values as compact bytes, for journals and snapshots. Sharing (two facts naming one list) and cycles
 * are kept within one packer. The bytes are the same for the same graph, in every process. */
#ifndef CLERKWORK_VALUE_PACK_H
#define CLERKWORK_VALUE_PACK_H

#include "base/map.h"
#include "value/value.h"

typedef struct Packer Packer;
Packer *packer_new(Arena *arena, Buf *out);
void pack_value(Packer *packer, Value v); /* VALUE_UNSET too */

typedef struct Unpacker Unpacker;
/* `source` must outlive the values: texts are views into it. */
Unpacker *unpacker_new(Arena *arena, Reader *source);
MUST_USE bool unpack_value(Unpacker *unpacker, Value *out, Error *err); /* DATA_LOSS on bytes that make no sense */

#endif
