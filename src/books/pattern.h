/* books/pattern.h: regular expressions (PCRE2, as in Python) that cannot run away: matching is bounded by steps, not by
 * time, so that the same text always gives the same answer. */
#ifndef CLERKWORK_BOOKS_PATTERN_H
#define CLERKWORK_BOOKS_PATTERN_H

#include "base/arena.h"
#include "base/error.h"

#define PATTERN_BYTES_MAX 4096
#define PATTERN_GROUPS_MAX 32

typedef struct Pattern {
    void *code, *match, *limits;       /* PCRE2's; given back by pattern_done */
    uint32_t n_groups;                 /* without the whole match */
    Str names[PATTERN_GROUPS_MAX + 1]; /* by group; "" where a group has none. Live as long as the pattern */
    bool has_names;
} Pattern;

typedef struct Match {
    Str groups[PATTERN_GROUPS_MAX + 1]; /* 0 is the whole match; data == NULL where a group took no part */
} Match;

/* INVALID_ARGUMENT, field "pattern", says what is wrong and where. */
MUST_USE bool pattern_compile(Str source, Pattern *out, Error *err);
/* The first match at or behind `from`; `*out_found` tells whether there is one. RESOURCE_EXHAUSTED when the pattern
 * tries too many ways. */
MUST_USE bool pattern_find(const Pattern *pattern, Str text, size_t from, Match *out, bool *out_found, Error *err);
/* Where to look for the match after this one: behind it, and past the next character when it is empty. */
size_t match_end(Str text, const Match *match);
void pattern_done(Pattern *pattern);

#endif
