/* cli/lsp_rename.c: a name changed wherever it stands, and the usual form.
 *
 * A name is changed in the tree. Where changing the words in the text gives exactly that tree, those are the edits;
 * else the tree is printed as a whole. So a rename never changes what an automation does. */
#include <stdlib.h>

#include "base/map.h"
#include "books/book.h"
#include "cli/lsp_features.h"
#include "cli/lsp_names.h"
#include "lang/english.h"
#include "lang/spy.h"

typedef struct Edit {
    Span span;
    Str text;
} Edit;

typedef struct Rename {
    Arena *arena;
    const LspDocument *document;
    NameUses uses;
    NameMeaning meaning; /* of what is renamed */
    Str old, name;       /* both as the tree has them */
    Str old_words, words;
    Edit *edits;
    uint32_t n_edits;
} Rename;

static Str text_of(const Rename *r)
{
    return r->document->lines.text;
}

static bool same_meaning(NameMeaning a, NameMeaning b)
{
    return a.fact == b.fact && a.define == b.define;
}

static Program *read_again(const Rename *r, Str text)
{
    return program_read(r->arena, text, r->document->spelling, books_catalog());
}

static Str print_tree(const Rename *r, Node *tree)
{
    return r->document->spelling == SPELLING_SPY ? spy_print(r->arena, tree, books_catalog())
                                                 : english_print(r->arena, tree, books_catalog());
}

/* ---- in the tree ---- */
/* `uses` are those of the same text, so they are in the same order. */
static void rename_uses(const Rename *r, const NameUses *uses)
{
    for (uint32_t i = 0; i < uses->count; i++) {
        if (same_meaning(r->uses.items[i].meaning, r->meaning))
            uses->items[i].node->name = r->name;
    }
}

static Program *renamed_program(const Rename *r)
{
    Program *program = read_again(r, text_of(r));
    NameUses uses = names_of(r->arena, program);
    rename_uses(r, &uses);
    return program;
}

/* Variables of comprehensions are nobody's business: they are numbered, so that only their places count. */
static void number_locals(const Rename *r, const NameUses *uses)
{
    Map numbers = {.arena = r->arena};
    for (uint32_t i = 0; i < uses->count; i++) {
        Node *node = uses->items[i].node;
        if (uses->items[i].meaning.fact || uses->items[i].meaning.define)
            continue;
        MapEntry *known = map_find(&numbers, node->name);
        if (!known) {
            map_put(&numbers, node->name, node);
            known = map_find(&numbers, node->name);
        }
        node->name = str_printf(r->arena, "_%td", known - numbers.entries);
    }
}

static bool means_the_same(const Rename *r, Str edited)
{
    Program *wanted = read_again(r, text_of(r)), *found = read_again(r, edited);
    if (!found->readable)
        return false;
    NameUses wanted_uses = names_of(r->arena, wanted), found_uses = names_of(r->arena, found);
    number_locals(r, &wanted_uses);
    number_locals(r, &found_uses);
    rename_uses(r, &wanted_uses);
    return ast_equal(wanted->tree, found->tree);
}

/* ---- in the text ---- */
static bool is_word_byte(Str text, size_t at)
{
    unsigned char c = at < text.len ? (unsigned char)text.data[at] : ' ';
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The old words within a span: the first or the last time they stand there, as whole words. */
static bool find_words(const Rename *r, Span within, bool last, Span *out)
{
    Str text = text_of(r);
    bool found = false;
    for (size_t at = within.start; at + r->old_words.len <= within.end; at++) {
        bool here = str_eq_fold(str_slice(text, at, at + r->old_words.len), r->old_words) &&
                    (at == 0 || !is_word_byte(text, at - 1)) && !is_word_byte(text, at + r->old_words.len);
        if (!here)
            continue;
        *out = (Span){(uint32_t)at, (uint32_t)(at + r->old_words.len)};
        found = true;
        if (!last)
            return true;
    }
    return found;
}

static bool is_edited(const Rename *r, Span span)
{
    for (uint32_t i = 0; i < r->n_edits; i++) {
        if (r->edits[i].span.start == span.start)
            return true;
    }
    return false;
}

/* False when the words of a use do not stand in the text: then it is printed as a whole. */
static bool edit_words(Rename *r)
{
    for (uint32_t i = 0; i < r->uses.count; i++) {
        const Node *node = r->uses.items[i].node;
        Span span;
        if (!same_meaning(r->uses.items[i].meaning, r->meaning))
            continue;
        bool last = node->kind != NODE_DEFINE && node->kind != NODE_PROCEDURE_CALL;
        if (node->kind == NODE_INPUT || !find_words(r, lsp_span(r->document, node), last, &span))
            return false;
        if (!is_edited(r, span))
            r->edits[r->n_edits++] = (Edit){span, r->words};
    }
    return true;
}

static int compare_edits(const void *a, const void *b)
{
    uint32_t x = ((const Edit *)a)->span.start, y = ((const Edit *)b)->span.start;
    return (x > y) - (x < y);
}

static Str edited_text(Rename *r)
{
    Buf out = buf_in(r->arena);
    size_t at = 0;
    qsort(r->edits, r->n_edits, sizeof *r->edits, compare_edits);
    for (uint32_t i = 0; i < r->n_edits; i++) {
        buf_str(&out, str_slice(text_of(r), at, r->edits[i].span.start));
        buf_str(&out, r->edits[i].text);
        at = r->edits[i].span.end;
    }
    buf_str(&out, str_skip(text_of(r), at));
    return buf_view(&out);
}

static bool edit_everything(Rename *r, Error *err)
{
    Program *wanted = renamed_program(r);
    Str text = print_tree(r, wanted->tree);
    Program *found = read_again(r, text);
    if (!found->readable || !ast_equal(wanted->tree, found->tree))
        return error_set(err, INVALID_ARGUMENT, "", "“%.*s” cannot be a name here", STR_ARG(r->words));
    r->edits[0] = (Edit){{0, (uint32_t)text_of(r).len}, text};
    r->n_edits = 1;
    return true;
}

/* ---- the request ---- */
static bool name_is_plain(Str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (!(c == '_' || c >= 0x80 || (c >= 'a' && c <= 'z') || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return name.len > 0 && name.len <= 100;
}

static bool take_new_name(Rename *r, Str given, Error *err)
{
    bool english = r->document->spelling == SPELLING_ENGLISH;
    Str words = str_trim(given);
    if (english && str_starts(words, S("the ")))
        words = str_trim(str_skip(words, 4));
    r->words = str_copy(r->arena, words);
    r->name = english ? name_from_words(r->arena, words) : r->words;
    r->old_words = english && name_is_regular(r->old) ? name_to_words(r->arena, r->old) : r->old;
    if (!name_is_plain(r->name))
        return error_set(err, INVALID_ARGUMENT, "", "a name is words of letters and digits, in lower case");
    for (uint32_t i = 0; i < r->uses.count; i++) {
        if (str_eq(r->uses.items[i].node->name, r->name))
            return error_set(err, ALREADY_EXISTS, "", "there is a “%.*s” in this automation already",
                             STR_ARG(r->words));
    }
    return true;
}

static void write_edits(JsonOut *out, const LspDocument *document, const Edit *edits, uint32_t n)
{
    json_open_array(out);
    for (uint32_t i = 0; i < n; i++) {
        json_open_object(out);
        json_key(out, S("range"));
        lsp_range(out, document, edits[i].span);
        json_member_str(out, S("newText"), edits[i].text);
        json_close_object(out);
    }
    json_close_array(out);
}

static bool find_renamed(Rename *r, const Json *params, Error *err)
{
    if (!r->document->program->readable)
        return error_set(err, FAILED_PRECONDITION, "", "some sentences cannot be read: mend them before renaming");
    const NameUse *use = names_at(r->document, &r->uses, lsp_position(r->document, params));
    if (use && !use->meaning.fact && !use->meaning.define)
        return error_set(
            err, FAILED_PRECONDITION, "",
            "“the %.*s” is the one at hand within this sentence: write the sentence anew with another word",
            STR_ARG(name_to_words(r->arena, use->node->name)));
    if (!use)
        return error_set(err, FAILED_PRECONDITION, "", "here stands no fact and no procedure that could be renamed");
    r->meaning = use->meaning;
    r->old = use->meaning.fact ? use->meaning.fact->name : use->meaning.define->name;
    return true;
}

bool lsp_rename(JsonOut *out, const LspDocument *document, const Json *params, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Rename r = {.arena = &arena, .document = document, .uses = names_of(&arena, document->program)};
    r.edits = NEW_ARRAY(&arena, Edit, (size_t)r.uses.count + 1);
    if (!find_renamed(&r, params, err) || !take_new_name(&r, json_text(json_get(params, S("newName"))), err))
        return false;
    if ((!edit_words(&r) || !means_the_same(&r, edited_text(&r))) && !edit_everything(&r, err))
        return false;
    json_open_object(out);
    json_key(out, S("changes"));
    json_open_object(out);
    json_key(out, document->uri);
    write_edits(out, document, r.edits, r.n_edits);
    json_close_object(out);
    json_close_object(out);
    return true;
}

bool lsp_formatting(JsonOut *out, const LspDocument *document, const Json *params, Error *err)
{
    (void)params;
    (void)err;
    AUTO(arena_done)
    Arena arena = {0};
    Rename r = {.arena = &arena, .document = document};
    if (!document->program->readable) {
        json_null(out); /* the problems are told already */
        return true;
    }
    Program *program = read_again(&r, text_of(&r));
    Edit edit = {{0, (uint32_t)text_of(&r).len}, print_tree(&r, program->tree)};
    write_edits(out, document, &edit, str_eq(edit.text, text_of(&r)) ? 0 : 1);
    return true;
}
