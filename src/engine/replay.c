/* engine/replay.c: a run told again what it heard, and compared with itself. */
#include "engine/replay.h"

#include "engine/internal.h"

#define SLICE_FUEL 1000000

void retelling_done(Retelling *retelling)
{
    evaluation_free(retelling->evaluation);
    retelling->evaluation = NULL;
}

static void carry_out(Retelling *retelling)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Value result = value_null();
    Error err = {0};
    WorldCall call = {&retelling->scope, &retelling->locale, evaluation_call(retelling->evaluation), {0}};
    if (retelling->world->call(retelling->world->self, &call, &scratch, &result, &err))
        evaluation_supply(retelling->evaluation, &scratch, result);
    else
        evaluation_supply_error(retelling->evaluation, &err);
}

static bool wants_pure(const Evaluation *evaluation)
{
    return evaluation_status(evaluation) == EVAL_CALL && evaluation_call(evaluation)->procedure->effect == EFFECT_PURE;
}

/* A child's failure that came from outside stands for whatever the child was. */
static bool child_fits(const Evaluation *parent, const EffectRow *heard)
{
    if (heard->site == HEARD_ANYWHERE)
        return true;
    Evaluation *child = evaluation_child(parent, evaluation_children_told(parent), (EvalOptions){0});
    bool fits = evaluation_child_site(child) == heard->site;
    evaluation_free(child);
    return fits;
}

bool retelling_serve(Retelling *retelling)
{
    if (wants_pure(retelling->evaluation)) {
        carry_out(retelling);
        return true;
    }
    if (retelling->next >= retelling->n_heard)
        return false;
    const EffectRow *heard = &retelling->heard[retelling->next];
    Error err = {0};
    if (heard->number != retelling->next || heard->site == 0 ||
        !heard_fits(retelling->evaluation, retelling->program, heard) ||
        (heard->kind == HEARD_CHILD && !child_fits(retelling->evaluation, heard)) ||
        !heard_tell(retelling->evaluation, retelling->program, heard, &err))
        return false;
    retelling->next++;
    return true;
}

/* ---- proof ---- */

/* The evaluator's own entries, as they lie in the journal: those of the engine carry a time of their own. */
static bool stored_entries(Tx *tx, Arena *arena, int64_t run, Buf *out, Error *err)
{
    int64_t from = 0, end;
    if (!store_journal_end(tx, run, &end, err))
        return false;
    while (from < end) {
        JournalBatch *batches;
        int n;
        if (!store_journal_read(tx, arena, run, from, 1 << 20, &batches, &n, err))
            return false;
        for (int i = 0; i < n; i++) {
            Reader reader = reader_of(batches[i].bytes);
            const unsigned char *at = reader.next;
            TraceEntry entry;
            while (trace_next(arena, &reader, &entry, err)) {
                if (entry.time_us == 0)
                    buf_str(out, str_of((const char *)at, (size_t)(reader.next - at)));
                at = reader.next;
            }
            if (err->code != OK)
                return false;
            from = batches[i].first_entry + batches[i].n_entries;
        }
        if (n == 0)
            return error_set(err, DATA_LOSS, "", "the run's journal ends before its own count says so");
    }
    return true;
}

static void run_to_its_end(Retelling *retelling)
{
    for (;;) {
        EvalStatus status = evaluation_run(retelling->evaluation, SLICE_FUEL);
        if (status == EVAL_COMPLETED || status == EVAL_FAILED || (status != EVAL_READY && !retelling_serve(retelling)))
            return;
    }
}

static bool differs(Replay *out, Arena *arena, const char *format, Str stored, Str again)
{
    out->same = false;
    out->difference = str_printf(arena, format, STR_ARG(str_slice(stored, 0, 200)), STR_ARG(str_slice(again, 0, 200)));
    return true;
}

/* A run that was stopped from outside, or is on its way, ends where its record ends. */
static void compare_ends(Arena *arena, const Retelling *retelling, const RunRow *run, Replay *out)
{
    EvalStatus status = evaluation_status(retelling->evaluation);
    Str again = {0}, stored = {0};
    if (run->state == RUN_COMPLETED) {
        stored = run->outputs;
        again = status == EVAL_COMPLETED ? outputs_text(arena, retelling->evaluation) : S("no end");
    } else if (status == EVAL_COMPLETED && run->state != RUN_FAILED) {
        return;
    } else if (run->state == RUN_AWAITING_GUIDANCE) {
        stored = run->description;
        again = status == EVAL_QUESTION ? evaluation_question(retelling->evaluation)->description : S("no question");
    } else if (run->state == RUN_FAILED && status == EVAL_FAILED) {
        stored = run->description;
        again = evaluation_failure(retelling->evaluation);
    }
    if (!str_eq(stored, again))
        differs(out, arena, "the run came to %.*s, and now to %.*s", stored, again);
}

static void compare_journals(Arena *arena, const Retelling *retelling, const RunRow *run, Str stored, Replay *out)
{
    Str again = evaluation_trace(retelling->evaluation);
    bool ended = run->state == RUN_COMPLETED || run->state == RUN_AWAITING_GUIDANCE;
    out->entries = trace_count(stored);
    /* A run that goes on, or was ended from outside, may not have written down all that it did. */
    bool fits = ended ? str_eq(stored, again) : str_starts(again, stored);
    if (fits)
        return;
    size_t at = 0;
    while (at < stored.len && at < again.len && stored.data[at] == again.data[at])
        at++;
    out->same = false;
    out->difference = str_printf(arena,
                                 "the journals part at byte %zu, in entry %u of %u; the stored one has %zu bytes, "
                                 "the new one %zu",
                                 at, trace_count(str_slice(stored, 0, at)), trace_count(stored), stored.len, again.len);
}

/* ---- beginning ---- */

typedef struct Beginning {
    Tx *tx;
    Arena *arena;
    const World *world;
    const Catalog *catalog;
    Budget budget;
} Beginning;

static bool begin(const Beginning *how, const RunRow *run, Retelling *out, Error *err);

/* A child begins as its parent stood at the item's loop: the parent is told what it heard until there. */
static bool begin_as_child(const Beginning *how, const RunRow *run, EvalOptions options, Retelling *out, Error *err)
{
    AUTO(retelling_done)
    Retelling parent = {.world = how->world};
    RunRow row;
    if (!store_run_get_by_key(how->tx, how->arena, run->parent, &row, err) || !begin(how, &row, &parent, err))
        return false;
    for (;;) {
        EvalStatus status = evaluation_run(parent.evaluation, SLICE_FUEL);
        int64_t at = run->parent_effect - parent.next + evaluation_children_told(parent.evaluation);
        if (status == EVAL_CHILDREN && at >= 0 && at < evaluation_children(parent.evaluation)) {
            out->evaluation = evaluation_child(parent.evaluation, (uint32_t)at, options);
            return true;
        }
        if (status != EVAL_READY && !retelling_serve(&parent))
            return error_set(err, DATA_LOSS, "", "the run that it belongs to does not come to this item's loop again");
    }
}

static bool begin(const Beginning *how, const RunRow *run, Retelling *out, Error *err)
{
    Revision revision;
    EffectRow *heard;
    Argument *inputs;
    uint32_t n_inputs;
    if (!store_revision_get(how->tx, how->arena, run->revision, &revision, err) ||
        !store_effect_list(how->tx, how->arena, run->key, 0, &heard, &out->n_heard, err) ||
        !locale_unpack(how->arena, run->locale, &out->locale, err) ||
        !inputs_read(how->arena, run->inputs, &inputs, &n_inputs, err))
        return false;
    out->scope = run->scope;
    out->heard = heard;
    out->program = revision_program(how->arena, &revision, how->catalog);
    if (out->program->diagnostics.n_errors > 0)
        return error_set(err, FAILED_PRECONDITION, "", "this version of the automation has problems and cannot run");
    EvalOptions options = {.budget = how->budget, .reading = locale_reading(&out->locale)};
    if (run->parent > 0)
        return begin_as_child(how, run, options, out, err);
    out->evaluation = evaluation_new(out->program, inputs, n_inputs, options);
    return true;
}

static bool replay_load(const Beginning *how, const Scope *scope, Str run_id, Retelling *retelling, RunRow *run,
                        Buf *journal, Error *err)
{
    if (!store_run_get(how->tx, how->arena, scope, 0, run_id, run, err))
        return false;
    if (run->revision == 0)
        return error_set(err, FAILED_PRECONDITION, "", "the execution belongs to no automation and cannot be replayed");
    return begin(how, run, retelling, err) && stored_entries(how->tx, how->arena, run->key, journal, err);
}

bool run_replay(StoreReader *reader, const World *world, const Catalog *catalog, Budget budget, Arena *arena,
                const Scope *scope, Str run_id, Replay *out, Error *err)
{
    AUTO(retelling_done)
    Retelling retelling = {.world = world};
    RunRow run;
    Beginning how = {.arena = arena, .world = world, .catalog = catalog, .budget = budget};
    Buf journal = buf_in(arena);
    if (!tx_begin_read(reader, &how.tx, err))
        return false;
    bool ok = replay_load(&how, scope, run_id, &retelling, &run, &journal, err);
    tx_end(how.tx);
    if (!ok)
        return false;
    *out = (Replay){.state = run.state, .same = true};
    if (run.state != RUN_PENDING)
        run_to_its_end(&retelling);
    out->heard = retelling.next;
    compare_journals(arena, &retelling, &run, buf_view(&journal), out);
    if (out->same)
        compare_ends(arena, &retelling, &run, out);
    return true;
}
