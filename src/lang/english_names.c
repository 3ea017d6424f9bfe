/* lang/english_names.c: which words may stand in a name, and which name reads back as one. */
#include <string.h>

#include "lang/english_internal.h"

/* Words that the grammar itself is made of: they end a name wherever they stand, and no name begins with one. */
static const Str hard_words[] = {
    S_INIT("the"),    S_INIT("a"),     S_INIT("an"),      S_INIT("and"),     S_INIT("or"),        S_INIT("not"),
    S_INIT("is"),     S_INIT("are"),   S_INIT("if"),      S_INIT("then"),    S_INIT("otherwise"), S_INIT("of"),
    S_INIT("to"),     S_INIT("from"),  S_INIT("in"),      S_INIT("as"),      S_INIT("by"),        S_INIT("with"),
    S_INIT("for"),    S_INIT("whose"), S_INIT("where"),   S_INIT("plus"),    S_INIT("minus"),     S_INIT("divided"),
    S_INIT("modulo"), S_INIT("using"), S_INIT("usually"), S_INIT("without"),
};

static const Str literal_words[] = {S_INIT("yes"), S_INIT("no"), S_INIT("nothing"), S_INIT("true"), S_INIT("false")};

static const Str ordinals[] = {S_INIT("first"), S_INIT("second"),  S_INIT("third"),  S_INIT("fourth"), S_INIT("fifth"),
                               S_INIT("sixth"), S_INIT("seventh"), S_INIT("eighth"), S_INIT("ninth")};

static bool is_one_of(Str word, const Str *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(word, words[i]))
            return true;
    }
    return false;
}

bool word_is_hard(Str word)
{
    return is_one_of(word, hard_words, COUNT_OF(hard_words));
}

/* “the a is 1”: behind an article even these can only be a name. */
bool word_may_begin_name(Str word)
{
    return !word_is_hard(word) || str_eq(word, S("a")) || str_eq(word, S("an"));
}

bool word_is_literal(Str word)
{
    return is_one_of(word, literal_words, COUNT_OF(literal_words));
}

int word_ordinal(Str word)
{
    for (size_t i = 0; i < COUNT_OF(ordinals); i++) {
        if (str_eq(word, ordinals[i]))
            return (int)i;
    }
    return str_eq(word, S("last")) ? -1 : -2;
}

bool words_are_plain(Str words)
{
    bool start = true;
    for (size_t i = 0; i < words.len; i++) {
        char c = words.data[i];
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && (start || !((c >= '0' && c <= '9') || c == ' ')))
            return false;
        start = c == ' ';
    }
    return words.len > 0 && !start;
}

/* Whether `words` begin with one of the patterns that stand whole behind a value: rounded, without duplicates. Those
 * that go on with a value (match {1}, start with {1}) end a name only where a value follows, which no name can tell. */
static bool begins_pattern(const PatternNode *root, Str words)
{
    const PatternNode *node = root;
    while (words.data && words.len > 0) {
        node = pattern_kid(node, str_cut(&words, ' '));
        if (!node || node->closed)
            return false;
        if (node->pattern)
            return true;
    }
    return false;
}

bool words_are_free(const Patterns *patterns, Str words)
{
    if (!words_are_plain(words))
        return false;
    Str rest = words;
    for (bool first = true; rest.data && rest.len > 0; first = false) {
        Str here = rest, word = str_cut(&rest, ' ');
        if (first ? !word_may_begin_name(word) : word_is_hard(word))
            return false;
        if (first)
            continue;
        if (begins_pattern(&patterns->postfix, here) || begins_pattern(&patterns->condition, here))
            return false;
    }
    return true;
}

bool words_need_no_marks(const Patterns *patterns, Str words)
{
    Str rest = words, first = str_cut(&rest, ' ');
    return words_are_free(patterns, words) && !word_is_literal(first) && !word_is_hard(first) &&
           !pattern_kid(&patterns->phrase, first);
}

bool text_is_name(Str text)
{
    if (text.len == 0 || (text.data[0] >= '0' && text.data[0] <= '9'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80))
            return false;
    }
    return true;
}

/* ---- lists and their nouns ---- */

Str noun_of(Arena *arena, const Node *node)
{
    if (node->kind == NODE_NAME && name_is_regular(node->name))
        return name_to_words(arena, node->name);
    if (node->kind == NODE_FIELD && words_are_plain(node->text))
        return node->text;
    return S("");
}

bool is_one_value(Arena *arena, const Node *node)
{
    static const FunctionId numbers[] = {FN_PERCENT_OF, FN_ROUND, FN_ROUND_HALF_UP, FN_ROUND_UP, FN_ROUND_DOWN};
    if (node->kind == NODE_LITERAL)
        return node->value.kind != VALUE_TEXT;
    for (size_t i = 0; i < COUNT_OF(numbers) && node->kind == NODE_CALL; i++) {
        if (node->function == numbers[i])
            return true;
    }
    Str noun = noun_of(arena, node);
    return node->kind == NODE_ARITHMETIC || (noun.len > 0 && !words_are_plural(arena, noun));
}

/* One thing, or a text made of one. */
static bool is_one_thing(Arena *arena, const Node *value)
{
    while (value->kind == NODE_CALL && value->function >= FN_STR && value->function <= FN_STRIP)
        value = value->kids[0];
    return value->kind == NODE_TEMPLATE || node_is_text(value) || is_one_value(arena, value);
}

const Node *english_one_in_order(Arena *arena, const Node *value)
{
    if (value->kind != NODE_CALL)
        return NULL;
    switch (value->function) {
    case FN_JOIN: return is_one_thing(arena, value->kids[1]) ? value->kids[1] : NULL;
    case FN_SORTED:
    case FN_SORT_BY:
    case FN_SORT_DOWN_BY:
    case FN_REVERSED:
    case FN_UNIQUE:
    case FN_UNIQUE_BY: return is_one_thing(arena, value->kids[0]) ? value->kids[0] : NULL;
    default: return NULL;
    }
}

bool english_names_several(Arena *arena, const Node *value)
{
    if (value->kind == NODE_COLLECT)
        return value->op == COLLECT_LIST || value->op == COLLECT_LAZY;
    if (value->kind != NODE_CALL)
        return words_are_plural(arena, noun_of(arena, value));
    switch (value->function) {
    case FN_SORTED:
    case FN_SORT_BY:
    case FN_SORT_DOWN_BY:
    case FN_REVERSED:
    case FN_UNIQUE:
    case FN_UNIQUE_BY: return english_names_several(arena, value->kids[0]);
    case FN_ROWS: return true;
    default: return false;
    }
}

Str variable_of(Arena *arena, const Node *list, bool last_word_only)
{
    Str words = noun_of(arena, list);
    ptrdiff_t blank = last_word_only ? str_find_last_char(words, ' ') : -1;
    if (blank >= 0)
        words = str_skip(words, (size_t)blank + 1);
    Str name = words.len > 0 ? name_from_words(arena, singular_of(arena, words)) : S("");
    return text_is_name(name) ? name : S("item");
}
