/* tests/store/same/side.c */
#include "store/same/side.h"

#include <dirent.h>
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

const Scope *place(Side *s)
{
    static const Scope places[] = {{1, 1, S_INIT("o1"), S_INIT("w1")},
                                   {1, 2, S_INIT("o1"), S_INIT("w2")},
                                   {1, 0, S_INIT("o1"), S_INIT("")},
                                   {2, 3, S_INIT("o2"), S_INIT("w3")},
                                   {2, 0, S_INIT("o2"), S_INIT("")}};
    return &places[coin(s) ? 0 : below(s, COUNT_OF(places))]; /* most is in the first */
}

int64_t user(Side *s)
{
    return 1 + below(s, s->users + 1);
}

int any_op(Side *s)
{
    static const FilterOp ops[] = {FILTER_EQ, FILTER_NE, FILTER_HAS};
    return ops[below(s, COUNT_OF(ops))];
}

ListQuery query_of(Side *s, const Filter *filter)
{
    return (ListQuery){.filter = filter,
                       .cursor = NEW(&s->f.arena, PageCursor),
                       .limit = LIMIT,
                       .skip = random_chance(&s->random, 4) ? below(s, 4) : 0,
                       .show_deleted = coin(s),
                       .want_total = coin(s)};
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

static bool make_tenants(Tx *tx, Side *s, Error *err)
{
    static const struct {
        int64_t organization;
        Str id;
    } workspaces[] = {{1, S_INIT("w1")}, {1, S_INIT("w2")}, {2, S_INIT("w3")}};
    for (s->organizations = 0; s->organizations < 2; s->organizations++) {
        Organization organization = {.id = name(s, 'o', s->organizations + 1), .title = S("Acme")};
        if (!store_organization_create(tx, &organization, err))
            return false;
    }
    for (s->workspaces = 0; s->workspaces < 3; s->workspaces++) {
        Workspace workspace = {.organization = workspaces[s->workspaces].organization,
                               .id = workspaces[s->workspaces].id,
                               .title = S("Invoices")};
        if (!store_workspace_create(tx, &workspace, err))
            return false;
    }
    return true;
}

static bool make_people(Tx *tx, Side *s, Error *err)
{
    for (s->users = 0; s->users < 3; s->users++) {
        User row = {.id = name(s, 'u', s->users + 1), .display_name = name(s, 'U', s->users + 1)};
        row.email = row.id;
        if (!store_user_create(tx, &row, err) ||
            !store_member_put(tx, 1 + s->users % 2, 0, row.key, ROLE_ORGANIZATION_ADMIN, err))
            return false;
    }
    return true;
}

static bool make_all(Tx *tx, void *argument, Error *err)
{
    Side *s = argument;
    Fixture *f = &s->f;
    f->scope = (Scope){1, 1, S("o1"), S("w1")};
    f->automation =
        (Automation){.id = S("a1"), .version = {0, 1}, .display_name = S("Three-way match"), .etag = S("e1")};
    f->revision = (Revision){
        .version = {0, 1}, .code = S("x = 1"), .valid = true, .input_specs = S("[]"), .connections = S("{}")};
    s->automations = 1;
    return make_tenants(tx, s, err) && make_people(tx, s, err) &&
           store_automation_create(tx, &f->scope, &f->automation, &f->revision, err);
}

void side_begin(Side *s, uint64_t seed, bool postgres)
{
    *s = (Side){.random = random_of(seed), .now_us = INT64_C(1790000000000000)};
    Fixture *f = &s->f;
    f->organization_file_bytes = 5000;
    snprintf(f->directory, sizeof f->directory, "/tmp/clerkwork-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    if (postgres) {
        schema_make(f->database);
        s->keys = keys_of_schema();
    }
    side_open(s);
    assert_works(f, write_with(f, set_secret, s));
    side_open(s);
    assert_works(f, write_with(f, make_all, s));
}

void side_end(Side *s)
{
    fixture_end(&s->f);
}

/* ---- operating ---- */

typedef struct Operating {
    Side *side;
    const Side *before;
    const Operation *operation;
} Operating;

/* May be called again, as any command: then it draws the same. */
static bool operate(Tx *tx, void *argument, Error *err)
{
    const Operating *operating = argument;
    Side *s = operating->side;
    Fixture f = s->f;
    *s = *operating->before;
    s->f = f;
    s->said = buf_in(&s->f.arena);
    return (s->keys.n == 0 || keys_level(tx, &s->f.arena, &s->keys, err)) && operating->operation->work(tx, s, err);
}

void side_operate(Side *s, const Operation *operation)
{
    s->now_us += 1000003;
    const Side before = *s;
    Operating operating = {s, &before, operation};
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

/* Names below DIR/files, which tell what is in them; without what is of chance at the end of some, and each once: an
 * operation that was done again has left its bytes again. */
static void note_files(const char *path, Buf *out)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char below_it[512];
        snprintf(below_it, sizeof below_it, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && entries[i]->d_type == DT_DIR)
            note_files(below_it, out);
        else if (entries[i]->d_name[0] != '.' && (i == 0 || strncmp(entries[i]->d_name, entries[i - 1]->d_name, 64)))
            buf_printf(out, "%.64s\n", entries[i]->d_name);
    }
    for (int i = 0; i < n; i++)
        free(entries[i]);
    if (n >= 0)
        free(entries);
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
    const char *files = str_to_c(&s->f.arena, str_printf(&s->f.arena, "%s/files", s->f.directory));
    note_files(files, &sums);
    side_open(s); /* which sweeps away bytes that nobody has */
    note_files(files, &sums);
    return buf_view(&sums);
}
