/* lang/eval_operate.c: arithmetic and comparisons, and what is needed of a value.
 *
 * Where Python has the operation, it means what Python means, with exact decimals for numbers. Beyond Python:
 * - Nothing (null, and in arithmetic and comparisons of order also blank text) where a value is needed is a question.
 * - A figure in a text ("1,250.00") counts as its number beside a number. Two texts that both come from fields of a
 * record or row, as amounts in a file do, count as numbers when both are figures; other texts are joined by + and
 * ordered by their letters. */
#include <string.h>

#include "lang/eval_state.h"
#include "lang/functions.h"
#include "value/calendar.h"
#include "value/decimal.h"

bool value_is_blank(Value value)
{
    return value.kind == VALUE_NULL || (value.kind == VALUE_TEXT && str_trim(value_str(value)).len == 0);
}

bool operand_is_field(const Evaluation *evaluation, int hole)
{
    const Node *node = operand_node(evaluation, hole);
    return node && (node->kind == NODE_FIELD || node->kind == NODE_INDEX);
}

/* ---- needing a kind ---- */

bool need_value(Evaluation *evaluation, Value value)
{
    return !value_is_blank(value) || problem_missing(evaluation, 0, &type_any, value);
}

bool need_number(Evaluation *evaluation, int hole, Value value, Value *out)
{
    if (value.kind == VALUE_NUMBER) {
        *out = value;
        return true;
    }
    if (value.kind == VALUE_BOOL) {
        *out = value_int((int64_t)value.low);
        return true;
    }
    if (value_is_blank(value))
        return problem_missing(evaluation, hole, &type_number, value);
    Error err = {0};
    if (value.kind == VALUE_TEXT &&
        decimal_parse_figure(value_str(value), evaluation->options.reading.decimal_comma, out, &err))
        return true;
    return problem_set(evaluation, "not-a-number", hole, &type_number, value, "%s",
                       err.message[0]             ? err.message
                       : value.kind == VALUE_TIME ? "A time of day is no figure: say … as a duration where a length of "
                                                    "time is meant"
                                                  : "A number is needed here");
}

bool problem_several_currencies(Evaluation *evaluation, Value first, Value second)
{
    return problem_set(evaluation, "several-currencies", HOLE_RESULT, &type_number, second,
                       "“%.*s” and “%.*s” are in different currencies: convert them first, or take each currency by "
                       "itself",
                       STR_ARG(str_clip(value_str(first), 40)), STR_ARG(str_clip(value_str(second), 40)));
}

bool names_currency(Value value)
{
    char currency[FIGURE_CURRENCY];
    return value.kind == VALUE_TEXT && figure_currency(value_str(value), currency);
}

bool need_int(Evaluation *evaluation, int hole, Value value, int64_t *out)
{
    Value number;
    if (!need_number(evaluation, hole, value, &number))
        return false;
    if (value_to_int(number, out))
        return true;
    return problem_set(evaluation, "not-a-whole-number", hole, &type_number, value, "A whole number is needed here");
}

bool need_text(Evaluation *evaluation, int hole, Value value, Str *out)
{
    if (value.kind == VALUE_TEXT) {
        *out = value_str(value);
        return true;
    }
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, hole, &type_text, value);
    return problem_set(evaluation, "not-a-text", hole, &type_text, value, "A text is needed here");
}

bool need_hashable(Evaluation *evaluation, int hole, Value value)
{
    return value_is_hashable(value) ||
           problem_set(evaluation, "not-a-key", hole, &type_text, value,
                       "A set or the keys of a record hold texts, numbers and dates, not %s",
                       value_kind_name((ValueKind)value.kind));
}

bool need_list(Evaluation *evaluation, int hole, Value value, List **out)
{
    if (value.kind == VALUE_LIST) {
        *out = value.list;
        return true;
    }
    Value iterator[3], item;
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, hole, &type_list, value);
    if (!operate_iterate(evaluation, &value, 0, iterator)) {
        evaluation->problem.hole = hole;
        return false;
    }
    Value list = value_list_new(&evaluation->heap, 0);
    while (operate_next(evaluation, iterator, &item))
        list_add(&evaluation->heap, list.list, item);
    *out = list.list;
    return true;
}

/* ---- arithmetic ---- */

static bool numbers_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out)
{
    static bool (*const wide[])(Value, Value, Value *, Error *) = {
        [OP_DIVIDE] = decimal_divide,
        [OP_FLOOR_DIVIDE] = decimal_floor_divide,
        [OP_MODULO] = decimal_modulo,
        [OP_POWER] = decimal_power,
    };
    Error err;
    bool done = op == OP_ADD        ? decimal_add(left, right, out, &err)
                : op == OP_SUBTRACT ? decimal_subtract(left, right, out, &err)
                : op == OP_MULTIPLY ? decimal_multiply(left, right, out, &err)
                                    : wide[op](left, right, out, &err);
    return done || problem_error(evaluation, HOLE_RESULT, &err);
}

static bool join_texts(Evaluation *evaluation, Str left, Str right, Value *out)
{
    if (!heap_admits(evaluation, left.len + right.len))
        return false;
    Buf joined = buf_in(&evaluation->heap);
    buf_reserve(&joined, left.len + right.len);
    buf_str(&joined, left);
    buf_str(&joined, right);
    *out = value_text(buf_end(&joined));
    return true;
}

static bool join_lists(Evaluation *evaluation, const List *left, const List *right, Value *out)
{
    uint64_t count = (uint64_t)left->count + right->count;
    if (!heap_admits(evaluation, count * sizeof(Value)))
        return false;
    *out = value_list_new(&evaluation->heap, (uint32_t)count);
    for (uint32_t i = 0; i < left->count; i++)
        list_add(&evaluation->heap, out->list, left->items[i]);
    for (uint32_t i = 0; i < right->count; i++)
        list_add(&evaluation->heap, out->list, right->items[i]);
    return true;
}

static bool repeat_text(Evaluation *evaluation, Str text, int64_t times, Value *out)
{
    uint64_t n = times > 0 ? (uint64_t)times : 0;
    if (text.len > 0 && n > UINT32_MAX / text.len)
        return heap_admits(evaluation, UINT64_MAX);
    if (!heap_admits(evaluation, text.len * n))
        return false;
    Buf repeated = buf_in(&evaluation->heap);
    buf_reserve(&repeated, text.len * n);
    for (uint64_t i = 0; i < n && text.len > 0; i++)
        buf_str(&repeated, text);
    *out = value_text(buf_end(&repeated));
    return true;
}

static bool repeat_list(Evaluation *evaluation, const List *list, int64_t times, Value *out)
{
    uint64_t n = times > 0 ? (uint64_t)times : 0;
    if (list->count > 0 && n > UINT32_MAX / list->count)
        return heap_admits(evaluation, UINT64_MAX);
    if (!heap_admits(evaluation, n * list->count * sizeof(Value)))
        return false;
    *out = value_list_new(&evaluation->heap, (uint32_t)(n * list->count));
    for (uint64_t i = 0; i < n && list->count > 0; i++)
        for (uint32_t j = 0; j < list->count; j++)
            list_add(&evaluation->heap, out->list, list->items[j]);
    return true;
}

/* Amounts in different currencies make no sum, no difference and no order. */
static bool one_currency(Evaluation *evaluation, Value left, Value right)
{
    char first[FIGURE_CURRENCY], second[FIGURE_CURRENCY];
    if (left.kind != VALUE_TEXT || right.kind != VALUE_TEXT || !figure_currency(value_str(left), first) ||
        !figure_currency(value_str(right), second) || memcmp(first, second, sizeof first) == 0)
        return true;
    return problem_several_currencies(evaluation, left, right);
}

static bool both_figures(Evaluation *evaluation, Value left, Value right, Value numbers[2])
{
    Error err;
    return operand_is_field(evaluation, 0) && operand_is_field(evaluation, 1) &&
           decimal_parse_figure(value_str(left), evaluation->options.reading.decimal_comma, &numbers[0], &err) &&
           decimal_parse_figure(value_str(right), evaluation->options.reading.decimal_comma, &numbers[1], &err);
}

static bool is_moment(Value v)
{
    return v.kind == VALUE_DATE || v.kind == VALUE_TIME || v.kind == VALUE_DATETIME;
}

static bool subtract_sets(Evaluation *evaluation, const Set *left, const Set *right, Value *out)
{
    *out = value_set_new(&evaluation->heap);
    for (uint32_t i = 0; i < left->items.count; i++)
        if (!record_find(&right->items, left->items.entries[i].key))
            (void)set_add(&evaluation->heap, out->set, left->items.entries[i].key);
    return true;
}

/* Python's `//` of a length by a number: down to a whole microsecond. */
static bool floor_of_length(Evaluation *evaluation, Value seconds, Value number, Value *out)
{
    Value million = value_int(1000000), micros;
    return numbers_arithmetic(evaluation, OP_MULTIPLY, seconds, million, &micros) &&
           numbers_arithmetic(evaluation, OP_FLOOR_DIVIDE, micros, number, &micros) &&
           numbers_arithmetic(evaluation, OP_DIVIDE, micros, million, out);
}

static bool durations_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out)
{
    bool both = left.kind == VALUE_DURATION && right.kind == VALUE_DURATION;
    Value a = left, b = right, number;
    if (left.kind == VALUE_DURATION)
        a = number_of_duration(left);
    else if (!need_number(evaluation, 0, left, &a))
        return false;
    if (right.kind == VALUE_DURATION)
        b = number_of_duration(right);
    else if (!need_number(evaluation, 1, right, &b))
        return false;
    bool adds = op == OP_ADD || op == OP_SUBTRACT || op == OP_MODULO;
    bool fits = adds ? both : op == OP_MULTIPLY ? !both : left.kind == VALUE_DURATION && op != OP_POWER;
    if (!fits)
        return problem_set(
            evaluation, "not-a-duration", left.kind == VALUE_DURATION ? 1 : 0, &type_duration,
            left.kind == VALUE_DURATION ? right : left,
            adds ? "A length of time is needed here, not a number: say of what, as in 30 minutes or 8 hours"
                 : "A length of time cannot be combined with this");
    bool floors = op == OP_FLOOR_DIVIDE && !both;
    if (!(floors ? floor_of_length(evaluation, a, b, &number) : numbers_arithmetic(evaluation, op, a, b, &number)))
        return false;
    if (both && (op == OP_DIVIDE || op == OP_FLOOR_DIVIDE)) {
        *out = number;
        return true;
    }
    return duration_of_number(number, out) || problem_set(evaluation, "too-large", HOLE_RESULT, &type_duration,
                                                          (Value){0}, "This length of time is too large");
}

static bool add_special(Evaluation *evaluation, Value left, Value right, Value *out, bool *out_done)
{
    Value numbers[2];
    *out_done = true;
    if (left.kind == VALUE_TEXT && right.kind == VALUE_TEXT) {
        if (both_figures(evaluation, left, right, numbers))
            return one_currency(evaluation, left, right) &&
                   numbers_arithmetic(evaluation, OP_ADD, numbers[0], numbers[1], out);
        return join_texts(evaluation, value_str(left), value_str(right), out);
    }
    if (left.kind == VALUE_LIST && right.kind == VALUE_LIST)
        return join_lists(evaluation, left.list, right.list, out);
    if (is_moment(left) && right.kind == VALUE_DURATION)
        return moment_add(evaluation, left, right, false, out);
    if (left.kind == VALUE_DURATION && is_moment(right))
        return moment_add(evaluation, right, left, false, out);
    *out_done = false;
    return true;
}

static bool subtract_special(Evaluation *evaluation, Value left, Value right, Value *out, bool *out_done)
{
    *out_done = true;
    if (is_moment(left) && right.kind == VALUE_DURATION)
        return moment_add(evaluation, left, right, true, out);
    if (is_moment(left) && is_moment(right))
        return moment_between(evaluation, left, right, out);
    if (left.kind == VALUE_SET && right.kind == VALUE_SET)
        return subtract_sets(evaluation, left.set, right.set, out);
    *out_done = false;
    return true;
}

static bool is_figure(Evaluation *evaluation, Value text)
{
    Value number;
    Error err;
    return decimal_parse_figure(value_str(text), evaluation->options.reading.decimal_comma, &number, &err);
}

static bool multiply_special(Evaluation *evaluation, Value left, Value right, Value *out, bool *out_done)
{
    Value many = right.kind == VALUE_NUMBER ? left : right, times = right.kind == VALUE_NUMBER ? right : left;
    int64_t n;
    *out_done = true;
    if (times.kind == VALUE_NUMBER && value_to_int(times, &n)) {
        bool is_amount = operand_is_field(evaluation, right.kind == VALUE_NUMBER ? 0 : 1);
        if (many.kind == VALUE_TEXT && !is_amount && !value_is_blank(many) && !is_figure(evaluation, many))
            return repeat_text(evaluation, value_str(many), n, out);
        if (many.kind == VALUE_LIST)
            return repeat_list(evaluation, many.list, n, out);
    }
    *out_done = false;
    return true;
}

bool operate_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out)
{
    bool done = false, worked = true;
    if ((op == OP_ADD || op == OP_SUBTRACT) && !(left.kind == VALUE_NUMBER && right.kind == VALUE_NUMBER) &&
        !written_operands(evaluation, op, &left, &right))
        return false;
    if (op == OP_ADD)
        worked = add_special(evaluation, left, right, out, &done);
    else if (op == OP_SUBTRACT)
        worked = subtract_special(evaluation, left, right, out, &done);
    else if (op == OP_MULTIPLY)
        worked = multiply_special(evaluation, left, right, out, &done);
    if (done || !worked)
        return worked;
    if (left.kind == VALUE_DURATION || right.kind == VALUE_DURATION)
        return durations_arithmetic(evaluation, op, left, right, out);
    Value a, b;
    return need_number(evaluation, 0, left, &a) && need_number(evaluation, 1, right, &b) &&
           one_currency(evaluation, left, right) && numbers_arithmetic(evaluation, op, a, b, out);
}

bool operate_negate(Evaluation *evaluation, Value value, Value *out)
{
    if (value.kind == VALUE_DURATION)
        return duration_of_number(decimal_negate(number_of_duration(value)), out) ||
               problem_set(evaluation, "too-large", HOLE_RESULT, &type_duration, value,
                           "This length of time is too large");
    if (!need_number(evaluation, 0, value, out))
        return false;
    *out = decimal_negate(*out);
    return true;
}

/* ---- comparing ---- */

static bool holds(CompareOp op, int order)
{
    return op == CMP_LESS ? order < 0 : op == CMP_LESS_EQUAL ? order <= 0 : op == CMP_GREATER ? order > 0 : order >= 0;
}

static bool contains(Evaluation *evaluation, Value item, Value container, bool *out)
{
    Str part;
    *out = false;
    switch (container.kind) {
    case VALUE_TEXT:
        if (!need_text(evaluation, 0, item, &part))
            return false;
        *out = str_contains(value_str(container), part);
        return true;
    case VALUE_LIST: *out = lookup_has(evaluation, container, item); return true;
    case VALUE_SET: *out = value_is_hashable(item) && record_find(&container.set->items, item); return true;
    case VALUE_RECORD: *out = value_is_hashable(item) && record_find(container.record, item); return true;
    case VALUE_ROW: *out = item.kind == VALUE_TEXT && table_column(container.table, value_str(item)); return true;
    case VALUE_TABLE:
        for (uint32_t i = 0; i < container.table->n_rows && !*out; i++)
            *out = value_equals(value_row(container.table, i), item);
        return true;
    case VALUE_NULL: return problem_missing(evaluation, 1, &type_list, container);
    default:
        return problem_set(evaluation, "not-a-list", 1, &type_list, container,
                           "Only a list, set, record, table or text contains things");
    }
}

/* Makes two operands comparable: a figure beside a number, a written date beside a date. */
static bool comparable(Evaluation *evaluation, Value *left, Value *right)
{
    Value numbers[2];
    for (int i = 0; i < 2; i++) {
        Value *text = i == 0 ? left : right, *other = i == 0 ? right : left;
        if (text->kind != VALUE_TEXT || other->kind == VALUE_TEXT)
            continue;
        if (other->kind == VALUE_NUMBER && !need_number(evaluation, i, *text, text))
            return false;
        if (is_moment(*other) && !need_moment_beside(evaluation, i, *text, *other, text))
            return false;
        if (other->kind == VALUE_DURATION && !need_duration(evaluation, i, *text, text))
            return false;
    }
    if (left->kind == VALUE_TEXT && right->kind == VALUE_TEXT && both_figures(evaluation, *left, *right, numbers)) {
        if (!one_currency(evaluation, *left, *right))
            return false;
        *left = numbers[0];
        *right = numbers[1];
    }
    return written_pair(evaluation, left, right);
}

/* What can be put in order with a value. */
static const Type *type_beside(Value value)
{
    switch (value.kind) {
    case VALUE_NUMBER: return &type_number;
    case VALUE_DATE: return &type_date;
    case VALUE_TIME: return &type_time;
    case VALUE_DATETIME: return &type_datetime;
    case VALUE_DURATION: return &type_duration;
    default: return &type_any;
    }
}

bool operate_compare(Evaluation *evaluation, CompareOp op, Value left, Value right, bool *out)
{
    switch (op) {
    case CMP_EQUAL: *out = value_equals(left, right); return true;
    case CMP_NOT_EQUAL: *out = !value_equals(left, right); return true;
    case CMP_IN: return contains(evaluation, left, right, out);
    case CMP_NOT_IN:
        if (!contains(evaluation, left, right, out))
            return false;
        *out = !*out;
        return true;
    default: break;
    }
    bool is_text = left.kind == VALUE_TEXT && right.kind == VALUE_TEXT;
    if (!is_text && value_is_blank(left))
        return problem_missing(evaluation, 0, type_beside(right), left);
    if (!is_text && value_is_blank(right))
        return problem_missing(evaluation, 1, type_beside(left), right);
    if (!comparable(evaluation, &left, &right))
        return false;
    int order;
    Error err;
    if (!value_compare(left, right, &order, &err))
        return problem_set(evaluation, "not-comparable", 1, type_beside(left), right, "%s", err.message);
    *out = holds(op, order);
    return true;
}
