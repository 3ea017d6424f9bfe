/* lang/eval_place.h: where an evaluation is, in the locals of its loop: for eval_step.c and the headers it is made of.
 *
 * The steps of eval_step_*.h are all inlined into that loop, so that a place stays in registers; no function beside
 * them is handed one. What stands in a place is written back before anything that looks at the evaluation. Nothing is
 * popped before an instruction has succeeded: one that cannot go on is found again exactly as it was. */
#ifndef CLERKWORK_LANG_EVAL_PLACE_H
#define CLERKWORK_LANG_EVAL_PLACE_H

#include "lang/eval_state.h"

typedef struct Place {
    Evaluation *evaluation;
    Frame *frame; /* the one on top, and of it: */
    const Code *code;
    Value *slots, *sp;
    uint32_t pc;
    uint64_t fuel_end;
} Place;

#define STEP static inline __attribute__((always_inline)) StepEnd

static inline void place_enter(Place *at)
{
    const Evaluation *evaluation = at->evaluation;
    at->frame = frame_top(evaluation);
    at->code = at->frame->code;
    at->slots = evaluation->stack + at->frame->base;
    at->sp = evaluation->stack + evaluation->top;
    at->pc = at->frame->pc;
}

/* Writes back; gives the evaluation, so that it can be handed on. */
static inline Evaluation *place_keep(const Place *at)
{
    at->frame->pc = at->pc;
    at->evaluation->top = (uint32_t)(at->sp - at->evaluation->stack);
    return at->evaluation;
}

/* A step that may be the last of this slice. Every loop, comprehension and procedure goes through one. False: it was,
 * or the run has failed. */
static inline bool place_pays(const Place *at)
{
    Evaluation *evaluation = at->evaluation;
    if (evaluation->fuel_used >= at->fuel_end) {
        evaluation_spent(place_keep(at));
        return false;
    }
    evaluation->fuel_used++;
    if (evaluation->heap.used < evaluation->heap_trigger && !evaluation->compact_always)
        return true;
    return heap_check(place_keep(at));
}

/* `result` takes the place of n operands. */
STEP place_gives(Place *at, uint32_t n, Value result)
{
    at->sp -= n;
    *at->sp++ = result;
    at->pc++;
    return STEP_ON;
}

#endif
