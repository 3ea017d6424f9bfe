/* lang/plural.c: names in words and in snake_case, one and many. The table here is the stated one of the reference. */
#include "lang/ast.h"

#include <string.h>

/* Nouns that no rule gives, one and many, by their first letter, which both have. Of several rows for one noun, the
 * first is the one that is written; all are understood. */
static const Str irregulars[][2] = {
    {S_INIT("ache"), S_INIT("aches")},
    {S_INIT("addendum"), S_INIT("addenda")},
    {S_INIT("alias"), S_INIT("aliases")},
    {S_INIT("alumnus"), S_INIT("alumni")},
    {S_INIT("analysis"), S_INIT("analyses")},
    {S_INIT("appendix"), S_INIT("appendices")},
    {S_INIT("atlas"), S_INIT("atlases")},
    {S_INIT("avalanche"), S_INIT("avalanches")},
    {S_INIT("axis"), S_INIT("axes")},
    {S_INIT("basis"), S_INIT("bases")},
    {S_INIT("bias"), S_INIT("biases")},
    {S_INIT("bonus"), S_INIT("bonuses")},
    {S_INIT("bus"), S_INIT("buses")},
    {S_INIT("cache"), S_INIT("caches")},
    {S_INIT("calf"), S_INIT("calves")},
    {S_INIT("calorie"), S_INIT("calories")},
    {S_INIT("campus"), S_INIT("campuses")},
    {S_INIT("canoe"), S_INIT("canoes")},
    {S_INIT("canvas"), S_INIT("canvases")},
    {S_INIT("cargo"), S_INIT("cargoes")},
    {S_INIT("census"), S_INIT("censuses")},
    {S_INIT("child"), S_INIT("children")},
    {S_INIT("cookie"), S_INIT("cookies")},
    {S_INIT("corpus"), S_INIT("corpora")},
    {S_INIT("crisis"), S_INIT("crises")},
    {S_INIT("criterion"), S_INIT("criteria")},
    {S_INIT("datum"), S_INIT("data")},
    {S_INIT("diagnosis"), S_INIT("diagnoses")},
    {S_INIT("die"), S_INIT("dies")},
    {S_INIT("echo"), S_INIT("echoes")},
    {S_INIT("embargo"), S_INIT("embargoes")},
    {S_INIT("emphasis"), S_INIT("emphases")},
    {S_INIT("epoch"), S_INIT("epochs")},
    {S_INIT("erratum"), S_INIT("errata")},
    {S_INIT("focus"), S_INIT("focuses")},
    {S_INIT("foot"), S_INIT("feet")},
    {S_INIT("formula"), S_INIT("formulas")},
    {S_INIT("formula"), S_INIT("formulae")},
    {S_INIT("gas"), S_INIT("gases")},
    {S_INIT("genus"), S_INIT("genera")},
    {S_INIT("goose"), S_INIT("geese")},
    {S_INIT("guru"), S_INIT("gurus")},
    {S_INIT("half"), S_INIT("halves")},
    {S_INIT("headache"), S_INIT("headaches")},
    {S_INIT("hero"), S_INIT("heroes")},
    {S_INIT("hypothesis"), S_INIT("hypotheses")},
    {S_INIT("index"), S_INIT("indexes")},
    {S_INIT("index"), S_INIT("indices")},
    {S_INIT("knife"), S_INIT("knives")},
    {S_INIT("leaf"), S_INIT("leaves")},
    {S_INIT("lens"), S_INIT("lenses")},
    {S_INIT("lie"), S_INIT("lies")},
    {S_INIT("life"), S_INIT("lives")},
    {S_INIT("loaf"), S_INIT("loaves")},
    {S_INIT("man"), S_INIT("men")},
    {S_INIT("matrix"), S_INIT("matrices")},
    {S_INIT("medium"), S_INIT("media")},
    {S_INIT("memorandum"), S_INIT("memoranda")},
    {S_INIT("menu"), S_INIT("menus")},
    {S_INIT("monarch"), S_INIT("monarchs")},
    {S_INIT("mouse"), S_INIT("mice")},
    {S_INIT("movie"), S_INIT("movies")},
    {S_INIT("niche"), S_INIT("niches")},
    {S_INIT("nucleus"), S_INIT("nuclei")},
    {S_INIT("ox"), S_INIT("oxen")},
    {S_INIT("parenthesis"), S_INIT("parentheses")},
    {S_INIT("passerby"), S_INIT("passersby")},
    {S_INIT("patriarch"), S_INIT("patriarchs")},
    {S_INIT("person"), S_INIT("people")},
    {S_INIT("phenomenon"), S_INIT("phenomena")},
    {S_INIT("pie"), S_INIT("pies")},
    {S_INIT("potato"), S_INIT("potatoes")},
    {S_INIT("quiz"), S_INIT("quizzes")},
    {S_INIT("radius"), S_INIT("radii")},
    {S_INIT("rookie"), S_INIT("rookies")},
    {S_INIT("schema"), S_INIT("schemas")},
    {S_INIT("schema"), S_INIT("schemata")},
    {S_INIT("self"), S_INIT("selves")},
    {S_INIT("selfie"), S_INIT("selfies")},
    {S_INIT("shelf"), S_INIT("shelves")},
    {S_INIT("shoe"), S_INIT("shoes")},
    {S_INIT("sku"), S_INIT("skus")},
    {S_INIT("status"), S_INIT("statuses")},
    {S_INIT("stimulus"), S_INIT("stimuli")},
    {S_INIT("stomach"), S_INIT("stomachs")},
    {S_INIT("surplus"), S_INIT("surpluses")},
    {S_INIT("syllabus"), S_INIT("syllabuses")},
    {S_INIT("synthesis"), S_INIT("syntheses")},
    {S_INIT("taxi"), S_INIT("taxis")},
    {S_INIT("thesis"), S_INIT("theses")},
    {S_INIT("thief"), S_INIT("thieves")},
    {S_INIT("tie"), S_INIT("ties")},
    {S_INIT("toe"), S_INIT("toes")},
    {S_INIT("tomato"), S_INIT("tomatoes")},
    {S_INIT("tooth"), S_INIT("teeth")},
    {S_INIT("vertex"), S_INIT("vertices")},
    {S_INIT("veto"), S_INIT("vetoes")},
    {S_INIT("virus"), S_INIT("viruses")},
    {S_INIT("wife"), S_INIT("wives")},
    {S_INIT("wolf"), S_INIT("wolves")},
    {S_INIT("woman"), S_INIT("women")},
    {S_INIT("zombie"), S_INIT("zombies")},
};

/* One and many alike, or only ever many, or nothing that is counted; by their first letter. */
static const Str invariants[] = {
    S_INIT("across"),   S_INIT("aircraft"),     S_INIT("always"),      S_INIT("analytics"), S_INIT("as"),
    S_INIT("deer"),     S_INIT("earnings"),     S_INIT("economics"),   S_INIT("equipment"), S_INIT("feedback"),
    S_INIT("fish"),     S_INIT("furniture"),    S_INIT("goods"),       S_INIT("gross"),     S_INIT("hardware"),
    S_INIT("has"),      S_INIT("headquarters"), S_INIT("information"), S_INIT("is"),        S_INIT("its"),
    S_INIT("less"),     S_INIT("logistics"),    S_INIT("mathematics"), S_INIT("means"),     S_INIT("minus"),
    S_INIT("money"),    S_INIT("news"),         S_INIT("offspring"),   S_INIT("percent"),   S_INIT("plus"),
    S_INIT("politics"), S_INIT("previous"),     S_INIT("proceeds"),    S_INIT("savings"),   S_INIT("series"),
    S_INIT("sheep"),    S_INIT("software"),     S_INIT("species"),     S_INIT("staff"),     S_INIT("statistics"),
    S_INIT("thanks"),   S_INIT("this"),         S_INIT("towards"),     S_INIT("unless"),    S_INIT("us"),
    S_INIT("various"),  S_INIT("was"),          S_INIT("yes"),
};

/* ---- snake_case and words ---- */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool name_is_regular(Str snake)
{
    bool starts = true;
    for (size_t i = 0; i < snake.len; i++) {
        char c = snake.data[i];
        if (starts ? !is_lower(c) : !is_lower(c) && !is_digit(c) && c != '_')
            return false;
        starts = c == '_';
    }
    return snake.len > 0 && !starts;
}

Str name_to_words(Arena *arena, Str snake)
{
    char *words = arena_alloc_bytes(arena, snake.len);
    for (size_t i = 0; i < snake.len; i++)
        words[i] = snake.data[i] == '_' ? ' ' : snake.data[i];
    return str_of(words, snake.len);
}

Str name_from_words(Arena *arena, Str words)
{
    char *snake = arena_alloc_bytes(arena, words.len);
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < words.len; i++) {
        char c = words.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!is_lower(c) && !is_digit(c) && !((unsigned char)c & 0x80)) {
            gap = true;
            continue;
        }
        if (gap && len > 0)
            snake[len++] = '_';
        gap = false;
        snake[len++] = c;
    }
    return str_of(snake, len);
}

/* ---- one and many ---- */

bool plural_irregular(uint32_t at, Str *out_one, Str *out_many)
{
    if (at >= COUNT_OF(irregulars))
        return false;
    *out_one = irregulars[at][0];
    *out_many = irregulars[at][1];
    return true;
}

bool plural_invariant(uint32_t at, Str *out_word)
{
    if (at >= COUNT_OF(invariants))
        return false;
    *out_word = invariants[at];
    return true;
}

/* The last word, letters only; what stands before it stays. */
static Str last_word(Str words)
{
    size_t at = words.len;
    while (at > 0 && words.data[at - 1] != ' ' && words.data[at - 1] != '_' && words.data[at - 1] != '-')
        at--;
    return str_skip(words, at);
}

/* The place of the first of `n` words, `stride` apart and in order, that begins with the letter of `word`. */
static size_t first_alike(const Str *words, size_t n, size_t stride, Str word)
{
    char letter = (char)(word.data[0] | 0x20);
    size_t low = 0;
    for (size_t high = n; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (words[middle * stride].data[0] < letter)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool begins_alike(Str a, Str b)
{
    return a.data[0] == (b.data[0] | 0x20);
}

static bool is_invariant(Str word)
{
    size_t n = COUNT_OF(invariants);
    for (size_t i = first_alike(invariants, n, 1, word); i < n && begins_alike(invariants[i], word); i++) {
        if (str_eq_fold(invariants[i], word))
            return true;
    }
    return false;
}

/* The row that has `word` as one (0) or as many (1); NULL without one. */
static const Str *irregular_with(Str word, int as)
{
    size_t n = COUNT_OF(irregulars);
    for (size_t i = first_alike(irregulars[0], n, 2, word); i < n && begins_alike(irregulars[i][0], word); i++) {
        if (str_eq_fold(irregulars[i][as], word))
            return irregulars[i];
    }
    return NULL;
}

static bool is_vowel(char c)
{
    return c && strchr("aeiouAEIOU", c);
}

static bool ends_in(Str word, Str ending)
{
    return word.len > ending.len && (word.data[word.len - 1] | 0x20) == ending.data[ending.len - 1] &&
           str_eq_fold(str_skip(word, word.len - ending.len), ending);
}

/* `words` without its last `cut` bytes, with `ending` behind. */
static Str with_ending(Arena *arena, Str words, size_t cut, Str ending)
{
    Str stem = str_slice(words, 0, words.len - cut);
    char *text = arena_alloc_bytes(arena, stem.len + ending.len);
    memcpy(text, stem.data, stem.len);
    memcpy(text + stem.len, ending.data, ending.len);
    return str_of(text, stem.len + ending.len);
}

/* y after a consonant: entry, entries; but day, days. */
static bool consonant_before(Str word, size_t from_end)
{
    return word.len > from_end && !is_vowel(word.data[word.len - from_end - 1]);
}

Str plural_of(Arena *arena, Str words)
{
    Str word = last_word(words);
    if (word.len == 0 || is_invariant(word))
        return words;
    const Str *irregular = irregular_with(word, 0);
    if (irregular)
        return with_ending(arena, words, word.len, irregular[1]);
    if (ends_in(word, S("y")) && consonant_before(word, 1))
        return with_ending(arena, words, 1, S("ies"));
    if (ends_in(word, S("s")) || ends_in(word, S("x")) || ends_in(word, S("z")) || ends_in(word, S("ch")) ||
        ends_in(word, S("sh")))
        return with_ending(arena, words, 0, S("es"));
    return with_ending(arena, words, 0, S("s"));
}

/* Without a plural's "es" where plural_of put one: addresses, boxes, batches; but invoices, cases, sizes keep their e.
 */
static bool drops_es(Str word)
{
    return ends_in(word, S("sses")) || ends_in(word, S("xes")) || ends_in(word, S("zzes")) ||
           ends_in(word, S("ches")) || ends_in(word, S("shes")) || ends_in(word, S("uses"));
}

/* House, cause, excuse, clause, base … are spelled with se: only these of all words in -uses are no -us. */
static bool keeps_e(Str word)
{
    static const Str endings[] = {S_INIT("houses"),  S_INIT("causes"), S_INIT("clauses"), S_INIT("excuses"),
                                  S_INIT("pauses"),  S_INIT("abuses"), S_INIT("refuses"), S_INIT("muses"),
                                  S_INIT("spouses"), S_INIT("fuses")};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (ends_in(word, endings[i]) || str_eq_fold(word, endings[i]))
            return true;
    }
    return str_eq_fold(word, S("uses"));
}

Str singular_of(Arena *arena, Str words)
{
    Str word = last_word(words);
    if (word.len == 0 || is_invariant(word))
        return words;
    if (irregular_with(word, 0))
        return words;
    const Str *irregular = irregular_with(word, 1);
    if (irregular)
        return with_ending(arena, words, word.len, irregular[0]);
    if (!ends_in(word, S("s")) || ends_in(word, S("ss")) || ends_in(word, S("us")) || ends_in(word, S("is")))
        return words;
    if (ends_in(word, S("ies")) && consonant_before(word, 3))
        return with_ending(arena, words, 3, S("y"));
    if (drops_es(word) && !keeps_e(word))
        return str_slice(words, 0, words.len - 2);
    return str_slice(words, 0, words.len - 1);
}

bool words_are_plural(Arena *arena, Str words)
{
    return !str_eq(singular_of(arena, words), words);
}
