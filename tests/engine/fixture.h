/* tests/engine/fixture.h: an engine over a store of its own, in a world that the test controls. */
#ifndef CLERKWORK_TESTS_ENGINE_FIXTURE_H
#define CLERKWORK_TESTS_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "engine/automation.h"
#include "engine/exception.h"

typedef struct Fixture {
    char directory[64];
    Store *store;
    Engine *engine;
    World world;
    StoreReader *reader;
    Scope scope;
    Arena arena;
    Error err;
    /* The world. */
    _Atomic int64_t now_us;
    _Atomic int calls[5]; /* by Effect */
    _Atomic bool refuse;  /* the next calls fail */
    char last_key[64];
    char last_alias[64];    /* of a call that went outside */
    bool begun_before_call; /* the record before an effect was on disk when it was carried out */
    /* Calls that went outside (procedures ask, wire and mail of the bank): on their way until they are let come back.
     */
    pthread_mutex_t lock;
    struct WorldErrand *oldest_errand; /* under `lock` */
    _Atomic bool comes_at_once;        /* before the call that sends it has returned */
    _Atomic int begun[5], dropped;     /* begun: by Effect */
    _Atomic int out, most_out;         /* how many are outside, or back and not taken yet; the most there ever were */
    int n_forbidden;
    int stays_bytes; /* as EngineOptions, of every engine that is started */
} Fixture;

void fixture_init(Fixture *fixture); /* store, tenant, engine */
void fixture_stop_engine(Fixture *fixture);
void fixture_start_engine(Fixture *fixture);
void fixture_start_engine_with(Fixture *fixture, EngineOptions options);
void fixture_done(Fixture *fixture);

/* A row of a program's tests: the test gets a Fixture of its own as its state. */
#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Waits until a call is on its way and lets the oldest come back: twice its amount, or an error of `code` if not OK. */
void fixture_come_back(Fixture *fixture, ErrorCode code);
void fixture_wait_begun(Fixture *fixture, Effect effect, int n); /* until so many were begun in all */

/* Makes an automation of SPy, published when asked; gives its id. */
Str fixture_automation(Fixture *fixture, const char *name, const char *spy, bool publish);
/* Invokes it and gives the run as it is when it has ended or parked. */
RunRow fixture_invoke(Fixture *fixture, Str automation, Stage stage, const char *inputs);
RunRow fixture_invoke_only(Fixture *fixture, Str automation, Stage stage, const char *inputs, const char *request_id,
                           bool *out_ok);
RunRow fixture_settle(Fixture *fixture, Str run_id); /* waits until it has ended, parked or stopped */
RunRow fixture_run(Fixture *fixture, Str run_id);
bool fixture_answer(Fixture *fixture, Str run_id, const char *sentence, bool remember, AnswerResult *out);
/* Runs a function on the writer's thread, in a transaction. */
typedef bool FixtureWrite(Tx *tx, Fixture *fixture, void *argument, Error *err);
bool fixture_write(Fixture *fixture, FixtureWrite *write, void *argument);
/* The run's question is gone, as in a damaged database, so that the run cannot be ended; and there again. */
void fixture_lose_question(Fixture *fixture, int64_t run);
void fixture_find_question(Fixture *fixture, const RunRow *before);
/* From now on the database refuses `change` ("DELETE ON run", "UPDATE ON automation", …) of the row with that key. */
void fixture_forbid(Fixture *fixture, const char *change, int64_t key);
void fixture_allow(Fixture *fixture); /* all that was forbidden */
EffectRow fixture_heard(Fixture *fixture, int64_t run, int number);
/* The journal, an entry a line: "node_executed Assignment", … */
Str fixture_journal(Fixture *fixture, int64_t run);

#define assert_str(actual, expected)                                                                                   \
    do {                                                                                                               \
        Str actual_ = (actual);                                                                                        \
        char text_[2048];                                                                                              \
        snprintf(text_, sizeof text_, "%.*s", STR_ARG(actual_));                                                       \
        assert_string_equal(text_, expected);                                                                          \
    } while (0)

#endif
