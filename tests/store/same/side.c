/* tests/store/same/side.c */
#include "store/same/side.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/move.h"

static int64_t clock_now(void *self)
{
    return ((Side *)self)->now_us;
}

/* ---- drawing ---- */

int64_t below(Side *s, int64_t n)
{
    return (int64_t)random_below(&s->random, (uint64_t)n);
}

bool coin(Side *s)
{
    return random_chance(&s->random, 2);
}

Str text(Side *s)
{
    const Str texts[] = {S(""),           S("a"),        S("B"),           S("Ärger & Söhne"),
                         S("it's \"x\""), S("%_\\"),     S("line\nbreak"), S("ΣΑΣ ß 漢 \xF0\x9F\x98\x80"),
                         S("users/u1"),   S("agents/a"), S(" space "),     S("{\"n\":1}")};
    return texts[below(s, COUNT_OF(texts))];
}

Str bytes(Side *s)
{
    static const char all[] = "\0\1\2\xff\xfe\\x00'\0tail and more of it, so that there is something to keep";
    return str_of(all, (size_t)below(s, sizeof all));
}

Str name(Side *s, char kind, int64_t number)
{
    return str_printf(&s->f.arena, "%c%lld", kind, (long long)number);
}

Str any(Side *s, char kind, int64_t n)
{
    return name(s, kind, below(s, n + 1) + 1);
}

int64_t moment(Side *s)
{
    return coin(s) ? 0 : s->now_us + (below(s, 9) - 4) * 5000000;
}

/* ---- saying ---- */

void say(Side *s, const char *what, int64_t number)
{
    buf_printf(&s->said, "%s=%lld ", what, (long long)number);
}

void say_text(Side *s, Str said)
{
    buf_printf(&s->said, "[%.*s] ", STR_ARG(said));
}

void say_run(Side *s, const RunRow *run)
{
    buf_printf(&s->said, "run %lld %.*s state %d timer %lld deadline %lld parent %lld at %lld ", (long long)run->key,
               STR_ARG(run->id), run->state, (long long)run->timer_us, (long long)run->deadline_us,
               (long long)run->parent, (long long)run->update_us);
    say_text(s, run->outputs);
    say_text(s, run->description);
    say_text(s, run->inputs);
}

void say_end(Side *s, const ListQuery *query, const ListEnd *end)
{
    say(s, "more", end->more);
    if (query->want_total)
        say(s, "total", end->total);
}

/* ---- the store ---- */

static void side_open(Side *s)
{
    StoreOptions options = fixture_options(&s->f);
    options.now_us = clock_now;
    options.clock = s;
    fixture_close(&s->f);
    assert_works(&s->f, store_open(&options, &s->f.store, &s->f.err));
    assert_works(&s->f, store_reader_open(s->f.store, &s->f.reader, &s->f.err));
}

/* Of chance otherwise: addresses of triggers are made of it. */
static bool set_secret(Tx *tx, void *argument, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    (void)argument;
    if (!query_open(&query, tx->database, "UPDATE setting SET value = $1 WHERE name = 'secret'", err))
        return false;
    bind_bytes(&query, S("thirty-two bytes, on both sides."));
    return query_run(&query, err);
}

static bool make_tenant(Tx *tx, void *argument, Error *err)
{
    Side *s = argument;
    Fixture *f = &s->f;
    Organization organization = {.id = S("o1"), .title = S("Acme")};
    if (!store_organization_create(tx, &organization, err))
        return false;
    Workspace workspace = {.organization = organization.key, .id = S("w1"), .title = S("Invoices")};
    f->user = (User){.id = S("u1"), .display_name = S("Ada"), .email = S("ada@example.com")};
    if (!store_workspace_create(tx, &workspace, err) || !store_user_create(tx, &f->user, err))
        return false;
    f->scope = (Scope){organization.key, workspace.key, S("o1"), S("w1")};
    f->automation =
        (Automation){.id = S("a1"), .version = {0, 1}, .display_name = S("Three-way match"), .etag = S("e1")};
    f->revision = (Revision){
        .version = {0, 1}, .code = S("x = 1"), .valid = true, .input_specs = S("[]"), .connections = S("{}")};
    return store_automation_create(tx, &f->scope, &f->automation, &f->revision, err);
}

void side_begin(Side *s, uint64_t seed, bool postgres)
{
    *s = (Side){.random = random_of(seed), .now_us = INT64_C(1790000000000000)};
    Fixture *f = &s->f;
    snprintf(f->directory, sizeof f->directory, "/tmp/clerkwork-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    if (postgres) {
        schema_make(f->database);
        s->keys = keys_of_schema();
    }
    side_open(s);
    assert_works(f, write_with(f, set_secret, s));
    side_open(s);
    assert_works(f, write_with(f, make_tenant, s));
}

void side_end(Side *s)
{
    fixture_end(&s->f);
}

/* ---- operating ---- */

typedef struct Operating {
    Side *side;
    const Operation *operation;
} Operating;

static bool operate(Tx *tx, void *argument, Error *err)
{
    const Operating *operating = argument;
    Side *s = operating->side;
    return (s->keys.n == 0 || keys_level(tx, &s->f.arena, &s->keys, err)) && operating->operation->work(tx, s, err);
}

void side_operate(Side *s, const Operation *operation)
{
    Operating operating = {s, operation};
    s->now_us += 1000003;
    s->said = buf_in(&s->f.arena);
    if (!write_with(&s->f, operate, &operating))
        buf_printf(&s->said, "%s", error_code_name(s->f.err.code)); /* each database adds words of its own */
}

/* ---- the tables ---- */

static void note_table(void *self, const MovedTable *table)
{
    Buf *sums = self;
    buf_printf(sums, "%.*s %lld ", STR_ARG(table->name), (long long)table->rows);
    for (size_t i = 0; i < sizeof table->checksum; i++)
        buf_printf(sums, "%02x", table->checksum[i]);
    buf_char(sums, '\n');
}

/* By way of a move into another SQLite database. */
Str side_tables(Side *s)
{
    char copy[80];
    Buf sums = buf_in(&s->f.arena);
    fixture_close(&s->f);
    snprintf(copy, sizeof copy, "%s-copy", s->f.directory);
    Str from = s->f.database[0] ? str_from_c(s->f.database) : str_printf(&s->f.arena, "sqlite:%s", s->f.directory);
    Moving moving = {note_table, &sums};
    assert_works(&s->f, store_move(from, str_printf(&s->f.arena, "sqlite:%s", copy), &moving, &s->f.err));
    remove_folder(copy);
    side_open(s);
    return buf_view(&sums);
}
