/* engine/replay.h: a run told again what it heard: to see that it comes out the same, or to begin another run with it.
 *
 * Nothing is carried out but pure procedures. */
#ifndef CLERKWORK_ENGINE_REPLAY_H
#define CLERKWORK_ENGINE_REPLAY_H

#include "engine/heard.h"
#include "engine/run.h"

/* ---- an evaluation that hears only what is on record ---- */
typedef struct Retelling {
    const World *world; /* for pure procedures */
    Scope scope;
    Locale locale;
    const Program *program;
    Evaluation *evaluation;
    const EffectRow *heard;
    int n_heard, next;
} Retelling;
void retelling_done(Retelling *retelling);
/* Gives it what it wants. False when the record has nothing for it, or something else. */
bool retelling_serve(Retelling *retelling);

/* ---- proof ---- */
typedef struct Replay {
    RunState state;         /* as it is stored */
    int64_t entries, heard; /* entries of the evaluator and records of what it heard that were compared and told */
    bool same;
    Str difference; /* what is otherwise, in a reader's words; "" when it is the same */
} Replay;
/* `budget` as the engine had it: it bounds the journal too. Carries the stored run out once more and compares, byte for
 * byte, the journal that the evaluator writes, and the outputs, the failure or the question that the run came to.
 * NOT_FOUND without such a run; a run that comes out otherwise is no error. Takes as long as the run's own steps took.
 */
MUST_USE bool run_replay(StoreReader *reader, const World *world, const Catalog *catalog, Budget budget, Arena *arena,
                         const Scope *scope, Str run_id, Replay *out, Error *err);

/* ---- again ---- */
typedef struct Rerun {
    Str run_id;
    uint32_t from_node; /* what was heard before it began is told again; 0: nothing, everything is done anew */
    Stage stage;        /* the newest version of that stage; UNSPECIFIED: the version of the earlier run */
    const Json *inputs; /* these take the place of the earlier run's; NULL for none */
    Str user_id;
    Str request_id; /* as in Invocation */
    uint64_t request_hash;
} Rerun;
/* A new run, chained to the earlier one, in state pending. What was heard is told again only while it answers to the
 * same calls with the same arguments, and to the same questions: where inputs or code differ earlier than `from_node`,
 * the run is on its own from there. Waits that are over are not waited again. Not on the writer's thread, not on the
 * loop's: the way to the node is evaluated.
 * FAILED_PRECONDITION when the run did not get to the node, when a newer version does not have the node's sentence,
 * and where run_invoke gives it. INVALID_ARGUMENT for a node that does not exist, and for inputs. */
MUST_USE bool run_rerun(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope, const Rerun *rerun,
                        RunRow *out, Error *err);

#endif
