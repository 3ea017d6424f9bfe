/* engine/rerun.c: a run that begins with what an earlier one heard.
 *
 * The way to the node is evaluated once here, to know how much of the record leads to it; that much is copied to the
 * new run, which a worker then takes up as if it had crashed at the node. */
#include "base/clock.h"
#include "engine/internal.h"
#include "engine/replay.h"
#include "lang/eval_watch.h"

#define WAY_TIMEOUT_US 20000000

typedef struct Again {
    Command command;
    Engine *engine;
    Arena *arena;
    const Rerun *rerun;
    RunRow *out;
    RunRow earlier;
    Automation automation;
    int64_t revision;
    const Program *program;
    Str inputs;
    int64_t reused; /* effects of the earlier run */
} Again;

static void again_done(Again *again)
{
    engine_program_release(again->engine, again->program);
}

static bool choose_revision(Again *again, Error *err)
{
    Stage stage = again->rerun->stage != STAGE_UNSPECIFIED ? again->rerun->stage : again->earlier.stage;
    int64_t newest;
    if (again->rerun->stage == STAGE_UNSPECIFIED && stage == STAGE_DRAFT) {
        again->revision = again->earlier.revision;
        return true;
    }
    if (!run_pick_revision(&again->automation, stage, &newest, err))
        return false;
    again->revision = again->rerun->stage == STAGE_UNSPECIFIED ? again->earlier.revision : newest;
    return true;
}

/* ---- the node ---- */

/* Nodes are numbered in pre-order: a node's statement is the nearest one before it. The program itself has none: 0. */
static uint32_t statement_of(const Program *program, uint32_t node)
{
    while (node > 0 && !node_is_statement(program->nodes[node]))
        node--;
    return node;
}

/* In another version the node is the statement of the same words, where there is just one. */
static bool find_again(Again *again, const Program *before, uint32_t node, uint32_t *out, Error *err)
{
    uint64_t hash = program_sentence_hash(before, node);
    int n = 0;
    for (uint32_t i = 1; i < again->program->n_nodes; i++) {
        if (!node_is_statement(again->program->nodes[i]) || program_sentence_hash(again->program, i) != hash)
            continue;
        *out = i;
        n++;
    }
    if (n == 1)
        return true;
    return error_set(err, FAILED_PRECONDITION, "from_node",
                     n == 0
                         ? "the newest version no longer has the sentence of node %u; rerun the same version, or from "
                           "the start"
                         : "the newest version has the sentence of node %u more than once; rerun the same version, or "
                           "from the start",
                     node);
}

static bool find_node(Tx *tx, Again *again, uint32_t *out, Error *err)
{
    uint32_t wanted = again->rerun->from_node;
    const Program *before = engine_program(again->engine, tx, again->earlier.revision, err);
    if (!before)
        return false;
    bool ok = wanted < before->n_nodes || error_set(err, INVALID_ARGUMENT, "from_node",
                                                    "the run's code has no node %u; its events name them", wanted);
    if (ok) {
        *out = statement_of(before, wanted);
        ok = *out == 0 || again->revision == again->earlier.revision || find_again(again, before, *out, out, err);
    }
    engine_program_release(again->engine, before);
    return ok;
}

/* ---- the way to it ---- */

static bool is_edited(const Again *again)
{
    return again->revision != again->earlier.revision || !str_eq(again->inputs, again->earlier.inputs);
}

static bool go_to_node(Again *again, Retelling *retelling, uint32_t node, Error *err)
{
    int64_t until_us = clock_monotonic_us() + WAY_TIMEOUT_US;
    for (;;) {
        EvalStatus status = evaluation_run_sentence(retelling->evaluation);
        if (status == EVAL_READY && evaluation_sentence(retelling->evaluation) == node)
            break;
        evaluation_trace_clear(retelling->evaluation);
        if (clock_monotonic_us() > until_us)
            return error_set(err, DEADLINE_EXCEEDED, "from_node",
                             "the way to the node takes too long to be found; rerun from an earlier node or the start");
        if (status != EVAL_READY && !retelling_serve(retelling)) {
            if (is_edited(again)) /* it is on its own from here: what was heard until now still holds */
                break;
            return error_set(err, FAILED_PRECONDITION, "from_node",
                             "the run did not get to node %u; its events name "
                             "the nodes that it did",
                             again->rerun->from_node);
        }
    }
    again->reused = retelling->next;
    return true;
}

static bool find_way(Again *again, const EffectRow *heard, int n_heard, uint32_t node, Error *err)
{
    AUTO(retelling_done)
    Retelling retelling = {.world = again->engine->world,
                           .scope = again->earlier.scope,
                           .program = again->program,
                           .heard = heard,
                           .n_heard = n_heard};
    Argument *inputs;
    uint32_t n_inputs;
    if (!locale_unpack(again->arena, again->earlier.locale, &retelling.locale, err) ||
        !inputs_read(again->arena, again->inputs, &inputs, &n_inputs, err))
        return false;
    retelling.evaluation =
        evaluation_new(again->program, inputs, n_inputs, engine_eval_options(again->engine, &retelling.locale));
    return go_to_node(again, &retelling, node, err);
}

/* ---- both halves ---- */

static bool read_all(Tx *tx, Again *again, const Scope *scope, EffectRow **heard, int *n_heard, uint32_t *node,
                     Error *err)
{
    if (!store_run_get(tx, again->arena, scope, 0, again->rerun->run_id, &again->earlier, err))
        return false;
    if (again->earlier.automation == 0)
        return error_set(err, FAILED_PRECONDITION, "", "the execution belongs to no automation and cannot be rerun");
    if (again->earlier.parent > 0)
        return error_set(err, FAILED_PRECONDITION, "", "this run works on one item of the run %.*s; rerun that one",
                         STR_ARG(again->earlier.parent_run));
    if (!store_automation_get(tx, again->arena, scope, again->earlier.automation_id, false, &again->automation, err) ||
        !choose_revision(again, err))
        return false;
    again->program = engine_program(again->engine, tx, again->revision, err);
    if (!again->program || !run_program_fit(again->program, err) ||
        !run_inputs_text(again->arena, again->program, again->rerun->inputs, again->earlier.inputs, &again->inputs,
                         err))
        return false;
    return again->rerun->from_node == 0 ||
           (find_node(tx, again, node, err) &&
            store_effect_list(tx, again->arena, again->earlier.key, 0, heard, n_heard, err));
}

static bool again_write(Tx *tx, Command *command, Error *err)
{
    Again *again = (Again *)command;
    const Rerun *rerun = again->rerun;
    const RunRow *earlier = &again->earlier;
    Invocation invocation = {.request_id = rerun->request_id, .request_hash = rerun->request_hash};
    bool repeated;
    if (!run_of_request(tx, again->arena, &earlier->scope, &invocation, &repeated, again->out, err))
        return false;
    if (repeated)
        return true;
    bool same = again->revision == earlier->revision;
    Stage stage = same && rerun->stage == STAGE_UNSPECIFIED ? earlier->stage : rerun->stage;
    if (stage == STAGE_UNSPECIFIED)
        stage = earlier->stage;
    Version newest = stage == STAGE_PUBLISHED ? again->automation.published_version : again->automation.version;
    int64_t now = tx_now_us(tx);
    Id id = id_new_at(now), execution = id_new_at(now);
    *again->out = (RunRow){
        .scope = earlier->scope,
        .id = str_copy(again->arena, id_str(&id)),
        .execution_id = str_copy(again->arena, id_str(&execution)),
        .automation = earlier->automation,
        .automation_id = earlier->automation_id,
        .revision = again->revision,
        .state = RUN_PENDING,
        .stage = stage,
        .version = same ? earlier->version : newest,
        .source = SOURCE_MANUAL,
        .user_id = rerun->user_id,
        .previous_run = earlier->id,
        .inputs = again->inputs,
        .locale = earlier->locale, /* figures that were read once are read the same way again */
        .location_start = -1,
        .location_end = -1,
        .create_us = now,
        .update_us = now,
        .state_us = now,
        .deadline_us = deadline_after(now, again->automation.run_deadline_us),
    };
    return run_start(tx, again->engine, again->out, rerun->request_id, rerun->request_hash, err) &&
           store_effect_copy(tx, &earlier->scope, earlier->key, again->out->key, again->reused, err);
}

bool run_rerun(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope, const Rerun *rerun, RunRow *out,
               Error *err)
{
    AUTO(again_done)
    Again again = {.command.apply = again_write, .engine = engine, .arena = arena, .rerun = rerun, .out = out};
    EffectRow *heard = NULL;
    int n_heard = 0;
    uint32_t node = 0;
    Tx *tx;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = read_all(tx, &again, scope, &heard, &n_heard, &node, err);
    tx_end(tx);
    return ok && (node == 0 || find_way(&again, heard, n_heard, node, err)) &&
           store_execute(engine->store, &again.command, err);
}
