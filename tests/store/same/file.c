/* tests/store/same/file.c: files, and their bytes on the disk. */
#include "store/same/side.h"

#include <unistd.h>

#include "store/internal.h"

/* The most that a writer takes, and what an organization may have (side.c) are within reach. */
enum { FILE_MOST = 600 };

static void say_file(Side *s, const FileRow *row)
{
    say(s, "file", row->key);
    say_text(s, row->id);
    say_text(s, row->filename);
    say(s, "in", row->scope.workspace);
    say(s, "size", row->size_bytes);
}

/* In pieces; some are the same, some too large, some are given up. */
static bool stream_in(Tx *tx, Side *s, FileRow *row, bool *out_given_up, Error *err)
{
    FileWriter *writer;
    if (!store_file_write_begin(tx_store(tx), FILE_MOST, &writer, err))
        return false;
    bool ok = true;
    for (int64_t pieces = below(s, 12); ok && pieces > 0; pieces--)
        ok = store_file_write(writer, bytes(s), err);
    say(s, "head", (int64_t)store_file_write_head(writer).len);
    *out_given_up = !ok || random_chance(&s->random, 8);
    if (!*out_given_up)
        return store_file_write_finish(writer, row, err);
    store_file_write_abandon(writer);
    return ok;
}

static bool upload(Tx *tx, Side *s, Error *err)
{
    FileRow row = {.scope = *place(s), .id = any(s, 'f', s->files), .filename = text(s), .mime_type = S("text/csv")};
    bool given_up;
    if (!stream_in(tx, s, &row, &given_up, err))
        return false;
    if (given_up)
        return true;
    if (!store_file_insert(tx, &row, err))
        return false;
    s->files++;
    say_file(s, &row);
    return true;
}

static bool download(Tx *tx, Side *s, Error *err)
{
    FileRow row;
    char got[FILE_MOST + 1];
    int fd;
    if (!store_file_get(tx, &s->f.arena, place(s), any(s, 'f', s->files), &row, err))
        return false;
    say_file(s, &row);
    if (!store_file_open(tx_store(tx), &row, &fd, err))
        return false;
    ssize_t n = read(fd, got, sizeof got);
    close(fd);
    say_text(s, str_of(got, n > 0 ? (size_t)n : 0));
    return true;
}

static bool file_delete(Tx *tx, Side *s, Error *err)
{
    return store_file_delete(tx, place(s), any(s, 'f', s->files), err);
}

static void say_size(void *self, int64_t workspace, int64_t create_us, int64_t size_bytes)
{
    int64_t *sum = self;
    *sum += workspace * 1000003 + create_us % 1000003 + size_bytes;
}

static bool file_sizes(Tx *tx, Side *s, Error *err)
{
    Str home;
    int64_t sum = 0;
    if (!store_file_sizes(tx, place(s), coin(s), s->now_us - below(s, 300) * 1000003, s->now_us, say_size, &sum, err) ||
        !store_file_home(tx, &s->f.arena, place(s)->organization, any(s, 'f', s->files), &home, err))
        return false;
    say(s, "sizes", sum);
    say_text(s, home);
    return true;
}

const Operation same_files[] = {
    {"upload", upload},
    {"upload", upload},
    {"download", download},
    {"download", download},
    {"file_delete", file_delete},
    {"file_sizes", file_sizes},
    {0},
};
