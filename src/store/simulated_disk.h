/* store/simulated_disk.h: a disk in memory whose power can be cut, for simulations of crashes.
 *
 * It keeps apart what was written and what was synced. When the power is cut, what was synced is there; of what was
 * written since, each sector is or is not, as chance has it, so that writes are torn. Whoever had files open does not
 * notice: for them the disk goes on, so that they can end in good order, but nothing of that is ever found again.
 *
 * A store on it (StoreOptions.database) has no folder and so no files of runs. A disk belongs to one thread. */
#ifndef CLERKWORK_STORE_SIMULATED_DISK_H
#define CLERKWORK_STORE_SIMULATED_DISK_H

#include "base/str.h"

typedef struct SimulatedDisk SimulatedDisk;

SimulatedDisk *simulated_disk_new(void);
/* Another disk with the same content, all of it synced. No file may be open. */
SimulatedDisk *simulated_disk_copy(const SimulatedDisk *disk);
Str simulated_disk_place(const SimulatedDisk *disk); /* for StoreOptions.database; lives as long as the disk */

/* Which sectors are kept when the power goes; whatever else the disk decides. */
void simulated_disk_seed(SimulatedDisk *disk, uint64_t seed);
void simulated_disk_cut(SimulatedDisk *disk); /* now; once it is cut nothing more is */
/* Just before the write or sync that comes after `operations` others; < 0 for never. */
void simulated_disk_cut_after(SimulatedDisk *disk, int64_t operations);
bool simulated_disk_is_cut(const SimulatedDisk *disk);
void simulated_disk_restart(SimulatedDisk *disk); /* after a cut; all files must have been closed */
void simulated_disk_free(SimulatedDisk *disk);    /* all files must have been closed; NULL is accepted */

#endif
