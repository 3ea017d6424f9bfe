/* lang/lines.c: an index of lines, and UTF-16 columns. */
#include "lang/lines.h"

#include <string.h>

#include "base/codec.h"

Lines lines_of(Arena *arena, Str text)
{
    Lines lines = {.text = text, .count = 1};
    for (size_t i = 0; i < text.len; i++)
        lines.count += text.data[i] == '\n';
    lines.starts = NEW_ARRAY(arena, uint32_t, lines.count);
    uint32_t line = 1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n')
            lines.starts[line++] = (uint32_t)i + 1;
    }
    return lines;
}

uint32_t lines_at(const Lines *lines, uint32_t offset)
{
    uint32_t low = 0, high = lines->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (lines->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

Span lines_span(const Lines *lines, uint32_t line)
{
    if (line >= lines->count)
        return (Span){(uint32_t)lines->text.len, (uint32_t)lines->text.len};
    uint32_t start = lines->starts[line];
    uint32_t end = line + 1 < lines->count ? lines->starts[line + 1] - 1 : (uint32_t)lines->text.len;
    if (end > start && lines->text.data[end - 1] == '\r')
        end--;
    return (Span){start, end};
}

static uint32_t units(uint32_t code_point)
{
    return code_point > 0xFFFF ? 2 : 1;
}

uint32_t lines_column(const Lines *lines, uint32_t offset)
{
    size_t at = lines->starts[lines_at(lines, offset)], end = MIN_OF((size_t)offset, lines->text.len);
    uint32_t column = 0;
    while (at < end)
        column += units(utf8_next(lines->text, &at));
    return column;
}

uint32_t lines_offset(const Lines *lines, uint32_t line, uint32_t column)
{
    Span span = lines_span(lines, line);
    size_t at = span.start;
    for (uint32_t seen = 0; seen < column && at < span.end;) {
        size_t before = at;
        seen += units(utf8_next(lines->text, &at));
        if (seen > column)
            return (uint32_t)before;
    }
    return (uint32_t)at;
}
