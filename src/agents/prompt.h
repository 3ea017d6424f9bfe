/* agents/prompt.h: what a model is told, and what is taken of its answer. Everything is bounded: the language's
 * reference and the list of procedures are cut, drafts and descriptions that are too long are not sent; what comes of
 * the conversation and its files is cut by agents/recall.h. */
#ifndef CLERKWORK_AGENTS_PROMPT_H
#define CLERKWORK_AGENTS_PROMPT_H

#include "lang/program.h"

#define PROMPT_REFERENCE_MOST (96 << 10)
#define PROMPT_BOOKS_MOST (24 << 10)
#define PROMPT_DRAFT_MOST (32 << 10)
#define PROMPT_DESCRIPTION_MOST (16 << 10)

/* docs/language-reference.md, as it was when the program was built. */
extern const Str prompt_language;

/* How to answer, the language, and every procedure of the catalog. */
Str prompt_rules(Arena *arena, const Catalog *catalog);
/* What shall become of a draft, and what helps to understand it. */
typedef struct PromptTask {
    Str draft, description;
    Str said;  /* in the thread before, "" for nothing (agents/recall.h) */
    Str files; /* that were sent along, as texts; "" without any */
} PromptTask;

/* INVALID_ARGUMENT when the draft or the description is too long for a model. */
MUST_USE bool prompt_task(Arena *arena, const PromptTask *task, Str *out, Error *err);
/* What the checker says of the answer. */
Str prompt_again(Arena *arena, const Diagnostics *diagnostics);
/* The sentences in an answer: what stands between the first ``` and the next, or all of it; a view. */
Str prompt_sentences(Str answer);

#endif
