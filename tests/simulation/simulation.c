/* tests/simulation/simulation.c: thousands of crashes, and nothing is lost or done twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "simulation/simulation.h"

/* Worlds are begun and ended all the time: what the address sanitizer keeps of freed memory, and of where it came from,
 * costs most of the time here. What it finds stays the same. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=2:malloc_context_size=4:max_malloc_fill_size=0";
}

/* ---- a bank with one procedure of each kind of effect ---- */

static const Parameter amount[] = {{S_INIT("amount"), &type_number, true, S_INIT("how much")}};
#define PROCEDURE(name_, english_, ...)                                                                                \
    {                                                                                                                  \
        .book = S_INIT("bank"), .name = S_INIT(name_), .english = S_INIT(english_), .parameters = amount,              \
        .n_parameters = 1, .result = &type_number, .effect = __VA_ARGS__                                               \
    }
static const Procedure procedures[] = {
    PROCEDURE("double", "double {amount} as {result}", EFFECT_PURE),
    PROCEDURE("look", "look up {amount} as {result}", EFFECT_READ),
    PROCEDURE("book", "book {amount} as {result}", EFFECT_REPEATABLE),
    PROCEDURE("transfer", "transfer {amount} as {result}", EFFECT_KEYED),
    PROCEDURE("pay", "pay {amount} as {result}", EFFECT_ONCE),
    PROCEDURE("ask", "inquire {amount} as {result}", EFFECT_READ, .outside = true),
    PROCEDURE("wire", "wire {amount} as {result}", EFFECT_KEYED, .outside = true),
    PROCEDURE("mail", "mail {amount} as {result}", EFFECT_ONCE, .outside = true),
    PROCEDURE("stamp", "stamp {amount} as {result}", EFFECT_REPEATABLE),
};
static const Procedure *const rows[] = {&procedures[0], &procedures[1], &procedures[2], &procedures[3], &procedures[4],
                                        &procedures[5], &procedures[6], &procedures[7], &procedures[8]};
static const Catalog catalog = {rows, COUNT_OF(rows)};

enum { LOOKED_UP = 1000000 };

typedef struct Bank {
    int64_t n_looks;
} Bank;

/* Each look at the world sees something else. */
static bool bank_call(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    Bank *bank = self;
    int64_t number;
    (void)arena;
    if (!value_to_int(call->call->arguments[0].value, &number))
        return error_set(err, INVALID_ARGUMENT, "amount", "no whole number");
    *out = value_int(call->call->procedure->effect == EFFECT_READ ? LOOKED_UP + bank->n_looks++ : number * 2);
    return true;
}

/* What was looked up is another number in every world. */
static void bank_spell(void *self, const EvalCall *call, Buf *out)
{
    int64_t number = 0;
    (void)self;
    assert_true(value_to_int(call->arguments[0].value, &number));
    buf_printf(out, "%.*s %lld", STR_ARG(call->procedure->name), (long long)MIN_OF(number, LOOKED_UP));
}

static Str bank_inputs(void *self, Arena *arena, int number)
{
    (void)self;
    return str_printf(arena, "{\"number\":{\"number\":{\"lo\":%d,\"mid\":0,\"hi\":0,\"flags\":0}}}", number + 1);
}

static bool bank_answer(void *self, Arena *arena, const ExceptionRow *question, Str *out)
{
    (void)self, (void)arena;
    *out = str_starts(question->description, S("Leave")) ? S("use 3") : S("use 2");
    return !str_starts(question->description, S("Nobody"));
}

/* ---- automations ---- */

#define INPUT "number = read_input(\"number\", type=number)\n"
static const char *const automations[] = {
    /* Effects of each kind; what was looked up must be the same wherever it is used. */
    INPUT "seen = bank.look(amount=number)\n"
          "a = bank.transfer(amount=seen)\n"
          "b = bank.pay(amount=number)\n"
          "c = bank.book(amount=number + 7)\n"
          "d = bank.pay(amount=seen)\n"
          "set_output(\"sum\", value=a - 2 * seen + b + c + d - 2 * seen)\n",
    /* Calls outside. */
    INPUT "seen = bank.ask(amount=number)\n"
          "a = bank.wire(amount=seen)\n"
          "b = bank.mail(amount=number)\n"
          "c = bank.wire(amount=number + 5)\n"
          "set_output(\"sum\", value=a - 2 * seen + b + c)\n",
    /* Timers and questions, one of which nobody answers. */
    INPUT "a = bank.transfer(amount=number)\n"
          "wait(minutes(20))\n"
          "factor = ask(\"Which factor?\", type=number)\n"
          "b = bank.mail(amount=number * factor)\n"
          "wait(seconds(5))\n"
          "set_output(\"sum\", value=a + b)\n"
          "if number == 2:\n"
          "    more = ask(\"Nobody knows: how many?\", type=number)\n"
          "    set_output(\"more\", value=more)\n",
    /* What is done right after a wait, and what is computed for long between two calls. */
    INPUT "wait(minutes(20))\n"
          "seen = bank.look(amount=number)\n"
          "a = bank.transfer(amount=seen)\n"
          "wait(seconds(5))\n"
          "b = bank.wire(amount=number)\n"
          "n = 0\n"
          "for i in range(40):\n"
          "    n = n + 1\n"
          "    if i % 20 == 0:\n"
          "        n = n + bank.book(amount=i)\n"
          "c = bank.mail(amount=n)\n"
          "set_output(\"sum\", value=a - 2 * seen + b + c)\n",
    /* A run an item: more than are worked on at a time; one asks, one loop stands in another. */
    INPUT "bills = [{\"total\": 1}, {}, {\"total\": 3}, {\"total\": 4}, {\"total\": 5}]\n"
          "for bill in at_the_same_time(bills):\n"
          "    bill[\"paid\"] = bank.transfer(amount=bill[\"total\"])\n"
          "    wait(seconds(30))\n"
          "    bill[\"sent\"] = bank.mail(amount=bill[\"total\"])\n"
          "set_output(\"paid\", value=sum(bill.get(\"paid\", 0) for bill in bills))\n"
          "set_output(\"sent\", value=sum(bill.get(\"sent\", 0) for bill in bills))\n",
};

static SimulationPlan plan_of(Bank *bank, const char *text, int n_runs)
{
    return (SimulationPlan){.catalog = &catalog,
                            .text = str_from_c(text),
                            .spelling = SPELLING_SPY,
                            .n_runs = n_runs,
                            .start_us = 1767603600000000,
                            .deadline_us = 7200LL * 1000000,
                            .self = bank,
                            .inputs = bank_inputs,
                            .call = bank_call,
                            .answer = bank_answer,
                            .spell = bank_spell};
}

static Simulation *simulation_of(const SimulationPlan *plan)
{
    Simulation *simulation;
    Error err = {0};
    if (!simulation_new(plan, &simulation, &err))
        fail_msg("%s", err.message);
    return simulation;
}

/* True when all was as it must be; `out_story` is the seed's else. */
static bool passes(Simulation *simulation, uint64_t seed, int crashes, Arena *arena, Str *out_story)
{
    Error err = {0};
    if (!simulation_seed(simulation, seed, crashes, arena, out_story, &err))
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.message);
    return out_story->len == 0;
}

/* ---- tests ---- */

static uint64_t wanted_crashes(void)
{
    const char *wanted = getenv("CLERKWORK_CRASHES");
    return wanted ? strtoull(wanted, NULL, 10) : 400;
}

/* So that several processes do different ones. */
static uint64_t first_seed(void)
{
    const char *first = getenv("CLERKWORK_FIRST_SEED");
    return first ? strtoull(first, NULL, 10) : 1;
}

static void tell(const SimulationTally *tally)
{
    print_message("# %llu crashes, %llu of them in the middle of the disk's work; %llu runs and %llu children, %llu "
                  "questions answered, %llu of them in doubt; %llu calls, %llu of them outside, %llu unreachable, %llu "
                  "answers lost; %llu jumps of the clock, %llu duplicates, %llu deadlines passed\n",
                  (unsigned long long)tally->crashes, (unsigned long long)tally->torn, (unsigned long long)tally->runs,
                  (unsigned long long)tally->children, (unsigned long long)tally->questions,
                  (unsigned long long)tally->doubts, (unsigned long long)tally->calls,
                  (unsigned long long)tally->outside, (unsigned long long)tally->unreachable,
                  (unsigned long long)tally->lost_answers, (unsigned long long)tally->jumps,
                  (unsigned long long)tally->duplicates, (unsigned long long)tally->deadlines);
}

/* As many crashes for each automation. */
static void test_crashes__change_nothing_that_comes_of_runs(void **state)
{
    (void)state;
    SimulationTally all = {0};
    for (size_t i = 0; i < COUNT_OF(automations); i++) {
        Bank bank = {0};
        SimulationPlan plan = plan_of(&bank, automations[i], 3);
        Simulation *simulation = simulation_of(&plan);
        const SimulationTally *tally = simulation_tally(simulation);
        for (uint64_t seed = first_seed(); tally->crashes < wanted_crashes() / COUNT_OF(automations); seed++) {
            Arena arena = {0};
            Str story;
            if (!passes(simulation, seed, 40, &arena, &story)) {
                fprintf(stderr, "%.*s", STR_ARG(story));
                fail_msg("automation %zu, seed %llu", i, (unsigned long long)seed);
            }
            arena_done(&arena);
        }
        tell(tally);
        assert_true(tally->torn > 0 && tally->calls > 0 && tally->jumps > 0 && tally->duplicates > 0);
        all.crashes += tally->crashes;
        all.children += tally->children;
        all.questions += tally->questions;
        all.doubts += tally->doubts;
        all.outside += tally->outside;
        all.lost_answers += tally->lost_answers;
        all.deadlines += tally->deadlines;
        simulation_free(simulation);
    }
    print_message("# %llu simulated crashes in all\n", (unsigned long long)all.crashes);
    assert_true(all.crashes >= wanted_crashes());
    assert_true(all.children > 0 && all.questions > 0 && all.doubts > 0 && all.outside > 0 && all.lost_answers > 0 &&
                all.deadlines > 0);
}

static void test_seed__gives_the_same_world_again(void **state)
{
    (void)state;
    SimulationTally tallies[2];
    for (int i = 0; i < 2; i++) {
        Bank bank = {0};
        SimulationPlan plan = plan_of(&bank, automations[COUNT_OF(automations) - 1], 3);
        Simulation *simulation = simulation_of(&plan);
        Arena arena = {0};
        Str story;
        for (uint64_t seed = 500; seed < 503; seed++)
            assert_true(passes(simulation, seed, 8, &arena, &story));
        tallies[i] = *simulation_tally(simulation);
        arena_done(&arena);
        simulation_free(simulation);
    }
    assert_memory_equal(&tallies[0], &tallies[1], sizeof tallies[0]);
}

/* The bank's stamp says that twice is the same as once; it is not. */
static Effect stamps_add_up(void *self, const Procedure *procedure)
{
    (void)self;
    return str_eq(procedure->name, S("stamp")) ? EFFECT_ONCE : procedure->effect;
}

static Effect keys_are_ignored(void *self, const Procedure *procedure)
{
    (void)self;
    return procedure->effect == EFFECT_KEYED ? EFFECT_ONCE : procedure->effect;
}

static uint64_t first_wrong(const SimulationPlan *plan, Arena *arena, Str *out_story)
{
    Simulation *simulation = simulation_of(plan);
    uint64_t seed = 1;
    while (seed < 500 && passes(simulation, seed, 8, arena, out_story))
        seed++;
    simulation_free(simulation);
    return seed;
}

static void check_is_found(const char *text, Effect (*truth)(void *self, const Procedure *procedure))
{
    Arena arena = {0};
    Str stories[2];
    uint64_t seeds[2];
    for (int i = 0; i < 2; i++) {
        Bank bank = {0};
        SimulationPlan plan = plan_of(&bank, text, 3);
        plan.truth = truth;
        seeds[i] = first_wrong(&plan, &arena, &stories[i]);
    }
    assert_true(seeds[0] < 500);
    assert_int_equal(seeds[0], seeds[1]);
    assert_true(str_eq(stories[0], stories[1])); /* the seed repeats what happened */
    assert_true(str_contains(stories[0], S("it did something else to the world, or not as often")));
    arena_done(&arena);
}

static void test_wrong_declaration__is_found_with_its_seed(void **state)
{
    (void)state;
    check_is_found(INPUT "a = bank.stamp(amount=number)\nset_output(\"a\", value=a)\n", stamps_add_up);
}

static void test_system_that_ignores_keys__is_found_with_its_seed(void **state)
{
    (void)state;
    check_is_found(INPUT "a = bank.wire(amount=number)\nset_output(\"a\", value=a)\n", keys_are_ignored);
}

static void test_program_with_problems__is_refused(void **state)
{
    (void)state;
    Bank bank = {0};
    SimulationPlan plan = plan_of(&bank, "a = bank.nothing(amount=1)\n", 1);
    Simulation *simulation;
    Error err = {0};
    assert_false(simulation_new(&plan, &simulation, &err));
    assert_int_equal(err.code, FAILED_PRECONDITION);
    assert_non_null(strstr(err.message, "line 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crashes__change_nothing_that_comes_of_runs),
        cmocka_unit_test(test_seed__gives_the_same_world_again),
        cmocka_unit_test(test_wrong_declaration__is_found_with_its_seed),
        cmocka_unit_test(test_system_that_ignores_keys__is_found_with_its_seed),
        cmocka_unit_test(test_program_with_problems__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
