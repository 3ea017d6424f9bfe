/* tests/lang/run_program.h: programs whose comments say what they do, carried out in several ways.
 *
 *     say(1 + 1)  # → 2               what is said, in the order in which it is said
 *     # ? No purchase order …         the next question
 *     # ! use "PO-1"                  the answer to it; `retry` and so on as in lang/answer.h
 *     # = total to pay: 12.50         an output, at the end, as people read it
 *     # x division by zero            the run fails with a text that contains this
 *
 * Calls of the book `probe` are carried out here: echo gives its value back, note counts (an effect), broken fails
 * once. */
#ifndef CLERKWORK_TESTS_LANG_RUN_PROGRAM_H
#define CLERKWORK_TESTS_LANG_RUN_PROGRAM_H

#include "base/buf.h"
#include "lang/answer.h"
#include "lang/eval.h"

typedef struct RunMode {
    const char *name;
    uint64_t slice;        /* fuel at a time */
    bool restore_always;   /* saved and restored after every slice */
    bool compact_always;   /* memory compacted at every step */
    uint32_t trace_events; /* 0: the default */
} RunMode;

const Catalog *probe_catalog(void);
/* A program without errors, or NULL with the problems printed. */
Program *program_of(Arena *arena, Str source, Spelling spelling);
/* Everything that can be seen of a run: says, questions, answers, outputs, the end; then, when asked for, the journal's
 * bytes. */
Str run_transcript(Arena *arena, const Program *program, const RunMode *mode, const Str *answers, uint32_t n_answers,
                   bool with_trace);
/* What the comments of a source say that its transcript is, and the answers in them. */
Str expected_transcript(Arena *arena, Str source, Str **out_answers, uint32_t *out_n);

#endif
