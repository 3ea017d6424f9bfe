/* lang/diagnostic.h: what is wrong with a text, all of it at once: place, what was understood, what was expected, what
 * would be right. */
#ifndef CLERKWORK_LANG_DIAGNOSTIC_H
#define CLERKWORK_LANG_DIAGNOSTIC_H

#include "lang/ast.h"

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING } Severity;
typedef enum Spelling { SPELLING_ENGLISH, SPELLING_SPY } Spelling;

typedef struct Diagnostic {
    Severity severity;
    const char *code;  /* stable kebab-case: "unknown-fact", "unreadable-sentence", … */
    Spelling spelling; /* whose text the span is in */
    Span span;
    uint32_t line, column; /* from 1; column in code points */
    Str message;           /* one sentence: what was found and what was expected */
    Str hint;              /* what to write instead, or "" */
    Str choices[6];        /* numbered readings where a sentence is ambiguous */
    uint32_t n_choices;
} Diagnostic;

/* At most DIAGNOSTICS_MAX are kept, in order of position; one sentence yields one error at most, so that errors never
 * cascade. */
#define DIAGNOSTICS_MAX 200
typedef struct Diagnostics {
    Arena *arena;
    Str source; /* the text the spans point into */
    Spelling spelling;
    Diagnostic *items;
    uint32_t count, cap;
    uint32_t n_errors;
    uint32_t lost[32]; /* where sentences could not be read because of an error told elsewhere */
    uint32_t n_lost;
    Diagnostic spare; /* what diagnose gives for an error that is not kept */
} Diagnostics;

/* Never NULL: the first error on a line stands for its sentence, others there are given out but not kept. */
Diagnostic *diagnose(Diagnostics *all, Severity severity, const char *code, Span span, const char *format, ...)
    PRINTF_LIKE(5, 6);
void diagnose_hint(Diagnostics *all, Diagnostic *about, const char *format, ...) PRINTF_LIKE(3, 4);
void diagnostics_sort(Diagnostics *all);
/* As compilers do: file:line:column: error: message, the line, a caret line, the hint. */
void diagnostics_print(Buf *out, const Diagnostics *all, Str file_name);
void diagnostic_to_json(JsonOut *out, const Diagnostic *diagnostic);
/* The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its length, but always one letter, away), or
 * "". Ties: the first. */
Str nearest_spelling(Str word, const Str *candidates, uint32_t n);

#endif
