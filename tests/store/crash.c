/* A process is killed in the middle of its commits, again and again, over the same database: whatever it acknowledged
 * is there. */
#include "store/fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 25, WRITERS = 4, ACKNOWLEDGED_MOST = 200000 };

typedef struct Writer {
    Store *store;
    Scope scope;
    int pipe;
} Writer;

typedef struct Insert {
    Command command;
    Scope scope;
    Id id;
} Insert;

static bool insert_apply(Tx *tx, Command *command, Error *err)
{
    Insert *insert = (Insert *)command;
    RunRow run = {.scope = insert->scope, .id = id_str(&insert->id), .inputs = S("{}")};
    return store_run_insert(tx, &run, err) && store_journal_append(tx, run.key, S("first"), 1, err) &&
           store_journal_append(tx, run.key, id_str(&insert->id), 1, err);
}

/* Tells each id only once its insert was acknowledged. A write of so few bytes to a pipe is one piece. */
static void *insert_for_ever(void *argument)
{
    Writer *writer = argument;
    for (;;) {
        Insert insert = {.command = {.apply = insert_apply}, .scope = writer->scope, .id = id_new()};
        Error err;
        if (!store_execute(writer->store, &insert.command, &err))
            _exit(1);
        if (write(writer->pipe, insert.id.text, ID_LEN) != ID_LEN)
            _exit(1);
    }
    return NULL;
}

static void child_main(const Fixture *f, int pipe)
{
    Store *store;
    Error err;
    const StoreOptions options = fixture_options(f);
    if (!store_open(&options, &store, &err))
        _exit(1);
    Writer writer = {store, f->scope, pipe};
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, insert_for_ever, &writer);
    pause();
    _exit(1);
}

/* Reads until the pipe's other end is gone. */
static int read_ids(int pipe, char (*ids)[ID_LEN], int n)
{
    size_t filled = 0;
    while (n < ACKNOWLEDGED_MOST) {
        ssize_t got = read(pipe, ids[n] + filled, ID_LEN - filled);
        if (got <= 0)
            return n;
        filled += (size_t)got;
        if (filled == ID_LEN) {
            n++;
            filled = 0;
        }
    }
    return n;
}

static void assert_all_there(Fixture *f, char (*ids)[ID_LEN], int n)
{
    Tx *tx = read_begin(f);
    for (int i = 0; i < n; i++) {
        RunRow run;
        JournalBatch *batches;
        int n_batches;
        assert_works(f, store_run_get(tx, &f->arena, &f->scope, 0, str_of(ids[i], ID_LEN), &run, &f->err));
        assert_works(f, store_journal_read(tx, &f->arena, run.key, 0, 1000, &batches, &n_batches, &f->err));
        assert_int_equal(n_batches, 2);
        assert_true(str_eq(batches[1].bytes, run.id));
        arena_reset(&f->arena);
    }
    read_end(tx);
}

static void test_kill__loses_nothing_that_was_acknowledged(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    char(*ids)[ID_LEN] = malloc((size_t)ACKNOWLEDGED_MOST * ID_LEN);
    int n = 0;
    unsigned seed = 7;
    for (int round = 0; round < (schema_wanted() ? 5 : ROUNDS); round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        fixture_close(&f);
        pid_t child = fork();
        if (child == 0)
            child_main(&f, ends[1]);
        close(ends[1]);
        int first = n;
        char early[ID_LEN]; /* so that it surely is at work */
        if (read(ends[0], early, ID_LEN) == ID_LEN)
            memcpy(ids[n++], early, ID_LEN);
        usleep(1000 + (unsigned)rand_r(&seed) % 30000);
        kill(child, SIGKILL);
        n = read_ids(ends[0], ids, n);
        close(ends[0]);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_true(n > first);
        fixture_open(&f);
        assert_all_there(&f, ids + first, n - first);
    }
    assert_all_there(&f, ids, n);
    free(ids);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill__loses_nothing_that_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
