#include "aip/spelling.h"

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_camel_of(Str snake, Str text)
{
    size_t at = 0;
    for (size_t i = 0; i < snake.len; i++, at++) {
        bool hump = snake.data[i] == '_' && i + 1 < snake.len;
        char c = hump ? upper(snake.data[++i]) : snake.data[i];
        if (at >= text.len || text.data[at] != c)
            return false;
    }
    return at == text.len;
}

bool spelling_matches(Str snake, Str text)
{
    return str_eq(snake, text) || is_camel_of(snake, text);
}
