/* books/archive.h: ZIP archives in memory: the one doorstep of libzip.
 *
 * What an archive claims of itself is not believed: a part ends when `ARCHIVE_BYTES_MAX` have been unpacked from the
 * archive, whatever sizes it states. Archives with more than ARCHIVE_PARTS_MAX parts and ZIP64 ones are refused before
 * anything of them is kept. What is written is the same bytes for the same parts, at any time and place. */
#ifndef CLERKWORK_BOOKS_ARCHIVE_H
#define CLERKWORK_BOOKS_ARCHIVE_H

#include "base/buf.h"
#include "base/error.h"

#define ARCHIVE_BYTES_MAX (512u << 20)
#define ARCHIVE_PARTS_MAX 5000u

typedef struct Archive Archive;

/* `bytes` must outlive the archive. INVALID_ARGUMENT or RESOURCE_EXHAUSTED says what is wrong with it, to follow the
 * file's name: "is damaged: …". NULL then. */
MUST_USE Archive *archive_open(Str bytes, Error *err);
bool archive_has(const Archive *archive, Str part);
/* Unpacks a part piece by piece. False when there is no such part, when it is damaged, encrypted or too big, or as soon
 * as `take` is false. */
typedef bool ArchiveTaker(void *self, Str piece, Error *err);
MUST_USE bool archive_read(Archive *archive, Str part, ArchiveTaker *take, void *self, Error *err);
void archive_done(Archive **archive); /* accepts NULL */

typedef struct ArchivePart {
    Str name, content;
} ArchivePart;
/* Packs the parts, in their order, behind what `out` has. */
MUST_USE bool archive_write(Buf *out, const ArchivePart *parts, size_t n, Error *err);

#endif
