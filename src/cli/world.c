/* cli/world.c: the real World. */
#include "cli/world.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/id.h"
#include "books/book.h"
#include "cli/connection.h"
#include "cli/deliver.h"
#include "cli/errand.h"
#include "store/file.h"

#define READERS_KEPT 16

struct RealWorld {
    World world;
    Store *store;
    const char *key_file;
    /* Apart, so that slow receivers of webhooks hold up no run, and the other way round. */
    Outgoing *deliveries, *errands;
    pthread_mutex_t lock;
    StoreReader *readers[READERS_KEPT]; /* under `lock`: those that nobody uses */
    int n_readers;
};

/* What one call sees. */
typedef struct Visit {
    RealWorld *world;
    const Scope *scope;
} Visit;

static bool take_reader(RealWorld *world, StoreReader **out, Error *err)
{
    pthread_mutex_lock(&world->lock);
    StoreReader *reader = world->n_readers > 0 ? world->readers[--world->n_readers] : NULL;
    pthread_mutex_unlock(&world->lock);
    if (!reader)
        return store_reader_open(world->store, out, err);
    *out = reader;
    return true;
}

static void give_reader(RealWorld *world, StoreReader *reader)
{
    pthread_mutex_lock(&world->lock);
    bool keep = world->n_readers < READERS_KEPT;
    if (keep)
        world->readers[world->n_readers++] = reader;
    pthread_mutex_unlock(&world->lock);
    if (!keep)
        store_reader_close(reader);
}

/* ---- reading ---- */

/* "organizations/o/files/F", "files/F" or "F"; another organization's file is not there. */
static bool file_id(const Visit *visit, Str name, Str *out, Error *err)
{
    Str rest = name;
    if (str_starts(name, S("organizations/"))) {
        rest = str_skip(name, S("organizations/").len);
        if (!str_eq(str_cut(&rest, '/'), visit->scope->organization_id))
            return error_set(err, NOT_FOUND, "", "there is no file \"%.*s\" in this organization", STR_ARG(name));
    }
    ptrdiff_t slash = str_find_last_char(rest, '/');
    *out = str_skip(rest, slash < 0 ? 0 : (size_t)slash + 1);
    return true;
}

static bool read_all(int fd, const FileRow *row, Arena *arena, Str *out, Error *err)
{
    char *bytes = arena_alloc(arena, (size_t)row->size_bytes + 1, 1);
    size_t len = 0;
    while (len < (size_t)row->size_bytes) {
        ssize_t n = read(fd, bytes + len, (size_t)row->size_bytes - len);
        if (n < 0)
            return error_set_errno(err, "reading the file");
        if (n == 0)
            return error_set(err, DATA_LOSS, "", "the file \"%.*s\" is shorter on disk than it was",
                             STR_ARG(row->filename));
        len += (size_t)n;
    }
    *out = str_of(bytes, len);
    return true;
}

static bool find_file(const Visit *visit, StoreReader *reader, Arena *arena, Str id, FileRow *out, Error *err)
{
    Tx *tx;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = store_file_get(tx, arena, visit->scope, id, out, err);
    tx_end(tx);
    return ok;
}

static bool read_stored(const Visit *visit, StoreReader *reader, Arena *arena, const FileRef *file, size_t max_bytes,
                        Str *out, Error *err)
{
    Str id;
    FileRow row;
    int fd;
    if (!file_id(visit, file->name, &id, err) || !find_file(visit, reader, arena, id, &row, err))
        return false;
    if ((uint64_t)row.size_bytes > max_bytes)
        return error_set(err, RESOURCE_EXHAUSTED, "",
                         "the file \"%.*s\" has %lld bytes; at most %zu can be read at once", STR_ARG(row.filename),
                         (long long)row.size_bytes, max_bytes);
    if (!store_file_open(visit->world->store, &row, &fd, err))
        return false;
    bool ok = read_all(fd, &row, arena, out, err);
    close(fd);
    return ok;
}

static bool read_file(void *self, Arena *arena, const FileRef *file, size_t max_bytes, Str *out, Error *err)
{
    Visit *visit = self;
    if (file->is_inline) {
        *out = file->content;
        return true;
    }
    StoreReader *reader;
    if (!take_reader(visit->world, &reader, err))
        return false;
    bool ok = read_stored(visit, reader, arena, file, max_bytes, out, err);
    give_reader(visit->world, reader);
    return ok;
}

/* ---- saving ---- */

typedef struct SaveCommand {
    Command command;
    FileRow row;
    bool inserted;
} SaveCommand;

static bool save_apply(Tx *tx, Command *command, Error *err)
{
    SaveCommand *save = (SaveCommand *)command;
    AUTO(arena_done)
    Arena scratch = {0};
    FileRow present;
    Error absent = {0};
    /* The same content under the same name is there: a run that was taken up again. */
    save->inserted = !store_file_get(tx, &scratch, &save->row.scope, save->row.id, &present, &absent);
    return !save->inserted || store_file_insert(tx, &save->row, err);
}

/* The id comes of the content and the name: saving the same again is the same file, so a run may be computed again. */
static Str id_of_content(Arena *arena, const FileRow *row)
{
    Buf seed = buf_in(arena), text = buf_in(arena);
    buf_add(&seed, row->hash, sizeof row->hash);
    buf_str(&seed, row->filename);
    uint64_t tail = str_hash(buf_view(&seed));
    Buf bytes = buf_in(arena);
    buf_u64(&bytes, tail);
    buf_add(&bytes, row->hash, sizeof row->hash);
    base64url_encode(&text, buf_view(&bytes));
    return str_slice(buf_view(&text), 0, ID_LEN);
}

static bool save_file(void *self, Arena *arena, Str filename, Str mime_type, Str content, FileRef *out, Error *err)
{
    Visit *visit = self;
    FileWriter *writer;
    if (!store_file_write_begin(visit->world->store, (int64_t)BOOK_FILE_BYTES_MAX, &writer, err))
        return false;
    if (!store_file_write(writer, content, err)) {
        store_file_write_abandon(writer);
        return false;
    }
    SaveCommand save = {.command.apply = save_apply};
    if (!store_file_write_finish(writer, &save.row, err))
        return false;
    save.row.scope = *visit->scope;
    save.row.filename = filename;
    save.row.mime_type = mime_type;
    save.row.create_us = clock_now_us();
    save.row.id = id_of_content(arena, &save.row);
    bool ok = store_execute(visit->world->store, &save.command, err);
    if (!ok || !save.inserted)
        store_file_forget(visit->world->store, &save.row);
    if (!ok)
        return false;
    *out = (FileRef){.name = str_printf(arena, "organizations/%.*s/files/%.*s", STR_ARG(visit->scope->organization_id),
                                        STR_ARG(save.row.id)),
                     .filename = str_copy(arena, filename)};
    return true;
}

/* ---- the World ---- */

static int64_t visit_now_us(void *self)
{
    (void)self;
    return clock_now_us();
}

static uint64_t visit_random(void *self)
{
    (void)self;
    return random_u64();
}

static bool open_connection(void *self, Arena *arena, Str book, Str name, BookConnection *out, Error *err)
{
    const Visit *visit = self;
    StoreReader *reader;
    Tx *tx;
    if (!take_reader(visit->world, &reader, err))
        return false;
    bool ok = tx_begin_read(reader, &tx, err);
    if (ok) {
        ok = connection_open(tx, arena, visit->scope, visit->world->key_file, book, name, out, err);
        tx_end(tx);
    }
    give_reader(visit->world, reader);
    return ok;
}

static BookContext context_of(Visit *visit, const WorldCall *call)
{
    return (BookContext){.self = visit,
                         .read_file = read_file,
                         .save_file = save_file,
                         .now_us = visit_now_us,
                         .random = visit_random,
                         .locale = *call->locale,
                         .alias = call->call->alias,
                         .idempotency_key = call->idempotency_key,
                         .place = call->place,
                         .connection = open_connection};
}

static bool call_book(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    Visit visit = {self, call->scope};
    BookContext context = context_of(&visit, call);
    return books_call(&context, call->call->procedure, call->call->arguments, call->call->n_arguments, arena, out, err);
}

static bool prepare_errand(void *self, const WorldCall *call, void (*arrived)(void *context), void *context,
                           WorldErrand **out, Error *err)
{
    Visit visit = {self, call->scope};
    BookContext book = context_of(&visit, call);
    return errand_prepare(&book, call->call, arrived, context, out, err);
}

static void send_errand(void *self, WorldErrand *errand)
{
    errand_send(((RealWorld *)self)->errands, errand);
}

static bool take_errand(void *self, const WorldCall *call, WorldErrand *errand, Arena *arena, Value *out, Error *err)
{
    (void)self;
    return errand_take(call->call, errand, arena, out, err);
}

static void drop_errand(void *self, WorldErrand *errand)
{
    (void)self;
    errand_drop(errand);
}

static void deliver_message(void *self, const WorldDelivery *delivery,
                            void (*done)(void *context, const WorldDelivered *delivered), void *context)
{
    deliver(((RealWorld *)self)->deliveries, delivery, done, context);
}

RealWorld *real_world_new(Store *store, const HttpClientOptions *calls_out, const char *key_file)
{
    RealWorld *world = calloc(1, sizeof *world);
    if (!world)
        abort();
    world->store = store;
    world->key_file = key_file;
    world->world = (World){.self = world,
                           .now_us = visit_now_us,
                           .call = call_book,
                           .prepare = prepare_errand,
                           .send = send_errand,
                           .take = take_errand,
                           .drop = drop_errand,
                           .deliver = deliver_message};
    world->deliveries = outgoing_new(calls_out);
    world->errands = outgoing_new(calls_out);
    pthread_mutex_init(&world->lock, NULL);
    return world;
}

const World *real_world(const RealWorld *world)
{
    return &world->world;
}

void real_world_stop(RealWorld *world)
{
    if (!world)
        return;
    outgoing_stop(world->deliveries);
    outgoing_stop(world->errands);
}

void real_world_free(RealWorld *world)
{
    if (!world)
        return;
    while (world->n_readers > 0)
        store_reader_close(world->readers[--world->n_readers]);
    outgoing_free(world->deliveries);
    outgoing_free(world->errands);
    pthread_mutex_destroy(&world->lock);
    free(world);
}
