#include "store/postgres/libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

Libpq libpq;
static char failure[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *symbol;
    size_t at;
} functions[] = {
#define LIBPQ_ROW(name) {#name, offsetof(Libpq, name)},
    LIBPQ_FUNCTIONS(LIBPQ_ROW)
#undef LIBPQ_ROW
};

/* The handle is never closed: connections may live until the process ends. */
static void load(void)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < COUNT_OF(functions); i++) {
        void *function = dlsym(library, functions[i].symbol);
        if (function)
            memcpy((char *)&libpq + functions[i].at, &function,
                   sizeof function); /* POSIX: both kinds of pointer are alike */
        else
            library = NULL;
    }
    if (!library) {
        const char *why = dlerror();
        snprintf(failure, sizeof failure, "%s", why ? why : "it lacks a function");
    }
}

bool libpq_load(Error *err)
{
    pthread_once(&once, load);
    return failure[0] == '\0' ||
           error_set(
               err, UNAVAILABLE, "",
               "a database of PostgreSQL needs libpq, which does not load (%s). Install it: apt-get install libpq5",
               failure);
}
