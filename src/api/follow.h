/* api/follow.h: waiting on the loop for news of a run: long polls and event streams.
 *
 * A Follow is embedded in what waits, in the request's arena. `news` is called on the loop's thread once soon after the
 * beginning, so that nothing is missed, and then soon after anything new was committed about the run (what comes close
 * together counts once); `tick` when the timer fires. follow_end ends it; the owner answers when `ended` is called.
 * Everything here is the loop's. */
#ifndef CLERKWORK_API_FOLLOW_H
#define CLERKWORK_API_FOLLOW_H

#include <stdatomic.h>

#include "engine/engine.h"
#include "http/server.h"

typedef struct Follow Follow;
struct Follow {
    /* Set by the owner. */
    void (*news)(Follow *follow);
    void (*tick)(Follow *follow); /* may be NULL when no timer is set */
    /* Called instead of both once the follow has ended, as soon as nobody can call any more: here the owner answers. */
    void (*ended)(Follow *follow);
    /* The follow's own. */
    Engine *engine;
    HttpServer *server;
    Watch watch;
    HttpTimer timer;
    HttpLetter letter;
    _Atomic bool travelling; /* the letter is on its way to the loop */
    bool ending;
};

/* `at_rest`: for news of that alone, as in Watch. */
void follow_begin(Follow *follow, Engine *engine, HttpServer *server, int64_t run, bool at_rest);
/* Has `news` called again soon: for who did not do all there is, so that others have their turn. */
void follow_again(Follow *follow);
void follow_timer(Follow *follow, int64_t ms); /* again moves it */
/* Ends it: `ended` is called, at once or when the letter under way has arrived. */
void follow_end(Follow *follow);

#endif
