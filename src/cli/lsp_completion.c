/* cli/lsp_completion.c: what may stand at a place. */
#include "base/map.h"
#include "books/book.h"
#include "cli/lsp_features.h"
#include "cli/lsp_owner.h"

enum { KIND_METHOD = 2, KIND_FUNCTION = 3, KIND_FIELD = 5, KIND_VARIABLE = 6, KIND_SNIPPET = 15, KIND_KEYWORD = 14 };

typedef struct Opening {
    const char *text, *means;
} Opening;

static const Opening english_openings[] = {
    {"get the … from the …", "reads a table from a file"},
    {"the … is …", "keeps a value as a fact"},
    {"set the … to …", "changes a field or a fact"},
    {"increase the … by …", "adds to a fact"},
    {"decrease the … by …", "takes away from a fact"},
    {"append … to the …", "adds at the end of a list"},
    {"remove … from the …", "takes out of a list"},
    {"put … at the front of the …", "adds at the front of a list"},
    {"find the …'s … as the …", "looks a field up"},
    {"if … then", "decides"},
    {"otherwise", "the other case of a decision"},
    {"otherwise if … then", "a further case of a decision"},
    {"for each … in the …", "goes through a list or table"},
    {"repeat … times", "does it again, so many times"},
    {"repeat while …", "does it again as long as something holds"},
    {"go to the next one", "leaves out the rest for this one"},
    {"stop the loop", "leaves the loop"},
    {"to … with the …", "defines a procedure"},
    {"the result is …", "ends a procedure with its result"},
    {"end the procedure", "ends a procedure without a result"},
    {"ensure …, or else \"…\"", "asks a person when something does not hold"},
    {"validate the following", "checks several things at once"},
    {"ask \"…\" as the …", "asks a person"},
    {"output the … as \"…\"", "gives a result"},
    {"say \"…\"", "writes into the journal"},
    {"wait …", "waits for a time, or until a moment"},
    {"finish", "ends the run as completed"},
    {"fail with \"…\"", "ends the run as failed"},
    {"inputs", "what the run is given; at the top"},
    {"use the \"…\" connection of the \"…\" book", "names a connection; at the top"},
};
static const Opening spy_openings[] = {
    {"if …:", "decides"},
    {"elif …:", "a further case of a decision"},
    {"else:", "the other case of a decision"},
    {"for … in …:", "goes through a list or table"},
    {"while …:", "does it again as long as something holds"},
    {"def …(…):", "defines a procedure"},
    {"return …", "ends a procedure with its result"},
    {"continue", "leaves out the rest for this one"},
    {"break", "leaves the loop"},
    {"… = read_input(\"…\", type=…)", "an input; at the top"},
    {"set_output(\"…\", value=…)", "gives a result"},
    {"say(…)", "writes into the journal"},
    {"… = ask(\"…\")", "asks a person"},
    {"ensure(…, \"…\")", "asks a person when something does not hold"},
    {"wait(…)", "waits"},
    {"finish()", "ends the run as completed"},
    {"fail(\"…\")", "ends the run as failed"},
};

typedef struct Completion {
    JsonOut *out;
    Arena *arena;
    const LspDocument *document;
    Map given; /* labels: nothing stands there twice */
    bool spy;
} Completion;

static void add_item(Completion *c, Str label, Str insert, int kind, Str detail)
{
    if (c->given.count == LSP_ITEMS_MAX || label.len == 0 || map_get(&c->given, label))
        return;
    map_put(&c->given, label, c);
    json_open_object(c->out);
    json_member_str(c->out, S("label"), label);
    json_key(c->out, S("kind"));
    json_i64(c->out, kind);
    json_member_str(c->out, S("detail"), detail);
    json_member_str(c->out, S("insertText"), insert);
    json_close_object(c->out);
}

/* ---- what there is ---- */
static void add_openings(Completion *c)
{
    const Opening *openings = c->spy ? spy_openings : english_openings;
    size_t n = c->spy ? COUNT_OF(spy_openings) : COUNT_OF(english_openings);
    for (size_t i = 0; i < n; i++) {
        /* Up to the first thing that the writer must say. */
        Str label = str_from_c(openings[i].text);
        ptrdiff_t hole = str_find(label, S("…"));
        Str insert = hole > 0 ? str_slice(label, 0, (size_t)hole) : hole == 0 ? S("") : label;
        if (insert.len > 0)
            add_item(c, label, insert, KIND_KEYWORD, str_from_c(openings[i].means));
    }
}

static void add_facts(Completion *c)
{
    const Program *program = c->document->program;
    for (uint32_t i = 0; i < program->n_facts; i++) {
        const FactSpec *fact = &program->facts[i];
        Str name = fact->name;
        if (!c->spy)
            name = name_is_regular(name) ? str_printf(c->arena, "the %.*s", STR_ARG(name_to_words(c->arena, name)))
                                         : str_printf(c->arena, "the fact \"%.*s\"", STR_ARG(name));
        add_item(c, name, name, KIND_VARIABLE, type_english(c->arena, fact->type));
    }
}

/* Whether another place than the one at hand names the field. */
static bool is_named_elsewhere(const Completion *c, Str field, uint32_t offset)
{
    for (uint32_t id = 1; id <= c->document->program->n_nodes; id++) {
        const Node *node = c->document->program->nodes[id];
        if (node->kind == NODE_FIELD && str_eq(node->text, field) && lsp_span(c->document, node).end != offset)
            return true;
    }
    return false;
}

/* Of a record, and of the rows of a list or table. What is being typed at the offset may count as a field already: it
 * is none to choose. */
static void add_type_fields(Completion *c, const Type *type, Str typed, uint32_t offset)
{
    type = lsp_with_fields(type);
    if (type->kind != TYPE_RECORD && type->kind != TYPE_TABLE)
        return;
    for (uint32_t i = 0; i < type->n_fields; i++) {
        Str name = type->fields[i].name;
        if (!type->open || !str_eq(name, typed) || is_named_elsewhere(c, name, offset))
            add_item(c, name, name, KIND_FIELD, type_english(c->arena, type->fields[i].type));
    }
}

/* Fields of known types, and those that the text itself names; not the one that is being typed. */
static void add_all_fields(Completion *c, Str typed, uint32_t offset)
{
    const Program *program = c->document->program;
    for (uint32_t i = 0; i < program->n_facts; i++)
        add_type_fields(c, program->facts[i].type, typed, offset);
    for (uint32_t id = 1; id <= program->n_nodes; id++) {
        const Node *node = program->nodes[id];
        bool is_field = node->kind == NODE_FIELD && node->text.len > 0 && lsp_span(c->document, node).end != offset;
        bool as_spelled = c->spy || name_is_regular(node->text) || str_find_char(node->text, ' ') >= 0;
        if (is_field)
            add_item(c, as_spelled ? node->text : str_printf(c->arena, "\"%.*s\"", STR_ARG(node->text)), node->text,
                     KIND_FIELD, S("a field"));
    }
}

static void add_own_procedures(Completion *c)
{
    const Node *tree = c->document->program->tree;
    for (uint32_t i = 0; i < tree->n_kids; i++) {
        if (tree->kids[i]->kind != NODE_DEFINE)
            continue;
        Str name = tree->kids[i]->name;
        if (!c->spy && name_is_regular(name))
            name = name_to_words(c->arena, name);
        add_item(c, name, name, KIND_FUNCTION, S("a procedure of this automation"));
    }
}

static void add_books(Completion *c, bool openings)
{
    const Catalog *catalog = books_catalog();
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        const Procedure *procedure = catalog->procedures[i];
        Str call = str_printf(c->arena, "%.*s.%.*s", STR_ARG(procedure->book), STR_ARG(procedure->name));
        Buf sentence = buf_in(c->arena);
        procedure_print_sentence(&sentence, procedure);
        if (c->spy)
            add_item(c, call, call, KIND_METHOD, procedure->description);
        else if (openings)
            add_item(c, buf_view(&sentence), buf_view(&sentence), KIND_SNIPPET, procedure->description);
    }
}

/* ---- where ---- */
/* The line up to the place, without its indentation. */
static Str before(const LspDocument *document, uint32_t offset)
{
    Span line = lines_span(&document->lines, lines_at(&document->lines, offset));
    Str text = str_slice(document->lines.text, line.start, offset);
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = str_skip(text, 1);
    return text;
}

/* The fields of the record in hand; of all facts where nothing is known of it. */
static void add_fields(Completion *c, const LspOwner *owner, uint32_t offset)
{
    if (owner->type)
        add_type_fields(c, owner->type, owner->typed, offset);
    else
        add_all_fields(c, owner->typed, offset);
}

bool lsp_completion(JsonOut *out, const LspDocument *document, const Json *params, Error *err)
{
    (void)err;
    AUTO(arena_done)
    Arena arena = {0};
    Completion c = {out, &arena, document, {.arena = &arena}, document->spelling == SPELLING_SPY};
    uint32_t offset = lsp_position(document, params);
    Str text = before(document, offset);
    LspOwner owner;
    bool fields = lsp_owner(&arena, document, text, &owner);
    bool opening = str_find_char(text, ' ') < 0;
    json_open_object(out);
    json_key(out, S("isIncomplete"));
    json_bool(out, false);
    json_key(out, S("items"));
    json_open_array(out);
    if (fields) {
        add_fields(&c, &owner, offset);
    } else {
        if (opening)
            add_openings(&c);
        add_facts(&c);
        add_own_procedures(&c);
        add_books(&c, opening);
    }
    json_close_array(out);
    json_close_object(out);
    return true;
}
