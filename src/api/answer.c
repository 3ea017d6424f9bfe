/* api/answer.c: typed answers become the sentence that says the same, so that every answer is read by the one reader of
 * lang/answer.h and kept by guide entries in words; only values given with `use` stay typed. */
#include "api/answer.h"

#include "base/clock.h"
#include "value/wire.h"

static bool answer_use(ApiRequest *request, const Json *json, AnswerRequest *out, Error *err)
{
    Answer *answer = NEW(request->arena, Answer);
    Buf text = buf_in(request->arena);
    answer->kind = ANSWER_USE;
    if (!value_from_json(request->arena, json, "use", &answer->value, err))
        return false;
    buf_str(&text, S("use "));
    if (answer->value.kind == VALUE_TEXT) {
        JsonOut quoted = json_out(&text);
        json_str(&quoted, value_str(answer->value));
    } else {
        value_print(&text, answer->value);
    }
    answer->text = buf_view(&text);
    out->typed = answer;
    return true;
}

static bool answer_retry(ApiRequest *request, const Json *json, AnswerRequest *out, Error *err)
{
    const Json *delay = json_get(json, S("delay"));
    int64_t us = 0;
    if (delay && (!duration_parse(delay->text, &us) || us < 0))
        return error_set(err, INVALID_ARGUMENT, "retry.delay", "retry.delay: must not be negative");
    Answer *answer = NEW(request->arena, Answer);
    answer->kind = ANSWER_RETRY;
    answer->delay_seconds = (us + 999999) / 1000000;
    answer->text =
        us ? str_printf(request->arena, "retry in %lld seconds", (long long)answer->delay_seconds) : S("retry");
    out->typed = answer;
    return true;
}

static bool answer_stop(ApiRequest *request, const Json *json, AnswerRequest *out)
{
    Answer *answer = NEW(request->arena, Answer);
    answer->kind = ANSWER_STOP;
    answer->reason = str_trim(json_text(json_get(json, S("reason"))));
    answer->text = S("stop the run");
    if (answer->reason.len > 0)
        answer->text = str_printf(request->arena, "stop the run because %.*s", STR_ARG(answer->reason));
    else
        answer->reason = S(ANSWER_STOP_REASON);
    out->typed = answer;
    return true;
}

/* "replace with" and the sentences below it, each line indented. */
static bool answer_replace(ApiRequest *request, const Json *json, AnswerRequest *out)
{
    Str rest = json_text(json_get(json, S("english_code")));
    Buf sentence = buf_in(request->arena);
    buf_str(&sentence, S("replace with"));
    while (rest.data) {
        Str line = str_cut(&rest, '\n');
        buf_printf(&sentence, "\n    %.*s", STR_ARG(line));
    }
    out->sentence = buf_view(&sentence);
    return true;
}

bool answer_of_body(ApiRequest *request, AnswerRequest *out, Error *err)
{
    const Json *body = request->body, *said;
    const Json *remember = json_get(body, S("remember"));
    if (remember && remember->boolean && !api_may(request, S("create:GuideEntry")))
        return error_set(err, PERMISSION_DENIED, "remember", "remember needs the permission create:GuideEntry");
    *out = (AnswerRequest){
        .remember = remember && remember->boolean,
        .may_approve = api_may(request, S("approve:GuideEntry")),
        .actor = str_printf(request->arena, "users/%.*s", STR_ARG(request->principal->user_id)),
        .user_id = str_printf(request->arena, "users/%.*s", STR_ARG(request->principal->user_id)),
    };
    if ((said = json_get(body, S("use"))))
        return answer_use(request, said, out, err);
    if ((said = json_get(body, S("retry"))))
        return answer_retry(request, said, out, err);
    if ((said = json_get(body, S("stop"))))
        return answer_stop(request, said, out);
    if ((said = json_get(body, S("replace"))))
        return answer_replace(request, said, out);
    said = json_get(body, S("answer"));
    out->sentence = said ? said->text : S("skip");
    return true;
}
