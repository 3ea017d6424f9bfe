/* lang/check_before.c: comparisons with a time before another. “More than 3 days before the end” is earlier than that
 * to whoever says it, while “more than” compares dates as later. “3 days after the end” says the same in both readings.
 */
#include "lang/check_internal.h"

static bool is_length(const Node *node) // NOLINT(misc-no-recursion): as deep as the text
{
    if (node->kind == NODE_ARITHMETIC && node->op == OP_ADD)
        return is_length(node->kids[0]) && is_length(node->kids[1]);
    return node->kind == NODE_CALL && node->function >= FN_SECONDS && node->function <= FN_WEEKS;
}

/* 3 days before the end, said in this order. */
static bool is_time_before(const Node *node)
{
    if (node->kind == NODE_CALL)
        return node->function == FN_MONTHS_BEFORE || node->function == FN_YEARS_BEFORE;
    return node->kind == NODE_ARITHMETIC && node->op == OP_SUBTRACT && is_length(node->kids[1]) &&
           node->kids[1]->english.start < node->kids[0]->english.start;
}

/* What is meant by whoever counts the days, and by whoever compares the dates. */
static const struct Sides {
    const char *counted, *compared;
} sides[] = {
    [CMP_LESS] = {"is after", "is before"},
    [CMP_LESS_EQUAL] = {"is on or after", "is on or before"},
    [CMP_GREATER] = {"is before", "is after"},
    [CMP_GREATER_EQUAL] = {"is on or before", "is on or after"},
};

static uint8_t contrary_of(uint8_t op)
{
    static const uint8_t contraries[] = {[CMP_LESS] = CMP_GREATER_EQUAL,
                                         [CMP_LESS_EQUAL] = CMP_GREATER,
                                         [CMP_GREATER] = CMP_LESS_EQUAL,
                                         [CMP_GREATER_EQUAL] = CMP_LESS};
    return contraries[op];
}

/* is before, is on or after: these say themselves on which side. */
static bool says_side(Str words)
{
    return str_contains(words, S("before")) || str_contains(words, S("after")) || str_contains(words, S("earlier")) ||
           str_contains(words, S("later"));
}

void check_time_before(Checker *checker, const Node *compare, uint32_t i)
{
    const Node *left = compare->kids[i], *right = compare->kids[i + 1];
    uint8_t op = compare->ops[i];
    if (checker->quiet || !check_in_english(checker) || op < CMP_LESS || op > CMP_GREATER_EQUAL ||
        !is_time_before(right) || check_in_parentheses(checker, right))
        return;
    Str source = checker->all->source;
    Str words = str_lower(checker->arena, str_slice(source, left->english.end, right->english.start));
    if (says_side(words))
        return;
    Diagnostic *d = check_error(checker, "ambiguous", compare,
                                "this can be understood in two ways: days are counted, or dates are compared");
    if (!d)
        return;
    const struct Sides *said = &sides[str_contains(words, S(" not ")) ? contrary_of(op) : op];
    Str subject = str_trim(str_slice(source, left->english.start, left->english.end));
    Str time = str_slice(source, right->english.start, right->english.end);
    d->choices[0] = str_printf(checker->arena, "%.*s %s (%.*s)", STR_ARG(subject), said->counted, STR_ARG(time));
    d->choices[1] = str_printf(checker->arena, "%.*s %s (%.*s)", STR_ARG(subject), said->compared, STR_ARG(time));
    d->n_choices = 2;
}
