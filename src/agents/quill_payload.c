/* agents/quill_payload.c: what the author says, as the JSON that events hold. */
#include "agents/quill_payload.h"

#include "base/json.h"
#include "engine/automation.h"

/* Clients read the echo from either member. */
Str quill_user_payload(Arena *arena, const QuillMessage *message)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("user"), str_printf(arena, "users/%.*s", STR_ARG(message->user_id)));
    json_member_str(&out, S("content"), message->content);
    json_key(&out, S("content_list"));
    json_open_object(&out);
    json_key(&out, S("items"));
    json_open_array(&out);
    json_open_object(&out);
    json_member_str(&out, S("text"), message->content);
    json_close_object(&out);
    json_close_array(&out);
    json_close_object(&out);
    if (message->documents.len > 0) {
        json_key(&out, S("documents"));
        json_raw(&out, message->documents);
    }
    json_close_object(&out);
    return buf_view(&payload);
}

static void diagnostics_member(JsonOut *out, const Diagnostics *diagnostics)
{
    json_key(out, S("diagnostics"));
    json_open_array(out);
    for (uint32_t i = 0; diagnostics && i < diagnostics->count; i++)
        diagnostic_to_json(out, &diagnostics->items[i]);
    json_close_array(out);
}

/* Both spellings as JSON within a string, which is how clients read it. */
Str quill_artifact_payload(Arena *arena, const Revision *revision)
{
    Buf content = buf_in(arena), payload = buf_in(arena);
    JsonOut inner = json_out(&content), out = json_out(&payload);
    json_open_object(&inner);
    json_member_str(&inner, S("english_code"), revision->english);
    json_member_str(&inner, S("code"), revision->code);
    json_member_str(&inner, S("version"), version_text(arena, revision->version));
    json_member_str(&inner, S("display_name"), revision->display_name);
    json_key(&inner, S("valid"));
    json_bool(&inner, revision->valid);
    json_close_object(&inner);
    json_open_object(&out);
    json_member_str(&out, S("artifact_type"), S("automation"));
    json_member_str(&out, S("content"), buf_view(&content));
    json_close_object(&out);
    return buf_view(&payload);
}

Str quill_interrupt_payload(Arena *arena, const AuthorStep *step, Str id)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("interrupt_id"), id);
    json_member_str(&out, S("content"), step->say);
    json_key(&out, S("questions"));
    json_open_array(&out);
    json_open_object(&out);
    json_member_str(&out, S("id"), S("draft"));
    json_member_str(&out, S("header"), S("Draft"));
    json_member_str(&out, S("question"), step->say);
    json_key(&out, S("options"));
    json_open_array(&out);
    for (uint32_t i = 0; i < step->n_options; i++) {
        json_open_object(&out);
        json_member_str(&out, S("label"), step->options[i].label);
        json_member_str(&out, S("description"), step->options[i].description);
        json_close_object(&out);
    }
    json_close_array(&out);
    json_key(&out, S("multi_select"));
    json_bool(&out, false);
    json_close_object(&out);
    json_close_array(&out);
    diagnostics_member(&out, step->diagnostics);
    json_close_object(&out);
    return buf_view(&payload);
}

Str quill_answer_payload(Arena *arena, Str interrupt_id, Str answer)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("interrupt_id"), interrupt_id);
    json_member_str(&out, S("content"), answer);
    json_close_object(&out);
    return buf_view(&payload);
}

/* Clients read either member. */
Str quill_progress_payload(Arena *arena, Str content)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("progress_type"), S("thinking"));
    json_member_str(&out, S("content"), content);
    json_member_str(&out, S("message"), content);
    json_close_object(&out);
    return buf_view(&payload);
}

Str quill_failure_payload(Arena *arena, Str content, const char *kind, bool retryable)
{
    Buf payload = buf_in(arena);
    JsonOut out = json_out(&payload);
    json_open_object(&out);
    json_member_str(&out, S("content"), content);
    json_member_str(&out, S("error"), str_from_c(kind));
    json_key(&out, S("retryable"));
    json_bool(&out, retryable);
    json_close_object(&out);
    return buf_view(&payload);
}
