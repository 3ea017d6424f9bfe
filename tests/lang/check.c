/* tests/lang/check.c: what is said about a text that is wrong in several ways at once: all of it, and nothing that
 * follows from the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "lang/program.h"
#include "run_program.h"

typedef struct Wrong {
    Spelling spelling;
    const char *source;
    const char *codes; /* "line:code", in order */
} Wrong;

static const Wrong wrong[] = {
    {SPELLING_ENGLISH, "the total is the totl\nfoo bar\noutput the total as \"x\"\n",
     "1:unknown-fact 2:unreadable-sentence"},
    {SPELLING_SPY, "import os\nset_output(\"b\", value=y)\n", "1:not-in-spy 2:unknown-fact"},
    /* What a lost sentence may have set is not missed: by its name, by almost its name, or in its block. */
    {SPELLING_ENGLISH, "the rate os 3\noutput the rate as \"x\"\n", "1:unexpected-word"},
    {SPELLING_ENGLISH, "frobnicate the clams\noutput the claims as \"x\"\n", "1:unreadable-sentence"},
    {SPELLING_ENGLISH, "the parts are a record with 5 as the order\noutput the parts' order as \"x\"\n",
     "2:one-record"},
    {SPELLING_ENGLISH, "the rows are an empty list\nif every row whose a is 1 then\n  finish\n",
     "2:unfinished-quantifier"},
    {SPELLING_ENGLISH, "the start is 2026-04-14T25:00:00Z\noutput the start as \"x\"\n", "1:bad-date"},
    {SPELLING_ENGLISH, "the limit is $12,50.00\noutput the limit as \"x\"\n", "1:unreadable-text"},
    {SPELLING_ENGLISH, "frobnicate a lot\n  the rate is 3\noutput the rate as \"x\"\n", "1:unreadable-sentence"},
};

static Str codes_of(Arena *arena, const Diagnostics *all)
{
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == SEVERITY_ERROR)
            buf_printf(&out, "%s%u:%s", out.len > 0 ? " " : "", all->items[i].line, all->items[i].code);
    }
    return buf_view(&out);
}

static void test_check__tells_all_problems_and_none_that_follow_from_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        Arena arena = {0};
        Program *program = program_load(&arena, str_from_c(wrong[i].source), wrong[i].spelling, probe_catalog());
        Str codes = codes_of(&arena, &program->diagnostics);
        if (!str_eq(codes, str_from_c(wrong[i].codes)))
            fail_msg("%s\nexpected %s\nfound    %.*s", wrong[i].source, wrong[i].codes, STR_ARG(codes));
        arena_done(&arena);
    }
}

typedef struct Hint {
    const char *source, *hint;
} Hint;

static const Hint hints[] = {
    {"say the rate as text\n", "set it before (the rate is …), or make it an input"},
    {"say the rates as text\n", "set it before (the rates are …), or make it an input"},
    {"the parts are a record with 5 as the order\noutput the parts' order as \"x\"\n",
     "write “the order of the parts”"},
    {"the rows are an empty list\nif every row whose a is 1 then\n  finish\n", "write “every row's … is …”"},
};

static void test_check__says_what_would_be_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hints); i++) {
        Arena arena = {0};
        Program *program = program_load(&arena, str_from_c(hints[i].source), SPELLING_ENGLISH, probe_catalog());
        assert_int_equal(program->diagnostics.n_errors, 1);
        Str hint = program->diagnostics.items[0].hint;
        if (!str_eq(hint, str_from_c(hints[i].hint)))
            fail_msg("%s\nexpected %s\nfound    %.*s", hints[i].source, hints[i].hint, STR_ARG(hint));
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check__tells_all_problems_and_none_that_follow_from_others),
        cmocka_unit_test(test_check__says_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
