/* tests/engine/fixture.h: an engine over a store of its own, in a world that the test controls. */
#ifndef CLERKWORK_TESTS_ENGINE_FIXTURE_H
#define CLERKWORK_TESTS_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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
    bool begun_before_call; /* the record before an effect was on disk when it was carried out */
} Fixture;

void fixture_init(Fixture *fixture); /* store, tenant, engine */
void fixture_stop_engine(Fixture *fixture);
void fixture_start_engine(Fixture *fixture);
void fixture_done(Fixture *fixture);

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
