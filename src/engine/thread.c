/* engine/thread.c: what is said about a run's questions, as events of its thread. */
#include "engine/thread.h"

#include "base/id.h"
#include "base/json.h"

static void payload_of(JsonOut *out, ThreadEventKind kind, Str content, Str user)
{
    json_open_object(out);
    if (kind == THREAD_USER_MESSAGE)
        json_member_str(out, S("user"), user);
    json_member_str(out, S("content"), content);
    json_close_object(out);
}

bool thread_say(Tx *tx, Arena *arena, int64_t run, Str agent, Str exception, ThreadEventKind kind, Str content,
                Str user, ThreadEvent *out, Error *err)
{
    Buf payload = buf_in(arena);
    JsonOut json = json_out(&payload);
    payload_of(&json, kind, content, user);
    Id id = id_new();
    *out = (ThreadEvent){
        .run = run,
        .id = str_copy(arena, id_str(&id)),
        .agent_id = agent,
        .exception_id = exception,
        .kind = kind,
        .payload = buf_view(&payload),
        .create_us = tx_now_us(tx),
        .update_us = tx_now_us(tx),
    };
    return store_thread_add(tx, out, err);
}

/* A message that ends in a list of two or more items becomes buttons in clients (semantics.md 7.2). */
Str thread_question_text(Arena *arena, const Question *question)
{
    Buf text = buf_in(arena);
    buf_str(&text, question->description);
    if (question->n_suggestions == 1)
        buf_printf(&text, "\n\nFor example: %.*s", STR_ARG(question->suggestions[0]));
    for (uint32_t i = 0; question->n_suggestions > 1 && i < question->n_suggestions; i++)
        buf_printf(&text, "%s%u. %.*s", i == 0 ? "\n\n" : "\n", i + 1, STR_ARG(question->suggestions[i]));
    return buf_view(&text);
}
