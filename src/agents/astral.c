/* agents/astral.c: the guidance agent. */
#include "agents/astral.h"

#include "base/json.h"
#include "engine/thread.h"

/* A remark that answers nothing: it is kept, and told why. */
typedef struct Aside {
    Command command;
    Arena *arena;
    const Scope *scope;
    Engine *engine;
    const Remark *remark;
    Str reply;
    ThreadEvent *out;
} Aside;

static bool aside_write(Tx *tx, Command *command, Error *err)
{
    Aside *aside = (Aside *)command;
    const Remark *remark = aside->remark;
    RunRow run;
    ThreadEvent said;
    if (!store_run_get(tx, aside->arena, aside->scope, remark->automation, remark->run_id, &run, err) ||
        !thread_say(tx, aside->arena, run.key, remark->agent_id, remark->exception_id, THREAD_USER_MESSAGE,
                    remark->content, remark->user_id, aside->out, err) ||
        !thread_say(tx, aside->arena, run.key, remark->agent_id, remark->exception_id, THREAD_AGENT_MESSAGE,
                    aside->reply, (Str){0}, &said, err) ||
        !thread_say(tx, aside->arena, run.key, remark->agent_id, remark->exception_id, THREAD_COMPLETION_RESPONSE,
                    aside->reply, (Str){0}, &said, err))
        return false;
    engine_tell_changed(tx, aside->engine, run.key);
    return true;
}

static bool keep_aside(Engine *engine, Arena *arena, const Scope *scope, const Remark *remark, const Error *why,
                       ThreadEvent *out, Error *err)
{
    Aside aside = {.command.apply = aside_write,
                   .arena = arena,
                   .scope = scope,
                   .engine = engine,
                   .remark = remark,
                   .reply = str_printf(arena, "Nothing was changed: %s.", why->message),
                   .out = out};
    return store_execute(engine_store(engine), &aside.command, err);
}

bool astral_receive(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope, const Remark *remark,
                    ThreadEvent *out, Error *err)
{
    if (str_trim(remark->content).len == 0)
        return error_set(err, INVALID_ARGUMENT, "user_message.content",
                         "the message is empty; say what the run asks for");
    AnswerRequest request = {
        .exception_id = remark->exception_id,
        .automation = remark->automation,
        .run_id = remark->run_id,
        .sentence = remark->content,
        .may_approve = remark->may_approve,
        .actor = remark->user_id,
        .user_id = remark->user_id,
        .agent_id = remark->agent_id,
        .from_thread = true,
    };
    AnswerResult result = {0};
    if (exception_answer(engine, reader, arena, scope, &request, &result, err)) {
        *out = result.message;
        return true;
    }
    if (err->code != FAILED_PRECONDITION && err->code != ABORTED)
        return false;
    Error why = *err;
    return keep_aside(engine, arena, scope, remark, &why, out, err);
}
