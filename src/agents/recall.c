/* agents/recall.c: what a model is told of a thread and its files. */
#include "agents/recall.h"

#include <unistd.h>

#include "aip/name.h"
#include "aip/page.h"
#include "base/codec.h"
#include "base/json.h"

#define PAYLOAD_DEPTH 32

/* ---- what was said ---- */

/* The end of a turn repeats what the author said just before, unless it failed or was stopped. */
static bool repeats(const ThreadEvent *event, Str content, Str said_before)
{
    return event->kind == THREAD_COMPLETION_RESPONSE && str_eq(content, said_before);
}

static const char *speaker_of(ThreadEventKind kind)
{
    switch (kind) {
    case THREAD_USER_MESSAGE: return "Person";
    case THREAD_AGENT_MESSAGE:
    case THREAD_COMPLETION_RESPONSE: return "Author";
    default: return NULL;
    }
}

typedef struct Line {
    const char *speaker;
    Str content;
} Line;

/* The newest lines that fit, oldest first. */
static Str lines_text(Arena *arena, const Line *lines, int n)
{
    Buf out = buf_in(arena);
    size_t room = RECALL_SAID_MOST;
    int first = n;
    while (first > 0 && lines[first - 1].content.len < room)
        room -= lines[--first].content.len;
    for (int i = first; i < n; i++)
        buf_printf(&out, "%s: %.*s\n", lines[i].speaker, STR_ARG(lines[i].content));
    return buf_view(&out);
}

/* `events` come newest first. */
static bool read_said(Arena *arena, const ThreadEvent *events, int n, Str *out, Error *err)
{
    Line lines[RECALL_EVENTS_MOST];
    Str before = {0};
    int n_lines = 0;
    for (int i = n - 1; i >= 0; i--) {
        const char *speaker = speaker_of(events[i].kind);
        const Json *json;
        if (!speaker)
            continue;
        if (!json_parse(arena, events[i].payload, PAYLOAD_DEPTH, &json, err))
            return false;
        Str content = json_text(json_get(json, S("content")));
        if (content.len > 0 && !repeats(&events[i], content, before))
            lines[n_lines++] = (Line){speaker, str_clip(content, RECALL_MESSAGE_MOST)};
        before = content;
    }
    *out = lines_text(arena, lines, n_lines);
    return true;
}

/* ---- which files ---- */

static bool is_known(const Recall *recall, int64_t key)
{
    for (int i = 0; i < recall->n_files; i++) {
        if (recall->files[i].key == key)
            return true;
    }
    return false;
}

static bool add_files(Tx *tx, Arena *arena, const Scope *scope, const Json *documents, Recall *recall, Error *err)
{
    for (uint32_t i = 0; documents && i < documents->count && recall->n_files < RECALL_FILES_MOST; i++) {
        FileRow file;
        Str name = json_text(json_get(&documents->items[i], S("file")));
        if (!store_file_get(tx, arena, scope, name_leaf(name), &file, err)) {
            if (err->code != NOT_FOUND)
                return false;
            continue;
        }
        if (!is_known(recall, file.key))
            recall->files[recall->n_files++] = file;
    }
    return true;
}

/* Newest first, so that the newest files are taken. */
static bool files_said(Tx *tx, Arena *arena, const Scope *scope, const ThreadEvent *events, int n, Recall *out,
                       Error *err)
{
    for (int i = 0; i < n; i++) {
        const Json *json;
        if (events[i].kind != THREAD_USER_MESSAGE)
            continue;
        if (!json_parse(arena, events[i].payload, PAYLOAD_DEPTH, &json, err) ||
            !add_files(tx, arena, scope, json_get(json, S("documents")), out, err))
            return false;
    }
    return true;
}

/* ---- reading ---- */

static bool newest_events(Tx *tx, Arena *arena, int64_t thread, ThreadEvent **out, int *out_n, Error *err)
{
    PageCursor beginning = {0};
    ListEnd end;
    ListQuery query = {.limit = RECALL_EVENTS_MOST, .cursor = &beginning};
    return store_authoring_events(tx, arena, thread, &query, out, out_n, &end, err);
}

bool recall_read(Tx *tx, Arena *arena, const Scope *scope, const AuthoringThread *thread, Str documents,
                 bool may_read_files, Recall *out, Error *err)
{
    const Json *along = NULL;
    ThreadEvent *events;
    int n;
    *out = (Recall){0};
    if ((documents.len > 0 && !json_parse(arena, documents, PAYLOAD_DEPTH, &along, err)) ||
        !newest_events(tx, arena, thread->key, &events, &n, err) || !read_said(arena, events, n, &out->said, err))
        return false;
    return !may_read_files ||
           (add_files(tx, arena, scope, along, out, err) && files_said(tx, arena, scope, events, n, out, err));
}

/* ---- what is in them ---- */

/* Kinds that cannot be text are told by name; their bytes need not be read from disk. */
static bool may_be_text(const FileRow *file)
{
    static const char *const never[] = {"image/",          "audio/",          "video/",
                                        "application/pdf", "application/zip", "application/vnd."};
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        if (str_starts(file->mime_type, str_from_c(never[i])))
            return false;
    }
    return true;
}

static bool read_beginning(Store *store, Arena *arena, const FileRow *file, Str *out)
{
    Error err;
    char *bytes = arena_alloc(arena, RECALL_FILE_MOST, 1);
    size_t len = 0;
    int fd;
    if (!may_be_text(file) || !store_file_open(store, file, &fd, &err))
        return false;
    for (ssize_t n = 1; n > 0 && len < RECALL_FILE_MOST;) {
        n = read(fd, bytes + len, RECALL_FILE_MOST - len);
        len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    /* A character that is cut in the middle is left out. */
    *out = (int64_t)len < file->size_bytes ? str_clip(str_of(bytes, len), len - 1) : str_of(bytes, len);
    return utf8_is_valid(*out) && !memchr(bytes, 0, len);
}

Str recall_files_text(Store *store, Arena *arena, const Recall *recall)
{
    Buf out = buf_in(arena);
    for (int i = 0; i < recall->n_files; i++) {
        const FileRow *file = &recall->files[i];
        Str content;
        buf_printf(&out, "File \"%.*s\" (%.*s, %lld bytes)", STR_ARG(file->filename), STR_ARG(file->mime_type),
                   (long long)file->size_bytes);
        if (!read_beginning(store, arena, file, &content))
            buf_str(&out, S(": it is no text, so its content is not shown.\n\n"));
        else
            buf_printf(&out, "%s:\n%.*s\n\n", (int64_t)content.len < file->size_bytes ? ", its beginning" : "",
                       STR_ARG(content));
    }
    return buf_view(&out);
}
