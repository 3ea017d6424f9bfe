/* engine/defaults.h: what an automation keeps beside its text, held against it: default inputs, marked outputs. */
#ifndef CLERKWORK_ENGINE_DEFAULTS_H
#define CLERKWORK_ENGINE_DEFAULTS_H

#include "lang/program.h"

/* `kept` is a JSON object, an input's name → commonV1Value. INVALID_ARGUMENT on "default_inputs.NAME" for the first
 * that the program has no input for, or whose value does not fit its type. A program with errors refuses nothing. */
MUST_USE bool default_inputs_fit(Arena *arena, const Program *program, Str kept, Reading reading, Error *err);
/* `kept` is a JSON array of names: the same on "marked_outputs" for the first that is no output. */
MUST_USE bool marked_outputs_fit(Arena *arena, const Program *program, Str kept, Error *err);

#endif
