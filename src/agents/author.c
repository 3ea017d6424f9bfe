/* agents/author.c: what a message means for a draft. */
#include "agents/author.h"

#include <string.h>

#include "agents/edit.h"
#include "lang/lines.h"

#define MENDS_MAX 4 /* beside keeping and leaving */

static const Str help =
    S_INIT("Write sentences of the language, and they become the draft. Or change it: “add …” (after line 3, before "
           "line 3), “replace "
           "line 4 with …”, “remove line 3”, “remove the last sentence”, “move line 3 after line 5”, “rename the rate "
           "to the tax rate”, "
           "“rename the automation to …”, “show”, “start over”. Nothing is published or run from here.");

/* ---- what would mend a problem ---- */

static Str text_with(Arena *arena, Str source, Span span, Str put)
{
    return str_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(source, 0, span.start)), STR_ARG(put),
                      STR_ARG(str_skip(source, span.end)));
}

static bool has_option(const AuthorStep *step, Str label)
{
    for (uint32_t i = 0; i < step->n_options; i++) {
        if (str_eq(step->options[i].label, label))
            return true;
    }
    return false;
}

/* Offered only when it leaves fewer errors than there are: nobody is sent in circles. */
static bool offer(Arena *arena, const Catalog *catalog, AuthorStep *step, const Diagnostic *about, Str put)
{
    Str source = step->diagnostics->source;
    Str text = text_with(arena, source, about->span, put);
    const Program *program = program_read(arena, text, step->spelling, catalog);
    if (program->diagnostics.n_errors >= step->diagnostics->n_errors || step->n_options >= MENDS_MAX)
        return false;
    Lines lines = lines_of(arena, text);
    uint32_t line = lines_at(&lines, about->span.start);
    Span span = lines_span(&lines, line);
    Str label =
        str_printf(arena, "Write: %.*s", STR_ARG(str_clip(str_trim(str_slice(text, span.start, span.end)), 200)));
    if (has_option(step, label))
        return true;
    step->options[step->n_options++] = (AuthorOption){
        .kind = OPTION_WRITE,
        .label = label,
        .description = str_printf(arena, "Instead of line %u.", line + 1),
        .text = text,
    };
    return true;
}

/* The word of "did you mean …?", "" for other hints. */
static Str meant_by(Str hint)
{
    Str sign = S("did you mean "), open = S("“"), close = S("”");
    ptrdiff_t at = str_find(hint, sign);
    if (at < 0)
        return (Str){0};
    Str word = str_skip(hint, (size_t)at + sign.len);
    ptrdiff_t end = str_find_char(word, '?');
    word = str_slice(word, 0, end < 0 ? 0 : (size_t)end);
    if (str_starts(word, open) && str_ends(word, close))
        word = str_slice(word, open.len, word.len - close.len);
    return word;
}

static void offer_mends(Arena *arena, const Catalog *catalog, AuthorStep *step)
{
    for (uint32_t i = 0; i < step->diagnostics->count && step->n_options < MENDS_MAX; i++) {
        const Diagnostic *item = &step->diagnostics->items[i];
        if (item->severity != SEVERITY_ERROR)
            continue;
        for (uint32_t k = 0; k < item->n_choices; k++)
            (void)offer(arena, catalog, step, item, item->choices[k]);
        Str meant = meant_by(item->hint);
        if (meant.len > 0 && !offer(arena, catalog, step, item, meant))
            (void)offer(arena, catalog, step, item, str_printf(arena, "the %.*s", STR_ARG(meant)));
    }
}

/* ---- the question ---- */

static bool nothing_was_read(const Diagnostics *all)
{
    Str rest = all->source;
    uint32_t sentences = 0, unread = 0;
    while (rest.len > 0) {
        Str line = str_trim(str_cut(&rest, '\n'));
        sentences += line.len > 0 && line.data[0] != '#';
    }
    for (uint32_t i = 0; i < all->count; i++)
        unread += all->items[i].severity == SEVERITY_ERROR;
    return sentences > 0 && unread >= sentences;
}

/* What only names facts that nothing sets is a sentence, whatever else it is. */
static bool is_sentence(const Diagnostics *all)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == SEVERITY_ERROR && strcmp(all->items[i].code, "unknown-fact") != 0)
            return false;
    }
    return true;
}

static void put_options(Buf *say, const AuthorStep *step)
{
    for (uint32_t i = 0; i < step->n_options; i++)
        buf_printf(say, "%s%u. %.*s", "\n", i + 1, STR_ARG(step->options[i].label));
}

static Str question_of(Arena *arena, const AuthorStep *step, Str did)
{
    uint32_t n = step->diagnostics->n_errors;
    Buf say = buf_in(arena);
    buf_printf(&say, "Nothing is saved yet: %s.\n\n```\n", n == 1 ? "there is a problem" : "there are problems");
    diagnostics_print(&say, step->diagnostics, S("draft"));
    buf_str(&say, S("```\n"));
    if (did.len > 0)
        buf_printf(&say, "\nOtherwise: %.*s\n", STR_ARG(did));
    buf_str(&say, S("\nWhat shall become of it?\n"));
    put_options(&say, step);
    return buf_view(&say);
}

static const AuthorOption leave = {
    .kind = OPTION_LEAVE,
    .label = S_INIT("Leave the draft as it was"),
    .description = S_INIT("What was said is forgotten."),
};

static void ask(Arena *arena, const Catalog *catalog, Str did, AuthorStep *step)
{
    step->move = AUTHOR_ASKS;
    offer_mends(arena, catalog, step);
    step->described = step->n_options == 0 && nothing_was_read(step->diagnostics) && !is_sentence(step->diagnostics);
    step->options[step->n_options++] = (AuthorOption){
        .kind = OPTION_KEEP,
        .label = S("Keep it as a draft with its problems"),
        .description = S("It is saved, but cannot be published or run before it is mended."),
        .text = step->text,
    };
    step->options[step->n_options++] = leave;
    step->say = question_of(arena, step, did);
}

void author_weigh(Arena *arena, const Catalog *catalog, Str text, Spelling spelling, Str did, AuthorStep *out)
{
    const Program *program = program_read(arena, text, spelling, catalog);
    *out = (AuthorStep){
        .move = AUTHOR_SAVES, .say = did, .text = text, .spelling = spelling, .diagnostics = &program->diagnostics};
    if (program->diagnostics.n_errors > 0)
        ask(arena, catalog, did, out);
}

static Str shown(Arena *arena, Str text)
{
    return str_printf(arena, "```\n%.*s%s```\n", STR_ARG(text), str_ends(text, S("\n")) ? "" : "\n");
}

static void propose(Arena *arena, AuthorStep *step)
{
    Buf say = buf_in(arena);
    step->move = AUTHOR_ASKS;
    step->n_options = 0;
    step->options[step->n_options++] = (AuthorOption){
        .kind = OPTION_TAKE,
        .label = S("Take it as the draft"),
        .description = S("It is saved as a new version; nothing is published or run."),
        .text = step->text,
    };
    step->options[step->n_options++] = leave;
    buf_printf(&say, "The model wrote this. Nothing is saved yet: read it, then take it or leave it.\n\n%.*s",
               STR_ARG(shown(arena, step->text)));
    for (uint32_t i = 0; i < step->diagnostics->count; i++)
        buf_printf(&say, "\nLine %u: %.*s.", step->diagnostics->items[i].line,
                   STR_ARG(step->diagnostics->items[i].message));
    buf_str(&say, S("\nWhat shall become of it?\n"));
    put_options(&say, step);
    step->say = buf_view(&say);
}

void author_propose(Arena *arena, AuthorStep *step, int asked)
{
    if (step->move == AUTHOR_ASKS)
        step->say =
            str_printf(arena, "The model was asked %d times, and what it wrote last still has problems.\n\n%.*s\n%.*s",
                       asked, STR_ARG(shown(arena, step->text)), STR_ARG(step->say));
    else
        propose(arena, step);
}

/* ---- a message ---- */

static bool is_word(Str message, const char *word)
{
    Str said = str_trim(message);
    if (said.len > 0 && (said.data[said.len - 1] == '.' || said.data[said.len - 1] == '?'))
        said.len--;
    return str_eq_fold(str_trim(said), str_from_c(word));
}

/* The text between ``` and ```, where a message is one such block. */
static Str without_fence(Str message)
{
    Str text = str_trim(message), fence = S("```");
    if (text.len < 7 || !str_starts(text, fence) || !str_ends(text, fence))
        return message;
    ptrdiff_t line = str_find_char(text, '\n');
    return line < 0 ? message : str_slice(text, (size_t)line + 1, text.len - fence.len);
}

static bool is_clean(Arena *arena, const Catalog *catalog, Str text, Spelling spelling)
{
    return program_read(arena, text, spelling, catalog)->diagnostics.n_errors == 0;
}

static void edited(Arena *arena, const Catalog *catalog, EditOutcome outcome, const DraftEdit *edit, AuthorStep *out)
{
    if (outcome == EDIT_TEXT) {
        author_weigh(arena, catalog, edit->text, SPELLING_ENGLISH, edit->did, out);
        out->described =
            out->move == AUTHOR_ASKS && out->options[0].kind != OPTION_WRITE && !is_sentence(out->diagnostics);
    } else if (outcome == EDIT_TITLE)
        *out = (AuthorStep){.move = AUTHOR_NAMES, .title = edit->text, .say = edit->did};
    else
        *out = (AuthorStep){.move = AUTHOR_TELLS, .say = edit->why};
}

void author_read(Arena *arena, const Catalog *catalog, Str draft, Str message, AuthorStep *out)
{
    static const char *const showing[] = {"show", "show the draft", "show it", "show me the draft"};
    Str text = without_fence(message);
    DraftEdit edit;
    *out = (AuthorStep){.move = AUTHOR_TELLS, .say = help};
    if (is_word(message, "help") || str_trim(message).len == 0)
        return;
    for (size_t i = 0; i < COUNT_OF(showing); i++) {
        if (is_word(message, showing[i])) {
            *out = (AuthorStep){.move = AUTHOR_SHOWS, .say = S("This is the draft.")};
            return;
        }
    }
    EditOutcome outcome = EDIT_NONE;
    bool english = is_clean(arena, catalog, text, SPELLING_ENGLISH);
    if (!english && (outcome = edit_draft(arena, catalog, draft, message, &edit)) != EDIT_NONE)
        edited(arena, catalog, outcome, &edit, out);
    else if (!english && is_clean(arena, catalog, text, SPELLING_SPY))
        author_weigh(arena, catalog, text, SPELLING_SPY, S("The code is the draft now."), out);
    else
        author_weigh(arena, catalog, text, SPELLING_ENGLISH, S("The sentences are the draft now."), out);
}

/* ---- an open question ---- */

static const Str kind_names[] = {[OPTION_WRITE] = S_INIT("write"),
                                 [OPTION_KEEP] = S_INIT("keep"),
                                 [OPTION_LEAVE] = S_INIT("leave"),
                                 [OPTION_TAKE] = S_INIT("take")};

Str author_pending(Arena *arena, const AuthorStep *step, Str id)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    json_open_object(&out);
    json_member_str(&out, S("interrupt_id"), id);
    json_member_str(&out, S("spelling"), step->spelling == SPELLING_SPY ? S("spy") : S("english"));
    json_member_str(&out, S("text"), step->text);
    json_key(&out, S("options"));
    json_open_array(&out);
    for (uint32_t i = 0; i < step->n_options; i++) {
        const AuthorOption *option = &step->options[i];
        json_open_object(&out);
        json_member_str(&out, S("kind"), kind_names[option->kind]);
        json_member_str(&out, S("label"), option->label);
        json_member_str(&out, S("description"), option->description);
        json_member_str(&out, S("text"), option->text);
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    return buf_view(&text);
}

static bool holds_fold(Str text, Str part)
{
    for (size_t at = 0; part.len > 0 && at + part.len <= text.len; at++) {
        if (str_eq_fold(str_slice(text, at, at + part.len), part))
            return true;
    }
    return false;
}

/* The option that the answer names: -1 for none, or for more than one. */
static int option_named(const Json *options, Str answer)
{
    Str said = str_trim(answer);
    int64_t number;
    int found = -1;
    if (str_ends(said, S(".")))
        said.len--;
    if (said.len == 0)
        return -1;
    if (str_to_i64(said, &number))
        return number >= 1 && number <= (int64_t)options->count ? (int)number - 1 : -1;
    if (is_word(said, "yes"))
        return 0;
    if (is_word(said, "no"))
        return (int)options->count - 1;
    for (uint32_t i = 0; i < options->count; i++) {
        Str label = json_text(json_get(&options->items[i], S("label")));
        if (str_eq_fold(label, str_trim(answer)))
            return (int)i;
        if (!holds_fold(label, said))
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}

bool author_choose(Arena *arena, const Catalog *catalog, const Json *pending, Str answer, AuthorStep *out)
{
    const Json *options = json_get(pending, S("options"));
    Spelling spelling = str_eq(json_text(json_get(pending, S("spelling"))), S("spy")) ? SPELLING_SPY : SPELLING_ENGLISH;
    int at = options ? option_named(options, answer) : -1;
    *out = (AuthorStep){.move = AUTHOR_TELLS};
    if (at < 0) {
        Buf say = buf_in(arena);
        buf_str(&say, S("That names none of the choices, or more than one. Answer with a number or with the words:\n"));
        for (uint32_t i = 0; options && i < options->count; i++)
            buf_printf(&say, "\n%u. %.*s", i + 1, STR_ARG(json_text(json_get(&options->items[i], S("label")))));
        out->say = buf_view(&say);
        return false;
    }
    const Json *option = &options->items[at];
    Str kind = json_text(json_get(option, S("kind"))), text = json_text(json_get(option, S("text")));
    if (str_eq(kind, kind_names[OPTION_LEAVE])) {
        out->say = S("The draft is as it was.");
        return true;
    }
    if (str_eq(kind, kind_names[OPTION_WRITE])) {
        author_weigh(arena, catalog, text, spelling, S("The sentence was mended."), out);
        return true;
    }
    if (str_eq(kind, kind_names[OPTION_TAKE])) {
        author_weigh(arena, catalog, text, spelling, S("What the model wrote is the draft now."), out);
        return true;
    }
    const Program *program = program_read(arena, text, spelling, catalog);
    *out = (AuthorStep){
        .move = AUTHOR_SAVES,
        .say = S("The draft is kept with its problems: it cannot be published or run before they are mended."),
        .text = text,
        .spelling = spelling,
        .diagnostics = &program->diagnostics};
    return true;
}
