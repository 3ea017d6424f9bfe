#include "http/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static Curl curl;
static char failure[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define FUNCTION(member)                                                                                               \
    {                                                                                                                  \
        "curl_" #member, offsetof(Curl, member)                                                                        \
    }
static const struct {
    const char *symbol;
    size_t at;
} functions[] = {
    FUNCTION(global_init),         FUNCTION(easy_init),     FUNCTION(easy_setopt),  FUNCTION(easy_getinfo),
    FUNCTION(easy_strerror),       FUNCTION(easy_cleanup),  FUNCTION(easy_reset),   FUNCTION(slist_append),
    FUNCTION(slist_free_all),      FUNCTION(multi_init),    FUNCTION(multi_setopt), FUNCTION(multi_add_handle),
    FUNCTION(multi_remove_handle), FUNCTION(multi_perform), FUNCTION(multi_poll),   FUNCTION(multi_wakeup),
    FUNCTION(multi_info_read),     FUNCTION(multi_cleanup),
};

/* The handle is never closed: what curl keeps per process must live as long. */
static void load(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < COUNT_OF(functions); i++) {
        void *function = dlsym(library, functions[i].symbol);
        if (!function)
            library = NULL;
        else
            memcpy((char *)&curl + functions[i].at, &function,
                   sizeof function); /* POSIX: both kinds of pointer are alike */
    }
    if (!library || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        const char *why = dlerror();
        strncpy(failure, why ? why : "it does not initialize", sizeof failure - 1);
    }
}

const Curl *curl_load(Error *err)
{
    pthread_once(&once, load);
    if (failure[0]) {
        error_set(err, UNAVAILABLE, "",
                  "Calls to other servers need libcurl, which does not load (%s). Install it: apt-get install libcurl4",
                  failure);
        return NULL;
    }
    return &curl;
}
