/* base/inbox.c: a stack that many push and one takes whole, and a bell to sleep on.
 *
 * A receiver about to sleep notes the bell, looks once more, says that it sleeps and sleeps only while the bell has
 * not rung since (futex). A sender pushes, rings when the stack was empty, then looks whether anybody sleeps. All
 * of it is sequentially consistent: whichever comes second sees the other. */
#include "base/inbox.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

struct Inbox {
    _Atomic(Letter *) newest;
    _Atomic uint32_t bell;
    _Atomic bool sleeping;
    _Atomic bool woken;
};

Inbox *inbox_new(void)
{
    Inbox *inbox = calloc(1, sizeof *inbox);
    if (!inbox) {
        perror("clerkwork: inbox");
        abort();
    }
    return inbox;
}

static void ring(Inbox *inbox)
{
    atomic_fetch_add(&inbox->bell, 1);
    if (atomic_load(&inbox->sleeping))
        syscall(SYS_futex, &inbox->bell, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

bool inbox_send(Inbox *inbox, Letter *letter)
{
    Letter *below = atomic_load(&inbox->newest);
    do {
        letter->next = below;
    } while (!atomic_compare_exchange_weak(&inbox->newest, &below, letter));
    if (below)
        return false;
    ring(inbox);
    return true;
}

static Letter *oldest_first(Letter *newest)
{
    Letter *oldest = NULL;
    while (newest) {
        Letter *below = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = below;
    }
    return oldest;
}

Letter *inbox_take(Inbox *inbox)
{
    if (!atomic_load(&inbox->newest))
        return NULL;
    return oldest_first(atomic_exchange(&inbox->newest, NULL));
}

/* Returns when the bell is no longer `heard`, at the deadline, or for no reason. */
static void sleep_until(Inbox *inbox, uint32_t heard, int64_t deadline_us)
{
    struct timespec until = {.tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000};
    atomic_store(&inbox->sleeping, true);
    syscall(SYS_futex, &inbox->bell, FUTEX_WAIT_BITSET_PRIVATE, heard, deadline_us < 0 ? NULL : &until, NULL,
            FUTEX_BITSET_MATCH_ANY);
    atomic_store(&inbox->sleeping, false);
}

Letter *inbox_take_wait(Inbox *inbox, int64_t timeout_us)
{
    int64_t deadline_us = -1;
    if (timeout_us >= 0 && __builtin_add_overflow(clock_monotonic_us(), timeout_us, &deadline_us))
        deadline_us = -1;
    for (;;) {
        uint32_t heard = atomic_load(&inbox->bell);
        Letter *letters = inbox_take(inbox);
        if (letters)
            return letters;
        if (atomic_exchange(&inbox->woken, false))
            return NULL;
        if (deadline_us >= 0 && clock_monotonic_us() >= deadline_us)
            return NULL;
        sleep_until(inbox, heard, deadline_us);
    }
}

void inbox_wake(Inbox *inbox)
{
    atomic_store(&inbox->woken, true);
    ring(inbox);
}

void inbox_free(Inbox *inbox)
{
    assert(!inbox || !atomic_load(&inbox->newest));
    free(inbox);
}
