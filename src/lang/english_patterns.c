/* lang/english_patterns.c: the sentence parts of function.h, the comparisons and the catalog's sentences, as tries. */
#include <string.h>

#include "lang/english_internal.h"

/* What the language itself adds to the rows of function.h, in the same notation. The first alternative is printed, and
 * the last one behind a plural. */
static const struct CoreRow {
    uint16_t id;
    uint8_t op;
    const char *english;
} core_rows[] = {
    {CORE_ENTRY, 0, "the entry at {1} of {0}"},
    {CORE_SLICE, 0, "the slice of {0}[ from {1}][ to {2}][ by {3}]"},
    {FN_FIRST, 0, "the first of {0s}"},
    {FN_LAST, 0, "the last of {0s}"},
    {CORE_NTH, 1, "the second item of {0s}|the second of {0s}"},
    {CORE_NTH, 2, "the third item of {0s}|the third of {0s}"},
    {CORE_NTH, 3, "the fourth item of {0s}|the fourth of {0s}"},
    {CORE_NTH, 4, "the fifth item of {0s}|the fifth of {0s}"},
    {CORE_NTH, 5, "the sixth item of {0s}|the sixth of {0s}"},
    {CORE_NTH, 6, "the seventh item of {0s}|the seventh of {0s}"},
    {CORE_NTH, 7, "the eighth item of {0s}|the eighth of {0s}"},
    {CORE_NTH, 8, "the ninth item of {0s}|the ninth of {0s}"},
    {CORE_COMPARE, CMP_EQUAL, "{0} is {1}|{0} is equal to {1}|{0} equals {1}|{0} = {1}|{0} == {1}|{0} are {1}"},
    {CORE_COMPARE, CMP_NOT_EQUAL, "{0} is not {1}|{0} is not equal to {1}|{0} != {1}|{0} <> {1}|{0} are not {1}"},
    {CORE_COMPARE, CMP_LESS,
     "{0} is less than {1}|{0} is before {1}|{0} is earlier than {1}|{0} < {1}|{0} are less than {1}"},
    {CORE_COMPARE, CMP_LESS_EQUAL,
     "{0} is at most {1}|{0} <= {1}|{0} is less than or equal to {1}|{0} is on or before {1}|{0} is no more than "
     "{1}|{0} are no more than {1}|{0} are at most {1}"},
    {CORE_COMPARE, CMP_GREATER,
     "{0} is greater than {1}|{0} is more than {1}|{0} is after {1}|{0} is later than {1}|{0} > {1}|"
     "{0} are more than {1}|{0} are greater than {1}"},
    {CORE_COMPARE, CMP_GREATER_EQUAL,
     "{0} is at least {1}|{0} >= {1}|{0} is greater than or equal to {1}|{0} is on or after {1}|{0} is no less than "
     "{1}|{0} are no less than {1}|{0} are at least {1}"},
    {CORE_COMPARE, CMP_IN, "{0} is in {1}|{0} in {1}|{0} are in {1}"},
    {CORE_COMPARE, CMP_NOT_IN, "{0} is not in {1}|{0} not in {1}|{0} are not in {1}"},
    {CORE_ONE_OF, CMP_IN, "{0} is one of {1}|{0} are one of {1}"},
    {CORE_ONE_OF, CMP_NOT_IN, "{0} is not one of {1}|{0} are not one of {1}"},
};

bool function_is_unit(FunctionId id)
{
    return id == FN_PERCENT_OF || (id >= FN_SECONDS && id <= FN_YEARS_BEFORE);
}

bool function_takes_key(uint16_t id, int gap)
{
    return gap == 1 && (id == FN_SORT_BY || id == FN_SORT_DOWN_BY || id == FN_UNIQUE_BY || id == FN_GROUP_BY);
}

bool pattern_takes_key(const Pattern *pattern, int gap)
{
    if (pattern->id != CORE_PROCEDURE)
        return function_takes_key(pattern->id, gap);
    if (!pattern->is_phrase || gap < 0)
        return false;
    Str name = pattern->procedure->parameters[gap].name;
    return str_eq(name, S("key")) || str_eq(name, S("amount"));
}

bool function_is_rounding(FunctionId id)
{
    return id >= FN_ROUND && id <= FN_ROUND_DOWN;
}

/* ---- one alternative → pieces ---- */

static int16_t gap_of(Str inside, const Procedure *procedure, bool *out_plural)
{
    if (str_eq(inside, S("result")))
        return GAP_RESULT;
    if (procedure) {
        for (uint32_t i = 0; i < procedure->n_parameters; i++) {
            if (str_eq(procedure->parameters[i].name, inside))
                return (int16_t)i;
        }
        return GAP_WORD;
    }
    *out_plural = inside.len == 2;
    return (int16_t)(inside.data[0] - '0');
}

/* False for what is no pattern (an unknown parameter, too many pieces): such a sentence is never offered. */
static bool cut_pieces(Arena *arena, Str text, Pattern *pattern)
{
    Piece pieces[PATTERN_PIECES_MAX];
    uint8_t n = 0;
    for (size_t at = 0; at < text.len;) {
        if (text.data[at] == ' ') {
            at++;
            continue;
        }
        if (n == PATTERN_PIECES_MAX)
            return false;
        size_t end = at + 1;
        Piece piece = {.gap = GAP_WORD};
        if (text.data[at] == '{') {
            while (end < text.len && text.data[end] != '}')
                end++;
            piece.gap = gap_of(str_slice(text, at + 1, end), pattern->procedure, &piece.plural);
            if (piece.gap == GAP_WORD)
                return false;
            pattern->n_gaps++;
            end++;
        } else if (text.data[at] != '%') {
            while (end < text.len && text.data[end] != ' ' && text.data[end] != '{')
                end++;
        }
        if (piece.gap == GAP_WORD)
            piece.word = str_slice(text, at, end);
        pieces[n++] = piece;
        at = end;
    }
    pattern->n_pieces = n;
    pattern->pieces = NEW_ARRAY(arena, Piece, MAX_OF(n, 1));
    if (n > 0)
        memcpy(pattern->pieces, pieces, n * sizeof(Piece));
    return n > 0;
}

/* ---- pieces → trie ---- */

enum { CHAINS = 32, FEW_KIDS = 8 };

static uint32_t chain_of(Str word)
{
    return word.len > 0 ? (uint32_t)(unsigned char)*word.data % CHAINS : 0;
}

PatternNode *pattern_kid(const PatternNode *node, Str word)
{
    uint32_t chain = chain_of(word);
    if (!(node->initials >> chain & 1))
        return NULL;
    PatternNode *kid = node->chains ? node->chains[chain] : node->kids;
    while (kid && !(kid->kind == 'w' && str_eq(kid->word, word)))
        kid = node->chains ? kid->alike : kid->next;
    return kid;
}

static void chain_kid(PatternNode *node, PatternNode *kid)
{
    PatternNode **chain = &node->chains[chain_of(kid->word)];
    kid->alike = *chain;
    *chain = kid;
}

static void add_kid(Arena *arena, PatternNode *node, PatternNode *kid)
{
    *(node->last ? &node->last->next : &node->kids) = kid;
    node->last = kid;
    if (++node->n_kids == FEW_KIDS) {
        node->chains = NEW_ARRAY(arena, PatternNode *, CHAINS);
        for (PatternNode *each = node->kids; each; each = each->next)
            chain_kid(node, each);
    } else if (node->chains) {
        chain_kid(node, kid);
    }
}

static PatternNode *new_kid(Arena *arena, PatternNode *node, const Piece *piece, int8_t kind)
{
    PatternNode *kid = NEW(arena, PatternNode);
    kid->kind = kind;
    kid->word = piece->word;
    kid->plural = piece->plural;
    if (kind == 'w')
        node->initials |= 1u << chain_of(piece->word);
    else if (kind == 'v' && !node->value)
        node->value = kid;
    else if (kind == 'r' && !node->result)
        node->result = kid;
    return kid;
}

static PatternNode *kid_for(Arena *arena, PatternNode *node, const Piece *piece, bool swapped)
{
    int8_t kind = piece->gap == GAP_WORD ? 'w' : piece->gap == GAP_RESULT ? 'r' : 'v';
    PatternNode *kid = kind == 'w' ? pattern_kid(node, piece->word) : node->kids;
    while (kid && kind != 'w' && !(kid->kind == kind && str_eq(kid->word, piece->word)))
        kid = kid->next;
    if (kid)
        return kid;
    kid = new_kid(arena, node, piece, kind);
    kid->swapped = swapped;
    add_kid(arena, node, kid);
    return kid;
}

static void plant(Arena *arena, PatternNode *root, const Pattern *pattern, uint8_t from)
{

    bool closed = pattern->id < FN_N_FUNCTIONS && function_is_unit((FunctionId)pattern->id);
    bool tight = from == 1 && pattern->pieces[0].plural && pattern->pieces[0].gap == 0;
    PatternNode *node = root;
    for (uint8_t i = from; i < pattern->n_pieces; i++) {
        node = kid_for(arena, node, &pattern->pieces[i], false);
        node->key |= pattern_takes_key(pattern, pattern->pieces[i].gap);
        if (!node->pattern || i + 1 == pattern->n_pieces) {
            node->closed = closed;
            node->tight = tight;
        }
    }
    if (!node->pattern)
        node->pattern = pattern;
}

static void plant_function(Patterns *patterns, const Pattern *pattern)
{
    Arena *arena = patterns->arena;
    bool condition = pattern->id >= CORE_COMPARE;
    if (pattern->id < FN_N_FUNCTIONS) {
        FunctionStyle style = functions[pattern->id].style;
        condition = style == STYLE_CONDITION || style == STYLE_METHOD_CONDITION;
        if (style == STYLE_ACTION) {
            plant(arena, &patterns->sentence, pattern, 0);
            return;
        }
    }
    if (condition)
        plant(arena, &patterns->condition, pattern, 1);
    else if (pattern->pieces[0].gap >= 0)
        plant(arena, &patterns->postfix, pattern, 1);
    else
        plant(arena, &patterns->phrase, pattern, 0);
}

static void keep(Pattern **list, Pattern *pattern)
{
    while (*list)
        list = &(*list)->next;
    *list = pattern;
}

/* "{0} are empty": the last alternative of a condition that has several, where it differs by its verb. */
static bool is_plural_condition(Str text, bool last, bool only)
{
    return last && !only && !str_contains(text, S(" is "));
}

static void add_flat(Patterns *patterns, uint16_t id, uint8_t op, Str text, bool plural)
{
    Pattern *pattern = NEW(patterns->arena, Pattern);
    pattern->id = id;
    pattern->op = op;
    pattern->is_plural = plural;
    if (!cut_pieces(patterns->arena, text, pattern))
        return;
    plant_function(patterns, pattern);
    keep(&patterns->of_function[id], pattern);
}

/* With and without each part in brackets; the fullest first. */
static void add_expanded(Patterns *patterns, uint16_t id, uint8_t op, Str text, bool plural)
{
    ptrdiff_t open = str_find_last_char(text, '[');
    if (open < 0) {
        add_flat(patterns, id, op, text, plural);
        return;
    }
    Str head = str_slice(text, 0, (size_t)open), rest = str_skip(text, (size_t)open + 1);
    Str inside = str_cut(&rest, ']');
    Arena *arena = patterns->arena;
    add_expanded(patterns, id, op, str_printf(arena, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(inside), STR_ARG(rest)),
                 plural);
    add_expanded(patterns, id, op, str_printf(arena, "%.*s%.*s", STR_ARG(head), STR_ARG(rest)), plural);
}

static void add_alternatives(Patterns *patterns, uint16_t id, uint8_t op, Str english)
{
    bool only = str_find_char(english, '|') < 0;
    while (english.data && english.len > 0) {
        Str text = str_cut(&english, '|');
        add_expanded(patterns, id, op, text, is_plural_condition(text, english.len == 0, only));
    }
}

/* ---- the catalog ---- */

static Str procedure_key(Arena *arena, Str book, Str name)
{
    return str_printf(arena, "%.*s.%.*s", STR_ARG(book), STR_ARG(name));
}

/* A sentence with neither {result} nor verb stands for its result wherever a value may: "today", "the total of each
 * {key} in {table}"; one that begins with a placeholder follows its first value: "{table} joined with {other}". */
static bool is_phrase(const Procedure *procedure, Str text)
{
    if (!procedure->result || str_contains(text, S("{result}")))
        return false;
    return str_starts(text, S("the ")) || str_starts(text, S("{")) || str_find_char(text, '{') < 0;
}

static void add_procedure(Patterns *patterns, const Procedure *procedure)
{
    Str english = procedure->english, key = procedure_key(patterns->arena, procedure->book, procedure->name);
    Pattern *first = NULL;
    while (english.data && english.len > 0) {
        Str text = str_trim(str_cut(&english, '|'));
        Pattern *pattern = NEW(patterns->arena, Pattern);
        pattern->id = CORE_PROCEDURE;
        pattern->procedure = procedure;
        if (!cut_pieces(patterns->arena, text, pattern))
            continue;
        bool follows = pattern->pieces[0].gap >= 0;
        pattern->is_phrase = is_phrase(procedure, text);
        if ((follows && !pattern->is_phrase) || pattern->pieces[0].gap == GAP_RESULT)
            continue;
        plant(patterns->arena,
              follows              ? &patterns->postfix
              : pattern->is_phrase ? &patterns->phrase
                                   : &patterns->sentence,
              pattern, follows);
        keep(&first, pattern);
    }
    if (first && !map_find(&patterns->of_procedure, key))
        map_put(&patterns->of_procedure, key, first);
}

/* ---- the phrases of a sentence in any order ---- */

enum { PHRASES_MAX = 4 };

/* “to {to}”, “with the subject {subject}”: pieces from `from` up to `to`, the last of which is the value. */
typedef struct Phrase {
    uint8_t from, to;
    Str joint; /* the word that it begins with; of one that begins with “and”, that of the phrase before */
} Phrase;

/* A sentence cut up: what always comes first, the phrases, and “as {result}”. */
typedef struct Cut {
    uint8_t head, n_phrases, tail;
    Phrase phrases[PHRASES_MAX];
} Cut;

static bool is_joint(const Piece *piece)
{
    static const Str joints[] = {S_INIT("to"),  S_INIT("from"), S_INIT("with"), S_INIT("by"),
                                 S_INIT("for"), S_INIT("in"),   S_INIT("at"),   S_INIT("on")};
    for (size_t i = 0; piece->gap == GAP_WORD && i < COUNT_OF(joints); i++) {
        if (str_eq(piece->word, joints[i]))
            return true;
    }
    return false;
}

/* False where the sentence is not made of a head and two to four phrases. */
static bool cut_phrases(const Pattern *pattern, Cut *out)
{
    *out = (Cut){.tail = pattern->n_pieces};
    const Piece *pieces = pattern->pieces;
    if (out->tail >= 2 && pieces[out->tail - 1].gap == GAP_RESULT && pieces[out->tail - 2].gap == GAP_WORD)
        out->tail -= 2;
    while (out->head < out->tail && !is_joint(&pieces[out->head]))
        out->head++;
    for (uint8_t at = out->head; at < out->tail;) {
        bool another = out->n_phrases > 0 && str_eq(pieces[at].word, S("and"));
        if (out->n_phrases == PHRASES_MAX || pieces[at].gap != GAP_WORD || (!another && !is_joint(&pieces[at])))
            return false;
        Phrase *phrase = &out->phrases[out->n_phrases++];
        *phrase = (Phrase){at, at, another ? phrase[-1].joint : pieces[at].word};
        while (phrase->to < out->tail && pieces[phrase->to].gap == GAP_WORD)
            phrase->to++;
        if (phrase->to == out->tail || pieces[phrase->to].gap < 0)
            return false;
        at = ++phrase->to;
    }
    return out->n_phrases > 1 && out->head > 0;
}

/* One order of the phrases: after a phrase with the same word in front, “and” stands for it. */
static Pattern *in_order(Arena *arena, const Pattern *pattern, const Cut *cut, const uint8_t *order)
{
    Pattern *other = NEW(arena, Pattern);
    *other = *pattern;
    other->next = NULL;
    other->pieces = NEW_ARRAY(arena, Piece, pattern->n_pieces);
    uint8_t n = 0;
    for (; n < cut->head; n++)
        other->pieces[n] = pattern->pieces[n];
    for (uint8_t i = 0; i < cut->n_phrases; i++) {
        const Phrase *phrase = &cut->phrases[order[i]];
        bool again = i > 0 && str_eq(phrase->joint, cut->phrases[order[i - 1]].joint) && phrase->to - phrase->from > 2;
        other->pieces[n++] = (Piece){.gap = GAP_WORD, .word = again ? S("and") : phrase->joint};
        for (uint8_t at = phrase->from + 1; at < phrase->to; at++)
            other->pieces[n++] = pattern->pieces[at];
    }
    for (uint8_t at = cut->tail; at < pattern->n_pieces; at++)
        other->pieces[n++] = pattern->pieces[at];
    return other;
}

/* A sentence's own order goes before all others; two procedures that another order makes alike are ambiguous. */
static void plant_swapped(Arena *arena, PatternNode *root, const Pattern *pattern)
{
    PatternNode *node = root;
    for (uint8_t i = 0; i < pattern->n_pieces; i++)
        node = kid_for(arena, node, &pattern->pieces[i], true);
    if (!node->pattern) {
        node->pattern = pattern;
        node->in_other_order = true;
    } else if (node->in_other_order && node->pattern->procedure != pattern->procedure && !node->rival) {
        node->rival = pattern;
    }
}

static void plant_orders(Patterns *patterns, const Pattern *pattern, const Cut *cut, uint8_t *order, uint8_t n)
{
    if (n == cut->n_phrases) {
        plant_swapped(patterns->arena, &patterns->sentence, in_order(patterns->arena, pattern, cut, order));
        return;
    }
    for (uint8_t next = 0; next < cut->n_phrases; next++) {
        bool taken = false;
        for (uint8_t i = 0; i < n; i++)
            taken |= order[i] == next;
        order[n] = next;
        if (!taken)
            plant_orders(patterns, pattern, cut, order, n + 1);
    }
}

static void add_orders(Patterns *patterns, const Procedure *procedure)
{
    Str key = procedure_key(patterns->arena, procedure->book, procedure->name);
    Cut cut;
    uint8_t order[PHRASES_MAX];
    for (const Pattern *p = map_get(&patterns->of_procedure, key); p; p = p->next) {
        if (p->procedure == procedure && !p->is_phrase && cut_phrases(p, &cut))
            plant_orders(patterns, p, &cut, order, 0);
    }
}

Patterns *english_patterns(Arena *arena, const Catalog *catalog)
{
    Patterns *patterns = NEW(arena, Patterns);
    patterns->arena = arena;
    patterns->of_procedure.arena = patterns->functions.arena = arena;
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        add_alternatives(patterns, id, 0, str_from_c(functions[id].english));
        Str words = name_to_words(arena, str_from_c(functions[id].spy));
        if (!map_find(&patterns->functions, words))
            map_put(&patterns->functions, words, (void *)(uintptr_t)(id + 1));
    }
    for (size_t i = 0; i < COUNT_OF(core_rows); i++)
        add_alternatives(patterns, core_rows[i].id, core_rows[i].op, str_from_c(core_rows[i].english));
    for (uint32_t i = 0; catalog && i < catalog->n_procedures; i++)
        add_procedure(patterns, catalog->procedures[i]);
    for (uint32_t i = 0; catalog && i < catalog->n_procedures; i++)
        add_orders(patterns, catalog->procedures[i]); /* behind all sentences in their own order */
    return patterns;
}

/* ---- asking ---- */

const Pattern *pattern_of_procedure(const Patterns *patterns, Str book, Str name)
{
    return map_get(&patterns->of_procedure, procedure_key(patterns->arena, book, name));
}

const PatternNode *pattern_value(const PatternNode *node)
{
    return node->value;
}

const PatternNode *pattern_result(const PatternNode *node)
{
    return node->result;
}
