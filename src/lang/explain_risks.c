/* lang/explain_risks.c: what a sentence needs to find, and what happens when it does not. */
#include "lang/explain_internal.h"
#include "lang/function.h"

/* Everything of it but the sentences of its blocks. Bounded by AST_DEPTH_MAX. */
typedef void Visit(void *self, const Node *node);
static void visit_own(const Node *node, Visit *visit, void *self) // NOLINT(misc-no-recursion)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        if (kid->kind == NODE_BLOCK || kid->kind == NODE_NOTHING)
            continue;
        visit(self, kid);
        visit_own(kid, visit, self);
    }
}

/* ---- facts ---- */
typedef struct Uses {
    const Program *program;
    const Node *define; /* the procedure in which the statement stands */
    bool *used;
} Uses;

static void note_use(void *self, const Node *node)
{
    Uses *uses = self;
    const FactSpec *facts = uses->program->facts;
    if (node->kind != NODE_NAME)
        return;
    /* A procedure's own fact hides the program's. */
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < uses->program->n_facts; i++) {
        bool visible = !facts[i].define || facts[i].define == uses->define;
        if (visible && str_eq(facts[i].name, node->name))
            found = i;
    }
    if (found != UINT32_MAX)
        uses->used[found] = true;
}

static const Node *define_around(const Program *program, const Node *statement)
{
    const Node *define = NULL;
    for (uint32_t i = 0; i < program->tree->n_kids; i++) {
        const Node *kid = program->tree->kids[i];
        if (kid->id <= statement->id)
            define = kid->kind == NODE_DEFINE ? kid : NULL;
    }
    return define;
}

const uint32_t *explain_facts(Arena *arena, const Program *program, const Node *statement, uint32_t *out_n)
{
    Uses uses = {program, define_around(program, statement), NEW_ARRAY(arena, bool, program->n_facts)};
    uint32_t *list = NEW_ARRAY(arena, uint32_t, program->n_facts), n = 0;
    visit_own(statement, note_use, &uses);
    for (uint32_t i = 0; i < program->n_facts; i++) {
        if (uses.used[i])
            list[n++] = i;
    }
    *out_n = n;
    return list;
}

/* ---- what can make the run ask ---- */
enum { FIELDS_NAMED_MAX = 8 };

typedef struct Risks {
    const Explainer *e;
    Str fields[FIELDS_NAMED_MAX];
    uint32_t n_fields;
    bool divides, converts, looks_up, outside, once;
} Risks;

static void note_field(Risks *risks, Str name)
{
    for (uint32_t i = 0; i < risks->n_fields; i++) {
        if (str_eq(risks->fields[i], name))
            return;
    }
    if (risks->n_fields < FIELDS_NAMED_MAX)
        risks->fields[risks->n_fields++] = name;
}

static void note_function(Risks *risks, const Node *call)
{
    risks->converts |= call->function == FN_NUMBER || call->function == FN_DATE || call->function == FN_TIME ||
                       call->function == FN_DATETIME || call->function == FN_INT || call->function == FN_FLOAT;
    risks->looks_up |= call->function == FN_FIND || call->function == FN_FIRST || call->function == FN_LAST;
}

static void note_risk(void *self, const Node *node)
{
    Risks *risks = self;
    switch (node->kind) {
    case NODE_FIELD: note_field(risks, node->text); break;
    case NODE_ARITHMETIC:
        risks->divides |= node->op == OP_DIVIDE || node->op == OP_FLOOR_DIVIDE || node->op == OP_MODULO;
        break;
    case NODE_CALL: note_function(risks, node); break;
    case NODE_BOOK_CALL:
        risks->outside |= !node->procedure || node->procedure->effect != EFFECT_PURE;
        risks->once |= !node->procedure || node->procedure->effect == EFFECT_ONCE;
        break;
    default: break;
    }
}

/* The field that a sentence sets need not be there. */
static void forget_target(Risks *risks, const Node *statement)
{
    const Node *target = statement->kind == NODE_ASSIGN ? statement->kids[0] : NULL;
    if (!target || target->kind != NODE_FIELD || risks->n_fields == 0 || !str_eq(risks->fields[0], target->text))
        return;
    Risks again = {.e = risks->e};
    visit_own(statement->kids[1], note_risk, &again);
    note_risk(&again, statement->kids[1]);
    for (uint32_t i = 0; i < again.n_fields; i++) {
        if (str_eq(again.fields[i], target->text))
            return;
    }
    for (uint32_t i = 1; i < risks->n_fields; i++)
        risks->fields[i - 1] = risks->fields[i];
    risks->n_fields--;
}

static void add_fields(const Risks *risks)
{
    Buf *out = risks->e->out;
    if (risks->n_fields == 0)
        return;
    buf_str(out, S("Where there is no "));
    for (uint32_t i = 0; i < risks->n_fields; i++)
        buf_printf(out, "%s%.*s", i ? (i + 1 == risks->n_fields ? " or " : ", ") : "", STR_ARG(risks->fields[i]));
    buf_str(out, S(", the run stops and asks a person.\n"));
}

void explain_risks(const Explainer *e, const Node *statement)
{
    Risks risks = {.e = e};
    visit_own(statement, note_risk, &risks);
    forget_target(&risks, statement);
    add_fields(&risks);
    if (risks.looks_up)
        buf_str(e->out, S("When nothing is found, the run stops and asks a person.\n"));
    if (risks.divides)
        buf_str(e->out, S("When it would have to divide by zero, the run stops and asks a person.\n"));
    if (risks.converts)
        buf_str(e->out, S("What cannot be read as that is not guessed: the run stops and asks a person.\n"));
    if (risks.outside)
        buf_str(e->out, S("It reaches outside the automation: when that fails, the run stops and asks a person.\n"));
    if (risks.once)
        buf_str(e->out, S("It is never done twice in silence: after a breakdown a person is asked.\n"));
}
