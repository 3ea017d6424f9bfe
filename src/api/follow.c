#include "api/follow.h"

static Follow *follow_of_letter(HttpLetter *letter)
{
    return (Follow *)((char *)letter - offsetof(Follow, letter));
}

static void arrive(HttpLetter *letter)
{
    Follow *follow = follow_of_letter(letter);
    atomic_store(&follow->travelling, false);
    if (follow->ending)
        follow->ended(follow);
    else
        follow->news(follow);
}

/* On some thread of the engine or the writer: one letter at a time is under way, and what it brings is "look again". */
static void changed(Watch *watch)
{
    Follow *follow = watch->self;
    if (!atomic_exchange(&follow->travelling, true))
        http_server_post(follow->server, &follow->letter);
}

static void timer_fired(HttpTimer *timer)
{
    Follow *follow = (Follow *)((char *)timer - offsetof(Follow, timer));
    follow->tick(follow);
}

void follow_begin(Follow *follow, Engine *engine, HttpServer *server, int64_t run, bool at_rest)
{
    follow->engine = engine;
    follow->server = server;
    follow->letter.run = arrive;
    follow->watch = (Watch){.run = run, .at_rest = at_rest, .changed = changed, .self = follow};
    engine_watch(engine, &follow->watch);
    changed(&follow->watch);
}

void follow_again(Follow *follow)
{
    changed(&follow->watch);
}

void follow_timer(Follow *follow, int64_t ms)
{
    http_timer_set(follow->server, &follow->timer, ms, timer_fired);
}

void follow_end(Follow *follow)
{
    if (follow->ending)
        return;
    follow->ending = true;
    http_timer_clear(follow->server, &follow->timer);
    engine_unwatch(follow->engine, &follow->watch);
    if (!atomic_load(&follow->travelling))
        follow->ended(follow);
}
