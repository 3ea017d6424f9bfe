/* cli/lsp_hover.c: what stands at a place, and where it comes from. */
#include "books/book.h"
#include "cli/lsp_features.h"
#include "cli/lsp_names.h"
#include "lang/explain.h"
#include "lang/function.h"

enum { FIELDS_SHOWN_MAX = 20 }; /* of a type; a hover is read at a glance */

/* The smallest expression around it that has something to tell. */
static const Node *expression_at(const LspDocument *document, uint32_t offset)
{
    const Node *best = NULL;
    for (uint32_t id = 1; id <= document->program->n_nodes; id++) {
        const Node *node = document->program->nodes[id];
        Span span = lsp_span(document, node), known = best ? lsp_span(document, best) : (Span){0, UINT32_MAX};
        bool telling = node->kind == NODE_FIELD || node->kind == NODE_BOOK_CALL || node->kind == NODE_CALL;
        if (telling && span_holds(span, offset) && span.end - span.start < known.end - known.start)
            best = node;
    }
    return best;
}

static Str words(Arena *arena, Str name)
{
    return name_is_regular(name) ? name_to_words(arena, name) : name;
}

static uint32_t line_of(const LspDocument *document, const Node *node)
{
    return lines_at(&document->lines, lsp_span(document, node).start) + 1;
}

const Type *lsp_with_fields(const Type *type)
{
    while ((type->kind == TYPE_LIST || type->kind == TYPE_OPTIONAL) && type->inner)
        type = type->inner;
    return type;
}

/* Of a record, and of the rows of a list or table. */
static void tell_fields(Buf *text, Arena *arena, const Type *type)
{
    type = lsp_with_fields(type);
    for (uint32_t i = 0; i < type->n_fields && i < FIELDS_SHOWN_MAX; i++)
        buf_printf(text, "\n- %.*s: %.*s", STR_ARG(type->fields[i].name),
                   STR_ARG(type_english(arena, type->fields[i].type)));
    if (type->n_fields > FIELDS_SHOWN_MAX)
        buf_printf(text, "\n- … and %u more", type->n_fields - FIELDS_SHOWN_MAX);
    if (type->n_fields > 0 && type->open)
        buf_str(text, S("\n- … and what else it comes with"));
    if (type->n_fields > 0)
        buf_str(text, S("\n"));
}

static void tell_name(Buf *text, Arena *arena, const LspDocument *document, NameMeaning meaning, Str name)
{
    Str shown = words(arena, name);
    if (meaning.fact) {
        Str type = type_english(arena, meaning.fact->type);
        buf_printf(text, "**the %.*s**: %.*s\n", STR_ARG(shown), STR_ARG(type));
        tell_fields(text, arena, meaning.fact->type);
        buf_printf(text, "\n%s in line %u", meaning.fact->is_input ? "An input, named" : "Set first",
                   line_of(document, meaning.fact->set_at));
    } else if (meaning.define) {
        buf_printf(text, "**%.*s**: a procedure, defined in line %u", STR_ARG(shown),
                   line_of(document, meaning.define));
    } else {
        buf_printf(text, "**the %.*s**: the one at hand, within this sentence", STR_ARG(shown));
    }
}

static void tell_procedure(Buf *text, const Procedure *procedure)
{
    Str rest = procedure->english, sentence = str_cut(&rest, '|'), effect = effect_sentence(procedure->effect);
    buf_printf(text, "**%.*s.%.*s**: %.*s\n\n%.*s\n\n", STR_ARG(procedure->book), STR_ARG(procedure->name),
               STR_ARG(sentence), STR_ARG(procedure->description));
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        buf_printf(text, "- %.*s%s: %.*s\n", STR_ARG(parameter->name), parameter->required ? "" : " (may be left out)",
                   STR_ARG(parameter->description));
    }
    buf_printf(text, "\n%.*s", STR_ARG(effect));
}

static void tell_expression(Buf *text, Arena *arena, const Node *node)
{
    if (node->kind == NODE_BOOK_CALL && node->procedure) {
        tell_procedure(text, node->procedure);
    } else if (node->kind == NODE_FIELD) {
        Str shown = words(arena, node->text);
        buf_printf(text, "**%.*s**: a field. Where it is missing or empty, the run asks a person.", STR_ARG(shown));
    } else if (node->kind == NODE_CALL) {
        const Function *function = &functions[node->function];
        Str rest = str_from_c(function->english), pattern = str_cut(&rest, '|');
        buf_printf(text, "**%.*s**: `%s` in SPy", STR_ARG(pattern.len ? pattern : str_from_c(function->spy)),
                   function->spy);
    }
}

static void tell_sentence(Buf *text, Arena *arena, const LspDocument *document, uint32_t offset, Span *out_span)
{
    uint32_t line = lines_at(&document->lines, offset);
    const Node *statement = explain_find(document->program, &document->lines, line);
    *out_span = lines_span(&document->lines, line);
    /* Of a text that could not be read whole, the tree has gaps. */
    if (statement && document->program->readable)
        explain_statement(text, arena, document->program, &document->lines, statement);
}

bool lsp_hover(JsonOut *out, const LspDocument *document, const Json *params, Error *err)
{
    (void)err;
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    uint32_t offset = lsp_position(document, params);
    NameUses uses = names_of(&arena, document->program);
    const NameUse *use = names_at(document, &uses, offset);
    const Node *expression = expression_at(document, offset);
    Span span = use ? lsp_span(document, use->node) : expression ? lsp_span(document, expression) : (Span){0, 0};
    /* A name is closest to the place, unless it names a whole statement. */
    if (use && use->node->kind != NODE_DEFINE && use->node->kind != NODE_INPUT)
        tell_name(&text, &arena, document, use->meaning, use->node->name);
    else if (expression)
        tell_expression(&text, &arena, expression);
    if (text.len == 0)
        tell_sentence(&text, &arena, document, offset, &span);
    if (text.len == 0) {
        json_null(out);
        return true;
    }
    json_open_object(out);
    json_key(out, S("contents"));
    json_open_object(out);
    json_member_str(out, S("kind"), S("markdown"));
    json_member_str(out, S("value"), str_trim(buf_view(&text)));
    json_close_object(out);
    json_key(out, S("range"));
    lsp_range(out, document, span);
    json_close_object(out);
    return true;
}

static Span definition_span(const LspDocument *document, NameMeaning meaning)
{
    Span span = lsp_span(document, meaning.fact ? meaning.fact->set_at : meaning.define);
    Span line = lines_span(&document->lines, lines_at(&document->lines, span.start));
    return (Span){span.start, MIN_OF(span.end, line.end)};
}

bool lsp_definition(JsonOut *out, const LspDocument *document, const Json *params, Error *err)
{
    (void)err;
    AUTO(arena_done)
    Arena arena = {0};
    NameUses uses = names_of(&arena, document->program);
    const NameUse *use = names_at(document, &uses, lsp_position(document, params));
    if (!use || (!use->meaning.fact && !use->meaning.define)) {
        json_null(out);
        return true;
    }
    json_open_object(out);
    json_member_str(out, S("uri"), document->uri);
    json_key(out, S("range"));
    lsp_range(out, document, definition_span(document, use->meaning));
    json_close_object(out);
    return true;
}
