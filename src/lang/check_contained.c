/* lang/check_contained.c: what is looked for among rows is in one of their columns, and never a row itself. */
#include "lang/check_internal.h"

static bool holds_rows(const Type *type)
{
    return type->kind == TYPE_TABLE || (type->kind == TYPE_LIST && check_item_type(type)->kind == TYPE_RECORD);
}

/* What stands in a cell. */
static bool is_plain(const Type *type)
{
    return check_is_known(type) && type->kind >= TYPE_BOOLEAN && type->kind <= TYPE_DURATION;
}

/* The column that is meant: certainly the only one of that kind; else another that may be, or "" where none is known.
 */
static Str column_meant(const Type *rows, const Type *wanted, bool *out_certain)
{
    const Shape *shape = shape_of_rows(rows);
    Str same = S(""), other = !shape || shape->others ? S("name") : S("");
    uint32_t n_same = 0;
    for (uint32_t i = shape ? shape->n_fields : 0; i-- > 0;) {
        const ShapeField *field = &shape->fields[i];
        if (field->told)
            continue;
        if (field->type && field->type->kind == wanted->kind) {
            same = field->name;
            n_same++;
        } else if (!field->type || !check_is_known(field->type)) {
            other = field->name;
        }
    }
    *out_certain = n_same == 1;
    return n_same > 0 ? same : other;
}

/* any lease's tenant is "Bob" */
static Node *any_row(Checker *checker, Node *rows, Str column, Node *wanted)
{
    Node *item = check_item_of(checker, rows), *field = node_new(checker->arena, NODE_FIELD);
    Node *equal = node_new(checker->arena, NODE_COMPARE), *any = node_new(checker->arena, NODE_CALL);
    node_add(checker->arena, field, item);
    field->text = column;
    equal->ops[0] = CMP_EQUAL;
    node_add(checker->arena, equal, field);
    node_add(checker->arena, equal, wanted);
    Node *each = check_each_item(checker, rows, equal);
    each->op = COLLECT_LAZY;
    any->function = FN_ANY;
    node_add(checker->arena, any, each);
    return any;
}

void check_contained(Checker *checker, Node *node, Node *rows, Node *wanted, const Type *of_rows, const Type *of_wanted)
{
    if (!holds_rows(of_rows) || !is_plain(of_wanted))
        return;
    Diagnostic *d =
        check_warning(checker, "never-in", node, "%.*s is never among rows: it stands in one of their columns",
                      STR_ARG(check_type_shown(checker, of_wanted)));
    bool certain, none = node->kind == NODE_COMPARE && node->ops[0] == CMP_NOT_IN;
    Str column = column_meant(of_rows, of_wanted, &certain);
    Node *right = any_row(checker, rows, column, wanted);
    if (none) {
        Node *contrary = node_new(checker->arena, NODE_NOT);
        node_add(checker->arena, contrary, right);
        right = contrary;
    }
    Str sentence = check_sentence_with(checker, node, *right);
    sentence = sentence.len > 0 ? sentence : check_printed(checker, right);
    if (column.len > 0 && !check_names(wanted, check_item_of(checker, rows)->name))
        check_hint(checker, d, certain ? "write: %.*s" : "compare a column, as in: %.*s", STR_ARG(sentence));
    else
        check_hint(checker, d, "compare a column of each row with a fact, and make that what is looked for before");
}
