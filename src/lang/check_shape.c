/* lang/check_shape.c: shapes that become one, and the plain types that are made of them. */
#include "lang/check_internal.h"

const Type type_figure = {.kind = TYPE_TEXT}, type_unknown = {.kind = TYPE_ANY};

/* ---- one shape a place ---- */

static Shape *shape_new(Checker *checker)
{
    Shape *shape = NEW(checker->arena, Shape);
    shape->record = (Type){.kind = TYPE_RECORD, .shape = shape};
    shape->table = (Type){.kind = TYPE_TABLE, .shape = shape};
    shape->list = (Type){.kind = TYPE_LIST, .shape = shape};
    return shape;
}

Shape *shape_at(Checker *checker, const Node *node)
{
    Shape **place = &checker->shapes[node->id];
    if (!*place)
        *place = shape_new(checker);
    return *place;
}

Shape *shape_second(Checker *checker, Shape *shape)
{
    if (!shape->second)
        shape->second = shape_new(checker);
    return shape->second;
}

static Shape *root_of(Shape *shape)
{
    while (shape->same) {
        if (shape->same->same)
            shape->same = shape->same->same;
        shape = shape->same;
    }
    return shape;
}

Shape *shape_of(const Type *type)
{
    return type->shape ? root_of(type->shape) : NULL;
}

Shape *shape_of_rows(const Type *type)
{
    if (type->kind == TYPE_TABLE)
        return shape_of(type);
    const Shape *list = type->kind == TYPE_LIST ? shape_of(type) : NULL;
    return list && list->item && list->item->kind == TYPE_RECORD ? shape_of(list->item) : NULL;
}

/* ---- what follows from a change: done one by one, however deep values are nested ---- */

struct Pending {
    Shape *a, *b; /* become one; b NULL: a is given up */
};

static void push(Checker *checker, Shape *a, Shape *b)
{
    if (checker->n_pending == checker->cap_pending) {
        uint32_t cap = checker->cap_pending ? 2 * checker->cap_pending : 16;
        checker->pending = arena_grow(checker->arena, checker->pending, checker->cap_pending * sizeof(struct Pending),
                                      cap * sizeof(struct Pending), _Alignof(struct Pending));
        checker->cap_pending = cap;
    }
    checker->pending[checker->n_pending++] = (struct Pending){a, b};
}

static void put(Checker *checker, const Type **place, const Type *type)
{
    const Type *joined = *place ? check_join(checker, *place, type) : type;
    checker->changed |= joined != *place;
    *place = joined;
}

/* Of a record whose names are not all known, any name may be any field. */
static void mix_fields(Checker *checker, Shape *shape)
{
    for (uint32_t i = 0; i < shape->n_fields && shape->others; i++) {
        if (shape->fields[i].type)
            put(checker, &shape->others, shape->fields[i].type);
    }
}

static ShapeField *add_field(Checker *checker, Shape *shape, Str name)
{
    if (shape->n_fields == SHAPE_FIELDS_MAX) {
        shape_set_others(checker, shape, &type_any);
        return NULL;
    }
    if (shape->n_fields == shape->cap_fields) {
        uint32_t cap = shape->cap_fields ? 2 * shape->cap_fields : 8;
        shape->fields = arena_grow(checker->arena, shape->fields, shape->cap_fields * sizeof(ShapeField),
                                   cap * sizeof(ShapeField), _Alignof(ShapeField));
        shape->cap_fields = cap;
    }
    ShapeField *field = &shape->fields[shape->n_fields++];
    field->name = name;
    checker->changed = true;
    return field;
}

static void merge_field(Checker *checker, Shape *into, const ShapeField *from)
{
    ShapeField *field = shape_find(into, from->name);
    bool is_new = !field;
    if (is_new && !(field = add_field(checker, into, from->name)))
        return;
    if (from->type)
        put(checker, &field->type, from->type);
    field->literal |= from->literal;
    field->sometimes |= from->sometimes || is_new;
}

static void become_one(Checker *checker, Shape *a, Shape *b)
{
    a = root_of(a), b = root_of(b);
    if (a == b)
        return;
    Shape *into = a->n_fields >= b->n_fields ? a : b, *from = into == a ? b : a;
    from->same = into;
    checker->changed = true;
    for (uint32_t i = 0; i < into->n_fields; i++)
        into->fields[i].sometimes |= !shape_find(from, into->fields[i].name);
    for (uint32_t i = 0; i < from->n_fields; i++)
        merge_field(checker, into, &from->fields[i]);
    if (from->item)
        put(checker, &into->item, from->item);
    if (from->others)
        put(checker, &into->others, from->others);
    mix_fields(checker, into);
}

static void give_up(Checker *checker, Shape *shape)
{
    shape = root_of(shape);
    put(checker, &shape->item, &type_any);
    put(checker, &shape->others, &type_any);
    mix_fields(checker, shape);
}

/* Between these two, what follows from a change waits: fields do not move under who goes through them. */
static void hold(Checker *checker)
{
    checker->held++;
}

static void let_go(Checker *checker)
{
    if (checker->held == 1) {
        while (checker->n_pending > 0) {
            struct Pending next = checker->pending[--checker->n_pending];
            if (next.b)
                become_one(checker, next.a, next.b);
            else
                give_up(checker, next.a);
        }
    }
    checker->held--;
}

/* ---- types that meet ---- */

static void release_parts(Checker *checker, const Type *type)
{
    while (type->kind == TYPE_OPTIONAL)
        type = type->inner;
    Shape *shape = shape_of(type);
    bool is_up =
        shape && shape->item && shape->item->kind == TYPE_ANY && shape->others && shape->others->kind == TYPE_ANY;
    if (shape && !is_up)
        push(checker, shape, NULL);
    for (uint32_t i = 0; i < type->n_fields; i++) {
        Shape *part = shape_of(type->fields[i].type);
        if (part)
            push(checker, part, NULL);
    }
}

void check_release(Checker *checker, const Type *type)
{
    hold(checker);
    release_parts(checker, type);
    let_go(checker);
}

/* A table and a list of its rows are gone through alike: what may be either is a list. */
static const Type *join_rows(Checker *checker, const Type *table, const Type *list)
{
    Shape *items = shape_of(list), *rows = shape_of(table);
    if (!items || !rows) {
        release_parts(checker, table);
        release_parts(checker, list);
        return &type_any;
    }
    put(checker, &items->item, &rows->record);
    return &items->list;
}

/* Of the same kind, both. */
static const Type *join_shapes(Checker *checker, const Type *a, const Type *b)
{
    Shape *of_a = shape_of(a), *of_b = shape_of(b);
    if (of_a && of_b && of_a != of_b)
        push(checker, of_a, of_b);
    else if (of_a != of_b)
        push(checker, of_a ? of_a : of_b, NULL);
    return of_a ? a : b;
}

static const Type *join_optional(Checker *checker, const Type *a, const Type *b)
{
    const Type *of_a = a->kind == TYPE_OPTIONAL ? a->inner : a->kind == TYPE_NULL ? NULL : a;
    const Type *of_b = b->kind == TYPE_OPTIONAL ? b->inner : b->kind == TYPE_NULL ? NULL : b;
    const Type *inner = !of_a ? of_b : !of_b ? of_a : check_join(checker, of_a, of_b);
    if (!inner)
        return a;
    if (a->kind == TYPE_OPTIONAL && a->inner == inner)
        return a;
    return b->kind == TYPE_OPTIONAL && b->inner == inner ? b : type_optional(checker->arena, inner);
}

static const Type *join(Checker *checker, const Type *a, const Type *b)
{
    if (a == b || b == &type_unknown)
        return a;
    if (a == &type_unknown)
        return b;
    if (a->kind == TYPE_ANY || b->kind == TYPE_ANY) {
        release_parts(checker, a);
        release_parts(checker, b);
        return &type_any;
    }
    if (a->kind == TYPE_OPTIONAL || a->kind == TYPE_NULL || b->kind == TYPE_OPTIONAL || b->kind == TYPE_NULL)
        return join_optional(checker, a, b);
    if (a->kind == TYPE_TABLE && b->kind == TYPE_LIST)
        return join_rows(checker, a, b);
    if (a->kind == TYPE_LIST && b->kind == TYPE_TABLE)
        return join_rows(checker, b, a);
    if (a->kind != b->kind) {
        release_parts(checker, a);
        release_parts(checker, b);
        return &type_any;
    }
    if (a->kind == TYPE_LIST || a->kind == TYPE_RECORD || a->kind == TYPE_TABLE)
        return join_shapes(checker, a, b);
    return b == &type_figure ? b : a;
}

const Type *check_join(Checker *checker, const Type *a, const Type *b)
{
    hold(checker);
    const Type *type = join(checker, a, b);
    let_go(checker);
    return type;
}

/* ---- fields and items ---- */

ShapeField *shape_find(Shape *shape, Str name)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        if (str_eq(shape->fields[i].name, name))
            return &shape->fields[i];
    }
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        if (name_alike(shape->fields[i].name, name))
            return &shape->fields[i];
    }
    return NULL;
}

void shape_set(Checker *checker, Shape *shape, Str name, const Type *type, bool literal)
{
    hold(checker);
    shape = root_of(shape);
    ShapeField *field = shape_find(shape, name);
    bool is_new = !field;
    if (is_new)
        field = add_field(checker, shape, name);
    if (field) {
        put(checker, &field->type, type);
        field->literal |= literal;
        field->sometimes |= is_new && !literal;
    }
    if (shape->others)
        put(checker, &shape->others, type);
    let_go(checker);
}

void shape_set_others(Checker *checker, Shape *shape, const Type *type)
{
    hold(checker);
    shape = root_of(shape);
    bool is_new = !shape->others;
    put(checker, &shape->others, type);
    if (is_new)
        mix_fields(checker, shape);
    let_go(checker);
}

const Type *shape_get(Checker *checker, Shape *shape, Str name)
{
    shape = root_of(shape);
    ShapeField *field = shape_find(shape, name);
    if (shape->others) {
        /* That it is read is all that is known of it. */
        if (!field)
            (void)add_field(checker, shape, name);
        return shape->others;
    }
    return field && !field->told ? field->type : NULL;
}

bool shape_tell_missing(Checker *checker, Shape *shape, Str name)
{
    shape = root_of(shape);
    if (shape_find(shape, name))
        return false;
    ShapeField *field = add_field(checker, shape, name);
    if (field)
        field->told = true;
    return field != NULL;
}

const Type *shape_get_any(Checker *checker, Shape *shape)
{
    shape = root_of(shape);
    if (shape->others)
        return shape->others;
    const Type *type = NULL;
    hold(checker);
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        if (shape->fields[i].type)
            type = type ? check_join(checker, type, shape->fields[i].type) : shape->fields[i].type;
    }
    let_go(checker);
    return type ? type : &type_unknown;
}

void shape_add_item(Checker *checker, Shape *list, const Type *type)
{
    hold(checker);
    put(checker, &root_of(list)->item, type);
    let_go(checker);
}

const Type *shape_list_of(Checker *checker, Shape *list, const Type *item)
{
    shape_add_item(checker, list, item);
    return &list->list;
}

void shape_copy(Checker *checker, Shape *into, Shape *from)
{
    hold(checker);
    into = root_of(into), from = root_of(from);
    bool is_first = into->n_fields == 0;
    for (uint32_t i = 0; i < from->n_fields && into != from; i++) {
        const ShapeField *field = &from->fields[i];
        bool is_new = !shape_find(into, field->name);
        if (field->told || !field->type)
            continue;
        shape_set(checker, into, field->name, field->type, true);
        ShapeField *copy = shape_find(into, field->name);
        if (copy)
            copy->sometimes |= field->sometimes || (is_new && !is_first);
    }
    for (uint32_t i = 0; i < into->n_fields && into != from; i++)
        into->fields[i].sometimes |= !shape_find(from, into->fields[i].name);
    if (from->others && into != from)
        shape_set_others(checker, into, from->others);
    let_go(checker);
}

/* ---- plain types ---- */

typedef struct Settling {
    Checker *checker;
    uint32_t fields_left;
} Settling;

static const Type *settled(Settling *settling, const Type *type, unsigned depth);

static const Type *settled_fields(Settling *settling, Shape *shape, TypeKind kind, unsigned depth)
{
    const Type *plain = kind == TYPE_TABLE ? &type_table : &type_record;
    if (depth > SHOWN_DEPTH_MAX || shape->n_fields > settling->fields_left)
        return plain;
    settling->fields_left -= shape->n_fields;
    Arena *arena = settling->checker->arena;
    TypeField *fields = NEW_ARRAY(arena, TypeField, shape->n_fields);
    uint32_t n = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        const ShapeField *field = &shape->fields[i];
        if (field->told)
            continue;
        const Type *inner = shape->others ? shape->others : field->type ? field->type : &type_any;
        inner = settled(settling, inner, depth + 1);
        fields[n++] = (TypeField){field->name, field->sometimes ? type_optional(arena, inner) : inner};
    }
    const Type *others = shape->others ? settled(settling, shape->others, depth + 1) : &type_any;
    if (n == 0 && others->kind == TYPE_ANY)
        return plain;
    Type *type = NEW(arena, Type);
    *type = (Type){.kind = kind, .fields = fields, .n_fields = n, .open = shape->others != NULL};
    if (others->kind != TYPE_ANY)
        type->inner = others;
    return type;
}

static const Type *settled_shape(Settling *settling, Shape *shape, TypeKind kind, unsigned depth)
{
    if (kind != TYPE_LIST)
        return settled_fields(settling, shape, kind, depth);
    if (!shape->item || depth > SHOWN_DEPTH_MAX)
        return &type_list;
    const Type *inner = settled(settling, shape->item, depth);
    return inner->kind == TYPE_ANY ? &type_list : type_list_of(settling->checker->arena, inner);
}

static const Type *settled(Settling *settling, const Type *type, unsigned depth)
{
    if (type == &type_figure || type == &type_unknown)
        return type == &type_figure ? &type_text : &type_any;
    if (type->kind == TYPE_OPTIONAL) {
        const Type *inner = settled(settling, type->inner, depth);
        return inner == type->inner ? type : type_optional(settling->checker->arena, inner);
    }
    Shape *shape = shape_of(type);
    if (!shape)
        return type;
    const Type **shown = &shape->shown[type->kind == TYPE_RECORD ? 0 : type->kind == TYPE_TABLE ? 1 : 2];
    /* A fact's own shape is made out once; inside of another it may be cut short. */
    if (depth == 0 && *shown)
        return *shown;
    type = settled_shape(settling, shape, type->kind, type->kind == TYPE_LIST ? depth + 1 : depth);
    if (depth == 0)
        *shown = type;
    return type;
}

const Type *check_settled(Checker *checker, const Type *type)
{
    Settling settling = {checker, SHOWN_FIELDS_MAX};
    return settled(&settling, type, 0);
}
