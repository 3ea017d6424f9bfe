/* cli/local.c: books' wishes, granted from the disk of whoever runs the command. */
#include "cli/local.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "cli/source.h"

static bool is_granted(const LocalWorld *world, Str path)
{
    for (uint32_t i = 0; i < world->n_granted; i++) {
        if (str_eq(world->granted[i], path))
            return true;
    }
    return false;
}

static Str leaf_of(Str path)
{
    ptrdiff_t slash = str_find_last_char(path, '/');
    return slash < 0 ? path : str_skip(path, (size_t)slash + 1);
}

static bool grant(LocalWorld *world, Str path, Error *err)
{
    if (is_granted(world, path))
        return true;
    if (world->n_granted == LOCAL_FILES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "a run may use at most %d files", LOCAL_FILES_MAX);
    world->granted[world->n_granted++] = path;
    return true;
}

bool local_grant(LocalWorld *world, const char *path, Value *out, Error *err)
{
    Str name = str_copy(&world->arena, str_from_c(path));
    struct stat status;
    if (access(path, R_OK) != 0 || stat(path, &status) != 0)
        return error_set(err, NOT_FOUND, "", "the file %s cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return error_set(err, NOT_FOUND, "", "%s is a directory, not a file", path);
    if (!grant(world, name, err))
        return false;
    *out = value_file(&world->arena, (FileRef){.name = name, .filename = leaf_of(name)});
    return true;
}

static bool read_file(void *self, Arena *arena, const FileRef *file, size_t max_bytes, Str *out, Error *err)
{
    LocalWorld *world = self;
    if (!is_granted(world, file->name))
        return error_set(err, NOT_FOUND, "file", "there is no file called \"%.*s\" among those that were given",
                         STR_ARG(str_slice(file->name, 0, 100)));
    return read_whole_file(arena, str_to_c(arena, file->name), max_bytes, out, err);
}

static bool holds_already(Arena *arena, const char *path, Str content)
{
    Error ignored;
    Str present;
    return read_whole_file(arena, path, content.len, &present, &ignored) && str_eq(present, content);
}

static bool write_new_file(const char *path, Str content, Error *err)
{
    FILE *file = fopen(path, "wbx"); /* x: never over a file that is there */
    if (!file)
        return error_set_errno(err, path);
    bool written = fwrite(content.data, 1, content.len, file) == content.len;
    if (fclose(file) == 0 && written)
        return true;
    int reason = errno;
    (void)unlink(path);
    errno = reason;
    return error_set_errno(err, path);
}

static bool save_file(void *self, Arena *arena, Str filename, Str mime_type, Str content, FileRef *out, Error *err)
{
    (void)mime_type;
    LocalWorld *world = self;
    Str path = str_printf(&world->arena, "%s/%.*s", world->save_directory, STR_ARG(filename));
    const char *name = str_to_c(arena, path);
    bool present = access(name, F_OK) == 0;
    if (present && !holds_already(arena, name, content))
        return error_set(err, ALREADY_EXISTS, "name",
                         "%s is there already and says something else: remove it, or save elsewhere with --save", name);
    if (!present && !write_new_file(name, content, err))
        return false;
    if (!grant(world, path, err))
        return false;
    *out = (FileRef){.name = str_copy(arena, path), .filename = str_copy(arena, filename)};
    return true;
}

static int64_t now_us(void *self)
{
    (void)self;
    return clock_now_us();
}

static uint64_t draw(void *self)
{
    (void)self;
    return random_u64();
}

BookContext local_context(LocalWorld *world)
{
    return (BookContext){.self = world,
                         .read_file = read_file,
                         .save_file = save_file,
                         .now_us = now_us,
                         .random = draw,
                         .time_zone = world->time_zone,
                         .decimal_comma = world->decimal_comma,
                         .day_first = world->day_first};
}

void local_done(LocalWorld *world)
{
    arena_done(&world->arena);
}
