/* agents/edit.c: a draft changed line by line. */
#include "agents/edit.h"

/* The draft's lines, and what was said about them. */
typedef struct Draft {
    Arena *arena;
    Str *lines;
    uint32_t n;
} Draft;

/* Lines [from, to). */
typedef struct Part {
    uint32_t from, to;
} Part;

/* ---- lines ---- */

static bool is_blank(Str line)
{
    return str_trim(line).len == 0;
}

static uint32_t indent_of(Str line)
{
    uint32_t n = 0;
    while (n < line.len && (line.data[n] == ' ' || line.data[n] == '\t'))
        n++;
    return n;
}

static Draft draft_of(Arena *arena, Str text)
{
    Draft draft = {.arena = arena};
    Str rest = text;
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    draft.lines = NEW_ARRAY(arena, Str, n);
    while (rest.len > 0) {
        Str line = str_cut(&rest, '\n');
        if (str_ends(line, S("\r")))
            line.len--;
        draft.lines[draft.n++] = line;
    }
    while (draft.n > 0 && is_blank(draft.lines[draft.n - 1]))
        draft.n--;
    return draft;
}

static Str text_of(const Draft *draft)
{
    Buf out = buf_in(draft->arena);
    for (uint32_t i = 0; i < draft->n; i++) {
        buf_str(&out, draft->lines[i]);
        buf_char(&out, '\n');
    }
    return buf_view(&out);
}

/* A line and what stands deeper below it. */
static Part with_block(const Draft *draft, Part part)
{
    uint32_t indent = indent_of(draft->lines[part.from]), end = part.to;
    for (uint32_t i = part.to; i < draft->n; i++) {
        if (is_blank(draft->lines[i]))
            continue;
        if (indent_of(draft->lines[i]) <= indent)
            break;
        end = i + 1;
    }
    return (Part){part.from, end};
}

/* Where a sentence that comes behind this line is indented: within the block that the line opens, if it does. */
static uint32_t indent_behind(const Draft *draft, uint32_t line)
{
    for (uint32_t i = line + 1; i < draft->n; i++) {
        if (!is_blank(draft->lines[i]))
            return MAX_OF(indent_of(draft->lines[i]), indent_of(draft->lines[line]));
    }
    return indent_of(draft->lines[line]);
}

/* The draft with `part` replaced by `put`, indented by `indent`. */
static Draft spliced(const Draft *draft, Part part, const Draft *put, uint32_t indent)
{
    Draft out = {.arena = draft->arena};
    out.lines = NEW_ARRAY(draft->arena, Str, (size_t)draft->n + put->n + 1);
    for (uint32_t i = 0; i < part.from; i++)
        out.lines[out.n++] = draft->lines[i];
    for (uint32_t i = 0; i < put->n; i++)
        out.lines[out.n++] = is_blank(put->lines[i])
                                 ? (Str){0}
                                 : str_printf(draft->arena, "%*s%.*s", (int)indent, "", STR_ARG(put->lines[i]));
    for (uint32_t i = part.to; i < draft->n; i++)
        out.lines[out.n++] = draft->lines[i];
    return out;
}

/* Without the indentation that all lines have. */
static void outdent(Draft *draft)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < draft->n; i++) {
        if (!is_blank(draft->lines[i]))
            least = MIN_OF(least, indent_of(draft->lines[i]));
    }
    for (uint32_t i = 0; i < draft->n; i++)
        draft->lines[i] = str_skip(draft->lines[i], least);
}

/* ---- words ---- */

static bool ends_word(Str text, size_t at)
{
    return at >= text.len ||
           !((text.data[at] >= 'a' && text.data[at] <= 'z') || (text.data[at] >= 'A' && text.data[at] <= 'Z') ||
             (text.data[at] >= '0' && text.data[at] <= '9') || (unsigned char)text.data[at] >= 0x80);
}

static void skip_blanks(Str *rest)
{
    while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t'))
        *rest = str_skip(*rest, 1);
}

/* Takes these words, in any case, when the text begins with them. */
static bool take(Str *rest, const char *words)
{
    Str wanted = str_from_c(words);
    if (rest->len < wanted.len || !str_eq_fold(str_slice(*rest, 0, wanted.len), wanted) ||
        !ends_word(*rest, wanted.len))
        return false;
    *rest = str_skip(*rest, wanted.len);
    skip_blanks(rest);
    return true;
}

static bool take_one_of(Str *rest, const char *const *words)
{
    for (; *words; words++) {
        if (take(rest, *words))
            return true;
    }
    return false;
}

static bool take_number(Str *rest, uint32_t *out)
{
    uint64_t n = 0;
    size_t digits = 0;
    while (digits < rest->len && rest->data[digits] >= '0' && rest->data[digits] <= '9' && digits < 9)
        n = n * 10 + (uint64_t)(rest->data[digits++] - '0');
    if (digits == 0 || !ends_word(*rest, digits))
        return false;
    *rest = str_skip(*rest, digits);
    skip_blanks(rest);
    *out = (uint32_t)n;
    return true;
}

/* ---- places ---- */

typedef enum PlaceKind { PLACE_NONE, PLACE_FOUND, PLACE_ABSENT } PlaceKind;

static bool is_sentence(Str line)
{
    Str text = str_trim(line);
    return text.len > 0 && text.data[0] != '#';
}

/* The nth sentence, from the end when `from_end`. */
static PlaceKind find_sentence(const Draft *draft, uint32_t nth, bool from_end, Part *out)
{
    for (uint32_t i = 0; i < draft->n; i++) {
        uint32_t line = from_end ? draft->n - 1 - i : i;
        if (is_sentence(draft->lines[line]) && --nth == 0) {
            *out = (Part){line, line + 1};
            return PLACE_FOUND;
        }
    }
    return PLACE_ABSENT;
}

static PlaceKind take_ordinal(const Draft *draft, Str *rest, Part *out)
{
    static const char *const ordinals[] = {"last", "first", "second", "third", "fourth", "fifth"};
    static const char *const nouns[] = {"sentence", "line", NULL};
    Str tail = *rest;
    if (!take(&tail, "the"))
        return PLACE_NONE;
    for (uint32_t i = 0; i < COUNT_OF(ordinals); i++) {
        if (!take(&tail, ordinals[i]))
            continue;
        if (!take_one_of(&tail, nouns))
            return PLACE_NONE;
        *rest = tail;
        return find_sentence(draft, MAX_OF(i, 1u), i == 0, out);
    }
    return PLACE_NONE;
}

/* line 3 · lines 3 to 5 · lines 3-5 · sentence 2 · the last sentence */
static PlaceKind take_part(const Draft *draft, Str *rest, Part *out)
{
    static const char *const until[] = {"to", "through", NULL};
    uint32_t from, to;
    Str tail = *rest;
    bool many = take(&tail, "lines");
    if (!many && !take(&tail, "line")) {
        if (!take(&tail, "sentence"))
            return take_ordinal(draft, rest, out);
        if (!take_number(&tail, &from))
            return PLACE_NONE;
        *rest = tail;
        return from == 0 ? PLACE_ABSENT : find_sentence(draft, from, false, out);
    }
    if (!take_number(&tail, &from))
        return PLACE_NONE;
    to = from;
    if (many) {
        bool dash = str_starts(tail, S("-"));
        if (dash) {
            tail = str_skip(tail, 1);
            skip_blanks(&tail);
        }
        if ((!dash && !take_one_of(&tail, until)) || !take_number(&tail, &to))
            return PLACE_NONE;
    }
    *rest = tail;
    if (from == 0 || to < from || to > draft->n)
        return PLACE_ABSENT;
    *out = (Part){from - 1, to};
    return PLACE_FOUND;
}

/* A place before line `at`, indented like its neighbours; `beside` is the lines that named it, if any did. */
typedef struct Gap {
    uint32_t at, indent;
    Part beside;
} Gap;

static PlaceKind take_gap(const Draft *draft, Str *rest, Gap *out)
{
    static const char *const ends[] = {"at the end", "to the end", "at the bottom", "to the bottom", NULL};
    static const char *const starts[] = {"at the beginning", "to the beginning", "at the top", "to the top",
                                         "at the start",     "to the start",     NULL};
    Str tail = *rest;
    Part part;
    if (take_one_of(rest, ends)) {
        *out = (Gap){.at = draft->n};
        return PLACE_FOUND;
    }
    if (take_one_of(rest, starts)) {
        *out = (Gap){.at = 0};
        return PLACE_FOUND;
    }
    bool after = take(&tail, "after");
    if (!after && !take(&tail, "before"))
        return PLACE_NONE;
    PlaceKind kind = take_part(draft, &tail, &part);
    if (kind == PLACE_NONE)
        return kind;
    *rest = tail;
    if (kind == PLACE_FOUND && after)
        *out = (Gap){part.to, indent_behind(draft, part.to - 1), part};
    else if (kind == PLACE_FOUND)
        *out = (Gap){part.from, indent_of(draft->lines[part.from]), part};
    return kind;
}

static EditOutcome refuse(DraftEdit *out, Str why)
{
    out->why = why;
    return EDIT_REFUSED;
}

static EditOutcome refuse_absent(const Draft *draft, DraftEdit *out)
{
    if (draft->n == 0)
        return refuse(out, S("The draft is empty: there is no such line."));
    return refuse(out, str_printf(draft->arena, "There is no such line: the draft has %u %s.", draft->n,
                                  draft->n == 1 ? "line" : "lines"));
}

/* ---- what is said to be put there ---- */

static bool is_wrapped(Str text, char quote)
{
    return text.len > 2 && text.data[0] == quote && text.data[text.len - 1] == quote &&
           str_find_char(str_slice(text, 1, text.len - 1), quote) < 0;
}

/* The sentences of a message behind its verb: without a colon in front, and without quotes around them. */
static Draft sentences_of(Arena *arena, Str said)
{
    Str text = said;
    skip_blanks(&text);
    if (str_starts(text, S(":")))
        text = str_skip(text, 1);
    if (is_blank(text))
        return (Draft){.arena = arena};
    Str inner = str_trim(text);
    if (is_wrapped(inner, '"') || is_wrapped(inner, '`'))
        text = str_slice(inner, 1, inner.len - 1);
    Draft all = draft_of(arena, text);
    uint32_t from = 0;
    while (from < all.n && is_blank(all.lines[from]))
        from++;
    Draft out = {.arena = arena, .lines = all.lines + from, .n = all.n - from};
    if (from == 0 && out.n > 0) { /* it stood behind the verb, so its own indentation says nothing */
        Str first = out.lines[0];
        skip_blanks(&first);
        out.lines[0] = first;
    }
    outdent(&out);
    return out;
}

/* ---- the edits ---- */

static Str lines_named(const Draft *draft, Part part)
{
    if (part.to - part.from == 1)
        return str_printf(draft->arena, "Line %u was", part.from + 1);
    return str_printf(draft->arena, "Lines %u to %u were", part.from + 1, part.to);
}

static EditOutcome insert(const Draft *draft, const Draft *put, Gap gap, DraftEdit *out)
{
    Draft edited = spliced(draft, (Part){gap.at, gap.at}, put, gap.indent);
    out->text = text_of(&edited);
    out->did = str_printf(draft->arena, "%u %s added.", put->n, put->n == 1 ? "line was" : "lines were");
    return EDIT_TEXT;
}

/* add say "x" after line 3: the last words of a single line that name a place. */
static PlaceKind gap_at_end(const Draft *draft, Str *said, Gap *out)
{
    static const Str signs[] = {S_INIT(" after "), S_INIT(" before "), S_INIT(" at the ")};
    Str line = str_trim(*said);
    if (str_find_char(line, '\n') >= 0)
        return PLACE_NONE;
    for (size_t at = line.len; at-- > 0;) {
        for (size_t i = 0; i < COUNT_OF(signs); i++) {
            if (!str_starts(str_skip(line, at), signs[i]))
                continue;
            Str rest = str_skip(line, at + 1);
            Gap gap = {0};
            PlaceKind kind = take_gap(draft, &rest, &gap);
            if (kind == PLACE_NONE || (rest.len > 0 && !str_eq(rest, S("."))))
                continue;
            *out = gap;
            *said = str_slice(line, 0, at);
            return kind;
        }
    }
    return PLACE_NONE;
}

static EditOutcome add(const Draft *draft, Str said, DraftEdit *out)
{
    Gap gap = {.at = draft->n};
    PlaceKind kind = take_gap(draft, &said, &gap);
    if (kind == PLACE_NONE)
        kind = gap_at_end(draft, &said, &gap);
    if (kind == PLACE_ABSENT)
        return refuse_absent(draft, out);
    Draft put = sentences_of(draft->arena, said);
    if (put.n == 0)
        return refuse(out, S("Say what is to be added: add, and then sentences."));
    return insert(draft, &put, gap, out);
}

static EditOutcome replace(const Draft *draft, Str said, DraftEdit *out)
{
    static const char *const with[] = {"with", "by", "to", NULL};
    Part part;
    PlaceKind kind = take_part(draft, &said, &part);
    if (kind == PLACE_NONE || !take_one_of(&said, with))
        return EDIT_NONE;
    if (kind == PLACE_ABSENT)
        return refuse_absent(draft, out);
    Draft put = sentences_of(draft->arena, said);
    if (put.n == 0)
        return refuse(out,
                      S("Say with what: replace line 4 with, and then sentences. To take it away: remove line 4."));
    Draft edited = spliced(draft, part, &put, indent_of(draft->lines[part.from]));
    out->text = text_of(&edited);
    out->did = str_printf(draft->arena, "%.*s replaced.", STR_ARG(lines_named(draft, part)));
    return EDIT_TEXT;
}

static bool is_end(Str rest)
{
    Str left = str_trim(rest);
    return left.len == 0 || str_eq(left, S("."));
}

static EditOutcome cleared(DraftEdit *out)
{
    out->text = S("");
    out->did = S("The draft is empty now; its older versions are kept.");
    return EDIT_TEXT;
}

static EditOutcome drop(const Draft *draft, Str said, DraftEdit *out)
{
    Part part;
    Str all = said;
    if (take(&all, "everything") && is_end(all))
        return cleared(out);
    PlaceKind kind = take_part(draft, &said, &part);
    if (kind == PLACE_NONE || !is_end(said))
        return EDIT_NONE;
    if (kind == PLACE_ABSENT)
        return refuse_absent(draft, out);
    const Draft nothing = {.arena = draft->arena};
    part = with_block(draft, part);
    Draft edited = spliced(draft, part, &nothing, 0);
    out->text = text_of(&edited);
    out->did = str_printf(draft->arena, "%.*s removed.", STR_ARG(lines_named(draft, part)));
    return EDIT_TEXT;
}

static EditOutcome move(const Draft *draft, Str said, DraftEdit *out)
{
    Part part;
    Gap gap;
    PlaceKind kind = take_part(draft, &said, &part);
    if (kind == PLACE_NONE)
        return EDIT_NONE;
    PlaceKind target = take_gap(draft, &said, &gap);
    if (target == PLACE_NONE || !is_end(said))
        return EDIT_NONE;
    if (kind == PLACE_ABSENT || target == PLACE_ABSENT)
        return refuse_absent(draft, out);
    part = with_block(draft, part);
    if (gap.beside.from < part.to && part.from < gap.beside.to)
        return refuse(out, S("Sentences cannot be moved into themselves."));
    Draft put = {.arena = draft->arena, .lines = NEW_ARRAY(draft->arena, Str, (size_t)draft->n + 1)};
    for (uint32_t i = part.from; i < part.to; i++)
        put.lines[put.n++] = draft->lines[i];
    outdent(&put);
    const Draft nothing = {.arena = draft->arena};
    Draft without = spliced(draft, part, &nothing, 0);
    uint32_t at = gap.at >= part.to ? gap.at - (part.to - part.from) : gap.at;
    Draft edited = spliced(&without, (Part){at, at}, &put, gap.indent);
    out->text = text_of(&edited);
    out->did = str_printf(draft->arena, "%.*s moved.", STR_ARG(lines_named(draft, part)));
    return EDIT_TEXT;
}

static Str unquoted(Str text)
{
    Str inner = str_trim(text);
    if (is_wrapped(inner, '"'))
        return str_slice(inner, 1, inner.len - 1);
    return str_ends(inner, S(".")) ? str_slice(inner, 0, inner.len - 1) : inner;
}

static EditOutcome rename_name(const Draft *draft, const Catalog *catalog, Str text, Str said, DraftEdit *out)
{
    static const char *const itself[] = {"the automation", "this automation", "it", NULL};
    Str whole = said;
    if (str_find_char(str_trim(said), '\n') >= 0)
        return EDIT_NONE;
    if (take_one_of(&whole, itself) && take(&whole, "to")) {
        out->text = unquoted(whole);
        out->did = str_printf(draft->arena, "The automation is now called “%.*s”.", STR_ARG(out->text));
        return out->text.len > 0 ? EDIT_TITLE
                                 : refuse(out, S("Say the new name: rename the automation to, and a name."));
    }
    ptrdiff_t to = str_find(said, S(" to "));
    if (to <= 0)
        return EDIT_NONE;
    return edit_rename(draft->arena, catalog, text, unquoted(str_slice(said, 0, (size_t)to)),
                       unquoted(str_skip(said, (size_t)to + 4)), out);
}

EditOutcome edit_draft(Arena *arena, const Catalog *catalog, Str text, Str message, DraftEdit *out)
{
    static const char *const adding[] = {"add", "insert", NULL}, *const replacing[] = {"replace", "change", NULL},
                             *const dropping[] = {"remove", "delete", NULL}, *const clearing[] = {"start over", NULL};
    Draft draft = draft_of(arena, text);
    Str said = str_trim(message);
    *out = (DraftEdit){0};
    if (take_one_of(&said, adding))
        return add(&draft, said, out);
    if (take_one_of(&said, replacing))
        return replace(&draft, said, out);
    if (take_one_of(&said, dropping))
        return drop(&draft, said, out);
    if (take(&said, "move"))
        return move(&draft, said, out);
    if (take(&said, "rename"))
        return rename_name(&draft, catalog, text, said, out);
    return take_one_of(&said, clearing) && is_end(said) ? cleared(out) : EDIT_NONE;
}
