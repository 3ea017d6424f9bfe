/* engine/thread.c: what is said about a run's questions, or while an automation is written, as events of a thread. */
#include "engine/thread.h"

#include "base/id.h"
#include "base/json.h"

Str thread_payload(Arena *arena, ThreadEventKind kind, Str content, Str user)
{
    Buf payload = buf_in(arena);
    JsonOut json = json_out(&payload);
    json_open_object(&json);
    if (kind == THREAD_USER_MESSAGE)
        json_member_str(&json, S("user"), user);
    json_member_str(&json, S("content"), content);
    json_close_object(&json);
    return buf_view(&payload);
}

bool thread_put(Tx *tx, Arena *arena, ThreadEvent *event, Error *err)
{
    Id id = id_new();
    event->id = str_copy(arena, id_str(&id));
    event->create_us = event->update_us = tx_now_us(tx);
    return store_thread_add(tx, event, err);
}

bool thread_say(Tx *tx, Arena *arena, int64_t run, Str agent, Str exception, ThreadEventKind kind, Str content,
                Str user, ThreadEvent *out, Error *err)
{
    *out = (ThreadEvent){
        .run = run,
        .agent_id = agent,
        .exception_id = exception,
        .kind = kind,
        .payload = thread_payload(arena, kind, content, user),
    };
    return thread_put(tx, arena, out, err);
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
