/* http/range.h: the Range header of downloads (RFC 9110, 14.2). One range is served; several, another unit or a
 * malformed header mean the whole, as the standard allows. */
#ifndef CLERKWORK_HTTP_RANGE_H
#define CLERKWORK_HTTP_RANGE_H

#include "base/str.h"

typedef enum RangeAnswer {
    RANGE_WHOLE,         /* 200 with everything */
    RANGE_PART,          /* 206 with range_content_range */
    RANGE_UNSATISFIABLE, /* 416 with range_content_range_none */
} RangeAnswer;

typedef struct ByteRange {
    uint64_t offset;
    uint64_t length;
} ByteRange;

/* `header` is the value of Range, empty when there was none; `size` that of the file. *out is set for RANGE_WHOLE
 * (all of it) and RANGE_PART. A caller that got If-Range compares it first and passes an empty header when it differs.
 */
RangeAnswer range_parse(Str header, uint64_t size, ByteRange *out);
Str range_content_range(Arena *arena, ByteRange range, uint64_t size); /* "bytes 0-499/1234" */
Str range_content_range_none(Arena *arena, uint64_t size);             /* "bytes" and a star for the range, "/1234" */

#endif
