/* api/run.h: runs as the API writes them; for the files that answer with one. */
#ifndef CLERKWORK_API_RUN_H
#define CLERKWORK_API_RUN_H

#include "api/request.h"
#include "store/run.h"

/* The run as one JSON object, without its code, for lists and journals: it is the same in every line. `state` is the
 * state's JSON where it is not the present one, else "". */
void run_to_json(ApiRequest *request, const RunRow *run, Str state);
/* An answer that is one run: with its code and how its child runs stand. With a view. */
MUST_USE bool run_whole_to_json(ApiRequest *request, const RunRow *run, Str state, Error *err);
/* The same for work that has no view (ON_POOL, ON_EVALUATOR). */
MUST_USE bool run_answer(ApiRequest *request, const RunRow *run, Error *err);
Stage stage_of_wire(Str name); /* UNSPECIFIED for anything unknown */
/* The state that the run was in at `read_time` (RFC 3339), as run_to_json takes it, and when it had come to it. Reads
 * the journal: not for the loop. INVALID_ARGUMENT for what is no time or has not come yet, NOT_FOUND for before the
 * run. */
MUST_USE bool run_as_of(ApiRequest *request, const RunRow *run, Str read_time, Str *out_state, int64_t *out_update_us,
                        Error *err);
/* `outputs`, as they are stored, as the member "outputs" in plain JSON. */
MUST_USE bool run_plain_outputs(ApiRequest *request, Str outputs, Error *err);
/* The run that the path names; NOT_FOUND also when it belongs to another automation than the path says. */
MUST_USE bool run_of_path(ApiRequest *request, RunRow *out, Error *err);

#endif
