/* lang/question_misfit.c: a value that does not fit, and a result that there is none of. */
#include <string.h>

#include "lang/question_internal.h"

/* What a person decides where there is no result: remove "Bob" from the names is a change that gives none. */
static const char *result_wanted(const Evaluation *evaluation)
{
    const Node *node = frame_top(evaluation)->code->nodes[frame_top(evaluation)->pc];
    bool is_action = node && node->kind == NODE_CALL && functions[node->function].style == STYLE_ACTION;
    return is_action ? "What should be done?" : "What should the result be?";
}

/* A value that does not fit: what it is, where it stands, what would fit. */
void word_misfit(Evaluation *evaluation)
{
    const Problem *problem = &evaluation->problem;
    Arena *arena = &evaluation->question_arena;
    const Node *node = problem->hole >= 0 ? operand_node(evaluation, problem->hole) : NULL;
    Str value = value_shown(arena, problem->found);
    question_add_extra(&evaluation->question, "value", value);
    if (node && node->kind == NODE_FIELD) {
        Subject subject = subject_of(evaluation, node->kids[0]);
        question_add_subject(evaluation, &subject, node->text);
        evaluation->question.missing = node->text;
        if (subject.text.len > 0) {
            question_describe(evaluation, "%.*s has the %.*s %.*s. %s. What is it?", STR_ARG(subject.text),
                              STR_ARG(node->text), STR_ARG(value), problem->text);
            return;
        }
    }
    if (node && node->kind == NODE_NAME) {
        Str words = words_of(arena, node->name);
        evaluation->question.missing = words;
        question_add_extra(&evaluation->question, "fact", words);
        Origin origin = origin_of(evaluation, node, problem->found);
        question_add_subject(evaluation, &origin.subject, origin.column);
        question_describe(evaluation, "The %.*s %s %.*s%.*s. %s. What is it?", STR_ARG(words),
                          words_is_or_are(arena, words), STR_ARG(value),
                          STR_ARG(words_in_parentheses(arena, origin_told(arena, node, &origin))), problem->text);
        return;
    }
    Str plain = str_trim(value), text = str_from_c(problem->text);
    if (plain.len > 1 && plain.data[0] == '"')
        plain = str_slice(plain, 1, plain.len - 1);
    bool says = plain.len > 0 && str_find(text, plain) >= 0;
    question_describe(evaluation, "In \"%.*s\": %s%s%.*s. %s", STR_ARG(sentence_text(evaluation)), problem->text,
                      value.len > 0 && !says ? "; found is " : "", STR_ARG(says ? S("") : value),
                      problem->hole == HOLE_RESULT ? result_wanted(evaluation) : "What should it be?");
}

/* A divisor of 0 that has a name: it is what a person must look at. */
static bool word_division(Evaluation *evaluation)
{
    const Node *node = frame_top(evaluation)->code->nodes[frame_top(evaluation)->pc];
    bool divides = node && node->kind == NODE_ARITHMETIC &&
                   (node->op == OP_DIVIDE || node->op == OP_FLOOR_DIVIDE || node->op == OP_MODULO);
    const Node *divisor = divides ? node->kids[1] : NULL;
    if (!divisor || strcmp(evaluation->problem.kind, "bad-arithmetic") != 0)
        return false;
    if (divisor->kind == NODE_FIELD) {
        Subject subject = subject_of(evaluation, divisor->kids[0]);
        question_add_subject(evaluation, &subject, divisor->text);
        if (subject.text.len > 0)
            question_describe(evaluation,
                              "%.*s has the %.*s 0, and nothing can be divided by 0. What should the result be?",
                              STR_ARG(subject.text), STR_ARG(divisor->text));
        return subject.text.len > 0;
    }
    if (divisor->kind != NODE_NAME)
        return false;
    Arena *arena = &evaluation->question_arena;
    Origin origin = origin_of(evaluation, divisor, node_value(evaluation, frame_top(evaluation), divisor, 0));
    question_add_subject(evaluation, &origin.subject, origin.column);
    Str words = words_of(arena, divisor->name);
    question_describe(evaluation, "The %.*s %s 0%.*s, and nothing can be divided by 0. What should the result be?",
                      STR_ARG(words), words_is_or_are(arena, words),
                      STR_ARG(words_in_parentheses(arena, origin_told(arena, divisor, &origin))));
    return true;
}

void word_result(Evaluation *evaluation)
{
    if (word_division(evaluation))
        return;
    Str value = value_shown(&evaluation->question_arena, evaluation->problem.found);
    if (strcmp(evaluation->problem.kind, "no-match") == 0 && value.len > 0) {
        question_describe(evaluation, "In \"%.*s\": %s: %.*s. %s", STR_ARG(sentence_text(evaluation)),
                          evaluation->problem.text, STR_ARG(value), result_wanted(evaluation));
        return;
    }
    question_describe(evaluation, "In \"%.*s\": %s. %s", STR_ARG(sentence_text(evaluation)), evaluation->problem.text,
                      result_wanted(evaluation));
}
