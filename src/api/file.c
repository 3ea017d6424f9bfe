/* api/file.c: files: their metadata, their bytes, their end. Uploads: upload.c. */
#include "api/file.h"

#include <string.h>
#include <unistd.h>

#include "api/handlers.h"
#include "api/name.h"
#include "api/signed_url.h"
#include "base/clock.h"
#include "base/codec.h"
#include "http/range.h"
#include "http/response.h"

/* What :read gives as text, and how long the URL works that it gives otherwise. */
#define READ_TEXT_MAX (1 << 20)
#define READ_URL_US ((int64_t)3600 * 1000000)

/* ---- as JSON ---- */

void file_to_json(ApiRequest *request, const FileRow *file)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(request->arena, "organizations/%.*s/files/%.*s", STR_ARG(request->scope.organization_id),
                               STR_ARG(file->id)));
    json_member_str(out, S("filename"), file->filename);
    json_member_str(out, S("mime_type"), file->mime_type);
    json_key(out, S("size_bytes"));
    json_i64_text(out, file->size_bytes);
    json_member_time_us(out, S("create_time"), file->create_us);
    json_close_object(out);
}

/* ---- finding ---- */

/* A file's name tells its organization only. Asked for that way, a file of a workspace is there for those who may see
 * it in that workspace, and for others it is not. */
static bool find_scope(ApiRequest *request, Str id, Scope *out, Error *err)
{
    Str workspace;
    *out = request->scope;
    if (request->path[PATH_WORKSPACE].len > 0)
        return true;
    if (!store_file_home(request->tx, request->arena, request->scope.organization, id, &workspace, err))
        return false;
    if (workspace.len == 0)
        return true;
    return principal_authorize(request->tx, request->arena, request->principal, request->operation->permission,
                               request->scope.organization_id, workspace, out, err) ||
           error_set(err, NOT_FOUND, "", "file \"%.*s\" was not found", STR_ARG(str_slice(id, 0, 60)));
}

static bool find_file(ApiRequest *request, FileRow *out, Error *err)
{
    Scope scope;
    Str id = request->path[PATH_FILE];
    return find_scope(request, id, &scope, err) && store_file_get(request->tx, request->arena, &scope, id, out, err);
}

static bool get_file(ApiRequest *request, Error *err)
{
    FileRow file;
    if (!find_file(request, &file, err))
        return false;
    file_to_json(request, &file);
    return true;
}

static bool delete_file(ApiRequest *request, Error *err)
{
    Scope scope;
    Str id = request->path[PATH_FILE];
    if (!find_scope(request, id, &scope, err) || !store_file_delete(request->tx, &scope, id, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

/* ---- downloading ---- */

typedef struct Download {
    FileRow file;
    int fd;
} Download;

static bool open_file(ApiRequest *request, Error *err)
{
    Download *download = NEW(request->arena, Download);
    request->state = download;
    return find_file(request, &download->file, err) &&
           store_file_open(api_store(request->api), &download->file, &download->fd, err);
}

/* ---- without a token ---- */

static Str name_of_file(const ApiRequest *request, const FileRow *file, const Scope *scope)
{
    Arena *arena = request->arena;
    if (scope->workspace)
        return name_in_workspace(arena, scope, S("files"), file->id);
    return str_printf(arena, "organizations/%.*s/files/%.*s", STR_ARG(scope->organization_id), STR_ARG(file->id));
}

static Str download_url(const ApiRequest *request, const FileRow *file, const Scope *scope, int64_t lasts_us)
{
    return signed_url_make(request, SIGNED_DOWNLOAD, name_of_file(request, file, scope), clock_now_us() + lasts_us);
}

static bool generate_download_url(ApiRequest *request, Error *err)
{
    Scope scope;
    FileRow file;
    int64_t lasts_us;
    Str id = request->path[PATH_FILE];
    if (!signed_url_lasts(request, &lasts_us, err) || !find_scope(request, id, &scope, err) ||
        !store_file_get(request->tx, request->arena, &scope, id, &file, err))
        return false;
    json_open_object(&request->json);
    json_member_str(&request->json, S("download_uri"), download_url(request, &file, &scope, lasts_us));
    json_close_object(&request->json);
    return true;
}

static bool generate_upload_url(ApiRequest *request, Error *err)
{
    const Scope *scope = &request->scope;
    int64_t lasts_us;
    if (!signed_url_lasts(request, &lasts_us, err))
        return false;
    Str target = scope->workspace ? name_workspace(request->arena, scope)
                                  : name_organization(request->arena, scope->organization_id);
    json_open_object(&request->json);
    json_member_str(&request->json, S("upload_uri"),
                    signed_url_make(request, SIGNED_UPLOAD, target, clock_now_us() + lasts_us));
    json_close_object(&request->json);
    return true;
}

static bool open_signed(ApiRequest *request, Error *err)
{
    Download *download = NEW(request->arena, Download);
    Str id;
    request->state = download;
    return signed_url_read(request, SIGNED_DOWNLOAD, &request->scope, &id, err) &&
           store_file_get(request->tx, request->arena, &request->scope, id, &download->file, err) &&
           store_file_open(api_store(request->api), &download->file, &download->fd, err);
}

/* ---- reading text ---- */

static bool read_whole(ApiRequest *request, const FileRow *file, Str *out, Error *err)
{
    size_t size = (size_t)file->size_bytes, len = 0;
    char *bytes = arena_alloc(request->arena, size + 1, 1);
    int fd;
    if (!store_file_open(api_store(request->api), file, &fd, err))
        return false;
    ssize_t n = 1;
    while (len < size && n > 0) {
        n = read(fd, bytes + len, size - len);
        len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    *out = str_of(bytes, len);
    return len == size ||
           error_set(err, DATA_LOSS, "", "the file \"%.*s\" cannot be read whole", STR_ARG(file->filename));
}

/* A document may consist of characters without being a text: one would read its source. */
static bool is_text(Str mime_type, Str content)
{
    return !str_eq(mime_type, S("application/pdf")) && utf8_is_valid(content) &&
           !(content.len > 0 && memchr(content.data, 0, content.len));
}

/* Small texts stand in the answer, everything else is for the URL. */
static bool read_file(ApiRequest *request, Error *err)
{
    JsonOut *out = &request->json;
    Scope scope;
    FileRow file;
    Str content = {0}, id = request->path[PATH_FILE];
    if (!find_scope(request, id, &scope, err) || !store_file_get(request->tx, request->arena, &scope, id, &file, err))
        return false;
    bool small = file.size_bytes <= READ_TEXT_MAX;
    if (small && !read_whole(request, &file, &content, err))
        return false;
    bool text = small && is_text(file.mime_type, content);
    json_open_object(out);
    json_key(out, S("metadata"));
    file_to_json(request, &file);
    if (text)
        json_member_str(out, S("content"), content);
    else
        json_member_str(out, S("download_uri"), download_url(request, &file, &scope, READ_URL_US));
    json_close_object(out);
    return true;
}

/* RFC 6266: a plain name for everybody, and the exact one where it is not ASCII. */
static Str disposition(Arena *arena, Str filename)
{
    static const char hex[] = "0123456789ABCDEF";
    Buf plain = buf_in(arena), exact = buf_in(arena);
    bool ascii = true;
    for (size_t i = 0; i < filename.len; i++) {
        unsigned char c = (unsigned char)filename.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        ascii = ascii && c < 128;
        buf_char(&plain, c < 128 && c != '"' && c != '\\' ? (char)c : '_');
        if (letter || c == '.' || c == '-' || c == '_') {
            buf_char(&exact, (char)c);
        } else {
            buf_char(&exact, '%');
            buf_char(&exact, hex[c >> 4]);
            buf_char(&exact, hex[c & 15]);
        }
    }
    if (ascii)
        return str_printf(arena, "attachment; filename=\"%.*s\"", STR_ARG(buf_view(&plain)));
    return str_printf(arena, "attachment; filename=\"%.*s\"; filename*=UTF-8''%.*s", STR_ARG(buf_view(&plain)),
                      STR_ARG(buf_view(&exact)));
}

static Str etag_of(Arena *arena, const FileRow *file)
{
    Buf tag = buf_in(arena);
    buf_char(&tag, '"');
    hex_encode(&tag, str_of((const char *)file->hash, 16));
    buf_char(&tag, '"');
    return buf_view(&tag);
}

static void refuse_range(ApiRequest *request, const Download *download)
{
    Error err;
    uint64_t size = (uint64_t)download->file.size_bytes;
    close(download->fd);
    (void)error_set(&err, OUT_OF_RANGE, "", "the file has %llu bytes; ask for a range within them",
                    (unsigned long long)size);
    api_header(request, S("Content-Range"), range_content_range_none(request->arena, size));
    request->n_kept_headers = request->n_headers;
    api_refuse_as(request, &err, 416);
}

static void send_file(ApiRequest *request)
{
    const Download *download = request->state;
    const FileRow *file = &download->file;
    Arena *arena = request->arena;
    Str tag = etag_of(arena, file);
    Str condition = http_header(request->http, S("If-Range"));
    Str asked = condition.len > 0 && !str_eq(condition, tag) ? (Str){0} : http_header(request->http, S("Range"));
    ByteRange range;
    RangeAnswer answer = range_parse(asked, (uint64_t)file->size_bytes, &range);
    if (answer == RANGE_UNSATISFIABLE) {
        refuse_range(request, download);
        return;
    }
    api_header(request, S("Content-Type"), file->mime_type);
    api_header(request, S("Content-Disposition"), disposition(arena, file->filename));
    api_header(request, S("Accept-Ranges"), S("bytes"));
    api_header(request, S("ETag"), tag);
    api_header(request, S("X-Content-Type-Options"), S("nosniff"));
    if (answer == RANGE_PART)
        api_header(request, S("Content-Range"), range_content_range(arena, range, (uint64_t)file->size_bytes));
    http_respond_file(request->http, answer == RANGE_PART ? 206 : 200, request->headers, request->n_headers,
                      download->fd, range.offset, range.length);
}

const Handler file_handlers[] = {
    {OP_GET_FILE, ON_LOOP, get_file},
    {OP_DELETE_FILE, ON_WRITER, delete_file},
    {.operation = OP_DOWNLOAD_FILE, .place = ON_READER, .work = open_file, .finish = send_file},
    {.operation = OP_DOWNLOAD_BY_URL, .place = ON_READER, .work = open_signed, .finish = send_file},
    {OP_GENERATE_DOWNLOAD_URL, ON_READER, generate_download_url},
    {OP_GENERATE_UPLOAD_URL, ON_LOOP, generate_upload_url},
    {OP_READ_FILE, ON_READER, read_file},
    {.operation = OP_UPLOAD_BY_URL, .place = BY_ITSELF, .work = upload_end, .begin = upload_begin_signed},
    {.operation = OP_UPLOAD_FILE, .place = BY_ITSELF, .work = upload_end, .begin = upload_begin},
    HANDLERS_END,
};
