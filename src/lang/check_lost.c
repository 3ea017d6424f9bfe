/* lang/check_lost.c: which names the sentences that could not be read may have set. */
#include "lang/check_internal.h"

/* A line without its end; `*at` moves behind it. */
static Str line_from(Str source, size_t *at)
{
    Str rest = str_skip(source, *at);
    Str line = str_cut(&rest, '\n');
    *at = rest.data ? source.len - rest.len : source.len;
    return line;
}

static size_t indent_of(Str line)
{
    size_t n = 0;
    while (n < line.len && (line.data[n] == ' ' || line.data[n] == '\t'))
        n++;
    return n;
}

/* The error's line with what stands deeper below it; where it is indented itself, from the line that it hangs on, since
 * a sentence may go on over several lines. */
static Str region_of(Str source, size_t error_at)
{
    size_t start = error_at < source.len ? error_at : source.len;
    while (start > 0 && source.data[start - 1] != '\n')
        start--;
    size_t at = start, indent = indent_of(line_from(source, &at));
    while (indent > 0 && start > 0) {
        size_t before = start - 1;
        while (before > 0 && source.data[before - 1] != '\n')
            before--;
        at = before;
        Str line = line_from(source, &at);
        start = before;
        if (str_trim(line).len > 0 && indent_of(line) < indent)
            break;
    }
    at = start;
    size_t outer = indent_of(line_from(source, &at)), end;
    for (end = at; end < source.len; end = at) {
        Str line = line_from(source, &at);
        if (str_trim(line).len > 0 && indent_of(line) <= outer)
            break;
    }
    return str_slice(source, start, end);
}

static Str lost_text(Arena *arena, const Diagnostics *all)
{
    if (all->n_errors >= DIAGNOSTICS_MAX)
        return all->source;
    Buf lost = buf_in(arena);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == SEVERITY_ERROR) {
            buf_str(&lost, region_of(all->source, all->items[i].span.start));
            buf_char(&lost, '\n');
        }
    }
    for (uint32_t i = 0; i < all->n_lost; i++) {
        buf_str(&lost, region_of(all->source, all->lost[i]));
        buf_char(&lost, '\n');
    }
    return buf_view(&lost);
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* The word at the front of `text`, which then begins behind it; "" at the end. Words of SPy's names count singly. */
static Str cut_word(Str *text)
{
    while (text->len > 0 && !is_word_byte(text->data[0]))
        *text = str_skip(*text, 1);
    size_t n = 0;
    while (n < text->len && is_word_byte(text->data[n]))
        n++;
    Str word = str_slice(*text, 0, n);
    *text = str_skip(*text, n);
    return word;
}

void check_find_lost(Checker *checker)
{
    Str rest = checker->lost = str_lower(checker->arena, lost_text(checker->arena, checker->all));
    checker->lost_words = NEW_ARRAY(checker->arena, Str, LOST_WORDS_MAX);
    for (Str word; checker->n_lost_words < LOST_WORDS_MAX && (word = cut_word(&rest)).len > 0;)
        checker->lost_words[checker->n_lost_words++] = word;
}

bool check_may_be_lost(const Checker *checker, Str name)
{
    if (checker->readable)
        return false;
    Str rest = str_lower(checker->arena, name);
    for (Str word; (word = cut_word(&rest)).len > 0;) {
        bool there = str_find(checker->lost, word) >= 0 || checker->n_lost_words == LOST_WORDS_MAX ||
                     nearest_spelling(word, checker->lost_words, checker->n_lost_words).len > 0;
        if (!there)
            return false;
    }
    return true;
}
