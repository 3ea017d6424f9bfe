/* value/field.c: fields by the names that people use: "PO Number" = "po_number" = "po number". */
#include "value/value.h"

#include <utf8proc.h>

#include "base/codec.h"

/* ---- names as a stream of folded letters and digits, with one space for each run of others between them ---- */

enum { FOLDED_MOST = 24 }; /* code points that one unfolds to at most: 18, and room */

typedef struct NameReader {
    Str name;
    size_t at;
    bool begun; /* a letter has been given: a run of others now separates words */
    utf8proc_int32_t folded[FOLDED_MOST];
    int n_folded, next_folded;
} NameReader;

static bool is_word_character(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
    }
}

/* What the next code point folds to, in reader->folded: nothing when it is no part of a word. */
static void fold_next(NameReader *reader)
{
    reader->next_folded = reader->n_folded = 0;
    unsigned char c = (unsigned char)reader->name.data[reader->at];
    if (c < 0x80) {
        reader->at++;
        bool upper = c >= 'A' && c <= 'Z';
        if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            reader->folded[reader->n_folded++] = upper ? c + ('a' - 'A') : c;
        return;
    }
    utf8proc_int32_t wide = (utf8proc_int32_t)utf8_next(reader->name, &reader->at);
    if (!is_word_character(wide))
        return;
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(wide, reader->folded, FOLDED_MOST,
                                                 UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STABLE, &boundary);
    reader->n_folded = n > 0 && n <= FOLDED_MOST ? (int)n : 0;
}

/* The next code point of the normalised name; -1 at its end. */
static int32_t name_next(NameReader *reader)
{
    bool separated = false;
    while (reader->next_folded == reader->n_folded) {
        if (reader->at == reader->name.len)
            return -1;
        fold_next(reader);
        separated |= reader->n_folded == 0;
    }
    if (separated && reader->begun)
        return ' ';
    reader->begun = true;
    return reader->folded[reader->next_folded++];
}

bool name_alike(Str a, Str b)
{
    NameReader reader_a = {.name = a}, reader_b = {.name = b};
    for (;;) {
        int32_t next_a = name_next(&reader_a), next_b = name_next(&reader_b);
        if (next_a != next_b)
            return false;
        if (next_a < 0)
            return true;
    }
}

/* Letters that were taken apart are put together again, so that the name prints as people write it. */
static Str compose(Arena *arena, int32_t *points, size_t n)
{
    utf8proc_ssize_t composed =
        utf8proc_normalize_utf32(points, (utf8proc_ssize_t)n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    assert(composed >= 0);
    Buf out = buf_in(arena);
    for (utf8proc_ssize_t i = 0; i < composed; i++)
        utf8_add(&out, (uint32_t)points[i]);
    return buf_view(&out);
}

Str name_normalise(Arena *arena, Str name)
{
    NameReader reader = {.name = name};
    Buf points = {0};
    for (int32_t c; (c = name_next(&reader)) >= 0;)
        buf_add(&points, &c, sizeof c);
    Str normal = compose(arena, (int32_t *)(void *)points.data, points.len / sizeof(int32_t));
    buf_done(&points);
    return normal;
}

/* ---- fields ---- */

/* The one text key of `n` that is alike; `key_at` gives the i-th. */
typedef Str KeyAt(Value object, uint32_t i);

static Str record_key_at(Value object, uint32_t i)
{
    Value key = object.record->entries[i].key;
    return key.kind == VALUE_TEXT ? value_str(key) : (Str){0};
}

static Str row_key_at(Value object, uint32_t i)
{
    return object.table->columns[i].name;
}

static FieldResult find_alike(Value object, Str name, KeyAt *key_at, uint32_t n, uint32_t *out)
{
    FieldResult result = FIELD_MISSING;
    for (uint32_t i = 0; i < n; i++) {
        Str key = key_at(object, i);
        if (!key.data || !name_alike(key, name))
            continue;
        if (result == FIELD_FOUND)
            return FIELD_AMBIGUOUS;
        result = FIELD_FOUND;
        *out = i;
    }
    return result;
}

/* Where the field's value stands, by the exact key or else the one alike. */
static FieldResult find_field(Value object, Str name, Value **out)
{
    uint32_t at = 0;
    FieldResult result = FIELD_NOT_A_RECORD;
    if (object.kind == VALUE_RECORD) {
        *out = record_find(object.record, value_text(name));
        if (*out)
            return FIELD_FOUND;
        result = find_alike(object, name, record_key_at, object.record->count, &at);
        if (result == FIELD_FOUND)
            *out = &object.record->entries[at].value;
    } else if (object.kind == VALUE_ROW) {
        const Column *column = table_column(object.table, name);
        result = column ? FIELD_FOUND : find_alike(object, name, row_key_at, object.table->n_columns, &at);
        if (result == FIELD_FOUND)
            *out = &(column ? column : &object.table->columns[at])->cells[object.high];
    }
    return result;
}

FieldResult value_field_get(Value object, Str name, Value *out)
{
    Value *value = NULL;
    FieldResult result = find_field(object, name, &value);
    if (result == FIELD_FOUND)
        *out = *value;
    return result;
}

FieldResult value_field_set(Arena *arena, Value object, Str name, Value value)
{
    Value *place = NULL;
    FieldResult result = find_field(object, name, &place);
    if (result == FIELD_FOUND)
        *place = value;
    if (result != FIELD_MISSING)
        return result;
    Str key = str_copy(arena, name);
    if (object.kind == VALUE_RECORD)
        record_set(arena, object.record, value_text(key), value);
    else
        table_add_column(arena, object.table, key)->cells[object.high] = value;
    return FIELD_FOUND;
}
