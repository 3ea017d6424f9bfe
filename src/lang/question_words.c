/* lang/question_words.c: the words that questions are made of, and what is written into one. */
#include "lang/question_internal.h"

void question_add_extra(Question *question, const char *name, Str text)
{
    if (text.len > 0 && question->n_extra < COUNT_OF(question->extra))
        question->extra[question->n_extra++] = (Argument){str_from_c(name), value_text(text)};
}

void question_add_subject(Evaluation *evaluation, const Subject *subject, Str column)
{
    Question *question = &evaluation->question;
    if (subject->row > 0)
        question_add_extra(question, "row", str_printf(&evaluation->question_arena, "%u", subject->row));
    question_add_extra(question, "column", column);
    question_add_extra(question, "table", subject->table);
}

void question_add_suggestion(Question *question, Str text)
{
    if (text.len > 0 && question->n_suggestions < COUNT_OF(question->suggestions))
        question->suggestions[question->n_suggestions++] = text;
}

void question_describe(Evaluation *evaluation, const char *format, ...)
{
    Buf text = buf_in(&evaluation->question_arena);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    evaluation->question.description = buf_view(&text);
}

Str words_of(Arena *arena, Str name)
{
    return name_to_words(arena, name);
}

Str words_capitalised(Arena *arena, Str text)
{
    char first = text.len > 0 ? text.data[0] : ' ';
    if (first < 'a' || first > 'z')
        return text;
    return str_printf(arena, "%c%.*s", first - 'a' + 'A', STR_ARG(str_skip(text, 1)));
}

bool words_name_several(Arena *arena, Str words)
{
    ptrdiff_t of = str_find(words, S(" of "));
    return words_are_plural(arena, of < 0 ? words : str_slice(words, 0, (size_t)of));
}

const char *words_is_or_are(Arena *arena, Str words)
{
    return words_name_several(arena, words) ? "are" : "is";
}

Str words_in_parentheses(Arena *arena, Str text)
{
    return text.len > 0 ? str_printf(arena, " (%.*s)", STR_ARG(text)) : S("");
}

Str value_shown(Arena *arena, Value value)
{
    Buf text = buf_in(arena);
    if (value.kind == VALUE_UNSET || value.kind >= VALUE_N_KINDS)
        return S("");
    if (value.kind == VALUE_TABLE)
        buf_printf(&text, "a table of %u row%s", value.table->n_rows, value.table->n_rows == 1 ? "" : "s");
    else if (value.kind == VALUE_LIST && value.list->count == 0)
        buf_str(&text, S("an empty list"));
    else if (value.kind == VALUE_TEXT)
        buf_printf(&text, "\"%.*s\"", STR_ARG(value_str(value)));
    else
        value_print(&text, value);
    if (text.len <= 80)
        return buf_view(&text);
    size_t end = 77;
    while (end > 0 && ((unsigned char)text.data[end] & 0xc0) == 0x80)
        end--;
    return str_printf(arena, "%.*s…", (int)end, text.data);
}

Str sentence_text(const Evaluation *evaluation)
{
    const Frame *frame = asking_frame(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    const Program *program = evaluation->program;
    const Node *node = sentence ? sentence->node : frame->code->nodes[frame->pc]; /* a loop's own part has none */
    if (!node)
        return S("");
    Str text = str_slice(program->english, node->english.start, node->english.end);
    if (text.len == 0)
        text = str_slice(program->spy, node->spy.start, node->spy.end);
    Str first = str_cut(&text, '\n');
    return str_trim(first);
}
