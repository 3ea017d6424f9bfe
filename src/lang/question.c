/* lang/question.c: why a run cannot go on, in the reader's words: one question, worded by the kind of its problem. */
#include <string.h>

#include "lang/question_internal.h"

static void word_ask(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    Arena *arena = &evaluation->question_arena;
    Buf text = buf_in(arena);
    value_print(&text, evaluation->stack[evaluation->top - 1 - in->a]);
    question_describe(evaluation, "%.*s", STR_ARG(buf_view(&text)));
    evaluation->question.message = evaluation->question.description;
    evaluation->question.group = "missing_values";
    Value choices = evaluation->stack[evaluation->top - 1];
    for (uint32_t i = 0; in->a && choices.kind == VALUE_LIST && i < choices.list->count; i++)
        question_add_suggestion(&evaluation->question, value_shown(arena, choices.list->items[i]));
}

static void word_book(Evaluation *evaluation)
{
    const Problem *problem = &evaluation->problem;
    const Procedure *procedure = evaluation->call.procedure;
    Arena *arena = &evaluation->question_arena;
    question_add_extra(&evaluation->question, "book", procedure->book);
    question_add_extra(&evaluation->question, "procedure", procedure->name);
    question_add_extra(&evaluation->question, "parameter", problem->missing);
    size_t len = strlen(problem->text);
    const char *stop = len > 0 && strchr(".!?", problem->text[len - 1]) ? "" : ".";
    bool in_doubt = strcmp(problem->kind, "in-doubt") == 0;
    question_describe(evaluation,
                      in_doubt ? "\"%.*s\": %s%s Answer retry to do it, or skip when it was done."
                               : "\"%.*s\" did not work: %s%s What should be done?",
                      STR_ARG(sentence_text(evaluation)), problem->text, stop);
    evaluation->question.message =
        str_printf(arena, "%.*s.%.*s: %s", STR_ARG(procedure->book), STR_ARG(procedure->name), problem->text);
}

static void word_failed_item(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Loop *loop = &frame->code->loops[code_loop_at(frame->code, frame->pc)];
    Subject subject = {.row = (uint32_t)evaluation->stack[evaluation->top - 2].low,
                       .table = words_of_loop(&evaluation->question_arena, loop)};
    Str why = value_str(evaluation->problem.found);
    bool is_sentence = why.len > 0 && strchr(".!?", why.data[why.len - 1]);
    evaluation->question.message = str_copy(&evaluation->question_arena, why);
    question_add_subject(evaluation, &subject, S(""));
    question_describe(
        evaluation, "Item %u%s%.*s was not finished: %.*s%s Answer retry, skip this one, or stop the run.", subject.row,
        subject.table.len > 0 ? " of the " : "", STR_ARG(subject.table), STR_ARG(why), is_sentence ? "" : ".");
}

static Str call_path(const Evaluation *evaluation, Arena *arena)
{
    Buf path = buf_in(arena);
    for (uint32_t f = 0; f < evaluation->n_frames; f++) {
        const Frame *frame = &evaluation->frames[f];
        if (frame->fragment != 0)
            continue;
        if (f > 0)
            buf_char(&path, '/');
        buf_str(&path, frame->code->routines[frame->routine].name);
        for (uint32_t i = 0; i < frame->code->n_loops; i++) {
            const Loop *loop = &frame->code->loops[i];
            if (!loop->is_statement || !loop_is_on(loop, frame->pc))
                continue;
            uint64_t round = loop->has_iterator ? evaluation->stack[frame->operands + loop->height + 1].high
                                                : evaluation->stack[frame->base + loop->rounds_slot].low;
            buf_printf(&path, "/%u#%llu", loop->node->id, (unsigned long long)round);
        }
    }
    return buf_view(&path);
}

Str evaluation_place(const Evaluation *evaluation, Arena *arena)
{
    Str path = call_path(evaluation, arena);
    return str_printf(arena, "%.*s/%u", STR_ARG(path), journal_node_id(evaluation, frame_top(evaluation)));
}

typedef struct Wording {
    const char *kind;
    void (*word)(Evaluation *evaluation);
} Wording;

static const Wording wordings[] = {
    {"missing-field", word_field_of_node},
    {"missing-fact", word_fact_of_problem},
    {"missing-value", word_missing_value},
    {"missing-input", word_input},
    {"bad-input", word_input},
    {"no-match", word_no_match},
    {"ambiguous-field", word_ambiguous_field},
    {"failed-check", word_failed_check},
    {"ask", word_ask},
    {"book-error", word_book},
    {"in-doubt", word_book},
    {"item-failed", word_failed_item},
    {"too-large", word_result},
    {"bad-arithmetic", word_result},
    {"no-items", word_result},
    {"no-such-item", word_result},
};

/* Strings of a question may point into the heap, which a compaction moves: they are copied once it is worded. */
static void question_settle(Evaluation *evaluation)
{
    Question *question = &evaluation->question;
    Arena *arena = &evaluation->question_arena;
    question->missing = str_copy(arena, question->missing);
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        question->suggestions[i] = str_copy(arena, question->suggestions[i]);
    for (uint32_t i = 0; i < question->n_extra; i++)
        question->extra[i].value = value_text(str_copy(arena, value_str(question->extra[i].value)));
}

void question_ask(Evaluation *evaluation)
{
    if (evaluation->testing) {
        evaluation->tested = true;
        evaluation->test_result = (Value){0};
        return;
    }
    const Problem *problem = &evaluation->problem;
    const Frame *frame = asking_frame(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    arena_reset(&evaluation->question_arena);
    Question *question = &evaluation->question;
    *question = (Question){.kind = problem->kind,
                           .group = problem->group,
                           .node_id = journal_node_id(evaluation, frame),
                           .expected = problem->expected,
                           .reading = evaluation->options.reading};
    question->sentence_id = sentence ? sentence->node->id : question->node_id;
    question->call_path = call_path(evaluation, &evaluation->question_arena);
    question->message = str_copy(&evaluation->question_arena, str_from_c(problem->text));
    void (*word)(Evaluation *) = word_misfit;
    for (size_t i = 0; i < COUNT_OF(wordings); i++)
        if (strcmp(wordings[i].kind, problem->kind) == 0)
            word = wordings[i].word;
    word(evaluation);
    question_add_suggestion(question, problem->suggestion);
    question_settle(evaluation);
    evaluation->hole = problem->hole;
    evaluation->status = EVAL_QUESTION;
}
