/* engine/set_aside.h: what could not be seen to, and is passed over for a minute, so that what is behind it is not held
 * up. Internal to engine/.
 *
 * What is due at once shares a command, so one that is refused (something of it is damaged) undoes the rest. A try says
 * what it is at; when it fails, that is set aside and the next try follows at once without it. When the minute is over,
 * all of it is tried again. Should SET_ASIDE_MOST be set aside, the next one holds up the rest until then.
 *
 * A SetAside is the writer's thread's, and so is a try; it begins zeroed. */
#ifndef CLERKWORK_ENGINE_SET_ASIDE_H
#define CLERKWORK_ENGINE_SET_ASIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define SET_ASIDE_MOST 128

typedef enum AsideKind { ASIDE_RUN, ASIDE_AUTOMATION, ASIDE_WORKSPACE, ASIDE_ORGANIZATION } AsideKind;
typedef struct Aside {
    AsideKind kind;
    int64_t key; /* 0 for none */
} Aside;

typedef struct SetAside {
    Aside rows[SET_ASIDE_MOST];
    int n;
    int64_t until_us;
} SetAside;

/* One try of a command. */
typedef struct AsideTry {
    const SetAside *aside;
    bool afresh; /* those set aside are tried again */
    Aside at;    /* the command says what it is at, should it fail there */
} AsideTry;

AsideTry set_aside_begin(const SetAside *aside, int64_t now_us);
bool set_aside_has(const AsideTry *try, AsideKind kind, int64_t key);
int set_aside_count(const AsideTry *try);        /* how many this try passes over */
int64_t set_aside_until_us(const AsideTry *try); /* when they are tried again; 0 for none */
/* After the commit. */
void set_aside_kept(SetAside *aside, const AsideTry *try);
/* After a refusal; true, and the log says so, when what the try was at is set aside: then it may be tried again at
 * once. */
bool set_aside_refused(SetAside *aside, const AsideTry *try, int64_t now_us, const Error *err);

#endif
