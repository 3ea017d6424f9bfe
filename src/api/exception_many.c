/* api/exception_many.c: one exception by its name, or all that a filter finds, changed together. */
#include "aip/name.h"
#include "api/answer.h"
#include "api/exception.h"
#include "api/handlers.h"
#include "api/name.h"

/* What one call changes at most: the writer does nothing else meanwhile. */
#define MANY_MOST 1000

typedef struct Many Many;
typedef bool (*ChangeOne)(ApiRequest *request, const Many *many, Str id, ExceptionRow *out, Error *err);
struct Many {
    ExceptionState from; /* a filter finds those in this state */
    ChangeOne change;
    Str assignee;
};

static bool archive_one(ApiRequest *request, const Many *many, Str id, ExceptionRow *out, Error *err)
{
    (void)many;
    return exception_archive(request->tx, api_engine(request->api), request->arena, &request->scope, id, out, err);
}

static bool unarchive_one(ApiRequest *request, const Many *many, Str id, ExceptionRow *out, Error *err)
{
    (void)many;
    return exception_unarchive(request->tx, api_engine(request->api), request->arena, &request->scope, id, out, err);
}

static bool assign_one(ApiRequest *request, const Many *many, Str id, ExceptionRow *out, Error *err)
{
    return exception_change(request->tx, api_engine(request->api), request->arena, &request->scope, id,
                            &(ExceptionChange){.has_assignee = true, .assignee = many->assignee}, out, err);
}

static Str full_name(ApiRequest *request, Str id)
{
    return name_in_workspace(request->arena, &request->scope, S("exceptions"), id);
}

static void answer(ApiRequest *request, const Buf *names, int changed, const Buf *failures, int64_t remaining)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_key(out, S("exceptions"));
    json_raw(out, buf_view(names));
    json_key(out, S("updated_count"));
    json_i64(out, changed);
    json_key(out, S("failures"));
    json_raw(out, buf_view(failures));
    json_key(out, S("remaining_count"));
    json_i64(out, MIN_OF(remaining, INT32_MAX));
    json_close_object(out);
}

static void failure(ApiRequest *request, JsonOut *out, Str id, const Error *why)
{
    json_open_object(out);
    json_member_str(out, S("exception"), full_name(request, id));
    json_member_str(out, S("message"), str_from_c(why->message));
    json_close_object(out);
}

/* What refuses its change (FAILED_PRECONDITION, nothing written) is told and left; anything else undoes all. */
static bool change_all(ApiRequest *request, const Many *many, const ExceptionRow *found, int n, int64_t total,
                       Error *err)
{
    Buf names = buf_in(request->arena), failures = buf_in(request->arena);
    JsonOut names_out = json_out(&names), failures_out = json_out(&failures);
    int changed = 0;
    json_open_array(&names_out);
    json_open_array(&failures_out);
    for (int i = 0; i < n; i++) {
        ExceptionRow after;
        if (many->change(request, many, found[i].id, &after, err)) {
            json_str(&names_out, full_name(request, found[i].id));
            changed++;
            continue;
        }
        if (err->code != FAILED_PRECONDITION)
            return false;
        failure(request, &failures_out, found[i].id, err);
        *err = (Error){0};
    }
    json_close_array(&names_out);
    json_close_array(&failures_out);
    answer(request, &names, changed, &failures, total - n);
    return true;
}

static bool change_one(ApiRequest *request, const Many *many, Str id, Error *err)
{
    ExceptionRow after;
    Buf names = buf_in(request->arena), failures = buf_in(request->arena);
    if (!many->change(request, many, id, &after, err))
        return false;
    JsonOut names_out = json_out(&names);
    json_open_array(&names_out);
    json_str(&names_out, full_name(request, after.id));
    json_close_array(&names_out);
    buf_str(&failures, S("[]"));
    answer(request, &names, 1, &failures, 0);
    return true;
}

/* Those in one state that the body's filter finds, oldest first, MANY_MOST at most; `*out_total` are there in all. */
static bool find(ApiRequest *request, ExceptionState from, ExceptionRow **out, int *out_n, int64_t *out_total,
                 Error *err)
{
    const ContractOperation *operation = request->operation;
    const Filter *filter = NULL;
    if (!filter_parse(request->arena, json_text(json_get(request->body, S("filter"))), operation->filter_fields,
                      operation->n_filter_fields, &filter, err))
        return false;
    if (!filter)
        return error_set(err, INVALID_ARGUMENT, "filter", "the filter is empty; say which exceptions are meant");
    return store_exception_find(request->tx, request->arena, &request->scope, from, filter, MANY_MOST, out, out_n,
                                out_total, err);
}

static bool change(ApiRequest *request, const Many *many, Error *err)
{
    const Json *name = json_get(request->body, S("exception_name"));
    ExceptionRow *found;
    int n;
    int64_t total;
    if (name)
        return change_one(request, many, name_leaf(name->text), err);
    return find(request, many->from, &found, &n, &total, err) && change_all(request, many, found, n, total, err);
}

static bool archive_many(ApiRequest *request, Error *err)
{
    return change(request, &(Many){.from = EXCEPTION_PENDING, .change = archive_one}, err);
}

static bool unarchive_many(ApiRequest *request, Error *err)
{
    return change(request, &(Many){.from = EXCEPTION_ARCHIVED, .change = unarchive_one}, err);
}

static bool assign_many(ApiRequest *request, Error *err)
{
    Many many = {.from = EXCEPTION_PENDING, .change = assign_one};
    return exception_assignee(request, "assignee", json_text(json_get(request->body, S("assignee"))), &many.assignee,
                              err) &&
           change(request, &many, err);
}

/* ---- answering many ---- */

/* Answers of one transaction: the states of so many runs are in memory at once. */
#define RESOLVE_TOGETHER 50

typedef struct Resolving {
    AnswerRequest answer; /* the same for all */
    ExceptionRow *found;
    int n;
    int64_t total;
} Resolving;

static bool prepare_resolve_many(ApiRequest *request, Error *err)
{
    Resolving *resolving = NEW(request->arena, Resolving);
    request->state = resolving;
    return answer_of_body(request, &resolving->answer, err) &&
           find(request, EXCEPTION_PENDING, &resolving->found, &resolving->n, &resolving->total, err);
}

static bool resolve_together(ApiRequest *request, const Resolving *resolving, int from, int n, AnswerOutcome *out,
                             Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    AnswerRequest *answers = NEW_ARRAY(&arena, AnswerRequest, (size_t)n);
    for (int i = 0; i < n; i++) {
        answers[i] = resolving->answer;
        answers[i].exception_id = resolving->found[from + i].id;
    }
    return exception_answer_many(api_engine(request->api), request->reader, &arena, &request->scope, answers, n, out,
                                 err);
}

static bool resolve_many(ApiRequest *request, Error *err)
{
    const Resolving *resolving = request->state;
    Buf names = buf_in(request->arena), failures = buf_in(request->arena);
    JsonOut names_out = json_out(&names), failures_out = json_out(&failures);
    int changed = 0;
    json_open_array(&names_out);
    json_open_array(&failures_out);
    for (int from = 0; from < resolving->n; from += RESOLVE_TOGETHER) {
        AnswerOutcome outcomes[RESOLVE_TOGETHER];
        int n = MIN_OF(resolving->n - from, RESOLVE_TOGETHER);
        if (!resolve_together(request, resolving, from, n, outcomes, err))
            return false;
        for (int i = 0; i < n; i++) {
            Str id = resolving->found[from + i].id;
            if (outcomes[i].refusal.code != OK) {
                failure(request, &failures_out, id, &outcomes[i].refusal);
                continue;
            }
            json_str(&names_out, full_name(request, id));
            changed++;
        }
    }
    json_close_array(&names_out);
    json_close_array(&failures_out);
    answer(request, &names, changed, &failures, resolving->total - resolving->n);
    return true;
}

const Handler exception_many_handlers[] = {
    {OP_ASSIGN_EXCEPTIONS, ON_WRITER, assign_many},
    {OP_ARCHIVE_EXCEPTIONS, ON_WRITER, archive_many},
    {OP_UNARCHIVE_EXCEPTIONS, ON_WRITER, unarchive_many},
    {OP_BATCH_RESOLVE_EXCEPTIONS, ON_POOL, resolve_many, prepare_resolve_many},
    HANDLERS_END,
};
