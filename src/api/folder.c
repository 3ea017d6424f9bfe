/* api/folder.c: a folder that a trigger watches, on disk. */
#include "api/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"

enum { PATH_MOST = 1000, PART_MOST = 255, PATTERN_MOST = 200, STARS_MOST = 3 };

/* ---- names ---- */

/* A part that begins with a dot would be "..", or something that its owner does not show. */
static bool is_part(Str part)
{
    if (part.len == 0 || part.len > PART_MOST || part.data[0] == '.')
        return false;
    for (size_t i = 0; i < part.len; i++)
        if ((unsigned char)part.data[i] < 32 || part.data[i] == 127 || part.data[i] == '/' || part.data[i] == '\\')
            return false;
    return true;
}

bool folder_check_path(Str path, Error *err)
{
    Str rest = path;
    bool ok = path.len > 0 && path.len <= PATH_MOST && path.data[path.len - 1] != '/';
    while (ok && rest.len > 0)
        ok = is_part(str_cut(&rest, '/'));
    return ok || error_set(err, INVALID_ARGUMENT, "folder",
                           "give a folder within the workspace's own, such as invoices/in: parts of at most %d bytes "
                           "with / between them, none of which is empty or begins with a dot, %d bytes together",
                           PART_MOST, PATH_MOST);
}

/* What a star costs is multiplied by what the next one does, so there may be few. */
bool folder_check_pattern(Str pattern, Error *err)
{
    int stars = 0;
    bool ok = pattern.len <= PATTERN_MOST;
    for (size_t i = 0; i < pattern.len; i++) {
        stars += pattern.data[i] == '*';
        ok = ok && pattern.data[i] != 0 && pattern.data[i] != '/';
    }
    return (ok && stars <= STARS_MOST) ||
           error_set(
               err, INVALID_ARGUMENT, "pattern",
               "give a pattern for names of files, such as *.pdf: at most %d bytes with at most %d stars, and no /",
               PATTERN_MOST, STARS_MOST);
}

static bool is_unfinished(const char *name)
{
    static const char *const endings[] = {".part", ".tmp", ".temp", ".partial", ".filepart", ".crdownload", "~"};
    Str text = str_from_c(name);
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (str_ends(text, str_from_c(endings[i])))
            return true;
    return false;
}

/* ---- opening ---- */

/* The same part by part as openat2's RESOLVE_NO_SYMLINKS, and on every kernel. */
static bool open_part(int parent, const char *name, bool make, int *out_fd)
{
    if (make && mkdirat(parent, name, 0770) != 0 && errno != EEXIST)
        return false;
    *out_fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *out_fd >= 0;
}

static bool descend(int *fd, Str part, Error *err)
{
    char name[PART_MOST + 1];
    int next;
    if (!is_part(part))
        return error_set(err, INVALID_ARGUMENT, "folder", "\"%.*s\" can be no part of a folder's path", STR_ARG(part));
    (void)snprintf(name, sizeof name, "%.*s", STR_ARG(part));
    if (!open_part(*fd, name, true, &next)) {
        if (errno == ELOOP || errno == ENOTDIR)
            return error_set(err, FAILED_PRECONDITION, "folder",
                             "\"%s\" is no directory but a link or a file: put a directory there", name);
        return error_set_errno(err, "the folder cannot be opened");
    }
    close(*fd);
    *fd = next;
    return true;
}

bool folder_open(int root_fd, Str workspace_id, Str path, int *out_fd, Error *err)
{
    Str rest = path;
    int fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return error_set_errno(err, "the folder cannot be opened");
    bool ok = folder_check_path(path, err) && descend(&fd, workspace_id, err);
    while (ok && rest.len > 0)
        ok = descend(&fd, str_cut(&rest, '/'), err);
    if (ok)
        *out_fd = fd;
    else
        close(fd);
    return ok;
}

/* ---- listing ---- */

static void fill(FolderEntry *entry, const struct stat *status)
{
    unsigned char text[4 * sizeof(int64_t) + NAME_MAX];
    size_t len = strnlen(entry->name, NAME_MAX);
    const int64_t facts[] = {(int64_t)status->st_ino, (int64_t)status->st_size, (int64_t)status->st_mtim.tv_sec,
                             (int64_t)status->st_mtim.tv_nsec};
    entry->is_file = S_ISREG(status->st_mode);
    entry->size_bytes = (int64_t)status->st_size;
    entry->modify_us = facts[2] * 1000000 + facts[3] / 1000;
    memcpy(text, facts, sizeof facts);
    memcpy(text + sizeof facts, entry->name, len);
    SHA256(text, sizeof facts + len, entry->hash);
}

static int compare_age(const void *a, const void *b)
{
    const FolderEntry *left = a, *right = b;
    if (left->modify_us != right->modify_us)
        return left->modify_us < right->modify_us ? -1 : 1;
    return strcmp(left->name, right->name);
}

static void read_entries(DIR *directory, Arena *arena, const char *pattern, FolderEntry *entries, int *out_n,
                         bool *out_more)
{
    const struct dirent *found;
    *out_n = 0;
    *out_more = false;
    while ((found = readdir(directory))) {
        struct stat status;
        const char *name = found->d_name;
        if (name[0] == '.' || is_unfinished(name) || (pattern[0] && fnmatch(pattern, name, 0) != 0) ||
            fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(status.st_mode))
            continue;
        if (*out_n == FOLDER_FILES_MOST) {
            *out_more = true;
            return;
        }
        FolderEntry *entry = &entries[(*out_n)++];
        *entry = (FolderEntry){.name = str_to_c(arena, str_from_c(name))};
        fill(entry, &status);
    }
}

bool folder_list(int fd, Arena *arena, Str pattern, FolderEntry **out, int *out_n, bool *out_more, Error *err)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = own < 0 ? NULL : fdopendir(own);
    if (!directory) {
        if (own >= 0)
            close(own);
        return error_set_errno(err, "the folder cannot be listed");
    }
    *out = NEW_ARRAY(arena, FolderEntry, FOLDER_FILES_MOST);
    read_entries(directory, arena, str_to_c(arena, pattern), *out, out_n, out_more);
    closedir(directory);
    if (*out_n > 1)
        qsort(*out, (size_t)*out_n, sizeof **out, compare_age);
    return true;
}

/* ---- files ---- */

static bool refuse_changed(const FolderEntry *entry, Error *err)
{
    return error_set(err, ABORTED, "", "the file \"%s\" is being changed", entry->name);
}

static bool is_same(const FolderEntry *entry, const struct stat *status)
{
    FolderEntry now = {.name = entry->name};
    fill(&now, status);
    return memcmp(now.hash, entry->hash, sizeof now.hash) == 0 && now.is_file == entry->is_file;
}

bool folder_check_file(int file, const FolderEntry *entry, Error *err)
{
    struct stat status;
    return (fstat(file, &status) == 0 && is_same(entry, &status)) || refuse_changed(entry, err);
}

bool folder_open_file(int fd, const FolderEntry *entry, int *out_file, Error *err)
{
    int file = openat(fd, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        if (errno == ENOENT || errno == ELOOP)
            return refuse_changed(entry, err);
        return error_set(err, errno == EACCES || errno == EPERM ? FAILED_PRECONDITION : UNAVAILABLE, "",
                         "the file cannot be opened: %s", strerror(errno));
    }
    if (!folder_check_file(file, entry, err)) {
        close(file);
        return false;
    }
    *out_file = file;
    return true;
}

/* False with errno; EEXIST when the name is taken. */
static bool move_to(int fd, const char *name, int to, const char *new_name)
{
    struct stat status;
    if (renameat2(fd, name, to, new_name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /* A file system that cannot refuse by itself. */
    if (fstatat(to, new_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
    return renameat(fd, name, to, new_name) == 0;
}

static bool move_aside(int fd, const char *name, int to, Error *err)
{
    char other[ID_LEN + 1 + PART_MOST + 1];
    if (move_to(fd, name, to, name))
        return true;
    if (errno == EEXIST) {
        Id id = id_new();
        (void)snprintf(other, sizeof other, "%s-%.*s", id.text, PART_MOST - ID_LEN - 1, name);
        if (move_to(fd, name, to, other))
            return true;
    }
    return errno == ENOENT || error_set_errno(err, "the file cannot be moved aside");
}

bool folder_put_aside(int fd, const FolderEntry *entry, Str where, Error *err)
{
    char subfolder[PART_MOST + 1];
    struct stat status;
    int to;
    (void)snprintf(subfolder, sizeof subfolder, "%.*s", STR_ARG(where));
    if (fstatat(fd, entry->name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !is_same(entry, &status))
        return true;
    if (!open_part(fd, subfolder, true, &to))
        return error_set_errno(err, "the folder for what was seen to cannot be opened");
    bool ok = move_aside(fd, entry->name, to, err);
    close(to);
    return ok;
}
