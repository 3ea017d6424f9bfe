/* simulation/simulation.c: one world after the other, a step at a time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "engine/automation.h"
#include "simulation/internal.h"
#include "store/preferences.h"

#define STEPS_MOST 200000
#define IDLE_MOST 20000 /* looks ahead without anything to do: an hour each, at the most */
#define DAY_US (86400LL * 1000000)

struct Simulation {
    const SimulationPlan *plan;
    SimulationTally tally;
    Arena arena;
    SimulatedDisk *disk; /* as every world finds it */
    Scope scope;
    Str automation_id;
    Outcome expected[SIMULATION_RUNS_MOST];
};

const SimulationTally *simulation_tally(const Simulation *simulation)
{
    return &simulation->tally;
}

/* ---- power on, power off ---- */

static int64_t store_now(void *universe)
{
    return ((Universe *)universe)->now_us;
}

static bool power_on(Universe *universe, Error *err)
{
    StoreOptions store = {
        .database = simulated_disk_place(universe->disk), .stepped = true, .now_us = store_now, .clock = universe};
    EngineOptions engine = {.stepped = true,
                            .max_outside = 2,
                            .stays_bytes =
                                random_below(&universe->random, 2) ? 0 : -1, /* all runs that call, or none */
                            .children_at_once = 3,
                            .timers_in_memory = 4};
    if (!store_open(&store, &universe->store, err) ||
        !engine_start(universe->store, &universe->world, universe->plan->catalog, &engine, &universe->engine, err))
        return false;
    universe->reader = engine_step_reader(universe->engine);
    return true;
}

static void power_off(Universe *universe)
{
    if (universe->engine)
        engine_stop(universe->engine, 0);
    engine_free(universe->engine);
    store_close(universe->store);
    universe->engine = NULL;
    universe->reader = NULL;
    universe->store = NULL;
}

/* What was told to somebody before the power went is there afterwards. */
static bool check_promises(Universe *universe, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Tx *tx;
    if (!tx_begin_read(universe->reader, &tx, err))
        return false;
    for (int i = 0; i < universe->plan->n_runs; i++) {
        RunRow run;
        Error gone = {0};
        if (universe->requests[i].run_id.len > 0 &&
            !store_run_get(tx, &arena, &universe->scope, 0, universe->requests[i].run_id, &run, &gone))
            universe_blame(universe, "run %d was accepted and is gone after the power was: %s", i + 1, gone.message);
    }
    ExceptionRow exception;
    Error gone = {0};
    if (universe->answered.key > 0 &&
        (!store_exception_get(tx, &arena, &universe->scope, universe->answered.id, &exception, &gone) ||
         exception.state != EXCEPTION_RESOLVED))
        universe_blame(universe, "an answer was accepted, and after the power was gone its question stands again");
    tx_end(tx);
    return true;
}

/* Half of the times the next cut is in the middle of the disk's work. */
static void arm(Universe *universe)
{
    bool armed = universe->disturbed && universe->crashes_left > 0 && !random_chance(&universe->random, 3);
    simulated_disk_seed(universe->disk, random_next(&universe->random));
    simulated_disk_cut_after(universe->disk, armed ? (int64_t)random_below(&universe->random, 60) : -1);
}

static bool crash(Universe *universe, bool torn, Error *err)
{
    torn = torn && !universe->dark_in_call;
    universe->dark_in_call = false;
    universe_tell(universe, "the power is gone%s; it comes back", torn ? " in the middle of the disk's work" : "");
    power_off(universe);
    simulated_disk_restart(universe->disk);
    universe->crashes_left--;
    universe->disturbed = universe->crashes_left > 0;
    universe->tally->crashes++;
    universe->tally->torn += torn;
    universe->now_us += (int64_t)random_below(&universe->random, 30000000);
    arm(universe);
    return power_on(universe, err);
}

/* Recovery may be cut short as well. */
static bool heed_power(Universe *universe, Error *err)
{
    bool was_dark = universe_is_dark(universe);
    while (universe_is_dark(universe))
        if (!crash(universe, true, err))
            return false;
    return !was_dark || check_promises(universe, err);
}

static bool cut_now(Universe *universe, Error *err)
{
    simulated_disk_cut(universe->disk);
    if (!crash(universe, false, err))
        return false;
    return universe_is_dark(universe) || check_promises(universe, err);
}

/* ---- steps ---- */

static void jump(Universe *universe)
{
    int64_t by_us = random_chance(&universe->random, 3) ? -(int64_t)random_below(&universe->random, 20000000)
                                                        : (int64_t)random_below(&universe->random, 7200000000);
    universe->now_us += by_us;
    universe->tally->jumps++;
    universe_tell(universe, "the clock jumps by %lld s", (long long)(by_us / 1000000));
}

static bool anything(Universe *universe, Error *err)
{
    int64_t until_us;
    bool ignored;
    switch (random_below(&universe->random, 10)) {
    case 0: return people_send(universe, err);
    case 1: return people_answer(universe, &ignored, err);
    case 2: universe_arrive(universe); return true;
    case 3: store_step_checkpoint(universe->store); return true;
    case 4: engine_step_time(universe->engine, &until_us); return true;
    case 5:
    case 6: store_step(universe->store); return true;
    default: engine_step_run(universe->engine, random_next(&universe->random)); return true;
    }
}

static bool trouble(Universe *universe, Error *err)
{
    if (!universe->disturbed)
        return true;
    if (random_chance(&universe->random, 100))
        jump(universe);
    if (random_chance(&universe->random, 60))
        return people_send_twice(universe, err);
    if (universe->crashes_left > 0 && random_chance(&universe->random, 40))
        return cut_now(universe, err);
    return true;
}

/* Tries everything in turn. `out_moved`: something was done. */
static bool everything(Universe *universe, bool *out_moved, int64_t *out_until_us, Error *err)
{
    *out_moved = store_step(universe->store) || engine_step_time(universe->engine, out_until_us) ||
                 engine_step_run(universe->engine, random_next(&universe->random)) || universe_arrive(universe);
    if (*out_moved)
        return true;
    for (int i = 0; i < universe->plan->n_runs; i++)
        *out_moved |= universe->requests[i].run_id.len == 0;
    return *out_moved ? people_send(universe, err) : people_answer(universe, out_moved, err);
}

static bool look_ahead(Universe *universe, int *idle, bool *out_over, Error *err)
{
    bool moved;
    int64_t until_us = INT64_MAX;
    if (!everything(universe, &moved, &until_us, err))
        return false;
    if (moved || universe_is_dark(universe)) {
        *idle = moved ? 0 : *idle;
        return true;
    }
    if (!all_is_over(universe, out_over, err) || *out_over)
        return *out_over;
    universe->now_us = MAX_OF(universe->now_us, MIN_OF(until_us, universe->now_us + DAY_US));
    if (++*idle > IDLE_MOST) {
        universe_blame(universe, "some run neither ends nor waits for anybody: nothing will ever take it up again");
        *out_over = true;
    }
    return true;
}

static bool live(Universe *universe, Error *err)
{
    bool over = false;
    int idle = 0;
    for (int steps = 0; !over && universe->wrong.len == 0; steps++) {
        universe->tally->steps++;
        universe->now_us += (int64_t)random_below(&universe->random, 2000);
        if (steps == STEPS_MOST)
            universe_blame(universe, "the runs do not come to an end in %d steps", STEPS_MOST);
        bool looks = random_chance(&universe->random, 4);
        if (!(looks ? look_ahead(universe, &idle, &over, err) : anything(universe, err)) ||
            !heed_power(universe, err) || !trouble(universe, err) || !heed_power(universe, err))
            return false;
    }
    return true;
}

/* ---- a world ---- */

static void begin(Universe *universe, Simulation *simulation, SimulatedDisk *disk, uint64_t seed)
{
    *universe = (Universe){.plan = simulation->plan,
                           .tally = &simulation->tally,
                           .random = random_of(seed),
                           .now_us = simulation->plan->start_us,
                           .disk = disk,
                           .scope = simulation->scope,
                           .automation_id = simulation->automation_id};
    universe->wrong = S("");
    universe->story = buf_in(&universe->arena);
    universe_init(universe);
    random_simulate(seed);
    for (int i = 0; i < simulation->plan->n_runs; i++)
        universe->requests[i].request_id = str_printf(&universe->arena, "request-%d", i);
}

static void end(Universe *universe)
{
    power_off(universe);
    simulated_disk_free(universe->disk);
    arena_done(&universe->arena);
}

static bool judge(Universe *universe, Simulation *simulation, Error *err)
{
    for (int i = 0; i < simulation->plan->n_runs && universe->wrong.len == 0; i++) {
        Outcome found;
        if (!outcome_read(universe, i, &universe->arena, &found, err))
            return false;
        outcome_compare(universe, i, &simulation->expected[i], &found);
    }
    return universe->wrong.len > 0 || all_is_replayed(universe, err);
}

bool simulation_seed(Simulation *simulation, uint64_t seed, int crashes, Arena *arena, Str *out_wrong, Error *err)
{
    Universe universe;
    begin(&universe, simulation, simulated_disk_copy(simulation->disk), seed);
    universe.disturbed = crashes > 0;
    universe.crashes_left = crashes;
    simulation->tally.runs += (uint64_t)simulation->plan->n_runs;
    arm(&universe);
    bool ok = power_on(&universe, err) && heed_power(&universe, err) && live(&universe, err) &&
              (universe.wrong.len > 0 || judge(&universe, simulation, err));
    *out_wrong = S("");
    if (ok && universe.wrong.len > 0)
        *out_wrong = str_printf(arena, "%.*s\n%.*s\n", STR_ARG(buf_view(&universe.story)), STR_ARG(universe.wrong));
    end(&universe);
    return ok;
}

/* ---- what every world finds ---- */

typedef struct Found {
    Command command;
    Simulation *simulation;
    AutomationEdit edit;
    Arena arena;
} Found;

static bool found_apply(Tx *tx, Command *command, Error *err)
{
    Found *found = (Found *)command;
    Simulation *simulation = found->simulation;
    Organization organization = {.id = S("o1"), .title = S("Simulated")};
    Workspace workspace = {.id = S("w1"), .title = S("Simulated")};
    Automation automation;
    Revision revision;
    if (!store_organization_create(tx, &organization, err))
        return false;
    workspace.organization = organization.key;
    if (!store_workspace_create(tx, &workspace, err))
        return false;
    simulation->scope = (Scope){organization.key, workspace.key, S("o1"), S("w1")};
    const Preferences preferences = {.locale = simulation->plan->locale};
    if (!store_preferences_put(tx, &simulation->scope, &preferences, err) ||
        !automation_create(tx, &found->arena, &simulation->scope, &found->edit, S("u1"), &automation, &revision, err) ||
        !automation_publish(tx, &found->arena, &simulation->scope, automation.id, S("u1"), &automation, &revision, err))
        return false;
    simulation->automation_id = str_copy(&simulation->arena, automation.id);
    return true;
}

static bool check_program(const Program *program, Error *err)
{
    for (uint32_t i = 0; i < program->diagnostics.count; i++) {
        const Diagnostic *problem = &program->diagnostics.items[i];
        if (problem->severity == SEVERITY_ERROR)
            return error_set(err, FAILED_PRECONDITION, "", "line %u: %.*s", problem->line, STR_ARG(problem->message));
    }
    return true;
}

static bool publish(Universe *universe, Simulation *simulation, Error *err)
{
    const SimulationPlan *plan = simulation->plan;
    bool english = plan->spelling == SPELLING_ENGLISH;
    Found found = {.command.apply = found_apply,
                   .simulation = simulation,
                   .edit = {.has_display_name = true,
                            .display_name = S("simulated"),
                            .has_english = english,
                            .english = plan->text,
                            .has_code = !english,
                            .code = plan->text}};
    bool ok = automation_prepare(universe->engine, &found.arena, &found.edit, NULL, err) &&
              check_program(found.edit.program, err) && store_execute(universe->store, &found.command, err);
    arena_done(&found.arena);
    return ok;
}

static bool make_disk(Simulation *simulation, Error *err)
{
    Universe universe;
    begin(&universe, simulation, simulated_disk_new(), 0);
    bool ok = power_on(&universe, err) && publish(&universe, simulation, err);
    power_off(&universe);
    if (ok)
        simulation->disk = simulated_disk_copy(universe.disk);
    end(&universe);
    return ok;
}

static bool expect(Simulation *simulation, Error *err)
{
    Universe universe;
    SimulationTally before = simulation->tally;
    begin(&universe, simulation, simulated_disk_copy(simulation->disk), 1);
    bool ok = power_on(&universe, err) && live(&universe, err);
    if (ok && universe.wrong.len > 0)
        ok = error_set(err, FAILED_PRECONDITION, "", "even where nothing goes wrong: %.*s", STR_ARG(universe.wrong));
    for (int i = 0; ok && i < simulation->plan->n_runs; i++)
        ok = outcome_read(&universe, i, &simulation->arena, &simulation->expected[i], err);
    end(&universe);
    simulation->tally = before;
    return ok;
}

bool simulation_new(const SimulationPlan *plan, Simulation **out, Error *err)
{
    assert(plan->n_runs >= 1 && plan->n_runs <= SIMULATION_RUNS_MOST);
    Simulation *simulation = calloc(1, sizeof *simulation);
    if (!simulation)
        abort();
    simulation->plan = plan;
    if (!make_disk(simulation, err) || !expect(simulation, err)) {
        simulation_free(simulation);
        return false;
    }
    *out = simulation;
    return true;
}

void simulation_free(Simulation *simulation)
{
    if (!simulation)
        return;
    simulated_disk_free(simulation->disk);
    arena_done(&simulation->arena);
    free(simulation);
}
