/* cli/lsp_names.c: walks the tree with the scopes that it is in. */
#include "cli/lsp_names.h"

/* Also the place right behind it: there an editor's caret stands. */
bool span_holds(Span span, uint32_t offset)
{
    return span.end > span.start && span.start <= offset && offset <= span.end;
}

typedef struct Local { /* a comprehension's variable hides facts */
    Str name;
    const struct Local *outer;
} Local;

typedef struct Walk {
    const Program *program;
    NameUses uses;
} Walk;

typedef struct Place {
    const Node *define;
    const Local *locals;
} Place;

static const FactSpec *find_fact(const Program *program, const Node *define, Str name)
{
    const FactSpec *found = NULL;
    for (uint32_t i = 0; i < program->n_facts; i++) {
        const FactSpec *fact = &program->facts[i];
        if ((!fact->define || fact->define == define) && str_eq(fact->name, name))
            found = fact; /* the program's come first: a procedure's own hides them */
    }
    return found;
}

static const Node *find_define(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->tree->n_kids; i++) {
        const Node *kid = program->tree->kids[i];
        if (kid->kind == NODE_DEFINE && str_eq(kid->name, name))
            return kid;
    }
    return NULL;
}

static void add_use(Walk *walk, Node *node, NameMeaning meaning)
{
    walk->uses.items[walk->uses.count++] = (NameUse){node, meaning};
}

static void add_fact_use(Walk *walk, Node *node, const Node *define)
{
    const FactSpec *fact = find_fact(walk->program, define, node->name);
    if (fact)
        add_use(walk, node, (NameMeaning){.fact = fact});
}

static void add_name(Walk *walk, Node *node, Place place)
{
    for (const Local *local = place.locals; local; local = local->outer) {
        if (str_eq(local->name, node->name)) {
            add_use(walk, node, (NameMeaning){0});
            return;
        }
    }
    add_fact_use(walk, node, place.define);
}

static void walk_node(Walk *walk, Node *node, Place place);

static void walk_kids(Walk *walk, Node *node, uint32_t from, Place place) // NOLINT(misc-no-recursion)
{
    for (uint32_t i = from; i < node->n_kids; i++)
        walk_node(walk, node->kids[i], place);
}

/* The iterable is looked at outside; element, target and condition see the variables. */
static void walk_collect(Walk *walk, Node *node, Place place) // NOLINT(misc-no-recursion)
{
    Local inner[16];
    uint32_t n = 0;
    Node *target = node->kids[1];
    walk_node(walk, node->kids[2], place);
    uint32_t n_names = target->kind == NODE_TUPLE ? target->n_kids : 1;
    for (uint32_t i = 0; i < n_names && n < COUNT_OF(inner); i++) {
        const Node *name = target->kind == NODE_TUPLE ? target->kids[i] : target;
        inner[n] = (Local){name->name, place.locals};
        place.locals = &inner[n++];
    }
    walk_node(walk, node->kids[0], place);
    walk_node(walk, target, place);
    walk_kids(walk, node, 3, place);
}

static void walk_call(Walk *walk, Node *node, Place place) // NOLINT(misc-no-recursion)
{
    const Node *define = find_define(walk->program, node->name);
    if (define)
        add_use(walk, node, (NameMeaning){.define = define});
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (define)
            add_fact_use(walk, node->kids[i], define);
        walk_kids(walk, node->kids[i], 0, place);
    }
}

/* The depth is bounded by the readers. */
static void walk_node(Walk *walk, Node *node, Place place) // NOLINT(misc-no-recursion)
{
    switch (node->kind) {
    case NODE_NAME: add_name(walk, node, place); break;
    case NODE_INPUT: add_fact_use(walk, node, NULL); break;
    case NODE_PARAMETER: add_fact_use(walk, node, place.define); break;
    case NODE_DEFINE:
        place.define = node;
        add_use(walk, node, (NameMeaning){.define = find_define(walk->program, node->name)});
        break;
    case NODE_PROCEDURE_CALL: walk_call(walk, node, place); return;
    case NODE_COLLECT: walk_collect(walk, node, place); return;
    default: break;
    }
    walk_kids(walk, node, 0, place);
}

NameUses names_of(Arena *arena, const Program *program)
{
    Walk walk = {program, {NEW_ARRAY(arena, NameUse, program->n_nodes), 0}};
    walk_node(&walk, program->tree, (Place){0});
    return walk.uses;
}

static const NameUse *closest(const LspDocument *document, const NameUses *uses, uint32_t offset)
{
    const NameUse *best = NULL;
    for (uint32_t i = 0; i < uses->count; i++) {
        Span span = lsp_span(document, uses->items[i].node);
        Span known = best ? lsp_span(document, best->node) : (Span){0, UINT32_MAX};
        if (span_holds(span, offset) && span.end - span.start < known.end - known.start)
            best = &uses->items[i];
    }
    return best;
}

const NameUse *names_at(const LspDocument *document, const NameUses *uses, uint32_t offset)
{
    const NameUse *use = closest(document, uses, offset);
    if (!use || use->node->kind != NODE_DEFINE)
        return use;
    /* A procedure's name stands in its first line only. */
    uint32_t line = lines_at(&document->lines, lsp_span(document, use->node).start);
    return lines_at(&document->lines, offset) == line ? use : NULL;
}
