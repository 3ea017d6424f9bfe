/* tests/books/world.h: a world for books: files in memory, a clock that stands still, numbers that repeat. */
#ifndef CLERKWORK_TESTS_BOOKS_WORLD_H
#define CLERKWORK_TESTS_BOOKS_WORLD_H

#include "base/check.h"
#include "books/book.h"

#define WORLD_FILES_MAX 8

typedef struct World {
    Str names[WORLD_FILES_MAX], contents[WORLD_FILES_MAX];
    uint32_t n_files;
    Str saved_mime_type;
    int64_t now_us;
    uint64_t drawn; /* the next random number; counts up */
    Arena arena;
} World;

static inline bool world_read(void *self, Arena *arena, const FileRef *file, size_t max_bytes, Str *out, Error *err)
{
    (void)arena;
    World *world = self;
    for (uint32_t i = 0; i < world->n_files; i++) {
        if (!str_eq(world->names[i], file->name))
            continue;
        if (world->contents[i].len > max_bytes)
            return error_set(err, RESOURCE_EXHAUSTED, "", "the file is too big");
        *out = world->contents[i];
        return true;
    }
    return error_set(err, NOT_FOUND, "file", "there is no file called %.*s", STR_ARG(file->name));
}

static inline bool world_save(void *self, Arena *arena, Str filename, Str mime_type, Str content, FileRef *out,
                              Error *err)
{
    World *world = self;
    if (world->n_files == WORLD_FILES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no room for another file");
    uint32_t i = world->n_files++;
    world->names[i] = str_printf(&world->arena, "files/%u", i);
    world->contents[i] = str_copy(&world->arena, content);
    world->saved_mime_type = str_copy(&world->arena, mime_type);
    *out = (FileRef){.name = str_copy(arena, world->names[i]), .filename = str_copy(arena, filename)};
    return true;
}

static inline int64_t world_now(void *self)
{
    return ((World *)self)->now_us;
}
static inline uint64_t world_random(void *self)
{
    return ((World *)self)->drawn++;
}

static inline BookContext world_context(World *world)
{
    return (BookContext){.self = world,
                         .read_file = world_read,
                         .save_file = world_save,
                         .now_us = world_now,
                         .random = world_random,
                         .locale = {.time_zone = S("Europe/Berlin")}};
}

static inline void world_done(World *world)
{
    arena_done(&world->arena);
}

static inline Value world_file(Arena *arena, World *world, const char *filename, Str content)
{
    uint32_t i = world->n_files++;
    world->names[i] = str_printf(&world->arena, "files/%u", i);
    world->contents[i] = content;
    return value_file(arena, (FileRef){.name = world->names[i], .filename = str_from_c(filename)});
}

#endif
