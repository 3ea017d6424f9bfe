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

static const char *path_on_disk(Arena *arena, const LocalWorld *world, Str name)
{
    if (!world->directory || str_starts(name, S("/")))
        return str_to_c(arena, name);
    return str_to_c(arena, str_printf(arena, "%s/%.*s", world->directory, STR_ARG(name)));
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
    path = path_on_disk(&world->arena, world, name);
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
    return read_whole_file(arena, path_on_disk(arena, world, file->name), max_bytes, out, err);
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

/* The saved file carries its content, so that reading it back needs no disk. */
static bool save_in_memory(LocalWorld *world, Str filename, Str content, FileRef *out, Error *err)
{
    SavedFile *file = NULL;
    for (uint32_t i = 0; i < world->n_saved && !file; i++) {
        if (str_eq(world->saved[i].filename, filename))
            file = &world->saved[i];
    }
    if (file && !str_eq(file->content, content))
        return error_set(err, ALREADY_EXISTS, "name", "%.*s is there already and says something else",
                         STR_ARG(filename));
    if (!file && world->n_saved == LOCAL_FILES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "a run may save at most %d files", LOCAL_FILES_MAX);
    if (!file) {
        file = &world->saved[world->n_saved++];
        *file = (SavedFile){str_copy(&world->arena, filename), str_copy(&world->arena, content)};
    }
    *out = (FileRef){.name = file->filename, .filename = file->filename, .content = file->content, .is_inline = true};
    return true;
}

static bool save_file(void *self, Arena *arena, Str filename, Str mime_type, Str content, FileRef *out, Error *err)
{
    (void)mime_type;
    LocalWorld *world = self;
    if (world->staged)
        return save_in_memory(world, filename, content, out, err);
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

int64_t local_now_us(LocalWorld *world)
{
    return world->staged ? world->staged_now_us : clock_now_us();
}

void local_pass_time(LocalWorld *world, int64_t until_us)
{
    world->staged_now_us = MAX_OF(world->staged_now_us, until_us);
}

static int64_t now_us(void *self)
{
    return local_now_us(self);
}

static uint64_t draw(void *self)
{
    LocalWorld *world = self;
    return world->staged ? random_next(&world->staged_draws) : random_u64();
}

BookContext local_context(LocalWorld *world)
{
    return (BookContext){.self = world,
                         .read_file = read_file,
                         .save_file = save_file,
                         .now_us = now_us,
                         .random = draw,
                         .locale = world->locale,
                         .connection = local_find_connection};
}

void local_done(LocalWorld *world)
{
    http_client_stop(world->client);
    arena_done(&world->arena);
}
