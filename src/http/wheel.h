/* http/wheel.h: many timers, coarse and cheap. Setting, moving and clearing one costs a few stores; time passes in
 * ticks of WHEEL_TICK_MS. A timer fires within two ticks after it was due, never before. */
#ifndef CLERKWORK_HTTP_WHEEL_H
#define CLERKWORK_HTTP_WHEEL_H

#include "http/server.h"

#define WHEEL_TICK_MS 256
#define WHEEL_SLOTS 512 /* two minutes: later timers go round more than once */

typedef struct Wheel {
    HttpTimer *slots[WHEEL_SLOTS];
    int64_t tick; /* the last one that was run */
    size_t count; /* timers set */
} Wheel;

void wheel_init(Wheel *wheel, int64_t now_ms);
void wheel_set(Wheel *wheel, HttpTimer *timer, int64_t due_ms, void (*run)(HttpTimer *self));
void wheel_clear(Wheel *wheel, HttpTimer *timer);
static inline bool wheel_is_set(const HttpTimer *timer)
{
    return timer->run != NULL;
}
/* The wheel stood still while it was empty: it goes on from `now_ms`. */
void wheel_skip(Wheel *wheel, int64_t now_ms);
/* Fires what is due. A timer that fires may set or clear any timer, itself included. */
void wheel_run(Wheel *wheel, int64_t now_ms);

#endif
