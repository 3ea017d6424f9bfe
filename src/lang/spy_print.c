/* lang/spy_print.c: prints the tree as SPy and notes where each node stands.
 *
 * A bracket that does not fit on its line is broken: an item a line, indented by four. So a piece is printed on one
 * line first, and again broken when that was too long: work is linear in the text for each level of nesting. */
#include <string.h>

#include "base/codec.h"
#include "base/map.h"
#include "lang/function.h"
#include "lang/spy.h"
#include "lang/spy_tokens.h"
#include "value/decimal.h"

enum { LINE_MAX_BYTES = 100, INDENT = 4 };

/* How tightly an expression holds together; an operand that is looser stands in parentheses. */
typedef enum Tightness {
    TIGHT_CHOOSE,
    TIGHT_OR,
    TIGHT_AND,
    TIGHT_NOT,
    TIGHT_COMPARE,
    TIGHT_SUM,
    TIGHT_PRODUCT,
    TIGHT_SIGN,
    TIGHT_POWER,
    TIGHT_ATOM
} Tightness;

typedef struct Printer {
    Buf out;
    const Catalog *catalog;
    Map facts, connections; /* as the reader will know them */
    unsigned indent;
    size_t line_start;
    unsigned templates; /* texts around the present place: their quotes alternate */
    bool flat;          /* nothing is broken: trying whether it fits, or inside a text */
    bool record;        /* spans */
    Str trailing;       /* the comment that the next line end gets */
} Printer;

static void print_expression(Printer *p, Node *node, Tightness least);

static const struct {
    const char *sign;
    Tightness tight, left, right;
} arithmetic[] = {
    [OP_ADD] = {" + ", TIGHT_SUM, TIGHT_SUM, TIGHT_PRODUCT},
    [OP_SUBTRACT] = {" - ", TIGHT_SUM, TIGHT_SUM, TIGHT_PRODUCT},
    [OP_MULTIPLY] = {" * ", TIGHT_PRODUCT, TIGHT_PRODUCT, TIGHT_SIGN},
    [OP_DIVIDE] = {" / ", TIGHT_PRODUCT, TIGHT_PRODUCT, TIGHT_SIGN},
    [OP_FLOOR_DIVIDE] = {" // ", TIGHT_PRODUCT, TIGHT_PRODUCT, TIGHT_SIGN},
    [OP_MODULO] = {" % ", TIGHT_PRODUCT, TIGHT_PRODUCT, TIGHT_SIGN},
    [OP_POWER] = {" ** ", TIGHT_POWER, TIGHT_ATOM, TIGHT_SIGN},
};

static Tightness tightness(const Node *node)
{
    switch (node->kind) {
    case NODE_CHOOSE: return TIGHT_CHOOSE;
    case NODE_OR: return TIGHT_OR;
    case NODE_AND: return TIGHT_AND;
    case NODE_NOT: return TIGHT_NOT;
    case NODE_COMPARE: return TIGHT_COMPARE;
    case NODE_NEGATE: return TIGHT_SIGN;
    case NODE_ARITHMETIC: return arithmetic[node->op].tight;
    default: return TIGHT_ATOM;
    }
}

/* ---- text ---- */

static void put(Printer *p, const char *text)
{
    buf_add(&p->out, text, strlen(text));
}

static void end_line(Printer *p)
{
    if (p->trailing.data) {
        put(p, p->trailing.len > 0 ? "  # " : "  #");
        buf_str(&p->out, p->trailing);
        p->trailing = (Str){0};
    }
    buf_char(&p->out, '\n');
    p->line_start = p->out.len;
}

static void start_line(Printer *p)
{
    for (unsigned i = 0; i < p->indent; i++)
        buf_char(&p->out, ' ');
}

static void new_line(Printer *p)
{
    end_line(p);
    start_line(p);
}

static uint32_t here(const Printer *p)
{
    return (uint32_t)p->out.len;
}

static void note(Printer *p, Node *node, uint32_t start)
{
    if (p->record)
        node->spy = (Span){start, here(p)};
}

/* ---- brackets that may be broken ---- */

typedef struct Group {
    Node **items;
    uint32_t n;
    const char *open, *close;
    void (*print)(Printer *p, Node *item);
} Group;

static void print_items(Printer *p, const Group *group, bool broken)
{
    for (uint32_t i = 0; i < group->n; i++) {
        if (broken)
            new_line(p);
        group->print(p, group->items[i]);
        bool generator = group->n == 1 && group->items[i]->kind == NODE_COLLECT;
        if (broken ? !generator : i + 1 < group->n)
            put(p, broken ? "," : ", ");
    }
}

static void print_broken(Printer *p, const Group *group)
{
    put(p, group->open);
    p->indent += INDENT;
    print_items(p, group, true);
    p->indent -= INDENT;
    new_line(p);
    put(p, group->close);
}

/* Whether the line that was begun still fits, with what will surely follow the bracket. */
static bool fits(const Printer *p)
{
    return p->out.len - p->line_start <= LINE_MAX_BYTES;
}

static void print_group(Printer *p, const Group *group)
{
    bool outer = p->flat;
    size_t mark = p->out.len;
    p->flat = true;
    put(p, group->open);
    print_items(p, group, false);
    put(p, group->close);
    p->flat = outer;
    if (outer || group->n == 0 || fits(p))
        return;
    p->out.len = mark;
    print_broken(p, group);
}

static void print_any(Printer *p, Node *node)
{
    print_expression(p, node, TIGHT_CHOOSE);
}

/* ---- literals ---- */

static void print_text_char(Printer *p, unsigned char c, char quote)
{
    static const char letters[] = "\n\t\r\\", spelled[] = "ntr\\";
    const char *found = c ? strchr(letters, c) : NULL;
    if (found) {
        buf_char(&p->out, '\\');
        buf_char(&p->out, spelled[found - letters]);
    } else if (c == (unsigned char)quote) {
        buf_char(&p->out, '\\');
        buf_char(&p->out, quote);
    } else if (c < ' ' || c == 0x7F)
        buf_printf(&p->out, "\\x%02x", c);
    else
        buf_char(&p->out, (char)c);
}

static char quote_now(const Printer *p)
{
    return p->templates % 2 ? '\'' : '"';
}

static void print_text(Printer *p, Str text)
{
    char quote = quote_now(p);
    buf_char(&p->out, quote);
    for (size_t i = 0; i < text.len; i++)
        print_text_char(p, (unsigned char)text.data[i], quote);
    buf_char(&p->out, quote);
}

static void print_number(Printer *p, Value number)
{
    char digits[32];
    size_t len = decimal_format(number, digits);
    buf_add(&p->out, digits, len);
}

static void print_time(Printer *p, int64_t nanos)
{
    int64_t second = nanos / 1000000000;
    int fraction = (int)(nanos % 1000000000);
    buf_printf(&p->out, "time(%d, %d", (int)(second / 3600), (int)(second / 60 % 60));
    if (second % 60 || fraction)
        buf_printf(&p->out, ", %d", (int)(second % 60));
    if (fraction) {
        buf_printf(&p->out, ".%09d", fraction);
        while (p->out.data[p->out.len - 1] == '0')
            p->out.len--;
    }
    buf_char(&p->out, ')');
}

static void print_literal(Printer *p, const Node *node)
{
    Value v = node->value;
    switch (v.kind) {
    case VALUE_BOOL: put(p, v.low ? "True" : "False"); break;
    case VALUE_NUMBER: print_number(p, v); break;
    case VALUE_TEXT: print_text(p, value_str(v)); break;
    case VALUE_DATE: buf_printf(&p->out, "date(%d, %d, %d)", v.date.year, v.date.month, v.date.day); break;
    case VALUE_TIME: print_time(p, v.nanos); break;
    default: put(p, "None"); break;
    }
}

static void print_template_text(Printer *p, Node *node, char quote)
{
    uint32_t start = here(p);
    Str text = value_str(node->value);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '{' || c == '}')
            buf_char(&p->out, c);
        print_text_char(p, (unsigned char)c, quote);
    }
    note(p, node, start);
}

/* Whether the first character of an expression is a brace: behind the template's own it needs a blank. */
static bool begins_with_brace(const Node *node)
{
    Tightness least = TIGHT_CHOOSE;
    while (tightness(node) >= least) {
        bool method = node->kind == NODE_CALL && function_is_method((FunctionId)node->function);
        switch (node->kind) {
        case NODE_SET:
        case NODE_RECORD: return true;
        case NODE_COLLECT: return node->op == COLLECT_SET || node->op == COLLECT_RECORD;
        case NODE_ARITHMETIC: least = arithmetic[node->op].left; break;
        case NODE_COMPARE: least = TIGHT_SUM; break;
        case NODE_AND: least = TIGHT_NOT; break;
        case NODE_OR: least = TIGHT_AND; break;
        case NODE_CHOOSE: least = TIGHT_OR; break;
        case NODE_FIELD:
        case NODE_INDEX:
        case NODE_SLICE: least = TIGHT_ATOM; break;
        default:
            if (!method)
                return false;
            least = TIGHT_ATOM;
        }
        node = node->kids[0];
    }
    return false;
}

static void print_template_value(Printer *p, Node *node)
{
    put(p, begins_with_brace(node) ? "{ " : "{");
    p->templates++;
    print_any(p, node);
    p->templates--;
    buf_char(&p->out, '}');
}

static void print_template(Printer *p, Node *node)
{
    char quote = quote_now(p);
    bool outer = p->flat;
    p->flat = true;
    buf_char(&p->out, 'f');
    buf_char(&p->out, quote);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node_is_text(node->kids[i]))
            print_template_text(p, node->kids[i], quote);
        else
            print_template_value(p, node->kids[i]);
    }
    buf_char(&p->out, quote);
    p->flat = outer;
}

/* ---- calls ---- */

static void print_argument(Printer *p, Node *node)
{
    uint32_t start = here(p);
    spy_name_print(&p->out, node->name);
    buf_char(&p->out, '=');
    print_any(p, node->kids[0]);
    note(p, node, start);
}

static void print_arguments(Printer *p, Node *node, uint32_t from, void (*print)(Printer *, Node *))
{
    Node **kids = node->n_kids > from ? &node->kids[from] : NULL; /* a node without kids has no array */
    Group group = {kids, node->n_kids - from, "(", ")", print};
    print_group(p, &group);
}

static void print_collect_parts(Printer *p, Node *node);

/* A generator that is the only argument needs no parentheses of its own. */
static void print_only_argument(Printer *p, Node *node)
{
    uint32_t start = here(p);
    if (node->kind == NODE_COLLECT && node->op == COLLECT_LAZY) {
        print_collect_parts(p, node);
        note(p, node, start);
    } else
        print_any(p, node);
}

/* name.method(…) would be read as a call of a book that has such a procedure. */
static bool looks_like_book(const Printer *p, const Node *receiver, Str method)
{
    if (receiver->kind != NODE_NAME || map_get(&p->facts, receiver->name))
        return false;
    const Str *book = map_get(&p->connections, receiver->name);
    return catalog_find(p->catalog, receiver->name, method) || (book && catalog_find(p->catalog, *book, method));
}

static void print_receiver(Printer *p, Node *receiver, Str method)
{
    bool number = receiver->kind == NODE_LITERAL && receiver->value.kind == VALUE_NUMBER;
    bool wrap = number || looks_like_book(p, receiver, method);
    put(p, wrap ? "(" : "");
    print_expression(p, receiver, TIGHT_ATOM);
    put(p, wrap ? ")" : "");
}

static void print_function_call(Printer *p, Node *node)
{
    Str name = str_from_c(functions[node->function].spy);
    uint32_t from = 0;
    if (function_is_method((FunctionId)node->function)) {
        print_receiver(p, node->kids[0], name);
        buf_char(&p->out, '.');
        from = 1;
    }
    buf_str(&p->out, name);
    print_arguments(p, node, from, node->n_kids - from == 1 ? print_only_argument : print_any);
}

/* book.procedure where that is read as the same call, else with the prefix that always is. */
static void print_book_name(Printer *p, const Node *node)
{
    bool is_short = node->alias.len == 0 && !map_get(&p->facts, node->text) && !map_get(&p->connections, node->text) &&
                    !str_eq(node->text, S("kognitos")) &&
                    (catalog_find(p->catalog, node->text, node->name) ||
                     (function_find(node->name, true) == FN_N_FUNCTIONS && !str_eq(node->name, S("join")) &&
                      !str_eq(node->name, S("insert"))));
    if (!is_short)
        put(p, "kognitos.");
    if (node->alias.len > 0) {
        spy_name_print(&p->out, node->alias);
        buf_char(&p->out, '.');
    }
    spy_name_print(&p->out, node->text);
    buf_char(&p->out, '.');
    spy_name_print(&p->out, node->name);
}

static void print_typed_rest(Printer *p, const Node *node)
{
    if (node->type->kind == TYPE_ANY && !(node->flags & NODE_OPTIONAL))
        return;
    put(p, ", type=");
    put(p, node->flags & NODE_OPTIONAL ? "optional(" : "");
    buf_str(&p->out, type_spy(node->type));
    put(p, node->flags & NODE_OPTIONAL ? ")" : "");
}

static void print_ask(Printer *p, Node *node)
{
    put(p, "ask(");
    print_any(p, node->kids[0]);
    if (node->n_kids > 1) {
        put(p, ", choices=");
        print_any(p, node->kids[1]);
    }
    print_typed_rest(p, node);
    buf_char(&p->out, ')');
}

/* ---- comprehensions, brackets ---- */

static void print_bare(Printer *p, Node *node);

static void break_or_blank(Printer *p)
{
    if (p->flat)
        buf_char(&p->out, ' ');
    else
        new_line(p);
}

static void print_collect_for(Printer *p, Node *node)
{
    put(p, "for ");
    print_bare(p, node->kids[1]);
    put(p, " in ");
    print_expression(p, node->kids[2], TIGHT_OR);
    if (node->n_kids < 4)
        return;
    break_or_blank(p);
    put(p, "if ");
    print_expression(p, node->kids[3], TIGHT_OR);
}

static void print_pair_or_any(Printer *p, Node *node);

/* x for x in xs if …; broken, `if` and each further `for` have lines of their own. */
static void print_collect_parts(Printer *p, Node *node)
{
    Node *element = node_last_for(node)->kids[0];
    print_pair_or_any(p, element);
    buf_char(&p->out, ' ');
    print_collect_for(p, node);
    for (Node *more = node; node_goes_on(more);) {
        more = more->kids[0];
        break_or_blank(p);
        print_collect_for(p, more);
    }
    for (Node *more = node; node_goes_on(more);) {
        more = more->kids[0];
        note(p, more, element->spy.start);
    }
}

static void print_collect_item(Printer *p, Node *node)
{
    print_collect_parts(p, node);
}

static void print_collect(Printer *p, Node *node)
{
    static const char *const brackets[][2] = {[COLLECT_LIST] = {"[", "]"},
                                              [COLLECT_SET] = {"{", "}"},
                                              [COLLECT_RECORD] = {"{", "}"},
                                              [COLLECT_LAZY] = {"(", ")"}};
    Group group = {&node, 1, brackets[node->op][0], brackets[node->op][1], print_collect_item};
    print_group(p, &group);
}

static void print_pair(Printer *p, Node *node)
{
    uint32_t start = here(p);
    print_any(p, node->kids[0]);
    put(p, ": ");
    print_any(p, node->kids[1]);
    note(p, node, start);
}

static void print_pair_or_any(Printer *p, Node *node)
{
    if (node->kind == NODE_PAIR)
        print_pair(p, node);
    else
        print_any(p, node);
}

static void print_bracketed(Printer *p, Node *node, const char *open, const char *close)
{
    Group group = {node->kids, node->n_kids, open, close, print_pair_or_any};
    print_group(p, &group);
}

/* ---- operators ---- */

static void print_slice(Printer *p, Node *node)
{
    print_expression(p, node->kids[0], TIGHT_ATOM);
    buf_char(&p->out, '[');
    for (uint32_t i = 1; i < 4; i++) {
        Node *part = node->kids[i];
        if (i == 2 || (i == 3 && part->kind != NODE_NOTHING))
            buf_char(&p->out, ':');
        if (part->kind == NODE_NOTHING)
            note(p, part, here(p));
        else
            print_any(p, part);
    }
    buf_char(&p->out, ']');
}

static void print_index(Printer *p, Node *node)
{
    print_expression(p, node->kids[0], TIGHT_ATOM);
    buf_char(&p->out, '[');
    if (node->kind == NODE_FIELD)
        print_text(p, node->text);
    else
        print_any(p, node->kids[1]);
    buf_char(&p->out, ']');
}

static void print_arithmetic(Printer *p, Node *node)
{
    print_expression(p, node->kids[0], arithmetic[node->op].left);
    put(p, arithmetic[node->op].sign);
    print_expression(p, node->kids[1], arithmetic[node->op].right);
}

static bool is_none(const Node *node)
{
    return node->kind == NODE_LITERAL && node->value.kind == VALUE_NULL;
}

static void print_compare(Printer *p, Node *node)
{
    static const char *const signs[] = {
        [CMP_EQUAL] = " == ",  [CMP_NOT_EQUAL] = " != ",     [CMP_LESS] = " < ", [CMP_LESS_EQUAL] = " <= ",
        [CMP_GREATER] = " > ", [CMP_GREATER_EQUAL] = " >= ", [CMP_IN] = " in ",  [CMP_NOT_IN] = " not in "};
    print_expression(p, node->kids[0], TIGHT_SUM);
    for (uint32_t i = 1; i < node->n_kids; i++) {
        unsigned op = node->ops[i - 1];
        bool none = is_none(node->kids[i]) && op <= CMP_NOT_EQUAL;
        put(p, !none ? signs[op] : op == CMP_EQUAL ? " is " : " is not ");
        print_expression(p, node->kids[i], TIGHT_SUM);
    }
}

static void print_joined(Printer *p, Node *node, const char *word, Tightness operand)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        put(p, i ? word : "");
        print_expression(p, node->kids[i], operand);
    }
}

static void print_choose(Printer *p, Node *node)
{
    print_expression(p, node->kids[0], TIGHT_OR);
    put(p, " if ");
    print_expression(p, node->kids[1], TIGHT_OR);
    put(p, " else ");
    print_expression(p, node->kids[2], TIGHT_CHOOSE);
}

static void print_inner(Printer *p, Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL: print_literal(p, node); break;
    case NODE_TEMPLATE: print_template(p, node); break;
    case NODE_NAME: spy_name_print(&p->out, node->name); break;
    case NODE_FIELD:
    case NODE_INDEX: print_index(p, node); break;
    case NODE_SLICE: print_slice(p, node); break;
    case NODE_NEGATE:
        buf_char(&p->out, '-');
        print_expression(p, node->kids[0], TIGHT_SIGN);
        break;
    case NODE_ARITHMETIC: print_arithmetic(p, node); break;
    case NODE_COMPARE: print_compare(p, node); break;
    case NODE_NOT:
        put(p, "not ");
        print_expression(p, node->kids[0], TIGHT_NOT);
        break;
    case NODE_AND: print_joined(p, node, " and ", TIGHT_NOT); break;
    case NODE_OR: print_joined(p, node, " or ", TIGHT_AND); break;
    case NODE_CHOOSE: print_choose(p, node); break;
    case NODE_CALL: print_function_call(p, node); break;
    case NODE_PROCEDURE_CALL:
        spy_procedure_print(&p->out, node->name);
        print_arguments(p, node, 0, print_argument);
        break;
    case NODE_BOOK_CALL:
        print_book_name(p, node);
        print_arguments(p, node, 0, print_argument);
        break;
    case NODE_ASK: print_ask(p, node); break;
    case NODE_COLLECT: print_collect(p, node); break;
    case NODE_LIST: print_bracketed(p, node, "[", "]"); break;
    case NODE_SET:
    case NODE_RECORD: print_bracketed(p, node, "{", "}"); break;
    case NODE_TUPLE: print_bracketed(p, node, "(", ")"); break;
    case NODE_ARGUMENT: print_argument(p, node); break;
    case NODE_PAIR: print_pair(p, node); break;
    default: break;
    }
}

static void print_expression(Printer *p, Node *node, Tightness least)
{
    bool wrap = tightness(node) < least;
    put(p, wrap ? "(" : "");
    uint32_t start = here(p);
    print_inner(p, node);
    note(p, node, start);
    put(p, wrap ? ")" : "");
}

/* A tuple where it needs no parentheses. */
static void print_bare(Printer *p, Node *node)
{
    if (node->kind != NODE_TUPLE) {
        print_any(p, node);
        return;
    }
    uint32_t start = here(p);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        put(p, i ? ", " : "");
        print_any(p, node->kids[i]);
    }
    note(p, node, start);
}

/* ---- statements ---- */

static void print_statements(Printer *p, Node *block);

static void print_block(Printer *p, Node *block)
{
    put(p, ":");
    p->indent += INDENT;
    end_line(p);
    print_statements(p, block);
    p->indent -= INDENT;
}

static void print_if(Printer *p, Node *node)
{
    for (uint32_t i = 0; i + 1 < node->n_kids; i += 2) {
        if (i > 0)
            new_line(p);
        put(p, i ? "elif " : "if ");
        print_any(p, node->kids[i]);
        print_block(p, node->kids[i + 1]);
    }
    if (node->n_kids % 2 == 0)
        return;
    new_line(p);
    put(p, "else");
    print_block(p, node->kids[node->n_kids - 1]);
}

static void print_for(Printer *p, Node *node)
{
    put(p, "for ");
    print_bare(p, node->kids[0]);
    put(p, " in ");
    if (node->flags & NODE_SAME_TIME) {
        put(p, "at_the_same_time(");
        print_any(p, node->kids[1]);
        put(p, ")");
    } else
        print_any(p, node->kids[1]);
    print_block(p, node->kids[2]);
}

static void print_parameter(Printer *p, Node *node)
{
    uint32_t start = here(p);
    spy_name_print(&p->out, node->name);
    if (node->n_kids > 0) {
        buf_char(&p->out, '=');
        print_any(p, node->kids[0]);
    }
    note(p, node, start);
}

static void print_define(Printer *p, Node *node)
{
    put(p, "def ");
    spy_procedure_print(&p->out, node->name);
    Group group = {node->kids, node->n_kids - 1, "(", ")", print_parameter};
    print_group(p, &group);
    print_block(p, node->kids[node->n_kids - 1]);
}

static void print_input(Printer *p, Node *node)
{
    spy_name_print(&p->out, node->name);
    put(p, " = read_input(");
    print_text(p, node->text);
    print_typed_rest(p, node);
    if (node->n_kids > 0) {
        put(p, ", default=");
        print_any(p, node->kids[0]);
    }
    buf_char(&p->out, ')');
}

static void print_assign(Printer *p, Node *node)
{
    print_bare(p, node->kids[0]);
    put(p, " = ");
    print_bare(p, node->kids[1]);
}

static void print_ensure(Printer *p, Node *node)
{
    uint32_t start = here(p);
    put(p, "ensure");
    print_arguments(p, node, 0, print_any);
    note(p, node, start);
}

static void print_validate(Printer *p, Node *node)
{
    Group group = {node->kids, node->n_kids, "(", ")", print_ensure};
    put(p, "validate");
    if (p->flat)
        print_group(p, &group);
    else
        print_broken(p, &group);
}

static void print_output(Printer *p, Node *node)
{
    put(p, "set_output(");
    print_any(p, node->kids[0]);
    put(p, ", value=");
    print_any(p, node->kids[1]);
    buf_char(&p->out, ')');
}

static void print_wrapped(Printer *p, const char *open, Node *inside)
{
    put(p, open);
    print_any(p, inside);
    buf_char(&p->out, ')');
}

static void print_comment(Printer *p, Str text)
{
    put(p, text.len > 0 ? "# " : "#");
    buf_str(&p->out, text);
}

static void print_head_and_block(Printer *p, const char *head, Node *node, const char *tail)
{
    put(p, head);
    print_any(p, node->kids[0]);
    put(p, tail);
    print_block(p, node->kids[1]);
}

static void print_inner_statement(Printer *p, Node *node)
{
    switch (node->kind) {
    case NODE_COMMENT: print_comment(p, node->text); break;
    case NODE_INPUT: print_input(p, node); break;
    case NODE_CONNECTION:
        put(p, "connection(");
        print_text(p, node->name);
        put(p, ", book=");
        print_text(p, node->text);
        put(p, ")");
        break;
    case NODE_ASSIGN: print_assign(p, node); break;
    case NODE_EXPRESSION: print_any(p, node->kids[0]); break;
    case NODE_IF: print_if(p, node); break;
    case NODE_FOR: print_for(p, node); break;
    case NODE_REPEAT: print_head_and_block(p, "for _ in range(", node, ")"); break;
    case NODE_WHILE: print_head_and_block(p, "while ", node, ""); break;
    case NODE_BREAK: put(p, "break"); break;
    case NODE_CONTINUE: put(p, "continue"); break;
    case NODE_DEFINE: print_define(p, node); break;
    case NODE_RETURN:
        put(p, node->n_kids ? "return " : "return");
        if (node->n_kids)
            print_bare(p, node->kids[0]);
        break;
    case NODE_ENSURE: print_ensure(p, node); break;
    case NODE_VALIDATE: print_validate(p, node); break;
    case NODE_OUTPUT: print_output(p, node); break;
    case NODE_SAY: print_wrapped(p, "say(", node->kids[0]); break;
    case NODE_WAIT: print_wrapped(p, node->flags & NODE_UNTIL ? "wait(until=" : "wait(", node->kids[0]); break;
    case NODE_FINISH: put(p, "finish()"); break;
    case NODE_FAIL: print_wrapped(p, "fail(", node->kids[0]); break;
    default: break;
    }
}

/* Without its indentation and without the end of its last line. */
static void print_statement(Printer *p, Node *node)
{
    uint32_t start = here(p);
    if (node->trailing.len > 0)
        p->trailing = node->trailing;
    print_inner_statement(p, node);
    note(p, node, start);
}

static void print_statements(Printer *p, Node *block)
{
    uint32_t start = here(p) + p->indent;
    for (uint32_t i = 0; i < block->n_kids; i++) {
        if (i > 0)
            end_line(p);
        if (block->kids[i]->flags & NODE_BLANK_BEFORE)
            end_line(p);
        start_line(p);
        print_statement(p, block->kids[i]);
    }
    if (p->record && block->kind == NODE_BLOCK)
        block->spy = (Span){start, here(p)};
}

/* ---- what the reader will know when it reads this ---- */

static void collect_facts(Printer *p, Node *node)
{
    bool loop = node->kind == NODE_FOR;
    Node *target = node->kind == NODE_ASSIGN || loop ? node->kids[0]
                   : node->kind == NODE_COLLECT      ? node->kids[1]
                                                     : NULL;
    if (node->kind == NODE_INPUT || node->kind == NODE_PARAMETER)
        map_put(&p->facts, node->name, node);
    if (node->kind == NODE_CONNECTION)
        map_put(&p->connections, node->name, &node->text);
    if (target && target->kind == NODE_NAME)
        map_put(&p->facts, target->name, target);
    for (uint32_t i = 0; target && target->kind == NODE_TUPLE && i < target->n_kids; i++) {
        if (target->kids[i]->kind == NODE_NAME)
            map_put(&p->facts, target->kids[i]->name, target);
    }
    for (uint32_t i = 0; i < node->n_kids; i++)
        collect_facts(p, node->kids[i]);
}

Str spy_print(Arena *arena, Node *program, const Catalog *catalog)
{
    Printer printer = {.out = buf_in(arena),
                       .catalog = catalog,
                       .record = true,
                       .facts = {.arena = arena},
                       .connections = {.arena = arena}};
    collect_facts(&printer, program);
    print_statements(&printer, program);
    if (printer.out.len > 0)
        end_line(&printer);
    program->spy = (Span){0, here(&printer)};
    return buf_view(&printer.out);
}

Str spy_print_node(Arena *arena, const Node *node, const Catalog *catalog)
{
    Printer printer = {
        .out = buf_in(arena), .catalog = catalog, .facts = {.arena = arena}, .connections = {.arena = arena}};
    Node *unchanged = (Node *)node; /* spans are written only when `record` is set */
    if (node->kind == NODE_PROGRAM || node->kind == NODE_BLOCK)
        print_statements(&printer, unchanged);
    else if (node_is_statement(node))
        print_statement(&printer, unchanged);
    else
        print_any(&printer, unchanged);
    return buf_view(&printer.out);
}
