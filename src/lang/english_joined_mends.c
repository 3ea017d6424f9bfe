/* lang/english_joined_mends.c: what stands behind “and” or “or” and is never yes or no, and how the sentence should
 * read, where that is certain. */
#include <string.h>

#include "lang/english_joined.h"

static const char *joint_word(const Joined *all, uint32_t i)
{
    uint32_t joint = i > 0 ? i - 1 : 0;
    return all->places[joint].joint == '&' ? "and" : "or";
}

static Str part_shown(const EnglishReader *reader, const Joined *all, uint32_t i)
{
    return source_of(reader, all->places[i].from, all->places[i].to);
}

/* The sentence with `instead` in the place of these tokens, or that alone where the sentence is too long to show. */
static const char *write_instead(const EnglishReader *reader, uint32_t from, uint32_t to, Str instead)
{
    const char *whole = corrected(reader, from, to, instead);
    return write_sentence(reader, whole ? whole : str_to_c(reader->arena, instead));
}

static bool is_bare_value(const Node *node)
{
    return node->kind == NODE_LITERAL && node->value.kind != VALUE_BOOL && node->value.kind != VALUE_NULL;
}

static bool stands_alone(const Node *node)
{
    return is_bare_value(node) || (node->kind == NODE_NOT && is_bare_value(node->kids[0]));
}

/* ---- values that are compared with nothing ---- */

/* The comparison that a bare value follows: of the part itself, or the last one behind its `whose`. */
typedef struct Compared {
    const Node *node; /* NULL for none */
    Str before;       /* what stands before its last value: whose status is */
    bool negative, in_whose;
} Compared;

static Compared comparison_of(const EnglishReader *reader, const Joined *all, uint32_t i)
{
    const Node *node = all->nodes[i];
    bool in_whose = false;
    while (node->kind == NODE_CALL && node->n_kids > 0 && !joined_comparison(all, i))
        node = node->kids[0];
    if (node->kind == NODE_COLLECT && node->n_kids > 3 && !all->places[i].closed) {
        node = node->kids[3];
        in_whose = true;
        if (node->kind == NODE_AND || node->kind == NODE_OR)
            node = node->kids[node->n_kids - 1];
    }
    Joined alone = {.nodes = (Node **)(uintptr_t)&node, .n = 1};
    Place place = {.closed = !in_whose && all->places[i].closed};
    alone.places = &place;
    const Node *right = joined_compared_with(&alone, 0);
    if (!right || right->english.end != token_at(reader, all->places[i].to - 1)->end)
        return (Compared){0};
    return (Compared){
        .node = joined_comparison(&alone, 0),
        .before = str_trim(str_slice(reader->source, node->english.start, right->english.start)),
        .negative = joined_is_negative(&alone, 0),
        .in_whose = in_whose,
    };
}

static bool is_equality(const Compared *compared)
{
    const Node *node = compared->node;
    bool equals = node->kind == NODE_COMPARE && (node->ops[0] == CMP_EQUAL || node->ops[0] == CMP_NOT_EQUAL);
    return equals && (str_ends(compared->before, S(" is")) || str_ends(compared->before, S(" are")) ||
                      str_ends(compared->before, S(" not")));
}

/* Bare values from part `i` on, behind the comparison before them: is one of "open" or "late" where that says it, else
 * the comparison again. */
static const char *mend_of_values(const EnglishReader *reader, const Joined *all, uint32_t i, const Compared *compared)
{
    uint32_t end = i;
    bool all_or = true;
    while (end < all->n && is_bare_value(all->nodes[end])) {
        all_or &= all->places[end - 1].joint == '|';
        end++;
    }
    const Node *right = compared->node->kids[1];
    bool one_of = all_or && is_equality(compared) && is_bare_value(right);
    uint32_t from = all->places[i - 1].to, to = all->places[end - 1].to;
    Buf text = buf_in(reader->arena);
    Str last = str_slice(reader->source, right->english.start, right->english.end);
    if (one_of)
        buf_printf(&text, "one of ");
    buf_str(&text, last);
    for (uint32_t at = i; at < end; at++) {
        bool is_or = all->places[at - 1].joint == '|' && (one_of || !compared->negative);
        if (one_of)
            buf_printf(&text, "%s%.*s", at + 1 == end ? " or " : ", ", STR_ARG(part_shown(reader, all, at)));
        else
            buf_printf(&text, " %s %s%.*s %.*s", is_or ? "or" : "and", compared->in_whose ? "whose " : "",
                       STR_ARG(compared->before), STR_ARG(part_shown(reader, all, at)));
    }
    while (from > all->places[i - 1].from && token_at(reader, from - 1)->start > right->english.start)
        from--;
    return write_instead(reader, from - 1, to, buf_view(&text));
}

/* is not "a" and not "b" */
static const char *mend_of_negated(const EnglishReader *reader, const Joined *all, uint32_t i, const Compared *compared)
{
    if (!compared->negative || all->nodes[i]->kind != NODE_NOT)
        return NULL;
    Str value = source_of(reader, all->places[i].from + 1, all->places[i].to);
    Str again = str_printf(reader->arena, "%s%.*s %.*s", compared->in_whose ? "whose " : "", STR_ARG(compared->before),
                           STR_ARG(value));
    return write_instead(reader, all->places[i].from, all->places[i].to, again);
}

static Node *fail_bare_value(EnglishReader *reader, const Joined *all, uint32_t i, const Compared *compared)
{
    bool negated = all->nodes[i]->kind == NODE_NOT;
    const char *hint = reader->trial ? ""
                       : negated     ? mend_of_negated(reader, all, i, compared)
                                     : mend_of_values(reader, all, i, compared);
    if (!hint)
        hint = "write the whole comparison again behind it";
    return fail_at(reader, all->places[i].from, all->places[i].to, "bare-alternative", hint,
                   "this stands behind “%s” by itself and is compared with nothing", joint_word(all, i));
}

/* ---- filters ---- */

static bool never_decides_alone(const Node *node)
{
    return node->kind == NODE_COLLECT ||
           (node->kind == NODE_CALL && node->function != FN_ANY && node->function != FN_ALL);
}

/* the orders whose amount is 5 and the status is "open": the second condition is the rows', too. */
static const char *mend_of_filter(const EnglishReader *reader, const Joined *all, uint32_t i)
{
    uint32_t from = all->places[i + 1].from;
    if (!joined_comparison(all, i + 1) || !word_at(reader, from, "the"))
        return NULL;
    const char *closed =
        str_to_c(reader->arena, str_printf(reader->arena, "(%.*s)", STR_ARG(part_shown(reader, all, i))));
    const char *apart = corrected(reader, all->places[i].from, all->places[i].to, str_from_c(closed));
    const char *within = write_instead(reader, from, from + 1, S("whose"));
    if (!apart || never_decides_alone(all->nodes[i]))
        return within;
    return str_to_c(reader->arena, str_printf(reader->arena, "%s; or, for what is no field: %s", within, apart));
}

/* ---- the smallest of a calculation and something ---- */

static bool is_single(const EnglishReader *reader, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to; at++) {
        TokenKind kind = token_at(reader, at)->kind;
        bool noun = kind == TOKEN_POSSESSIVE || kind == TOKEN_PLURAL ||
                    (kind == TOKEN_WORD && (at == from || !word_is_hard(token_at(reader, at)->text)) &&
                     !word_at(reader, at, "times"));
        if (!noun && to - from > 1)
            return false;
    }
    return true;
}

static void put_single(const EnglishReader *reader, Buf *out, uint32_t from, uint32_t to)
{
    bool single = is_single(reader, from, to);
    buf_printf(out, "%s%.*s%s", single ? "" : "(", STR_ARG(source_of(reader, from, to)), single ? "" : ")");
}

static const char *mend_of_extreme(const EnglishReader *reader, const Joined *all)
{
    uint32_t from = all->places[0].from;
    bool extreme = words_at(reader, from, "the smallest of") || words_at(reader, from, "the largest of") ||
                   words_at(reader, from, "the earliest of") || words_at(reader, from, "the latest of");
    if (!extreme || all->nodes[0]->kind != NODE_ARITHMETIC)
        return NULL;
    Buf text = buf_in(reader->arena);
    for (uint32_t i = 0; i < all->n; i++) {
        if (joined_comparison(all, i))
            return NULL;
        buf_printf(&text, "%s", i == 0 ? "" : i + 1 < all->n ? ", " : " and ");
        put_single(reader, &text, i == 0 ? from + 3 : all->places[i].from, all->places[i].to);
    }
    return write_instead(reader, from + 3, all->places[all->n - 1].to, buf_view(&text));
}

/* the sum of the total and the count: of single things there is a sum in signs */
static const char *mend_of_sum(const EnglishReader *reader, const Joined *all)
{
    uint32_t from = all->places[0].from, to = all->places[all->n - 1].to;
    bool sum = words_at(reader, from, "the sum of"), average = words_at(reader, from, "the average of");
    if (all->nodes[0]->kind != NODE_CALL || !(sum || average))
        return NULL;
    Buf text = buf_in(reader->arena);
    buf_printf(&text, "%s", sum ? "" : "the average of (the list of ");
    for (uint32_t i = 0; i < all->n; i++) {
        if (joined_comparison(all, i) || all->places[i].joint == '|')
            return NULL;
        buf_printf(&text, "%s", i == 0 ? "" : sum ? " plus " : i + 1 < all->n ? ", " : " and ");
        uint32_t start = i == 0 ? from + 3 : all->places[i].from;
        buf_str(&text, source_of(reader, start, all->places[i].to));
    }
    buf_printf(&text, "%s", sum ? "" : ")");
    return write_instead(reader, from, to, buf_view(&text));
}

/* ---- sentences ---- */

static bool is_length(const Node *node)
{
    return node->kind == NODE_CALL && node->function >= FN_SECONDS && node->function <= FN_WEEKS;
}

/* 1 hour and 30 minutes */
static const char *mend_of_lengths(const EnglishReader *reader, const Joined *all)
{
    Buf text = buf_in(reader->arena);
    for (uint32_t i = 0; i < all->n; i++) {
        if (!is_length(all->nodes[i]))
            return NULL;
        buf_printf(&text, "%s%.*s", i > 0 ? " " : "", STR_ARG(part_shown(reader, all, i)));
    }
    return write_instead(reader, all->places[0].from, all->places[all->n - 1].to, buf_view(&text));
}

/* "Total: " and the total: one text. Texts alone, "Friday" and "Saturday", are a list. */
static const char *mend_of_texts(const EnglishReader *reader, const Joined *all)
{
    Buf text = buf_in(reader->arena);
    bool any = false, only = true;
    buf_char(&text, '"');
    for (uint32_t i = 0; i < all->n; i++) {
        uint32_t from = all->places[i].from, to = all->places[i].to;
        TokenKind first = token_at(reader, from)->kind, last = token_at(reader, to - 1)->kind;
        bool is_text = first == TOKEN_TEXT ? to - from == 1 : first == TOKEN_TEMPLATE && last == TOKEN_CLOSE;
        if (joined_comparison(all, i) || all->places[i].joint == '|')
            return NULL;
        Str shown = part_shown(reader, all, i);
        size_t mark = (unsigned char)shown.data[0] >= 0x80 ? 3 : 1;
        if (is_text)
            buf_str(&text, str_slice(shown, mark, shown.len - mark));
        else
            buf_printf(&text, "{%.*s}", STR_ARG(shown));
        any |= is_text;
        only &= first == TOKEN_TEXT;
    }
    buf_char(&text, '"');
    return any && !only ? write_instead(reader, all->places[0].from, all->places[all->n - 1].to, buf_view(&text))
                        : NULL;
}

/* append 5 and 6 to the amounts · the total is 5 and the count is 6: several sentences */
static const char *mend_of_sentence(const EnglishReader *reader, const Joined *all)
{
    uint32_t from = all->places[0].from, to = all->places[all->n - 1].to;
    Str before = source_of(reader, 0, from), behind = source_of(reader, to, reader->sentence.count - 1);
    bool appends = word_at(reader, 0, "append") && from == 1;
    bool sets = word_at(reader, 0, "the") && !reader->deciding && word_at(reader, from - 1, "is");
    Buf text = buf_in(reader->arena);
    for (uint32_t i = 0; i < all->n; i++) {
        const Node *compared = i > 0 ? joined_comparison(all, i) : NULL;
        bool another = compared && compared->kind == NODE_COMPARE && compared->ops[0] == CMP_EQUAL &&
                       compared->kids[0]->kind == NODE_NAME;
        if (i > 0 && (all->places[i - 1].joint == '|' || (sets && !another)))
            return NULL;
        buf_printf(&text, "%s", i > 0 ? "; on the next line: " : "");
        if (appends || i == 0)
            buf_printf(&text, "%.*s ", STR_ARG(before));
        buf_printf(&text, "%.*s", STR_ARG(part_shown(reader, all, i)));
        if (appends)
            buf_printf(&text, " %.*s", STR_ARG(behind));
    }
    return appends || sets ? write_sentence(reader, str_to_c(reader->arena, buf_view(&text))) : NULL;
}

/* the choices are "Ada" or "Bob" · the fee is the list of … */
static const char *mend_of_list(const EnglishReader *reader, const Joined *all)
{
    bool choices = words_at(reader, 0, "the choices are");
    Buf text = buf_in(reader->arena);
    buf_printf(&text, "%s", choices ? "" : "the list of ");
    for (uint32_t i = 0; i < all->n; i++) {
        if (joined_comparison(all, i))
            return NULL;
        buf_printf(&text, "%s%.*s", i == 0 ? "" : i + 1 < all->n ? ", " : " and ", STR_ARG(part_shown(reader, all, i)));
    }
    uint32_t from = all->places[0].from, to = all->places[all->n - 1].to;
    const char *list = write_instead(reader, from, to, buf_view(&text));
    return choices ? list : str_to_c(reader->arena, str_printf(reader->arena, "for a list, %s", list));
}

/* ---- refusing ---- */

/* any order whose amount is 5 and the total is 3: is the total the order's? */
static Node *fail_filter(EnglishReader *reader, const Joined *all, uint32_t i)
{
    const char *hint = reader->trial ? "" : mend_of_filter(reader, all, i);
    return fail_at(reader, all->places[i].from, all->places[i + 1].to, "open-filter",
                   hint ? hint : "put parentheses around the filter, from its noun on, or write “and whose”",
                   "what stands behind “%s” could belong to the filter with “whose” before it",
                   all->places[i].joint == '&' ? "and" : "or");
}

static const char *mend_of(const EnglishReader *reader, const Joined *all)
{
    const char *hint = mend_of_extreme(reader, all);
    if (!hint)
        hint = mend_of_sorted(reader);
    if (!hint)
        hint = mend_of_sum(reader, all);
    if (!hint)
        hint = mend_of_lengths(reader, all);
    if (!hint)
        hint = mend_of_sentence(reader, all);
    if (!hint)
        hint = mend_of_texts(reader, all);
    if (!hint)
        hint = mend_of_list(reader, all);
    return hint ? hint : "what is compared stands on both sides: the total is 5 or the total is 6";
}

Node *fail_no_condition(EnglishReader *reader, const Joined *all, uint32_t i)
{
    bool value = i > 0 && stands_alone(all->nodes[i]);
    Compared before = value ? comparison_of(reader, all, i - 1) : (Compared){0};
    if (before.node)
        return fail_bare_value(reader, all, i, &before);
    Compared filter = comparison_of(reader, all, i); /* whose status is "open" or "late" */
    if (filter.in_whose && i + 1 < all->n && stands_alone(all->nodes[i + 1]))
        return fail_bare_value(reader, all, i + 1, &filter);
    if (all->places[i].filter && i + 1 < all->n)
        return fail_filter(reader, all, i);
    Str shown = str_clip(part_shown(reader, all, i), 60);
    return fail_at(reader, all->places[i].from, all->places[i].to, "no-condition",
                   reader->trial ? "" : mend_of(reader, all), "“%s” joins what is yes or no, and “%.*s” never is",
                   i > 0                         ? joint_word(all, i)
                   : all->places[0].joint == '&' ? "and"
                                                 : "or",
                   STR_ARG(shown));
}
