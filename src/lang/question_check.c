/* lang/question_check.c: a check that failed: what was found, and where. */
#include <string.h>

#include "lang/english.h"
#include "lang/question_internal.h"

/* " (the limit is 5)": what the other side of a comparison is, where the sentence only names it. */
static Str known_side(Evaluation *evaluation, Arena *arena, const Node *condition)
{
    const Node *side = condition->kind == NODE_COMPARE && condition->n_kids == 2 ? condition->kids[1] : NULL;
    Value value =
        side && side->kind != NODE_LITERAL ? node_value(evaluation, frame_top(evaluation), side, 0) : (Value){0};
    if (value.kind == VALUE_UNSET)
        return S("");
    return str_printf(arena, " (%.*s)", STR_ARG(value_shown(arena, value)));
}

/* The fact or field that a condition is about: what stands in front of its comparison or function. NULL for others. */
static const Node *about_of(const Node *condition)
{
    const Node *about = condition->kind == NODE_NOT ? condition->kids[0] : condition;
    if (about->kind == NODE_COMPARE || about->kind == NODE_CALL)
        about = node_kid(about, 0);
    return about && (about->kind == NODE_NAME || about->kind == NODE_FIELD) ? about : NULL;
}

/* Where the value stands that a condition is about. */
static Origin place_of(Evaluation *evaluation, const Node *about, Value value)
{
    if (about->kind == NODE_NAME)
        return origin_of(evaluation, about, value);
    Subject subject = about->kind == NODE_FIELD ? subject_of(evaluation, about->kids[0]) : (Subject){0};
    return subject.row > 0 ? (Origin){subject, about->text} : (Origin){0};
}

/* "row 2 of the invoices"; "" where that is not certain. */
static Str place_told(Evaluation *evaluation, Arena *arena, const Node *about, Value value)
{
    Origin place = place_of(evaluation, about, value);
    return about->kind == NODE_NAME ? origin_told(arena, about, &place) : str_lower(arena, place.subject.text);
}

/* " (found is "X-1", row 2 of the invoices)" */
static Str found_told(Evaluation *evaluation, Arena *arena, const Node *about, Value value)
{
    Str place = place_told(evaluation, arena, about, value);
    return str_printf(arena, " (found is %.*s%s%.*s)", STR_ARG(value_shown(arena, value)), place.len > 0 ? ", " : "",
                      STR_ARG(place));
}

/* the total is -5, not at least 0: where the condition is about one thing whose value is known. */
static Str found_instead(Evaluation *evaluation, Arena *arena, const Node *condition, Str words)
{
    static const struct {
        Str verb;
        const char *is, *instead;
    } verbs[] = {{S_INIT(" is not "), "is", "and should not be"},
                 {S_INIT(" are not "), "are", "and should not be"},
                 {S_INIT(" is "), "is", "not"},
                 {S_INIT(" are "), "are", "not"}};
    const Node *about = condition->n_kids > 0 ? condition->kids[0] : NULL;
    Value value =
        about && about->kind != NODE_LITERAL ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    if (value.kind == VALUE_UNSET)
        return S("");
    Str subject = english_print_words(arena, about, evaluation->program->catalog), rest = str_skip(words, subject.len);
    for (size_t i = 0; str_starts(words, subject) && i < COUNT_OF(verbs); i++)
        if (str_starts(rest, verbs[i].verb))
            return str_printf(arena, "%.*s %s %.*s%.*s, %s %.*s%.*s", STR_ARG(subject), verbs[i].is,
                              STR_ARG(value_shown(arena, value)),
                              STR_ARG(words_in_parentheses(arena, place_told(evaluation, arena, about, value))),
                              verbs[i].instead, STR_ARG(str_skip(rest, verbs[i].verb.len)),
                              STR_ARG(known_side(evaluation, arena, condition)));
    return S("");
}

/* the names should be yes or hold something (found is an empty list): where the condition is a value by itself, or the
 * want of it.
 */
static Str found_bare(Evaluation *evaluation, Arena *arena, const Node *condition)
{
    bool want = condition->kind != NODE_NOT;
    const Node *about = want ? condition : condition->kids[0];
    Value value = about->kind != NODE_LITERAL ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    if (value.kind == VALUE_UNSET)
        return S("");
    const char *wanted = value.kind == VALUE_BOOL ? (want ? "be yes" : "be no")
                                                  : (want ? "be yes or hold something" : "be no or hold nothing");
    Str subject = english_print_words(arena, about, evaluation->program->catalog);
    return str_printf(arena, "%.*s should %s%.*s", STR_ARG(subject), wanted,
                      STR_ARG(found_told(evaluation, arena, about, value)));
}

/* What a condition says does not hold: of no lease whose … and any lease whose …, which have no verb, that there is one
 * or none. */
static Str negated(Arena *arena, Str words)
{
    ptrdiff_t whose = str_find(words, S(" whose ")), owner = str_find(words, S("'s "));
    bool verbless = whose > 0 && (owner < 0 || whose < owner);
    if (verbless && str_starts(words, S("no ")))
        return str_printf(arena, "there should be %.*s", STR_ARG(words));
    if (verbless && str_starts(words, S("any ")))
        return str_printf(arena, "there is no %.*s", STR_ARG(str_skip(words, S("any ").len)));
    return str_printf(arena, "it does not hold that %.*s", STR_ARG(words));
}

/* the name starts with "A" (found is "Bob"): what stands where a function's condition begins. */
static Str found_by_function(Evaluation *evaluation, Arena *arena, const Node *condition)
{
    const Node *about = about_of(condition);
    Value value = about ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    return value.kind == VALUE_UNSET ? S("") : found_told(evaluation, arena, about, value);
}

/* Of a check without words of its own. Tells the first item that breaks it, where it is about all of a list. */
static Str broken_text(Evaluation *evaluation, Arena *arena, const Node *condition, Subject *out_first)
{
    Str words = english_print_words(arena, condition, evaluation->program->catalog);
    Str found = found_instead(evaluation, arena, condition, words);
    if (found.len == 0)
        found = found_bare(evaluation, arena, condition);
    if (found.len > 0)
        return found;
    Str items = question_breaking_items(evaluation, condition, out_first);
    return str_printf(arena, "%.*s%.*s%s%.*s", STR_ARG(negated(arena, words)),
                      STR_ARG(found_by_function(evaluation, arena, condition)), items.len > 0 ? ": " : "",
                      STR_ARG(items));
}

Value check_text(Evaluation *evaluation, const Node *ensure)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Subject ignored = {0};
    Str text = broken_text(evaluation, &scratch, ensure->kids[0], &ignored);
    return value_text(str_copy(&evaluation->heap, text));
}

static Str own_words(Arena *arena, Value found)
{
    Buf text = buf_in(arena);
    if (found.kind != VALUE_LIST) {
        value_print(&text, found);
        return buf_view(&text);
    }
    for (uint32_t i = 0; i < found.list->count; i++) {
        if (i > 0)
            buf_str(&text, S("; "));
        value_print(&text, found.list->items[i]);
    }
    return buf_view(&text);
}

void word_failed_check(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    Arena *arena = &evaluation->question_arena;
    Value found = evaluation->problem.found;
    Subject first = {0};
    Str text, items = S("");
    if (found.kind == VALUE_UNSET) {
        text = broken_text(evaluation, arena, node->kids[0], &first);
    } else {
        text = own_words(arena, found);
        if (node->kind == NODE_ENSURE)
            items = question_breaking_items(evaluation, node->kids[0], &first);
    }
    evaluation->question.message = text;
    const Node *about = node->kind == NODE_ENSURE ? about_of(node->kids[0]) : NULL;
    Value value = about ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    Origin place = about && first.row == 0 ? place_of(evaluation, about, value) : (Origin){first, S("")};
    question_add_subject(evaluation, &place.subject, place.column);
    bool is_sentence = text.len > 0 && strchr(".!?", text.data[text.len - 1]);
    question_describe(evaluation, "A check failed: %.*s%s %.*s%sWhat should be done?", STR_ARG(text),
                      is_sentence ? "" : ".", STR_ARG(words_capitalised(arena, items)), items.len > 0 ? ". " : "");
}
