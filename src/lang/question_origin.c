/* lang/question_origin.c: which field a fact has its value from.
 *
 * No value carries along where it came from. What is certain is found in the tree, once a question is asked: the
 * sentences in front of the one that asks are gone through, in the order in which they have been carried out, and one
 * that makes the fact a plain field counts for as long as nothing below sets the fact or the field's owner again. The
 * field must still hold the very value, so that answers and other changes in between cannot make it untrue. */
#include "lang/question_internal.h"

/* The name at the front of fields of fields: the lease of the lease's tenant's name; NULL for anything else. */
static const Node *owner_of(const Node *field)
{
    while (field->kind == NODE_FIELD)
        field = field->kids[0];
    return field->kind == NODE_NAME ? field : NULL;
}

static bool target_has(const Node *target, Str name) // NOLINT(misc-no-recursion): as deep as the tree
{
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        if (target_has(target->kids[i], name))
            return true;
    return target->kind == NODE_NAME && str_eq(target->name, name);
}

/* Whether carrying out `statement` may give `name` another value. A procedure's facts are its own. */
static bool may_set(const Node *statement, Str name) // NOLINT(misc-no-recursion): as deep as the tree
{
    if (statement->kind == NODE_DEFINE || !(node_is_statement(statement) || statement->kind == NODE_BLOCK))
        return false;
    if (statement->kind == NODE_INPUT && str_eq(statement->name, name))
        return true;
    if ((statement->kind == NODE_ASSIGN || statement->kind == NODE_FOR) && target_has(statement->kids[0], name))
        return true;
    for (uint32_t i = 0; i < statement->n_kids; i++)
        if (may_set(statement->kids[i], name))
            return true;
    return false;
}

static bool is_loop(const Node *node)
{
    return node->kind == NODE_FOR || node->kind == NODE_WHILE || node->kind == NODE_REPEAT;
}

enum { FACTS_FOLLOWED = 8 }; /* the base is the rent, the rent is the tenant's rent */

static const Node *origin_before(const Node *tree, uint32_t end, Str fact, uint32_t depth);

/* What is known of the fact's origin behind `statement`. */
static const Node *origin_behind(const Node *tree, const Node *statement, Str fact, const Node *origin,
                                 uint32_t depth) // NOLINT(misc-no-recursion): at most FACTS_FOLLOWED deep
{
    const Node *target = statement->kind == NODE_ASSIGN ? statement->kids[0] : NULL;
    if (target && target->kind == NODE_NAME && str_eq(target->name, fact)) {
        const Node *value = statement->kids[1];
        if (value->kind == NODE_NAME && depth < FACTS_FOLLOWED)
            return origin_before(tree, statement->id, value->name, depth + 1);
        return value->kind == NODE_FIELD && owner_of(value) ? value : NULL;
    }
    bool lost = origin && (may_set(statement, fact) || may_set(statement, owner_of(origin)->name));
    return lost ? NULL : origin;
}

/* On the way down from the whole tree to node `end`, past all that has been carried out before it. */
static const Node *origin_before(const Node *tree, uint32_t end, Str fact, uint32_t depth) // NOLINT(misc-no-recursion)
{
    const Node *origin = NULL;
    for (const Node *around = tree; around && around->id != end;) {
        bool in_order = around->kind == NODE_PROGRAM || around->kind == NODE_BLOCK;
        const Node *inner = NULL;
        for (uint32_t i = 0; i < around->n_kids && around->kids[i]->id <= end; i++) {
            if (inner && in_order)
                origin = origin_behind(tree, inner, fact, origin, depth);
            inner = around->kids[i];
        }
        /* What a loop sets further down, it has set in the round before. */
        if (inner && inner->kind == NODE_DEFINE)
            origin = NULL;
        else if (inner && is_loop(inner))
            origin = origin_behind(tree, inner, fact, origin, depth);
        around = inner;
    }
    return origin;
}

const Node *question_origin(const Evaluation *evaluation, const Node *name, Value found)
{
    const Frame *frame = frame_top(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    if (frame->fragment != 0 || !sentence || name->kind != NODE_NAME || loop_over(frame, name->name))
        return NULL;
    const Node *origin = origin_before(evaluation->program->tree, sentence->node->id, name->name, 0);
    const Loop *of_owner = origin ? loop_over(frame, owner_of(origin)->name) : NULL;
    if (!origin || (of_owner && !of_owner->is_statement))
        return NULL;
    Value fact = node_value(evaluation, frame, name, 0), field = node_value(evaluation, frame, origin, 0);
    bool holds =
        fact.kind == found.kind && field.kind == found.kind && value_equals(fact, found) && value_equals(field, found);
    return holds ? origin : NULL;
}

Origin origin_of(Evaluation *evaluation, const Node *fact, Value found)
{
    const Node *field = question_origin(evaluation, fact, found);
    if (field)
        return (Origin){subject_of(evaluation, field->kids[0]), field->text};
    bool is_item = fact->kind == NODE_NAME && loop_over(frame_top(evaluation), fact->name);
    Subject subject = is_item ? subject_of(evaluation, fact) : (Subject){0};
    return subject.row > 0 ? (Origin){subject, S("")} : (Origin){0};
}

/* "from row 17 of the leases"; "the rent of row 17 of the leases", where the fact goes by another name; "item 3 of the
 * amounts"; "" where it is not certain. */
Str origin_told(Arena *arena, const Node *fact, const Origin *origin)
{
    Str place = str_lower(arena, origin->subject.text);
    if (place.len == 0 || origin->column.len == 0)
        return place;
    if (name_alike(origin->column, fact->name))
        return str_printf(arena, "from %.*s", STR_ARG(place));
    return str_printf(arena, "the %.*s of %.*s", STR_ARG(origin->column), STR_ARG(place));
}
