/* cli/local_run.h: a run carried out without a server, up to where it needs somebody: a person's answer, or its end.
 *
 * Its world is cli/local.h. Calls and timers are dealt with here; what the run says is told as it says it; questions
 * are the caller's. */
#ifndef CLERKWORK_CLI_LOCAL_RUN_H
#define CLERKWORK_CLI_LOCAL_RUN_H

#include "cli/local.h"
#include "lang/eval.h"

#define LOCAL_RUN_FUEL 10000000u /* steps between two looks at what was said */

typedef struct LocalRun {
    const Program *program; /* without errors */
    Evaluation *evaluation; /* NULL until it begins */
    LocalWorld world;
    bool skip_waits;
    void (*said)(void *self, Str text); /* told each text that the run says; NULL: nobody listens */
    void *self;
} LocalRun;

/* Each given input is "name=text" or "name=@file"; files are granted to the run. `out` has room for all of them.
 * INVALID_ARGUMENT says what is wrong with one, NOT_FOUND that its file cannot be read. */
MUST_USE bool local_run_inputs(LocalRun *run, const char *const *given, int n_given, Argument *out, Error *err);
void local_run_begin(LocalRun *run, const Argument *inputs, uint32_t n_inputs);
/* What must be done before the evaluation can go on, where that needs nobody: a call, a timer, or a rest of its slice.
 * False when a timer's moment makes no sense. */
MUST_USE bool local_run_serve(LocalRun *run, EvalStatus status, Error *err);
/* Goes on until there is a question or an end. */
MUST_USE bool local_run_go_on(LocalRun *run, EvalStatus *out, Error *err);
/* Tells `said` what the journal holds and empties it. */
void local_run_tell(LocalRun *run);
/* Answers the open question with a sentence. INVALID_ARGUMENT, nothing changed, when it cannot be used. */
MUST_USE bool local_run_answer(LocalRun *run, Arena *arena, Str sentence, bool *out_remember, Error *err);
void local_run_done(LocalRun *run);

#endif
