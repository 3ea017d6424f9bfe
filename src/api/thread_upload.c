/* api/thread_upload.c: files that are given to a thread. Each is a file of the workspace like any other, under a name
 * that is the thread's own: uploads://a.pdf, uploads://a-2.pdf. */
#include "api/thread_upload.h"

#include "api/file.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/name.h"
#include "api/thread.h"
#include "engine/thread.h"

static const Str scheme = S_INIT("uploads://");

static Str member_of(Arena *arena, const ThreadEvent *event, Str member)
{
    const Json *json;
    Error ignored;
    return json_parse(arena, event->payload, 8, &json, &ignored) ? json_text(json_get(json, member)) : (Str){0};
}

static const ThreadEvent *find_upload(Arena *arena, const ThreadEvent *uploads, int n, Str uri)
{
    for (int i = 0; i < n; i++) {
        if (str_eq(member_of(arena, &uploads[i], S("uri")), uri))
            return &uploads[i];
    }
    return NULL;
}

/* ---- giving one ---- */

/* "a.pdf", then "a-2.pdf", "a-3.pdf". */
static Str free_uri(Arena *arena, const ThreadEvent *uploads, int n, Str filename)
{
    ptrdiff_t dot = str_find_last_char(filename, '.');
    Str stem = dot > 0 ? str_slice(filename, 0, (size_t)dot) : filename;
    Str tail = dot > 0 ? str_skip(filename, (size_t)dot) : (Str){0};
    Str uri = str_printf(arena, "%.*s%.*s", STR_ARG(scheme), STR_ARG(filename));
    for (int i = 2; find_upload(arena, uploads, n, uri); i++)
        uri = str_printf(arena, "%.*s%.*s-%d%.*s", STR_ARG(scheme), STR_ARG(stem), i, STR_ARG(tail));
    return uri;
}

static void upload_to_json(JsonOut *out, Str uri, const FileRow *file, Str name)
{
    json_open_object(out);
    json_member_str(out, S("uri"), uri);
    json_member_str(out, S("mime_type"), file->mime_type);
    json_key(out, S("size"));
    json_i64(out, file->size_bytes);
    json_member_str(out, S("filename"), file->filename);
    json_member_str(out, S("file"), name);
    json_close_object(out);
}

typedef struct ThreadUpload {
    UploadPurpose purpose;
    AuthoringThread thread;
    Str payload;
} ThreadUpload;

/* In the transaction of the file itself: neither is there without the other. */
static bool keep_upload(Tx *tx, ApiRequest *request, const FileRow *file, UploadPurpose *purpose, Error *err)
{
    ThreadUpload *upload = (ThreadUpload *)purpose;
    ThreadEvent *uploads;
    int n;
    if (!store_authoring_uploads(tx, request->arena, upload->thread.key, THREAD_UPLOADS_MOST, &uploads, &n, err))
        return false;
    if (n >= THREAD_UPLOADS_MOST)
        return error_set(err, RESOURCE_EXHAUSTED, "", "the thread has %d uploads already; go on in a new one",
                         THREAD_UPLOADS_MOST);
    Buf payload = buf_in(request->arena);
    JsonOut out = json_out(&payload);
    upload_to_json(&out, free_uri(request->arena, uploads, n, file->filename), file,
                   name_in_workspace(request->arena, &request->scope, S("files"), file->id));
    upload->payload = buf_view(&payload);
    ThreadEvent event = {.thread = upload->thread.key,
                         .agent_id = upload->thread.agent_id,
                         .kind = THREAD_UPLOAD,
                         .payload = upload->payload};
    return thread_put(tx, request->arena, &event, err);
}

static void write_upload(ApiRequest *request, UploadPurpose *purpose)
{
    json_raw(&request->json, ((ThreadUpload *)purpose)->payload);
}

static bool begin_upload(ApiRequest *request, Error *err)
{
    ThreadUpload *upload = NEW(request->arena, ThreadUpload);
    upload->purpose = (UploadPurpose){.keep = keep_upload, .write = write_upload};
    if (!check_may_edit(request, err) || !thread_of_path(request, &upload->thread, err))
        return false;
    if (!api_may(request, S("create:File")))
        return error_set(err, PERMISSION_DENIED, "",
                         "an upload becomes a file: that needs the permission create:File too");
    return upload_begin_for(request, &upload->purpose, err);
}

/* ---- naming them in a message ---- */

static bool add_documents(ApiRequest *request, JsonOut *out, const ThreadEvent *uploads, int n, const Json *list,
                          const char *member, Error *err)
{
    for (uint32_t i = 0; list && i < list->count; i++) {
        Str uri = json_text(json_get(&list->items[i], S("uri")));
        const ThreadEvent *found = find_upload(request->arena, uploads, n, uri);
        if (!found)
            return error_set(err, INVALID_ARGUMENT, "message",
                             "%s[%u].uri: \"%.*s\" was not uploaded to this thread; send it to …/uploads first", member,
                             i, STR_ARG(str_clip(uri, 100)));
        json_raw(out, found->payload);
    }
    return true;
}

bool thread_documents(ApiRequest *request, const AuthoringThread *thread, const Json *message, Str *out, Error *err)
{
    const Json *documents = json_get(message, S("documents")), *images = json_get(message, S("images"));
    ThreadEvent *uploads;
    int n;
    *out = (Str){0};
    if ((!documents || documents->count == 0) && (!images || images->count == 0))
        return true;
    Buf list = buf_in(request->arena);
    JsonOut json = json_out(&list);
    json_open_array(&json);
    if (!store_authoring_uploads(request->tx, request->arena, thread->key, THREAD_UPLOADS_MOST, &uploads, &n, err) ||
        !add_documents(request, &json, uploads, n, documents, "documents", err) ||
        !add_documents(request, &json, uploads, n, images, "images", err))
        return false;
    json_close_array(&json);
    *out = buf_view(&list);
    return true;
}

const Handler thread_upload_handlers[] = {
    {OP_UPLOAD_TO_THREAD, BY_ITSELF, upload_end, .begin = begin_upload},
    HANDLERS_END,
};
