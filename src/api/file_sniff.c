#include "api/file_sniff.h"

#include <dlfcn.h>
#include <magic.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "base/macros.h"

#define MAGIC_FUNCTIONS(X) X(magic_open) X(magic_load) X(magic_buffer) X(magic_close)

typedef struct Magic {
#define MEMBER(name) __typeof__(name) *(name);
    MAGIC_FUNCTIONS(MEMBER)
#undef MEMBER
} Magic;

static Magic magic;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *symbol;
    size_t at;
} functions[] = {
#define ROW(name) {#name, offsetof(Magic, name)},
    MAGIC_FUNCTIONS(ROW)
#undef ROW
};

static bool find_functions(void *library)
{
    for (size_t i = 0; library && i < COUNT_OF(functions); i++) {
        void *function = dlsym(library, functions[i].symbol);
        if (!function)
            return false;
        memcpy((char *)&magic + functions[i].at, &function, sizeof function); /* POSIX: both kinds are alike */
    }
    return library != NULL;
}

/* The handle is never closed: other threads may be looking. */
static void load(void)
{
    loaded = find_functions(dlopen("libmagic.so.1", RTLD_NOW | RTLD_LOCAL));
    if (!loaded)
        LOG(LOG_WARN, "files are told by their names and by what clients say alone: libmagic does not load",
            LOG_STR("remedy", S("apt-get install libmagic1")));
}

Str file_sniff(Arena *arena, Str head)
{
    Str found = {0};
    pthread_once(&once, load);
    if (!loaded || head.len == 0)
        return found;
    /* Nothing is unpacked, so that the bytes of a stranger cost no more than their length. */
    magic_t cookie = magic.magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS);
    if (cookie && magic.magic_load(cookie, NULL) == 0) {
        const char *type = magic.magic_buffer(cookie, head.data, head.len);
        found = type ? str_copy(arena, str_from_c(type)) : found;
    }
    if (cookie)
        magic.magic_close(cookie);
    return str_eq(found, S("application/octet-stream")) ? (Str){0} : found;
}
