/* auth/memory.c */
#include "auth/memory.h"

#include <stdlib.h>

static void memory_free(void *data)
{
    AuthMemory *memory = data;
    arena_done(&memory->arena);
    free(memory);
}

static void memory_clear(AuthMemory *memory, uint64_t generation)
{
    arena_reset(&memory->arena);
    memory->tokens = (Map){.arena = &memory->arena};
    memory->scopes = (Map){.arena = &memory->arena};
    memory->generation = generation;
}

AuthMemory *auth_memory(Tx *tx)
{
    TxMemory *place = tx_memory(tx);
    if (!place)
        return NULL;
    AuthMemory *memory = place->data;
    if (!memory) {
        memory = calloc(1, sizeof *memory);
        if (!memory)
            return NULL;
        *place = (TxMemory){.data = memory, .free = memory_free};
    }
    bool full = memory->tokens.count + memory->scopes.count >= REMEMBERED_MOST;
    if (full || memory->generation != tx_tenancy_generation(tx))
        memory_clear(memory, tx_tenancy_generation(tx));
    return memory;
}
