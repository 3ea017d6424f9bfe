/* tests/store/same/side.h: one of the two databases that are compared, SQLite or PostgreSQL; what an operation draws,
 * and what it says.
 *
 * An operation is carried out on each side in turn. It draws its arguments from the side's own chance, of which both
 * sides have the same, and says whatever it was told; what is said, and how it ended, must not differ. */
#ifndef CLERKWORK_TESTS_STORE_SAME_SIDE_H
#define CLERKWORK_TESTS_STORE_SAME_SIDE_H

#include "store/fixture.h"

#include "aip/filter.h"
#include "aip/page.h"
#include "base/buf.h"
#include "base/random.h"
#include "store/same/keys.h"

#define LIMIT 7 /* of lists */

typedef struct Side {
    Fixture f;
    Random random; /* both sides draw the same */
    int64_t now_us;
    Keys keys; /* of PostgreSQL; none on the other side */
    Buf said;  /* by the operation that is under way */
    /* How many of each there are; ids are made of their numbers. */
    int64_t automations, runs, exceptions, guides, webhooks, deliveries, files, events, requests, inbound, received;
    int64_t organizations, workspaces, users, roles, invitations, tokens, threads, authored;
    int64_t effects_from; /* what a run hears has numbers from here on: those below may be packed */
} Side;

/* One of a noun's; a list of them ends with one that has no name. */
typedef struct Operation {
    const char *name;
    bool (*work)(Tx *tx, Side *s, Error *err);
} Operation;
extern const Operation same_authoring[], same_automations[], same_connections[], same_exceptions[], same_files[],
    same_guides[], same_insights[], same_people[], same_purges[], same_run_parts[], same_runs[], same_schedules[],
    same_tenants[], same_tokens[], same_triggers[], same_webhooks[];

void side_begin(Side *s, uint64_t seed, bool postgres); /* with two organizations, workspaces and people */
void side_operate(Side *s, const Operation *operation); /* s->said is what came of it */
/* One line a table: its rows and their sum; then one for each file of bytes. */
Str side_tables(Side *s);
void side_end(Side *s);

/* ---- drawing ---- */
int64_t below(Side *s, int64_t n);
bool coin(Side *s);
Str text(Side *s);
Str bytes(Side *s);
Str name(Side *s, char kind, int64_t number);
Str any(Side *s, char kind, int64_t n); /* an id; now and then one that is not there */
int64_t moment(Side *s);                /* 0, past or future, with many equal ones */
const Scope *place(Side *s);            /* one of the first five: o1, with w1 and w2; o2, with w3 */
int64_t user(Side *s);                  /* a key; now and then one that is not there */
int any_op(Side *s);                    /* of a filter over texts */
ListQuery query_of(Side *s, const Filter *filter);

/* ---- saying ---- */
void say(Side *s, const char *what, int64_t number);
void say_text(Side *s, Str said);
void say_run(Side *s, const RunRow *run);
void say_end(Side *s, const ListQuery *query, const ListEnd *end);

#endif
