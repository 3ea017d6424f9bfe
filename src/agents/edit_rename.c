/* agents/edit_rename.c: a name changed wherever it stands in a draft.
 *
 * Every use of the old word becomes the new one, whatever it stands for there; since the new one stood nowhere, nothing
 * that was apart is one afterwards. What a book calls its arguments is the book's. */
#include "agents/edit.h"

#include "lang/english.h"

#define NAME_LONGEST 100

static bool carries_name(const Node *node, bool of_book)
{
    switch (node->kind) {
    case NODE_NAME:
    case NODE_INPUT:
    case NODE_PARAMETER:
    case NODE_DEFINE:
    case NODE_PROCEDURE_CALL: return true;
    case NODE_ARGUMENT: return !of_book;
    default: return false;
    }
}

static uint32_t count_uses(const Node *node, Str name, bool of_book)
{
    uint32_t n = carries_name(node, of_book) && str_eq(node->name, name);
    for (uint32_t i = 0; i < node->n_kids; i++)
        n += count_uses(node->kids[i], name, node->kind == NODE_BOOK_CALL);
    return n;
}

static void rename_uses(Node *node, Str old, Str fresh, bool of_book)
{
    if (carries_name(node, of_book) && str_eq(node->name, old))
        node->name = fresh;
    for (uint32_t i = 0; i < node->n_kids; i++)
        rename_uses(node->kids[i], old, fresh, node->kind == NODE_BOOK_CALL);
}

static Str name_said(Arena *arena, Str said)
{
    Str words = str_trim(said);
    if (words.len > 4 && str_eq_fold(str_slice(words, 0, 4), S("the ")))
        words = str_trim(str_skip(words, 4));
    return name_from_words(arena, words);
}

static EditOutcome refuse(DraftEdit *out, Str why)
{
    out->why = why;
    return EDIT_REFUSED;
}

EditOutcome edit_rename(Arena *arena, const Catalog *catalog, Str draft, Str old_said, Str fresh_said, DraftEdit *out)
{
    Str old = name_said(arena, old_said), fresh = name_said(arena, fresh_said);
    Program *program = program_read(arena, draft, SPELLING_ENGLISH, catalog);
    if (!program->readable)
        return refuse(out, S("Some sentences of the draft cannot be read: mend them before renaming."));
    uint32_t uses = count_uses(program->tree, old, false);
    if (uses == 0)
        return refuse(out, str_printf(arena, "The draft has no fact and no procedure called “%.*s”.",
                                      STR_ARG(str_clip(str_trim(old_said), 80))));
    if (fresh.len == 0 || fresh.len > NAME_LONGEST || !name_is_regular(fresh))
        return refuse(out, str_printf(arena, "“%.*s” cannot be a name: names are words of letters and digits.",
                                      STR_ARG(str_clip(str_trim(fresh_said), 80))));
    if (count_uses(program->tree, fresh, false) > 0)
        return refuse(out, str_printf(arena, "There is a “%.*s” in the draft already; choose another name.",
                                      STR_ARG(name_to_words(arena, fresh))));
    rename_uses(program->tree, old, fresh, false);
    out->text = english_print(arena, program->tree, catalog);
    Program *again = program_read(arena, out->text, SPELLING_ENGLISH, catalog);
    if (!again->readable || !ast_equal(program->tree, again->tree))
        return refuse(out, str_printf(arena, "“%.*s” cannot be a name here; choose another one.",
                                      STR_ARG(name_to_words(arena, fresh))));
    out->did = str_printf(arena, "“%.*s” is now called “%.*s”, in %u %s.", STR_ARG(name_to_words(arena, old)),
                          STR_ARG(name_to_words(arena, fresh)), uses, uses == 1 ? "place" : "places");
    return EDIT_TEXT;
}
