/* lang/question.c: why a run cannot go on, in the reader's words.
 *
 * Rows are counted from 1 and without the heading: row 17 is the seventeenth row of data. Where a value came from is
 * not carried along while the run goes well; it is worked out here, from the program's text and the loops that are
 * under way. */
#include <stdio.h>
#include <string.h>

#include "lang/english.h"
#include "lang/question_internal.h"

static const char missing_values[] = "missing_values", user_system_error[] = "user_system_error";

/* ---- problems ---- */

void problem_note(Evaluation *evaluation, const char *kind, int hole, const Type *expected, Value found,
                  const char *format, ...)
{
    Problem *problem = &evaluation->problem;
    *problem = (Problem){.kind = kind, .group = user_system_error, .hole = hole, .expected = expected, .found = found};
    va_list args;
    va_start(args, format);
    vsnprintf(problem->text, sizeof problem->text, format, args);
    va_end(args);
}

void problem_note_missing(Evaluation *evaluation, int hole, const Type *expected, Value found)
{
    problem_note(evaluation, "missing-value", hole, expected, found, "Nothing stands here, but a value is needed");
    evaluation->problem.group = missing_values;
}

void problem_note_fact(Evaluation *evaluation, Str name)
{
    problem_note(evaluation, "missing-fact", HOLE_RESULT, &type_any, (Value){0}, "\"%.*s\" has no value",
                 STR_ARG(name));
    evaluation->problem.group = missing_values;
    evaluation->problem.missing = name;
}

void problem_note_error(Evaluation *evaluation, int hole, const Error *err)
{
    const char *kind = err->code == OUT_OF_RANGE ? "too-large" : "bad-arithmetic";
    problem_note(evaluation, kind, hole, &type_number, (Value){0}, "%s", err->message);
}

/* ---- where values come from ---- */

const Node *operand_node(const Evaluation *evaluation, int hole)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    const Node *node = frame->code->nodes[frame->pc];
    if (!node || hole < 0)
        return node;
    uint32_t i = (uint32_t)hole;
    switch (in->op) {
    case OP_CODE_COMPARE:
    case OP_CODE_COMPARE_CHAIN: return node_kid(node, in->b + i);
    case OP_CODE_ITERATE: return in->a == 0 ? node : node_kid(node, i);
    case OP_CODE_NEED_KEY:
    case OP_CODE_NEED_NUMBER:
    case OP_CODE_NEED_VALUE: return node;
    case OP_CODE_SET_FIELD: return i == 1 ? node_kid(node, 0) : NULL;
    case OP_CODE_SET_INDEX: return i >= 1 ? node_kid(node, i - 1) : NULL;
    case OP_CODE_UNPACK:
    case OP_CODE_COLLECT: return NULL;
    default: return node_kid(node, i);
    }
}

static bool loop_is_on(const Loop *loop, uint32_t pc)
{
    return loop->start <= pc && pc < loop->end;
}

static Value slot_in(const Evaluation *evaluation, const Frame *frame, uint32_t slot)
{
    Value value = frame->base + slot < evaluation->top ? evaluation->stack[frame->base + slot] : (Value){0};
    return value.kind < VALUE_N_KINDS ? value : (Value){0};
}

const Loop *loop_over(const Frame *frame, Str name)
{
    for (uint32_t i = frame->code->n_loops; i-- > 0;) {
        const Loop *loop = &frame->code->loops[i];
        if (!loop->has_iterator || !loop_is_on(loop, frame->pc) || loop->target_slot == NO_INDEX)
            continue;
        const Node *target = loop->node->kind == NODE_COLLECT ? loop->node->kids[1] : loop->node->kids[0];
        if (target->kind == NODE_NAME && str_eq(target->name, name))
            return loop;
    }
    return NULL;
}

static Value fact_value(const Evaluation *evaluation, const Frame *frame, Str name)
{
    const Loop *loop = loop_over(frame, name);
    if (loop)
        return slot_in(evaluation, frame, loop->target_slot);
    const Routine *routine = &frame->code->routines[frame->routine], *main = &evaluation->code->routines[0];
    for (uint32_t i = 0; i < routine->n_slots; i++)
        if (str_eq(routine->slot_names[i], name))
            return slot_in(evaluation, frame, i);
    for (uint32_t i = 0; i < main->n_slots; i++)
        if (str_eq(main->slot_names[i], name))
            return slot_in(evaluation, &evaluation->frames[0], i);
    return (Value){0};
}

static Value item_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth)
{
    Value object = node_value(evaluation, frame, node->kids[0], depth + 1), field;
    Value index = node_value(evaluation, frame, node->kids[1], depth + 1);
    int64_t at;
    if (index.kind == VALUE_TEXT && value_field_get(object, value_str(index), &field) == FIELD_FOUND)
        return field;
    if ((object.kind != VALUE_LIST && object.kind != VALUE_TABLE) || !value_to_int(index, &at))
        return (Value){0};
    uint32_t count = object.kind == VALUE_LIST ? object.list->count : object.table->n_rows;
    at = at < 0 ? at + count : at;
    if (at < 0 || at >= count)
        return (Value){0};
    return object.kind == VALUE_LIST ? object.list->items[at] : value_row(object.table, (uint32_t)at);
}

Value node_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth)
{
    if (node->kind == NODE_NAME)
        return fact_value(evaluation, frame, node->name);
    Value object, field;
    Str key = node->text;
    AUTO(arena_done)
    Arena scratch = {0};
    if (node->kind == NODE_LITERAL)
        return node->value;
    if (node->kind == NODE_INDEX && depth <= 8)
        return item_value(evaluation, frame, node, depth);
    if (node->kind != NODE_FIELD || depth > 8)
        return (Value){0};
    object = node_value(evaluation, frame, node->kids[0], depth + 1);
    if (object.kind == VALUE_UNSET || field_read(&scratch, object, &key, &field) != FIELD_FOUND)
        return (Value){0};
    return field;
}

/* The fact that a table is known by. */
static Str table_fact(const Evaluation *evaluation, const Frame *frame, const Table *table)
{
    for (int pass = 0; pass < 2; pass++) {
        const Frame *where = pass == 0 ? frame : &evaluation->frames[0];
        const Routine *routine = &where->code->routines[where->routine];
        for (uint32_t i = 0; i < routine->n_slots; i++) {
            Value value = slot_in(evaluation, where, i);
            if (value.kind == VALUE_TABLE && value.table == table && routine->slot_names[i].len > 0)
                return routine->slot_names[i];
        }
    }
    return S("");
}

static Str capitalised(Arena *arena, Str text)
{
    char first = text.len > 0 ? text.data[0] : ' ';
    if (first < 'a' || first > 'z')
        return text;
    return str_printf(arena, "%c%.*s", first - 'a' + 'A', STR_ARG(str_skip(text, 1)));
}

static Str words_of(Arena *arena, Str name)
{
    return name_to_words(arena, name);
}

static Str list_words(Arena *arena, const Node *list)
{
    return list->kind == NODE_NAME ? words_of(arena, list->name) : list->kind == NODE_FIELD ? list->text : S("");
}

static Str iterable_words(Arena *arena, const Loop *loop)
{
    return list_words(arena, loop->node->kids[loop->node->kind == NODE_COLLECT ? 2 : 1]);
}

/* The entry at 0 of the rows: item 1 of the rows. */
static void subject_of_item(Evaluation *evaluation, const Node *node, Subject *out)
{
    const Frame *frame = frame_top(evaluation);
    Value container = node_value(evaluation, frame, node->kids[0], 0);
    Value index = node_value(evaluation, frame, node->kids[1], 0);
    int64_t at;
    if (container.kind == VALUE_LIST && value_to_int(index, &at))
        out->row = (uint32_t)(at < 0 ? at + container.list->count : at) + 1;
    if (node->kids[0]->kind == NODE_NAME)
        out->table = words_of(&evaluation->question_arena, node->kids[0]->name);
    else if (node->kids[0]->kind == NODE_FIELD)
        out->table = node->kids[0]->text;
    if (out->row == 0 && index.kind == VALUE_TEXT)
        out->text = str_printf(&evaluation->question_arena, "The %.*s", STR_ARG(value_str(index)));
}

/* The row that a child works on is the only one of its table there. */
static bool is_childs_row(const Evaluation *evaluation, Value row)
{
    if (!child_loop(evaluation))
        return false;
    Value item = child_argument(evaluation).value;
    return item.kind == VALUE_ROW && item.table == row.table;
}

static Str numbered(Arena *arena, const Subject *subject, Value item)
{
    const char *what = item.kind == VALUE_RECORD || item.kind == VALUE_ROW ? "Row" : "Item";
    if (subject->table.len == 0)
        return str_printf(arena, "%s %u", what, subject->row);
    return str_printf(arena, "%s %u of the %.*s", what, subject->row, STR_ARG(subject->table));
}

Subject subject_of_number(Evaluation *evaluation, const Node *list, Value item, uint32_t number)
{
    Arena *arena = &evaluation->question_arena;
    Str fact = item.kind == VALUE_ROW ? table_fact(evaluation, frame_top(evaluation), item.table) : S("");
    Subject subject = {.row = number, .table = fact.len > 0 ? words_of(arena, fact) : list_words(arena, list)};
    subject.text = numbered(arena, &subject, item);
    return subject;
}

static Subject subject_of(Evaluation *evaluation, const Node *node)
{
    Arena *arena = &evaluation->question_arena;
    const Frame *frame = frame_top(evaluation);
    Subject subject = {0};
    if (!node || (node->kind != NODE_NAME && node->kind != NODE_FIELD && node->kind != NODE_INDEX))
        return subject;
    Value value = node_value(evaluation, frame, node, 0);
    const Loop *loop = node->kind == NODE_NAME ? loop_over(frame, node->name) : NULL;
    if (value.kind == VALUE_ROW && is_childs_row(evaluation, value)) {
        subject.row = evaluation_child_item(evaluation);
        subject.table = iterable_words(arena, child_loop(evaluation));
    } else if (value.kind == VALUE_ROW) {
        subject.row = value.high + 1;
        Str fact = table_fact(evaluation, frame, value.table);
        subject.table = fact.len > 0 ? words_of(arena, fact) : loop ? iterable_words(arena, loop) : S("");
    } else if (loop) {
        const Value *iterator = &evaluation->stack[frame->operands + loop->height];
        bool is_list = iterator[0].kind == VALUE_LIST;
        subject.row = is_list ? (uint32_t)iterator[1].low : 0;
        subject.table = iterable_words(arena, loop);
    } else if (node->kind == NODE_INDEX) {
        subject_of_item(evaluation, node, &subject);
    }
    if (subject.row > 0)
        subject.text = numbered(arena, &subject, value);
    else if (node->kind == NODE_NAME)
        subject.text = str_printf(arena, "The %.*s", STR_ARG(words_of(arena, node->name)));
    else if (node->kind == NODE_FIELD)
        subject.text = str_printf(arena, "The %.*s", STR_ARG(node->text));
    return subject;
}

/* ---- wording ---- */

static void add_extra(Question *question, const char *name, Str text)
{
    if (text.len > 0 && question->n_extra < COUNT_OF(question->extra))
        question->extra[question->n_extra++] = (Argument){str_from_c(name), value_text(text)};
}

static void add_subject(Evaluation *evaluation, const Subject *subject, Str column)
{
    Question *question = &evaluation->question;
    if (subject->row > 0)
        add_extra(question, "row", str_printf(&evaluation->question_arena, "%u", subject->row));
    add_extra(question, "column", column);
    add_extra(question, "table", subject->table);
}

static void add_suggestion(Question *question, Str text)
{
    if (text.len > 0 && question->n_suggestions < COUNT_OF(question->suggestions))
        question->suggestions[question->n_suggestions++] = text;
}

Str value_shown(Arena *arena, Value value)
{
    Buf text = buf_in(arena);
    if (value.kind == VALUE_UNSET || value.kind >= VALUE_N_KINDS)
        return S("");
    if (value.kind == VALUE_TABLE)
        buf_printf(&text, "a table of %u row%s", value.table->n_rows, value.table->n_rows == 1 ? "" : "s");
    else if (value.kind == VALUE_LIST && value.list->count == 0)
        buf_str(&text, S("an empty list"));
    else if (value.kind == VALUE_TEXT)
        buf_printf(&text, "\"%.*s\"", STR_ARG(value_str(value)));
    else
        value_print(&text, value);
    if (text.len <= 80)
        return buf_view(&text);
    size_t end = 77;
    while (end > 0 && ((unsigned char)text.data[end] & 0xc0) == 0x80)
        end--;
    return str_printf(arena, "%.*s…", (int)end, text.data);
}

Str sentence_text(const Evaluation *evaluation)
{
    const Frame *frame = asking_frame(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    const Program *program = evaluation->program;
    const Node *node = sentence ? sentence->node : frame->code->nodes[frame->pc]; /* a loop's own part has none */
    if (!node)
        return S("");
    Str text = str_slice(program->english, node->english.start, node->english.end);
    if (text.len == 0)
        text = str_slice(program->spy, node->spy.start, node->spy.end);
    Str first = str_cut(&text, '\n');
    return str_trim(first);
}

static void describe(Evaluation *evaluation, const char *format, ...) PRINTF_LIKE(2, 3);
static void describe(Evaluation *evaluation, const char *format, ...)
{
    Buf text = buf_in(&evaluation->question_arena);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    evaluation->question.description = buf_view(&text);
}

static bool is_plural(Arena *arena, Str words)
{
    return !str_eq(singular_of(arena, words), words);
}

static const char *is_or_are(Arena *arena, Str words)
{
    return is_plural(arena, words) ? "are" : "is";
}

typedef struct Origin { /* of a fact: */
    Subject subject;    /* no text where it is not certain */
    Str column;         /* "" where the fact is the loop's item itself */
} Origin;

static Origin origin_of(Evaluation *evaluation, const Node *fact, Value found)
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
static Str origin_told(Arena *arena, const Node *fact, const Origin *origin)
{
    Str place = str_lower(arena, origin->subject.text);
    if (place.len == 0 || origin->column.len == 0)
        return place;
    if (name_alike(origin->column, fact->name))
        return str_printf(arena, "from %.*s", STR_ARG(place));
    return str_printf(arena, "the %.*s of %.*s", STR_ARG(origin->column), STR_ARG(place));
}

static Str in_parentheses(Arena *arena, Str text)
{
    return text.len > 0 ? str_printf(arena, " (%.*s)", STR_ARG(text)) : S("");
}

/* "Did you mean": the one field whose spelling is nearest. */
static void suggest_field(Evaluation *evaluation, Value object, Str key)
{
    Arena *arena = &evaluation->question_arena;
    uint32_t n = object.kind == VALUE_ROW      ? object.table->n_columns
                 : object.kind == VALUE_RECORD ? object.record->count
                                               : 0;
    Str *names = NEW_ARRAY(arena, Str, n);
    for (uint32_t i = 0; i < n; i++) {
        Value name =
            object.kind == VALUE_ROW ? value_text(object.table->columns[i].name) : object.record->entries[i].key;
        names[i] = name.kind == VALUE_TEXT ? value_str(name) : S("");
    }
    Str nearest = n > 0 && n < 1000 ? nearest_spelling(key, names, n) : S("");
    Value field;
    if (nearest.len > 0 && value_field_get(object, nearest, &field) == FIELD_FOUND && field.kind == VALUE_TEXT &&
        field.high < 200)
        add_suggestion(&evaluation->question, str_printf(arena, "use \"%.*s\"", STR_ARG(value_str(field))));
    if (nearest.len > 0)
        add_extra(&evaluation->question, "nearest", nearest);
}

enum { COLUMNS_SHOWN = 12 };

/* number, total and vendor */
static Str column_names(Arena *arena, const Table *table)
{
    Buf names = buf_in(arena);
    uint32_t n = MIN_OF(table->n_columns, (uint32_t)COLUMNS_SHOWN);
    for (uint32_t i = 0; i < n; i++) {
        bool last = i + 1 == table->n_columns;
        buf_str(&names, i == 0 ? S("") : last ? S(" and ") : S(", "));
        buf_str(&names, str_slice(table->columns[i].name, 0, 60));
    }
    if (n < table->n_columns)
        buf_printf(&names, " and %u more", table->n_columns - n);
    return buf_view(&names);
}

bool question_missing_column(const Evaluation *evaluation, Value *out_row, Str *out_key)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    Value field;
    if (!node || node->kind != NODE_FIELD)
        return false;
    *out_row = node_value(evaluation, frame, node->kids[0], 0);
    *out_key = node->text;
    if (out_row->kind == VALUE_ROW && is_childs_row(evaluation, *out_row))
        return false; /* each item speaks for itself */
    AUTO(arena_done)
    Arena scratch = {0};
    Str key = node->text;
    return out_row->kind == VALUE_ROW && field_read(&scratch, *out_row, &key, &field) == FIELD_MISSING;
}

/* Whether the file gave this heading to several columns: "total 1", "total 2". */
static bool has_numbered(Arena *arena, const Table *table, Str key)
{
    uint32_t found = 0;
    for (uint32_t number = 1; number <= 2; number++) {
        Str name = str_printf(arena, "%.*s %u", STR_ARG(key), number);
        for (uint32_t i = 0; i < table->n_columns; i++)
            found += name_alike(table->columns[i].name, name);
    }
    return found >= 2;
}

/* One question for the whole column, which no row has, rather than one for every row. */
static bool word_missing_column(Evaluation *evaluation)
{
    Arena *arena = &evaluation->question_arena;
    Value row;
    Str key;
    if (!question_missing_column(evaluation, &row, &key))
        return false;
    Str fact = table_fact(evaluation, frame_top(evaluation), row.table);
    Str words = fact.len > 0 ? words_of(arena, fact) : S("table"), names = column_names(arena, row.table);
    add_extra(&evaluation->question, "columns", names);
    if (has_numbered(arena, row.table, key)) {
        describe(
            evaluation,
            "The heading \"%.*s\" stands more than once in the %.*s, so its columns have numbers: %.*s. What should "
            "stand in \"%.*s\", in every row?",
            STR_ARG(key), STR_ARG(words), STR_ARG(names), STR_ARG(key));
        return true;
    }
    describe(evaluation, "There is no column \"%.*s\" in the %.*s, only %.*s. What should stand there, in every row?",
             STR_ARG(key), STR_ARG(words), STR_ARG(names));
    return true;
}

/* ", but a price": the field that was probably meant; "" where none is near. */
static Str nearest_note(Evaluation *evaluation, const Node *object, Str key)
{
    Arena *arena = &evaluation->question_arena;
    Value value = object ? node_value(evaluation, frame_top(evaluation), object, 0) : (Value){0};
    if (value.kind != VALUE_RECORD || value.record->count == 0 || value.record->count >= 1000)
        return S("");
    Str *names = NEW_ARRAY(arena, Str, value.record->count);
    for (uint32_t i = 0; i < value.record->count; i++)
        names[i] = value.record->entries[i].key.kind == VALUE_TEXT ? value_str(value.record->entries[i].key) : S("");
    Str nearest = nearest_spelling(key, names, value.record->count);
    Value field;
    bool is_other = nearest.len > 0 && value_field_get(value, key, &field) == FIELD_MISSING;
    return is_other ? str_printf(arena, ", but there is the field \"%.*s\"", STR_ARG(nearest)) : S("");
}

static void word_missing_field(Evaluation *evaluation, const Node *object, Str key)
{
    Question *question = &evaluation->question;
    Subject subject = subject_of(evaluation, object);
    Value whole = object ? node_value(evaluation, frame_top(evaluation), object, 0) : (Value){0}, ignored;
    (void)field_read(&evaluation->question_arena, whole, &key, &ignored); /* the name that an empty field has */
    question->kind = "missing-field";
    question->missing = key;
    add_subject(evaluation, &subject, key);
    if (word_missing_column(evaluation))
        ;
    else if (subject.text.len > 0)
        describe(evaluation, "%.*s %s no %.*s%.*s. What is it?", STR_ARG(subject.text),
                 subject.row == 0 && is_plural(&evaluation->question_arena, subject.text) ? "have" : "has",
                 STR_ARG(key), STR_ARG(nearest_note(evaluation, object, key)));
    else
        describe(evaluation, "There is no %.*s. What is it?", STR_ARG(key));
    question->message = str_printf(&evaluation->question_arena, "missing field \"%.*s\"", STR_ARG(key));
    if (object)
        suggest_field(evaluation, node_value(evaluation, frame_top(evaluation), object, 0), key);
}

static void word_missing_fact(Evaluation *evaluation, Str name)
{
    Arena *arena = &evaluation->question_arena;
    Str words = words_of(arena, name);
    evaluation->question.missing = words;
    add_extra(&evaluation->question, "fact", words);
    describe(evaluation, "The %.*s is not known. What is it?", STR_ARG(words));
    evaluation->question.message = str_printf(arena, "fact \"%.*s\" has no value", STR_ARG(name));
}

static void word_missing_value(Evaluation *evaluation)
{
    const Node *node = operand_node(evaluation, evaluation->problem.hole);
    if (node && node->kind == NODE_FIELD) {
        word_missing_field(evaluation, node->kids[0], node->text);
        return;
    }
    if (node && node->kind == NODE_NAME) {
        word_missing_fact(evaluation, node->name);
        evaluation->question.kind = "missing-value";
        Origin origin = origin_of(evaluation, node, evaluation->problem.found);
        add_subject(evaluation, &origin.subject, origin.column);
        if (origin.subject.text.len > 0 && origin.column.len > 0)
            describe(evaluation, "The %.*s is not known: %.*s has no %.*s. What is it?",
                     STR_ARG(evaluation->question.missing),
                     STR_ARG(str_lower(&evaluation->question_arena, origin.subject.text)), STR_ARG(origin.column));
        return;
    }
    describe(evaluation, "In \"%.*s\" nothing stands where a value is needed. What is it?",
             STR_ARG(sentence_text(evaluation)));
}

/* A value that does not fit: what it is, where it stands, what would fit. */
static void word_misfit(Evaluation *evaluation)
{
    const Problem *problem = &evaluation->problem;
    Arena *arena = &evaluation->question_arena;
    const Node *node = problem->hole >= 0 ? operand_node(evaluation, problem->hole) : NULL;
    Str value = value_shown(arena, problem->found);
    add_extra(&evaluation->question, "value", value);
    if (node && node->kind == NODE_FIELD) {
        Subject subject = subject_of(evaluation, node->kids[0]);
        add_subject(evaluation, &subject, node->text);
        evaluation->question.missing = node->text;
        if (subject.text.len > 0) {
            describe(evaluation, "%.*s has the %.*s %.*s. %s. What is it?", STR_ARG(subject.text), STR_ARG(node->text),
                     STR_ARG(value), problem->text);
            return;
        }
    }
    if (node && node->kind == NODE_NAME) {
        Str words = words_of(arena, node->name);
        evaluation->question.missing = words;
        add_extra(&evaluation->question, "fact", words);
        Origin origin = origin_of(evaluation, node, problem->found);
        add_subject(evaluation, &origin.subject, origin.column);
        describe(evaluation, "The %.*s %s %.*s%.*s. %s. What is it?", STR_ARG(words), is_or_are(arena, words),
                 STR_ARG(value), STR_ARG(in_parentheses(arena, origin_told(arena, node, &origin))), problem->text);
        return;
    }
    Str plain = str_trim(value), text = str_from_c(problem->text);
    if (plain.len > 1 && plain.data[0] == '"')
        plain = str_slice(plain, 1, plain.len - 1);
    bool says = plain.len > 0 && str_find(text, plain) >= 0;
    describe(evaluation, "In \"%.*s\": %s%s%.*s. What should %s be?", STR_ARG(sentence_text(evaluation)), problem->text,
             value.len > 0 && !says ? "; found is " : "", STR_ARG(says ? S("") : value),
             problem->hole == HOLE_RESULT ? "the result" : "it");
}

/* A divisor of 0 that has a name: it is what a person must look at. */
static bool word_division(Evaluation *evaluation)
{
    const Node *node = frame_top(evaluation)->code->nodes[frame_top(evaluation)->pc];
    bool divides = node && node->kind == NODE_ARITHMETIC &&
                   (node->op == OP_DIVIDE || node->op == OP_FLOOR_DIVIDE || node->op == OP_MODULO);
    const Node *divisor = divides ? node->kids[1] : NULL;
    if (!divisor || strcmp(evaluation->problem.kind, "bad-arithmetic") != 0)
        return false;
    if (divisor->kind == NODE_FIELD) {
        Subject subject = subject_of(evaluation, divisor->kids[0]);
        add_subject(evaluation, &subject, divisor->text);
        if (subject.text.len > 0)
            describe(evaluation, "%.*s has the %.*s 0, and nothing can be divided by 0. What should the result be?",
                     STR_ARG(subject.text), STR_ARG(divisor->text));
        return subject.text.len > 0;
    }
    if (divisor->kind != NODE_NAME)
        return false;
    Arena *arena = &evaluation->question_arena;
    Origin origin = origin_of(evaluation, divisor, node_value(evaluation, frame_top(evaluation), divisor, 0));
    add_subject(evaluation, &origin.subject, origin.column);
    Str words = words_of(arena, divisor->name);
    describe(evaluation, "The %.*s %s 0%.*s, and nothing can be divided by 0. What should the result be?",
             STR_ARG(words), is_or_are(arena, words),
             STR_ARG(in_parentheses(arena, origin_told(arena, divisor, &origin))));
    return true;
}

static void word_result(Evaluation *evaluation)
{
    if (word_division(evaluation))
        return;
    Str value = value_shown(&evaluation->question_arena, evaluation->problem.found);
    if (strcmp(evaluation->problem.kind, "no-match") == 0 && value.len > 0) {
        describe(evaluation, "In \"%.*s\": %s: %.*s. What should the result be?", STR_ARG(sentence_text(evaluation)),
                 evaluation->problem.text, STR_ARG(value));
        return;
    }
    describe(evaluation, "In \"%.*s\": %s. What should the result be?", STR_ARG(sentence_text(evaluation)),
             evaluation->problem.text);
}

/* ---- no match ---- */

/* What `first` searches: one list, or several within each other. */
static const Node *comprehension_of(const Node *call)
{
    bool has = call && call->n_kids > 0 && call->kids[0]->kind == NODE_COLLECT;
    return has ? call->kids[0] : NULL;
}

typedef struct Search { /* item's field = outside, for the items of one `for` */
    const Node *collect, *each;
    Str field;
    const Node *outside;
    bool gives_item; /* what is looked for is the item itself */
    bool has_more;   /* the condition says more than that */
} Search;

static bool is_named(const Node *node, Str name)
{
    return node->kind == NODE_NAME && str_eq(node->name, name);
}

/* Whether a value is that of something outside of the comprehension. */
static bool is_outside(const Node *collect, const Node *value)
{
    while (value->kind == NODE_FIELD)
        value = value->kids[0];
    const Node *each = collect;
    for (bool more = true; more; each = each->kids[0]) {
        if (value->kind == NODE_NAME && is_named(each->kids[1], value->name))
            return false;
        more = node_goes_on(each);
    }
    return true;
}

/* The comparison that the last condition begins with, if it looks for the items of `each`. */
static bool search_among(const Node *collect, const Node *each, Search *out)
{
    const Node *last = node_last_for(collect), *whole = node_kid(last, 3), *condition = whole;
    while (condition && condition->kind == NODE_AND)
        condition = condition->kids[0];
    if (!condition || condition->kind != NODE_COMPARE || condition->n_kids != 2 || condition->ops[0] != CMP_EQUAL ||
        each->kids[1]->kind != NODE_NAME)
        return false;
    Str item = each->kids[1]->name;
    for (uint32_t i = 0; i < 2; i++) {
        const Node *side = condition->kids[i], *other = condition->kids[1 - i];
        if (side->kind != NODE_FIELD || !is_named(side->kids[0], item) || !is_outside(collect, other))
            continue;
        *out = (Search){collect, each, side->text, other, is_named(last->kids[0], item), condition != whole};
        return true;
    }
    return false;
}

static bool search_of(const Node *collect, Search *out)
{
    const Node *each = collect;
    for (bool more = true; more; each = each->kids[0]) {
        if (search_among(collect, each, out))
            return true;
        more = node_goes_on(each);
    }
    return false;
}

/* The items of `each`, whatever the last condition says of them. */
static Node *all_items(Arena *arena, const Node *collect, const Node *each) // NOLINT(misc-no-recursion): for by for
{
    Node *all = node_new(arena, NODE_COLLECT);
    all->op = collect->op == COLLECT_MORE ? COLLECT_MORE : COLLECT_LIST;
    node_add(arena, all, collect == each ? each->kids[1] : all_items(arena, collect->kids[0], each));
    node_add(arena, all, collect->kids[1]);
    node_add(arena, all, collect->kids[2]);
    if (node_goes_on(collect) && collect->n_kids > 3)
        node_add(arena, all, collect->kids[3]);
    return all;
}

/* A list or a table; UNSET where it is not known. */
static Value searched(Evaluation *evaluation, const Search *search)
{
    bool is_first = search->collect == search->each;
    const Node *list = search->collect->kids[2];
    Value items = is_first ? node_value(evaluation, frame_top(evaluation), list, 0) : (Value){0};
    if (items.kind == VALUE_UNSET)
        items = evaluation_try(evaluation, all_items(&evaluation->question_arena, search->collect, search->each));
    return items.kind == VALUE_LIST || items.kind == VALUE_TABLE ? items : (Value){0};
}

enum { KEYS_COMPARED = 1000 };

/* "INV-12" is not meant where "INV-13" stands: of what has figures, only the letters may be misspelt. */
static bool same_digits(Str a, Str b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.len && (a.data[i] < '0' || a.data[i] > '9'))
            i++;
        while (j < b.len && (b.data[j] < '0' || b.data[j] > '9'))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (a.data[i++] != b.data[j++])
            return false;
    }
}

typedef struct Keys { /* the different keys of a searched list that could be meant */
    Str alike;        /* the one that differs only in case, blanks and signs */
    bool several_alike, too_many;
    Str spelled[KEYS_COMPARED];
    uint32_t n;
} Keys;

static void keys_add(Keys *keys, Str key, Str wanted)
{
    if (name_alike(key, wanted)) {
        keys->several_alike |= keys->alike.len > 0 && !str_eq(keys->alike, key);
        keys->alike = key;
    }
    if (!same_digits(key, wanted))
        return;
    for (uint32_t i = 0; i < keys->n; i++)
        if (str_eq(keys->spelled[i], key))
            return;
    keys->too_many |= keys->n == KEYS_COMPARED;
    if (keys->n < KEYS_COMPARED)
        keys->spelled[keys->n++] = key;
}

/* The key that is certainly meant: the only one that is alike, else the only one within a letter or a few of it. */
static Str key_meant(Evaluation *evaluation, const Search *search, Value wanted)
{
    Value container = wanted.kind == VALUE_TEXT ? searched(evaluation, search) : (Value){0};
    Value iterator[3], item, field;
    if (container.kind == VALUE_UNSET || !operate_iterate(evaluation, &container, 0, iterator))
        return S("");
    Keys *keys = NEW(&evaluation->question_arena, Keys);
    while (operate_next(evaluation, iterator, &item) && !keys->too_many)
        if (value_field_get(item, search->field, &field) == FIELD_FOUND && field.kind == VALUE_TEXT)
            keys_add(keys, value_str(field), value_str(wanted));
    if (keys->alike.len > 0 || keys->too_many)
        return keys->several_alike || keys->too_many ? S("") : keys->alike;
    Str nearest = nearest_spelling(value_str(wanted), keys->spelled, keys->n);
    for (uint32_t i = 0; i < keys->n; i++) /* another one that is near as well: nothing is certain */
        if (nearest.len > 0 && str_eq(keys->spelled[i], nearest))
            keys->spelled[i] = keys->spelled[--keys->n];
    return nearest_spelling(value_str(wanted), keys->spelled, keys->n).len > 0 ? S("") : nearest;
}

static void suggest_key(Evaluation *evaluation, const Search *search, Str key)
{
    Arena *arena = &evaluation->question_arena;
    const Node *outside = search->outside, *owner = outside->kind == NODE_FIELD ? outside->kids[0] : NULL;
    if (owner && owner->kind == NODE_NAME)
        add_suggestion(&evaluation->question,
                       str_printf(arena, "set the %.*s's %.*s to \"%.*s\"", STR_ARG(words_of(arena, owner->name)),
                                  STR_ARG(search->outside->text), STR_ARG(key)));
    else if (search->gives_item)
        add_suggestion(&evaluation->question, str_printf(arena, "use \"%.*s\"", STR_ARG(key)));
    else if (outside->kind == NODE_NAME && !loop_over(frame_top(evaluation), outside->name))
        add_suggestion(&evaluation->question, str_printf(arena, "the %.*s is \"%.*s\"",
                                                         STR_ARG(words_of(arena, outside->name)), STR_ARG(key)));
}

static RowMeant item_with(Evaluation *evaluation, const Search *search, Value key, Value *out_item)
{
    Value container = searched(evaluation, search), iterator[3], item, field;
    if (container.kind == VALUE_UNSET || !operate_iterate(evaluation, &container, 0, iterator))
        return ROW_NOT_ASKED;
    while (operate_next(evaluation, iterator, &item)) {
        if (value_field_get(item, search->field, &field) == FIELD_FOUND && value_equals(field, key)) {
            *out_item = item;
            return ROW_FOUND;
        }
    }
    return ROW_NOT_THERE;
}

RowMeant question_row_meant(Evaluation *evaluation, Value named, Value *out_row, Str *out_field)
{
    const Frame *frame = frame_top(evaluation);
    const Node *collect =
        strcmp(evaluation->question.kind, "no-match") == 0 ? comprehension_of(frame->code->nodes[frame->pc]) : NULL;
    Search search;
    if (!collect || !search_of(collect, &search) || !search.gives_item)
        return ROW_NOT_ASKED;
    *out_field = search.field;
    return item_with(evaluation, &search, named, out_row);
}

/* No order has the number "PO-9", which row 2 of the invoices names. Or one has it, and the condition asks for more. */
static void word_no_key(Evaluation *evaluation, const Search *search, Value wanted)
{
    Arena *arena = &evaluation->question_arena;
    Str item = words_of(arena, search->each->kids[1]->name), value = value_shown(arena, wanted);
    const Node *outside = search->outside;
    const Node *field = outside->kind == NODE_FIELD ? outside : question_origin(evaluation, outside, wanted);
    Subject subject = field ? subject_of(evaluation, field->kids[0]) : (Subject){0};
    Str from =
        subject.row > 0 ? str_printf(arena, ", which %.*s names", STR_ARG(str_lower(arena, subject.text))) : S("");
    add_extra(&evaluation->question, "value", wanted.kind == VALUE_TEXT ? value_str(wanted) : value);
    if (field)
        add_subject(evaluation, &subject, field->text);
    Value ignored;
    if (search->has_more && item_with(evaluation, search, wanted, &ignored) == ROW_FOUND) {
        describe(evaluation, "No %.*s with the %.*s %.*s%.*s%s fits the rest of the condition. Which one is meant?",
                 STR_ARG(item), STR_ARG(search->field), STR_ARG(value), STR_ARG(from), from.len > 0 ? "," : "");
        return;
    }
    Str meant = key_meant(evaluation, search, wanted);
    Str ending = meant.len > 0 ? str_printf(arena, "Did you mean the %.*s \"%.*s\"?", STR_ARG(item), STR_ARG(meant))
                               : S("Which one is meant?");
    describe(evaluation, "No %.*s has the %.*s %.*s%.*s. %.*s", STR_ARG(item), STR_ARG(search->field), STR_ARG(value),
             STR_ARG(from), STR_ARG(ending));
    if (meant.len > 0)
        suggest_key(evaluation, search, meant);
}

static void word_no_match(Evaluation *evaluation)
{
    Arena *arena = &evaluation->question_arena;
    const Frame *frame = frame_top(evaluation);
    const Node *collect = comprehension_of(frame->code->nodes[frame->pc]);
    const Node *target = collect ? node_last_for(collect)->kids[1] : NULL;
    Search search;
    if (!target || target->kind != NODE_NAME) {
        word_result(evaluation);
        return;
    }
    Str element = words_of(arena, target->name);
    evaluation->question.missing = element;
    if (!search_of(collect, &search)) {
        describe(evaluation, "In \"%.*s\" no %.*s matches. Which one is meant?", STR_ARG(sentence_text(evaluation)),
                 STR_ARG(element));
        return;
    }
    Value wanted = node_value(evaluation, frame, search.outside, 0);
    /* A value that an answer stood in for is not in the row: there it is still missing. */
    if (wanted.kind != VALUE_UNSET && !value_is_blank(wanted)) {
        word_no_key(evaluation, &search, wanted);
        return;
    }
    Subject subject =
        search.outside->kind == NODE_FIELD ? subject_of(evaluation, search.outside->kids[0]) : (Subject){0};
    describe(evaluation, "No %.*s has the %.*s that is looked for. Which one is meant?", STR_ARG(element),
             STR_ARG(search.field));
    if (search.outside->kind == NODE_FIELD)
        add_subject(evaluation, &subject, search.outside->text);
}

/* ---- checks, persons, books ---- */

/* " (the limit is 5)": what the other side of a comparison is, where the sentence only names it. */
static Str known_side(Evaluation *evaluation, Arena *arena, const Node *condition)
{
    const Node *side = condition->kind == NODE_COMPARE && condition->n_kids == 2 ? condition->kids[1] : NULL;
    Value value =
        side && side->kind != NODE_LITERAL ? node_value(evaluation, frame_top(evaluation), side, 0) : (Value){0};
    if (value.kind == VALUE_UNSET)
        return S("");
    return str_printf(arena, " (%.*s)", STR_ARG(value_shown(arena, value)));
}

/* The fact or field that a condition is about: what stands in front of its comparison or function. NULL for others. */
static const Node *about_of(const Node *condition)
{
    const Node *about = condition->kind == NODE_NOT ? condition->kids[0] : condition;
    if (about->kind == NODE_COMPARE || about->kind == NODE_CALL)
        about = node_kid(about, 0);
    return about && (about->kind == NODE_NAME || about->kind == NODE_FIELD) ? about : NULL;
}

/* Where the value stands that a condition is about. */
static Origin place_of(Evaluation *evaluation, const Node *about, Value value)
{
    if (about->kind == NODE_NAME)
        return origin_of(evaluation, about, value);
    Subject subject = about->kind == NODE_FIELD ? subject_of(evaluation, about->kids[0]) : (Subject){0};
    return subject.row > 0 ? (Origin){subject, about->text} : (Origin){0};
}

/* "row 2 of the invoices"; "" where that is not certain. */
static Str place_told(Evaluation *evaluation, Arena *arena, const Node *about, Value value)
{
    Origin place = place_of(evaluation, about, value);
    return about->kind == NODE_NAME ? origin_told(arena, about, &place) : str_lower(arena, place.subject.text);
}

/* " (found is "X-1", row 2 of the invoices)" */
static Str found_told(Evaluation *evaluation, Arena *arena, const Node *about, Value value)
{
    Str place = place_told(evaluation, arena, about, value);
    return str_printf(arena, " (found is %.*s%s%.*s)", STR_ARG(value_shown(arena, value)), place.len > 0 ? ", " : "",
                      STR_ARG(place));
}

/* the total is -5, not at least 0: where the condition is about one thing whose value is known. */
static Str found_instead(Evaluation *evaluation, Arena *arena, const Node *condition, Str words)
{
    static const struct {
        Str verb;
        const char *is, *instead;
    } verbs[] = {{S_INIT(" is not "), "is", "and should not be"},
                 {S_INIT(" are not "), "are", "and should not be"},
                 {S_INIT(" is "), "is", "not"},
                 {S_INIT(" are "), "are", "not"}};
    const Node *about = condition->n_kids > 0 ? condition->kids[0] : NULL;
    Value value =
        about && about->kind != NODE_LITERAL ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    if (value.kind == VALUE_UNSET)
        return S("");
    Str subject = english_print_node(arena, about, evaluation->program->catalog), rest = str_skip(words, subject.len);
    for (size_t i = 0; str_starts(words, subject) && i < COUNT_OF(verbs); i++)
        if (str_starts(rest, verbs[i].verb))
            return str_printf(arena, "%.*s %s %.*s%.*s, %s %.*s%.*s", STR_ARG(subject), verbs[i].is,
                              STR_ARG(value_shown(arena, value)),
                              STR_ARG(in_parentheses(arena, place_told(evaluation, arena, about, value))),
                              verbs[i].instead, STR_ARG(str_skip(rest, verbs[i].verb.len)),
                              STR_ARG(known_side(evaluation, arena, condition)));
    return S("");
}

/* the names should be yes or hold something (found is an empty list): where the condition is a value by itself, or the
 * want of it.
 */
static Str found_bare(Evaluation *evaluation, Arena *arena, const Node *condition)
{
    bool want = condition->kind != NODE_NOT;
    const Node *about = want ? condition : condition->kids[0];
    Value value = about->kind != NODE_LITERAL ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    if (value.kind == VALUE_UNSET)
        return S("");
    const char *wanted = value.kind == VALUE_BOOL ? (want ? "be yes" : "be no")
                                                  : (want ? "be yes or hold something" : "be no or hold nothing");
    Str subject = english_print_node(arena, about, evaluation->program->catalog);
    return str_printf(arena, "%.*s should %s%.*s", STR_ARG(subject), wanted,
                      STR_ARG(found_told(evaluation, arena, about, value)));
}

/* What a condition says does not hold: of no lease whose … and any lease whose …, which have no verb, that there is one
 * or none. */
static Str negated(Arena *arena, Str words)
{
    ptrdiff_t whose = str_find(words, S(" whose ")), owner = str_find(words, S("'s "));
    bool verbless = whose > 0 && (owner < 0 || whose < owner);
    if (verbless && str_starts(words, S("no ")))
        return str_printf(arena, "there should be %.*s", STR_ARG(words));
    if (verbless && str_starts(words, S("any ")))
        return str_printf(arena, "there is no %.*s", STR_ARG(str_skip(words, S("any ").len)));
    return str_printf(arena, "it does not hold that %.*s", STR_ARG(words));
}

/* the name starts with "A" (found is "Bob"): what stands where a function's condition begins. */
static Str found_by_function(Evaluation *evaluation, Arena *arena, const Node *condition)
{
    const Node *about = about_of(condition);
    Value value = about ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    return value.kind == VALUE_UNSET ? S("") : found_told(evaluation, arena, about, value);
}

/* Of a check without words of its own. Tells the first item that breaks it, where it is about all of a list. */
static Str broken_text(Evaluation *evaluation, Arena *arena, const Node *condition, Subject *out_first)
{
    Str words = english_print_node(arena, condition, evaluation->program->catalog);
    Str found = found_instead(evaluation, arena, condition, words);
    if (found.len == 0)
        found = found_bare(evaluation, arena, condition);
    if (found.len > 0)
        return found;
    Str items = question_breaking_items(evaluation, condition, out_first);
    return str_printf(arena, "%.*s%.*s%s%.*s", STR_ARG(negated(arena, words)),
                      STR_ARG(found_by_function(evaluation, arena, condition)), items.len > 0 ? ": " : "",
                      STR_ARG(items));
}

Value check_text(Evaluation *evaluation, const Node *ensure)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Subject ignored = {0};
    Str text = broken_text(evaluation, &scratch, ensure->kids[0], &ignored);
    return value_text(str_copy(&evaluation->heap, text));
}

static Str own_words(Arena *arena, Value found)
{
    Buf text = buf_in(arena);
    if (found.kind != VALUE_LIST) {
        value_print(&text, found);
        return buf_view(&text);
    }
    for (uint32_t i = 0; i < found.list->count; i++) {
        if (i > 0)
            buf_str(&text, S("; "));
        value_print(&text, found.list->items[i]);
    }
    return buf_view(&text);
}

static void word_failed_check(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    Arena *arena = &evaluation->question_arena;
    Value found = evaluation->problem.found;
    Subject first = {0};
    Str text, items = S("");
    if (found.kind == VALUE_UNSET) {
        text = broken_text(evaluation, arena, node->kids[0], &first);
    } else {
        text = own_words(arena, found);
        if (node->kind == NODE_ENSURE)
            items = question_breaking_items(evaluation, node->kids[0], &first);
    }
    evaluation->question.message = text;
    const Node *about = node->kind == NODE_ENSURE ? about_of(node->kids[0]) : NULL;
    Value value = about ? node_value(evaluation, frame_top(evaluation), about, 0) : (Value){0};
    Origin place = about && first.row == 0 ? place_of(evaluation, about, value) : (Origin){first, S("")};
    add_subject(evaluation, &place.subject, place.column);
    bool is_sentence = text.len > 0 && strchr(".!?", text.data[text.len - 1]);
    describe(evaluation, "A check failed: %.*s%s %.*s%sWhat should be done?", STR_ARG(text), is_sentence ? "" : ".",
             STR_ARG(capitalised(arena, items)), items.len > 0 ? ". " : "");
}

static void word_ask(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    Arena *arena = &evaluation->question_arena;
    Buf text = buf_in(arena);
    value_print(&text, evaluation->stack[evaluation->top - 1 - in->a]);
    describe(evaluation, "%.*s", STR_ARG(buf_view(&text)));
    evaluation->question.message = evaluation->question.description;
    evaluation->question.group = missing_values;
    Value choices = evaluation->stack[evaluation->top - 1];
    for (uint32_t i = 0; in->a && choices.kind == VALUE_LIST && i < choices.list->count; i++)
        add_suggestion(&evaluation->question, value_shown(arena, choices.list->items[i]));
}

static void word_book(Evaluation *evaluation)
{
    const Problem *problem = &evaluation->problem;
    const Procedure *procedure = evaluation->call.procedure;
    Arena *arena = &evaluation->question_arena;
    add_extra(&evaluation->question, "book", procedure->book);
    add_extra(&evaluation->question, "procedure", procedure->name);
    add_extra(&evaluation->question, "parameter", problem->missing);
    size_t len = strlen(problem->text);
    const char *stop = len > 0 && strchr(".!?", problem->text[len - 1]) ? "" : ".";
    bool in_doubt = strcmp(problem->kind, "in-doubt") == 0;
    describe(evaluation,
             in_doubt ? "\"%.*s\": %s%s Answer retry to do it, or skip when it was done."
                      : "\"%.*s\" did not work: %s%s What should be done?",
             STR_ARG(sentence_text(evaluation)), problem->text, stop);
    evaluation->question.message =
        str_printf(arena, "%.*s.%.*s: %s", STR_ARG(procedure->book), STR_ARG(procedure->name), problem->text);
}

/* ---- items that were worked on at the same time ---- */

static void word_failed_item(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Loop *loop = &frame->code->loops[code_loop_at(frame->code, frame->pc)];
    Subject subject = {.row = (uint32_t)evaluation->stack[evaluation->top - 2].low,
                       .table = iterable_words(&evaluation->question_arena, loop)};
    Str why = value_str(evaluation->problem.found);
    bool is_sentence = why.len > 0 && strchr(".!?", why.data[why.len - 1]);
    evaluation->question.message = str_copy(&evaluation->question_arena, why);
    add_subject(evaluation, &subject, S(""));
    describe(evaluation, "Item %u%s%.*s was not finished: %.*s%s Answer retry, skip this one, or stop the run.",
             subject.row, subject.table.len > 0 ? " of the " : "", STR_ARG(subject.table), STR_ARG(why),
             is_sentence ? "" : ".");
}

/* ---- asking ---- */

static Str call_path(const Evaluation *evaluation, Arena *arena)
{
    Buf path = buf_in(arena);
    for (uint32_t f = 0; f < evaluation->n_frames; f++) {
        const Frame *frame = &evaluation->frames[f];
        if (frame->fragment != 0)
            continue;
        if (f > 0)
            buf_char(&path, '/');
        buf_str(&path, frame->code->routines[frame->routine].name);
        for (uint32_t i = 0; i < frame->code->n_loops; i++) {
            const Loop *loop = &frame->code->loops[i];
            if (!loop->is_statement || !loop_is_on(loop, frame->pc))
                continue;
            uint64_t round = loop->has_iterator ? evaluation->stack[frame->operands + loop->height + 1].high
                                                : evaluation->stack[frame->base + loop->rounds_slot].low;
            buf_printf(&path, "/%u#%llu", loop->node->id, (unsigned long long)round);
        }
    }
    return buf_view(&path);
}

Str evaluation_place(const Evaluation *evaluation, Arena *arena)
{
    Str path = call_path(evaluation, arena);
    return str_printf(arena, "%.*s/%u", STR_ARG(path), journal_node_id(evaluation, frame_top(evaluation)));
}

typedef struct Wording {
    const char *kind;
    void (*word)(Evaluation *evaluation);
} Wording;

static void word_field_of_node(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    bool is_field = node && (node->kind == NODE_FIELD || node->kind == NODE_INDEX);
    if (evaluation->problem.text[0] && !is_field) {
        evaluation->question.missing = evaluation->problem.missing;
        describe(evaluation, "In \"%.*s\": %s. What is it?", STR_ARG(sentence_text(evaluation)),
                 evaluation->problem.text);
        return;
    }
    word_missing_field(evaluation, is_field ? node->kids[0] : NULL, evaluation->problem.missing);
}

static void word_fact_of_problem(Evaluation *evaluation)
{
    word_missing_fact(evaluation, evaluation->problem.missing);
}

static void word_input(Evaluation *evaluation)
{
    evaluation->question.missing = evaluation->problem.missing;
    add_extra(&evaluation->question, "input", evaluation->problem.missing);
    add_extra(&evaluation->question, "value", value_shown(&evaluation->question_arena, evaluation->problem.found));
    describe(evaluation, "%s. What is it?", evaluation->problem.text);
}

/* A name that several fields have: a person says which is meant, or its value. */
static void word_ambiguous_field(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    const Node *object = node && (node->kind == NODE_FIELD || node->kind == NODE_INDEX) ? node->kids[0] : NULL;
    Subject subject = subject_of(evaluation, object);
    evaluation->question.missing = evaluation->problem.missing;
    add_subject(evaluation, &subject, evaluation->problem.missing);
    describe(evaluation, "In \"%.*s\": %s%s%.*s. Which value is meant?", STR_ARG(sentence_text(evaluation)),
             evaluation->problem.text, subject.text.len > 0 ? ", in " : "",
             STR_ARG(str_lower(&evaluation->question_arena, subject.text)));
}

static const Wording wordings[] = {
    {"missing-field", word_field_of_node},
    {"missing-fact", word_fact_of_problem},
    {"missing-value", word_missing_value},
    {"missing-input", word_input},
    {"bad-input", word_input},
    {"no-match", word_no_match},
    {"ambiguous-field", word_ambiguous_field},
    {"failed-check", word_failed_check},
    {"ask", word_ask},
    {"book-error", word_book},
    {"in-doubt", word_book},
    {"item-failed", word_failed_item},
    {"too-large", word_result},
    {"bad-arithmetic", word_result},
    {"no-items", word_result},
    {"no-such-item", word_result},
};

/* Strings of a question may point into the heap, which a compaction moves: they are copied once it is worded. */
static void question_settle(Evaluation *evaluation)
{
    Question *question = &evaluation->question;
    Arena *arena = &evaluation->question_arena;
    question->missing = str_copy(arena, question->missing);
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        question->suggestions[i] = str_copy(arena, question->suggestions[i]);
    for (uint32_t i = 0; i < question->n_extra; i++)
        question->extra[i].value = value_text(str_copy(arena, value_str(question->extra[i].value)));
}

void question_ask(Evaluation *evaluation)
{
    if (evaluation->testing) {
        evaluation->tested = true;
        evaluation->test_result = (Value){0};
        return;
    }
    const Problem *problem = &evaluation->problem;
    const Frame *frame = asking_frame(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    arena_reset(&evaluation->question_arena);
    Question *question = &evaluation->question;
    *question = (Question){.kind = problem->kind,
                           .group = problem->group,
                           .node_id = journal_node_id(evaluation, frame),
                           .expected = problem->expected,
                           .reading = evaluation->options.reading};
    question->sentence_id = sentence ? sentence->node->id : question->node_id;
    question->call_path = call_path(evaluation, &evaluation->question_arena);
    question->message = str_copy(&evaluation->question_arena, str_from_c(problem->text));
    void (*word)(Evaluation *) = word_misfit;
    for (size_t i = 0; i < COUNT_OF(wordings); i++)
        if (strcmp(wordings[i].kind, problem->kind) == 0)
            word = wordings[i].word;
    word(evaluation);
    add_suggestion(question, problem->suggestion);
    question_settle(evaluation);
    evaluation->hole = problem->hole;
    evaluation->status = EVAL_QUESTION;
}
