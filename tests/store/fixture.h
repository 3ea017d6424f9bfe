/* tests/store/fixture.h: a store in a folder of its own, a tenant in it, and short ways to say things. */
#ifndef CLERKWORK_TESTS_STORE_FIXTURE_H
#define CLERKWORK_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/id.h"
#include "store/exception.h"
#include "store/file.h"
#include "store/postgres/schema.h"
#include "store/run.h"
#include "store/tenant.h"
#include "store/token.h"

typedef struct Fixture {
    char directory[64];
    char database[SCHEMA_URL_MOST];  /* PostgreSQL's URL; "" for SQLite */
    int64_t organization_file_bytes; /* how much they may have, from the next opening on; 0: any */
    Store *store;
    StoreReader *reader;
    Arena arena;
    Error err;
    Scope scope; /* of the first tenant: organization o1, workspace w1 */
    User user;
    Automation automation; /* with one draft revision 0.1 */
    Revision revision;
} Fixture;

/* What the fixture's store is opened with. */
StoreOptions fixture_options(const Fixture *f);
/* One write, as a function: `work(tx, argument, err)`. */
typedef bool (*Work)(Tx *tx, void *argument, Error *err);

void fixture_begin(Fixture *f);        /* an empty store */
void fixture_begin_tenant(Fixture *f); /* with a tenant */
void fixture_close(Fixture *f);
void fixture_open(Fixture *f); /* what was closed */
void fixture_reopen(Fixture *f);
void fixture_end(Fixture *f);
MUST_USE bool write_with(Fixture *f, Work work, void *argument); /* f->err says why not */
/* A reader's transaction; read_end closes it. */
Tx *read_begin(Fixture *f);
void read_end(Tx *tx);
/* An id that lives as long as the fixture. */
Str new_id(Fixture *f);
/* Removes a folder and all in it. */
void remove_folder(const char *path);
/* How many names lie below DIR/files/<folder>; in all folders but "incoming" for NULL. */
int count_file_names(Fixture *f, const char *folder);

RunRow run_of(Fixture *f); /* a pending run of f->automation with a new id */
/* Inserts it; its row with its key. */
RunRow insert_run(Fixture *f);

/* A filter that is one comparison, as aip/filter.h would bind it. */
const struct Filter *filter_text(Fixture *f, const char *field, int op, const char *value);     /* text */
const struct Filter *filter_resource(Fixture *f, const char *field, int op, const char *value); /* id or name */
const struct Filter *filter_number(Fixture *f, const char *field, int op, int64_t value);       /* time */
/* An enum of these values ("A B C"); `value` is the one that is meant. */
const struct Filter *filter_enum(Fixture *f, const char *field, int op, const char *values, const char *value);
const struct Filter *filter_of(Fixture *f, int kind, const struct Filter *a, const struct Filter *b);

#define assert_str(actual, expected) assert_str_(actual, expected, __FILE__, __LINE__)
void assert_str_(Str actual, const char *expected, const char *file, int line);
#define assert_works(f, call)                                                                                          \
    do {                                                                                                               \
        if (!(call))                                                                                                   \
            fail_msg("%s: %s: %s", #call, error_code_name((f)->err.code), (f)->err.message);                           \
    } while (0)
#define assert_refused(f, expected_code, call)                                                                         \
    do {                                                                                                               \
        assert_false(call);                                                                                            \
        if ((f)->err.code != (expected_code))                                                                          \
            fail_msg("%s: %s: %s", #call, error_code_name((f)->err.code), (f)->err.message);                           \
    } while (0)

#endif
