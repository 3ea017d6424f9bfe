/* simulation/simulation.h: an automation on the product's own engine and store, in a world that a seed decides.
 *
 * One thread does everything, a step at a time: which run goes on, when the store commits, when other systems answer,
 * what people do, what the clock says. In a disturbed world the power goes again and again (between two steps, in the
 * middle of a write, while another system is called), other systems cannot be reached or their answers are lost,
 * clients send a request twice, and the clock jumps. After each cut the engine is thrown away and a new one recovers
 * what the disk kept. The same plan and seed give the same world, step for step.
 *
 * What must hold is found out in a world where nothing goes wrong. In every other world each run must come to the same
 * end with the same outputs, have done the same to the world as often, and have asked the same; what is stored must
 * reproduce it (engine/replay.h). The people of the simulation look before they answer whether something happened. */
#ifndef CLERKWORK_SIMULATION_SIMULATION_H
#define CLERKWORK_SIMULATION_SIMULATION_H

#include "engine/exception.h"
#include "engine/world.h"

typedef struct SimulationPlan {
    const Catalog *catalog;
    Str text; /* of the automation */
    Spelling spelling;
    Locale locale;       /* of its workspace; what is left open is as usual */
    int n_runs;          /* in each world, at most SIMULATION_RUNS_MOST */
    int64_t start_us;    /* what the clock says first */
    int64_t deadline_us; /* of every third run; 0 for none */
    void *self;
    /* What run number `number` is given: a JSON object, as in Invocation. */
    Str (*inputs)(void *self, Arena *arena, int number);
    /* What comes of a call where nothing goes wrong. What it gives may follow from the call alone; reads may give
     * something else each time. */
    bool (*call)(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err);
    /* What a person says to a question; false leaves it open. */
    bool (*answer)(void *self, Arena *arena, const ExceptionRow *question, Str *out);
    /* What is compared of a call that changes the world. NULL: the procedure and its arguments. */
    void (*spell)(void *self, const EvalCall *call, Buf *out);
    /* What a procedure does in truth. NULL: what it declares. */
    Effect (*truth)(void *self, const Procedure *procedure);
} SimulationPlan;
#define SIMULATION_RUNS_MOST 16

typedef struct SimulationTally { /* over all seeds */
    uint64_t crashes, torn;      /* torn: in the middle of the disk's work */
    uint64_t runs, children, questions, doubts, calls, outside, unreachable, lost_answers, jumps, duplicates, deadlines,
        steps;
} SimulationTally;

typedef struct Simulation Simulation;
/* Publishes the automation and lets its runs go where nothing goes wrong. FAILED_PRECONDITION when it has problems. The
 * plan must outlive it. Ids of this thread come from seeds from now on. */
MUST_USE bool simulation_new(const SimulationPlan *plan, Simulation **out, Error *err);
/* One world, with that many cuts of the power. `out_wrong`, in `arena`: what happened, in words, when something was
 * otherwise; "" when all was the same. False when the world could not even be set up. */
MUST_USE bool simulation_seed(Simulation *simulation, uint64_t seed, int crashes, Arena *arena, Str *out_wrong,
                              Error *err);
const SimulationTally *simulation_tally(const Simulation *simulation);
void simulation_free(Simulation *simulation); /* NULL is accepted */

#endif
