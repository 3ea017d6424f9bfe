/* cli/simulate.c: the user's own automation while the power goes, other systems fail and clients ask twice.
 *
 * First the case is carried out without a server, which tells what a person says to which question. Then the same
 * automation runs on the engine in the simulated worlds of simulation/: its books, files and replies are those of the
 * case, so that whatever is different from a world without trouble is the engine's fault, and said. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/case.h"
#include "cli/command.h"
#include "cli/local_run.h"
#include "cli/source.h"
#include "lang/answer.h"
#include "simulation/simulation.h"
#include "value/wire.h"

#define RUNS 2           /* in each world: what one run does must not reach the other */
#define CRASHES_USUAL 10 /* in each world */
#define CRASHES_MOST 1000

typedef struct Said {
    Str question, answer;
} Said;

typedef struct Rehearsal {
    Arena arena; /* holds all of it */
    const Case *given;
    Source source;
    Program *program;
    LocalRun run;
    Argument *inputs;
    Said *said;
    int n_said, cap_said;
} Rehearsal;

static void rehearsal_done(Rehearsal *rehearsal)
{
    local_run_done(&rehearsal->run);
    arena_done(&rehearsal->arena);
}

/* ---- what comes of calls ---- */

/* Where a case has several replies to the same call, the last one: that is what stays. What another server answers must
 * follow from the call alone, however often it is made. */
static bool reply(void *self, BookErrand *errand, Error *err)
{
    const Case *given = ((Rehearsal *)self)->given;
    const CaseReply *found = NULL;
    for (int i = 0; i < given->n_replies; i++) {
        const CaseReply *candidate = &given->replies[i];
        if (str_eq(candidate->method, str_from_c(errand->call.method)) && str_eq(candidate->url, errand->call.url))
            found = candidate;
    }
    return case_reply(found, &errand->call, err);
}

static bool call_book(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    Rehearsal *rehearsal = self;
    LocalWorld *world = &rehearsal->run.world;
    const Procedure *procedure = call->call->procedure;
    world->staged_draws = random_of(str_hash(procedure->name)); /* chance, too, follows from the call alone */
    world->locale = *call->locale;
    if (procedure->outside)
        return local_call_outside(world, call->call, call->place, arena, out, err);
    BookContext context = local_context(world);
    return books_call(&context, procedure, call->call->arguments, call->call->n_arguments, arena, out, err);
}

/* As many servers are in truth: a call that came before is carried out once more. */
static Effect truth_without_keys(void *self, const Procedure *procedure)
{
    (void)self;
    return procedure->effect == EFFECT_KEYED ? EFFECT_ONCE : procedure->effect;
}

/* ---- people ---- */

static Str write_inputs(void *self, Arena *arena, int number)
{
    const Rehearsal *rehearsal = self;
    (void)number;
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    for (int i = 0; i < rehearsal->given->n_inputs; i++) {
        json_key(&json, rehearsal->inputs[i].name);
        value_to_json(&json, rehearsal->inputs[i].value);
    }
    json_close_object(&json);
    return buf_view(&text);
}

static bool answer(void *self, Arena *arena, const ExceptionRow *question, Str *out)
{
    const Rehearsal *rehearsal = self;
    (void)arena;
    for (int i = 0; i < rehearsal->n_said; i++) {
        if (str_eq(rehearsal->said[i].question, question->description)) {
            *out = rehearsal->said[i].answer;
            return true;
        }
    }
    return false; /* it waits, and must still wait after every crash */
}

/* ---- the case without a server ---- */

/* The first answer that was accepted is the answer to that question. Without "always": a guide entry would answer in
 * one world before a person does, and in another after. */
static void note_answer(Rehearsal *rehearsal, Str question, Str sentence)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Answer read;
    Error ignored = {0};
    if (!answer_read(&scratch, sentence, rehearsal->program, evaluation_question(rehearsal->run.evaluation), &read,
                     &ignored))
        return;
    if (rehearsal->n_said == rehearsal->cap_said) {
        int cap = rehearsal->cap_said ? 2 * rehearsal->cap_said : 8;
        rehearsal->said = arena_grow(&rehearsal->arena, rehearsal->said, (size_t)rehearsal->cap_said * sizeof(Said),
                                     (size_t)cap * sizeof(Said), _Alignof(Said));
        rehearsal->cap_said = cap;
    }
    rehearsal->said[rehearsal->n_said++] =
        (Said){str_copy(&rehearsal->arena, question), str_copy(&rehearsal->arena, read.text)};
}

static bool answer_question(Rehearsal *rehearsal, int *next)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Str question = str_copy(&scratch, evaluation_question(rehearsal->run.evaluation)->description);
    while (*next < rehearsal->given->n_answers) {
        Error refused = {0};
        bool remember;
        Str sentence = rehearsal->given->answers[(*next)++];
        int n_before = rehearsal->n_said;
        note_answer(rehearsal, question, sentence);
        if (local_run_answer(&rehearsal->run, &rehearsal->arena, sentence, &remember, &refused))
            return true;
        rehearsal->n_said = n_before;
    }
    return false;
}

static bool rehearse(Rehearsal *rehearsal, Error *err)
{
    const Case *given = rehearsal->given;
    rehearsal->run = (LocalRun){
        .program = rehearsal->program,
        .world = {.directory = given->directory,
                  .locale = local_locale(given->time_zone, given->decimal_comma, given->day_first, given->twelve_hours),
                  .staged = true,
                  .staged_now_us = given->now_us,
                  .reply = reply,
                  .reply_self = rehearsal},
        .skip_waits = true};
    rehearsal->inputs = NEW_ARRAY(&rehearsal->arena, Argument, (size_t)given->n_inputs);
    if (!local_run_inputs(&rehearsal->run, given->inputs, given->n_inputs, rehearsal->inputs, err))
        return false;
    local_run_begin(&rehearsal->run, rehearsal->inputs, (uint32_t)given->n_inputs);
    EvalStatus status;
    int next = 0;
    do {
        if (!local_run_go_on(&rehearsal->run, &status, err))
            return false;
    } while (status == EVAL_QUESTION && answer_question(rehearsal, &next));
    rehearsal->run.world.staged_now_us = given->now_us;
    return true;
}

/* ---- worlds ---- */

typedef struct Wish {
    const char *path;
    uint64_t first, last;
    int crashes;
    bool keys_ignored;
    const char **inputs, **answers;
    int n_inputs, n_answers;
} Wish;

static void progress(uint64_t done, uint64_t all)
{
    if (isatty(STDERR_FILENO) && (done % 20 == 0 || done == all))
        fprintf(stderr, "\r%llu of %llu worlds%s", (unsigned long long)done, (unsigned long long)all,
                done == all ? "\n" : "");
}

static void print_tally(const Wish *wish, const SimulationTally *tally)
{
    uint64_t n_worlds = wish->last - wish->first + 1;
    printf(
        "%s: the same in %llu world%s, with %llu crashes (%llu in the middle of the disk's work), %llu runs and %llu "
        "children, %llu answers, %llu calls (%llu unreachable, %llu answers lost), %llu jumps of the clock, %llu "
        "requests sent twice\n",
        wish->path, (unsigned long long)n_worlds, n_worlds == 1 ? "" : "s", (unsigned long long)tally->crashes,
        (unsigned long long)tally->torn, (unsigned long long)tally->runs, (unsigned long long)tally->children,
        (unsigned long long)tally->questions, (unsigned long long)tally->calls, (unsigned long long)tally->unreachable,
        (unsigned long long)tally->lost_answers, (unsigned long long)tally->jumps,
        (unsigned long long)tally->duplicates);
}

static int try_seeds(const Wish *wish, Simulation *simulation)
{
    for (uint64_t seed = wish->first; seed <= wish->last; seed++) {
        AUTO(arena_done)
        Arena arena = {0};
        Error err = {0};
        Str wrong;
        if (!simulation_seed(simulation, seed, wish->crashes, &arena, &wrong, &err))
            return command_failed("simulate", &err);
        progress(seed - wish->first + 1, wish->last - wish->first + 1);
        if (wrong.len == 0)
            continue;
        printf(
            "%.*s\nSeed %llu gives something else. The same again: clerkwork simulate --seeds %llu --crashes %d%s %s\n",
            STR_ARG(wrong), (unsigned long long)seed, (unsigned long long)seed, wish->crashes,
            wish->keys_ignored ? " --keys-ignored" : "", wish->path);
        return EXIT_PROBLEMS;
    }
    print_tally(wish, simulation_tally(simulation));
    return EXIT_DONE;
}

static int simulate(const Wish *wish, Rehearsal *rehearsal)
{
    Error err = {0};
    const Case *given = rehearsal->given;
    const SimulationPlan plan = {
        .catalog = books_catalog(),
        .text = rehearsal->source.text,
        .spelling = rehearsal->source.spelling,
        .locale = local_locale(given->time_zone, given->decimal_comma, given->day_first, given->twelve_hours),
        .n_runs = RUNS,
        .start_us = given->now_us,
        .self = rehearsal,
        .inputs = write_inputs,
        .call = call_book,
        .answer = answer,
        .truth = wish->keys_ignored ? truth_without_keys : NULL};
    Simulation *simulation;
    if (!simulation_new(&plan, &simulation, &err))
        return command_failed("simulate", &err);
    int code = try_seeds(wish, simulation);
    simulation_free(simulation);
    return code;
}

static bool read_case(Arena *arena, const Wish *wish, Case *out, Error *err)
{
    if (!str_ends(str_from_c(wish->path), S(".case"))) {
        Str *answers = NEW_ARRAY(arena, Str, (size_t)wish->n_answers + 1);
        for (int i = 0; i < wish->n_answers; i++)
            answers[i] = str_from_c(wish->answers[i]);
        return case_of_file(wish->path, wish->inputs, wish->n_inputs, answers, wish->n_answers, out, err);
    }
    if (wish->n_inputs > 0 || wish->n_answers > 0)
        return error_set(err, INVALID_ARGUMENT, "",
                         "%s says its inputs and answers itself: leave out --input and --answer", wish->path);
    return case_read(arena, wish->path, out, err);
}

static int simulate_path(const Wish *wish)
{
    AUTO(rehearsal_done)
    Rehearsal rehearsal = {0};
    Error err = {0};
    Case given;
    rehearsal.given = &given;
    if (!read_case(&rehearsal.arena, wish, &given, &err) ||
        !source_load(&rehearsal.arena, given.automation, false, &rehearsal.source, &rehearsal.program, &err))
        return command_failed("simulate", &err);
    if (!source_report(&rehearsal.source, rehearsal.program))
        return EXIT_PROBLEMS;
    if (!rehearse(&rehearsal, &err))
        return command_failed("simulate", &err);
    return simulate(wish, &rehearsal);
}

/* ---- the command ---- */

static bool read_seed(Str text, uint64_t *out)
{
    int64_t number;
    if (!str_to_i64(text, &number) || number < 0)
        return false;
    *out = (uint64_t)number;
    return true;
}

/* "7" or "1..1000". */
static bool read_seeds(const char *text, uint64_t *out_first, uint64_t *out_last)
{
    Str first = str_from_c(text), last = first;
    const char *dots = strstr(text, "..");
    if (dots) {
        first = str_of(text, (size_t)(dots - text));
        last = str_from_c(dots + 2);
    }
    return read_seed(first, out_first) && read_seed(last, out_last) && *out_first <= *out_last;
}

static int run_simulate(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    size_t room = (size_t)argc + 1;
    const char *seeds = "1..1000", *crashes = NULL, **operands = NEW_ARRAY(&arena, const char *, room);
    int n = 0, code = EXIT_DONE;
    int64_t n_crashes = CRASHES_USUAL;
    Wish wish = {.inputs = NEW_ARRAY(&arena, const char *, room), .answers = NEW_ARRAY(&arena, const char *, room)};
    const CliOption options[] = {{.name = "seeds", .value = &seeds},
                                 {.name = "crashes", .value = &crashes},
                                 {.name = "keys-ignored", .flag = &wish.keys_ignored},
                                 {.name = "input", .repeat = wish.inputs, .n_repeat = &wish.n_inputs},
                                 {.name = "answer", .repeat = wish.answers, .n_repeat = &wish.n_answers}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n == 0)
        return command_usage("simulate", "name a case, or an automation");
    if (!read_seeds(seeds, &wish.first, &wish.last))
        return command_usage("simulate", "--seeds %s: expected a number or two as in 1..1000, the smaller one first",
                             seeds);
    if (crashes && (!str_to_i64(str_from_c(crashes), &n_crashes) || n_crashes < 0 || n_crashes > CRASHES_MOST))
        return command_usage("simulate", "--crashes %s: expected a number from 0 to %d", crashes, CRASHES_MOST);
    wish.crashes = (int)n_crashes;
    log_set_level(LOG_ERROR);
    for (int i = 0; i < n && code == EXIT_DONE; i++) {
        wish.path = operands[i];
        code = simulate_path(&wish);
    }
    return code;
}

const CliCommand command_simulate = {
    .name = "simulate",
    .summary = "carry out an automation while the power goes, and compare what comes of it",
    .help =
        "usage: clerkwork simulate [--seeds A..B] [--crashes N] CASE ...\n"
        "       clerkwork simulate [--seeds A..B] [--crashes N] [--input NAME=VALUE] [--answer SENTENCE] FILE\n"
        "\n"
        "Runs the automation on the server's own engine in worlds that seeds decide, as fast as the machine can. In\n"
        "each, the power goes again and again (between two steps, in the middle of a write, while another system is\n"
        "called), other systems cannot be reached or their answers are lost, clients send a request twice, and the\n"
        "clock jumps. Then every run must have come to the same end as where nothing goes wrong, with the same\n"
        "outputs and questions, and have done the same to the outside as often. The first seed that differs is told\n"
        "with its story.\n"
        "\n"
        "  clerkwork simulate cases/one-missing.case\n"
        "  clerkwork simulate --seeds 1..100 double.english --input price=12.50 --input quantity=3\n"
        "\n"
        "What is given, what other servers reply and what people answer is the case's (`clerkwork test --help`). A\n"
        "question without an answer waits, and must still wait after every crash. Nothing is written or waited for,\n"
        "and nobody outside is called.\n"
        "\n"
        "  --seeds A..B     which worlds (default: 1..1000); one number is one world, the same every time\n"
        "  --crashes N      how often the power goes in each (default: 10)\n"
        "  --keys-ignored   other servers ignore the idempotency keys that they are sent: is anything then done "
        "twice?\n"
        "  --input, --answer as for `clerkwork run`; cases say theirs themselves\n"
        "\n"
        "Exit code: 0 all was the same, 1 it could not be carried out, 2 the command line makes no sense, 3 the\n"
        "automation has problems, or something was different.\n",
    .run = run_simulate,
};
