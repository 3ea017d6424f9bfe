/* simulation/internal.h: what the files of this folder share. */
#ifndef CLERKWORK_SIMULATION_INTERNAL_H
#define CLERKWORK_SIMULATION_INTERNAL_H

#include "base/random.h"
#include "simulation/simulation.h"
#include "store/simulated_disk.h"

/* What was done to the world: it outlives every crash. */
typedef struct Deed {
    int64_t run;    /* the outermost */
    Str what;       /* as it is compared */
    Str key, exact; /* of the call, and its arguments */
    Value result;
    Error err; /* of a call that the other system refused */
} Deed;

typedef struct Request {
    Str request_id, run_id; /* run_id: once it was acknowledged */
    int64_t run;
} Request;

typedef struct Universe {
    const SimulationPlan *plan;
    SimulationTally *tally;
    Arena arena; /* lives as long as the world */
    Random random;
    bool disturbed; /* things still go wrong */
    int crashes_left;
    bool dark_in_call; /* the power went while another system was called */
    int64_t now_us;
    World world;
    SimulatedDisk *disk;
    Store *store;
    StoreReader *reader;
    Engine *engine;
    Scope scope;
    Str automation_id;
    Deed *deeds;
    int n_deeds, cap_deeds;
    WorldErrand *errands; /* on their way, the newest first */
    int n_errands;
    Request requests[SIMULATION_RUNS_MOST];
    ExceptionRow answered; /* the newest answer that was acknowledged; key 0 for none */
    Buf story;
    Str wrong; /* the first thing that was, "" so far */
} Universe;

/* ---- universe.c: the clock, other systems, and what was done to them ---- */
void universe_init(Universe *universe);
/* A line of the story. */
void universe_tell(Universe *universe, const char *format, ...) PRINTF_LIKE(2, 3);
void universe_blame(Universe *universe, const char *format, ...) PRINTF_LIKE(2, 3);
bool universe_is_dark(const Universe *universe);              /* the power is gone: nothing that is done counts */
bool universe_arrive(Universe *universe);                     /* some call comes back; false when none is on its way */
const Deed *universe_deed(const Universe *universe, Str key); /* NULL for none */
bool is_simulated_trouble(const ExceptionRow *question);

/* ---- people.c: clients, and persons who answer ---- */
bool people_send(Universe *universe, Error *err);              /* a request that was not acknowledged */
bool people_send_twice(Universe *universe, Error *err);        /* one that was */
bool people_answer(Universe *universe, bool *out, Error *err); /* some open question */

/* ---- judge.c ---- */
typedef struct Outcome {  /* of one run, with its children */
    Str end;              /* state, outputs, or why it failed */
    Str deeds, questions; /* one a line, sorted */
    bool is_overdue;      /* its deadline ended it: the rest tells nothing */
} Outcome;
/* Reads what came of run number `number`; in `arena`. */
MUST_USE bool outcome_read(Universe *universe, int number, Arena *arena, Outcome *out, Error *err);
void outcome_compare(Universe *universe, int number, const Outcome *expected, const Outcome *found);
/* Every run has ended or asks what nobody answers. */
MUST_USE bool all_is_over(Universe *universe, bool *out, Error *err);
/* What is stored of all runs reproduces them. */
MUST_USE bool all_is_replayed(Universe *universe, Error *err);

#endif
