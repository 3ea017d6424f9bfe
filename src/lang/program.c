/* lang/program.c: text → tree → checked, printed, numbered, compiled. */
#include "lang/program.h"

#include <string.h>

#include "lang/check.h"
#include "lang/code.h"
#include "lang/english.h"
#include "lang/md5.h"
#include "lang/spy.h"

/* ---- loading ---- */

static void index_nodes(Program *program, Node *node)
{
    program->nodes[node->id] = node;
    for (uint32_t i = 0; i < node->n_kids; i++)
        index_nodes(program, node->kids[i]);
}

static InputSpec input_spec(Arena *arena, const Node *input)
{
    const Type *type = input->type;
    if (input->flags & NODE_OPTIONAL && type->kind != TYPE_ANY)
        type = type_optional(arena, type);
    return (InputSpec){input->text, type, node_kid(input, 0)};
}

static void collect_inputs(Arena *arena, Program *program)
{
    const Node *tree = program->tree;
    program->inputs = NEW_ARRAY(arena, InputSpec, tree->n_kids);
    for (uint32_t i = 0; i < tree->n_kids; i++) {
        if (tree->kids[i]->kind == NODE_INPUT)
            program->inputs[program->n_inputs++] = input_spec(arena, tree->kids[i]);
    }
}

/* What could be read is kept as it was written; what was read whole is printed in both spellings. */
static void print_both(Arena *arena, Program *program, Str source, Spelling spelling, bool readable)
{
    if (readable) {
        program->spy = spy_print(arena, program->tree, program->catalog);
        program->english =
            english_print_read(arena, program->tree, program->catalog, spelling == SPELLING_ENGLISH ? source : S(""));
    } else {
        program->spy = spelling == SPELLING_SPY ? source : S("");
        program->english = spelling == SPELLING_ENGLISH ? source : S("");
    }
    md5_hex(program->spy, program->spy_md5);
}

Program *program_read(Arena *arena, Str source, Spelling spelling, const Catalog *catalog)
{
    Program *program = NEW(arena, Program);
    source = str_copy(arena, source);
    program->catalog = catalog;
    program->diagnostics = (Diagnostics){.arena = arena, .source = source, .spelling = spelling};
    program->tree = spelling == SPELLING_SPY ? spy_read(arena, source, catalog, &program->diagnostics)
                                             : english_read(arena, source, catalog, &program->diagnostics);
    program->readable = program->diagnostics.n_errors == 0;
    program->n_nodes = ast_number(program->tree);
    Checked checked =
        check_tree(arena, program->tree, program->n_nodes, catalog, program->readable, &program->diagnostics);
    diagnostics_sort(&program->diagnostics);
    program->nodes = NEW_ARRAY(arena, const Node *, program->n_nodes + 1);
    index_nodes(program, program->tree);
    collect_inputs(arena, program);
    program->outputs = checked.outputs;
    program->n_outputs = checked.n_outputs;
    program->facts = checked.facts;
    program->n_facts = checked.n_facts;
    return program;
}

Program *program_load(Arena *arena, Str source, Spelling spelling, const Catalog *catalog)
{
    Program *program = program_read(arena, source, spelling, catalog);
    print_both(arena, program, program->diagnostics.source, spelling, program->readable);
    if (program->diagnostics.n_errors == 0)
        program->code = code_compile(arena, program);
    return program;
}

/* ---- what clients see of it ---- */

static void location_to_json(JsonOut *out, Str key, Span span)
{
    json_key(out, key);
    json_open_object(out);
    json_key(out, S("start_byte"));
    json_i64_text(out, span.start);
    json_key(out, S("end_byte"));
    json_i64_text(out, span.end);
    json_close_object(out);
}

void program_mapping_to_json(JsonOut *out, const Program *program)
{
    json_open_object(out);
    json_key(out, S("entries"));
    json_open_array(out);
    for (uint32_t id = 1; id <= program->n_nodes; id++) {
        const Node *node = program->nodes[id];
        bool both = node->spy.end > node->spy.start && node->english.end > node->english.start;
        if (!both || (!node_is_statement(node) && !node_is_expression(node)))
            continue;
        json_open_object(out);
        location_to_json(out, S("spy_location"), node->spy);
        location_to_json(out, S("english_location"), node->english);
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
}

void program_inputs_to_json(JsonOut *out, const Program *program)
{
    json_open_array(out);
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        json_open_object(out);
        json_member_str(out, S("name"), program->inputs[i].name);
        json_key(out, S("type"));
        const Type *type = program->inputs[i].type;
        Arena *arena = program->diagnostics.arena;
        bool may_be_left_out = program->inputs[i].fallback && type->kind != TYPE_OPTIONAL && type->kind != TYPE_ANY;
        type_to_json(out, may_be_left_out ? type_optional(arena, type) : type);
        json_close_object(out);
    }
    json_close_array(out);
}

/* ---- the key of a sentence ---- */

/* Ids count in pre-order: a node lies under the last kid whose id is not beyond its own. */
static const Node *sentence_of(const Program *program, uint32_t node_id)
{
    const Node *node = program->tree, *sentence = NULL;
    while (node && node->id <= node_id) {
        if (node_is_statement(node) && !(sentence && sentence->kind == NODE_VALIDATE))
            sentence = node;
        const Node *under = NULL;
        for (uint32_t i = 0; i < node->n_kids && node->kids[i]->id <= node_id; i++)
            under = node->kids[i];
        node = node->id == node_id ? NULL : under;
    }
    return sentence;
}

static uint64_t fnv1a(uint64_t hash, Str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001B3u;
    return hash;
}

static bool has_block(const Node *sentence)
{
    return sentence->n_kids > 0 && sentence->kids[sentence->n_kids - 1]->kind == NODE_BLOCK;
}

uint64_t program_sentence_hash(const Program *program, uint32_t node_id)
{
    const Node *sentence = sentence_of(program, node_id);
    uint64_t hash = 0xCBF29CE484222325u;
    if (!sentence)
        return hash;
    Arena arena = {0};
    hash = fnv1a(hash, str_from_c(node_kind_name((NodeKind)sentence->kind)));
    hash = fnv1a(hash, sentence->name);
    /* A block's sentences are sentences of their own: of its head, what it decides or goes through. */
    if (!has_block(sentence)) {
        Node alone = *sentence;
        alone.trailing = (Str){0};
        hash = fnv1a(hash, spy_print_node(&arena, &alone, program->catalog));
    }
    for (uint32_t i = 0; i < sentence->n_kids && has_block(sentence); i++) {
        if (sentence->kids[i]->kind == NODE_BLOCK)
            continue;
        hash = fnv1a(hash, S("\n"));
        hash = fnv1a(hash, spy_print_node(&arena, sentence->kids[i], program->catalog));
    }
    arena_done(&arena);
    return hash;
}
