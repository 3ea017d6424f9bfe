/* books/likeness.c: Levenshtein's distance over letters without case. */
#include "books/likeness.h"

#include <utf8proc.h>

#include "base/codec.h"

typedef struct Letters {
    uint32_t items[LIKENESS_LETTERS_MAX];
    int count; /* -1: too many */
} Letters;

static void letters_add(Letters *letters, uint32_t letter)
{
    if (letters->count == LIKENESS_LETTERS_MAX)
        letters->count = -1;
    if (letters->count >= 0)
        letters->items[letters->count++] = letter;
}

/* Lower-case letters and digits; whatever stands between them is one space, at both ends nothing. */
static Letters letters_of(Str text)
{
    Letters letters = {.count = 0};
    bool gap = false;
    for (size_t at = 0; at < text.len && letters.count >= 0;) {
        utf8proc_int32_t c = (utf8proc_int32_t)utf8_next(text, &at);
        utf8proc_category_t category = utf8proc_category(c);
        bool letter = (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO);
        if (letter && gap && letters.count > 0)
            letters_add(&letters, ' ');
        if (letter && letters.count >= 0)
            letters_add(&letters, (uint32_t)utf8proc_tolower(c));
        gap = !letter;
    }
    return letters;
}

static int distance(const Letters *a, const Letters *b)
{
    int row[LIKENESS_LETTERS_MAX + 1];
    for (int j = 0; j <= b->count; j++)
        row[j] = j;
    for (int i = 1; i <= a->count; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= b->count; j++) {
            int replaced = diagonal + (a->items[i - 1] != b->items[j - 1]);
            diagonal = row[j];
            row[j] = MIN_OF(replaced, MIN_OF(row[j], row[j - 1]) + 1);
        }
    }
    return row[b->count];
}

int likeness(Str a, Str b)
{
    Letters left = letters_of(a), right = letters_of(b);
    if (left.count < 0 || right.count < 0)
        return -1;
    int longer = MAX_OF(left.count, right.count);
    return longer == 0 ? 10000 : 10000 - distance(&left, &right) * 10000 / longer;
}
