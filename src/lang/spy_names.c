/* lang/spy_names.c: how the tree's names are spelled where Python has words and functions of the same name. */
#include "lang/function.h"
#include "lang/spy_tokens.h"

static const Str words[WORD_N_WORDS] = {
    /* sorted, in the order of SpyWord; None, True and False stand where it has them */
    S_INIT("and"),      S_INIT("as"),       S_INIT("assert"),  S_INIT("async"), S_INIT("await"),  S_INIT("break"),
    S_INIT("class"),    S_INIT("continue"), S_INIT("def"),     S_INIT("del"),   S_INIT("elif"),   S_INIT("else"),
    S_INIT("except"),   S_INIT("False"),    S_INIT("finally"), S_INIT("for"),   S_INIT("from"),   S_INIT("global"),
    S_INIT("if"),       S_INIT("import"),   S_INIT("in"),      S_INIT("is"),    S_INIT("lambda"), S_INIT("None"),
    S_INIT("nonlocal"), S_INIT("not"),      S_INIT("or"),      S_INIT("pass"),  S_INIT("raise"),  S_INIT("return"),
    S_INIT("True"),     S_INIT("try"),      S_INIT("while"),   S_INIT("with"),  S_INIT("yield"),
};

bool spy_word_find(Str text, SpyWord *out)
{
    if (text.len < 2 || text.len > 8)
        return false;
    for (SpyWord word = 0; word < WORD_N_WORDS; word++) {
        if (words[word].data[0] == text.data[0] && str_eq(words[word], text)) {
            *out = word;
            return true;
        }
    }
    return false;
}

/* Without the underscores at its end. */
static Str stem_of(Str name)
{
    while (name.len > 0 && name.data[name.len - 1] == '_')
        name.len--;
    return name;
}

void spy_name_print(Buf *out, Str name)
{
    SpyWord word;
    buf_str(out, name);
    if (spy_word_find(stem_of(name), &word))
        buf_char(out, '_');
}

Str spy_name_read(Arena *arena, Str spelled)
{
    SpyWord word;
    Str stem = stem_of(spelled);
    Str name = str_lower(arena, spelled);
    if (stem.len < spelled.len && spy_word_find(stem, &word))
        name.len--;
    return name;
}

/* Names that SPy calls by themselves, beside the functions. */
static const Str sentence_names[] = {
    S_INIT("print"),      S_INIT("say"),  S_INIT("set_output"), S_INIT("ensure"),
    S_INIT("validate"),   S_INIT("wait"), S_INIT("finish"),     S_INIT("fail"),
    S_INIT("connection"), S_INIT("ask"),  S_INIT("read_input"), S_INIT("at_the_same_time"),
    S_INIT("optional"),
};

bool spy_call_is_taken(Str name)
{
    for (size_t i = 0; i < COUNT_OF(sentence_names); i++) {
        if (str_eq(name, sentence_names[i]))
            return true;
    }
    return function_find(name, false) != FN_N_FUNCTIONS;
}

void spy_procedure_print(Buf *out, Str name)
{
    if (!spy_call_is_taken(stem_of(name))) {
        spy_name_print(out, name);
        return;
    }
    buf_str(out, name);
    buf_char(out, '_');
}

Str spy_procedure_read(Str name)
{
    Str stem = stem_of(name);
    if (stem.len < name.len && spy_call_is_taken(stem))
        name.len--;
    return name;
}
