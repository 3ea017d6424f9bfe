/* value/type.h: types of inputs, outputs, facts and procedure parameters (the contract's v1ValueType). */
#ifndef CLERKWORK_VALUE_TYPE_H
#define CLERKWORK_VALUE_TYPE_H

#include "base/json.h"
#include "value/locale.h"
#include "value/value.h"

typedef enum TypeKind {
    TYPE_ANY, /* not known, or anything: the checker stays silent */
    TYPE_NULL,
    TYPE_BOOLEAN,
    TYPE_NUMBER,
    TYPE_TEXT,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_DATETIME,
    TYPE_ZONE,
    TYPE_DURATION,
    TYPE_FILE,
    TYPE_LIST,     /* inner */
    TYPE_SET,      /* inner */
    TYPE_RECORD,   /* fields, or none known; inner: of all fields where their names are not known */
    TYPE_TABLE,    /* fields are its columns, or none known */
    TYPE_OPTIONAL, /* inner */
    TYPE_N_KINDS
} TypeKind;

typedef struct Type Type;
typedef struct TypeField {
    Str name;
    const Type *type;
} TypeField;
struct Type {
    TypeKind kind;
    const Type *inner;
    const TypeField *fields;
    uint32_t n_fields;
    bool open; /* RECORD, TABLE: may have more fields than those named */
    struct Shape
        *shape; /* the checker's own note (lang/check_shape.h) while it works; NULL in every type it gives out */
};

extern const Type type_any, type_null, type_boolean, type_number, type_text, type_date, type_time, type_datetime,
    type_zone, type_duration, type_file, type_list, type_set, type_record, type_table; /* without inner and fields */

const Type *type_optional(Arena *arena, const Type *inner);
const Type *type_list_of(Arena *arena, const Type *inner);
/* "number", "text", "yes or no" … as English says it after an article ("a number", "an optional date"); SPy's word for
 * it. */
Str type_english(Arena *arena, const Type *type);
Str type_with_article(Arena *arena, const Type *type); /* "a number", "an optional date", "yes or no" */
Str type_spy(const Type *type);                        /* "number", "text", "boolean", "date", "file", "table", … */
MUST_USE bool type_from_word(Str word,
                             const Type **out); /* both spellings, and Python's str, int, float, bool, list, dict */

void type_to_json(JsonOut *out, const Type *type); /* v1ValueType */
const Type *type_of(Arena *arena, Value value);    /* as exactly as the value shows */
bool type_accepts(const Type *type, Value value);  /* exact kinds; null only where optional or any */
/* Conversions that are always right, for inputs and answers: "1,250.00" to a number, "2026-04-14" to a date, a list of
 * one file to a file, JSON text … INVALID_ARGUMENT says what was found and what would be accepted. */
MUST_USE bool type_convert(Arena *arena, const Type *type, Value value, Reading reading, const char *field, Value *out,
                           Error *err);

#endif
