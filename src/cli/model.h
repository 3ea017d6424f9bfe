/* cli/model.h: a model behind any endpoint that speaks OpenAI's chat completions: POST {url}/chat/completions with
 * "model" and "messages", answered with choices[0].message.content. */
#ifndef CLERKWORK_CLI_MODEL_H
#define CLERKWORK_CLI_MODEL_H

#include "agents/model.h"
#include "http/client.h"

typedef struct RealModel RealModel;

typedef struct RealModelOptions {
    Str url;  /* "https://host/v1"; with or without /chat/completions */
    Str key;  /* "" sends none; never logged, never part of an error */
    Str name; /* of the model, as the endpoint knows it */
    int64_t timeout_ms;
    HttpClientOptions calls_out;
} RealModelOptions;

/* The texts of `options` must outlive it. INVALID_ARGUMENT ("model-url", "model-key", "model-name") for what cannot be
 * sent. The client starts with the first question. */
MUST_USE bool real_model_new(const RealModelOptions *options, RealModel **out, Error *err);
const Model *real_model(const RealModel *model);
void real_model_stop(RealModel *model); /* questions under way end; NULL is accepted */
void real_model_free(RealModel *model); /* stopped; NULL is accepted */

#endif
