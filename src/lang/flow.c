#include "lang/flow.h"

#include <stddef.h>
#include <string.h>

/* An arrow whose end is not known yet. */
typedef struct Open {
    uint32_t from;
    Str condition;
} Open;

typedef struct Ends {
    Open *items;
    uint32_t n, cap;
} Ends;

typedef struct Loop {
    uint32_t decision;
    Ends breaks;
} Loop;

typedef struct Maker {
    Arena *arena;
    const Program *program;
    Flow flow;
    uint32_t cap_nodes, cap_edges;
    Ends finished; /* what leads to the end from the midst */
} Maker;

/* ---- arrows ---- */

static void *with_room(Arena *arena, void *items, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 8;
    void *moved = arena_alloc(arena, *cap * size, _Alignof(max_align_t));
    if (n > 0)
        memcpy(moved, items, n * size);
    return moved;
}

static void ends_add(Maker *maker, Ends *ends, Open open)
{
    ends->items = with_room(maker->arena, ends->items, ends->n, &ends->cap, sizeof *ends->items);
    ends->items[ends->n++] = open;
}

/* `from` is empty afterwards. */
static void ends_move(Maker *maker, Ends *into, Ends *from)
{
    for (uint32_t i = 0; i < from->n; i++)
        ends_add(maker, into, from->items[i]);
    from->n = 0;
}

static void ends_connect(Maker *maker, Ends *ends, uint32_t to)
{
    Flow *flow = &maker->flow;
    for (uint32_t i = 0; i < ends->n; i++) {
        flow->edges = with_room(maker->arena, flow->edges, flow->n_edges, &maker->cap_edges, sizeof *flow->edges);
        flow->edges[flow->n_edges++] = (FlowEdge){ends->items[i].from, to, ends->items[i].condition};
    }
    ends->n = 0;
}

/* ---- boxes ---- */

static Str label_of(const Maker *maker, const Node *node, const char *mark)
{
    Str text = str_slice(maker->program->english, node->english.start, node->english.end);
    int64_t line_end = str_find_char(text, '\n');
    text = str_trim(line_end < 0 ? text : str_slice(text, 0, (size_t)line_end));
    if (str_ends(text, S(" then")))
        text = str_slice(text, 0, text.len - S(" then").len);
    if (text.len == 0)
        text = str_from_c(node_kind_name((NodeKind)node->kind));
    char first = text.data[0];
    return str_printf(maker->arena, "%c%.*s%s", first >= 'a' && first <= 'z' ? first - 'a' + 'A' : first,
                      STR_ARG(str_slice(text, 1, text.len)), mark);
}

/* A box to which all open ends lead; none is left open. */
static uint32_t box(Maker *maker, FlowKind kind, uint32_t id, Str label, Ends *ends)
{
    Flow *flow = &maker->flow;
    flow->nodes = with_room(maker->arena, flow->nodes, flow->n_nodes, &maker->cap_nodes, sizeof *flow->nodes);
    flow->nodes[flow->n_nodes] = (FlowNode){kind, id, label};
    ends_connect(maker, ends, flow->n_nodes);
    return flow->n_nodes++;
}

static void step(Maker *maker, FlowKind kind, const Node *statement, Ends *ends)
{
    uint32_t at = box(maker, kind, statement->id, label_of(maker, statement, ""), ends);
    ends_add(maker, ends, (Open){at, S("")});
}

/* ---- sentences ---- */

static void walk(Maker *maker, const Node *block, Ends *ends, Loop *loop);

/* A further condition has its own id: the sentence's is taken. */
static void branch(Maker *maker, const Node *statement, Ends *ends, Loop *loop)
{
    Ends after = {0};
    uint32_t i = 0;
    for (; i + 1 < statement->n_kids; i += 2) {
        const Node *condition = statement->kids[i];
        uint32_t at =
            box(maker, FLOW_DECISION, i == 0 ? statement->id : condition->id, label_of(maker, condition, "?"), ends);
        ends_add(maker, ends, (Open){at, S("Yes")});
        walk(maker, statement->kids[i + 1], ends, loop);
        ends_move(maker, &after, ends);
        ends_add(maker, ends, (Open){at, S("No")});
    }
    if (i < statement->n_kids)
        walk(maker, statement->kids[i], ends, loop);
    ends_move(maker, &after, ends);
    *ends = after;
}

static void cycle(Maker *maker, const Node *statement, Ends *ends)
{
    bool asks = statement->kind == NODE_WHILE;
    Loop loop = {.decision = box(maker, FLOW_DECISION, statement->id, label_of(maker, statement, ""), ends)};
    ends_add(maker, ends, (Open){loop.decision, asks ? S("Yes") : S("Next")});
    walk(maker, statement->kids[statement->n_kids - 1], ends, &loop);
    ends_connect(maker, ends, loop.decision);
    ends_add(maker, ends, (Open){loop.decision, asks ? S("No") : S("Done")});
    ends_move(maker, ends, &loop.breaks);
}

static void sentence(Maker *maker, const Node *statement, Ends *ends, Loop *loop)
{
    switch ((NodeKind)statement->kind) {
    case NODE_COMMENT:
    case NODE_CONNECTION:
    case NODE_DEFINE: return;
    case NODE_IF: branch(maker, statement, ends, loop); return;
    case NODE_FOR:
    case NODE_REPEAT:
    case NODE_WHILE: cycle(maker, statement, ends); return;
    case NODE_BREAK: ends_move(maker, loop ? &loop->breaks : &maker->finished, ends); return;
    case NODE_CONTINUE:
        if (loop)
            ends_connect(maker, ends, loop->decision);
        return;
    case NODE_INPUT: step(maker, FLOW_INPUT, statement, ends); return;
    case NODE_OUTPUT: step(maker, FLOW_OUTPUT, statement, ends); return;
    case NODE_FAIL:
        step(maker, FLOW_PROCESS, statement, ends);
        ends_move(maker, &maker->finished, ends);
        return;
    case NODE_FINISH:
    case NODE_RETURN: ends_move(maker, &maker->finished, ends); return;
    default: step(maker, FLOW_PROCESS, statement, ends); return;
    }
}

/* As deep as blocks may nest. */
static void walk(Maker *maker, const Node *block, Ends *ends, Loop *loop)
{
    for (uint32_t i = 0; i < block->n_kids && ends->n > 0; i++)
        sentence(maker, block->kids[i], ends, loop);
}

Flow flow_of(Arena *arena, const Program *program)
{
    Maker maker = {.arena = arena, .program = program};
    Ends ends = {0};
    uint32_t start = box(&maker, FLOW_START, 0, S("Start"), &ends);
    ends_add(&maker, &ends, (Open){start, S("")});
    walk(&maker, program->tree, &ends, NULL);
    ends_move(&maker, &ends, &maker.finished);
    box(&maker, FLOW_END, 0, S("End"), &ends);
    return maker.flow;
}
