/* cli/case.h: a case of `clerkwork test`: an automation, what it is given, and everything that must come of it.
 *
 * A case is a text file. Above a line `---` stands what is given, below it what happens, word for word:
 *
 *     # An invoice without an order number is asked for.
 *     run ../automation.english
 *     with invoice file = @../invoices.csv
 *     ---
 *     ask     Row 17 of the invoices has no purchase order number. What is it?
 *     answer  use "PO-4711"
 *     say     Checked 119 invoices: 8 need a review.
 *     output  total to pay = 447605.35
 *     output  to review = 8 rows in "to review.csv"
 *     end     completed
 *
 * What is longer than a line, tables and files, stands in files of a folder beside the case: a.case has a.expected/.
 * The same case gives the same at every run: the clock stands still, chance is one fixed sequence, nothing is waited
 * for, and nothing is written. */
#ifndef CLERKWORK_CLI_CASE_H
#define CLERKWORK_CLI_CASE_H

#include "base/arena.h"
#include "base/error.h"
#include "http/client.h"

#define CASE_BYTES_MAX (1u << 20)
#define CASE_REPLY_BYTES_MAX (8u << 20) /* of another server's answer */
#define CASE_FILE_BYTES_MAX (64u << 20) /* of one expected file */

/* What another server answers to a call. */
typedef struct CaseReply {
    Str method, url;
    int status;        /* 0: none, for the reason that is */
    ErrorCode trouble; /* UNAVAILABLE or DEADLINE_EXCEEDED */
    Str content;
    bool is_json;
} CaseReply;

typedef struct Case {
    const char *path, *directory; /* of the case; where its relative paths start */
    const char *automation;       /* on disk */
    const char **inputs;          /* "name=text" and "name=@file" */
    int n_inputs;
    Str *answers; /* in the order in which they are given */
    int n_answers;
    CaseReply *replies; /* in the order in which they are said */
    int n_replies;
    Str head;     /* all that is given, up to and with the line `---`: kept byte for byte */
    Str expected; /* the rest */
    Str time_zone;
    int64_t now_us;
    bool decimal_comma, day_first, twelve_hours;
} Case;

typedef struct CaseFile { /* an output or a saved file that stands beside the case */
    Str name, content;
} CaseFile;

typedef struct CaseOutcome {
    Str transcript; /* as `expected` should be */
    CaseFile *files;
    uint32_t n_files, cap_files;
} CaseOutcome;

/* The case of an automation that has none: with the usual moment, and what the command line says. */
MUST_USE bool case_of_file(const char *automation, const char **inputs, int n_inputs, Str *answers, int n_answers,
                           Case *out, Error *err);
/* INVALID_ARGUMENT names the line that makes no sense and what could stand there. */
MUST_USE bool case_read(Arena *arena, const char *path, Case *out, Error *err);
/* Carries it out. An automation with problems, a failed run or an open question are outcomes; false when the automation
 * cannot be read or an input makes no sense. */
MUST_USE bool case_run(Arena *arena, const Case *given, CaseOutcome *out, Error *err);

/* Fills in what comes of the call, as `reply` says it; NULL: the case does not say. Then letters are taken, and for
 * other calls FAILED_PRECONDITION tells the line to add. */
MUST_USE bool case_reply(const CaseReply *reply, HttpCall *call, Error *err);

/* ---- case_golden.c ---- */
/* What is different from what the case expects, as lines to read; "" when nothing is. */
Str case_difference(Arena *arena, const Case *given, const CaseOutcome *outcome);
/* Makes the outcome what the case expects: rewrites what stands below `---` and the files of its folder; files there
 * that the run no longer gives are removed. */
MUST_USE bool case_update(Arena *arena, const Case *given, const CaseOutcome *outcome, Error *err);

#endif
