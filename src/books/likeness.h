/* books/likeness.h: how alike two short texts are, for names that are written differently in two places. */
#ifndef CLERKWORK_BOOKS_LIKENESS_H
#define CLERKWORK_BOOKS_LIKENESS_H

#include "base/arena.h"
#include "base/str.h"

#define LIKENESS_LETTERS_MAX 200

/* In ten-thousandths: 10,000 for texts that differ in nothing but case, punctuation and spaces, 0 for texts without a
 * letter in common. One less the Levenshtein distance over the longer one's length, in letters and digits. -1 when
 * either has more than LIKENESS_LETTERS_MAX of them. */
int likeness(Str a, Str b);

#endif
