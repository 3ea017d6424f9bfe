/* lang/english_joined.h: what “and” and “or” join, for english_joined.c, which reads it, and english_joined_mends.c,
 * which says what should stand in its place. Nobody else includes it. */
#ifndef CLERKWORK_LANG_ENGLISH_JOINED_H
#define CLERKWORK_LANG_ENGLISH_JOINED_H

#include "lang/english_internal.h"

typedef struct Place {
    uint32_t from, to; /* tokens */
    char joint;        /* to the next part: '&' or '|' */
    bool closed;       /* parentheses stand around the part */
    bool filter;       /* it ends in a condition behind `whose` */
    bool quantified;   /* it begins with every, any or no: no condition of that filter does */
} Place;

typedef struct Joined {
    Node **nodes;
    Place *places; /* NULL for the parts of a tree: none of them is closed */
    uint32_t n;
    bool has_and;
} Joined;

/* The comparison or condition that a part is, which `not` may stand around; NULL for any other part. */
Node *joined_comparison(const Joined *all, uint32_t i);
/* What it compares with; NULL where it is not two values that are compared. */
Node *joined_compared_with(const Joined *all, uint32_t i);
bool joined_is_negative(const Joined *all, uint32_t i); /* is not, is not in, does not contain … */

/* english_joined_mends.c: refuses part `i`, which is never yes or no */
Node *fail_no_condition(EnglishReader *reader, const Joined *all, uint32_t i);

#endif
