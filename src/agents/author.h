/* agents/author.h: what a message means for a draft, and what an answer means for an open question. No model, no store:
 * the same message on the same draft always gives the same step.
 *
 *   sentences of the language (or SPy)      become the draft
 *   an edit (agents/edit.h)                 changes it
 *   either with problems                    a question with numbered choices: what would mend it, keep it so, leave it
 *   show · help                             an answer, and nothing changes
 *
 * A draft is never changed without a sentence that says so, and nothing here runs or publishes it. What cannot be read
 * may be a description: agents/scribe.h asks a model about it, if there is one. */
#ifndef CLERKWORK_AGENTS_AUTHOR_H
#define CLERKWORK_AGENTS_AUTHOR_H

#include "base/json.h"
#include "lang/program.h"

typedef enum AuthorMove {
    AUTHOR_SAVES, /* `text` becomes the draft */
    AUTHOR_NAMES, /* `title` becomes the automation's name */
    AUTHOR_ASKS,  /* `say`, then `options`; nothing changes before one is chosen */
    AUTHOR_SHOWS, /* nothing changes; the draft is shown */
    AUTHOR_TELLS, /* nothing changes */
} AuthorMove;

typedef enum OptionKind { OPTION_WRITE, OPTION_KEEP, OPTION_LEAVE, OPTION_TAKE } OptionKind;
typedef struct AuthorOption {
    OptionKind kind;
    Str label, description; /* what is shown; an answer names the label */
    Str text;               /* but for LEAVE: what becomes the draft */
} AuthorOption;

#define AUTHOR_OPTIONS 6
typedef struct AuthorStep {
    AuthorMove move;
    Str say;
    Str text, title;
    Spelling spelling;
    const Diagnostics *diagnostics; /* of `text`; NULL for none */
    AuthorOption options[AUTHOR_OPTIONS];
    uint32_t n_options;
    bool described; /* ASKS: what was said could not be read, and nothing would mend it: it may be a description */
} AuthorStep;

/* `draft` is the draft's English. The step lives in `arena`. */
void author_read(Arena *arena, const Catalog *catalog, Str draft, Str message, AuthorStep *out);
/* The text as a draft if it has no errors, else the question about them; `did` says what would be done by it. */
void author_weigh(Arena *arena, const Catalog *catalog, Str text, Spelling spelling, Str did, AuthorStep *out);

/* What a model wrote, as a question: `step` is what author_weigh made of it. Shown whole, it is to be taken or left;
 * one that still has problems after the model was asked so often, to be mended, kept or left. */
void author_propose(Arena *arena, AuthorStep *step, int asked);

/* An open question as the store keeps it; `id` is the interrupt's. */
Str author_pending(Arena *arena, const AuthorStep *step, Str id);
/* The answer: an option's number, its label, or words that only one option has; "yes" is the first, "no" leaves the
 * draft as it was. False, with `say` set, when it picks none: the question stays open. */
bool author_choose(Arena *arena, const Catalog *catalog, const Json *pending, Str answer, AuthorStep *out);

#endif
