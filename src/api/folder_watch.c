/* api/folder_watch.c: starts runs with the files that come into watched folders. */
#include "api/folder_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aip/payload.h"
#include "api/file_type.h"
#include "api/folder.h"
#include "api/trigger_inputs.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "engine/trigger.h"
#include "store/file.h"
#include "store/folder_file.h"
#include "store/lease.h"

enum {
    TRIGGERS_AT_ONCE = 50,
    FILES_AT_ONCE = 64, /* of one folder in a turn, so that a full one keeps no other waiting */
    PIECE = 256 << 10
};

/* A file that has been seen and not been taken. */
typedef struct Sighting {
    unsigned char hash[32];
    int64_t since_us; /* monotonic */
} Sighting;

typedef struct Known {
    int64_t trigger, version;
    uint64_t turn;       /* when it was last looked at */
    Sighting *sightings; /* by their hashes */
    int n_sightings;
    bool has_marks;
    bool told_move;                            /* that files cannot be moved aside */
    char problem[sizeof((Error *)0)->message]; /* that was told of the folder itself; "" for none */
} Known;

struct FolderWatch {
    FolderWatchOptions options;
    int root_fd;
    pthread_t thread;
    bool started;
    /* The thread's. */
    StoreReader *reader;
    Known *known;
    int n_known, cap_known;
    uint64_t turn;
    bool more; /* something was left for the next turn, which comes at once */
    /* Under `lock`. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
};

/* One folder in hand. */
typedef struct Look {
    FolderWatch *watch;
    const WorkspaceTrigger *trigger;
    Known *known;
    Arena *arena;
    int fd;
    FolderEntry *entries;
    int n_entries;
    bool is_cut; /* there is more than was listed */
    FolderFile *marks;
    int n_marks;
    int left; /* how many files may still be seen to */
} Look;

static bool is_stopping(FolderWatch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool stopping = watch->stopping;
    pthread_mutex_unlock(&watch->lock);
    return stopping;
}

static void warn(const Look *look, const char *what, const Error *err)
{
    LOG(LOG_WARN, what, LOG_STR("trigger", look->trigger->id), LOG_STR("reason", str_from_c(err->message)));
}

/* ---- what is remembered of a folder ---- */

static void forget_known(Known *known)
{
    free(known->sightings);
}

static Known *known_of(FolderWatch *watch, const WorkspaceTrigger *trigger)
{
    Known *known = NULL;
    for (int i = 0; i < watch->n_known && !known; i++)
        if (watch->known[i].trigger == trigger->key)
            known = &watch->known[i];
    if (known && known->version != trigger->version) {
        forget_known(known);
        *known = (Known){.trigger = trigger->key, .version = trigger->version, .has_marks = true};
    }
    if (!known) {
        if (watch->n_known == watch->cap_known) {
            watch->cap_known = watch->cap_known ? 2 * watch->cap_known : 16;
            watch->known = realloc(watch->known, (size_t)watch->cap_known * sizeof *watch->known);
            if (!watch->known)
                abort();
        }
        known = &watch->known[watch->n_known++];
        *known = (Known){.trigger = trigger->key, .version = trigger->version, .has_marks = true};
    }
    known->turn = watch->turn;
    return known;
}

/* Those that were not met in this turn: their triggers are gone or disabled. */
static void forget_others(FolderWatch *watch)
{
    for (int i = watch->n_known; i-- > 0;)
        if (watch->known[i].turn != watch->turn) {
            forget_known(&watch->known[i]);
            watch->known[i] = watch->known[--watch->n_known];
        }
}

/* Sightings and marks both begin with a hash. */
static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, FOLDER_FILE_HASH);
}

static const Sighting *sighting_of(const Known *known, const unsigned char *hash)
{
    if (known->n_sightings == 0)
        return NULL;
    return bsearch(hash, known->sightings, (size_t)known->n_sightings, sizeof(Sighting), compare_hashes);
}

static const FolderFile *mark_of(const Look *look, const unsigned char *hash)
{
    if (look->n_marks == 0)
        return NULL;
    return bsearch(hash, look->marks, (size_t)look->n_marks, sizeof(FolderFile), compare_hashes);
}

static void remember_sightings(const Look *look, int64_t now_us)
{
    Known *known = look->known;
    size_t n = (size_t)look->n_entries;
    Sighting *now = n ? malloc(n * sizeof *now) : NULL;
    if (n && !now)
        abort();
    for (size_t i = 0; i < n; i++) {
        const Sighting *before = sighting_of(known, look->entries[i].hash);
        memcpy(now[i].hash, look->entries[i].hash, sizeof now[i].hash);
        now[i].since_us = before ? before->since_us : now_us;
    }
    if (n > 1)
        qsort(now, n, sizeof *now, compare_hashes);
    free(known->sightings);
    known->sightings = now;
    known->n_sightings = (int)n;
}

/* ---- taking a file ---- */

typedef struct Taking {
    Command command;
    const Look *look;
    const FolderEntry *entry; /* NULL: something is to be told of the folder itself */
    Arena *arena;
    FileRow file;
    bool has_bytes;
    TriggerMessage message;
    Error problem;
    TriggerReceipt receipt; /* out */
    bool was_marked;        /* out: something came of it before */
} Taking;

/* Everything that is to be true of the file at once. Whoever leads no more, or goes by a trigger that was changed
 * meanwhile, lets go of it: the next look sees to it. */
static bool apply(Tx *tx, Command *command, Error *err)
{
    Taking *taking = (Taking *)command;
    const Look *look = taking->look;
    FolderWatch *watch = look->watch;
    WorkspaceTrigger now;
    bool is_new = true;
    taking->was_marked = false;
    if (!store_leads(watch->options.store))
        return error_set(err, ABORTED, "", "another process leads now");
    if (!store_workspace_trigger_get(tx, taking->arena, &look->trigger->scope, look->trigger->id, &now, err))
        return false;
    if (now.version != look->trigger->version)
        return error_set(err, ABORTED, "", "the trigger was changed meanwhile");
    now.scope = look->trigger->scope;
    if (!trigger_receive(tx, watch->options.engine, taking->arena, &now, &taking->message, &taking->receipt, err))
        return false;
    bool starts = taking->receipt.event.outcome == TRIGGER_STARTED;
    if (!taking->entry)
        return true;
    if (starts && !taking->has_bytes)
        return error_set(err, ABORTED, "", "the automation was activated meanwhile");
    FolderFile mark = {.outcome = taking->receipt.event.outcome};
    memcpy(mark.hash, taking->entry->hash, sizeof mark.hash);
    if (!store_folder_file_add(tx, now.key, &mark, &is_new, err))
        return false;
    taking->was_marked = !is_new;
    if (!is_new)
        return error_set(err, ABORTED, "", "something came of the file already");
    return !starts || store_file_insert(tx, &taking->file, err);
}

static bool execute(Taking *taking, Error *err)
{
    taking->command = (Command){.apply = apply};
    return store_execute(taking->look->watch->options.store, &taking->command, err);
}

/* What messages about the file are held against, as a message's body would be. */
static const Json *payload_of(Taking *taking, Error *err)
{
    Buf text = buf_in(taking->arena);
    JsonOut out = json_out(&text);
    const Json *payload;
    json_open_object(&out);
    json_member_str(&out, S("filename"), taking->file.filename);
    json_key(&out, S("size_bytes"));
    json_i64(&out, taking->entry->size_bytes);
    json_member_time_us(&out, S("modify_time"), taking->entry->modify_us);
    json_close_object(&out);
    return json_parse(taking->arena, buf_view(&text), 4, &payload, err) ? payload : NULL;
}

/* False with ABORTED when the file changes under our hands, else with the reason why it cannot be read. */
static bool copy_all(const Taking *taking, int file, FileWriter *writer, Error *err)
{
    const FolderEntry *entry = taking->entry;
    char *piece = arena_alloc(taking->arena, PIECE, 1);
    int64_t copied = 0;
    ssize_t n;
    while ((n = read(file, piece, PIECE)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, DATA_LOSS, "", "the file cannot be read: %s", strerror(errno));
        copied += n;
        if (copied > entry->size_bytes || is_stopping(taking->look->watch))
            return error_set(err, ABORTED, "", "the file \"%s\" is being changed", entry->name);
        if (!store_file_write(writer, str_of(piece, (size_t)n), err))
            return false;
    }
    return folder_check_file(file, entry, err);
}

static bool copy_bytes(Taking *taking, Error *err)
{
    const Look *look = taking->look;
    FileWriter *writer = NULL;
    int file;
    if (!folder_open_file(look->fd, taking->entry, &file, err))
        return false;
    bool ok = store_file_write_begin(look->watch->options.store, look->watch->options.max_bytes, &writer, err) &&
              copy_all(taking, file, writer, err);
    close(file);
    if (!ok) {
        store_file_write_abandon(writer);
        return false;
    }
    Str head = str_copy(taking->arena, store_file_write_head(writer));
    taking->file.mime_type = file_type_of(taking->arena, taking->file.filename, head, (Str){0});
    taking->has_bytes = store_file_write_finish(writer, &taking->file, err);
    return taking->has_bytes;
}

static bool check_entry(const Taking *taking, Error *err)
{
    const FolderEntry *entry = taking->entry;
    int64_t most = taking->look->watch->options.max_bytes;
    if (!entry->is_file)
        return error_set(err, INVALID_ARGUMENT, "", "it is no file but a link, a pipe or a device: put the file there");
    return entry->size_bytes <= most ||
           error_set(err, OUT_OF_RANGE, "", "it has %lld bytes; a file may have at most %lld",
                     (long long)entry->size_bytes, (long long)most);
}

static bool is_inactive(const Taking *taking, bool *out, Error *err)
{
    Tx *tx = NULL;
    Str reason;
    if (!tx_begin_read(taking->look->watch->reader, &tx, err))
        return false;
    bool ok = trigger_is_inactive(tx, taking->arena, taking->look->trigger, out, &reason, err);
    tx_end(tx);
    return ok;
}

static Str file_name_of(Taking *taking)
{
    return str_printf(taking->arena, "organizations/%.*s/files/%.*s",
                      STR_ARG(taking->look->trigger->scope.organization_id), STR_ARG(taking->file.id));
}

/* Fills the message; the bytes are copied only when they may be needed. */
static bool prepare(Taking *taking, Error *err)
{
    const WorkspaceTrigger *trigger = taking->look->trigger;
    const Json *payload;
    const Filter *filter;
    bool inactive;
    if (!check_entry(taking, err) || !filter_parse_open(taking->arena, trigger->filter, &filter, err) ||
        !(payload = payload_of(taking, err)))
        return false;
    taking->message.passes = payload_matches(filter, payload);
    return !taking->message.passes || (trigger_inputs(taking->arena, trigger->input_mapping, payload,
                                                      file_name_of(taking), &taking->message.inputs, err) &&
                                       is_inactive(taking, &inactive, err) && (inactive || copy_bytes(taking, err)));
}

/* The file's own, or its automation's; what the store cannot do now, and what changes, is tried again. */
static bool is_lasting(ErrorCode code)
{
    return code == INVALID_ARGUMENT || code == FAILED_PRECONDITION || code == OUT_OF_RANGE || code == DATA_LOSS ||
           code == NOT_FOUND;
}

static void begin_taking(Taking *taking, const Look *look, const FolderEntry *entry, Arena *arena)
{
    Id id = id_new();
    *taking = (Taking){.look = look, .entry = entry, .arena = arena};
    taking->file = (FileRow){.scope = look->trigger->scope,
                             .id = str_copy(arena, id_str(&id)),
                             .filename = file_name_clean(arena, str_from_c(entry->name))};
    taking->message = (TriggerMessage){.origin = taking->file.filename, .size_bytes = entry->size_bytes};
}

static bool settle(Taking *taking, Error *err)
{
    if (!prepare(taking, &taking->problem)) {
        if (!is_lasting(taking->problem.code)) {
            *err = taking->problem;
            return false;
        }
        taking->message.problem = &taking->problem;
    }
    if (execute(taking, err))
        return true;
    if (taking->message.problem || err->code != RESOURCE_EXHAUSTED)
        return false;
    /* The organization's files would be too many: that is to be told as well. */
    taking->problem = *err;
    taking->message.problem = &taking->problem;
    return execute(taking, err);
}

static void put_aside(const Look *look, const FolderEntry *entry, TriggerOutcome outcome)
{
    Error err = {0};
    if (look->trigger->keeps_files)
        return;
    bool moved = folder_put_aside(look->fd, entry, outcome == TRIGGER_STARTED ? FOLDER_DONE : FOLDER_REFUSED, &err);
    if (!moved && !look->known->told_move)
        warn(look, "files that were seen to cannot be moved aside; they start no other runs", &err);
    look->known->told_move = !moved;
}

static void take(const Look *look, const FolderEntry *entry)
{
    Arena arena = {0};
    Error err = {0};
    Taking taking;
    begin_taking(&taking, look, entry, &arena);
    bool settled = settle(&taking, &err);
    if (taking.has_bytes && !(settled && taking.receipt.event.outcome == TRIGGER_STARTED))
        store_file_forget(look->watch->options.store, &taking.file);
    if (settled)
        put_aside(look, entry, taking.receipt.event.outcome);
    else if (!taking.was_marked && err.code != ABORTED && err.code != NOT_FOUND)
        warn(look, "a file that came could not be seen to; it is tried again", &err);
    arena_done(&arena);
}

/* ---- a look into a folder ---- */

/* Told once, until it is mended or becomes another one. */
static void tell_problem(const Look *look, const Error *problem)
{
    Error err = {0};
    if (strcmp(look->known->problem, problem->message) == 0)
        return;
    warn(look, "a watched folder cannot be looked into", problem);
    Taking taking = {
        .look = look, .arena = look->arena, .message = {.origin = look->trigger->folder, .problem = problem}};
    if (execute(&taking, &err))
        (void)snprintf(look->known->problem, sizeof look->known->problem, "%s", problem->message);
}

static bool read_marks(Look *look, Error *err)
{
    Tx *tx = NULL;
    if (!look->known->has_marks)
        return true;
    if (!tx_begin_read(look->watch->reader, &tx, err))
        return false;
    bool ok = store_folder_file_list(tx, look->arena, look->trigger->key, &look->marks, &look->n_marks, err);
    tx_end(tx);
    return ok;
}

static void see_to(Look *look, const FolderEntry *entry, int64_t now_us)
{
    const FolderFile *mark = mark_of(look, entry->hash);
    const Sighting *before = sighting_of(look->known, entry->hash);
    bool is_due =
        mark ? !look->trigger->keeps_files : before && now_us - before->since_us >= look->watch->options.quiet_us;
    if (!is_due)
        return;
    if (look->left == 0) {
        look->watch->more = true;
        return;
    }
    look->left--;
    if (mark) {
        put_aside(look, entry, mark->outcome);
        return;
    }
    look->known->has_marks = true;
    take(look, entry);
}

typedef struct Forgetting {
    Command command;
    int64_t trigger;
    FolderFile *files;
    int n;
} Forgetting;

static bool apply_forgetting(Tx *tx, Command *command, Error *err)
{
    const Forgetting *forgetting = (const Forgetting *)command;
    for (int i = 0; i < forgetting->n; i++)
        if (!store_folder_file_forget(tx, forgetting->trigger, &forgetting->files[i], err))
            return false;
    return true;
}

/* Marks of files that are not there any more. The same file, put there once more, starts a run once more. */
static void forget_marks(const Look *look)
{
    Forgetting forgetting = {.command.apply = apply_forgetting, .trigger = look->trigger->key};
    Error err = {0};
    look->known->has_marks = look->known->has_marks && (look->n_marks > 0 || look->n_entries > 0);
    if (look->n_marks == 0 || look->is_cut)
        return;
    forgetting.files = NEW_ARRAY(look->arena, FolderFile, (size_t)look->n_marks);
    for (int i = 0; i < look->n_marks && forgetting.n < FILES_AT_ONCE; i++)
        if (!sighting_of(look->known, look->marks[i].hash))
            forgetting.files[forgetting.n++] = look->marks[i];
    if (forgetting.n > 0 && !store_execute(look->watch->options.store, &forgetting.command, &err))
        warn(look, "what is remembered of a watched folder's files could not be forgotten", &err);
}

static bool open_look(Look *look, Error *err)
{
    const WorkspaceTrigger *trigger = look->trigger;
    if (!folder_open(look->watch->root_fd, trigger->scope.workspace_id, trigger->folder, &look->fd, err))
        return false;
    if (!folder_list(look->fd, look->arena, trigger->pattern, &look->entries, &look->n_entries, &look->is_cut, err))
        return false;
    return !(look->is_cut && trigger->keeps_files) ||
           error_set(err, RESOURCE_EXHAUSTED, "folder",
                     "the folder has more than %d files, and they are to stay there: move some away",
                     FOLDER_FILES_MOST);
}

static void look_into(FolderWatch *watch, const WorkspaceTrigger *trigger)
{
    Arena arena = {0};
    Error err = {0};
    Look look = {.watch = watch,
                 .trigger = trigger,
                 .known = known_of(watch, trigger),
                 .arena = &arena,
                 .fd = -1,
                 .left = FILES_AT_ONCE};
    int64_t now_us = clock_monotonic_us();
    if (!open_look(&look, &err)) {
        tell_problem(&look, &err);
    } else if (read_marks(&look, &err)) {
        look.known->problem[0] = 0;
        for (int i = 0; i < look.n_entries && !is_stopping(watch); i++)
            see_to(&look, &look.entries[i], now_us);
        remember_sightings(&look, now_us);
        forget_marks(&look);
    }
    if (look.fd >= 0)
        close(look.fd);
    arena_done(&arena);
}

/* ---- the thread ---- */

static bool read_triggers(FolderWatch *watch, Arena *arena, int64_t after, WorkspaceTrigger **out, int *out_n,
                          Error *err)
{
    Tx *tx = NULL;
    if (!tx_begin_read(watch->reader, &tx, err))
        return false;
    bool ok = store_folder_triggers(tx, arena, after, TRIGGERS_AT_ONCE, out, out_n, err);
    tx_end(tx);
    return ok;
}

/* Not known, rather than unseen: a store that does not answer makes no folder forgotten. */
static bool look_at_all(FolderWatch *watch, Error *err)
{
    int64_t after = 0;
    int n = TRIGGERS_AT_ONCE;
    while (n == TRIGGERS_AT_ONCE && !is_stopping(watch)) {
        Arena arena = {0};
        WorkspaceTrigger *triggers;
        bool ok = read_triggers(watch, &arena, after, &triggers, &n, err);
        for (int i = 0; ok && i < n && !is_stopping(watch); i++) {
            look_into(watch, &triggers[i]);
            after = triggers[i].key;
        }
        arena_done(&arena);
        if (!ok)
            return false;
    }
    return true;
}

static void turn(FolderWatch *watch)
{
    Error err = {0};
    watch->turn++;
    watch->more = false;
    /* Whoever begins to lead sees every file for the first time: it has not watched them stand still. */
    if (!store_leads(watch->options.store) || look_at_all(watch, &err))
        forget_others(watch);
}

static void *watch_main(void *self)
{
    FolderWatch *watch = self;
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        pthread_mutex_unlock(&watch->lock);
        turn(watch);
        int64_t until_us = clock_monotonic_us() + (watch->more ? 0 : watch->options.look_us);
        struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
        pthread_mutex_lock(&watch->lock);
        while (!watch->stopping && pthread_cond_timedwait(&watch->changed, &watch->lock, &until) == 0)
            ;
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

/* ---- life ---- */

static void init_lock(FolderWatch *watch)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&watch->lock, NULL);
}

static bool start(FolderWatch *watch, Error *err)
{
    watch->root_fd = open(watch->options.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (watch->root_fd < 0)
        return error_set(err, FAILED_PRECONDITION, "folder root", "the directory %s cannot be opened: %s",
                         watch->options.root, strerror(errno));
    if (!store_reader_open(watch->options.store, &watch->reader, err))
        return false;
    watch->started = pthread_create(&watch->thread, NULL, watch_main, watch) == 0;
    return watch->started || error_set(err, RESOURCE_EXHAUSTED, "", "the system refused a thread");
}

bool folder_watch_start(const FolderWatchOptions *options, FolderWatch **out, Error *err)
{
    FolderWatch *watch = calloc(1, sizeof *watch);
    if (!watch)
        abort();
    watch->options = *options;
    watch->options.quiet_us = options->quiet_us > 0 ? options->quiet_us : 2000000;
    watch->options.look_us = options->look_us > 0 ? options->look_us : 1000000;
    init_lock(watch);
    if (!start(watch, err)) {
        folder_watch_stop(watch);
        return false;
    }
    *out = watch;
    return true;
}

void folder_watch_stop(FolderWatch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    if (watch->started)
        pthread_join(watch->thread, NULL);
    for (int i = 0; i < watch->n_known; i++)
        forget_known(&watch->known[i]);
    free(watch->known);
    if (watch->reader)
        store_reader_close(watch->reader);
    if (watch->root_fd >= 0)
        close(watch->root_fd);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}
