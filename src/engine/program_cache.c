/* engine/program_cache.c: programs of revisions, read and checked once, shared by every run of that revision.
 *
 * Revisions never change, so an entry is never stale. The oldest entries that nobody uses go when there are too many.
 */
#include <stdlib.h>

#include "engine/internal.h"

#define PROGRAMS_KEPT 128

typedef struct CachedProgram {
    int64_t revision;
    Arena arena;
    const Program *program;
    Str default_inputs;
    int users;
    uint64_t last_used;
} CachedProgram;

struct ProgramCache {
    const Catalog *catalog;
    pthread_mutex_t lock;
    /* Under `lock`. */
    CachedProgram **entries;
    int n_entries, cap_entries;
    uint64_t clock;
};

ProgramCache *program_cache_new(const Catalog *catalog)
{
    ProgramCache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    cache->catalog = catalog;
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void cached_program_free(CachedProgram *entry)
{
    if (!entry)
        return;
    arena_done(&entry->arena);
    free(entry);
}

void program_cache_free(ProgramCache *cache)
{
    if (!cache)
        return;
    for (int i = 0; i < cache->n_entries; i++)
        cached_program_free(cache->entries[i]);
    free(cache->entries);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static CachedProgram *find_locked(ProgramCache *cache, int64_t revision)
{
    for (int i = 0; i < cache->n_entries; i++)
        if (cache->entries[i]->revision == revision)
            return cache->entries[i];
    return NULL;
}

static const Program *use_locked(ProgramCache *cache, CachedProgram *entry)
{
    entry->users++;
    entry->last_used = ++cache->clock;
    return entry->program;
}

static void evict_locked(ProgramCache *cache)
{
    int oldest = -1;
    for (int i = 0; i < cache->n_entries; i++)
        if (cache->entries[i]->users == 0 &&
            (oldest < 0 || cache->entries[i]->last_used < cache->entries[oldest]->last_used))
            oldest = i;
    if (oldest < 0)
        return;
    cached_program_free(cache->entries[oldest]);
    cache->entries[oldest] = cache->entries[--cache->n_entries];
}

static const Program *add_locked(ProgramCache *cache, CachedProgram *entry)
{
    CachedProgram *present = find_locked(cache, entry->revision);
    if (present) { /* another thread read it meanwhile */
        cached_program_free(entry);
        return use_locked(cache, present);
    }
    if (cache->n_entries >= PROGRAMS_KEPT)
        evict_locked(cache);
    if (cache->n_entries == cache->cap_entries) {
        cache->cap_entries = cache->cap_entries ? cache->cap_entries * 2 : 16;
        cache->entries = realloc(cache->entries, (size_t)cache->cap_entries * sizeof(CachedProgram *));
        if (!cache->entries)
            abort();
    }
    cache->entries[cache->n_entries++] = entry;
    return use_locked(cache, entry);
}

const Program *revision_program(Arena *arena, const Revision *revision, const Catalog *catalog)
{
    Spelling spelling = revision->source_spelling == SPELLING_SPY ? SPELLING_SPY : SPELLING_ENGLISH;
    return program_load(arena, spelling == SPELLING_SPY ? revision->code : revision->english, spelling, catalog);
}

static CachedProgram *load(ProgramCache *cache, Tx *tx, int64_t revision, Error *err)
{
    CachedProgram *entry = calloc(1, sizeof *entry);
    if (!entry)
        abort();
    entry->revision = revision;
    Revision row;
    if (!store_revision_get(tx, &entry->arena, revision, &row, err)) {
        cached_program_free(entry);
        return NULL;
    }
    entry->default_inputs = row.default_inputs;
    entry->program = revision_program(&entry->arena, &row, cache->catalog);
    return entry;
}

const Program *program_cache_get(ProgramCache *cache, Tx *tx, int64_t revision, Error *err)
{
    pthread_mutex_lock(&cache->lock);
    CachedProgram *entry = find_locked(cache, revision);
    const Program *program = entry ? use_locked(cache, entry) : NULL;
    pthread_mutex_unlock(&cache->lock);
    if (program)
        return program;
    entry = load(cache, tx, revision, err); /* outside the lock: reading a long automation takes milliseconds */
    if (!entry)
        return NULL;
    pthread_mutex_lock(&cache->lock);
    program = add_locked(cache, entry);
    pthread_mutex_unlock(&cache->lock);
    return program;
}

static CachedProgram *entry_of_locked(ProgramCache *cache, const Program *program)
{
    for (int i = 0; i < cache->n_entries; i++)
        if (cache->entries[i]->program == program)
            return cache->entries[i];
    return NULL;
}

void program_cache_release(ProgramCache *cache, const Program *program)
{
    if (!program)
        return;
    pthread_mutex_lock(&cache->lock);
    CachedProgram *entry = entry_of_locked(cache, program);
    assert(entry && entry->users > 0);
    entry->users--;
    pthread_mutex_unlock(&cache->lock);
}

Str program_cache_default_inputs(ProgramCache *cache, const Program *program)
{
    pthread_mutex_lock(&cache->lock);
    CachedProgram *entry = entry_of_locked(cache, program);
    Str text = entry ? entry->default_inputs : (Str){0};
    pthread_mutex_unlock(&cache->lock);
    return text;
}
