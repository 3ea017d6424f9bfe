/* lang/explain_risks.c: what a sentence needs to find, and what happens when it does not. */
#include "lang/explain_internal.h"
#include "lang/function.h"

/* ---- facts ---- */
typedef struct Uses {
    const Program *program;
    const Node *define; /* the procedure in which the statement stands */
    bool *used;
} Uses;

/* NULL when it is none. A procedure's own fact hides the program's. */
static const FactSpec *fact_of(const Program *program, const Node *define, const Node *name)
{
    const FactSpec *found = NULL;
    for (uint32_t i = 0; i < program->n_facts; i++) {
        const FactSpec *fact = &program->facts[i];
        if ((!fact->define || fact->define == define) && str_eq(fact->name, name->name))
            found = fact;
    }
    return found;
}

/* Of everything in it but the sentences of its blocks. Bounded by AST_DEPTH_MAX. */
static void note_uses(const Uses *uses, const Node *node) // NOLINT(misc-no-recursion)
{
    const FactSpec *fact = node->kind == NODE_NAME ? fact_of(uses->program, uses->define, node) : NULL;
    if (fact)
        uses->used[fact - uses->program->facts] = true;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node->kids[i]->kind != NODE_BLOCK)
            note_uses(uses, node->kids[i]);
    }
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
    note_uses(&uses, statement);
    for (uint32_t i = 0; i < program->n_facts; i++) {
        if (uses.used[i])
            list[n++] = i;
    }
    *out_n = n;
    return list;
}

/* ---- what can make the run ask ---- */
enum { NAMED_MAX = 8 };
typedef struct Named {
    Str words[NAMED_MAX];
    uint32_t n;
} Named;

typedef struct Risks {
    const Explainer *e;
    const Node *define; /* the procedure in which the statement stands */
    Named needed;       /* fields that something is done with: an empty one is asked for */
    Named read;         /* fields that are only passed on or compared for being equal */
    Named facts;        /* facts that may be nothing, and that something is done with */
    const Node *each; /* of a list in which one is looked for: a field of its own may be empty, the one beside it not */
    bool divides, converts, looks_up, outside, once, given;
} Risks;

static void add_name(Named *named, Str words)
{
    for (uint32_t i = 0; i < named->n; i++) {
        if (str_eq(named->words[i], words))
            return;
    }
    if (named->n < NAMED_MAX)
        named->words[named->n++] = words;
}

static bool has_name(const Named *named, Str words)
{
    for (uint32_t i = 0; i < named->n; i++) {
        if (str_eq(named->words[i], words))
            return true;
    }
    return false;
}

static void note_needed_fact(Risks *risks, const Node *name)
{
    const Program *program = risks->e->program;
    const FactSpec *fact = fact_of(program, risks->define, name);
    if (fact && (fact->type->kind == TYPE_ANY || fact->type->kind == TYPE_OPTIONAL))
        add_name(&risks->facts, explain_words(risks->e, name));
}

/* What a function does with its values. */
typedef enum Taking {
    TAKES_NOTHING_TOO, /* what is missing is no question to it */
    TAKES_AS_IT_IS,    /* passes it on */
    TAKES_THE_WHOLE,   /* needs the list, whatever is in it */
    TAKES_EVERY_ITEM   /* needs the value, and each item of a list */
} Taking;

static Taking function_taking(uint16_t function)
{
    switch (function) {
    case FN_IS_MISSING:
    case FN_IS_NOT_MISSING:
    case FN_IS_EMPTY:
    case FN_IS_NOT_EMPTY:
    case FN_FIND: return TAKES_NOTHING_TOO;
    case FN_STR:
    case FN_BOOL:
    case FN_APPEND:
    case FN_INSERT_FIRST: return TAKES_AS_IT_IS;
    case FN_LEN:
    case FN_FIRST:
    case FN_LAST:
    case FN_UNIQUE:
    case FN_REVERSED:
    case FN_ANY:
    case FN_ALL:
    case FN_LIST:
    case FN_SET:
    case FN_ENUMERATE:
    case FN_ZIP: return TAKES_THE_WHOLE;
    default: return TAKES_EVERY_ITEM;
    }
}

static bool compares_by_size(const Node *compare)
{
    for (uint32_t i = 0; i + 1 < compare->n_kids; i++) {
        if (compare->ops[i] >= CMP_LESS && compare->ops[i] <= CMP_GREATER_EQUAL)
            return true;
    }
    return false;
}

static void note(Risks *risks, const Node *node, bool needed);

static void note_kids(Risks *risks, const Node *node, bool needed) // NOLINT(misc-no-recursion)
{
    for (uint32_t i = 0; i < node->n_kids; i++)
        note(risks, node->kids[i], needed);
}

static void note_field(Risks *risks, const Node *field, bool needed) // NOLINT(misc-no-recursion)
{
    const Node *of = field->kids[0];
    bool own = risks->each && of->kind == NODE_NAME && str_eq(of->name, risks->each->name);
    add_name(needed && !own ? &risks->needed : &risks->read, field->text);
    note(risks, of, of->kind != NODE_NAME);
}

/* The first one that fits: where none does because there is nothing to compare it with, that is asked for. */
static void note_looking(Risks *risks, const Node *collect) // NOLINT(misc-no-recursion)
{
    const Node *around = risks->each;
    note(risks, collect->kids[2], collect->kids[2]->kind != NODE_NAME);
    risks->each = collect->kids[1];
    if (collect->n_kids > 3)
        note(risks, collect->kids[3], true);
    risks->each = around;
}

static void note_call(Risks *risks, const Node *call) // NOLINT(misc-no-recursion)
{
    Taking taking = function_taking(call->function);
    risks->converts |= call->function == FN_NUMBER || call->function == FN_DATE || call->function == FN_TIME ||
                       call->function == FN_DATETIME || call->function == FN_DURATION || call->function == FN_INT ||
                       call->function == FN_FLOAT;
    risks->looks_up |= call->function == FN_FIRST || call->function == FN_LAST;
    if (taking == TAKES_NOTHING_TOO) {
        const Node *value = call->kids[0];
        note(risks, value->kind == NODE_FIELD ? value->kids[0] : value, false);
        return;
    }
    if ((call->function == FN_FIRST || call->function == FN_LAST) && call->kids[0]->kind == NODE_COLLECT) {
        note_looking(risks, call->kids[0]);
        return;
    }
    for (uint32_t i = 0; i < call->n_kids; i++) {
        bool whole = taking == TAKES_THE_WHOLE && call->kids[i]->kind != NODE_COLLECT;
        bool searched_for = call->function == FN_CONTAINS && i == 1; /* a list may be asked for nothing */
        note(risks, call->kids[i], (taking == TAKES_EVERY_ITEM || whole) && !searched_for);
    }
}

static void note_book_call(Risks *risks, const Node *call) // NOLINT(misc-no-recursion)
{
    risks->outside |= !call->procedure || call->procedure->effect != EFFECT_PURE;
    risks->once |= !call->procedure || call->procedure->effect == EFFECT_ONCE;
    risks->given |= call->n_kids > 0;
    note_kids(risks, call, true);
}

/* The element as it is needed, what is gone through always, and the condition by itself. */
static void note_collect(Risks *risks, const Node *collect, bool needed) // NOLINT(misc-no-recursion)
{
    note(risks, collect->kids[0], needed);
    note(risks, collect->kids[2], collect->kids[2]->kind != NODE_NAME);
    if (collect->n_kids > 3)
        note(risks, collect->kids[3], false);
}

static void note_choose(Risks *risks, const Node *choose, bool needed) // NOLINT(misc-no-recursion)
{
    note(risks, choose->kids[0], needed);
    note(risks, choose->kids[1], false);
    note(risks, choose->kids[2], needed);
}

/* `needed`: something is done with the value, so that it must be there. Bounded by AST_DEPTH_MAX. */
static void note(Risks *risks, const Node *node, bool needed) // NOLINT(misc-no-recursion)
{
    switch (node->kind) {
    case NODE_BLOCK:
    case NODE_NOTHING: return;
    case NODE_NAME:
        if (needed)
            note_needed_fact(risks, node);
        return;
    case NODE_FIELD: note_field(risks, node, needed); return;
    case NODE_INDEX:
        risks->looks_up = true;
        note_kids(risks, node, true);
        return;
    case NODE_ARITHMETIC:
        risks->divides |= node->op == OP_DIVIDE || node->op == OP_FLOOR_DIVIDE || node->op == OP_MODULO;
        note_kids(risks, node, true);
        return;
    case NODE_NEGATE:
    case NODE_SLICE:
    case NODE_WAIT:
    case NODE_REPEAT: note_kids(risks, node, true); return;
    case NODE_COMPARE: note_kids(risks, node, needed || compares_by_size(node)); return;
    case NODE_CALL: note_call(risks, node); return;
    case NODE_BOOK_CALL: note_book_call(risks, node); return;
    case NODE_AND:
    case NODE_ARGUMENT: note_kids(risks, node, needed); return;
    case NODE_COLLECT: note_collect(risks, node, needed); return;
    case NODE_CHOOSE: note_choose(risks, node, needed); return;
    default: note_kids(risks, node, false); return;
    }
}

/* The field that a sentence sets need not be there; what it belongs to must. */
static void note_target(Risks *risks, const Node *target) // NOLINT(misc-no-recursion)
{
    if (target->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < target->n_kids; i++)
            note_target(risks, target->kids[i]);
    } else if (target->kind == NODE_FIELD) {
        note(risks, target->kids[0], target->kids[0]->kind != NODE_NAME);
    } else {
        note(risks, target, false);
    }
}

static void note_statement(Risks *risks, const Node *statement)
{
    if (statement->kind == NODE_ASSIGN) {
        note_target(risks, statement->kids[0]);
        note(risks, statement->kids[1], false);
    } else if (statement->kind == NODE_FOR) {
        note(risks, statement->kids[1], statement->kids[1]->kind != NODE_NAME);
    } else if (statement->kind != NODE_DEFINE && statement->kind != NODE_INPUT) {
        note(risks, statement, false);
    }
}

static void forget_needed(Risks *risks)
{
    Named read = {0};
    for (uint32_t i = 0; i < risks->read.n; i++) {
        if (!has_name(&risks->needed, risks->read.words[i]))
            add_name(&read, risks->read.words[i]);
    }
    risks->read = read;
}

static void add_named(Buf *out, const char *before, const Named *named, const char *after)
{
    if (named->n == 0)
        return;
    buf_str(out, str_from_c(before));
    for (uint32_t i = 0; i < named->n; i++)
        buf_printf(out, "%s%.*s", i ? (i + 1 == named->n ? " or " : ", ") : "", STR_ARG(named->words[i]));
    buf_str(out, str_from_c(after));
}

void explain_risks(const Explainer *e, const Node *statement)
{
    Risks risks = {.e = e, .define = define_around(e->program, statement)};
    note_statement(&risks, statement);
    forget_needed(&risks);
    add_named(e->out, "Where there is no ", &risks.needed,
              ", or it is not what is needed here, the run stops and asks a person.\n");
    add_named(e->out, "Where ", &risks.facts,
              " is missing, or is not what is needed here, the run stops and asks a person.\n");
    add_named(e->out, "Where nothing is called ", &risks.read,
              ", the run stops and asks a person; an empty one is taken as it is.\n");
    if (risks.looks_up)
        buf_str(e->out, S("When nothing is found, the run stops and asks a person.\n"));
    if (risks.divides)
        buf_str(e->out, S("When it would have to divide by zero, the run stops and asks a person.\n"));
    if (risks.converts && risks.needed.n + risks.facts.n == 0)
        buf_str(e->out, S("What cannot be read as that is not guessed: the run stops and asks a person.\n"));
    if (risks.outside)
        buf_str(e->out, S("It reaches outside the automation: when that fails, the run stops and asks a person.\n"));
    else if (risks.given)
        buf_str(e->out, S("When that cannot be done with what it is given, the run stops and asks a person.\n"));
    if (risks.once)
        buf_str(e->out, S("It is never done twice in silence: after a breakdown a person is asked.\n"));
}
