/* engine/heard.c: what a run hears from outside, packed, and told again. */
#include "engine/heard.h"

#include <stdio.h>

#include "value/pack.h"

/* ---- sites ---- */

static uint64_t site_of(const Buf *text)
{
    uint64_t hash = str_hash(buf_view(text));
    return hash > HEARD_ANYWHERE ? hash : HEARD_ANYWHERE + 1;
}

static void pack_text(Buf *out, Str text)
{
    buf_varint(out, text.len);
    buf_str(out, text);
}

static Str unpack_text(Reader *reader)
{
    return read_bytes(reader, (size_t)read_varint(reader));
}

uint64_t heard_call_site(const EvalCall *call)
{
    AUTO(arena_done)
    Arena scratch = {0};
    AUTO(buf_done)
    Buf text = {0};
    pack_text(&text, call->procedure->book);
    pack_text(&text, call->procedure->name);
    pack_text(&text, call->alias);
    Packer *packer = packer_new(&scratch, &text);
    for (uint32_t i = 0; i < call->n_arguments; i++) {
        if (call->arguments[i].value.kind == VALUE_UNSET)
            continue;
        pack_text(&text, call->arguments[i].name);
        pack_value(packer, call->arguments[i].value);
    }
    return site_of(&text);
}

/* Its place in the program would change with every edit elsewhere; its wording names row and value. */
uint64_t heard_question_site(const Program *program, const Question *question)
{
    AUTO(buf_done)
    Buf text = {0};
    buf_varint(&text, program_sentence_hash(program, question->sentence_id));
    pack_text(&text, str_from_c(question->kind));
    pack_text(&text, question->missing);
    pack_text(&text, question->description);
    return site_of(&text);
}

/* ---- errors ---- */

void heard_pack_error(Buf *out, const Error *error)
{
    buf_varint(out, (uint64_t)error->code);
    pack_text(out, str_from_c(error->field));
    pack_text(out, str_from_c(error->message));
}

static void unpack_error(Str bytes, Error *out)
{
    Reader reader = reader_of(bytes);
    ErrorCode code = (ErrorCode)read_varint(&reader);
    Str field = unpack_text(&reader), message = unpack_text(&reader);
    char name[sizeof out->field];
    snprintf(name, sizeof name, "%.*s", STR_ARG(field));
    error_set(out, code, name, "%.*s", STR_ARG(message));
}

/* ---- answers ---- */

/* Sentences and expressions are kept as their canonical English and read again; a value is kept as it is. */
static bool is_kept_as_text(const Answer *answer)
{
    return answer->block || answer->expression;
}

void heard_pack_answer(Arena *scratch, Buf *out, const Answer *answer)
{
    bool as_text = is_kept_as_text(answer);
    buf_varint(out, (uint64_t)answer->kind);
    buf_varint(out, (uint64_t)answer->delay_seconds);
    buf_varint(out, as_text);
    pack_text(out, answer->text);
    pack_text(out, answer->reason);
    if (answer->kind == ANSWER_USE && !as_text)
        pack_value(packer_new(scratch, out), answer->value);
}

static bool unpack_answer(Arena *arena, Str bytes, const Program *program, const Question *question, Answer *out,
                          Error *err)
{
    Reader reader = reader_of(bytes);
    uint64_t kind = read_varint(&reader);
    int64_t delay = (int64_t)read_varint(&reader);
    bool as_text = read_varint(&reader) != 0;
    Str text = unpack_text(&reader), reason = unpack_text(&reader);
    if (reader.failed || kind > ANSWER_STOP)
        return error_set(err, DATA_LOSS, "", "the record of an answer is damaged");
    if (as_text)
        return answer_read(arena, text, program, question, out, err);
    *out = (Answer){.kind = (AnswerKind)kind, .text = text, .delay_seconds = delay, .reason = reason};
    return kind != ANSWER_USE || unpack_value(unpacker_new(arena, &reader), &out->value, err);
}

/* ---- telling ---- */

bool heard_fits(const Evaluation *evaluation, const Program *program, const EffectRow *heard)
{
    if (!heard->finished)
        return false;
    switch (evaluation_status(evaluation)) {
    case EVAL_CALL:
        if (heard->kind == HEARD_DOUBT)
            return true;
        return (heard->kind == HEARD_RESULT || heard->kind == HEARD_ERROR) &&
               (heard->site == 0 || heard->site == heard_call_site(evaluation_call(evaluation)));
    case EVAL_QUESTION:
        return heard->kind == HEARD_ANSWER &&
               heard->site == heard_question_site(program, evaluation_question(evaluation));
    case EVAL_TIMER: return heard->kind == HEARD_TIMER;
    case EVAL_CHILDREN: return heard->kind == HEARD_CHILD;
    case EVAL_READY:
    case EVAL_COMPLETED:
    case EVAL_FAILED: break;
    }
    return false;
}

static bool tell_result(Evaluation *evaluation, Str bytes, Error *err)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Reader reader = reader_of(bytes);
    Value result;
    if (!unpack_value(unpacker_new(&scratch, &reader), &result, err))
        return false;
    evaluation_supply(evaluation, &scratch, result);
    return true;
}

static bool tell_answer(Evaluation *evaluation, const Program *program, Str bytes, Error *err)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Answer answer;
    return unpack_answer(&scratch, bytes, program, evaluation_question(evaluation), &answer, err) &&
           evaluation_answer(evaluation, &answer, err);
}

bool heard_tell(Evaluation *evaluation, const Program *program, const EffectRow *heard, Error *err)
{
    Error told = {0};
    switch (heard->kind) {
    case HEARD_RESULT: return tell_result(evaluation, heard->result, err);
    case HEARD_ERROR:
        unpack_error(heard->result, &told);
        evaluation_supply_error(evaluation, &told);
        return true;
    case HEARD_DOUBT: evaluation_supply_doubt(evaluation); return true;
    case HEARD_ANSWER: return tell_answer(evaluation, program, heard->result, err);
    case HEARD_TIMER: evaluation_timer_fired(evaluation); return true;
    case HEARD_CHILD: return evaluation_take_back(evaluation, heard->result, err);
    case HEARD_N_KINDS: break;
    }
    return error_set(err, DATA_LOSS, "", "the record of what the run heard is damaged");
}
