/* cli/model.c: a model behind an endpoint of the OpenAI kind. */
#include "cli/model.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/json.h"
#include "cli/version.h"

#define ANSWER_BYTES_MOST (1 << 20) /* the JSON around the text included */
#define ANSWER_DEPTH 32
#define N_HEADERS 3

struct RealModel {
    Model model;
    RealModelOptions options;
    Arena arena;
    Str url;
    HttpHeader headers[N_HEADERS];
    int n_headers;
    pthread_mutex_t lock;
    HttpClient *client; /* under `lock` */
    bool stopped;
};

typedef struct Question {
    HttpCall call;
    Arena arena;
    void (*done)(void *context, const ModelAnswer *answer);
    void *context;
} Question;

/* ---- the answer ---- */

static bool retryable_status(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

/* What the endpoint says at length is not repeated: it may hold anything. */
static bool read_status(int status, Error *err)
{
    if (status >= 200 && status <= 299)
        return true;
    if (status == 401 || status == 403)
        return error_set(err, FAILED_PRECONDITION, "", "its endpoint does not accept the key (status %d)", status);
    if (status == 404)
        return error_set(err, FAILED_PRECONDITION, "", "its endpoint knows no such address or model (status 404)");
    if (status == 429)
        return error_set(err, RESOURCE_EXHAUSTED, "", "its endpoint asks for patience (status 429)");
    return error_set(err, UNAVAILABLE, "", "its endpoint answered with status %d", status);
}

static bool read_text(Arena *arena, Str body, Str *out, Error *err)
{
    const Json *json;
    Error ignored;
    if (!json_parse(arena, body, ANSWER_DEPTH, &json, &ignored))
        return error_set(err, UNAVAILABLE, "", "what its endpoint sent is no JSON");
    const Json *choices = json_get(json, S("choices"));
    const Json *first = json_is(choices, JSON_ARRAY) && choices->count > 0 ? &choices->items[0] : NULL;
    Str text = json_text(json_get(json_get(first, S("message")), S("content")));
    if (str_trim(text).len == 0)
        return error_set(err, UNAVAILABLE, "", "what its endpoint sent has no choices[0].message.content");
    if (text.len > MODEL_ANSWER_MOST || !utf8_is_valid(text) || str_find_char(text, '\0') >= 0)
        return error_set(err, UNAVAILABLE, "", "its text is no text, or has more than %d KiB", MODEL_ANSWER_MOST >> 10);
    *out = text;
    return true;
}

/* Without the address: who writes automations need not know it. */
static void read_failure(const HttpCall *call, Error *err)
{
    switch (call->err.code) {
    case DEADLINE_EXCEEDED:
        (void)error_set(err, DEADLINE_EXCEEDED, "", "it did not answer within %lld s",
                        (long long)(call->timeout_ms / 1000));
        break;
    case RESOURCE_EXHAUSTED:
        (void)error_set(err, RESOURCE_EXHAUSTED, "", "its endpoint sent more than %d KiB", ANSWER_BYTES_MOST >> 10);
        break;
    case PERMISSION_DENIED:
        (void)error_set(err, FAILED_PRECONDITION, "",
                        "its endpoint is in a private network, and the setting private-addresses refuses those");
        break;
    case CANCELLED: *err = call->err; break;
    default: (void)error_set(err, UNAVAILABLE, "", "its endpoint cannot be reached, or the answer was cut off"); break;
    }
}

static void come_back(HttpCall *call)
{
    Question *question = call->context;
    ModelAnswer answer = {.retryable = true};
    if (call->err.code != OK) {
        read_failure(call, &answer.err);
        answer.retryable = call->err.code != PERMISSION_DENIED;
    } else if (!read_status(call->status, &answer.err)) {
        answer.retryable = retryable_status(call->status);
    } else {
        (void)read_text(&question->arena, buf_view(&call->answer), &answer.text, &answer.err);
    }
    question->done(question->context, &answer);
    http_call_done(call);
    arena_done(&question->arena);
    free(question);
}

/* ---- the question ---- */

static Str body_of(Arena *arena, Str name, const ModelMessage *messages, int n)
{
    Buf body = buf_in(arena);
    JsonOut out = json_out(&body);
    json_open_object(&out);
    json_member_str(&out, S("model"), name);
    json_key(&out, S("temperature"));
    json_i64(&out, 0);
    json_key(&out, S("stream"));
    json_bool(&out, false);
    json_key(&out, S("messages"));
    json_open_array(&out);
    for (int i = 0; i < n; i++) {
        json_open_object(&out);
        json_member_str(&out, S("role"), str_from_c(messages[i].role));
        json_member_str(&out, S("content"), messages[i].content);
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    return buf_view(&body);
}

static Question *question_of(RealModel *model, const ModelMessage *messages, int n)
{
    Question *question = calloc(1, sizeof *question);
    if (!question)
        abort();
    question->call = (HttpCall){.method = "POST",
                                .url = model->url,
                                .headers = model->headers,
                                .n_headers = model->n_headers,
                                .body = body_of(&question->arena, model->options.name, messages, n),
                                .timeout_ms = model->options.timeout_ms,
                                .max_bytes = ANSWER_BYTES_MOST,
                                .done = come_back,
                                .context = question};
    return question;
}

static uint64_t ask(void *self, const ModelMessage *messages, int n,
                    void (*done)(void *context, const ModelAnswer *answer), void *context)
{
    RealModel *model = self;
    ModelAnswer answer = {.retryable = true};
    uint64_t ticket = 0;
    pthread_mutex_lock(&model->lock);
    bool ok = !model->stopped || error_set(&answer.err, CANCELLED, "", "the server stops");
    ok = ok && (model->client || http_client_start(&model->client, &model->options.calls_out, &answer.err));
    if (ok) {
        Question *question = question_of(model, messages, n);
        question->done = done;
        question->context = context;
        ticket = http_client_send(model->client, &question->call);
    }
    pthread_mutex_unlock(&model->lock);
    if (!ok)
        done(context, &answer);
    return ticket;
}

static void cancel(void *self, uint64_t ticket)
{
    RealModel *model = self;
    pthread_mutex_lock(&model->lock);
    if (model->client)
        http_client_cancel(model->client, ticket);
    pthread_mutex_unlock(&model->lock);
}

/* ---- life ---- */

static void make_call(RealModel *model)
{
    Str url = model->options.url, path = S("/chat/completions");
    while (str_ends(url, S("/")))
        url.len--;
    model->url = str_ends(url, path) ? url : str_printf(&model->arena, "%.*s%.*s", STR_ARG(url), STR_ARG(path));
    model->headers[model->n_headers++] = (HttpHeader){S("Content-Type"), S("application/json")};
    model->headers[model->n_headers++] = (HttpHeader){S("User-Agent"), S("Clerkwork/" CLERKWORK_VERSION)};
    if (model->options.key.len > 0)
        model->headers[model->n_headers++] =
            (HttpHeader){S("Authorization"), str_printf(&model->arena, "Bearer %.*s", STR_ARG(model->options.key))};
}

static bool check_options(const RealModel *model, Error *err)
{
    Error inner;
    HttpCall call = {.url = model->url, .headers = model->headers, .n_headers = model->n_headers};
    if (model->options.name.len == 0)
        return error_set(err, INVALID_ARGUMENT, "model-name", "model-url is set: say which model is to be asked");
    if (http_call_check(&call, &inner))
        return true;
    bool key = str_eq(str_from_c(inner.field), S("headers"));
    return error_set(err, INVALID_ARGUMENT, key ? "model-key" : "model-url", "%s",
                     key ? "the key holds characters that no header can" : inner.message);
}

bool real_model_new(const RealModelOptions *options, RealModel **out, Error *err)
{
    RealModel *model = calloc(1, sizeof *model);
    if (!model)
        abort();
    model->options = *options;
    model->model = (Model){.self = model, .timeout_us = options->timeout_ms * 1000, .ask = ask, .cancel = cancel};
    pthread_mutex_init(&model->lock, NULL);
    make_call(model);
    if (!check_options(model, err)) {
        real_model_free(model);
        return false;
    }
    *out = model;
    return true;
}

const Model *real_model(const RealModel *model)
{
    return &model->model;
}

void real_model_stop(RealModel *model)
{
    if (!model)
        return;
    pthread_mutex_lock(&model->lock);
    model->stopped = true;
    HttpClient *client = model->client;
    model->client = NULL;
    pthread_mutex_unlock(&model->lock);
    http_client_stop(client);
}

void real_model_free(RealModel *model)
{
    if (!model)
        return;
    pthread_mutex_destroy(&model->lock);
    arena_done(&model->arena);
    free(model);
}
