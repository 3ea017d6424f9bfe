/* store/bundle.c: rows kept as one. The size of all, their CRC-32C, and they themselves, compressed. */
#include "store/bundle.h"

#include "base/codec.h"
#include "base/deflate.h"

int bundle_take(const size_t *sizes, int n)
{
    size_t bytes = 0;
    int taken = 0;
    while (taken < n && (taken == 0 || bytes + sizes[taken] <= BUNDLE_BYTES))
        bytes += sizes[taken++];
    return taken;
}

void bundle_close(Buf *out, Str rows)
{
    buf_varint(out, rows.len);
    buf_u32(out, crc32c(0, rows));
    deflate_add(out, rows);
}

bool bundle_open(Arena *arena, Str kept, Reader *out_rows, Error *err)
{
    Reader reader = reader_of(kept);
    uint64_t size = read_varint(&reader);
    uint32_t checksum = read_u32(&reader);
    Str small = str_of((const char *)reader.next, (size_t)(reader.end - reader.next));
    Str rows;
    if (reader.failed || size > BUNDLE_OPENED || !inflate_exactly(arena, small, (size_t)size, &rows) ||
        crc32c(0, rows) != checksum)
        return error_set(err, DATA_LOSS, "", "rows of a run that were packed together are damaged; restore a backup");
    *out_rows = reader_of(rows);
    return true;
}
