/* lang/english_internal.h: what the parts of the English spelling share; nobody else includes it.
 *
 * english_tokens.c       text → lines, a line → tokens
 * english_patterns.c     the sentence parts of function.h, the comparisons, and the catalog's sentences, compiled into
 * tries english_names.c        which words may stand in a name
 *
 * english_read.c         lines → blocks → the tree; where reading starts
 * english_reader.c       looking at tokens, taking them, refusing them, making nodes of them
 * english_sentences.c    tokens → statements, with english_facts.c and english_blocks.c
 * english_joined.c       tokens → expressions: and, or; then, binding tighter,
 * english_conditions.c   … comparisons, with what stands around conditions
 * english_values.c       … operators
 * english_primary.c      … what stands by itself
 * english_nouns.c        … possessives, ordinals, filters, with english_words.c for names and keys
 * english_calls.c        … lists, records, calls in words
 * english_match.c        … what stands in the gaps of a pattern
 * english_slips.c        what a sentence that cannot be read was probably meant to say
 * english_mends.c        … and how it should have been written, where that is certain; english_joined_mends.c of “and”,
 *                        english_condition_mends.c of conditions
 *
 * english_print.c        tree → text, each sentence checked by reading it back
 * english_print_lines.c  statements → lines
 * english_show*.c        expressions → text
 */
#ifndef CLERKWORK_LANG_ENGLISH_INTERNAL_H
#define CLERKWORK_LANG_ENGLISH_INTERNAL_H

#include "base/map.h"
#include "lang/english.h"
#include "lang/function.h"

/* ---- tokens ---- */

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_DATE,
    TOKEN_TIME,
    TOKEN_MOMENT,   /* 2026-04-14T10:00:00Z; text: with the T */
    TOKEN_TEXT,     /* "text" without {…} */
    TOKEN_TEMPLATE, /* "text{ */
    TOKEN_MIDDLE,   /* }text{ */
    TOKEN_CLOSE,    /* }text" */
    TOKEN_SIGN,
    TOKEN_POSSESSIVE, /* 's */
    TOKEN_PLURAL,     /* the apostrophe of the invoices' totals */
    TOKEN_BAD,        /* text: what is wrong with it */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    uint32_t start, end;
    Str text; /* words in lower case, texts without escapes */
} Token;

typedef struct Line {
    uint32_t start, end; /* without indentation and line end */
    uint32_t indent;     /* columns */
    bool blank_before;
    bool is_comment;
    uint32_t next; /* the first line from here on that is no comment; their number when there is none */
} Line;

typedef struct Lines {
    Line *items;
    uint32_t count, cap;
} Lines;

typedef struct Sentence { /* one line, cut into tokens; ends in a TOKEN_END */
    Token *tokens;
    uint32_t count, cap;
    bool has_comment;
    Str comment; /* without the sign and one blank */
    Span comment_span;
} Sentence;

Lines english_lines(Arena *arena, Str source);
void english_tokens(Arena *arena, Str source, uint32_t start, uint32_t end, Sentence *out);
Str english_comment(Str source, uint32_t start, uint32_t end); /* of what stands behind the sign */

/* ---- patterns ---- */

/* What a pattern stands for besides the functions of function.h. */
enum CorePattern {
    CORE_ENTRY = FN_N_FUNCTIONS, /* the entry at I of X: INDEX */
    CORE_SLICE,
    CORE_NTH,     /* the second item of X: INDEX 1 … */
    CORE_COMPARE, /* with the operator in `op` */
    CORE_ONE_OF,  /* CMP_IN or CMP_NOT_IN, before a list of literals */
    CORE_PROCEDURE
};

enum { GAP_WORD = -1, GAP_RESULT = -2, PATTERN_PIECES_MAX = 48 };

typedef struct Piece {
    Str word;    /* of a GAP_WORD */
    int16_t gap; /* which argument, or one of the above */
    bool plural; /* {0s} */
} Piece;

typedef struct Pattern {
    uint16_t id; /* FunctionId or CorePattern */
    uint8_t op;  /* CompareOp; or how far from the first */
    uint8_t n_gaps;
    uint8_t n_pieces;
    bool is_plural; /* of a condition: "{0} are empty" */
    bool is_phrase; /* of a procedure: stands for its result wherever a value may */
    const Procedure *procedure;
    Piece *pieces;
    struct Pattern *next; /* of the same function or procedure, in order of preference */
} Pattern;

typedef struct PatternNode PatternNode;
struct PatternNode {
    Str word;               /* "" where a value stands */
    int8_t kind;            /* 'w' a fixed word, 'v' a value, 'r' the name of the result */
    bool plural;            /* the value's noun is plural */
    bool tight;             /* binds to the list before it: the rows of (the invoices sorted by "total") */
    bool closed;            /* follows only a number or a parenthesis: 3 days */
    bool swapped;           /* reached only where a sentence's phrases stand in another order than its own */
    bool in_other_order;    /* `pattern` is */
    const Pattern *rival;   /* another procedure's, in another order, that ends here as well, or NULL */
    bool key;               /* the name of a field, which needs no quotation marks: sorted by due date */
    const Pattern *pattern; /* that ends here, or NULL */
    PatternNode *kids, *last, *next;
    uint32_t n_kids;
    const PatternNode *value, *result; /* the first kid of kind 'v', and that of kind 'r', or NULL */
    uint32_t initials;                 /* a bit for each chain that a kid's word is in: most words are none of them */
    PatternNode **chains;              /* of many kids, those whose words begin alike; NULL for few */
    PatternNode *alike;                /* the next one of its chain */
};

typedef struct Patterns {
    Arena *arena;
    PatternNode phrase;    /* the sum of {0} */
    PatternNode postfix;   /* {0} in upper case */
    PatternNode condition; /* {0} is empty */
    PatternNode sentence;  /* append {1} to {0}; the catalog's sentences */
    Pattern *of_function[CORE_PROCEDURE];
    Map of_procedure; /* "book.name" → Pattern */
    Map functions;    /* "delete field" → FunctionId + 1 */
} Patterns;

Patterns *english_patterns(Arena *arena, const Catalog *catalog);
const Pattern *pattern_of_procedure(const Patterns *patterns, Str book, Str name);
PatternNode *pattern_kid(const PatternNode *node, Str word);
const PatternNode *pattern_value(const PatternNode *node);
const PatternNode *pattern_result(const PatternNode *node);
bool function_takes_key(uint16_t id, int gap);
/* …or the phrase of a procedure: its parameters `key` and `amount` name columns. */
bool pattern_takes_key(const Pattern *pattern, int gap);
bool function_is_unit(FunctionId id); /* 3 days */
bool function_is_rounding(FunctionId id);

/* ---- names ---- */

bool word_is_hard(Str word);                                   /* never part of a name */
bool words_need_no_marks(const Patterns *patterns, Str words); /* …even without an article in front */
bool word_may_begin_name(Str word);
bool word_is_literal(Str word);                           /* yes, no, nothing … */
int word_ordinal(Str word);                               /* first 0, second 1 … last -1; -2 for no ordinal */
bool words_are_plain(Str words);                          /* lower-case words of a-z and digits, single blanks */
bool words_are_free(const Patterns *patterns, Str words); /* …that read as one name wherever they stand */
bool text_is_name(Str text);                              /* legal as it is */
/* The variable of `whose` over a list: the purchase orders → purchase_order; `item` where the list has no noun. After a
 * plural possessive it is the last word alone: the payable invoices' totals → invoice. */
Str variable_of(Arena *arena, const Node *list, bool last_word_only);
/* The words of a fact or a field that read back without quotation marks, or "". */
Str noun_of(Arena *arena, const Node *node);
/* One thing rather than a list: 5, the price, the order's total, (the price plus 1), 5% of the price. */
bool is_one_value(Arena *arena, const Node *node);

/* ---- reading ---- */

typedef struct EnglishReader {
    Arena *arena;
    Str source;
    const Catalog *catalog;
    const Patterns *patterns;
    Diagnostics *all;
    Map facts;      /* names assigned so far, in order of the text */
    Map procedures; /* "price an order" → defined in this text */
    Lines lines;
    uint32_t line;   /* the one to be read next */
    uint32_t blocks; /* how many are around the sentence in hand */
    bool setting;    /* a target is read, which is no calculation: the first name */
    bool deciding;   /* a condition is read: facts joined by “and” are no list */
    bool trial;      /* one sentence, without its blocks: for the printer's check */
    /* the sentence in hand */
    Sentence sentence;
    uint32_t at;
    uint32_t nesting;
    bool failed;
    Str element;              /* in `whose`: the variable that bare nouns are fields of */
    Str hiding;               /* in `whose` and behind every, any, no: the variable, which hides a fact of that name */
    const PatternNode *stops; /* the pattern in hand goes on with one of its words */
    Str stop_word;
    Node *named_result; /* what stood for {result} in the pattern just read */
    Node *owner;        /* PROGRAM or BLOCK that loose comments go to */
    uint32_t last_end;  /* of the last sentence or comment that was read */
} EnglishReader;

static inline const Token *token_at(const EnglishReader *reader, uint32_t at)
{
    return &reader->sentence.tokens[MIN_OF(at, reader->sentence.count - 1)];
}
static inline const Token *token_now(const EnglishReader *reader)
{
    return token_at(reader, reader->at);
}
/* english_reader.c: looking and taking */
bool word_at(const EnglishReader *reader, uint32_t at, const char *word);
bool words_at(const EnglishReader *reader, uint32_t at, const char *words); /* several, with blanks between */
/* Whether it is one of these words, with a blank before and behind each: " is are ". */
bool is_among(const EnglishReader *reader, uint32_t at, const char *words);
/* The tokens from `from` up to `to` as they are written; "" for none. */
Str source_of(const EnglishReader *reader, uint32_t from, uint32_t to);
bool sign_at(const EnglishReader *reader, uint32_t at, const char *sign);
bool take_word(EnglishReader *reader, const char *word);
bool take_words(EnglishReader *reader, const char *words);
bool take_sign(EnglishReader *reader, const char *sign);
/* … refusing: the first of a sentence is kept; all give NULL */
Node *fail_expected(EnglishReader *reader, const char *expected); /* what the token in hand is not */
Node *fail_at(EnglishReader *reader, uint32_t from, uint32_t to, const char *code, const char *hint, const char *format,
              ...) PRINTF_LIKE(6, 7);
Node *fail_too_deep(EnglishReader *reader, uint32_t from, uint32_t to);
Node *fail_ambiguous(EnglishReader *reader, uint32_t from, Node *one, Node *other);
/* … bounding its own recursion: on true, `nesting` is one more until the caller takes it back. Parentheses cost more
 * than one level for every level of the tree, and some make none. */
enum { NESTING_MAX = 4 * AST_EXPRESSION_MAX };
bool enter_nesting(EnglishReader *reader);
/* … making. Sets the span from token `from` to the last one taken, and how deep the node is; NULL when too deep. */
Node *finish_node(EnglishReader *reader, Node *node, uint32_t from);
Node *make_name(EnglishReader *reader, Str name, uint32_t from);
Node *make_call(EnglishReader *reader, FunctionId function, Node *one, Node *two, uint32_t from);
Node *make_operation(EnglishReader *reader, NodeKind kind, uint8_t op, Node *left, Node *right, uint32_t from);

/* english_read.c */
EnglishReader english_reader(Arena *arena, Str source, const Catalog *catalog, const Patterns *patterns,
                             Diagnostics *all);
bool deeper_line_follows(const EnglishReader *reader, uint32_t indent); /* comments aside */
bool otherwise_follows(const EnglishReader *reader, uint32_t indent);
void next_sentence(EnglishReader *reader); /* tokens of the next line that is no comment; comments go to the owner */
void skip_deeper_lines(EnglishReader *reader, uint32_t indent);
void keep_comment(EnglishReader *reader); /* at the end of a line whose node holds none: goes to the owner */
Node *read_block(EnglishReader *reader, uint32_t indent); /* of the lines indented deeper */

/* english_sentences.c, english_facts.c, english_blocks.c: a form reads the statement of the line in hand, and its lines
 */
Node *read_sentence(EnglishReader *reader, uint32_t indent);
Node *read_input_line(EnglishReader *reader);
Node *read_fact(EnglishReader *reader, uint32_t indent);
Node *read_set(EnglishReader *reader, uint32_t indent);
Node *read_change(EnglishReader *reader, uint32_t indent);
Node *read_find(EnglishReader *reader, uint32_t indent);
Node *read_ask(EnglishReader *reader, uint32_t indent);
Node *read_if(EnglishReader *reader, uint32_t indent);
Node *read_for(EnglishReader *reader, uint32_t indent);
Node *read_repeat(EnglishReader *reader, uint32_t indent);
Node *read_define(EnglishReader *reader, uint32_t indent);
Node *read_ensure(EnglishReader *reader, uint32_t indent);
Node *read_validate(EnglishReader *reader, uint32_t indent);
Str read_procedure_name(EnglishReader *reader); /* after `to`: words, or what stands in quotation marks; "" without */
Node *read_what_it_is(EnglishReader *reader);   /* is V · are V, W and X */
bool read_type(EnglishReader *reader, const Type **out_type, bool *out_optional);
void remember_fact(EnglishReader *reader, const Node *target);
bool end_sentence(EnglishReader *reader); /* false, and told, when more follows */
uint32_t sentence_start(const EnglishReader *reader);
Node *finish_statement(EnglishReader *reader, Node *node, uint32_t start);
Node *simple_statement(EnglishReader *reader, NodeKind kind, Node *one, Node *two); /* one line that holds these kids */

/* english_joined.c */
/* One part, or parts joined by `and` or `or`: what can be understood in several ways, or is certainly no condition, is
 * refused. */
Node *read_joined(EnglishReader *reader);
/* Whether kid `i` of an AND or OR needs parentheses to read back, in a condition or elsewhere. */
bool joined_needs_marks(const Node *joined, uint32_t i, bool deciding);

/* english_conditions.c */
Node *read_deciding(EnglishReader *reader, Node *(*read)(EnglishReader *reader)); /* `read`, of a condition */
Node *read_value(EnglishReader *reader);     /* anything, up to the end of the sentence or a word that cannot go on */
Node *read_condition(EnglishReader *reader); /* without “for each” behind it */
Node *read_comparison(EnglishReader *reader, bool chained);
/* The same behind its first value, which began at token `from`; NULL for one that could not be read. */
Node *read_comparison_of(EnglishReader *reader, Node *left, uint32_t from, bool chained);
bool at_comparison(EnglishReader *reader, uint32_t at); /* the token begins what a value is compared by */
Node *read_goes_through(EnglishReader *reader); /* the list of “for each”; literals may stand without “the list of” */
bool literal_goes_on(EnglishReader *reader, uint32_t at); /* token `at` belongs to a literal before it: 5 + 1 */
Node *read_targets(EnglishReader *reader);                /* names, joined by “and” → NAME or TUPLE */
/* What follows an element: for each invoice in the invoices where …; lazy for a LIST with `every`. */
bool at_further_each(const EnglishReader *reader, uint32_t at); /* “and for each” */
Node *read_comprehension(EnglishReader *reader, Node *element, CollectOp op, uint32_t from);

/* english_values.c */
Node *read_sum(EnglishReader *reader);
Node *read_tight(EnglishReader *reader);                 /* a value and what binds to a list */
Node *read_text(EnglishReader *reader);                  /* "…" or "…{…}…" */
Node *read_list(EnglishReader *reader, NodeKind kind);   /* a, b and c → LIST, SET or TUPLE */
Node *read_arguments(EnglishReader *reader, Node *call); /* with 5 as the quantity and … */
bool take_separator(EnglishReader *reader);              /* between two items */

/* That percentage of `whole`, where `percentage` is one by itself from token `from` on and `whole` is not constant;
 * else NULL. */
Node *percentage_of(EnglishReader *reader, Node *percentage, uint32_t from, Node *whole);

/* english_primary.c, english_nouns.c, english_calls.c */
Node *read_primary(EnglishReader *reader);
Node *read_number(EnglishReader *reader);
Node *read_noun(EnglishReader *reader, uint32_t from); /* from “the” on */
Node *read_bare_field(EnglishReader *reader);          /* in `whose` */
/* every invoice's total is …, any invoice whose …, no invoice whose …: whether one begins here, and the condition. */
bool at_quantified(EnglishReader *reader);
Node *read_quantified(EnglishReader *reader);
Node *read_tail(EnglishReader *reader, Node *value, uint32_t from); /* possessives and `whose` behind a value */
Node *read_call_by_name(EnglishReader *reader, uint32_t from);      /* after `do` or `the result of` */
/* The list of …, a record with …, the result of …: `out_opens` tells whether one of these stood there. */
Node *read_opening(EnglishReader *reader, bool *out_opens);

/* english_match.c */
typedef enum Family { FAMILY_PHRASE, FAMILY_CONDITION, FAMILY_SENTENCE } Family;
/* The rest of a pattern whose first words have been taken, from the value `first` or none on. */
Node *read_pattern(EnglishReader *reader, const PatternNode *node, Node *first, uint32_t from, Family family);

/* english_slips.c: hints, only where they are certain */
const char *slip_of_first_word(const EnglishReader *reader);                  /* NULL without one */
const char *slip_of_token(const EnglishReader *reader, const char *expected); /* of the token in hand; "" without one */
/* Bare words that lack an article or quotation marks, up to the token in hand and on, as the whole sentence: status is
 * paid in full. NULL without any; where no value can stand here, only what follows “is” and its like. */
const char *slip_of_unquoted(const EnglishReader *reader, bool value_stands_here);

/* The sentence in hand with `instead` in place of the tokens from `from` up to `to`; NULL where it is too long to show.
 */
const char *corrected(const EnglishReader *reader, uint32_t from, uint32_t to, Str instead);
const char *write_sentence(const EnglishReader *reader, const char *sentence); /* as a hint; NULL of NULL */
typedef const char *Mend(const EnglishReader *reader);
/* What the first of these has to say; NULL where none has. */
const char *first_mend(const EnglishReader *reader, Mend *const *mends, size_t n);
/* Behind these words a value follows, which may be a text that lacks its marks. */
bool leads_to_value(const EnglishReader *reader, uint32_t at);

/* english_mends.c: hints that show the whole sentence as it should read */
/* What is told before any slip; NULL where the sentence is not understood. */
const char *mend_of_token(const EnglishReader *reader, const char *expected);
const char *mend_of_end(const EnglishReader *reader, const char *expected); /* it ends too early; "" without one */
const char *mend_of_value(const EnglishReader *reader);  /* where a value should stand; NULL without one */
const char *mend_of_ask(const EnglishReader *reader);    /* ask the user "Who?"; NULL without one */
const char *mend_of_column(const EnglishReader *reader); /* delete the column "x"; NULL without one */

/* english_habits.c: words of an office where the grammar has others */
const char *habit_of_value(const EnglishReader *reader); /* where a value should stand; NULL without one */
const char *habit_of_token(const EnglishReader *reader, const char *expected); /* NULL without one */
const char *habit_of_end(const EnglishReader *reader, const char *expected);   /* it ends too early; NULL without one */

/* english_condition_mends.c: the same of conditions, and of what rows are sorted by */
const char *mend_of_condition(const EnglishReader *reader); /* NULL without one */
const char *mend_of_check(const EnglishReader *reader);     /* make sure that …; NULL without one */
const char *mend_of_sorted(const EnglishReader *reader);    /* sorted by amount and date; NULL without one */

/* english_words.c */
const PatternNode *walk_words(EnglishReader *reader, const PatternNode *root, uint32_t at, uint32_t *out_at);
bool starts_value(const EnglishReader *reader, uint32_t at);
bool starts_key(const EnglishReader *reader, uint32_t at);
/* Whether all fixed words from `kid` on, up to a value, stand at `at`, two of them at least: with the body "…". */
bool phrase_stands(const EnglishReader *reader, const PatternNode *kid, uint32_t at);
bool word_is_stop(const EnglishReader *reader, uint32_t at); /* another sentence part waits for this word */
uint32_t words_end(EnglishReader *reader, uint32_t from);    /* behind the words of the name that may begin there */
Str read_words(EnglishReader *reader);                /* as many as make one name; "" and a diagnostic without any */
Node *read_key(EnglishReader *reader, bool singular); /* total, "JobID" → text LITERAL */
Node *read_target_name(EnglishReader *reader);        /* the total, total, "total" → NAME */
Node *name_node(EnglishReader *reader, Str words, uint32_t words_from, uint32_t from);
Node *field_of(EnglishReader *reader, Node *object, Str key, uint32_t from);
Node *index_of(EnglishReader *reader, Node *object, Node *index, uint32_t from);
/* Nodes that stand nowhere in the text by themselves: `span` is what they were derived from. */
Node *derived_name(EnglishReader *reader, Str name, Span span);
Node *derived_number(EnglishReader *reader, int64_t n, Span span);

/* ---- printing ---- */

typedef struct EnglishPrinter {
    Arena *arena;
    Buf out;
    const Catalog *catalog;
    const Patterns *patterns;
    Map facts, procedures;
    uint32_t indent, last_end;
    bool spans;    /* nodes learn where they were printed */
    bool guarded;  /* every part in parentheses, every name quoted, no short forms */
    bool setting;  /* what is set is printed: a phrase in it ends with a value that nothing follows */
    bool deciding; /* as in EnglishReader */
    Str element;   /* as in EnglishReader */
    Node *itself;  /* “every price is …”: the comprehension whose element comes next, as the noun */
    Str source;    /* the English that the tree was read from, with its spans; or "" */
    Arena *scratch;
} EnglishPrinter;

/* How strongly a form holds together; a part that holds less than its place asks for stands in parentheses. */
typedef enum Level {
    LEVEL_OPEN, /* a list, a call in words, `for each`: takes all that follows */
    LEVEL_CHOOSE,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_SUM,
    LEVEL_TERM,
    LEVEL_UNARY,
    LEVEL_POWER,
    LEVEL_LOOSE,
    LEVEL_TIGHT,
    LEVEL_PRIMARY
} Level;

/* english_print_lines.c */
void put_indent(EnglishPrinter *printer, uint32_t more);
void end_line(EnglishPrinter *printer, const Node *node);
void print_head(EnglishPrinter *printer, Node *node);
/* english_show.c */
void show_value(EnglishPrinter *printer, Node *node, Level level);
void show_deciding(EnglishPrinter *printer, Node *condition, Level level); /* the same, of a condition */
void show_raw(EnglishPrinter *printer, Node *node);                        /* without parentheses and span */
bool is_bare_field(EnglishPrinter *printer, const Node *node); /* of the element of `whose`, without article */
Level level_of(EnglishPrinter *printer, const Node *node);
bool name_is_plain(EnglishPrinter *printer, Str name);
void show_name(EnglishPrinter *printer, Node *node); /* where it is read: the total, the fact "weird_Name" */
void show_target_name(EnglishPrinter *printer, Node *node, bool article); /* where it is set */
void show_key(EnglishPrinter *printer, Str key);                          /* total; "JobID" */
void show_text(EnglishPrinter *printer, Str text);
/* What a unit follows: a number, or anything in parentheses; so does a list that is one item. */
void show_closed(EnglishPrinter *printer, Node *kid);
void show_items(EnglishPrinter *printer, Node *const *items, uint32_t n);
void show_possessive(EnglishPrinter *printer, Node *object, Str key);
bool noun_is_plural(EnglishPrinter *printer, const Node *node);
void show_words(EnglishPrinter *printer, const char *text);
void show_mark_start(EnglishPrinter *printer, Node *node);
void show_mark_end(EnglishPrinter *printer, Node *node);
void show_mark_like(EnglishPrinter *printer, Node *node, const Node *other);
/* english_show_calls.c */
const Pattern *pattern_of(EnglishPrinter *printer, const Node *node);
void show_pattern(EnglishPrinter *printer, const Pattern *pattern, Node *node, Node *result);
/* A condition behind its first value, negated: is not between 1 and 5, does not contain "x". */
void show_negated_pattern(EnglishPrinter *printer, Node *node, bool plural);
void show_call_in_words(EnglishPrinter *printer, Node *call,
                        bool ends_line); /* range with 1 and 10; "files.read_table" with … */
void show_arguments(EnglishPrinter *printer, Node *call, bool ends_line);
void show_argument(EnglishPrinter *printer, Node *argument, bool may_be_short);
bool procedure_is_plain(EnglishPrinter *printer, Str name);
const Pattern *pattern_of_sentence(EnglishPrinter *printer, const Node *call, bool has_result);
/* english_show_lists.c */
typedef enum CollectForm { COLLECT_IN_GENERAL, COLLECT_POSSESSIVE, COLLECT_WHOSE } CollectForm;
CollectForm form_of_collect(EnglishPrinter *printer, const Node *node);
void show_collect(EnglishPrinter *printer, Node *node);
void show_whose(EnglishPrinter *printer, Node *collect);
bool is_ordinal(EnglishPrinter *printer, const Node *node); /* the first purchase order */
bool is_ordinal_whose(EnglishPrinter *printer, const Node *node);
void show_ordinal(EnglishPrinter *printer, Node *node);
bool is_quantified(EnglishPrinter *printer, const Node *node);       /* every invoice's total is at least 0 */
bool ends_in_whose(EnglishPrinter *printer, const Node *quantified); /* any invoice whose … */
void show_quantified(EnglishPrinter *printer, Node *node);
bool show_itself(EnglishPrinter *printer, const Node *name); /* false for a name that is not such an element */
void show_record(EnglishPrinter *printer, Node *node);
void show_pair(EnglishPrinter *printer, Node *pair);
void show_targets(EnglishPrinter *printer, Node *target);
/* What “for each” goes through: “and” and “or” need parentheses there. */
void show_gone_through(EnglishPrinter *printer, Node *list, Level level);

#endif
