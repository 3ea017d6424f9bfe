/* engine/restored.h: the first start of a copy that was restored from a backup.
 *
 * What happened after the backup was taken is not known to the copy: a run that was under way may have come to its end
 * meanwhile, with all it does in the world. So that nothing is done twice in silence, runs that would go on by
 * themselves (pending, executing, waiting for an hour) are stopped, with that reason; a person lets each go on or
 * cancels it. Times of schedules that passed are noted as missed. Open questions stay open: a person answers those
 * anyway. */
#ifndef CLERKWORK_ENGINE_RESTORED_H
#define CLERKWORK_ENGINE_RESTORED_H

#include "engine/engine.h"

/* For engine.c, before anything goes on. Does nothing where the store was not restored, or was held already;
 * interrupted, it is done again at the next start. */
MUST_USE bool restored_hold(Engine *engine, Error *err);

#endif
