/* lang/diagnostic.c: collecting what is wrong, and saying it to people and programs. */
#include "lang/diagnostic.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

/* ---- collecting ---- */

/* The line that holds `at`, without its end. */
static Span line_around(Str source, uint32_t at)
{
    uint32_t offset = (uint32_t)MIN_OF((size_t)at, source.len);
    const char *before = offset ? memrchr(source.data, '\n', offset) : NULL;
    uint32_t start = before ? (uint32_t)(before - source.data) + 1 : 0;
    const char *end = offset < source.len ? memchr(source.data + offset, '\n', source.len - offset) : NULL;
    return (Span){start, end ? (uint32_t)(end - source.data) : (uint32_t)source.len};
}

static uint32_t count_lines(Str source, uint32_t until)
{
    uint32_t lines = 1;
    const char *at = source.data, *end = source.data + until;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        lines++;
        at++;
    }
    return lines;
}

/* Errors never cascade: the first on a line stands for its sentence. */
static bool line_has_error(const Diagnostics *all, Span line)
{
    for (uint32_t i = 0; i < all->count; i++) {
        const Diagnostic *old = &all->items[i];
        if (old->severity == SEVERITY_ERROR && old->span.start >= line.start && old->span.start <= line.end)
            return true;
    }
    return false;
}

static bool is_among(const char *code, const char *const *codes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(code, codes[i]) == 0)
            return true;
    }
    return false;
}

/* Nor does a block that is not set in: what should stand in it, and its other half, stand outside then. */
static bool is_out_of_its_block(const Diagnostics *all, const char *code, uint32_t start)
{
    static const char *const blocks[] = {"missing-block", "empty-block"};
    static const char *const inside[] = {"lone-return", "lone-else", "outside-loop", "never-runs"};
    for (uint32_t i = 0; i < all->count && is_among(code, inside, COUNT_OF(inside)); i++) {
        if (all->items[i].span.start < start && is_among(all->items[i].code, blocks, COUNT_OF(blocks)))
            return true;
    }
    return false;
}

/* Room for one more; what is not kept is written to `spare`, so that callers need not ask. */
static Diagnostic *place_for(Diagnostics *all, Severity severity, const char *code, Span line)
{
    if (severity == SEVERITY_ERROR && all->count < DIAGNOSTICS_MAX && line_has_error(all, line))
        return &all->spare;
    if (is_out_of_its_block(all, code, line.start))
        return &all->spare;
    all->n_errors += severity == SEVERITY_ERROR;
    if (all->count >= DIAGNOSTICS_MAX)
        return &all->spare;
    if (all->count == all->cap) {
        uint32_t cap = all->cap ? 2 * all->cap : 8;
        all->items = arena_grow(all->arena, all->items, all->cap * sizeof(Diagnostic), cap * sizeof(Diagnostic),
                                _Alignof(Diagnostic));
        all->cap = cap;
    }
    return &all->items[all->count++];
}

static Str format_text(Arena *arena, const char *format, va_list args)
{
    Buf text = buf_in(arena);
    buf_vprintf(&text, format, args);
    return buf_view(&text);
}

Diagnostic *diagnose(Diagnostics *all, Severity severity, const char *code, Span span, const char *format, ...)
{
    uint32_t start = (uint32_t)MIN_OF((size_t)span.start, all->source.len);
    uint32_t end = (uint32_t)MIN_OF((size_t)MAX_OF(span.end, start), all->source.len);
    Span line = line_around(all->source, start);
    Diagnostic *item = place_for(all, severity, code, line);
    *item = (Diagnostic){.severity = severity, .code = code, .spelling = all->spelling, .span = {start, end}};
    if (item == &all->spare)
        return item;
    item->line = count_lines(all->source, start);
    item->column = 1 + (uint32_t)utf8_count(str_slice(all->source, line.start, start));
    va_list args;
    va_start(args, format);
    item->message = format_text(all->arena, format, args);
    va_end(args);
    return item;
}

void diagnose_hint(Diagnostics *all, Diagnostic *about, const char *format, ...)
{
    if (about == &all->spare)
        return;
    va_list args;
    va_start(args, format);
    about->hint = format_text(all->arena, format, args);
    va_end(args);
}

static int compare_places(const void *a, const void *b)
{
    const Diagnostic *x = a, *y = b;
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    if (x->severity != y->severity)
        return x->severity < y->severity ? -1 : 1;
    int by_code = strcmp(x->code, y->code);
    return by_code ? by_code : str_compare(x->message, y->message);
}

void diagnostics_sort(Diagnostics *all)
{
    if (all->count > 1)
        qsort(all->items, all->count, sizeof *all->items, compare_places);
}

/* ---- saying ---- */

enum { SHOWN_BEFORE = 60, SHOWN_LINE = 160 }; /* bytes: enough of a long line to find the place in it */

/* Moves `at` back to the start of a code point. */
static uint32_t code_point_start(Str source, uint32_t at)
{
    while (at > 0 && at < source.len && ((unsigned char)source.data[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static Span shown_part(Str source, Span line, uint32_t at)
{
    if (line.end - line.start <= SHOWN_LINE)
        return line;
    uint32_t start = at - line.start > SHOWN_BEFORE ? code_point_start(source, at - SHOWN_BEFORE) : line.start;
    uint32_t end = code_point_start(source, MIN_OF(line.end, start + SHOWN_LINE));
    return (Span){start, end};
}

/* Blanks as wide as the text before the place, then a caret and a tail under what the span names. */
static void print_caret(Buf *out, Str source, Span shown, Span span)
{
    for (uint32_t i = shown.start; i < span.start; i++) {
        unsigned char c = (unsigned char)source.data[i];
        if ((c & 0xC0) != 0x80)
            buf_char(out, c == '\t' ? '\t' : ' ');
    }
    buf_char(out, '^');
    size_t width = utf8_count(str_slice(source, span.start, MIN_OF(span.end, shown.end)));
    for (size_t i = 1; i < width; i++)
        buf_char(out, '~');
}

static void print_one(Buf *out, const Diagnostics *all, const Diagnostic *item, Str file_name)
{
    static const char *const names[] = {[SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning"};
    buf_printf(out, "%.*s:%u:%u: %s: %.*s [%s]\n", STR_ARG(file_name), item->line, item->column, names[item->severity],
               STR_ARG(item->message), item->code);
    Span shown = shown_part(all->source, line_around(all->source, item->span.start), item->span.start);
    Str text = str_slice(all->source, shown.start, shown.end);
    if (str_ends(text, S("\r")))
        text.len--;
    buf_printf(out, "    %.*s\n    ", STR_ARG(text));
    print_caret(out, all->source, shown, item->span);
    buf_char(out, '\n');
    for (uint32_t i = 0; i < item->n_choices; i++)
        buf_printf(out, "    %u. %.*s\n", i + 1, STR_ARG(item->choices[i]));
    if (item->hint.len > 0)
        buf_printf(out, "    hint: %.*s\n", STR_ARG(item->hint));
}

void diagnostics_print(Buf *out, const Diagnostics *all, Str file_name)
{
    for (uint32_t i = 0; i < all->count; i++)
        print_one(out, all, &all->items[i], file_name);
    if (all->n_errors > DIAGNOSTICS_MAX)
        buf_printf(out, "%u more problems are not shown: mend these first, then check again\n",
                   all->n_errors - DIAGNOSTICS_MAX);
}

void diagnostic_to_json(JsonOut *out, const Diagnostic *diagnostic)
{
    json_open_object(out);
    json_member_str(out, S("severity"), diagnostic->severity == SEVERITY_ERROR ? S("ERROR") : S("WARNING"));
    json_member_str(out, S("code"), str_from_c(diagnostic->code));
    json_member_str(out, S("spelling"), diagnostic->spelling == SPELLING_SPY ? S("code") : S("english_code"));
    json_key(out, S("line"));
    json_i64(out, diagnostic->line);
    json_key(out, S("column"));
    json_i64(out, diagnostic->column);
    json_key(out, S("location"));
    json_open_object(out);
    json_key(out, S("start_byte"));
    json_i64_text(out, diagnostic->span.start);
    json_key(out, S("end_byte"));
    json_i64_text(out, diagnostic->span.end);
    json_close_object(out);
    json_member_str(out, S("message"), diagnostic->message);
    json_member_str(out, S("hint"), diagnostic->hint);
    json_key(out, S("choices"));
    json_open_array(out);
    for (uint32_t i = 0; i < diagnostic->n_choices; i++)
        json_str(out, diagnostic->choices[i]);
    json_close_array(out);
    json_close_object(out);
}

/* ---- the nearest spelling ---- */

enum { WORD_MAX = 64 }; /* nobody misspells a longer one by accident */

/* Optimal string alignment: edits of one letter, and two neighbours swapped. */
static unsigned distance(Str a, Str b)
{
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned best = last[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            best = MIN_OF(best, last[j] + 1);
            best = MIN_OF(best, now[j - 1] + 1);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                best = MIN_OF(best, before[j - 2] + 1);
            now[j] = best;
        }
        unsigned *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b.len];
}

Str nearest_spelling(Str word, const Str *candidates, uint32_t n)
{
    Str nearest = {0};
    if (word.len == 0 || word.len > WORD_MAX)
        return nearest;
    size_t limit = MAX_OF(word.len / 3, (size_t)1);
    for (uint32_t i = 0; i < n; i++) {
        Str candidate = candidates[i];
        size_t apart = candidate.len > word.len ? candidate.len - word.len : word.len - candidate.len;
        if (candidate.len == 0 || candidate.len > WORD_MAX || apart > limit)
            continue;
        unsigned far = distance(word, candidate);
        if (far > limit || (far == limit && nearest.data) || far >= MAX_OF(word.len, candidate.len))
            continue;
        nearest = candidate;
        limit = far;
        if (far == 0)
            break;
    }
    return nearest;
}
