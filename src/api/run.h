/* api/run.h: runs as the API writes them; for the files that answer with one. */
#ifndef CLERKWORK_API_RUN_H
#define CLERKWORK_API_RUN_H

#include "api/request.h"
#include "store/run.h"

/* The run as one JSON object. `state` is the state's JSON where it is not the present one (journal), else "". */
void run_to_json(ApiRequest *request, const RunRow *run, Str state);
Stage stage_of_wire(Str name); /* UNSPECIFIED for anything unknown */
/* The run that the path names; NOT_FOUND also when it belongs to another automation than the path says. */
MUST_USE bool run_of_path(ApiRequest *request, RunRow *out, Error *err);

#endif
