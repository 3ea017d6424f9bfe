/* tests/lang/tree_gen.c: see tree_gen.h. */
#include "tree_gen.h"

#include "lang/function.h"
#include "value/decimal.h"

/* ---- chance ---- */

enum { DEFINES_MAX = 3, PARAMETERS_MAX = 3 };

typedef struct Gen {
    Arena *arena;
    uint64_t state;
    unsigned size; /* statements still to make */
    bool in_define, in_loop;
    const Node *defines[DEFINES_MAX];
    unsigned n_defines;
} Gen;

static uint64_t next(Gen *gen) /* splitmix64 */
{
    uint64_t z = (gen->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static unsigned below(Gen *gen, unsigned n)
{
    return (unsigned)(next(gen) % n);
}

static bool chance(Gen *gen, unsigned percent)
{
    return below(gen, 100) < percent;
}

#define PICK(gen, table) ((table)[below(gen, COUNT_OF(table))])

/* ---- words that are hard to spell, among easy ones ---- */

static const Str names[] = {
    S_INIT("invoice"),
    S_INIT("invoices"),
    S_INIT("purchase_order"),
    S_INIT("purchase_orders"),
    S_INIT("total"),
    S_INIT("count"),
    S_INIT("rate"),
    S_INIT("line"),
    S_INIT("lines"),
    S_INIT("tolerance"),
    S_INIT("due_date"),
    S_INIT("customer"),
    S_INIT("regions"),
    S_INIT("x"),
    S_INIT("y2"),
    S_INIT("invoice"),
    S_INIT("lines"),
    S_INIT("total"),
    S_INIT("difference"),
    S_INIT("tax_rate"),
    S_INIT("x_1"),
    S_INIT("_hidden"),
    S_INIT("a__b"),
    S_INIT("class"),
    S_INIT("if"),
    S_INIT("the"),
    S_INIT("and"),
    S_INIT("first"),
    S_INIT("number"),
    S_INIT("result"),
    S_INIT("text"),
    S_INIT("files"),
    S_INIT("class_"),
    S_INIT("gr\xC3\xB6\xC3\x9F"
           "e"),
    S_INIT("sum"),
    S_INIT("true"),
    S_INIT("list"),
    S_INIT("of_the_total"),
    S_INIT("is_missing"),
    S_INIT("days"),
    S_INIT("kognitos"),
    S_INIT("print"),
    S_INIT("first_invoice"),
    S_INIT("item"),
    S_INIT("none"),
    S_INIT("whose"),
    S_INIT("children"),
    S_INIT("child"),
    S_INIT("answer"),
    S_INIT("and_total"),
};

static const Str keys[] = {
    S_INIT("total"),
    S_INIT("number"),
    S_INIT("purchase order number"),
    S_INIT("status"),
    S_INIT("amount"),
    S_INIT("due date"),
    S_INIT("lines"),
    S_INIT("PO Number"),
    S_INIT("JobID"),
    S_INIT("purchase_order"),
    S_INIT(""),
    S_INIT("say \"hi\""),
    S_INIT("a\nb"),
    S_INIT("Gr\xC3\xB6\xC3\x9F"
           "e"),
    S_INIT("and"),
    S_INIT("the total"),
    S_INIT(" x "),
    S_INIT("{x}"),
    S_INIT("100%"),
    S_INIT("is"),
    S_INIT("2nd line"),
    S_INIT("whose"),
    S_INIT("it's"),
};

static const Str texts[] = {
    S_INIT("paid"),
    S_INIT("review"),
    S_INIT(""),
    S_INIT("PO-4711"),
    S_INIT("{"),
    S_INIT("}}"),
    S_INIT("{x}"),
    S_INIT("say \"hi\", 'you'"),
    S_INIT("a\\b"),
    S_INIT("two\nlines\t\r"),
    S_INIT("# no comment"),
    S_INIT("\xE2\x82\xAC 12,50 \xF0\x9F\x99\x82"),
    S_INIT("  spaces  "),
    S_INIT("\x01\x7F"),
    S_INIT("the invoice's total"),
    S_INIT("yes"),
    S_INIT("2026-04-14"),
    S_INIT("%d {{0}}"),
    S_INIT("north, south and west"),
    S_INIT("ends with \\"),
};

static const Str comments[] = {
    S_INIT("why"),
    S_INIT("Three-way match of supplier invoices"),
    S_INIT(""),
    S_INIT(" indented"),
    S_INIT("# twice"),
    S_INIT("if x then"),
    S_INIT("\"quoted\""),
    S_INIT("\xC3\xA4\xC3\xB6\xC3\xBC \xE2\x82\xAC"),
    S_INIT("tab\there"),
    S_INIT("the total is 5"),
    S_INIT("x = 5  # really"),
};

/* ---- the catalog ---- */

#define PARAMETER(name_, type_, required_)                                                                             \
    {                                                                                                                  \
        .name = S_INIT(name_), .type = &type_, .required = required_                                                   \
    }
static const Parameter read_table_parameters[] = {PARAMETER("file", type_file, true),
                                                  PARAMETER("sheet", type_text, false),
                                                  PARAMETER("header_row", type_number, false)};
static const Parameter send_parameters[] = {PARAMETER("to", type_text, true), PARAMETER("subject", type_text, false),
                                            PARAMETER("body", type_text, false), PARAMETER("from", type_text, false)};
static const Parameter request_parameters[] = {PARAMETER("url", type_text, true),
                                               PARAMETER("headers", type_record, false)};
static const Parameter split_parameters[] = {PARAMETER("text", type_text, true),
                                             PARAMETER("separator", type_text, true)};
static const Parameter post_parameters[] = {PARAMETER("entry", type_any, true), PARAMETER("ledger", type_text, true),
                                            PARAMETER("is_final", type_boolean, false)};

static const Procedure read_table = {.book = S_INIT("files"),
                                     .name = S_INIT("read_table"),
                                     .english = S_INIT("get {result} from {file}|read {result} from {file}"),
                                     .parameters = read_table_parameters,
                                     .n_parameters = COUNT_OF(read_table_parameters),
                                     .result = &type_table,
                                     .effect = EFFECT_READ};
static const Procedure send_email = {.book = S_INIT("email"),
                                     .name = S_INIT("send"),
                                     .english = S_INIT("send an email to {to}"),
                                     .parameters = send_parameters,
                                     .n_parameters = COUNT_OF(send_parameters),
                                     .effect = EFFECT_ONCE};
static const Procedure request = {.book = S_INIT("http"),
                                  .name = S_INIT("request"),
                                  .english = S_INIT("request {result} from {url}"),
                                  .parameters = request_parameters,
                                  .n_parameters = COUNT_OF(request_parameters),
                                  .result = &type_any,
                                  .effect = EFFECT_READ};
static const Procedure split = {.book = S_INIT("text"),
                                .name = S_INIT("split"),
                                .english = S_INIT("split {text} at every {separator} into {result}"),
                                .parameters = split_parameters,
                                .n_parameters = COUNT_OF(split_parameters),
                                .result = &type_list,
                                .effect = EFFECT_PURE};
static const Procedure post = {.book = S_INIT("ledger"),
                               .name = S_INIT("post"),
                               .english = S_INIT("post {entry} to the {ledger} ledger"),
                               .parameters = post_parameters,
                               .n_parameters = COUNT_OF(post_parameters),
                               .result = &type_text,
                               .effect = EFFECT_KEYED};
static const Parameter letter_parameters[] = {PARAMETER("to", type_text, true), PARAMETER("subject", type_text, true),
                                              PARAMETER("body", type_text, true)};
static const Procedure letter = {.book = S_INIT("mail"),
                                 .name = S_INIT("post"),
                                 .english =
                                     S_INIT("mail a letter to {to} with the subject {subject} and the body {body}"),
                                 .parameters = letter_parameters,
                                 .n_parameters = COUNT_OF(letter_parameters),
                                 .effect = EFFECT_ONCE};
static const Procedure today = {.book = S_INIT("dates"),
                                .name = S_INIT("today"),
                                .english = S_INIT("get {result} of today"),
                                .result = &type_date,
                                .effect = EFFECT_READ};

/* Phrases: one that begins with words, one that follows its first value, and goes on where the shorter one ends. */
static const Parameter join_parameters[] = {PARAMETER("table", type_table, true), PARAMETER("other", type_table, true),
                                            PARAMETER("key", type_any, true), PARAMETER("amount", type_text, false),
                                            PARAMETER("tolerance", type_number, false)};
static const Parameter total_parameters[] = {PARAMETER("table", type_table, true), PARAMETER("key", type_any, true),
                                             PARAMETER("columns", type_any, false)};
static const Procedure join = {.book = S_INIT("tables"),
                               .name = S_INIT("join"),
                               .english =
                                   S_INIT("join {table} to {other} by {key} as {result}|"
                                          "{table} joined with {other} on {key}|"
                                          "{table} joined with {other} on {key} and {amount} within {tolerance}"),
                               .parameters = join_parameters,
                               .n_parameters = COUNT_OF(join_parameters),
                               .result = &type_table};
static const Procedure total = {.book = S_INIT("tables"),
                                .name = S_INIT("total"),
                                .english =
                                    S_INIT("total {table} by {key} as {result}|the total of each {key} in {table}"),
                                .parameters = total_parameters,
                                .n_parameters = COUNT_OF(total_parameters),
                                .result = &type_table};

static const Procedure *const procedures[] = {&read_table, &send_email, &request, &split, &post,
                                              &today,      &join,       &total,   &letter};
static const Catalog catalog = {procedures, COUNT_OF(procedures)};

const Catalog *tree_gen_catalog(void)
{
    return &catalog;
}

/* ---- expressions ---- */

static Node *expression(Gen *gen, unsigned depth);

static Node *node_of(Gen *gen, NodeKind kind)
{
    return node_new(gen->arena, kind);
}

static Node *with_kid(Gen *gen, Node *node, Node *kid)
{
    node_add(gen->arena, node, kid);
    return node;
}

static Node *name_node(Gen *gen)
{
    Node *node = node_of(gen, NODE_NAME);
    node->name = PICK(gen, names);
    return node;
}

static Node *text_of(Gen *gen, Str text)
{
    Node *node = node_of(gen, NODE_LITERAL);
    node->value = value_text(text);
    return node;
}

static Node *number_node(Gen *gen)
{
    static const Str numbers[] = {S_INIT("0"),
                                  S_INIT("1"),
                                  S_INIT("2"),
                                  S_INIT("3"),
                                  S_INIT("0.19"),
                                  S_INIT("0.5"),
                                  S_INIT("12.50"),
                                  S_INIT("1.00"),
                                  S_INIT("100"),
                                  S_INIT("1250.00"),
                                  S_INIT("2026"),
                                  S_INIT("0.00001"),
                                  S_INIT("79228162514264337593543950335"),
                                  S_INIT("0.0000000000000000000000000001"),
                                  S_INIT("10")};
    Node *node = node_of(gen, NODE_LITERAL);
    Error err;
    bool fits = decimal_parse(PICK(gen, numbers), &node->value, &err);
    assert(fits);
    (void)fits;
    return node;
}

static Node *literal_node(Gen *gen)
{
    Node *node = node_of(gen, NODE_LITERAL);
    switch (below(gen, 9)) {
    case 0: node->value = value_null(); return node;
    case 1: node->value = value_bool(chance(gen, 50)); return node;
    case 2:
        node->value = value_date(1 + (int)below(gen, 9999), 1 + (int)below(gen, 12), 1 + (int)below(gen, 28));
        return node;
    case 3: {
        static const int64_t times[] = {0, 9 * 3600, 9 * 3600 + 1800, 23 * 3600 + 59 * 60 + 59, 12 * 3600 + 7};
        node->value = value_time(PICK(gen, times) * 1000000000 + (chance(gen, 10) ? 500000000 : 0));
        return node;
    }
    case 4:
    case 5:
    case 6: return number_node(gen);
    default: node->value = value_text(PICK(gen, texts)); return node;
    }
}

/* What a default may be. */
static Node *constant(Gen *gen, unsigned depth)
{
    if (depth > 0 && chance(gen, 15)) {
        Node *list = node_of(gen, NODE_LIST);
        for (unsigned n = below(gen, 3); n > 0; n--)
            node_add(gen->arena, list, constant(gen, depth - 1));
        return list;
    }
    if (depth > 0 && chance(gen, 5)) {
        Node *record = node_of(gen, NODE_RECORD);
        for (unsigned n = below(gen, 3); n > 0; n--)
            node_add(gen->arena, record,
                     with_kid(gen, with_kid(gen, node_of(gen, NODE_PAIR), text_of(gen, PICK(gen, keys))),
                              constant(gen, depth - 1)));
        return record;
    }
    if (chance(gen, 15))
        return with_kid(gen, node_of(gen, NODE_NEGATE), number_node(gen));
    if (chance(gen, 10)) {
        Node *duration = node_of(gen, NODE_CALL);
        duration->function = (uint16_t)(FN_SECONDS + below(gen, FN_WEEKS - FN_SECONDS + 1));
        return with_kid(gen, duration, number_node(gen));
    }
    return literal_node(gen);
}

static Node *many(Gen *gen, NodeKind kind, unsigned least, unsigned spread, unsigned depth)
{
    Node *node = node_of(gen, kind);
    for (unsigned n = least + below(gen, spread + 1); n > 0; n--)
        node_add(gen->arena, node, expression(gen, depth));
    return node;
}

static Node *template_node(Gen *gen, unsigned depth)
{
    Node *node = node_of(gen, NODE_TEMPLATE);
    bool was_text = false;
    for (unsigned n = 1 + below(gen, 3); n > 0; n--) {
        if (!was_text && chance(gen, 70)) {
            Str text = PICK(gen, texts);
            if (text.len > 0)
                node_add(gen->arena, node, text_of(gen, text));
        }
        Node *part = expression(gen, depth);
        if (part->kind == NODE_TEMPLATE || node_is_text(part))
            part = name_node(gen);
        node_add(gen->arena, node, part);
        was_text = false;
    }
    if (chance(gen, 50))
        node_add(gen->arena, node, text_of(gen, S(".")));
    return node;
}

static Node *field_node(Gen *gen, unsigned depth)
{
    Node *node = with_kid(gen, node_of(gen, NODE_FIELD), chance(gen, 60) ? name_node(gen) : expression(gen, depth));
    node->text = PICK(gen, keys);
    return node;
}

static Node *index_node(Gen *gen, unsigned depth)
{
    Node *node = with_kid(gen, node_of(gen, NODE_INDEX), expression(gen, depth));
    Node *index = expression(gen, depth);
    return with_kid(gen, node, node_is_text(index) ? number_node(gen) : index);
}

static Node *slice_node(Gen *gen, unsigned depth)
{
    Node *node = with_kid(gen, node_of(gen, NODE_SLICE), expression(gen, depth));
    for (int i = 0; i < 3; i++)
        node_add(gen->arena, node, chance(gen, 50) ? node_of(gen, NODE_NOTHING) : expression(gen, depth));
    return node;
}

static Node *compare_node(Gen *gen, unsigned depth)
{
    Node *node = many(gen, NODE_COMPARE, 2, chance(gen, 15) ? 4 : 0, depth);
    for (uint32_t i = 0; i + 1 < node->n_kids; i++)
        node->ops[i] = (uint8_t)below(gen, CMP_NOT_IN + 1);
    return node;
}

static Node *flat_node(Gen *gen, NodeKind kind, unsigned depth)
{
    Node *node = node_of(gen, kind);
    for (unsigned n = 2 + below(gen, 2); n > 0; n--) {
        Node *operand = expression(gen, depth);
        node_add(gen->arena, node, operand->kind == kind ? name_node(gen) : operand);
    }
    return node;
}

static Node *tuple_of_names(Gen *gen)
{
    Node *tuple = node_of(gen, NODE_TUPLE);
    for (unsigned n = 2 + below(gen, 2); n > 0; n--)
        node_add(gen->arena, tuple, name_node(gen));
    return tuple;
}

static Node *loop_target(Gen *gen)
{
    return chance(gen, 80) ? name_node(gen) : tuple_of_names(gen);
}

static Node *pair_node(Gen *gen, unsigned depth)
{
    Node *key = chance(gen, 70) ? text_of(gen, PICK(gen, keys)) : expression(gen, depth);
    return with_kid(gen, with_kid(gen, node_of(gen, NODE_PAIR), key), expression(gen, depth));
}

static Node *further_for(Gen *gen, Node *element, unsigned depth)
{
    Node *node = node_of(gen, NODE_COLLECT);
    node->op = COLLECT_MORE;
    node_add(gen->arena, node, chance(gen, 30) ? further_for(gen, element, depth) : element);
    node_add(gen->arena, node, loop_target(gen));
    node_add(gen->arena, node, expression(gen, depth));
    if (chance(gen, 50))
        node_add(gen->arena, node, expression(gen, depth));
    return node;
}

static Node *collect_node(Gen *gen, CollectOp op, unsigned depth)
{
    Node *node = node_of(gen, NODE_COLLECT);
    node->op = (uint8_t)op;
    Node *target = loop_target(gen);
    Node *element = op == COLLECT_RECORD ? pair_node(gen, depth) : expression(gen, depth);
    if (op != COLLECT_RECORD && target->kind == NODE_NAME && chance(gen, 60)) {
        element = node_of(gen, NODE_NAME);
        element->name = target->name;
    }
    if (chance(gen, 15))
        element = further_for(gen, element, depth);
    node_add(gen->arena, node, element);
    node_add(gen->arena, node, target);
    node_add(gen->arena, node, expression(gen, depth));
    if (chance(gen, 60))
        node_add(gen->arena, node, chance(gen, 50) ? compare_node(gen, depth) : expression(gen, depth));
    return node;
}

static Node *call_of(Gen *gen, FunctionId function, unsigned depth)
{
    const Function *row = &functions[function];
    Node *node = node_of(gen, NODE_CALL);
    node->function = (uint16_t)function;
    unsigned spread = MIN_OF(row->max - row->min, 2), n;
    do
        n = row->min + below(gen, spread + 1);
    while (!function_takes(function, n));
    for (; n > 0; n--)
        node_add(gen->arena, node,
                 depth > 0 && chance(gen, 20) ? collect_node(gen, COLLECT_LAZY, depth - 1) : expression(gen, depth));
    Value folded;
    return ast_date_parts(node, &folded) ? name_node(gen) : node;
}

static Node *call_node(Gen *gen, unsigned depth)
{
    FunctionId function;
    do
        function = below(gen, FN_N_FUNCTIONS);
    while (functions[function].style == STYLE_ACTION);
    return call_of(gen, function, depth);
}

static Node *argument_node(Gen *gen, Str name, unsigned depth)
{
    Node *node = node_of(gen, NODE_ARGUMENT);
    node->name = name;
    bool column = str_eq(name, S("key")) || str_eq(name, S("amount"));
    return with_kid(gen, node, column && chance(gen, 60) ? text_of(gen, PICK(gen, keys)) : expression(gen, depth));
}

static Node *book_call_node(Gen *gen, unsigned depth)
{
    const Procedure *procedure = PICK(gen, procedures);
    Node *node = node_of(gen, NODE_BOOK_CALL);
    node->text = procedure->book;
    node->name = procedure->name;
    if (chance(gen, 20))
        node->alias = chance(gen, 50) ? S("erp") : S("main_mailbox");
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        if (procedure->parameters[i].required || chance(gen, 40))
            node_add(gen->arena, node, argument_node(gen, procedure->parameters[i].name, depth));
    }
    return node;
}

static Node *procedure_call_node(Gen *gen, unsigned depth)
{
    if (gen->n_defines == 0)
        return name_node(gen);
    const Node *define = gen->defines[below(gen, gen->n_defines)];
    Node *node = node_of(gen, NODE_PROCEDURE_CALL);
    node->name = define->name;
    uint32_t n = define->n_kids, first = n ? below(gen, n) : 0;
    for (uint32_t i = 0; i < n; i++) {
        const Node *parameter = define->kids[(first + i) % n];
        if (parameter->n_kids == 0 || chance(gen, 50))
            node_add(gen->arena, node, argument_node(gen, parameter->name, depth));
    }
    return node;
}

static Node *record_node(Gen *gen, unsigned depth)
{
    Node *node = node_of(gen, NODE_RECORD);
    for (unsigned n = below(gen, 4); n > 0; n--)
        node_add(gen->arena, node, pair_node(gen, depth));
    return node;
}

static Node *arithmetic_node(Gen *gen, unsigned depth)
{
    Node *node = many(gen, NODE_ARITHMETIC, 2, 0, depth);
    node->op = (uint8_t)(chance(gen, 80) ? below(gen, OP_DIVIDE + 1) : below(gen, OP_POWER + 1));
    return node;
}

static Node *expression(Gen *gen, unsigned depth)
{
    if (depth == 0)
        return chance(gen, 55) ? name_node(gen) : literal_node(gen);
    depth--;
    switch (below(gen, 30)) {
    case 0:
    case 1:
    case 2: return literal_node(gen);
    case 3:
    case 4: return name_node(gen);
    case 5: return template_node(gen, depth);
    case 6:
    case 7:
    case 8: return field_node(gen, depth);
    case 9: return index_node(gen, depth);
    case 10: return slice_node(gen, depth);
    case 11: return with_kid(gen, node_of(gen, NODE_NEGATE), expression(gen, depth));
    case 12:
    case 13: return arithmetic_node(gen, depth);
    case 14:
    case 15: return compare_node(gen, depth);
    case 16: return with_kid(gen, node_of(gen, NODE_NOT), expression(gen, depth));
    case 17: return flat_node(gen, NODE_AND, depth);
    case 18: return flat_node(gen, NODE_OR, depth);
    case 19: return many(gen, NODE_CHOOSE, 3, 0, depth);
    case 20:
    case 21:
    case 22: return call_node(gen, depth);
    case 23: return procedure_call_node(gen, depth);
    case 24: return book_call_node(gen, depth);
    case 25: return collect_node(gen, (CollectOp)below(gen, COLLECT_LAZY), depth);
    case 26: return many(gen, NODE_LIST, 0, 3, depth);
    case 27: return many(gen, NODE_SET, 1, 2, depth);
    case 28: return record_node(gen, depth);
    default: return many(gen, NODE_TUPLE, 2, 1, depth);
    }
}

/* ---- statements ---- */

enum { EXPRESSION_DEPTH = 3, BLOCK_DEPTH = 4 };

static Node *statement(Gen *gen, unsigned depth);

static Node *any_expression(Gen *gen)
{
    return expression(gen, below(gen, EXPRESSION_DEPTH + 1));
}

static void decorate(Gen *gen, Node *statement, bool first)
{
    if (!first && chance(gen, 15))
        statement->flags |= NODE_BLANK_BEFORE;
    if (statement->kind != NODE_COMMENT && chance(gen, 8)) {
        Str comment = PICK(gen, comments);
        statement->trailing = comment;
    }
}

static void add_statement(Gen *gen, Node *block, Node *statement)
{
    decorate(gen, statement, block->n_kids == 0);
    node_add(gen->arena, block, statement);
}

static void maybe_comment(Gen *gen, Node *block)
{
    if (!chance(gen, 10))
        return;
    Node *comment = node_of(gen, NODE_COMMENT);
    comment->text = PICK(gen, comments);
    add_statement(gen, block, comment);
}

static Node *block_node(Gen *gen, unsigned depth)
{
    Node *block = node_of(gen, NODE_BLOCK);
    unsigned n = 1 + below(gen, 3);
    for (unsigned i = 0; i < n; i++) {
        maybe_comment(gen, block);
        add_statement(gen, block, statement(gen, depth));
    }
    maybe_comment(gen, block);
    return block;
}

static Node *loop_block(Gen *gen, unsigned depth)
{
    bool outer = gen->in_loop;
    gen->in_loop = true;
    Node *block = block_node(gen, depth);
    gen->in_loop = outer;
    return block;
}

static Node *ask_node(Gen *gen)
{
    static const Type *const types[] = {&type_any, &type_number, &type_text, &type_date, &type_boolean, &type_list};
    Node *node = node_of(gen, NODE_ASK);
    node->type = PICK(gen, types);
    node_add(gen->arena, node, chance(gen, 70) ? text_of(gen, PICK(gen, texts)) : any_expression(gen));
    if (chance(gen, 40))
        node_add(gen->arena, node, chance(gen, 70) ? many(gen, NODE_LIST, 1, 3, 0) : any_expression(gen));
    return node;
}

static Node *assign_node(Gen *gen)
{
    Node *node = node_of(gen, NODE_ASSIGN);
    switch (below(gen, 10)) {
    case 0: return with_kid(gen, with_kid(gen, node, name_node(gen)), ask_node(gen));
    case 1: {
        Node *tuple = tuple_of_names(gen);
        if (chance(gen, 30))
            tuple->kids[0] = field_node(gen, 1);
        return with_kid(gen, with_kid(gen, node, tuple), any_expression(gen));
    }
    case 2:
    case 3: return with_kid(gen, with_kid(gen, node, field_node(gen, 1)), any_expression(gen));
    case 4: return with_kid(gen, with_kid(gen, node, index_node(gen, 1)), any_expression(gen));
    case 5: { /* increase, decrease … by */
        Node *target = name_node(gen);
        Node *sum = node_of(gen, NODE_ARITHMETIC);
        Node *same = node_of(gen, NODE_NAME);
        same->name = target->name;
        sum->op = (uint8_t)below(gen, OP_DIVIDE + 1);
        with_kid(gen, with_kid(gen, sum, same), any_expression(gen));
        return with_kid(gen, with_kid(gen, node, target), sum);
    }
    case 6: return with_kid(gen, with_kid(gen, node, name_node(gen)), book_call_node(gen, 1));
    case 7: return with_kid(gen, with_kid(gen, node, name_node(gen)), call_of(gen, FN_FIND, 1));
    default: return with_kid(gen, with_kid(gen, node, name_node(gen)), any_expression(gen));
    }
}

static Node *action_node(Gen *gen)
{
    Node *node = node_of(gen, NODE_EXPRESSION);
    switch (below(gen, 4)) {
    case 0: return with_kid(gen, node, book_call_node(gen, 2));
    case 1: {
        Node *call = procedure_call_node(gen, 1);
        if (call->kind == NODE_PROCEDURE_CALL)
            return with_kid(gen, node, call);
    } /* fall through */
    default: return with_kid(gen, node, call_of(gen, FN_APPEND + below(gen, FN_N_FUNCTIONS - FN_APPEND), 2));
    }
}

static Node *if_node(Gen *gen, unsigned depth)
{
    Node *node = node_of(gen, NODE_IF);
    unsigned n = 1 + (chance(gen, 30) ? below(gen, 3) : 0);
    for (unsigned i = 0; i < n; i++) {
        node_add(gen->arena, node, any_expression(gen));
        node_add(gen->arena, node, block_node(gen, depth));
    }
    if (chance(gen, 40))
        node_add(gen->arena, node, block_node(gen, depth));
    return node;
}

static Node *for_node(Gen *gen, unsigned depth)
{
    Node *node = with_kid(gen, node_of(gen, NODE_FOR), loop_target(gen));
    node_add(gen->arena, node, any_expression(gen));
    node_add(gen->arena, node, loop_block(gen, depth));
    if (chance(gen, 15))
        node->flags |= NODE_SAME_TIME;
    return node;
}

static Node *ensure_node(Gen *gen)
{
    Node *node = with_kid(gen, node_of(gen, NODE_ENSURE), any_expression(gen));
    return chance(gen, 50) ? with_kid(gen, node, any_expression(gen)) : node;
}

static Node *validate_node(Gen *gen)
{
    Node *node = node_of(gen, NODE_VALIDATE);
    for (unsigned n = 1 + below(gen, 3); n > 0; n--)
        node_add(gen->arena, node, ensure_node(gen));
    return node;
}

static Node *output_node(Gen *gen)
{
    Node *name = chance(gen, 85) ? text_of(gen, PICK(gen, keys)) : template_node(gen, 1);
    return with_kid(gen, with_kid(gen, node_of(gen, NODE_OUTPUT), name), any_expression(gen));
}

static Node *wait_node(Gen *gen)
{
    Node *node = with_kid(gen, node_of(gen, NODE_WAIT), any_expression(gen));
    if (chance(gen, 50))
        node->flags |= NODE_UNTIL;
    return node;
}

static Node *flow_node(Gen *gen)
{
    if (gen->in_loop && chance(gen, 60))
        return node_of(gen, chance(gen, 50) ? NODE_BREAK : NODE_CONTINUE);
    if (!gen->in_define)
        return chance(gen, 50) ? node_of(gen, NODE_FINISH)
                               : with_kid(gen, node_of(gen, NODE_FAIL), any_expression(gen));
    Node *node = node_of(gen, NODE_RETURN);
    return chance(gen, 80) ? with_kid(gen, node, any_expression(gen)) : node;
}

static Node *simple_statement(Gen *gen)
{
    switch (below(gen, 14)) {
    case 0: return ensure_node(gen);
    case 1: return validate_node(gen);
    case 2: return output_node(gen);
    case 3: return with_kid(gen, node_of(gen, NODE_SAY), any_expression(gen));
    case 4: return wait_node(gen);
    case 5: return flow_node(gen);
    case 6:
    case 7: return action_node(gen);
    default: return assign_node(gen);
    }
}

static Node *statement(Gen *gen, unsigned depth)
{
    if (gen->size > 0)
        gen->size--;
    if (depth == 0 || gen->size == 0 || chance(gen, 70))
        return simple_statement(gen);
    depth--;
    switch (below(gen, 5)) {
    case 0: return for_node(gen, depth);
    case 1: {
        Node *node = with_kid(gen, node_of(gen, NODE_REPEAT), any_expression(gen));
        return with_kid(gen, node, loop_block(gen, depth));
    }
    case 2: {
        Node *node = with_kid(gen, node_of(gen, NODE_WHILE), any_expression(gen));
        return with_kid(gen, node, loop_block(gen, depth));
    }
    default: return if_node(gen, depth);
    }
}

/* ---- programs ---- */

static Node *input_node(Gen *gen)
{
    static const Type *const types[] = {&type_any,  &type_number, &type_text, &type_date,   &type_boolean,
                                        &type_file, &type_table,  &type_list, &type_record, &type_time};
    Node *node = node_of(gen, NODE_INPUT);
    node->name = PICK(gen, names);
    node->text = chance(gen, 70) ? name_to_words(gen->arena, node->name) : PICK(gen, keys);
    if (node->text.len == 0)
        node->text = S("Requester Email");
    node->type = PICK(gen, types);
    if (chance(gen, 25))
        node->flags |= NODE_OPTIONAL;
    return chance(gen, 30) ? with_kid(gen, node, constant(gen, 2)) : node;
}

static Node *connection_node(Gen *gen)
{
    Node *node = node_of(gen, NODE_CONNECTION);
    node->name = chance(gen, 50) ? S("erp") : S("main_mailbox");
    node->text = chance(gen, 50) ? S("http") : S("email");
    return node;
}

/* Heads first, so that every block may call every procedure. */
static void plan_defines(Gen *gen)
{
    static const Str define_names[DEFINES_MAX][3] = {
        {S_INIT("price_order"), S_INIT("first"), S_INIT("net_of")},
        {S_INIT("check_the_invoice"), S_INIT("say"), S_INIT("step_2")},
        {S_INIT("reconcile"), S_INIT("class"), S_INIT("total")},
    };
    static const Str parameter_names[PARAMETERS_MAX][3] = {
        {S_INIT("order"), S_INIT("amount"), S_INIT("from")},
        {S_INIT("tax_rate"), S_INIT("x_1"), S_INIT("customer")},
        {S_INIT("currency"), S_INIT("places"), S_INIT("is_final")},
    };
    gen->n_defines = chance(gen, 50) ? below(gen, DEFINES_MAX + 1) : 0;
    for (unsigned i = 0; i < gen->n_defines; i++) {
        Node *define = node_of(gen, NODE_DEFINE);
        define->name = PICK(gen, define_names[i]);
        unsigned n = below(gen, PARAMETERS_MAX + 1);
        bool defaults = false;
        for (unsigned k = 0; k < n; k++) {
            Node *parameter = node_of(gen, NODE_PARAMETER);
            parameter->name = PICK(gen, parameter_names[k]);
            defaults |= chance(gen, 25);
            node_add(gen->arena, define, defaults ? with_kid(gen, parameter, constant(gen, 1)) : parameter);
        }
        gen->defines[i] = define;
    }
}

/* A copy of the planned head with a body; the plan keeps its parameters as its only kids. */
static Node *define_node(Gen *gen, const Node *head)
{
    Node *define = node_of(gen, NODE_DEFINE);
    define->name = head->name;
    for (uint32_t i = 0; i < head->n_kids; i++)
        node_add(gen->arena, define, head->kids[i]);
    gen->in_define = true;
    node_add(gen->arena, define, block_node(gen, BLOCK_DEPTH - 1));
    gen->in_define = false;
    return define;
}

Node *tree_gen(Arena *arena, uint64_t seed, unsigned size)
{
    Gen gen = {.arena = arena, .state = seed, .size = size};
    Node *program = node_of(&gen, NODE_PROGRAM);
    plan_defines(&gen);
    for (unsigned n = below(&gen, 4); n > 0; n--) {
        maybe_comment(&gen, program);
        add_statement(&gen, program, input_node(&gen));
    }
    for (unsigned n = chance(&gen, 20) ? 1 + below(&gen, 2) : 0; n > 0; n--) {
        maybe_comment(&gen, program);
        add_statement(&gen, program, connection_node(&gen));
    }
    for (unsigned i = 0; i < gen.n_defines; i++) {
        maybe_comment(&gen, program);
        add_statement(&gen, program, define_node(&gen, gen.defines[i]));
    }
    while (gen.size > 0) {
        maybe_comment(&gen, program);
        add_statement(&gen, program, statement(&gen, BLOCK_DEPTH));
    }
    maybe_comment(&gen, program);
    return program;
}
