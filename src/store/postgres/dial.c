/* store/postgres/dial.c: a connection that is made aside.
 *
 * To connect may take as long as a network takes to give up. Who must not stand still (the loop, which serves all
 * requests) lets a thread do it, and is refused until that thread is done. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres/internal.h"

static const int64_t PATIENCE_US = 20 * 1000;      /* a database that is well answers within it */
static const int64_t REDIAL_EVERY_US = 500 * 1000; /* after one that failed */

struct Dial {
    Database asked; /* the thread's until it is done */
    Error err;
    /* Under `lock`. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done, made, abandoned;
};

static void dial_free(Dial *dial)
{
    if (dial->made)
        libpq.PQfinish(dial->asked.link);
    free(dial->asked.url);
    pthread_mutex_destroy(&dial->lock);
    pthread_cond_destroy(&dial->changed);
    free(dial);
}

static void *dial_main(void *argument)
{
    Dial *dial = argument;
    Error err = {0};
    bool made = link_open(&dial->asked, &err);
    pthread_mutex_lock(&dial->lock);
    dial->done = true;
    dial->made = made;
    dial->err = err;
    bool abandoned = dial->abandoned;
    pthread_cond_signal(&dial->changed);
    pthread_mutex_unlock(&dial->lock);
    if (abandoned)
        dial_free(dial);
    return NULL;
}

static Dial *dial_begin(const Database *database)
{
    Dial *dial = calloc(1, sizeof *dial);
    pthread_t thread;
    if (!dial)
        return NULL;
    dial->asked.kind = database->kind;
    dial->asked.role = database->role;
    dial->asked.url = strdup(database->url);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&dial->lock, NULL);
    pthread_cond_init(&dial->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (!dial->asked.url || pthread_create(&thread, NULL, dial_main, dial) != 0) {
        dial_free(dial);
        return NULL;
    }
    pthread_detach(thread);
    return dial;
}

static bool wait_until_done(Dial *dial, int64_t patience_us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += patience_us * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&dial->lock);
    while (!dial->done && pthread_cond_timedwait(&dial->changed, &dial->lock, &until) == 0) {
    }
    bool done = dial->done;
    pthread_mutex_unlock(&dial->lock);
    return done;
}

/* It is done. */
static bool take(Database *database, Dial *dial, Error *err)
{
    database->dial = NULL;
    if (!dial->made) {
        *err = dial->err;
        database->disk_failed = true;
        database->retry_us = clock_monotonic_us() + REDIAL_EVERY_US;
        dial_free(dial);
        return false;
    }
    link_adopt(database, dial->asked.link);
    dial->made = false;
    dial_free(dial);
    return true;
}

bool dial_ready(Database *database, Error *err)
{
    bool fresh = !database->dial;
    if (fresh && clock_monotonic_us() < database->retry_us)
        return failure_of_link(database, err);
    if (fresh) {
        libpq.PQfinish(database->link); /* it is cut: there is nothing to wait for */
        database->link = NULL;
        database->dial = dial_begin(database);
    }
    if (!database->dial)
        return error_set(err, UNAVAILABLE, "", "no memory to connect to PostgreSQL anew");
    if (!wait_until_done(database->dial, fresh ? PATIENCE_US : 0))
        return failure_of_link(database, err);
    return take(database, database->dial, err);
}

void dial_abandon(Dial *dial)
{
    if (!dial)
        return;
    pthread_mutex_lock(&dial->lock);
    dial->abandoned = true;
    bool done = dial->done;
    pthread_mutex_unlock(&dial->lock);
    if (done)
        dial_free(dial);
}
