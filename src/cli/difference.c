/* cli/difference.c: the longest common run of lines, and what stands between. */
#include "cli/difference.h"

#define LINES_SHOWN 12u /* of each text */
#define LINE_BYTES_SHOWN 300u
/* Of more lines than this by more than this, all that lie between the first and the last difference are told. */
#define LINES_COMPARED_MAX 1000u

typedef struct Lines {
    Str *items;
    uint32_t n;
} Lines;

static Lines lines_of(Arena *arena, Str text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    Lines lines = {NEW_ARRAY(arena, Str, n + 1), 0};
    while (text.len > 0) {
        Str line = str_cut(&text, '\n');
        if (str_ends(line, S("\r"))) /* other systems' editors */
            line.len--;
        lines.items[lines.n++] = line;
    }
    return lines;
}

static void drop_common_ends(Lines *a, Lines *b)
{
    while (a->n > 0 && b->n > 0 && str_eq(a->items[0], b->items[0]))
        a->items++, a->n--, b->items++, b->n--;
    while (a->n > 0 && b->n > 0 && str_eq(a->items[a->n - 1], b->items[b->n - 1]))
        a->n--, b->n--;
}

typedef struct Telling {
    Buf *out;
    uint32_t n_gone, n_come;
} Telling;

static void tell(Telling *telling, char sign, Str line)
{
    uint32_t *n = sign == '-' ? &telling->n_gone : &telling->n_come;
    if ((*n)++ < LINES_SHOWN)
        buf_printf(telling->out, "  %c %.*s\n", sign, STR_ARG(str_clip(line, LINE_BYTES_SHOWN)));
    else if (*n == LINES_SHOWN + 1)
        buf_printf(telling->out, "  %c …\n", sign);
}

/* shared[i * (b.n + 1) + j]: how many lines a from i on and b from j on have in common, in their order. */
static uint16_t *count_shared(Arena *arena, Lines a, Lines b)
{
    size_t width = (size_t)b.n + 1;
    uint16_t *shared = NEW_ARRAY(arena, uint16_t, ((size_t)a.n + 1) * width);
    for (size_t i = a.n; i-- > 0;) {
        for (size_t j = b.n; j-- > 0;) {
            uint16_t without_a = shared[(i + 1) * width + j], without_b = shared[i * width + j + 1];
            shared[i * width + j] = str_eq(a.items[i], b.items[j]) ? (uint16_t)(shared[(i + 1) * width + j + 1] + 1)
                                                                   : MAX_OF(without_a, without_b);
        }
    }
    return shared;
}

static void tell_compared(Telling *telling, Arena *arena, Lines a, Lines b)
{
    size_t width = (size_t)b.n + 1, i = 0, j = 0;
    const uint16_t *shared = count_shared(arena, a, b);
    while (i < a.n || j < b.n) {
        if (i < a.n && j < b.n && str_eq(a.items[i], b.items[j]))
            i++, j++;
        else if (i < a.n && (j == b.n || shared[(i + 1) * width + j] >= shared[i * width + j + 1]))
            tell(telling, '-', a.items[i++]);
        else
            tell(telling, '+', b.items[j++]);
    }
}

void difference_add(Buf *out, Arena *arena, Str expected, Str found)
{
    ArenaMark mark = arena_mark(arena);
    Lines a = lines_of(arena, expected), b = lines_of(arena, found);
    Telling telling = {.out = out};
    drop_common_ends(&a, &b);
    if (a.n <= LINES_COMPARED_MAX && b.n <= LINES_COMPARED_MAX) {
        tell_compared(&telling, arena, a, b);
    } else {
        for (uint32_t i = 0; i < a.n; i++)
            tell(&telling, '-', a.items[i]);
        for (uint32_t i = 0; i < b.n; i++)
            tell(&telling, '+', b.items[i]);
    }
    arena_release(arena, mark);
}
