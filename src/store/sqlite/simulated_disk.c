/* store/sqlite/simulated_disk.c: a disk is a VFS of its own, named like the place that is opened on it. */
#include "store/simulated_disk.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { SECTOR = 512, SHARED_LOCKS = SQLITE_SHM_NLOCK };

typedef struct Handle Handle;

typedef struct Bytes {
    unsigned char *data;
    size_t len, cap;
} Bytes;

typedef struct Range {
    size_t start, end;
} Range;

typedef struct DiskFile {
    struct DiskFile *next;
    SimulatedDisk *disk;
    char *name;
    Bytes now, synced;
    Range *dirty; /* of `now`, since the last sync */
    size_t n_dirty, cap_dirty;
    int n_open;
    /* SQLite's locks on the file, ... */
    int n_shared;
    const Handle *reserved, *exclusive;
    /* ... and on the memory that connections share, which a crash takes away. */
    void **regions;
    int n_regions, n_mapped;
    int lock_shared[SHARED_LOCKS];
    bool lock_exclusive[SHARED_LOCKS];
} DiskFile;

struct SimulatedDisk {
    sqlite3_vfs vfs;
    char place[32];
    DiskFile *files;
    int64_t operations_left; /* until the power goes; < 0: it stays */
    Random random;
    bool cut;
};

struct Handle {
    sqlite3_file base;
    DiskFile *file;
    int level;
    bool maps;
};

static DiskFile *file_of(sqlite3_file *base)
{
    return ((Handle *)base)->file;
}

/* ---- bytes ---- */

static void *grown(void *memory, size_t size)
{
    memory = realloc(memory, size);
    if (!memory)
        abort();
    return memory;
}

/* What lies between is zero. */
static void bytes_extend(Bytes *bytes, size_t len)
{
    if (len <= bytes->len)
        return;
    if (len > bytes->cap) {
        bytes->cap = len + len / 2;
        bytes->data = grown(bytes->data, bytes->cap);
    }
    memset(bytes->data + bytes->len, 0, len - bytes->len);
    bytes->len = len;
}

static void bytes_set(Bytes *bytes, size_t at, const void *data, size_t len)
{
    bytes_extend(bytes, at + len);
    memcpy(bytes->data + at, data, len);
}

static void bytes_copy(Bytes *to, const Bytes *from)
{
    to->len = 0;
    if (from->len > 0)
        bytes_set(to, 0, from->data, from->len);
}

static void note_dirty(DiskFile *file, size_t start, size_t end)
{
    if (file->n_dirty == file->cap_dirty) {
        file->cap_dirty = file->cap_dirty ? 2 * file->cap_dirty : 64;
        file->dirty = grown(file->dirty, file->cap_dirty * sizeof(Range));
    }
    file->dirty[file->n_dirty++] = (Range){start, end};
}

/* ---- the power ---- */

/* A range may have been cut off since by a truncation. */
static void keep(DiskFile *file, size_t start, size_t end)
{
    end = MIN_OF(end, file->now.len);
    if (start < end)
        bytes_set(&file->synced, start, file->now.data + start, end - start);
}

static void lose_some(DiskFile *file, Random *random)
{
    if (file->now.len < file->synced.len && random_chance(random, 2))
        file->synced.len = file->now.len;
    for (size_t i = 0; i < file->n_dirty; i++)
        for (size_t at = file->dirty[i].start; at < file->dirty[i].end;) {
            size_t end = MIN_OF((at / SECTOR + 1) * SECTOR, file->dirty[i].end);
            if (random_chance(random, 2))
                keep(file, at, end);
            at = end;
        }
}

void simulated_disk_cut(SimulatedDisk *disk)
{
    if (disk->cut)
        return;
    for (DiskFile *file = disk->files; file; file = file->next)
        lose_some(file, &disk->random);
    disk->cut = true;
}

static void count_operation(SimulatedDisk *disk)
{
    if (!disk->cut && disk->operations_left >= 0 && disk->operations_left-- == 0)
        simulated_disk_cut(disk);
}

/* ---- files ---- */

static int disk_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset)
{
    const Bytes *now = &file_of(base)->now;
    size_t at = (size_t)offset, wanted = (size_t)amount;
    size_t n = at < now->len ? MIN_OF(wanted, now->len - at) : 0;
    if (n > 0)
        memcpy(out, now->data + at, n);
    memset((char *)out + n, 0, wanted - n);
    return n == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int disk_write(sqlite3_file *base, const void *data, int amount, sqlite3_int64 offset)
{
    DiskFile *file = file_of(base);
    size_t at = (size_t)offset, len = (size_t)amount;
    count_operation(file->disk);
    bytes_set(&file->now, at, data, len);
    if (!file->disk->cut)
        note_dirty(file, at, at + len);
    return SQLITE_OK;
}

static int disk_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    DiskFile *file = file_of(base);
    count_operation(file->disk);
    file->now.len = MIN_OF(file->now.len, (size_t)size);
    return SQLITE_OK;
}

static int disk_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    DiskFile *file = file_of(base);
    count_operation(file->disk);
    if (file->disk->cut)
        return SQLITE_OK;
    file->synced.len = MIN_OF(file->synced.len, file->now.len);
    for (size_t i = 0; i < file->n_dirty; i++)
        keep(file, file->dirty[i].start, file->dirty[i].end);
    file->n_dirty = 0;
    return SQLITE_OK;
}

static int disk_file_size(sqlite3_file *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)file_of(base)->now.len;
    return SQLITE_OK;
}

static bool is_anothers(const Handle *holder, const Handle *handle)
{
    return holder && holder != handle;
}

static int disk_lock(sqlite3_file *base, int level)
{
    Handle *handle = (Handle *)base;
    DiskFile *file = handle->file;
    if (level <= handle->level)
        return SQLITE_OK;
    if (is_anothers(file->exclusive, handle) ||
        (level >= SQLITE_LOCK_RESERVED && is_anothers(file->reserved, handle)) ||
        (level == SQLITE_LOCK_EXCLUSIVE && file->n_shared > (handle->level >= SQLITE_LOCK_SHARED)))
        return SQLITE_BUSY;
    if (handle->level < SQLITE_LOCK_SHARED)
        file->n_shared++;
    if (level >= SQLITE_LOCK_RESERVED)
        file->reserved = handle;
    if (level == SQLITE_LOCK_EXCLUSIVE)
        file->exclusive = handle;
    handle->level = level;
    return SQLITE_OK;
}

static int disk_unlock(sqlite3_file *base, int level)
{
    Handle *handle = (Handle *)base;
    DiskFile *file = handle->file;
    if (level >= handle->level)
        return SQLITE_OK;
    if (file->exclusive == handle)
        file->exclusive = NULL;
    if (file->reserved == handle)
        file->reserved = NULL;
    if (level == SQLITE_LOCK_NONE)
        file->n_shared--;
    handle->level = level;
    return SQLITE_OK;
}

static int disk_check_reserved(sqlite3_file *base, int *out)
{
    *out = file_of(base)->reserved != NULL;
    return SQLITE_OK;
}

static int disk_control(sqlite3_file *base, int operation, void *argument)
{
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int disk_sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

/* As for any disk of today: a write leaves what lies beside it alone. */
static int disk_traits(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- memory that connections share ---- */

static int disk_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
    Handle *handle = (Handle *)base;
    DiskFile *file = handle->file;
    *out = NULL;
    file->n_mapped += !handle->maps;
    handle->maps = true;
    if (region >= file->n_regions && !extend)
        return SQLITE_OK;
    if (region >= file->n_regions) {
        file->regions = grown(file->regions, (size_t)(region + 1) * sizeof(void *));
        while (file->n_regions <= region) {
            void *memory = calloc(1, (size_t)size);
            if (!memory)
                abort();
            file->regions[file->n_regions++] = memory;
        }
    }
    *out = file->regions[region];
    return SQLITE_OK;
}

static int disk_map_lock(sqlite3_file *base, int first, int n, int flags)
{
    DiskFile *file = file_of(base);
    bool shared = flags & SQLITE_SHM_SHARED;
    for (int i = first; (flags & SQLITE_SHM_LOCK) && i < first + n; i++)
        if (file->lock_exclusive[i] || (!shared && file->lock_shared[i] > 0))
            return SQLITE_BUSY;
    for (int i = first; i < first + n; i++)
        if (shared)
            file->lock_shared[i] += flags & SQLITE_SHM_LOCK ? 1 : -1;
        else
            file->lock_exclusive[i] = flags & SQLITE_SHM_LOCK;
    return SQLITE_OK;
}

static void disk_map_barrier(sqlite3_file *base)
{
    (void)base;
}

static int disk_unmap(sqlite3_file *base, int delete)
{
    (void)delete;
    Handle *handle = (Handle *)base;
    DiskFile *file = handle->file;
    if (!handle->maps)
        return SQLITE_OK;
    handle->maps = false;
    if (--file->n_mapped > 0)
        return SQLITE_OK;
    while (file->n_regions > 0)
        free(file->regions[--file->n_regions]);
    free(file->regions);
    file->regions = NULL;
    return SQLITE_OK;
}

static int disk_close(sqlite3_file *base)
{
    disk_unmap(base, 0);
    disk_unlock(base, SQLITE_LOCK_NONE);
    file_of(base)->n_open--;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_file_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector_size,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_map,
    .xShmLock = disk_map_lock,
    .xShmBarrier = disk_map_barrier,
    .xShmUnmap = disk_unmap,
};

/* ---- names ---- */

static SimulatedDisk *disk_of(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static DiskFile *find_file(const SimulatedDisk *disk, const char *name)
{
    DiskFile *file = disk->files;
    while (file && strcmp(file->name, name) != 0)
        file = file->next;
    return file;
}

static DiskFile *add_file(SimulatedDisk *disk, const char *name)
{
    DiskFile *file = calloc(1, sizeof *file);
    if (!file || !(file->name = strdup(name)))
        abort();
    file->disk = disk;
    file->next = disk->files;
    disk->files = file;
    return file;
}

static void file_free(DiskFile *file)
{
    assert(file->n_open == 0);
    free(file->name);
    free(file->now.data);
    free(file->synced.data);
    free(file->dirty);
    free(file);
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
    SimulatedDisk *disk = disk_of(vfs);
    DiskFile *file = name ? find_file(disk, name) : NULL;
    *(Handle *)base = (Handle){0};
    if (!name || (!file && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    if (!file)
        file = add_file(disk, name);
    file->n_open++;
    *(Handle *)base = (Handle){.base.pMethods = &methods, .file = file};
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

/* After the power was cut what is found again stays. */
static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)sync;
    SimulatedDisk *disk = disk_of(vfs);
    for (DiskFile **link = &disk->files; !disk->cut && *link; link = &(*link)->next) {
        DiskFile *file = *link;
        if (strcmp(file->name, name) != 0)
            continue;
        *link = file->next;
        file_free(file);
        break;
    }
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)flags;
    *out = find_file(disk_of(vfs), name) != NULL;
    return SQLITE_OK;
}

static int disk_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    return snprintf(out, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int disk_randomness(sqlite3_vfs *vfs, int size, char *out)
{
    Random *random = &disk_of(vfs)->random;
    for (int i = 0; i < size; i++)
        out[i] = (char)random_next(random);
    return size;
}

static int disk_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us; /* nobody else is at work meanwhile */
}

static int disk_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = 2440587.5; /* 1970: no statement of ours asks SQLite for the time */
    return SQLITE_OK;
}

/* ---- disks ---- */

SimulatedDisk *simulated_disk_new(void)
{
    static _Atomic int n_disks;
    SimulatedDisk *disk = calloc(1, sizeof *disk);
    if (!disk)
        abort();
    snprintf(disk->place, sizeof disk->place, "simulated:%d", atomic_fetch_add(&n_disks, 1));
    disk->operations_left = -1;
    disk->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = sizeof(Handle),
        .mxPathname = 64,
        .zName = disk->place,
        .pAppData = disk,
        .xOpen = disk_open,
        .xDelete = disk_delete,
        .xAccess = disk_access,
        .xFullPathname = disk_full_name,
        .xRandomness = disk_randomness,
        .xSleep = disk_sleep,
        .xCurrentTime = disk_time,
    };
    if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK)
        abort();
    return disk;
}

/* Names begin with the disk's place. */
SimulatedDisk *simulated_disk_copy(const SimulatedDisk *disk)
{
    SimulatedDisk *copy = simulated_disk_new();
    for (const DiskFile *file = disk->files; file; file = file->next) {
        char name[64];
        assert(file->n_open == 0);
        snprintf(name, sizeof name, "%s%s", copy->place, file->name + strlen(disk->place));
        DiskFile *same = add_file(copy, name);
        bytes_copy(&same->now, &file->now);
        bytes_copy(&same->synced, &file->now);
    }
    return copy;
}

Str simulated_disk_place(const SimulatedDisk *disk)
{
    return str_from_c(disk->place);
}

void simulated_disk_seed(SimulatedDisk *disk, uint64_t seed)
{
    disk->random = random_of(seed);
}

void simulated_disk_cut_after(SimulatedDisk *disk, int64_t operations)
{
    disk->operations_left = operations;
}

bool simulated_disk_is_cut(const SimulatedDisk *disk)
{
    return disk->cut;
}

void simulated_disk_restart(SimulatedDisk *disk)
{
    assert(disk->cut);
    for (DiskFile *file = disk->files; file; file = file->next) {
        assert(file->n_open == 0);
        bytes_copy(&file->now, &file->synced);
        file->n_dirty = 0;
    }
    disk->cut = false;
    disk->operations_left = -1;
}

void simulated_disk_free(SimulatedDisk *disk)
{
    if (!disk)
        return;
    sqlite3_vfs_unregister(&disk->vfs);
    while (disk->files) {
        DiskFile *next = disk->files->next;
        file_free(disk->files);
        disk->files = next;
    }
    free(disk);
}
