/* books/archive.c: libzip over bytes in memory. */
#include "books/archive.h"

#include <stdlib.h>
#include <zip.h>

#define PIECE_BYTES (64u << 10)
#define END_BYTES 22u /* the record that ends an archive, without its remark */
#define LOCATOR_BYTES 20u
/* 1 January 1980, the first day that an archive can name. */
#define DOS_DATE ((zip_uint16_t)((0 << 9) | (1 << 5) | 1))
#define COMPRESSION_LEVEL 6

struct Archive {
    zip_t *zip;
    size_t unpacked; /* of all parts together */
};

static unsigned u16_at(Str bytes, size_t at)
{
    return (unsigned char)bytes.data[at] | (unsigned)(unsigned char)bytes.data[at + 1] << 8;
}

/* libzip reserves memory for as many parts as the end of an archive promises; so what it promises is looked at first.
 * Every place that could be taken for the end counts. */
static bool check_end(Str bytes, Error *err)
{
    size_t least = bytes.len > END_BYTES + 0xFFFF + LOCATOR_BYTES ? bytes.len - END_BYTES - 0xFFFF - LOCATOR_BYTES : 0;
    for (size_t at = least; at + END_BYTES <= bytes.len; at++) {
        const char *p = bytes.data + at;
        if (p[0] != 'P' || p[1] != 'K')
            continue;
        if (p[2] == 6 && p[3] == 7)
            return error_set(err, INVALID_ARGUMENT, "file",
                             "is a ZIP64 archive, which is not read here: open it in Excel and save it again");
        if (p[2] == 5 && p[3] == 6 && u16_at(bytes, at + 10) > ARCHIVE_PARTS_MAX)
            return error_set(err, RESOURCE_EXHAUSTED, "file", "has %u parts inside: %u are the most that are read",
                             u16_at(bytes, at + 10), ARCHIVE_PARTS_MAX);
    }
    return true;
}

static bool damaged(Error *err, const char *why)
{
    return error_set(err, INVALID_ARGUMENT, "file", "is damaged (%s): save it again, or send it once more", why);
}

Archive *archive_open(Str bytes, Error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    if (!check_end(bytes, err))
        return NULL;
    zip_source_t *source = zip_source_buffer_create(bytes.data, bytes.len, 0, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    if (!zip) {
        (void)damaged(err, zip_error_strerror(&why));
        zip_error_fini(&why);
        zip_source_free(source);
        return NULL;
    }
    zip_error_fini(&why);
    Archive *archive = calloc(1, sizeof *archive);
    if (!archive)
        abort();
    archive->zip = zip;
    return archive;
}

static zip_int64_t locate(const Archive *archive, Str part)
{
    char name[256];
    if (part.len >= sizeof name)
        return -1;
    memcpy(name, part.data, part.len);
    name[part.len] = '\0';
    return zip_name_locate(archive->zip, name, ZIP_FL_NOCASE);
}

bool archive_has(const Archive *archive, Str part)
{
    return locate(archive, part) >= 0;
}

static void part_done(zip_file_t **part)
{
    if (*part)
        (void)zip_fclose(*part);
}

bool archive_read(Archive *archive, Str part, ArchiveTaker *take, void *self, Error *err)
{
    char piece[PIECE_BYTES];
    zip_int64_t index = locate(archive, part), n;
    if (index < 0)
        return error_set(err, INVALID_ARGUMENT, "file", "is damaged: the part %.*s is missing", STR_ARG(part));
    AUTO(part_done)
    zip_file_t *file = zip_fopen_index(archive->zip, (zip_uint64_t)index, 0);
    if (!file)
        return damaged(err, zip_strerror(archive->zip));
    while ((n = zip_fread(file, piece, sizeof piece)) > 0) {
        archive->unpacked += (size_t)n;
        if (archive->unpacked > ARCHIVE_BYTES_MAX)
            return error_set(err, RESOURCE_EXHAUSTED, "file",
                             "unpacks to more than %u MB, which is all that is read at once: split it",
                             ARCHIVE_BYTES_MAX >> 20);
        if (!take(self, str_of(piece, (size_t)n), err))
            return false;
    }
    return n == 0 || damaged(err, zip_file_strerror(file));
}

void archive_done(Archive **archive)
{
    if (!*archive)
        return;
    zip_discard((*archive)->zip);
    free(*archive);
    *archive = NULL;
}

/* ---- writing ---- */
static bool add_part(zip_t *zip, const ArchivePart *part)
{
    char name[256];
    assert(part->name.len < sizeof name);
    memcpy(name, part->name.data, part->name.len);
    name[part->name.len] = '\0';
    zip_source_t *source = zip_source_buffer(zip, part->content.data, part->content.len, 0);
    zip_int64_t index = source ? zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, COMPRESSION_LEVEL) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)index, 0, DOS_DATE, 0) == 0;
}

static bool read_whole(zip_source_t *source, Buf *out)
{
    zip_stat_t stat;
    if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0)
        return false;
    buf_reserve(out, (size_t)stat.size);
    zip_int64_t n = zip_source_read(source, out->data + out->len, stat.size);
    (void)zip_source_close(source);
    if (n < 0 || (zip_uint64_t)n != stat.size)
        return false;
    out->len += (size_t)n;
    return true;
}

bool archive_write(Buf *out, const ArchivePart *parts, size_t n, Error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 1, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &why) : NULL;
    zip_error_fini(&why);
    if (!zip) {
        zip_source_free(source);
        return error_set(err, INTERNAL, "", "the workbook cannot be packed");
    }
    zip_source_keep(source); /* closing the archive gives its own hold back */
    bool fine = true;
    for (size_t i = 0; i < n && fine; i++)
        fine = add_part(zip, &parts[i]);
    if (!fine || zip_close(zip) != 0) {
        zip_discard(zip);
        fine = false;
    }
    fine = fine && read_whole(source, out);
    zip_source_free(source);
    return fine || error_set(err, INTERNAL, "", "the workbook cannot be packed");
}
