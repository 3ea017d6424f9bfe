/* tests/store/same/file.c: files. */
#include "store/same/side.h"

static bool files(Tx *tx, Side *s, Error *err)
{
    FileRow row = {.scope = s->f.scope, .filename = text(s), .mime_type = S("text/csv"), .size_bytes = below(s, 1000)};
    row.hash[0] = (unsigned char)below(s, 4); /* some have the same bytes */
    switch (below(s, 3)) {
    case 0: row.id = name(s, 'f', ++s->files); return store_file_insert(tx, &row, err);
    case 1: return store_file_delete(tx, &s->f.scope, any(s, 'f', s->files), err);
    default:
        if (!store_file_get(tx, &s->f.arena, &s->f.scope, any(s, 'f', s->files), &row, err))
            return false;
        say_text(s, row.filename);
        say(s, "size", row.size_bytes);
        return true;
    }
}

const Operation same_files[] = {
    {"files", files},
    {0},
};
