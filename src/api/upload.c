/* api/upload.c: a file's way in: from the socket through the form to the disk, a piece at a time, in four dresses:
 *
 *     multipart/form-data with a part `file` that has a filename      (clients)
 *     multipart/form-data with the parts `filename` and `content`     (the public contract)
 *     the file itself, by PUT to a signed URL          (GenerateUploadUrl)
 *     application/json with `filename` and `content_base64`           (gathered: for small files)
 *
 * JSON without `content_base64` stores nothing: it is answered with a signed URL that takes the file by PUT.
 *
 * A piece is copied, the client held up, and the piece written on a thread that may block; then the next one comes. A
 * gigabyte so needs the memory of a piece. The file exists when its row is committed; until then nothing is left
 * behind. */
#include <stdlib.h>

#include "api/check.h"
#include "api/file.h"
#include "api/file_type.h"
#include "api/name.h"
#include "api/signed_url.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/id.h"
#include "http/multipart.h"
#include "http/response.h"

/* JSON must be held whole: three quarters of this are the file. */
#define JSON_BODY_MAX (32u << 20)
#define NAME_FIELD_MAX 1024
/* The last sync and the commit may take their time on a slow disk. */
#define END_MS 120000
#define UPLOAD_URL_US ((int64_t)3600 * 1000000)

typedef enum UploadPart { PART_OTHER, PART_CONTENT, PART_FILENAME } UploadPart;

typedef struct Upload {
    ApiRequest *request;
    UploadPurpose *purpose; /* NULL: to be there */
    /* The loop's. */
    Buf pending; /* arrived and not yet written; on the heap, so that its memory serves again */
    bool busy;   /* a job is under way */
    bool complete, gone;
    bool plain; /* the body is the file itself */
    /* The job's while it is under way, else the loop's. */
    Multipart form;
    UploadPart part;
    FileWriter *writer;
    bool has_content, asks_for_url;
    Str filename, said_type; /* in the request's arena */
    Buf name_field;
    FileRow file;
    Error err;
    bool failed;
} Upload;

/* ---- the form ---- */

static bool open_writer(Upload *upload, Error *err)
{
    if (upload->has_content)
        return error_set(err, INVALID_ARGUMENT, "content", "the form has two files; send one in a request");
    upload->has_content = true;
    return store_file_write_begin(api_store(upload->request->api), (int64_t)upload->request->operation->body_limit,
                                  &upload->writer, err);
}

static bool part_begin(void *self, const MultipartPart *part, Error *err)
{
    Upload *upload = self;
    Arena *arena = upload->request->arena;
    upload->part = PART_OTHER;
    if (str_eq(part->name, S("filename")) && !part->filename.data) {
        upload->part = PART_FILENAME;
        upload->name_field = buf_in(arena);
        return true;
    }
    if (!part->filename.data && !str_eq(part->name, S("file")) && !str_eq(part->name, S("content")))
        return true;
    upload->part = PART_CONTENT;
    upload->said_type = str_copy(arena, part->content_type);
    if (part->filename.len > 0 && upload->filename.len == 0)
        upload->filename = str_copy(arena, part->filename);
    return open_writer(upload, err);
}

static bool part_data(void *self, Str piece, Error *err)
{
    Upload *upload = self;
    if (upload->part == PART_CONTENT)
        return store_file_write(upload->writer, piece, err);
    if (upload->part == PART_FILENAME) {
        if (upload->name_field.len + piece.len > NAME_FIELD_MAX)
            return error_set(err, INVALID_ARGUMENT, "filename", "filename: has more than %d bytes", NAME_FIELD_MAX);
        buf_str(&upload->name_field, piece);
    }
    return true;
}

static bool part_end(void *self, Error *err)
{
    Upload *upload = self;
    (void)err;
    if (upload->part == PART_FILENAME && utf8_is_valid(buf_view(&upload->name_field)))
        upload->filename = str_trim(buf_view(&upload->name_field)); /* said in so many words, it wins over the part's */
    upload->part = PART_OTHER;
    return true;
}

/* ---- jobs, on a thread that may block ---- */

static void abandon(Upload *upload)
{
    store_file_write_abandon(upload->writer);
    upload->writer = NULL;
}

static bool write_plain(Upload *upload, Error *err)
{
    return (upload->writer || open_writer(upload, err)) &&
           store_file_write(upload->writer, buf_view(&upload->pending), err);
}

static void write_pending(ApiRequest *request)
{
    Upload *upload = request->state;
    if (!upload->failed)
        upload->failed = upload->plain ? !write_plain(upload, &upload->err)
                                       : !multipart_feed(&upload->form, buf_view(&upload->pending), &upload->err);
    upload->pending.len = 0;
}

static bool read_json(Upload *upload, Error *err)
{
    ApiRequest *request = upload->request;
    const Json *json;
    Str content;
    if (!json_parse(request->arena, request->http->body, CONTRACT_BODY_DEPTH, &json, err))
        return error_within(err, "body");
    const Json *body = check_object(request->arena, (SchemaId)request->operation->body, json, false, &request->wrong);
    if (!violations_none(&request->wrong, err))
        return false;
    upload->filename = json_text(json_get(body, S("filename")));
    upload->said_type = json_text(json_get(body, S("mime_type")));
    upload->asks_for_url = !json_get(body, S("content_base64"));
    if (upload->asks_for_url && upload->purpose)
        return error_set(err, INVALID_ARGUMENT, "content_base64", "content_base64: is missing");
    if (upload->asks_for_url)
        return true;
    if (!base64_decode(request->arena, json_text(json_get(body, S("content_base64"))), &content))
        return error_set(err, INVALID_ARGUMENT, "content_base64", "content_base64: is not base64");
    return open_writer(upload, err) && store_file_write(upload->writer, content, err);
}

static bool read_form_end(Upload *upload, Error *err)
{
    if (upload->plain)
        return upload->writer || open_writer(upload, err); /* an empty file never had a piece */
    if (!multipart_finish(&upload->form, err))
        return false;
    return upload->has_content || error_set(err, INVALID_ARGUMENT, "content",
                                            "the form has no file: send a part `file` with a filename, or the parts "
                                            "`filename` and `content`");
}

typedef struct InsertFile {
    Command command;
    Upload *upload;
} InsertFile;

static bool insert_file(Tx *tx, Command *command, Error *err)
{
    Upload *upload = ((InsertFile *)command)->upload;
    UploadPurpose *purpose = upload->purpose;
    return store_file_insert(tx, &upload->file, err) &&
           (!purpose || purpose->keep(tx, upload->request, &upload->file, purpose, err));
}

static bool keep_file(Upload *upload, Error *err)
{
    ApiRequest *request = upload->request;
    FileRow *file = &upload->file;
    Id id = id_new();
    file->scope = request->scope;
    file->id = str_copy(request->arena, id_str(&id));
    file->filename = file_name_clean(request->arena, upload->filename);
    Str head = str_copy(request->arena, store_file_write_head(upload->writer));
    file->mime_type = file_type_of(request->arena, file->filename, head, upload->said_type);
    FileWriter *writer = upload->writer;
    upload->writer = NULL;
    InsertFile insert = {.command.apply = insert_file, .upload = upload};
    if (!store_file_write_finish(writer, file, err))
        return false;
    if (store_execute(api_store(request->api), &insert.command, err))
        return true;
    store_file_forget(api_store(request->api), file);
    return false;
}

static void finish_file(ApiRequest *request)
{
    Upload *upload = request->state;
    bool streamed = request->http->on_body != NULL;
    if (!upload->failed)
        upload->failed = !(streamed ? read_form_end(upload, &upload->err) : read_json(upload, &upload->err)) ||
                         !(upload->asks_for_url || keep_file(upload, &upload->err));
}

/* ---- the loop ---- */

static void start_job(Upload *upload, void (*job)(ApiRequest *), void (*back)(ApiRequest *))
{
    upload->busy = true;
    api_run_job(upload->request, job, back);
}

static void answer_with_url(Upload *upload)
{
    ApiRequest *request = upload->request;
    const Scope *scope = &request->scope;
    Str target = scope->workspace ? name_workspace(request->arena, scope)
                                  : name_organization(request->arena, scope->organization_id);
    Buf url = buf_in(request->arena);
    buf_str(&url, signed_url_make(request, SIGNED_UPLOAD, target, clock_now_us() + UPLOAD_URL_US));
    buf_str(&url, S("&filename="));
    percent_encode(&url, upload->filename);
    json_open_object(&request->json);
    json_member_str(&request->json, S("upload_url"), buf_view(&url));
    json_close_object(&request->json);
    api_answer(request);
}

/* The one end of every upload: what is open is closed, and somebody answers or lets go. */
static void end(Upload *upload)
{
    ApiRequest *request = upload->request;
    abandon(upload);
    buf_done(&upload->pending);
    if (upload->gone) {
        http_let_go(request->http);
        return;
    }
    if (upload->failed) {
        api_refuse(request, &upload->err);
        return;
    }
    if (upload->asks_for_url) {
        answer_with_url(upload);
        return;
    }
    Str path = str_printf(request->arena, "/api/v1/organizations/%.*s/files/%.*s",
                          STR_ARG(request->scope.organization_id), STR_ARG(upload->file.id));
    api_header(request, S("Location"), path);
    if (upload->purpose) {
        upload->purpose->write(request, upload->purpose);
        api_answer(request);
        return;
    }
    json_open_object(&request->json);
    json_key(&request->json, S("metadata"));
    file_to_json(request, &upload->file);
    json_close_object(&request->json);
    api_answer(request);
}

static void take_failure(Upload *upload)
{
    ApiRequest *request = upload->request;
    if (!request->failed || upload->failed)
        return;
    upload->failed = true;
    upload->err = request->failure;
}

static void finished(ApiRequest *request)
{
    Upload *upload = request->state;
    take_failure(upload);
    end(upload);
}

static void written(ApiRequest *request)
{
    Upload *upload = request->state;
    upload->busy = false;
    take_failure(upload);
    if (upload->failed || upload->gone) {
        end(upload);
        return;
    }
    if (upload->pending.len > 0)
        start_job(upload, write_pending, written);
    else if (upload->complete)
        start_job(upload, finish_file, finished);
    else
        http_body_resume(request->http);
}

static void on_body(HttpRequest *http, Str piece)
{
    ApiRequest *request = http->context;
    Upload *upload = request->state;
    buf_str(&upload->pending, piece);
    http_body_pause(http);
    if (!upload->busy)
        start_job(upload, write_pending, written);
}

static void on_gone(HttpRequest *http)
{
    ApiRequest *request = http->context;
    Upload *upload = request->state;
    upload->gone = true;
    if (!upload->busy)
        end(upload);
}

bool upload_begin(ApiRequest *request, Error *err)
{
    return upload_begin_for(request, NULL, err);
}

bool upload_begin_for(ApiRequest *request, UploadPurpose *purpose, Error *err)
{
    HttpRequest *http = request->http;
    Str type = http_header(http, S("Content-Type")), rest = type;
    Str kind = str_trim(str_cut(&rest, ';'));
    Upload *upload = NEW(request->arena, Upload);
    upload->request = request;
    upload->purpose = purpose;
    request->state = upload;
    if (str_eq_fold(kind, S("application/json"))) {
        http->body_limit = JSON_BODY_MAX;
        return true;
    }
    if (!str_eq_fold(kind, S("multipart/form-data")))
        return error_set(
            err, INVALID_ARGUMENT, "",
            "a file comes as multipart/form-data, or as application/json with filename and content_base64; the "
            "Content-Type here is %.*s",
            STR_ARG(kind.len > 0 ? str_slice(kind, 0, 60) : S("missing")));
    MultipartHooks hooks = {.self = upload, .part_begin = part_begin, .part_data = part_data, .part_end = part_end};
    if (!multipart_init(&upload->form, request->arena, type, hooks, err))
        return false;
    http->on_body = on_body;
    http->on_gone = on_gone;
    return true;
}

/* The filename stands in the query, since the body has no room for it. */
bool upload_begin_signed(ApiRequest *request, Error *err)
{
    Str none;
    Upload *upload = NEW(request->arena, Upload);
    upload->request = request;
    upload->plain = true;
    upload->filename = request->query[QUERY_FILENAME].text;
    upload->said_type = http_header(request->http, S("Content-Type"));
    request->state = upload;
    if (!signed_url_read(request, SIGNED_UPLOAD, &request->scope, &none, err))
        return false;
    request->http->on_body = on_body;
    request->http->on_gone = on_gone;
    return true;
}

bool upload_end(ApiRequest *request, Error *err)
{
    Upload *upload = request->state;
    (void)err;
    upload->complete = true;
    request->http->on_gone = on_gone;
    http_extend(request->http, END_MS);
    if (!upload->busy)
        start_job(upload, finish_file, finished);
    return true;
}
