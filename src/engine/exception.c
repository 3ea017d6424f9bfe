/* engine/exception.c: questions that runs ask, and the one function in which every way to answer ends. */
#include "engine/exception.h"

#include "base/id.h"
#include "engine/internal.h"
#include "store/exception_group.h"

const ExceptionGroup exception_groups[3] = {
    {"missing_values", "Missing values",
     "Something that the automation needs is not there: a cell, a field, an input, an answer.",
     "Give the value, or say what to do without it."},
    {"user_system_error", "Checks and outside systems",
     "A check of the automation failed, a value cannot be used as it is, or a system outside refused.",
     "Correct the value or the system, then retry; or say what to do instead."},
    {"internal_error", "Internal errors", "The run met a limit or an inconsistency of the server itself.",
     "Retry; when it stays, report it with the exception's name."},
};

/* ---- snapshots ---- */

bool snapshot_put(Tx *tx, int64_t run, const Snapshot *snapshot, Error *err)
{
    AUTO(buf_done)
    Buf bytes = {0};
    buf_varint(&bytes, (uint64_t)snapshot->journal_entries);
    buf_str(&bytes, snapshot->bytes);
    return store_snapshot_put(tx, run, buf_view(&bytes), snapshot->effects, err);
}

bool snapshot_get(Tx *tx, Arena *arena, int64_t run, Snapshot *out, Error *err)
{
    Str bytes;
    int64_t effects;
    if (!store_snapshot_get(tx, arena, run, &bytes, &effects, err))
        return false;
    Reader reader = reader_of(bytes);
    out->effects = effects;
    out->journal_entries = bytes.len > 0 ? (int64_t)read_varint(&reader) : 0;
    out->bytes = str_of((const char *)reader.next, (size_t)(reader.end - reader.next));
    return true;
}

/* ---- questions ---- */

const Question *question_copy(Arena *arena, const Question *question)
{
    Question *copy = NEW(arena, Question);
    *copy = *question;
    copy->kind = str_to_c(arena, str_from_c(question->kind)); /* restored ones live in their evaluation */
    copy->group = str_to_c(arena, str_from_c(question->group));
    copy->call_path = str_copy(arena, question->call_path);
    copy->message = str_copy(arena, question->message);
    copy->description = str_copy(arena, question->description);
    copy->missing = str_copy(arena, question->missing);
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        copy->suggestions[i] = str_copy(arena, question->suggestions[i]);
    for (uint32_t i = 0; i < question->n_extra; i++) {
        copy->extra[i].name = str_copy(arena, question->extra[i].name);
        copy->extra[i].value = value_copy_deep(arena, question->extra[i].value);
    }
    return copy;
}

Span question_location(const Program *program, uint32_t node_id)
{
    if (node_id == 0 || node_id >= program->n_nodes)
        return (Span){0, 0};
    return program->nodes[node_id]->spy;
}

static Str extra_text(Arena *arena, const Question *question, Str guide_story)
{
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    for (uint32_t i = 0; i < question->n_extra; i++) {
        Buf printed = buf_in(arena);
        value_print(&printed, question->extra[i].value);
        json_member_str(&json, question->extra[i].name, buf_view(&printed));
    }
    json_member_str(&json, S("kind"), str_from_c(question->kind));
    if (guide_story.len > 0)
        json_member_str(&json, S("guide"), guide_story);
    json_close_object(&json);
    return buf_view(&text);
}

void exception_from_question(Arena *arena, int64_t now_us, const RunRow *run, const Question *question,
                             uint64_t sentence_hash, Str guide_story, ExceptionRow *out)
{
    Id id = id_new_at(now_us);
    *out = (ExceptionRow){
        .run = run->key,
        .automation = run->automation,
        .scope = run->scope,
        .id = str_copy(arena, id_str(&id)),
        .run_id = run->id,
        .automation_id = run->automation_id,
        .execution_id = run->execution_id,
        .message = question->message,
        .description = question->description,
        .location_start = -1,
        .location_end = -1,
        .state = EXCEPTION_PENDING,
        .group = str_from_c(question->group),
        .stage = run->stage,
        .extra = extra_text(arena, question, guide_story),
        .sentence_hash = sentence_hash,
        .kind = str_from_c(question->kind),
        .missing = question->missing,
        .create_us = now_us,
        .update_us = now_us,
    };
}

/* Whoever left the workspace is given nothing any more. */
static bool still_member(Tx *tx, Arena *arena, const Scope *scope, Str assignee, bool *out, Error *err)
{
    User user;
    Membership membership;
    Error gone = {0};
    *out = false;
    if (!store_user_get(tx, arena, str_skip(assignee, 6), &user, &gone))
        return gone.code == NOT_FOUND || error_set(err, gone.code, "", "%s", gone.message);
    if (!store_membership(tx, arena, scope->organization, scope->workspace, user.key, &membership, err))
        return false;
    *out = !membership_is_none(&membership);
    return true;
}

bool exception_give(Tx *tx, Arena *arena, ExceptionRow *exception, Error *err)
{
    GroupDefaults defaults;
    bool member = false;
    if (!store_exception_group_get(tx, arena, &exception->scope, exception->group, &defaults, err))
        return false;
    if (defaults.due_us)
        exception->due_us = exception->create_us + defaults.due_us;
    if (defaults.assignee.len > 0 && !still_member(tx, arena, &exception->scope, defaults.assignee, &member, err))
        return false;
    if (member)
        exception->assignee = defaults.assignee;
    return true;
}

/* ---- answering ---- */

/* What is found out before the writer is asked: all of it holds only if the run still waits in the same state. */
typedef struct Patch {
    Command command;
    Engine *engine;
    Arena *arena;
    const AnswerRequest *request;
    AnswerResult *result;
    RunRow run;             /* as it was read */
    ExceptionRow exception; /* key 0 for draft runs */
    const Program *program;
    Evaluation *evaluation;
    const Question *question;
    Answer answer;
    EvalStatus status; /* after the answer */
    Str trace, failure;
    Snapshot snapshot; /* the one that holds the question; then the one after the answer */
    EffectRow heard;
    int64_t timer_seconds;
    bool accepted;
    Error refusal; /* when not accepted */
} Patch;

static void patch_done(Patch *patch)
{
    evaluation_free(patch->evaluation);
    if (patch->program)
        engine_program_release(patch->engine, patch->program);
}

static bool nothing_asked(const RunRow *run, Error *err)
{
    return error_set(err, FAILED_PRECONDITION, "", "the run is %s and asks nothing", run_state_names[run->state]);
}

static bool patch_find(Tx *tx, const Scope *scope, Patch *patch, Error *err)
{
    const AnswerRequest *request = patch->request;
    if (request->exception_id.len > 0) {
        if (!store_exception_get(tx, patch->arena, scope, request->exception_id, &patch->exception, err))
            return false;
        if (patch->exception.state == EXCEPTION_RESOLVED)
            return error_set(err, FAILED_PRECONDITION, "",
                             "the exception is resolved already; its run goes on by itself");
        if (patch->exception.state == EXCEPTION_ARCHIVED)
            return error_set(err, FAILED_PRECONDITION, "",
                             "the exception is archived; unarchive it before you answer it");
        return store_run_get_by_key(tx, patch->arena, patch->exception.run, &patch->run, err);
    }
    if (!store_run_get(tx, patch->arena, scope, request->automation, request->run_id, &patch->run, err))
        return false;
    if (patch->run.exception_id.len == 0)
        return true;
    return store_exception_get(tx, patch->arena, scope, patch->run.exception_id, &patch->exception, err);
}

static bool patch_restore(Tx *tx, Patch *patch, Error *err)
{
    Locale locale;
    if (patch->run.state != RUN_AWAITING_GUIDANCE)
        return nothing_asked(&patch->run, err);
    patch->program = engine_program(patch->engine, tx, patch->run.revision, err);
    if (!patch->program || !locale_unpack(patch->arena, patch->run.locale, &locale, err) ||
        !snapshot_get(tx, patch->arena, patch->run.key, &patch->snapshot, err) ||
        !evaluation_restore(patch->program, patch->snapshot.bytes, engine_eval_options(patch->engine, &locale),
                            &patch->evaluation, err))
        return false;
    if (evaluation_status(patch->evaluation) != EVAL_QUESTION)
        return error_set(err, DATA_LOSS, "", "the run's snapshot holds no question; it cannot be answered");
    patch->question = question_copy(patch->arena, evaluation_question(patch->evaluation));
    return true;
}

static bool patch_apply(Patch *patch, Error *err)
{
    const AnswerRequest *request = patch->request;
    if (request->typed)
        patch->answer = *request->typed;
    else if (!answer_read(patch->arena, request->sentence, patch->program, patch->question, &patch->answer, err))
        return false;
    if (!evaluation_answer(patch->evaluation, &patch->answer, err))
        return false;
    Buf heard = buf_in(patch->arena);
    heard_pack_answer(patch->arena, &heard, &patch->answer);
    patch->heard = (EffectRow){.number = patch->snapshot.effects,
                               .kind = HEARD_ANSWER,
                               .site = heard_question_site(patch->program, patch->question),
                               .result = buf_view(&heard)};
    patch->status = evaluation_status(patch->evaluation);
    patch->trace = str_copy(patch->arena, evaluation_trace(patch->evaluation));
    evaluation_trace_clear(patch->evaluation);
    if (patch->status == EVAL_FAILED)
        patch->failure = str_copy(patch->arena, evaluation_failure(patch->evaluation));
    if (patch->status == EVAL_TIMER)
        patch->timer_seconds = evaluation_timer(patch->evaluation)->seconds;
    Buf snapshot = buf_in(patch->arena);
    evaluation_save(patch->evaluation, &snapshot);
    patch->snapshot.bytes = buf_view(&snapshot);
    return true;
}

/* A slip in a sentence is told in the thread it came from; anything else is the caller's error. */
static bool patch_refused(Patch *patch, const Error *why)
{
    if (!patch->request->from_thread || why->code != INVALID_ARGUMENT)
        return false;
    patch->accepted = false;
    patch->refusal = *why;
    return true;
}

static bool patch_make(StoreReader *reader, const Scope *scope, Patch *patch, Error *err)
{
    Tx *tx;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = patch_find(tx, scope, patch, err) && patch_restore(tx, patch, err);
    tx_end(tx);
    if (!ok)
        return false;
    patch->accepted = patch_apply(patch, err);
    return patch->accepted || patch_refused(patch, err);
}

static Str agent_of(const AnswerRequest *request)
{
    return request->agent_id.len > 0 ? request->agent_id : S("astral");
}

static bool say(Tx *tx, Patch *patch, ThreadEventKind kind, Str content, ThreadEvent *out, Error *err)
{
    return thread_say(tx, patch->arena, patch->run.key, agent_of(patch->request), patch->exception.id, kind, content,
                      patch->request->user_id, out, err);
}

static Str understood(const Patch *patch)
{
    switch (patch->status) {
    case EVAL_FAILED:
        return str_printf(patch->arena, "Understood: %.*s. The run has ended.", STR_ARG(patch->answer.text));
    case EVAL_TIMER:
        return str_printf(patch->arena, "Understood: %.*s. The run goes on then.", STR_ARG(patch->answer.text));
    default: return str_printf(patch->arena, "Understood: %.*s. The run goes on.", STR_ARG(patch->answer.text));
    }
}

static bool write_thread(Tx *tx, Patch *patch, Error *err)
{
    ThreadEvent said;
    Str sentence = patch->request->typed ? patch->answer.text : patch->request->sentence;
    Str reply = patch->accepted ? understood(patch) : str_copy(patch->arena, str_from_c(patch->refusal.message));
    return say(tx, patch, THREAD_USER_MESSAGE, sentence, &patch->result->message, err) &&
           say(tx, patch, THREAD_AGENT_MESSAGE, reply, &said, err) &&
           say(tx, patch, THREAD_COMPLETION_RESPONSE, reply, &said, err);
}

static bool resolve_exception(Tx *tx, Patch *patch, Error *err)
{
    if (patch->exception.key == 0)
        return true;
    patch->exception.state = EXCEPTION_RESOLVED;
    patch->exception.resolver = patch->request->actor;
    patch->exception.update_us = patch->exception.resolve_us = tx_now_us(tx);
    return store_exception_update(tx, &patch->exception, err);
}

static bool remember(Tx *tx, Patch *patch, Error *err)
{
    if ((!patch->request->remember && !patch->answer.remember) || patch->run.stage != STAGE_PUBLISHED)
        return true;
    return guide_remember(tx, patch->arena, &patch->run, patch->program, patch->question, &patch->answer,
                          patch->request, patch->exception.id, err);
}

static bool move_run(Tx *tx, Patch *patch, RunRow *run, JournalDraft *journal, Error *err)
{
    int64_t now = tx_now_us(tx);
    if (patch->status == EVAL_FAILED)
        return run_fail(patch->arena, run, patch->failure, true, now, journal, err);
    if (!run_move(run, RUN_EXECUTING, now, NULL, journal, err))
        return false;
    if (patch->status == EVAL_TIMER) {
        run->timer_parked = true;
        run->timer_us = now + patch->timer_seconds * 1000000;
    }
    return true;
}

/* The answer, and the wait that it asks for: the run goes on after both. */
static bool write_heard(Tx *tx, const Patch *patch, Snapshot *snapshot, Error *err)
{
    EffectRow timer = {.number = patch->heard.number + 1, .kind = HEARD_TIMER, .site = HEARD_ANYWHERE};
    bool waits = patch->status == EVAL_TIMER;
    snapshot->effects = timer.number + (waits ? 1 : 0);
    return store_effect_finish(tx, patch->run.key, &patch->heard, err) &&
           (!waits || store_effect_finish(tx, patch->run.key, &timer, err));
}

static bool write_run(Tx *tx, Patch *patch, RunRow *run, Error *err)
{
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    journal_draft_batch(&journal, patch->trace);
    Snapshot snapshot = patch->snapshot;
    if (!move_run(tx, patch, run, &journal, err) || !write_heard(tx, patch, &snapshot, err) ||
        !store_journal_end(tx, run->key, &snapshot.journal_entries, err))
        return false;
    snapshot.journal_entries += journal.n_entries;
    bool ended = patch->status == EVAL_FAILED;
    if (ended ? !run_clear_remains(tx, run->key, err) : !snapshot_put(tx, run->key, &snapshot, err))
        return false;
    if (!run_write(tx, patch->engine, NULL, run, &journal, err))
        return false;
    tx_after_commit(tx, engine_wake, patch->engine, run->key); /* a wake before a timer's hour does nothing */
    return true;
}

/* ABORTED, and nothing written, when the question is not the one that was read. */
static bool patch_still_fits(Tx *tx, const Patch *patch, RunRow *out_run, Error *err)
{
    if (!store_run_get_by_key(tx, patch->arena, patch->run.key, out_run, err))
        return false;
    return (out_run->state == RUN_AWAITING_GUIDANCE && out_run->state_us == patch->run.state_us) ||
           error_set(err, ABORTED, "",
                     "somebody else answered meanwhile, or the run was ended; look at its state again");
}

static bool patch_put(Tx *tx, Patch *patch, RunRow *run, Error *err)
{
    ArenaMark mark = arena_mark(patch->arena);
    ExceptionRow as_read = patch->exception;
    bool ok = write_thread(tx, patch, err);
    if (ok && patch->accepted)
        ok = resolve_exception(tx, patch, err) && remember(tx, patch, err) && write_run(tx, patch, run, err);
    else if (ok)
        engine_tell_changed(tx, patch->engine, run->key);
    if (!ok) {
        patch->exception = as_read;
        arena_release(patch->arena, mark);
        return false;
    }
    patch->result->run = *run;
    patch->result->exception = patch->exception;
    patch->result->accepted = patch->accepted;
    return true;
}

static bool patch_write(Tx *tx, Command *command, Error *err)
{
    Patch *patch = (Patch *)command;
    RunRow run;
    return patch_still_fits(tx, patch, &run, err) && patch_put(tx, patch, &run, err);
}

static void patch_written(const Patch *patch)
{
    if (!patch->accepted)
        return;
    atomic_fetch_add(&patch->engine->answers, 1);
    if (patch->status == EVAL_TIMER)
        engine_timer(patch->engine, patch->result->run.key, patch->result->run.timer_us);
}

bool exception_answer(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope,
                      const AnswerRequest *request, AnswerResult *out, Error *err)
{
    AUTO(patch_done)
    Patch patch = {.command.apply = patch_write, .engine = engine, .arena = arena, .request = request, .result = out};
    if (!patch_make(reader, scope, &patch, err) || !store_execute(engine->store, &patch.command, err))
        return false;
    patch_written(&patch);
    return true;
}

/* ---- answering many ---- */

typedef struct PatchMany {
    Command command;
    Patch *patches;
    AnswerOutcome *outcomes;
    int n;
} PatchMany;

/* What is one question's own trouble and not the server's. A state that does not restore is a damaged run; it must not
 * keep the others from their answers. */
static bool is_of_one(const Error *why)
{
    return why->code == INVALID_ARGUMENT || why->code == FAILED_PRECONDITION || why->code == NOT_FOUND ||
           why->code == ABORTED || why->code == DATA_LOSS;
}

static bool patches_make(StoreReader *reader, const Scope *scope, PatchMany *many, Error *err)
{
    for (int i = 0; i < many->n; i++) {
        Patch *patch = &many->patches[i];
        Error *refusal = &many->outcomes[i].refusal;
        *refusal = (Error){0};
        if (!patch_make(reader, scope, patch, refusal)) {
            if (!is_of_one(refusal)) {
                *err = *refusal;
                return false;
            }
            patch->request = NULL; /* not among those that are written */
        }
        evaluation_free(patch->evaluation); /* all that is written of it is in the arena */
        patch->evaluation = NULL;
    }
    return true;
}

static bool patches_write(Tx *tx, Command *command, Error *err)
{
    PatchMany *many = (PatchMany *)command;
    for (int i = 0; i < many->n; i++) {
        RunRow run;
        Error *refusal = &many->outcomes[i].refusal;
        if (!many->patches[i].request)
            continue;
        *refusal = (Error){0};
        if (!patch_still_fits(tx, &many->patches[i], &run, refusal)) {
            if (is_of_one(refusal))
                continue;
            *err = *refusal;
            return false;
        }
        if (!patch_put(tx, &many->patches[i], &run, err))
            return false;
    }
    return true;
}

bool exception_answer_many(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope,
                           const AnswerRequest *requests, int n, AnswerOutcome *out, Error *err)
{
    PatchMany many = {
        .command.apply = patches_write, .patches = NEW_ARRAY(arena, Patch, (size_t)n), .outcomes = out, .n = n};
    for (int i = 0; i < n; i++)
        many.patches[i] = (Patch){.engine = engine, .arena = arena, .request = &requests[i], .result = &out[i].result};
    bool ok = patches_make(reader, scope, &many, err) && store_execute(engine->store, &many.command, err);
    for (int i = 0; i < n; i++) {
        if (ok && out[i].refusal.code == OK)
            patch_written(&many.patches[i]);
        patch_done(&many.patches[i]);
    }
    return ok;
}

/* ---- archive, assign ---- */

static bool set_state(Tx *tx, ExceptionRow *exception, ExceptionState state, Error *err)
{
    exception->state = state;
    exception->update_us = tx_now_us(tx);
    return store_exception_update(tx, exception, err);
}

bool exception_give_up(Tx *tx, Arena *arena, const RunRow *run, Error *err)
{
    ExceptionRow exception;
    if (run->exception_id.len == 0)
        return true;
    if (!store_exception_get(tx, arena, &run->scope, run->exception_id, &exception, err))
        return false;
    return exception.state != EXCEPTION_PENDING || set_state(tx, &exception, EXCEPTION_ARCHIVED, err);
}

static bool exception_and_run(Tx *tx, Arena *arena, const Scope *scope, Str id, ExceptionRow *out, RunRow *out_run,
                              Error *err)
{
    return store_exception_get(tx, arena, scope, id, out, err) &&
           store_run_get_by_key(tx, arena, out->run, out_run, err);
}

bool exception_archive(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, ExceptionRow *out, Error *err)
{
    RunRow run;
    if (!exception_and_run(tx, arena, scope, id, out, &run, err))
        return false;
    if (out->state == EXCEPTION_ARCHIVED)
        return true;
    if (out->state == EXCEPTION_RESOLVED)
        return error_set(err, FAILED_PRECONDITION, "", "the exception is resolved; only a pending one can be archived");
    run.reason = S("Exception archived"); /* the stopped run keeps its exception_id: unarchiving finds back by it */
    return run_become(tx, engine, &run, RUN_STOPPED, (Str){0}, err) && set_state(tx, out, EXCEPTION_ARCHIVED, err);
}

bool exception_unarchive(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, ExceptionRow *out,
                         Error *err)
{
    RunRow run;
    if (!exception_and_run(tx, arena, scope, id, out, &run, err))
        return false;
    if (out->state == EXCEPTION_PENDING)
        return true;
    if (out->state == EXCEPTION_RESOLVED)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the exception is resolved; only an archived one can be unarchived");
    if (run.state != RUN_STOPPED)
        return error_set(err, FAILED_PRECONDITION, "",
                         "its run has %s meanwhile and cannot wait again; start a new one", run_state_names[run.state]);
    run.exception_id = out->id;
    run.description = out->description;
    run.location_start = out->location_start;
    run.location_end = out->location_end;
    return run_become(tx, engine, &run, RUN_AWAITING_GUIDANCE, (Str){0}, err) &&
           set_state(tx, out, EXCEPTION_PENDING, err);
}

bool exception_change(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, const ExceptionChange *change,
                      ExceptionRow *out, Error *err)
{
    if (!store_exception_get(tx, arena, scope, id, out, err))
        return false;
    if (change->has_assignee)
        out->assignee = change->assignee;
    if (change->has_due)
        out->due_us = change->due_us;
    out->update_us = tx_now_us(tx);
    if (!store_exception_update(tx, out, err))
        return false;
    engine_tell_changed(tx, engine, out->run);
    return true;
}
