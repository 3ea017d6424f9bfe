/* agents/edit.h: a draft changed by what a person says about it, line by line:
 *
 *   add <sentences>                          at the end; or … after line 3, before line 3, at the beginning
 *   add after line 3: <sentences>            the same, said first; the sentences may stand on lines of their own
 *   replace line 4 with <sentences>          lines 4 to 6, the last sentence
 *   remove the last sentence                 line 3, lines 3 to 5; what opens a block goes with its block
 *   move line 3 after line 5                 before line 5, to the end, to the beginning
 *   rename the rate to the tax rate          a fact or a procedure, wherever it stands
 *   rename the automation to <name>          what it is called in lists
 *   start over                               nothing is left
 *
 * Lines are those of the draft's English, counted from 1. Nothing here reads or checks sentences, but for a rename,
 * which is done in the tree so that it never changes what an automation does. */
#ifndef CLERKWORK_AGENTS_EDIT_H
#define CLERKWORK_AGENTS_EDIT_H

#include "lang/program.h"

typedef enum EditOutcome {
    EDIT_NONE,    /* the message is no edit */
    EDIT_TEXT,    /* `text` is the draft afterwards */
    EDIT_TITLE,   /* `text` is the automation's name */
    EDIT_REFUSED, /* it is one, but cannot be done: `why` */
} EditOutcome;

typedef struct DraftEdit {
    Str text;
    Str did; /* "Line 4 was replaced." */
    Str why;
} DraftEdit;

/* `draft` is English. All that is given lives in `arena`. */
EditOutcome edit_draft(Arena *arena, const Catalog *catalog, Str draft, Str message, DraftEdit *out);

/* For edit_draft: `old` and `new` in words, with or without "the". */
EditOutcome edit_rename(Arena *arena, const Catalog *catalog, Str draft, Str old, Str fresh, DraftEdit *out);

#endif
