/* cli/lsp_owner.c: whose field is being typed, read backwards from the place: the sentence is not finished, so there is
 * no tree of it. */
#include "cli/lsp_owner.h"

#include "cli/lsp_features.h"
#include "lang/ast.h"

enum { STEPS_MAX = 16 }; /* fields of fields */

/* ---- types ---- */

/* The fact that these words end with, as they are or in the plural: the claim, the first claim, each claim. The longest
 * name wins. NULL where it is none of them, as behind two possessives. */
static const FactSpec *owner_fact(Arena *arena, const Program *program, Str words)
{
    const FactSpec *best = NULL;
    size_t longest = 0;
    for (uint32_t i = 0; i < program->n_facts; i++) {
        Str name = name_to_words(arena, program->facts[i].name), one = singular_of(arena, name);
        Str found = str_ends(words, name) ? name : str_ends(words, one) ? one : S("");
        Str before_it = str_slice(words, 0, words.len - found.len);
        bool whole = found.len > 0 && (before_it.len == 0 || str_ends(before_it, S(" ")));
        bool of_another = str_ends(before_it, S("'s ")) || str_ends(before_it, S("s' ")) ||
                          str_ends(before_it, S("’s ")) || str_ends(before_it, S("s’ "));
        /* The fact of that very name is meant before one whose item it could be. */
        size_t weight = 2 * found.len + (found.len == name.len);
        if (whole && !of_another && weight > longest) {
            longest = weight;
            best = &program->facts[i];
        }
    }
    return best;
}

static const Type *known(const Type *type)
{
    type = type ? lsp_with_fields(type) : NULL;
    return type && type->n_fields > 0 ? type : NULL;
}

/* The type of a field, whose name may stand there in the plural. NULL where nothing is known of it. */
static const Type *field_type(Arena *arena, const Type *type, Str name)
{
    type = type ? lsp_with_fields(type) : NULL;
    Str wanted = name_normalise(arena, name), one = name_normalise(arena, singular_of(arena, name));
    const Type *like = NULL;
    for (uint32_t i = 0; type && i < type->n_fields; i++) {
        Str found = name_normalise(arena, type->fields[i].name);
        if (str_eq(found, wanted))
            return type->fields[i].type;
        if (str_eq(found, one))
            like = type->fields[i].type;
    }
    return like ? like : type ? type->inner : NULL;
}

/* ---- English ---- */

static const char *const possessives[] = {"'s", "s'", "’s", "s’"};

/* `words` without the possessive that they end with; the s of a plural belongs to the name. */
static bool cut_possessive(Str words, Str *out)
{
    for (size_t i = 0; i < COUNT_OF(possessives); i++) {
        Str end = str_from_c(possessives[i]);
        if (!str_ends(words, end))
            continue;
        *out = str_slice(words, 0, words.len - end.len + (end.data[0] == 's'));
        return true;
    }
    return false;
}

/* `words` without the `whose` that they end with: the orders whose; the orders whose status is "open" and whose. */
static bool cut_whose(Str words, Str *out)
{
    if (!str_ends(words, S(" whose")))
        return false;
    words = str_slice(words, 0, words.len - S(" whose").len);
    if (str_ends(words, S(" and")) || str_ends(words, S(" or"))) {
        ptrdiff_t at = str_find(words, S(" whose "));
        words = at >= 0 ? str_slice(words, 0, (size_t)at) : words;
    }
    *out = words;
    return true;
}

/* The type of what these words end with: a fact, or a field of what stands before it. */
static const Type *words_type(Arena *arena, const Program *program, Str words, uint32_t steps)
{
    const FactSpec *fact = owner_fact(arena, program, words);
    if (fact || steps == 0)
        return fact ? fact->type : NULL;
    for (size_t at = words.len; at-- > 0;) {
        if (words.data[at] != ' ')
            continue;
        Str owner, name = str_skip(words, at + 1), before = str_slice(words, 0, at);
        if (cut_possessive(before, &owner) || cut_whose(before, &owner))
            return field_type(arena, words_type(arena, program, owner, steps - 1), name);
    }
    return NULL;
}

static bool english_owner(Arena *arena, const Program *program, Str text, LspOwner *out)
{
    ptrdiff_t blank = str_find_last_char(text, ' ');
    Str words = blank < 0 ? S("") : str_slice(text, 0, (size_t)blank), owner;
    if (!cut_possessive(words, &owner) && !cut_whose(words, &owner))
        return false;
    *out = (LspOwner){str_skip(text, (size_t)blank + 1), known(words_type(arena, program, owner, STEPS_MAX))};
    return true;
}

/* ---- SPy ---- */

static bool is_name_part(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/* Where the bracket opened that closes right before `end`; -1 where none did. */
static ptrdiff_t opening_of(Str text, size_t end)
{
    uint32_t open = 0;
    char mark = 0;
    for (size_t at = end; at-- > 0;) {
        char c = text.data[at];
        if (mark)
            mark = c == mark ? 0 : mark;
        else if (c == '"' || c == '\'')
            mark = c;
        else if (c == ']')
            open++;
        else if (c == '[' && --open == 0)
            return (ptrdiff_t)at;
    }
    return -1;
}

/* What stands in front of text[end]: claim, claims[0], orders[0]["customer"]. An item of a list has the list's type:
 * lists and their items have the same fields. */
static const Type *subscript_type(Arena *arena, const Program *program, Str text, size_t end, uint32_t steps)
{
    if (end > 0 && text.data[end - 1] == ']' && steps > 0) {
        ptrdiff_t open = opening_of(text, end);
        if (open < 0)
            return NULL;
        const Type *type = subscript_type(arena, program, text, (size_t)open, steps - 1);
        Str inside = str_trim(str_slice(text, (size_t)open + 1, end - 1));
        bool quoted = inside.len > 1 && (inside.data[0] == '"' || inside.data[0] == '\'');
        bool names_field = quoted || (type && lsp_with_fields(type)->kind == TYPE_RECORD && type->kind == TYPE_RECORD);
        Str name = quoted ? str_slice(inside, 1, inside.len - 1) : inside;
        return names_field ? field_type(arena, type, name) : type;
    }
    size_t start = end;
    while (start > 0 && is_name_part((unsigned char)text.data[start - 1]))
        start--;
    if (start == end || (start > 0 && text.data[start - 1] == '.'))
        return NULL;
    const FactSpec *fact = owner_fact(arena, program, name_to_words(arena, str_slice(text, start, end)));
    return fact ? fact->type : NULL;
}

static bool spy_owner(Arena *arena, const Program *program, Str text, LspOwner *out)
{
    ptrdiff_t bracket = str_find_last_char(text, '[');
    if (bracket <= 0)
        return false;
    Str key = str_skip(text, (size_t)bracket + 1);
    if (key.len == 0 || (key.data[0] != '"' && key.data[0] != '\'') || str_find_char(key, ']') >= 0)
        return false;
    *out = (LspOwner){str_skip(key, 1), known(subscript_type(arena, program, text, (size_t)bracket, STEPS_MAX))};
    return true;
}

bool lsp_owner(Arena *arena, const LspDocument *document, Str text, LspOwner *out)
{
    return document->spelling == SPELLING_SPY ? spy_owner(arena, document->program, text, out)
                                              : english_owner(arena, document->program, text, out);
}
