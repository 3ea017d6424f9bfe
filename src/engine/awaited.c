/* engine/awaited.c */
#include "engine/awaited.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

/* How soon it is seen that nobody waits any more. */
#define LOOK_US 100000

/* Whoever comes last, waiter or errand, ends it. */
typedef struct Awaited {
    const World *world;
    WorldErrand *errand;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool has_arrived, is_given_up; /* under `lock` */
} Awaited;

static Awaited *awaited_new(const World *world)
{
    Awaited *awaited = calloc(1, sizeof *awaited);
    pthread_condattr_t monotonic;
    if (!awaited)
        abort();
    awaited->world = world;
    pthread_mutex_init(&awaited->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&awaited->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return awaited;
}

static void awaited_free(Awaited *awaited)
{
    pthread_cond_destroy(&awaited->changed);
    pthread_mutex_destroy(&awaited->lock);
    free(awaited);
}

/* On some thread of the World's. */
static void arrived(void *context)
{
    Awaited *awaited = context;
    pthread_mutex_lock(&awaited->lock);
    bool is_given_up = awaited->is_given_up;
    awaited->has_arrived = true;
    pthread_cond_signal(&awaited->changed);
    pthread_mutex_unlock(&awaited->lock);
    if (is_given_up) {
        awaited->world->drop(awaited->world->self, awaited->errand);
        awaited_free(awaited);
    }
}

static void sleep_locked(Awaited *awaited, int64_t until_us)
{
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    pthread_cond_timedwait(&awaited->changed, &awaited->lock, &until);
}

/* False when it has not arrived: then `awaited` is the errand's to end. */
static bool wait_for(Awaited *awaited, int64_t until_us, const _Atomic bool *gone)
{
    int64_t now_us;
    pthread_mutex_lock(&awaited->lock);
    while (!awaited->has_arrived && !*gone && (now_us = clock_monotonic_us()) < until_us)
        sleep_locked(awaited, MIN_OF(until_us, now_us + LOOK_US));
    bool has_arrived = awaited->has_arrived;
    awaited->is_given_up = !has_arrived;
    pthread_mutex_unlock(&awaited->lock);
    return has_arrived;
}

bool awaited_call(const World *world, const WorldCall *call, int64_t until_us, const _Atomic bool *gone, Arena *arena,
                  Value *out, Error *err)
{
    Awaited *awaited = awaited_new(world);
    if (!world->prepare(world->self, call, arrived, awaited, &awaited->errand, err)) {
        awaited_free(awaited);
        return false;
    }
    world->send(world->self, awaited->errand);
    if (!wait_for(awaited, until_us, gone))
        return *gone ? error_set(err, CANCELLED, "", "the client left while another server was asked")
                     : error_set(err, DEADLINE_EXCEEDED, "", "the other server did not answer in time");
    WorldErrand *errand = awaited->errand;
    awaited_free(awaited);
    return world->take(world->self, call, errand, arena, out, err);
}
