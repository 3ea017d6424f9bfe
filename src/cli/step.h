/* cli/step.h: a run gone through by hand: it stops before each sentence, shows which facts changed, and steps back.
 *
 * What has been done outside stays done when stepping back: files that were saved, texts that were said. */
#ifndef CLERKWORK_CLI_STEP_H
#define CLERKWORK_CLI_STEP_H

#include "cli/local_run.h"
#include "cli/source.h"
#include "base/map.h"
#include "lang/lines.h"

/* Stepping back reaches this far: a thousand sentences, or as many as fit. */
#define STEPS_KEPT_MAX 1000u
#define STEP_BYTES_MAX (256u << 20)

typedef struct StepPast { /* the run before a sentence */
    Buf snapshot;
    int n_answered;
} StepPast;

typedef struct Stepper {
    LocalRun *run;
    int *n_answered;     /* answers used so far: steps back with the run */
    const Program *text; /* the program as it stands in the file: for its lines */
    Lines lines;
    bool going; /* `c`: no more stops */
    StepPast *past;
    uint32_t n_past;
    size_t past_bytes;
    Map seen; /* fact → what it was at the last stop */
    Arena seen_arena;
} Stepper;

/* Before the run begins; `arena` and `source` must outlive it. */
void stepper_init(Stepper *stepper, Arena *arena, const Source *source, LocalRun *run, int *n_answered);
/* Goes on, stopping before each sentence, until there is a question or an end. `out_quit` when whoever steps has had
 * enough: then *out says nothing. */
MUST_USE bool stepper_go_on(Stepper *stepper, EvalStatus *out, bool *out_quit, Error *err);
void stepper_done(Stepper *stepper);

#endif
