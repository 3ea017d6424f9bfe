/* api/run_as_of.c: the state that a run was in, from its journal. */
#include "api/run.h"

#include "base/clock.h"
#include "lang/trace.h"

#define READ_BYTES (256u << 10)

/* Where the journal has been read to, and the last state before the moment. */
typedef struct Past {
    ApiRequest *request;
    const RunRow *run;
    int64_t read_us;
    int64_t next; /* number of the entry to read next */
    bool reached; /* an entry came after the moment */
    Str state;
    int64_t state_us;
} Past;

static bool read_batch(Past *past, Arena *arena, const JournalBatch *batch, Error *err)
{
    Reader reader = reader_of(batch->bytes);
    TraceEntry entry;
    err->code = OK;
    for (int64_t number = batch->first_entry; !past->reached && trace_next(arena, &reader, &entry, err); number++) {
        int64_t time_us = entry.time_us ? entry.time_us : batch->time_us;
        if (number < past->next || entry.kind != TRACE_RUN_UPDATE)
            continue;
        past->reached = time_us > past->read_us;
        if (past->reached)
            break;
        past->state = str_copy(past->request->arena, entry.text);
        past->state_us = time_us;
    }
    past->next = batch->first_entry + batch->n_entries;
    return err->code == OK;
}

/* `out_end`: the journal has no more. */
static bool read_some(Past *past, bool *out_end, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    JournalBatch *batches;
    int n;
    if (!store_journal_read(past->request->tx, &arena, past->run->key, past->next, READ_BYTES, &batches, &n, err))
        return false;
    for (int i = 0; i < n && !past->reached; i++) {
        if (!read_batch(past, &arena, &batches[i], err))
            return false;
    }
    *out_end = n == 0;
    return true;
}

bool run_as_of(ApiRequest *request, const RunRow *run, Str read_time, Str *out_state, int64_t *out_update_us,
               Error *err)
{
    int64_t read_us = 0, now_us = clock_now_us();
    Past past = {.request = request, .run = run};
    if (!clock_parse(read_time, &read_us))
        return error_set(err, INVALID_ARGUMENT, "read_time", "is no time; give one such as 2026-04-14T09:00:00Z");
    if (read_us > now_us)
        return error_set(err, INVALID_ARGUMENT, "read_time", "%.*s has not come yet", STR_ARG(str_clip(read_time, 40)));
    if (read_us < run->create_us)
        return error_set(err, NOT_FOUND, "read_time", "the run did not exist at %.*s; its create_time tells since when",
                         STR_ARG(str_clip(read_time, 40)));
    past.read_us = read_us;
    for (bool end = false; !end && !past.reached;) {
        if (!read_some(&past, &end, err))
            return false;
    }
    bool is_now = !past.reached; /* the row has what the journal leaves out: outputs */
    if (past.state.len == 0)
        past.state = S("{\"pending\":{}}"); /* it has not moved since it was asked for */
    *out_state = is_now ? (Str){0} : past.state;
    *out_update_us = is_now ? run->update_us : MAX_OF(past.state_us, run->create_us);
    return true;
}
