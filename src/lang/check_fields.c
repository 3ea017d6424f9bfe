/* lang/check_fields.c: whether the fields and columns that are named are there, and what sentence would be right. */
#include <string.h>

#include "lang/check_internal.h"
#include "lang/english.h"
#include "lang/spy.h"

enum {
    LISTED_MAX = 8,      /* fields that a hint lists */
    LONE_LENGTH_MIN = 5, /* shorter names are one letter apart on purpose: net and set, from and form */
};

/* ---- the sentence that would be right ---- */

Str check_printed(Checker *checker, const Node *node)
{
    return check_in_english(checker) ? english_print_words(checker->arena, node, checker->catalog)
                                     : spy_print_node(checker->arena, node, checker->catalog);
}

/* The statement without its blocks and its comment. */
static Str printed_head(Checker *checker, const Node *statement)
{
    Node head = *statement;
    head.kids = NULL;
    head.n_kids = 0;
    head.flags &= (uint8_t)~NODE_BLANK_BEFORE;
    head.trailing = S("");
    for (uint32_t i = 0; i < statement->n_kids; i++) {
        Node *kid = statement->kids[i];
        node_add(checker->arena, &head, kid->kind == NODE_BLOCK ? node_new(checker->arena, NODE_BLOCK) : kid);
    }
    return check_printed(checker, &head);
}

/* The line in which `after` differs. */
static Str changed_line(Str before, Str after)
{
    while (after.data) {
        Str line = str_cut(&after, '\n'), old = before.data ? str_cut(&before, '\n') : S("");
        if (!str_eq(line, old))
            return str_eq(after, before) ? str_trim(line) : S("");
    }
    return S("");
}

Str check_sentence_with(Checker *checker, Node *part, Node right)
{
    if (checker->quiet || !checker->statement)
        return S("");
    Str before = printed_head(checker, checker->statement);
    Node wrong = *part;
    *part = right;
    Str after = printed_head(checker, checker->statement);
    *part = wrong;
    return changed_line(before, after);
}

static Str sentence_with_name(Checker *checker, Node *statement, Node *use, Str right)
{
    Str before = printed_head(checker, statement);
    Node *place = use->kind == NODE_PAIR ? use->kids[0] : use, old = *place;
    if (place->kind == NODE_FIELD)
        place->text = right;
    else
        place->value = value_text(right);
    Str after = printed_head(checker, statement);
    *place = old;
    return changed_line(before, after);
}

/* ---- fields that nothing sets ---- */

/* "the fields are name, task and owner" */
static Str list_fields(Checker *checker, const Shape *shape, const char *what)
{
    Buf out = buf_in(checker->arena);
    uint32_t n = 0, listed = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++)
        n += !shape->fields[i].told;
    buf_printf(&out, n == 1 ? "the only %s is " : "the %ss are ", what);
    for (uint32_t i = 0; i < shape->n_fields && listed < LISTED_MAX; i++) {
        if (shape->fields[i].told)
            continue;
        listed++;
        buf_printf(&out, "%s%.*s", listed == 1 ? "" : listed == n ? " and " : ", ", STR_ARG(shape->fields[i].name));
    }
    if (listed < n)
        buf_str(&out, S(" …"));
    return n > 0 ? buf_view(&out) : str_printf(checker->arena, "there are no %ss", what);
}

static Str nearest_field(Checker *checker, const Shape *shape, Str name)
{
    Str *names = NEW_ARRAY(checker->arena, Str, shape->n_fields);
    uint32_t n = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++)
        names[i] = shape->fields[i].told ? S("") : name_normalise(checker->arena, shape->fields[i].name);
    n = shape->n_fields;
    Str near = nearest_spelling(name_normalise(checker->arena, name), names, n);
    for (uint32_t i = 0; i < n && near.len > 0; i++) {
        if (names[i].data == near.data)
            return shape->fields[i].name;
    }
    return S("");
}

static void hint_name(Checker *checker, Diagnostic *d, Node *use, Str right)
{
    Str sentence = sentence_with_name(checker, checker->statement, use, right);
    if (sentence.len > 0)
        check_hint(checker, d, "did you mean “%.*s”? Write: %.*s", STR_ARG(right), STR_ARG(sentence));
    else
        check_hint(checker, d, "did you mean “%.*s”?", STR_ARG(right));
}

static void missing_field(Checker *checker, Shape *shape, Str name, Node *use)
{
    if (checker->quiet || checker->unsettled || check_may_be_lost(checker, name) ||
        !shape_tell_missing(checker, shape, name))
        return; /* one cause, one message: at the first place that uses it */
    bool is_column = use->kind == NODE_LITERAL;
    Diagnostic *d =
        is_column
            ? check_error(checker, "unknown-field", use, "there is no column \"%.*s\" here", STR_ARG(name))
            : check_error(checker, "unknown-field", use, "nothing sets %.*s", STR_ARG(check_printed(checker, use)));
    Str near = nearest_field(checker, shape, name);
    Str fields = list_fields(checker, shape, is_column ? "column" : "field");
    if (near.len > 0)
        hint_name(checker, d, use, near);
    else if (is_column)
        check_hint(checker, d, "%.*s", STR_ARG(fields));
    else
        check_hint(checker, d,
                   check_in_english(checker) ? "%.*s; set it before: set %.*s to …" : "%.*s; set it before: %.*s = …",
                   STR_ARG(fields), STR_ARG(check_printed(checker, use)));
}

void check_note_use(Checker *checker, Shape *shape, Str name, Node *use)
{
    ShapeField *field = checker->quiet ? NULL : shape_find(shape, name);
    if (!field)
        return;
    field->uses++;
    field->use = use;
    field->sentence = checker->statement;
}

/* As the run reads it: by its name or, failing that, in the plural. */
static Str name_read(Checker *checker, Shape *shape, Str name)
{
    if (shape_find(shape, name))
        return name;
    Str many = plural_of(checker->arena, name);
    const ShapeField *field = shape_find(shape, many);
    return field && !field->told ? many : name;
}

/* the report's amounts: of a table that has no plural, the column Amount */
static Str column_read(Checker *checker, Shape *shape, Str name)
{
    Str one = singular_of(checker->arena, name);
    const ShapeField *field = shape_find(shape, name_read(checker, shape, name)) ? NULL : shape_find(shape, one);
    return field && !field->told ? one : name;
}

static const Type *read_field(Checker *checker, Shape *shape, Str name, Node *use)
{
    name = name_read(checker, shape, name);
    const Type *type = shape_get(checker, shape, name);
    check_note_use(checker, shape, name, use);
    if (type)
        return type;
    missing_field(checker, shape, name, use);
    return &type_unknown;
}

static const Type *without_optional(const Type *type)
{
    return type->kind == TYPE_OPTIONAL ? type->inner : type;
}

/* The words of the name, and the first word of the name: texts are taken apart by splitting them. */
static void hint_words_of_text(Checker *checker, Diagnostic *d, const Node *text)
{
    Str of = check_printed(checker, text);
    check_hint(checker, d, "its words: %.*s split by \" \"; the first of them: the first item of (%.*s split by \" \")",
               STR_ARG(of), STR_ARG(of));
}

/* The field of each of the list's items; or how many there are, where that is what a list is asked for. */
static void hint_items(Checker *checker, Diagnostic *d, Node *field)
{
    static const Str counts[] = {S_INIT("count"), S_INIT("size"), S_INIT("length"), S_INIT("number")};
    Node *list = field->kids[0], *call = node_new(checker->arena, NODE_CALL);
    call->function = FN_LEN;
    node_add(checker->arena, call, list);
    Node *item = node_new(checker->arena, NODE_FIELD);
    item->text = singular_of(checker->arena, field->text);
    node_add(checker->arena, item, check_item_of(checker, list));
    static const struct {
        Str word;
        FunctionId function;
    } measures[] = {{S_INIT("mean"), FN_AVERAGE}, {S_INIT("maximum"), FN_MAX}, {S_INIT("highest"), FN_MAX},
                    {S_INIT("biggest"), FN_MAX},  {S_INIT("minimum"), FN_MIN}, {S_INIT("lowest"), FN_MIN}};
    Node *right = check_each_item(checker, list, item);
    for (size_t i = 0; i < COUNT_OF(measures); i++) {
        if (str_eq_fold(field->text, measures[i].word))
            call->function = (uint16_t)measures[i].function, right = call;
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        right = str_eq_fold(field->text, counts[i]) ? call : right;
    Str sentence = check_sentence_with(checker, field, *right);
    check_hint(checker, d, "write: %.*s", STR_ARG(sentence.len > 0 ? sentence : check_printed(checker, right)));
}

/* Whether it can have fields at all. */
static bool may_have_fields(Checker *checker, const Node *field, const Type *type)
{
    if (!check_is_known(type) || type->kind == TYPE_RECORD || type->kind == TYPE_TABLE)
        return true;
    Diagnostic *d =
        check_error(checker, "no-fields", field, "%.*s has no fields", STR_ARG(check_type_shown(checker, type)));
    if (type->kind == TYPE_TEXT && check_in_english(checker) && str_eq_fold(field->text, S("words"))) {
        hint_words_of_text(checker, d, field->kids[0]);
        return false;
    }
    if (type->kind == TYPE_LIST) {
        hint_items(checker, d, (Node *)(uintptr_t)field);
        return false;
    }
    check_hint(checker, d,
               type->kind == TYPE_FILE ? (check_in_english(checker) ? "read it first: get the rows from the file"
                                                                    : "read it first: files.read_table(file=…)")
                                       : "only records and rows have fields");
    return false;
}

const Type *check_field(Checker *checker, Node *node)
{
    const Type *type = check_expression(checker, node->kids[0]);
    if (!may_have_fields(checker, node, type))
        return &type_any;
    type = without_optional(type);
    Shape *shape = shape_of(type);
    if (!shape)
        return type->kind == TYPE_TABLE ? &type_list : type == &type_unknown ? type : &type_any;
    bool column = type->kind == TYPE_TABLE;
    const Type *field = read_field(checker, shape, column ? column_read(checker, shape, node->text) : node->text, node);
    return column ? shape_list_of(checker, shape_at(checker, node), field) : field;
}

const Type *check_find(Checker *checker, Node *call, const Type *record)
{
    Shape *shape = shape_of(without_optional(record));
    Node *name = call->kids[1];
    if (!shape || without_optional(record)->kind != TYPE_RECORD)
        return record == &type_unknown ? record : &type_any;
    if (!node_is_text(name))
        return shape_get_any(checker, shape);
    Str key = value_str(name->value);
    const Type *type = shape_get(checker, shape, key);
    check_note_use(checker, shape, key, name);
    if (type)
        return type_optional(checker->arena, type);
    Str near = checker->quiet || checker->unsettled ? S("") : nearest_field(checker, shape, key);
    if (near.len > 0 && !check_may_be_lost(checker, key) && shape_tell_missing(checker, shape, key))
        hint_name(
            checker,
            check_warning(checker, "unknown-field", name, "nothing sets \"%.*s\", so this finds nothing", STR_ARG(key)),
            name, near);
    return &type_unknown;
}

void check_columns(Checker *checker, Node *names, Shape *rows)
{
    if (!rows)
        return;
    if (node_is_text(names))
        (void)read_field(checker, rows, value_str(names->value), names);
    for (uint32_t i = 0; i < names->n_kids && names->kind == NODE_LIST; i++) {
        if (node_is_text(names->kids[i]))
            (void)read_field(checker, rows, value_str(names->kids[i]->value), names->kids[i]);
    }
}

/* ---- fields that are set ---- */

static bool may_be_column(const Type *type)
{
    return !check_is_known(type) || type->kind == TYPE_LIST || type->kind == TYPE_SET || type->kind == TYPE_TABLE;
}

/* set the orders' tax to 5: of each row, which a loop does. */
static void refuse_column(Checker *checker, const Node *target, const Type *type)
{
    Diagnostic *d = check_error(checker, "column-needs-list", target,
                                "a column of a table is set to a list of its values, and this is %.*s",
                                STR_ARG(check_type_shown(checker, type)));
    Node *rows = target->kids[0], *row = check_item_of(checker, rows);
    Str many = check_printed(checker, rows), one = check_printed(checker, row);
    if (check_in_english(checker))
        check_hint(checker, d, "in every row: for each %.*s in %.*s; on the next line, indented: set %.*s's %.*s to …",
                   STR_ARG(str_starts(one, S("the ")) ? str_skip(one, 4) : one), STR_ARG(many), STR_ARG(one),
                   STR_ARG(singular_of(checker->arena, target->text)));
    else
        check_hint(checker, d, "in every row: for %.*s in %.*s: %.*s[\"%.*s\"] = …", STR_ARG(one), STR_ARG(many),
                   STR_ARG(one), STR_ARG(target->text));
}

static void set_field(Checker *checker, Node *target, const Type *object, const Type *type)
{
    Shape *shape = shape_of(object);
    if (!may_have_fields(checker, target, object))
        return;
    if (!shape || object->kind == TYPE_LIST) {
        check_release(checker, type);
        return;
    }
    if (object->kind == TYPE_TABLE && !may_be_column(type)) {
        refuse_column(checker, target, type);
        return;
    }
    if (object->kind == TYPE_TABLE)
        type = check_item_type(type);
    shape_set(checker, shape, target->text, type, false);
    check_note_use(checker, shape, target->text, target);
}

static void set_item(Checker *checker, const Type *object, const Type *type)
{
    Shape *shape = shape_of(object);
    if (!shape)
        check_release(checker, type);
    else if (object->kind == TYPE_LIST)
        shape_add_item(checker, shape, type);
    else
        shape_set_others(checker, shape, object->kind == TYPE_TABLE ? check_item_type(type) : type);
}

void check_set_part(Checker *checker, Node *target, const Type *type)
{
    const Type *object = without_optional(check_expression(checker, target->kids[0]));
    if (target->kind == NODE_FIELD) {
        set_field(checker, target, object, type);
        return;
    }
    (void)check_expression(checker, target->kids[1]);
    set_item(checker, object, type);
}

/* ---- names that one sentence alone uses ---- */

static bool has_digit(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= '0' && text.data[i] <= '9')
            return true;
    }
    return false;
}

/* One letter left out, put in, or another, or two neighbours swapped. */
static bool one_slip_apart(Str a, Str b)
{
    if (a.len > b.len)
        return one_slip_apart(b, a);
    size_t front = 0, back = 0;
    while (front < a.len && a.data[front] == b.data[front])
        front++;
    while (back < a.len - front && a.data[a.len - 1 - back] == b.data[b.len - 1 - back])
        back++;
    size_t differ = a.len - front - back;
    if (b.len == a.len + 1)
        return differ == 0;
    return b.len == a.len &&
           (differ == 1 || (differ == 2 && a.data[front] == b.data[front + 1] && a.data[front + 1] == b.data[front]));
}

/* Names that differ by one letter on purpose: in a figure, one and many; both written into one record. */
static bool may_be_slip(Checker *checker, const ShapeField *lone, const ShapeField *other)
{
    Str a = name_normalise(checker->arena, lone->name), b = name_normalise(checker->arena, other->name);
    return a.len >= LONE_LENGTH_MIN && !(lone->literal && other->literal) && one_slip_apart(a, b) && !has_digit(a) &&
           !has_digit(b) && !str_eq(singular_of(checker->arena, a), singular_of(checker->arena, b));
}

/* Of two names that are used once, the later one is taken for the slip. */
static bool is_better_known(const Checker *checker, const ShapeField *lone, const ShapeField *other)
{
    if (other->told || other->uses == 0 || other == lone)
        return false;
    return other->uses > 1 || check_span(checker, other->use).start < check_span(checker, lone->use).start;
}

static void check_lone_field(Checker *checker, Shape *shape, const ShapeField *lone)
{
    const ShapeField *best = NULL;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        const ShapeField *other = &shape->fields[i];
        if (is_better_known(checker, lone, other) && (!best || other->uses > best->uses) &&
            may_be_slip(checker, lone, other))
            best = other;
    }
    if (!best)
        return;
    Diagnostic *d =
        check_warning(checker, "lone-field", lone->use, "only this sentence says “%.*s”; elsewhere it is “%.*s”",
                      STR_ARG(lone->name), STR_ARG(best->name));
    Str sentence = sentence_with_name(checker, lone->sentence, lone->use, best->name);
    check_hint(checker, d, "if they are one and the same, write: %.*s", STR_ARG(sentence));
}

void check_lone_fields(Checker *checker)
{
    for (uint32_t id = 0; id <= checker->n_nodes; id++) {
        Shape *shape = checker->shapes[id] ? shape_of(&checker->shapes[id]->record) : NULL;
        if (!shape || shape->checked)
            continue;
        shape->checked = true;
        for (uint32_t i = 0; i < shape->n_fields; i++) {
            if (shape->fields[i].uses == 1 && !shape->fields[i].told)
                check_lone_field(checker, shape, &shape->fields[i]);
        }
    }
}
