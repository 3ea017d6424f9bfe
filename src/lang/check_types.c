/* lang/check_types.c: finds out the types of expressions and says what cannot be. Where a type is not sure, it says
 * nothing. */
#include "lang/check_internal.h"
#include "value/decimal.h"

/* ---- types ---- */

bool check_is_known(const Type *type)
{
    return type->kind != TYPE_ANY && type->kind != TYPE_OPTIONAL && type->kind != TYPE_NULL && type != &type_figure;
}

const Type *check_item_type(const Type *type)
{
    const Shape *shape = shape_of(type);
    switch (type->kind) {
    case TYPE_LIST:
        if (shape)
            return shape->item ? shape->item : &type_unknown;
        return type->inner ? type->inner : &type_any;
    case TYPE_SET: return type->inner ? type->inner : &type_any;
    case TYPE_TABLE: return shape ? &type->shape->record : &type_record;
    case TYPE_TEXT: return &type_text;
    default: return type == &type_unknown ? type : &type_any;
    }
}

Str check_type_shown(Checker *checker, const Type *type)
{
    return type_with_article(checker->arena, check_settled(checker, type));
}

/* ---- the sentence that would be right ---- */

static bool is_moment(const Type *type)
{
    return type->kind == TYPE_DATE || type->kind == TYPE_DATETIME || type->kind == TYPE_TIME;
}

/* The part as it would be with a function around it. */
static Node converted(Checker *checker, const Node *part, FunctionId function)
{
    Node *inside = NEW(checker->arena, Node), *call = node_new(checker->arena, NODE_CALL);
    *inside = *part;
    call->function = (uint16_t)function;
    node_add(checker->arena, call, inside);
    return *call;
}

/* A text beside a number becomes one: a literal by itself, if it is a figure; else the other one becomes a text. */
static Str sentence_converted(Checker *checker, Node *text, Node *number)
{
    Value value;
    Error ignored;
    if (!node_is_text(text))
        return check_sentence_with(checker, text, converted(checker, text, FN_NUMBER));
    if (!decimal_parse_figure(value_str(text->value), false, &value, &ignored) || value.negative)
        return check_sentence_with(checker, number, converted(checker, number, FN_STR));
    Node *literal = node_new(checker->arena, NODE_LITERAL);
    literal->value = value;
    return check_sentence_with(checker, text, *literal);
}

/* Both operands of a sum in one text; NULL where that is no template. */
static const Node *joined_text(Checker *checker, const Node *sum)
{
    Node *template = node_new(checker->arena, NODE_TEMPLATE);
    bool has_text = false, has_value = false;
    for (uint32_t i = 0; i < sum->n_kids; i++) {
        Node *operand = sum->kids[i];
        if (operand->kind == NODE_TEMPLATE || (operand->kind == NODE_LITERAL && !node_is_text(operand)))
            return NULL;
        has_text |= node_is_text(operand);
        has_value |= !node_is_text(operand);
        if (!node_is_text(operand) || value_str(operand->value).len > 0)
            node_add(checker->arena, template, operand);
    }
    return has_text && has_value ? template : NULL;
}

/* Text and number in one calculation: written as one text where one is meant, else as numbers. */
static void hint_number(Checker *checker, Diagnostic *d, Node *node, bool left_is_text)
{
    bool english = check_in_english(checker);
    const Node *text = node->op == OP_ADD ? joined_text(checker, node) : NULL;
    Str sentence = text ? check_sentence_with(checker, node, *text)
                        : sentence_converted(checker, node->kids[left_is_text ? 0 : 1], node->kids[left_is_text]);
    if (sentence.len > 0 && !text && !node_is_text(node->kids[left_is_text ? 0 : 1]))
        check_hint(checker, d, "write: %.*s; or put both into one text (%s)", STR_ARG(sentence),
                   english ? "\"… {…}\"" : "f\"… {…}\"");
    else if (sentence.len > 0 && text)
        check_hint(checker, d, "write: %.*s", STR_ARG(sentence));
    else
        check_hint(checker, d, "put both into one text (%s), or convert it: %s", english ? "\"… {…}\"" : "f\"… {…}\"",
                   english ? "… as a number" : "number(…)");
}

/* What makes of a text what goes with the other type. A text beside a length of time is mostly a time of day. */
static FunctionId conversion_beside(const Type *other)
{
    switch (other->kind) {
    case TYPE_DATE: return FN_DATE;
    case TYPE_DATETIME: return FN_DATETIME;
    case TYPE_TIME: return FN_TIME;
    default: return FN_DURATION;
    }
}

/* A text beside a date, a time of day or a length of time, in a sum (`op`) or a comparison (-1). False where there is
 * none. */
static bool hint_moment(Checker *checker, Diagnostic *d, Node *left, Node *right, const Type *of_left,
                        const Type *of_right, int op)
{
    Node *text = of_left->kind == TYPE_TEXT ? left : of_right->kind == TYPE_TEXT ? right : NULL;
    const Type *other = text == left ? of_right : of_left;
    if (!text || !(is_moment(other) || other->kind == TYPE_DURATION))
        return false;
    bool either = other->kind == TYPE_DURATION && (op == OP_ADD || (op == OP_SUBTRACT && text == left));
    FunctionId function = either ? FN_TIME : op == OP_ADD ? FN_DURATION : conversion_beside(other);
    Str sentence = check_sentence_with(checker, text, converted(checker, text, function));
    if (sentence.len == 0)
        return false;
    check_hint(checker, d, "write: %.*s%s", STR_ARG(sentence),
               !either                     ? ""
               : check_in_english(checker) ? "; or, of a length of time, … as a duration"
                                           : "; or, of a length of time, duration(…)");
    return true;
}

/* What is compared, converted where it is a text beside a number; else the ways to convert. */
static void hint_compared(Checker *checker, Diagnostic *d, Node *left, Node *right, const Type *of_left,
                          const Type *of_right)
{
    bool english = check_in_english(checker);
    Str sentence = S("");
    if (hint_moment(checker, d, left, right, of_left, of_right, -1))
        return;
    if (of_left->kind == TYPE_TEXT && of_right->kind == TYPE_NUMBER)
        sentence = sentence_converted(checker, left, right);
    else if (of_left->kind == TYPE_NUMBER && of_right->kind == TYPE_TEXT)
        sentence = sentence_converted(checker, right, left);
    if (sentence.len > 0)
        check_hint(checker, d, "write: %.*s", STR_ARG(sentence));
    else
        check_hint(checker, d,
                   english ? "convert one of them: … as a number, … as a date, … as text"
                           : "convert one of them: number(…), date(…), str(…)");
}

/* ---- operators ---- */

static bool is_collection(const Type *type)
{
    return type->kind == TYPE_LIST || type->kind == TYPE_SET || type->kind == TYPE_TABLE;
}

static const Type *sum_type(Checker *checker, const Type *left, const Type *right)
{
    if (left->kind == TYPE_TEXT && right->kind == TYPE_TEXT)
        return &type_text;
    if (left->kind == TYPE_LIST && right->kind == TYPE_LIST)
        return check_join(checker, left, right);
    if (is_moment(left) && right->kind == TYPE_DURATION)
        return left;
    if (left->kind == TYPE_DURATION && is_moment(right))
        return right;
    if (left->kind == TYPE_DURATION && right->kind == TYPE_DURATION)
        return left;
    return NULL;
}

static const Type *difference_type(const Type *left, const Type *right)
{
    if (is_moment(left) && is_moment(right))
        return (left->kind == TYPE_TIME) == (right->kind == TYPE_TIME) ? &type_duration : NULL;
    if (is_moment(left) && right->kind == TYPE_DURATION)
        return left;
    if (left->kind == TYPE_DURATION && right->kind == TYPE_DURATION)
        return left;
    if (left->kind == TYPE_SET && right->kind == TYPE_SET)
        return left;
    return NULL;
}

/* Durations are scaled by numbers and divided by each other. Texts and lists are repeated by a number, as in Python. */
static const Type *product_type(const Type *left, const Type *right, ArithmeticOp op)
{
    bool repeats = left->kind == TYPE_TEXT || left->kind == TYPE_LIST || left->kind == TYPE_DURATION;
    bool repeated = right->kind == TYPE_TEXT || right->kind == TYPE_LIST || right->kind == TYPE_DURATION;
    if (op == OP_MULTIPLY && repeats && right->kind == TYPE_NUMBER)
        return left;
    if (op == OP_MULTIPLY && repeated && left->kind == TYPE_NUMBER)
        return right;
    if (op == OP_MODULO && left->kind == TYPE_DURATION && right->kind == TYPE_DURATION)
        return left;
    if ((op == OP_DIVIDE || op == OP_FLOOR_DIVIDE) && left->kind == TYPE_DURATION)
        return right->kind == TYPE_DURATION ? &type_number : right->kind == TYPE_NUMBER ? left : NULL;
    return NULL;
}

static bool counts(const Type *type)
{
    return type->kind == TYPE_NUMBER || type->kind == TYPE_BOOLEAN;
}

static void refuse_operands(Checker *checker, Node *node, const Type *left, const Type *right)
{
    static const char *const verbs[] = {[OP_ADD] = "added to",
                                        [OP_SUBTRACT] = "subtracted from",
                                        [OP_MULTIPLY] = "multiplied by",
                                        [OP_DIVIDE] = "divided by",
                                        [OP_FLOOR_DIVIDE] = "divided by",
                                        [OP_MODULO] = "divided by",
                                        [OP_POWER] = "raised to the power of"};
    bool turned = node->op == OP_ADD || node->op == OP_SUBTRACT;
    const Type *first = turned ? right : left, *second = turned ? left : right;
    Diagnostic *d = check_error(checker, "wrong-operands", node, "%.*s cannot be %s %.*s",
                                STR_ARG(check_type_shown(checker, first)), verbs[node->op],
                                STR_ARG(check_type_shown(checker, second)));
    bool moment = is_moment(left) || is_moment(right);
    bool sums = node->op == OP_ADD || node->op == OP_SUBTRACT;
    if (sums && hint_moment(checker, d, node->kids[0], node->kids[1], left, right, node->op))
        return;
    if (left->kind == TYPE_TEXT || right->kind == TYPE_TEXT)
        hint_number(checker, d, node, left->kind == TYPE_TEXT);
    else if (left->kind == TYPE_DURATION || right->kind == TYPE_DURATION)
        check_hint(checker, d,
                   check_in_english(checker)
                       ? "say of what the number is: … hours, … minutes; or reckon with … in hours"
                       : "say of what the number is: hours(…), minutes(…); or reckon with in_hours(…)");
    else if (left->kind == TYPE_TIME && right->kind == TYPE_TIME)
        check_hint(checker, d,
                   check_in_english(checker) ? "a length of time is meant: … as a duration" : "write duration(…)");
    else if (is_moment(left) && is_moment(right))
        check_hint(checker, d,
                   check_in_english(checker) ? "a time of day has no day; together they are the moment at … on …"
                                             : "a time of day has no day; together they are combine(date, time)");
    else if (moment && (counts(left) || counts(right)))
        check_hint(checker, d, check_in_english(checker) ? "say of what: 3 days after …" : "say of what: … + days(3)");
    else
        check_hint(checker, d, "use a field or an item of it");
}

static bool is_text_field(const Node *node, const Type *type)
{
    return type->kind == TYPE_TEXT && (node->kind == NODE_FIELD || node->kind == NODE_INDEX);
}

/* Two texts from fields are added as numbers where both are figures; one is not repeated. */
static bool may_be_figures(const Node *node, const Type *left, const Type *right)
{
    bool left_field = is_text_field(node->kids[0], left), right_field = is_text_field(node->kids[1], right);
    return node->op == OP_MULTIPLY ? left_field || right_field : left_field && right_field;
}

static const Type *check_arithmetic(Checker *checker, Node *node)
{
    const Type *left = check_expression(checker, node->kids[0]), *right = check_expression(checker, node->kids[1]);
    ArithmeticOp op = (ArithmeticOp)node->op;
    if (counts(left) && counts(right))
        return &type_number;
    if (left == &type_unknown || right == &type_unknown)
        return &type_unknown;
    if (!check_is_known(left) || !check_is_known(right) || may_be_figures(node, left, right)) {
        bool sums = op != OP_MULTIPLY && (left->kind == TYPE_NUMBER || right->kind == TYPE_NUMBER);
        return sums ? &type_number : &type_any;
    }
    const Type *type = op == OP_ADD        ? sum_type(checker, left, right)
                       : op == OP_SUBTRACT ? difference_type(left, right)
                                           : product_type(left, right, op);
    if (type && (left->kind == TYPE_LIST || right->kind == TYPE_LIST))
        check_repeated(checker, node, node->kids[left->kind == TYPE_LIST ? 0 : 1]);
    if (type)
        return type;
    refuse_operands(checker, node, left, right);
    return &type_unknown; /* a fact that it is added to in steps stays what it was, and so the step is told */
}

static bool has_order(const Type *left, const Type *right)
{
    if (!check_is_known(left) || !check_is_known(right))
        return true;
    if (counts(left) && counts(right))
        return true;
    if (is_moment(left) && is_moment(right))
        return (left->kind == TYPE_TIME) == (right->kind == TYPE_TIME);
    return left->kind == right->kind && left->kind != TYPE_RECORD && left->kind != TYPE_TABLE &&
           left->kind != TYPE_FILE;
}

/* Parts that only ever differ: 5 == "5" is False, always. */
static bool never_equal(const Type *left, const Type *right)
{
    bool plain = left->kind == TYPE_NUMBER || left->kind == TYPE_TEXT;
    bool other = right->kind == TYPE_NUMBER || right->kind == TYPE_TEXT || right->kind == TYPE_DATE;
    return plain && other && left->kind != right->kind;
}

static void check_pair_of(Checker *checker, Node *node, uint32_t i, const Type *left, const Type *right)
{
    CompareOp op = (CompareOp)node->ops[i];
    if (op == CMP_IN || op == CMP_NOT_IN) {
        if (counts(right) || is_moment(right) || right->kind == TYPE_DURATION)
            check_error(checker, "not-a-collection", node->kids[i + 1], "nothing can be in %.*s",
                        STR_ARG(check_type_shown(checker, right)));
        else if (node->n_kids == 2)
            check_contained(checker, node, node->kids[1], node->kids[0], right, left);
        return;
    }
    if (op == CMP_EQUAL || op == CMP_NOT_EQUAL) {
        if (!never_equal(left, right) && !never_equal(right, left))
            return;
        Diagnostic *d =
            check_warning(checker, "never-equal", node, "%.*s never equals %.*s",
                          STR_ARG(check_type_shown(checker, left)), STR_ARG(check_type_shown(checker, right)));
        hint_compared(checker, d, node->kids[i], node->kids[i + 1], left, right);
        return;
    }
    if (has_order(left, right))
        return;
    Diagnostic *d = check_error(checker, "no-order", node, "%.*s and %.*s have no order between them",
                                STR_ARG(check_type_shown(checker, left)), STR_ARG(check_type_shown(checker, right)));
    if (left->kind == TYPE_TEXT || right->kind == TYPE_TEXT)
        hint_compared(checker, d, node->kids[i], node->kids[i + 1], left, right);
    else if ((left->kind == TYPE_DURATION && counts(right)) || (counts(left) && right->kind == TYPE_DURATION))
        check_hint(checker, d,
                   check_in_english(checker) ? "say of what the number is: … hours, … minutes; or compare … in hours"
                                             : "say of what the number is: hours(…); or compare in_hours(…)");
    else
        check_hint(checker, d, "compare a field or an item of it");
}

static const Type *check_compare(Checker *checker, Node *node)
{
    const Type *left = check_expression(checker, node->kids[0]);
    for (uint32_t i = 0; i + 1 < node->n_kids; i++) {
        const Type *right = check_expression(checker, node->kids[i + 1]);
        check_pair_of(checker, node, i, left, right);
        check_time_before(checker, node, i);
        left = right;
    }
    return &type_boolean;
}

static const Type *check_negate(Checker *checker, Node *node)
{
    const Type *type = check_expression(checker, node->kids[0]);
    if (type->kind == TYPE_TEXT || is_collection(type) || type->kind == TYPE_RECORD || is_moment(type)) {
        Diagnostic *d = check_error(checker, "wrong-operands", node, "%.*s has no negative",
                                    STR_ARG(check_type_shown(checker, type)));
        if (type->kind == TYPE_TEXT)
            check_hint(checker, d, check_in_english(checker) ? "convert it: … as a number" : "convert it: number(…)");
    }
    return counts(type) ? &type_number : type->kind == TYPE_DURATION ? type : &type_any;
}

/* ---- parts of values ---- */

static const Type *check_index(Checker *checker, Node *node)
{
    const Type *type = check_expression(checker, node->kids[0]);
    const Type *index = check_expression(checker, node->kids[1]);
    if (counts(type) || is_moment(type) || type->kind == TYPE_DURATION || type->kind == TYPE_FILE)
        check_error(checker, "no-items", node, "%.*s has no items", STR_ARG(check_type_shown(checker, type)));
    Shape *shape = shape_of(type);
    if (type->kind == TYPE_RECORD)
        return shape ? shape_get_any(checker, shape) : &type_any;
    /* A table has rows by their numbers and columns by their names. */
    if (type->kind == TYPE_TABLE && index->kind == TYPE_TEXT && shape)
        return shape_list_of(checker, shape_at(checker, node), shape_get_any(checker, shape));
    return check_item_type(type);
}

static const Type *check_slice(Checker *checker, Node *node)
{
    const Type *type = check_expression(checker, node->kids[0]);
    for (uint32_t i = 1; i < 4; i++) {
        if (node->kids[i]->kind != NODE_NOTHING)
            (void)check_expression(checker, node->kids[i]);
    }
    if (counts(type) || is_moment(type) || type->kind == TYPE_RECORD || type->kind == TYPE_FILE)
        check_error(checker, "no-items", node, "%.*s has no items to cut", STR_ARG(check_type_shown(checker, type)));
    if (type->kind == TYPE_TABLE)
        return shape_list_of(checker, shape_at(checker, node), check_item_type(type));
    return type->kind == TYPE_LIST || type->kind == TYPE_TEXT ? type : &type_any;
}

static const Type *type_of_expression(Checker *checker, Node *node);

const Type *check_round(Checker *checker, const Type *type)
{
    const Type *whole = type->kind == TYPE_LIST && type->n_fields > 0 ? &type_list : check_item_type(type);
    for (uint32_t i = 0; i < type->n_fields && whole == &type_list; i++)
        check_release(checker, type->fields[i].type);
    return whole;
}

const Type *check_part(const Type *type, uint32_t part, uint32_t n_parts)
{
    if (type->kind == TYPE_LIST && type->n_fields > 0)
        return type->n_fields == n_parts ? type->fields[part].type : &type_any;
    return check_item_type(check_item_type(type));
}

const Type *check_iterable(Checker *checker, Node *node)
{
    const Type *type = type_of_expression(checker, node);
    if (counts(type) || is_moment(type) || type->kind == TYPE_DURATION || type->kind == TYPE_FILE) {
        Diagnostic *d = check_error(checker, "not-a-collection", node, "%.*s has nothing to go through",
                                    STR_ARG(check_type_shown(checker, type)));
        bool english = check_in_english(checker);
        if (type->kind == TYPE_NUMBER)
            check_hint(checker, d,
                       english ? "to do something so many times: repeat 3 times"
                               : "to do something so many times: for _ in range(3):");
        else if (type->kind == TYPE_FILE)
            check_hint(checker, d,
                       english ? "read it first: get the rows from the file"
                               : "read it first: files.read_table(file=…)");
    }
    return type;
}

/* ---- functions: what their arguments may be, and what they give ---- */

enum { /* kinds that an argument may have */
       N = BIT(TYPE_NUMBER) | BIT(TYPE_BOOLEAN),
       T = BIT(TYPE_TEXT),
       D = BIT(TYPE_DATE) | BIT(TYPE_DATETIME),
       M = D | BIT(TYPE_TIME),
       C = BIT(TYPE_TIME) | BIT(TYPE_DATETIME),
       H = BIT(TYPE_DURATION) | BIT(TYPE_TIME),
       L = BIT(TYPE_LIST) | BIT(TYPE_SET) | BIT(TYPE_TABLE),
       R = BIT(TYPE_RECORD),
       ALL = 0 /* anything */
};

typedef struct Signature {
    unsigned first, others;
    const Type *result; /* NULL: not known */
} Signature;

static const Signature signatures[FN_N_FUNCTIONS] = {
    [FN_ABS] = {N | BIT(TYPE_DURATION), N, NULL},
    [FN_ROUND] = {N, N, &type_number},
    [FN_ROUND_HALF_UP] = {N, N, &type_number},
    [FN_ROUND_UP] = {N, N, &type_number},
    [FN_ROUND_DOWN] = {N, N, &type_number},
    [FN_PERCENT_OF] = {N, N, &type_number},
    [FN_INT] = {N | T, ALL, &type_number},
    [FN_NUMBER] = {N | T, ALL, &type_number},
    [FN_FLOAT] = {N | T, ALL, &type_number},
    [FN_BOOL] = {ALL, ALL, &type_boolean},
    [FN_SUM] = {L, ALL, NULL},
    [FN_AVERAGE] = {L, ALL, NULL},
    [FN_LEN] = {L | T | R, ALL, &type_number},
    [FN_FIRST] = {L | T, ALL, NULL},
    [FN_LAST] = {L | T, ALL, NULL},
    [FN_SORTED] = {L | T | R, ALL, NULL},
    [FN_SORT_BY] = {L, T, NULL},
    [FN_SORT_DOWN_BY] = {L, T, NULL},
    [FN_REVERSED] = {L | T, ALL, NULL},
    [FN_UNIQUE] = {L | T, ALL, NULL},
    [FN_UNIQUE_BY] = {L, ALL, NULL},
    [FN_ANY] = {L, ALL, &type_boolean},
    [FN_ALL] = {L, ALL, &type_boolean},
    [FN_RANGE] = {N, N, NULL},
    [FN_NUMBERS] = {N, N, NULL},
    [FN_ENUMERATE] = {L | T | R, N, NULL},
    [FN_ZIP] = {L | T | R, L | T | R, NULL},
    [FN_LIST] = {L | T | R, ALL, NULL},
    [FN_SET] = {L | T | R, ALL, NULL},
    [FN_DICT] = {L | R, ALL, NULL},
    [FN_KEYS] = {R, ALL, &type_list},
    [FN_VALUES] = {R, ALL, NULL},
    [FN_ITEMS] = {R, ALL, NULL},
    [FN_GET] = {R, ALL, NULL},
    [FN_INDEX_OF] = {L | T, ALL, &type_number},
    [FN_COUNT_OF] = {L | T, ALL, &type_number},
    [FN_IS_EMPTY] = {ALL, ALL, &type_boolean},
    [FN_IS_NOT_EMPTY] = {ALL, ALL, &type_boolean},
    [FN_IS_MISSING] = {ALL, ALL, &type_boolean},
    [FN_IS_NOT_MISSING] = {ALL, ALL, &type_boolean},
    [FN_TABLE_FROM_RECORDS] = {L, ALL, NULL},
    [FN_TABLE_FROM_DICT] = {R, ALL, NULL},
    [FN_SELECT_COLUMNS] = {L, ALL, NULL},
    [FN_COLUMN] = {L, T, NULL},
    [FN_COLUMNS] = {BIT(TYPE_TABLE) | BIT(TYPE_LIST), ALL, NULL},
    [FN_ROWS] = {BIT(TYPE_TABLE) | BIT(TYPE_LIST), ALL, NULL},
    [FN_GROUP_BY] = {L, ALL, NULL},
    [FN_STR] = {ALL, ALL, &type_text},
    [FN_UPPER] = {T, ALL, &type_text},
    [FN_LOWER] = {T, ALL, &type_text},
    [FN_TITLE] = {T, ALL, &type_text},
    [FN_STRIP] = {T, T, &type_text},
    [FN_SPLIT] = {T, T, NULL},
    [FN_JOIN] = {T, L | T | R, &type_text},
    [FN_REPLACE] = {T, T, &type_text},
    [FN_STARTS_WITH] = {T, T | BIT(TYPE_LIST), &type_boolean},
    [FN_ENDS_WITH] = {T, T | BIT(TYPE_LIST), &type_boolean},
    [FN_CONTAINS] = {T | L | R, ALL, &type_boolean},
    [FN_MATCHES] = {T, T, &type_boolean},
    [FN_IS_DIGIT] = {T, ALL, &type_boolean},
    [FN_LEFT] = {T, N, &type_text},
    [FN_RIGHT] = {T, N, &type_text},
    [FN_DATE] = {M | N | T, N | T, &type_date},
    [FN_TIME] = {M | N | T, ALL, &type_time},
    [FN_DATETIME] = {M | T, ALL, &type_datetime},
    [FN_SECONDS] = {N, ALL, &type_duration},
    [FN_MINUTES] = {N, ALL, &type_duration},
    [FN_HOURS] = {N, ALL, &type_duration},
    [FN_DAYS] = {N | BIT(TYPE_DURATION), ALL, NULL},
    [FN_WEEKS] = {N, ALL, &type_duration},
    [FN_MONTHS_AFTER] = {N, D | T, NULL},
    [FN_MONTHS_BEFORE] = {N, D | T, NULL},
    [FN_YEARS_AFTER] = {N, D | T, NULL},
    [FN_YEARS_BEFORE] = {N, D | T, NULL},
    [FN_DAYS_BETWEEN] = {D | T, D | T, &type_number},
    [FN_TIME_BETWEEN] = {M | T, M | T, &type_duration},
    [FN_HOURS_BETWEEN] = {M | T, M | T, &type_number},
    [FN_MINUTES_BETWEEN] = {M | T, M | T, &type_number},
    [FN_DURATION] = {H | T, ALL, &type_duration},
    [FN_IN_HOURS] = {H | T, ALL, &type_number},
    [FN_IN_MINUTES] = {H | T, ALL, &type_number},
    [FN_TOTAL_SECONDS] = {H | T, ALL, &type_number},
    [FN_HOURS_AND_MINUTES] = {H | T, ALL, &type_text},
    [FN_COMBINE] = {D | T, C | T, &type_datetime},
    [FN_WITHIN] = {ALL, ALL, &type_boolean},
    [FN_YEAR] = {D | T, ALL, &type_number},
    [FN_MONTH] = {D | T, ALL, &type_number},
    [FN_DAY] = {D | T, ALL, &type_number},
    [FN_HOUR] = {C | T, ALL, &type_number},
    [FN_MINUTE] = {C | T, ALL, &type_number},
    [FN_WEEKDAY] = {D | T, ALL, NULL},
    [FN_STRFTIME] = {M | T, T, &type_text},
    [FN_FORMAT] = {N | T, T, &type_text},
    [FN_BETWEEN] = {ALL, ALL, &type_boolean},
    [FN_APPEND] = {L, ALL, NULL},
    [FN_REMOVE] = {L, ALL, &type_null},
    [FN_INSERT_FIRST] = {L, ALL, NULL},
    [FN_DELETE_FIELD] = {R, T, &type_null},
};

static const Type *kind_type(TypeKind kind)
{
    static const Type *const types[TYPE_N_KINDS] = {
        [TYPE_BOOLEAN] = &type_boolean,   [TYPE_NUMBER] = &type_number, [TYPE_TEXT] = &type_text,
        [TYPE_DATE] = &type_date,         [TYPE_TIME] = &type_time,     [TYPE_DATETIME] = &type_datetime,
        [TYPE_DURATION] = &type_duration, [TYPE_LIST] = &type_list,     [TYPE_RECORD] = &type_record,
    };
    return types[kind];
}

/* "a number or a text": the kinds that people think of, not every one that works. */
static Str list_kinds(Checker *checker, unsigned kinds)
{
    static const TypeKind named[] = {TYPE_NUMBER, TYPE_TEXT,   TYPE_DATE,    TYPE_TIME,
                                     TYPE_LIST,   TYPE_RECORD, TYPE_DURATION};
    Buf out = buf_in(checker->arena);
    if (kinds & (BIT(TYPE_DATE) | BIT(TYPE_DURATION)))
        kinds &= ~BIT(TYPE_TIME);
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        if (kinds & BIT(named[i]))
            buf_printf(&out, "%s%.*s", out.len ? " or " : "", STR_ARG(check_type_shown(checker, kind_type(named[i]))));
    }
    return buf_view(&out);
}

/* The first English form with … for its values. */
Str check_function_name(Checker *checker, FunctionId function)
{
    Str form = str_from_c(functions[function].english ? functions[function].english : "");
    if (!check_in_english(checker) || form.len == 0)
        return str_from_c(functions[function].spy);
    form = str_cut(&form, '|');
    Buf out = buf_in(checker->arena);
    bool optional = false, gap = false;
    buf_str(&out, S("“"));
    for (size_t i = 0; i < form.len; i++) {
        char c = form.data[i];
        if (c == '{' && !optional)
            buf_str(&out, S("…"));
        gap = c == '{' || (gap && c != '}');
        optional = c == '[' || (optional && c != ']');
        if (!gap && !optional && c != '}' && c != ']')
            buf_char(&out, c);
    }
    buf_str(&out, S("”"));
    return buf_view(&out);
}

static void check_function_argument(Checker *checker, const Node *call, const Node *argument, unsigned kinds,
                                    const Type *type)
{
    if (kinds == ALL || !check_is_known(type) || kinds & BIT(type->kind))
        return;
    Diagnostic *d = check_error(checker, "wrong-type", argument, "%.*s takes %.*s, and this is %.*s",
                                STR_ARG(check_function_name(checker, (FunctionId)call->function)),
                                STR_ARG(list_kinds(checker, kinds)), STR_ARG(check_type_shown(checker, type)));
    bool english = check_in_english(checker);
    if (kinds & BIT(TYPE_NUMBER) && type->kind == TYPE_TEXT)
        check_hint(checker, d, english ? "convert it: … as a number" : "convert it: number(…)");
    else if (kinds & BIT(TYPE_NUMBER) && type->kind == TYPE_DURATION)
        check_hint(checker, d, english ? "take its figure: … in hours, … in minutes" : "take its figure: in_hours(…)");
    else if (kinds & BIT(TYPE_DURATION) && counts(type))
        check_hint(checker, d,
                   english ? "say of what the number is: … hours, … minutes" : "say of what the number is: hours(…)");
    else if (kinds == T)
        check_hint(checker, d, english ? "convert it: … as text" : "convert it: str(…)");
    else
        check_hint(checker, d, "use a field or an item of it");
}

static const Type *check_function(Checker *checker, Node *node)
{
    const Signature *signature = &signatures[node->function];
    const Type **types = NEW_ARRAY(checker->arena, const Type *, node->n_kids);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        types[i] = check_expression(checker, node->kids[i]);
        check_function_argument(checker, node, node->kids[i], i ? signature->others : signature->first, types[i]);
    }
    if (functions[node->function].style == STYLE_ACTION)
        check_lost_change(checker, node);
    if (node->function == FN_CONTAINS)
        check_contained(checker, node, node->kids[0], node->kids[1], types[0], types[1]);
    if (functions[node->function].style == STYLE_ACTION && node->n_kids > 1)
        check_list_as_item(checker, node, node->kids[1], types[1]);
    return signature->result ? signature->result : check_function_result(checker, node, types);
}

/* ---- collections ---- */

static const Type *check_items(Checker *checker, Node *node)
{
    Shape *list = shape_at(checker, node);
    check_last_item(checker, node);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Type *type = check_expression(checker, node->kids[i]);
        if (node->kind == NODE_SET)
            check_release(checker, type);
        else
            shape_add_item(checker, list, type);
    }
    return node->kind == NODE_SET ? &type_set : &list->list;
}

/* A figure in a text that is a field counts as its number. */
static const Type *field_value_type(const Node *value, const Type *type)
{
    Value number;
    Error ignored;
    bool is_figure = node_is_text(value) && (decimal_parse_figure(value_str(value->value), false, &number, &ignored) ||
                                             decimal_parse_figure(value_str(value->value), true, &number, &ignored));
    return is_figure ? &type_figure : type;
}

static const Type *check_record(Checker *checker, Node *node)
{
    Map keys = {.arena = checker->arena};
    Shape *record = shape_at(checker, node);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        Node *pair = node->kids[i];
        (void)check_expression(checker, pair->kids[0]);
        const Type *type = field_value_type(pair->kids[1], check_expression(checker, pair->kids[1]));
        if (!node_is_text(pair->kids[0])) {
            shape_set_others(checker, record, type);
            continue;
        }
        Str key = value_str(pair->kids[0]->value);
        shape_set(checker, record, key, type, true);
        check_note_use(checker, shape_of(&record->record), key, pair);
        if (!checker->quiet && map_put(&keys, key, pair)) {
            Diagnostic *d =
                check_warning(checker, "doubled-key", pair, "this record has \"%.*s\" already", STR_ARG(key));
            check_hint(checker, d, "only the last one counts: take one out");
        }
    }
    return &record->record;
}

static Local *bind_name(Checker *checker, const Node *name, const Type *type, Local *outer)
{
    Local *local = NEW(checker->arena, Local);
    *local = (Local){name->name, type, outer};
    return local;
}

/* What a round over `type` gives, by its name or by the names of its parts. */
static Local *bind_round(Checker *checker, const Node *target, const Type *type, Local *outer)
{
    if (target->kind != NODE_TUPLE)
        return bind_name(checker, target, check_round(checker, type), outer);
    for (uint32_t i = 0; i < target->n_kids; i++)
        outer = bind_name(checker, target->kids[i], check_part(type, i, target->n_kids), outer);
    return outer;
}

/* Whether “the … of” is a function: the year of the sizes is that of a date. */
static bool begins_function(Checker *checker, Str key)
{
    Str phrase = str_printf(checker->arena, "the %.*s of ", STR_ARG(key));
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        if (functions[id].english && str_contains(str_from_c(functions[id].english), phrase))
            return true;
    }
    return false;
}

/* The parts' order, where the parts are one record: a plural of form alone, which would go through its keys. */
static void check_plural_of_one(Checker *checker, const Node *node, const Type *over)
{
    const Node *element = node->kids[0], *base = element;
    while (base->kind == NODE_FIELD)
        base = base->kids[0];
    if (over->kind != TYPE_RECORD || element->kind != NODE_FIELD || base->kind != NODE_NAME ||
        node->kids[1]->kind != NODE_NAME || !str_eq(base->name, node->kids[1]->name))
        return;
    const Node *list = node->kids[2];
    while (element->kids[0]->kind == NODE_FIELD)
        element = element->kids[0];
    Diagnostic *d = check_error(checker, "one-record", node, "this is one record, not a list of them");
    if (list->kind != NODE_NAME)
        return;
    Str words = name_to_words(checker->arena, list->name);
    if (check_in_english(checker) && !begins_function(checker, element->text)) {
        check_hint(checker, d, "write “the %.*s of the %.*s”", STR_ARG(element->text), STR_ARG(words));
        return;
    }
    Node *field = node_new(checker->arena, NODE_FIELD);
    field->text = element->text;
    node_add(checker->arena, field, node->kids[2]);
    check_hint(checker, d, "write: %.*s", STR_ARG(str_trim(check_printed(checker, field))));
}

static const Type *check_collect(Checker *checker, Node *node)
{
    const Type *over = check_iterable(checker, node->kids[2]);
    Local *outer = checker->locals;
    checker->locals = bind_round(checker, node->kids[1], over, outer);
    Node *element = node->kids[0];
    bool is_pair = element->kind == NODE_PAIR;
    if (node->n_kids > 3)
        (void)check_expression(checker, node->kids[3]);
    if (is_pair)
        (void)check_expression(checker, element->kids[0]);
    const Type *type = check_expression(checker, is_pair ? element->kids[1] : element);
    check_plural_of_one(checker, node, over);
    checker->locals = outer;
    if (node->op == COLLECT_MORE)
        return type;
    Shape *made = shape_at(checker, node);
    if (node->op == COLLECT_RECORD) {
        shape_set_others(checker, made, type);
        return &made->record;
    }
    if (node->op != COLLECT_SET)
        return shape_list_of(checker, made, type);
    check_release(checker, type);
    return &type_set;
}

/* ---- expressions ---- */

static const Type *literal_type(const Node *node)
{
    switch (node->value.kind) {
    case VALUE_NULL: return &type_null;
    case VALUE_BOOL: return &type_boolean;
    case VALUE_NUMBER: return &type_number;
    case VALUE_TEXT: return &type_text;
    case VALUE_DATE: return &type_date;
    case VALUE_TIME: return &type_time;
    default: return &type_any;
    }
}

/* `node`'s bare literals compared as its first part is; in one list where all are and “or” joins equals, as what is
 * meant. */
static Node *alternatives_compared(Checker *checker, const Node *node)
{
    const Node *first = node->kids[0];
    CompareOp op = (CompareOp)first->ops[first->n_kids - 2];
    Node *value = first->kids[first->n_kids - 2];
    bool one_of = node->kind == NODE_OR && (op == CMP_EQUAL || op == CMP_NOT_EQUAL) && first->n_kids == 2;
    for (uint32_t i = 1; i < node->n_kids; i++)
        one_of &= node->kids[i]->kind == NODE_LITERAL && node->kids[i]->value.kind != VALUE_BOOL;
    Node *all = node_new(checker->arena, one_of ? NODE_LIST : node->kind);
    node_add(checker->arena, all, one_of ? first->kids[1] : node->kids[0]);
    for (uint32_t i = 1; i < node->n_kids; i++) {
        Node *part = node->kids[i];
        if (!one_of && part->kind == NODE_LITERAL && part->value.kind != VALUE_BOOL) {
            Node *compared = node_new(checker->arena, NODE_COMPARE);
            compared->ops[0] = (uint8_t)op;
            node_add(checker->arena, compared, value);
            node_add(checker->arena, compared, part);
            part = compared;
        }
        node_add(checker->arena, all, part);
    }
    if (!one_of)
        return all;
    Node *in = node_new(checker->arena, NODE_COMPARE);
    in->ops[0] = op == CMP_EQUAL ? CMP_IN : CMP_NOT_IN;
    node_add(checker->arena, in, value);
    node_add(checker->arena, in, all);
    return in;
}

/* status == "open" or "late": a comparison or the text "late", which always holds. Nobody means that. In English the
 * reader tells it. */
static void check_bare_alternative(Checker *checker, const Node *node)
{
    const Node *left = node->kids[0];
    if (node->kind == NODE_CHOOSE || left->kind != NODE_COMPARE)
        return;
    for (uint32_t i = 1; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        if (kid->kind != NODE_LITERAL || kid->value.kind == VALUE_BOOL)
            continue;
        const char *word = node->kind == NODE_OR ? "or" : "and";
        Diagnostic *d = check_error(checker, "bare-alternative", kid,
                                    "this stands behind “%s” by itself and is compared with nothing", word);
        check_hint(checker, d, "write: %.*s", STR_ARG(check_printed(checker, alternatives_compared(checker, node))));
        return;
    }
}

/* and, or and a choice give one of their values. */
static const Type *check_several(Checker *checker, Node *node)
{
    const Type *type = NULL;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Type *kid = check_expression(checker, node->kids[i]);
        if (node->kind != NODE_CHOOSE || i != 1)
            type = type ? check_join(checker, type, kid) : kid;
    }
    check_bare_alternative(checker, node);
    return type;
}

static const Type *check_each(Checker *checker, Node *node, const Type *type)
{
    for (uint32_t i = 0; i < node->n_kids; i++)
        (void)check_expression(checker, node->kids[i]);
    return type;
}

static const Type *check_call(Checker *checker, Node *node)
{
    const Type *type = check_procedure_call(checker, node);
    check_call_result(checker, node);
    return type;
}

static const Type *type_of_expression(Checker *checker, Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL: return literal_type(node);
    case NODE_TEMPLATE: return check_each(checker, node, &type_text);
    case NODE_NAME: return check_fact_use(checker, node);
    case NODE_FIELD: return check_field(checker, node);
    case NODE_INDEX: return check_index(checker, node);
    case NODE_SLICE: return check_slice(checker, node);
    case NODE_NEGATE: return check_negate(checker, node);
    case NODE_ARITHMETIC: return check_arithmetic(checker, node);
    case NODE_COMPARE: return check_compare(checker, node);
    case NODE_NOT: return check_each(checker, node, &type_boolean);
    case NODE_AND:
    case NODE_OR:
    case NODE_CHOOSE: return check_several(checker, node);
    case NODE_CALL: return check_function(checker, node);
    case NODE_PROCEDURE_CALL: return check_call(checker, node);
    case NODE_BOOK_CALL: return check_book_call(checker, node);
    case NODE_ASK: return check_each(checker, node, node->type);
    case NODE_COLLECT: return check_collect(checker, node);
    case NODE_LIST:
    case NODE_SET:
    case NODE_TUPLE: return check_items(checker, node);
    case NODE_RECORD: return check_record(checker, node);
    default: return &type_any;
    }
}

const Type *check_expression(Checker *checker, Node *node)
{
    const Type *type = type_of_expression(checker, node);
    for (uint32_t i = 0; i < type->n_fields && type->kind == TYPE_LIST; i++)
        check_release(checker, type->fields[i].type);
    return type->kind == TYPE_LIST && type->n_fields > 0 ? &type_list : type;
}

/* ---- statements that want a type ---- */

void check_wait(Checker *checker, const Node *wait, const Type *type)
{
    if (!check_is_known(type))
        return;
    bool until = wait->flags & NODE_UNTIL;
    if (until ? is_moment(type) || type->kind == TYPE_TEXT : type->kind == TYPE_DURATION)
        return;
    Diagnostic *d = check_error(checker, "wrong-type", wait->kids[0], "%s, and this is %.*s",
                                until ? "waiting until takes a date or a time" : "waiting takes a duration",
                                STR_ARG(check_type_shown(checker, type)));
    if (!until && type->kind == TYPE_NUMBER)
        check_hint(checker, d, check_in_english(checker) ? "say of what: wait 3 days" : "say of what: wait(days(3))");
    else if (!until && is_moment(type))
        check_hint(checker, d, check_in_english(checker) ? "wait until the date" : "write wait(until=…)");
}

void check_input_default(Checker *checker, const Node *input)
{
    if (input->n_kids == 0 || checker->quiet)
        return;
    const Node *given = input->kids[0];
    bool negative = given->kind == NODE_NEGATE;
    if (negative)
        given = given->kids[0];
    if (given->kind != NODE_LITERAL || input->type->kind == TYPE_ANY || given->value.kind == VALUE_NULL)
        return;
    Value value = negative ? decimal_negate(given->value) : given->value, converted;
    Error err;
    if (type_convert(checker->arena, input->type, value, READING_DEFAULT, "", &converted, &err))
        return;
    Diagnostic *d = check_error(checker, "bad-default", input->kids[0], "the input is %.*s, and its default is %.*s",
                                STR_ARG(check_type_shown(checker, input->type)),
                                STR_ARG(check_type_shown(checker, literal_type(given))));
    if (input->type->kind == TYPE_LIST && check_in_english(checker))
        check_hint(checker, d, "a list of one is written: the list of %.*s",
                   STR_ARG(check_printed(checker, input->kids[0])));
    else
        check_hint(checker, d, "write a default of that type, or change the type");
}
