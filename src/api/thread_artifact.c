/* api/thread_artifact.c: what is written in a thread, seen as files. There is one draft, the automation's; two of the
 * files are its spellings and can be put, the others tell about it. */
#include "agents/quill.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/thread.h"
#include "engine/automation.h"
#include "http/response.h"

typedef struct Source { /* what the files are made of */
    const Scope *scope;
    Automation automation;
    Revision draft;
} Source;

typedef struct ArtifactKind {
    Str uri, mime_type;
    Str (*content)(Arena *arena, const Source *source);
    bool put;
    Spelling spelling; /* of one that can be put */
} ArtifactKind;

/* ---- what is in them ---- */

static Str english_of(Arena *arena, const Source *source)
{
    (void)arena;
    return source->draft.english;
}
static Str code_of(Arena *arena, const Source *source)
{
    (void)arena;
    return source->draft.code;
}
static Str connections_of(Arena *arena, const Source *source)
{
    (void)arena;
    return source->draft.connections.len > 0 ? source->draft.connections : S("{}");
}

static Str metadata_of(Arena *arena, const Source *source)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    json_open_object(&out);
    json_member_str(&out, S("display_name"), source->draft.display_name);
    json_member_str(&out, S("description"), source->draft.description);
    json_member_str(&out, S("version"), version_text(arena, source->draft.version));
    json_key(&out, S("valid"));
    json_bool(&out, source->draft.valid);
    json_member_time_us(&out, S("update_time"), source->draft.create_us);
    json_close_object(&out);
    return buf_view(&text);
}

static Str manifest_of(Arena *arena, const Source *source)
{
    const Revision *draft = &source->draft;
    return str_printf(arena, "{\"input_specs\":%.*s,\"marked_outputs\":%.*s,\"code_mapping\":%.*s}",
                      STR_ARG(draft->input_specs.len > 0 ? draft->input_specs : S("[]")),
                      STR_ARG(draft->marked_outputs.len > 0 ? draft->marked_outputs : S("[]")),
                      STR_ARG(draft->code_mapping.len > 0 ? draft->code_mapping : S("{}")));
}

static const ArtifactKind kinds[] = {
    {S_INIT("grimoire://aop.md"), S_INIT("text/markdown"), english_of, true, SPELLING_ENGLISH},
    {S_INIT("grimoire://aop.spy"), S_INIT("text/x-python"), code_of, true, SPELLING_SPY},
    {S_INIT("grimoire://connections.json"), S_INIT("application/json"), connections_of},
    {S_INIT("grimoire://metadata.json"), S_INIT("application/json"), metadata_of},
    {S_INIT("grimoire://code_manifest.json"), S_INIT("application/json"), manifest_of},
};

/* ---- which one ---- */

/* "grimoire://aop.md", or "aop.md" alone. */
static const ArtifactKind *kind_of_path(const ApiRequest *request, Error *err)
{
    Str said = request->path[PATH_ARTIFACT], scheme = S("grimoire://");
    Str name = str_starts(said, scheme) ? str_skip(said, scheme.len) : said;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq(str_skip(kinds[i].uri, scheme.len), name))
            return &kinds[i];
    }
    (void)error_set(err, NOT_FOUND, "",
                    "there is no artifact \"%.*s\"; there are aop.md, aop.spy, connections.json, metadata.json and "
                    "code_manifest.json",
                    STR_ARG(str_clip(said, 60)));
    return NULL;
}

static bool read_source(ApiRequest *request, Source *out, Error *err)
{
    AuthoringThread thread;
    out->scope = &request->scope;
    return thread_of_path(request, &thread, err) &&
           store_automation_get(request->tx, request->arena, &request->scope, thread.automation_id, false,
                                &out->automation, err) &&
           store_revision_get(request->tx, request->arena, out->automation.draft_revision, &out->draft, err);
}

/* ---- answers ---- */

static void artifact_to_json(JsonOut *out, const ArtifactKind *kind, Str content, bool whole)
{
    json_open_object(out);
    json_member_str(out, S("uri"), kind->uri);
    json_member_str(out, S("mime_type"), kind->mime_type);
    json_key(out, S("size"));
    json_i64(out, (int64_t)content.len);
    if (whole)
        json_member_str(out, S("content"), content);
    json_close_object(out);
}

static bool list_artifacts(ApiRequest *request, Error *err)
{
    Source source;
    if (!read_source(request, &source, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("artifacts"));
    json_open_array(&request->json);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        artifact_to_json(&request->json, &kinds[i], kinds[i].content(request->arena, &source), false);
    json_close_array(&request->json);
    json_close_object(&request->json);
    return true;
}

static bool get_artifact(ApiRequest *request, Error *err)
{
    Source source;
    const ArtifactKind *kind = kind_of_path(request, err);
    if (!kind || !read_source(request, &source, err))
        return false;
    artifact_to_json(&request->json, kind, kind->content(request->arena, &source), true);
    return true;
}

typedef struct Content {
    const ArtifactKind *kind;
    Str text;
} Content;

static bool read_content(ApiRequest *request, Error *err)
{
    Source source;
    Content *content = NEW(request->arena, Content);
    request->state = content;
    content->kind = kind_of_path(request, err);
    if (!content->kind || !read_source(request, &source, err))
        return false;
    content->text = content->kind->content(request->arena, &source);
    return true;
}

/* The bytes themselves, never as something that a browser would run. */
static void answer_content(ApiRequest *request)
{
    const Content *content = request->state;
    api_header(request, S("Content-Type"), content->kind->mime_type);
    api_header(request, S("X-Content-Type-Options"), S("nosniff"));
    http_respond(request->http, 200, request->headers, request->n_headers, content->text);
}

/* ---- putting ---- */

static bool prepare_put(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    QuillMessage *message = NEW(request->arena, QuillMessage);
    const ArtifactKind *kind = kind_of_path(request, err);
    request->state = message;
    if (!kind || !check_may_edit(request, err) || !thread_of_path(request, &thread, err))
        return false;
    if (!kind->put)
        return error_set(err, FAILED_PRECONDITION, "",
                         "%.*s tells about the automation; put aop.md or aop.spy, or change the automation itself",
                         STR_ARG(kind->uri));
    *message = (QuillMessage){
        .automation = thread.automation,
        .agent_id = thread.agent_id,
        .thread_id = thread.id,
        .content = json_text(json_get(request->body, S("content"))),
        .is_draft = true,
        .spelling = kind->spelling,
        .user_id = request->principal->user_id,
    };
    return true;
}

static bool put_artifact(ApiRequest *request, Error *err)
{
    const QuillMessage *message = request->state;
    QuillTurn turn;
    const ArtifactKind *kind = kind_of_path(request, err);
    if (!kind || !quill_receive(api_engine(request->api), api_scribe(request->api), request->reader, request->arena,
                                &request->scope, message, &turn, err))
        return false;
    artifact_to_json(&request->json, kind, message->spelling == SPELLING_SPY ? turn.draft.code : turn.draft.english,
                     true);
    return true;
}

static bool delete_artifact(ApiRequest *request, Error *err)
{
    AuthoringThread thread;
    const ArtifactKind *kind = kind_of_path(request, err);
    if (!kind || !thread_of_path(request, &thread, err))
        return false;
    return error_set(err, FAILED_PRECONDITION, "",
                     "%.*s is the automation's draft seen as a file; say \"start over\" in the thread for an empty "
                     "draft, or delete the automation",
                     STR_ARG(kind->uri));
}

const Handler thread_artifact_handlers[] = {
    {OP_LIST_THREAD_ARTIFACTS, ON_READER, list_artifacts},
    {OP_GET_THREAD_ARTIFACT, ON_READER, get_artifact},
    {OP_GET_THREAD_ARTIFACT_CONTENT, ON_READER, read_content, .finish = answer_content},
    {OP_PUT_THREAD_ARTIFACT, ON_POOL, put_artifact, prepare_put, .precondition_status = 412},
    {OP_DELETE_THREAD_ARTIFACT, ON_LOOP, delete_artifact, .precondition_status = 412},
    HANDLERS_END,
};
