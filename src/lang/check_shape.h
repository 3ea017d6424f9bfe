/* lang/check_shape.h: what records, rows and lists hold. Inside lang only.
 *
 * Every place that makes one (a literal, a book's result, a function's) has a Shape of its own. Values are shared, not
 * copied: where two of them may be one fact, item or field, their shapes become one for good, so that whatever a
 * sentence does under one name is known under every other. This takes time nearly linear in the program, and errs to
 * one side: fields are taken to be there that are not, never the other way round. A value that gets out of sight (among
 * values of other kinds, in a set) gives its shape up: any field may be there.
 *
 * A record is closed when every field that it can have stands in the program, open when others may be there: it comes
 * from a file, an input or a service. */
#ifndef CLERKWORK_LANG_CHECK_SHAPE_H
#define CLERKWORK_LANG_CHECK_SHAPE_H

#include "lang/ast.h"

enum {
    SHAPE_FIELDS_MAX = 256, /* a record with more counts as open */
    SHOWN_FIELDS_MAX = 1000,
    SHOWN_DEPTH_MAX = 4 /* of a type that is given out; what lies deeper is plain */
};

typedef struct ShapeField {
    Str name;             /* as it is spelled first */
    const Type *type;     /* of all its values together; NULL while none is known */
    bool literal;         /* a record is made with it */
    bool sometimes;       /* a record is made without it */
    bool told;            /* nothing sets it, and that was said: it is no field */
    uint32_t uses;        /* sentences that name it, counted when all else is known */
    Node *use, *sentence; /* the last of them: FIELD, text LITERAL or PAIR, and the statement that it stands in */
} ShapeField;

typedef struct Shape Shape;
struct Shape {
    Shape *same;              /* it has become one with that; NULL: it stands for itself */
    Type record, table, list; /* of this shape */
    const Type *item;         /* of a list: of all its items together; NULL while none is known */
    const Type *others;       /* of fields whose names are not known; NULL: there are none, it is closed */
    ShapeField *fields;
    uint32_t n_fields, cap_fields;
    bool checked;         /* its fields were compared with each other */
    Shape *second;        /* of the same place: a list of these records */
    const Type *shown[3]; /* as record, table and list, once given out */
};

typedef struct Checker Checker;

Shape *shape_at(Checker *checker, const Node *node); /* of what this node makes */
Shape *shape_second(Checker *checker, Shape *shape); /* for the place that makes two things */
Shape *shape_of(const Type *type);                   /* NULL where nothing is known */
Shape *shape_of_rows(const Type *type);              /* of a table, or of a list of records; NULL where not known */
ShapeField *shape_find(Shape *shape, Str name);      /* exactly or, failing that, alike; NULL when absent */
/* Notes that the field may have a value of this type; `literal`: from the start. */
void shape_set(Checker *checker, Shape *shape, Str name, const Type *type, bool literal);
void shape_set_others(Checker *checker, Shape *shape, const Type *type); /* under a name that is not known */
/* The field's type, NULL where nothing sets it. Of an open record every field is there. */
const Type *shape_get(Checker *checker, Shape *shape, Str name);
const Type *shape_get_any(Checker *checker, Shape *shape); /* under a name that is not known */
/* Notes that the field was said to be missing; false where it was before. */
bool shape_tell_missing(Checker *checker, Shape *shape, Str name);
void shape_add_item(Checker *checker, Shape *list, const Type *type);
/* `into` has all fields that `from` has now. */
void shape_copy(Checker *checker, Shape *into, Shape *from);
const Type *shape_list_of(Checker *checker, Shape *list, const Type *item); /* adds the item's type, gives the list's */

/* The type of what may be one or the other. */
const Type *check_join(Checker *checker, const Type *a, const Type *b);
/* The value gets out of sight. */
void check_release(Checker *checker, const Type *type);
/* The same as a plain type, for those who ask what a fact or output is. */
const Type *check_settled(Checker *checker, const Type *type);

/* The text of a literal that is a figure, as a field's value: beside a number it counts as its number. */
extern const Type type_figure;
/* Of what no value has been seen for so far: it may be anything, and joined with another type it is that. */
extern const Type type_unknown;

#endif
