/* http/wheel.c: a hashed timing wheel: slot = tick modulo WHEEL_SLOTS, each slot a doubly linked list. */
#include "http/wheel.h"

void wheel_init(Wheel *wheel, int64_t now_ms)
{
    *wheel = (Wheel){.tick = now_ms / WHEEL_TICK_MS};
}

void wheel_skip(Wheel *wheel, int64_t now_ms)
{
    if (wheel->count == 0)
        wheel->tick = now_ms / WHEEL_TICK_MS;
}

/* Due times round up to a tick, so that nothing fires early. */
static size_t slot_of(int64_t due_ms)
{
    return (size_t)((due_ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS) % WHEEL_SLOTS;
}

void wheel_clear(Wheel *wheel, HttpTimer *timer)
{
    if (!wheel_is_set(timer))
        return;
    if (timer->previous)
        timer->previous->next = timer->next;
    else
        wheel->slots[slot_of(timer->due_ms)] = timer->next;
    if (timer->next)
        timer->next->previous = timer->previous;
    *timer = (HttpTimer){0};
    wheel->count--;
}

void wheel_set(Wheel *wheel, HttpTimer *timer, int64_t due_ms, void (*run)(HttpTimer *self))
{
    wheel_clear(wheel, timer);
    /* The slot of a tick that has been run already would come round two minutes late. */
    due_ms = MAX_OF(due_ms, (wheel->tick + 1) * WHEEL_TICK_MS);
    HttpTimer **slot = &wheel->slots[slot_of(due_ms)];
    *timer = (HttpTimer){.next = *slot, .due_ms = due_ms, .run = run};
    if (*slot)
        (*slot)->previous = timer;
    *slot = timer;
    wheel->count++;
}

/* The first timer of the slot that is due; a fired timer may have changed the list, so the search begins anew. */
static HttpTimer *first_due(HttpTimer *timer, int64_t now_ms)
{
    while (timer && timer->due_ms > now_ms)
        timer = timer->next;
    return timer;
}

static void run_slot(Wheel *wheel, size_t slot, int64_t now_ms)
{
    HttpTimer *timer;
    while ((timer = first_due(wheel->slots[slot], now_ms)) != NULL) {
        void (*run)(HttpTimer *) = timer->run;
        wheel_clear(wheel, timer);
        run(timer);
    }
}

void wheel_run(Wheel *wheel, int64_t now_ms)
{
    int64_t now = now_ms / WHEEL_TICK_MS;
    /* After a long sleep one round meets every slot. */
    int64_t first = MAX_OF(wheel->tick + 1, now - WHEEL_SLOTS + 1);
    for (int64_t tick = first; tick <= now; tick++) {
        wheel->tick = tick;
        run_slot(wheel, (size_t)(tick % WHEEL_SLOTS), now_ms);
    }
}
