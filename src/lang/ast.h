/* lang/ast.h: the one tree that English and SPy are two spellings of.
 *
 * Nodes are uniform: a kind, what the kind needs (name, value, operator), and kids in a fixed order that the table
 * below states. The tree says nothing about spelling except names of facts, comments and blank lines. Readers set the
 * span of the spelling that they read, printers that of the spelling that they print; both together are the code
 * mapping. Node ids count from 1 in pre-order and so are the same whichever spelling a tree came from. After ast_number
 * a tree does not change. */
#ifndef CLERKWORK_LANG_AST_H
#define CLERKWORK_LANG_AST_H

#include "base/arena.h"
#include "value/procedure.h"
#include "value/type.h"
#include "value/value.h"

typedef struct Span {
    uint32_t start, end; /* bytes, zero-based, end exclusive */
} Span;

/* clang-format off */
/*     kind           what it holds; [x] may be absent, x… any number
 * ------------------------------------------------------------------------------------------------------------------ */
#define AST_KINDS(X)                                                                                                   \
    X(NOTHING, "Nothing")         /* stands for an absent kid */                                                       \
    X(PROGRAM, "Program")         /* kids: INPUT…, CONNECTION…, statement… (comments anywhere) */                      \
    X(BLOCK, "Block")             /* kids: statement… (at least one that is no comment) */                             \
    /* statements */                                                                                                   \
    X(COMMENT, "Comment")         /* text: without the sign and one blank */                                           \
    X(INPUT, "Input")             /* name: the fact; text: the input's name; type; kids: [default]. OPTIONAL flag */   \
    X(CONNECTION, "Connection")   /* name: alias; text: book */                                                        \
    X(ASSIGN, "Assignment")       /* kids: target, value. target: NAME, FIELD, INDEX, or TUPLE of these */             \
    X(EXPRESSION, "Expression")   /* kids: call (CALL of append & co, BOOK_CALL, PROCEDURE_CALL) */                    \
    X(IF, "If")                   /* kids: condition, BLOCK, …, [BLOCK of otherwise] */                                \
    X(FOR, "For")                 /* kids: target (NAME or TUPLE), iterable, BLOCK. SAME_TIME flag */                  \
    X(REPEAT, "Repeat")           /* kids: count, BLOCK.  SPy: for _ in range(count) */                                \
    X(WHILE, "While")             /* kids: condition, BLOCK */                                                         \
    X(BREAK, "Break")                                                                                                  \
    X(CONTINUE, "Continue")                                                                                            \
    X(DEFINE, "FunctionDefinition") /* name; kids: PARAMETER…, BLOCK */                                                \
    X(PARAMETER, "Parameter")     /* name; kids: [default] */                                                          \
    X(RETURN, "Return")           /* kids: [value] */                                                                  \
    X(ENSURE, "Ensure")           /* kids: condition, [message] */                                                     \
    X(VALIDATE, "Validate")       /* kids: ENSURE… */                                                                  \
    X(OUTPUT, "Output")           /* kids: name (text LITERAL or TEMPLATE), value */                                   \
    X(SAY, "Say")                 /* kids: text */                                                                     \
    X(WAIT, "Wait")               /* kids: duration, or a date or time with the UNTIL flag */                          \
    X(FINISH, "Finish")                                                                                                \
    X(FAIL, "Fail")               /* kids: reason */                                                                   \
    /* expressions */                                                                                                  \
    X(LITERAL, "Literal")         /* value: null, boolean, number (never negative), text, date, time of day */         \
    X(TEMPLATE, "Template")       /* kids: text LITERAL or expression, at least one expression; no two LITERALs touch */ \
    X(NAME, "Name")               /* name: snake_case, lower case */                                                   \
    X(FIELD, "Field")             /* kids: object; text: the key as spelled */                                         \
    X(INDEX, "Index")             /* kids: object, index (never a text LITERAL: that is FIELD) */                      \
    X(SLICE, "Slice")             /* kids: object, from, to, step; NOTHING where absent */                             \
    X(NEGATE, "Negate")           /* kids: operand */                                                                  \
    X(ARITHMETIC, "Arithmetic")   /* op: ArithmeticOp; kids: left, right */                                            \
    X(COMPARE, "Compare")         /* kids: n operands, n ≥ 2; ops: CompareOp × (n-1), a chain as in Python */          \
    X(NOT, "Not")                 /* kids: operand */                                                                  \
    X(AND, "And")                 /* kids: 2…; none itself an AND */                                                   \
    X(OR, "Or")                   /* kids: 2…; none itself an OR */                                                    \
    X(CHOOSE, "Conditional")      /* kids: value if so, condition, value otherwise */                                  \
    X(CALL, "FunctionCall")       /* function: FunctionId; kids: arguments in order, at most the function's maximum */ \
    X(PROCEDURE_CALL, "ProcedureCall") /* name of a DEFINE; kids: ARGUMENT… in the order written */                    \
    X(BOOK_CALL, "BookCall")      /* alias: connection or ""; book, name; kids: ARGUMENT… in the procedure's order */  \
    X(ARGUMENT, "Argument")       /* name; kids: value */                                                              \
    X(ASK, "Ask")                 /* kids: question, [choices or NOTHING]; type: of the answer (type_any if not said) */ \
    X(COLLECT, "Comprehension")   /* op: CollectOp; kids: element (PAIR for records), target, iterable, [condition]. */ \
                                  /* A COLLECT_MORE as the element is the next `for`; only the last has the element */ \
    X(LIST, "List")               /* kids: item… */                                                                    \
    X(SET, "Set")                 /* kids: item…, at least one */                                                      \
    X(RECORD, "Dictionary")       /* kids: PAIR… */                                                                    \
    X(PAIR, "Pair")               /* kids: key, value */                                                               \
    X(TUPLE, "Tuple")             /* kids: item, item, … */
/* clang-format on */

typedef enum NodeKind {
#define X(name, spelled) NODE_##name,
    AST_KINDS(X)
#undef X
        NODE_N_KINDS
} NodeKind;

typedef enum ArithmeticOp {
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_FLOOR_DIVIDE,
    OP_MODULO,
    OP_POWER
} ArithmeticOp;
typedef enum CompareOp {
    CMP_EQUAL,
    CMP_NOT_EQUAL,
    CMP_LESS,
    CMP_LESS_EQUAL,
    CMP_GREATER,
    CMP_GREATER_EQUAL,
    CMP_IN,
    CMP_NOT_IN
} CompareOp;
typedef enum CollectOp {
    COLLECT_LIST,
    COLLECT_SET,
    COLLECT_RECORD,
    COLLECT_LAZY, /* a generator: argument of a CALL only */
    COLLECT_MORE  /* element of a COLLECT only: a second `for`, whose items are those of the COLLECT around it */
} CollectOp;

enum NodeFlag {
    NODE_OPTIONAL = 1,     /* INPUT */
    NODE_UNTIL = 2,        /* WAIT */
    NODE_SAME_TIME = 4,    /* FOR */
    NODE_BLANK_BEFORE = 8, /* any statement: one empty line stands before it */
    NODE_NOT_OPERATOR = 16 /* free for a reader's own use; cleared before the tree is given out */
};

typedef struct Node Node;
struct Node {
    uint8_t kind; /* NodeKind */
    uint8_t op;
    uint8_t flags;
    uint8_t ops[5];    /* COMPARE: up to six operands */
    uint16_t function; /* CALL: FunctionId */
    uint32_t n_kids;
    uint32_t id;       /* set by ast_number */
    Span english, spy; /* {0, 0} until read or printed */
    Node **kids;
    Str name, text;             /* see the table */
    Str alias;                  /* BOOK_CALL */
    Value value;                /* LITERAL */
    const Type *type;           /* INPUT, ASK */
    Str trailing;               /* any statement: the comment at the end of its (first) line, or "" */
    const Procedure *procedure; /* BOOK_CALL, set by the checker; NULL where unknown */
};
/* BOOK_CALL keeps the book in `text` and the procedure in `name`. */

Node *node_new(Arena *arena, NodeKind kind);
void node_add(Arena *arena, Node *node, Node *kid); /* amortised; kids are moved as they grow */
static inline Node *node_kid(const Node *node, uint32_t i)
{
    return i < node->n_kids ? node->kids[i] : NULL;
}

const char *node_kind_name(NodeKind kind); /* "Assignment": the journal's node_kind */
bool node_is_statement(const Node *node);
bool node_is_expression(const Node *node);
bool node_is_text(const Node *node); /* a text LITERAL */
bool node_goes_on(const Node *node); /* a COLLECT with a further `for`, which is its first kid */
/* The COLLECT of the last `for`: its first kid is the element; `node` itself where it has one `for`. */
const Node *node_last_for(const Node *node);
bool node_is_constant(
    const Node *node); /* literals, negative numbers, lists and records of these: what a default may be */
/* Everything but spans and ids. Literals compare with their scale: 1.0 is not 1.00. */
bool ast_equal(const Node *a, const Node *b);
/* Numbers all nodes in pre-order from 1; gives how many. */
uint32_t ast_number(Node *program);
/* date(2026, 4, 14) with three constants that make a date is a LITERAL: readers put it in place of the call. */
bool ast_date_parts(const Node *call, Value *out);
/* What holds of every tree that a reader gives out; the name of the broken rule, or NULL. Beyond the table above:
 *   - An expression is at most AST_EXPRESSION_MAX nodes deep, blocks nest at most AST_BLOCKS_MAX deep; readers refuse
 * more.
 *   - INPUTs come first, then CONNECTIONs; these and DEFINEs stand in the PROGRAM alone.
 *   - The first statement of a block has no NODE_BLANK_BEFORE. ENSUREs inside VALIDATE have neither flags nor trailing
 * comments.
 *   - Comments are one line, trimmed at their end; COMMENTs have no trailing.
 *   - Defaults are constant; parameters with defaults come last; the types of INPUT and ASK are plain (no inner, no
 * OPTIONAL).
 *   - CALLs of STYLE_ACTION stand only under EXPRESSION; ASK only as the value of an ASSIGN to a NAME (no NOTHING for
 * absent choices: one kid); lazy COLLECTs only under CALL. Other calls stand wherever an expression may.
 *   - Names are [a-z_][a-z0-9_]* or beyond ASCII; FOR of the name _ over range(n) is a REPEAT.
 *   - No TEMPLATE directly in a TEMPLATE; its texts are not empty. No ARGUMENT twice. Absent parts of SLICE are NOTHING
 * nodes. */
#define AST_EXPRESSION_MAX 120
#define AST_BLOCKS_MAX 30
#define AST_DEPTH_MAX AST_EXPRESSION_MAX /* where a reader counts both together */
const char *ast_check(const Node *program);
void ast_print(Buf *out, const Node *node); /* for whoever is debugging at night: one node a line, indented */

/* Names. English words and snake_case map one to one where regular: lower-case words of [a-z][a-z0-9]*, joined by "_".
 */
bool name_is_regular(Str snake);
Str name_to_words(Arena *arena, Str snake);   /* invoice_total → invoice total */
Str name_from_words(Arena *arena, Str words); /* "PO Number" → po_number; "" when nothing is left */
/* The stated plural table (docs/language-reference.md): regular rules, then irregular nouns; acts on the last word. */
Str plural_of(Arena *arena, Str words);   /* purchase order → purchase orders */
Str singular_of(Arena *arena, Str words); /* the inverse; gives the word itself where it is no plural */
bool words_are_plural(Arena *arena, Str words);
/* Row `at` of the table; false behind the last. Of several rows for one noun, the first is the one that is written. */
bool plural_irregular(uint32_t at, Str *out_one, Str *out_many);
bool plural_invariant(uint32_t at, Str *out_word); /* one and many alike */

#endif
