/* lang/question_missing.c: what is not there: a field, a column, a fact, an input, the value of one. */
#include "lang/question_internal.h"

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
        question_add_suggestion(&evaluation->question, str_printf(arena, "use \"%.*s\"", STR_ARG(value_str(field))));
    if (nearest.len > 0)
        question_add_extra(&evaluation->question, "nearest", nearest);
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
    question_add_extra(&evaluation->question, "columns", names);
    if (has_numbered(arena, row.table, key)) {
        question_describe(
            evaluation,
            "The heading \"%.*s\" stands more than once in the %.*s, so its columns have numbers: %.*s. What should "
            "stand in \"%.*s\", in every row?",
            STR_ARG(key), STR_ARG(words), STR_ARG(names), STR_ARG(key));
        return true;
    }
    question_describe(evaluation,
                      "There is no column \"%.*s\" in the %.*s, only %.*s. What should stand there, in every row?",
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
    question_add_subject(evaluation, &subject, key);
    if (word_missing_column(evaluation))
        ;
    else if (subject.text.len > 0)
        question_describe(evaluation, "%.*s %s no %.*s%.*s. What is it?", STR_ARG(subject.text),
                          subject.row == 0 && words_are_plural(&evaluation->question_arena, subject.text) ? "have"
                                                                                                          : "has",
                          STR_ARG(key), STR_ARG(nearest_note(evaluation, object, key)));
    else
        question_describe(evaluation, "There is no %.*s. What is it?", STR_ARG(key));
    question->message = str_printf(&evaluation->question_arena, "missing field \"%.*s\"", STR_ARG(key));
    if (object)
        suggest_field(evaluation, node_value(evaluation, frame_top(evaluation), object, 0), key);
}

/* The rates are not known: the rent roll has no rates. What are they? The reason may be "". */
static void word_not_known(Evaluation *evaluation, Str words, Str reason)
{
    bool many = words_name_several(&evaluation->question_arena, words);
    question_describe(evaluation, "The %.*s %s not known%.*s. What %s?", STR_ARG(words), many ? "are" : "is",
                      STR_ARG(reason), many ? "are they" : "is it");
}

static void word_missing_fact(Evaluation *evaluation, Str name)
{
    Arena *arena = &evaluation->question_arena;
    Str words = words_of(arena, name);
    evaluation->question.missing = words;
    question_add_extra(&evaluation->question, "fact", words);
    word_not_known(evaluation, words, S(""));
    evaluation->question.message = str_printf(arena, "fact \"%.*s\" has no value", STR_ARG(name));
}

/* Nothing among what is put in order: which item it is. No value can stand in for it in the sentence. */
static void word_missing_key(Evaluation *evaluation)
{
    Value item = evaluation->problem.found;
    Str key = evaluation->problem.missing;
    if (item.kind != VALUE_ROW) {
        question_describe(evaluation, "In \"%.*s\": %s. What should be done?", STR_ARG(sentence_text(evaluation)),
                          evaluation->problem.text);
        return;
    }
    Subject subject = subject_of_number(evaluation, operand_node(evaluation, 0), item, item.high + 1);
    question_add_subject(evaluation, &subject, key);
    evaluation->question.missing = key;
    question_describe(evaluation, "%.*s has no %.*s to be sorted by. What should be done?", STR_ARG(subject.text),
                      STR_ARG(key));
}

void word_missing_value(Evaluation *evaluation)
{
    if (evaluation->problem.hole == HOLE_NONE) {
        word_missing_key(evaluation);
        return;
    }
    const Node *node = operand_node(evaluation, evaluation->problem.hole);
    if (node && node->kind == NODE_FIELD) {
        word_missing_field(evaluation, node->kids[0], node->text);
        return;
    }
    if (node && node->kind == NODE_NAME) {
        word_missing_fact(evaluation, node->name);
        evaluation->question.kind = "missing-value";
        Origin origin = origin_of(evaluation, node, evaluation->problem.found);
        question_add_subject(evaluation, &origin.subject, origin.column);
        if (origin.subject.text.len > 0 && origin.column.len > 0)
            word_not_known(evaluation, evaluation->question.missing,
                           str_printf(&evaluation->question_arena, ": %.*s has no %.*s",
                                      STR_ARG(str_lower(&evaluation->question_arena, origin.subject.text)),
                                      STR_ARG(origin.column)));
        return;
    }
    question_describe(evaluation, "In \"%.*s\" nothing stands where a value is needed. What is it?",
                      STR_ARG(sentence_text(evaluation)));
}

void word_field_of_node(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    bool is_field = node && (node->kind == NODE_FIELD || node->kind == NODE_INDEX);
    if (evaluation->problem.text[0] && !is_field) {
        evaluation->question.missing = evaluation->problem.missing;
        question_describe(evaluation, "In \"%.*s\": %s. What is it?", STR_ARG(sentence_text(evaluation)),
                          evaluation->problem.text);
        return;
    }
    word_missing_field(evaluation, is_field ? node->kids[0] : NULL, evaluation->problem.missing);
}

void word_fact_of_problem(Evaluation *evaluation)
{
    word_missing_fact(evaluation, evaluation->problem.missing);
}

void word_input(Evaluation *evaluation)
{
    evaluation->question.missing = evaluation->problem.missing;
    question_add_extra(&evaluation->question, "input", evaluation->problem.missing);
    question_add_extra(&evaluation->question, "value",
                       value_shown(&evaluation->question_arena, evaluation->problem.found));
    question_describe(evaluation, "%s. What is it?", evaluation->problem.text);
}

/* A name that several fields have: a person says which is meant, or its value. */
void word_ambiguous_field(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const Node *node = frame->code->nodes[frame->pc];
    const Node *object = node && (node->kind == NODE_FIELD || node->kind == NODE_INDEX) ? node->kids[0] : NULL;
    Subject subject = subject_of(evaluation, object);
    evaluation->question.missing = evaluation->problem.missing;
    question_add_subject(evaluation, &subject, evaluation->problem.missing);
    question_describe(evaluation, "In \"%.*s\": %s%s%.*s. Which value is meant?", STR_ARG(sentence_text(evaluation)),
                      evaluation->problem.text, subject.text.len > 0 ? ", in " : "",
                      STR_ARG(str_lower(&evaluation->question_arena, subject.text)));
}
