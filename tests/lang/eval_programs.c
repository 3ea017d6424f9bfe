/* tests/lang/eval_programs.c: every program of tests/lang/programs does what its comments say, however it is carried
 * out: in one go, step by step, with its memory compacted at every step, saved and restored at every step. The journal
 * is the same each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>

#include "run_program.h"

static const RunMode modes[] = {
    {"in one go", UINT64_MAX, false, false, 0},
    {"step by step", 1, false, false, 0},
    {"compacted at every step", UINT64_MAX, false, true, 0},
    {"saved and restored at every step", 1, true, false, 0},
    {"compacted, saved and restored at every step", 1, true, true, 0},
};

static Str file_text(Arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    Buf text = buf_in(arena);
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;)
        buf_add(&text, part, n);
    fclose(file);
    return buf_view(&text);
}

static void same(const char *file, const char *mode, Str expected, Str found)
{
    if (str_eq(expected, found))
        return;
    size_t at = 0;
    while (at < expected.len && at < found.len && expected.data[at] == found.data[at])
        at++;
    fprintf(stderr, "%s, %s: differs at byte %zu\n--- expected\n%.*s\n--- found\n%.*s", file, mode, at,
            STR_ARG(expected), STR_ARG(found));
    fail();
}

static void check_program(const char *folder, const char *file)
{
    Arena arena = {0};
    char path[1300];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    Str source = file_text(&arena, path), *answers;
    uint32_t n_answers;
    Str expected = expected_transcript(&arena, source, &answers, &n_answers);
    Spelling spelling = str_ends(str_from_c(file), S(".spy")) ? SPELLING_SPY : SPELLING_ENGLISH;
    Program *program = program_of(&arena, source, spelling);
    if (!program)
        fail_msg("%s has problems", file);
    Str first = {0};
    same(file, "what it says", expected, run_transcript(&arena, program, &modes[0], answers, n_answers, false));
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        Str found = run_transcript(&arena, program, &modes[i], answers, n_answers, true);
        if (i == 0)
            first = found;
        same(file, modes[i].name, first, found);
    }
    arena_done(&arena);
}

static void test_programs__do_what_their_comments_say(void **state)
{
    (void)state;
    char folder[900];
    snprintf(folder, sizeof folder, "%s/tests/lang/programs", getenv("CLERKWORK_SOURCE_ROOT"));
    struct dirent **files;
    int n = scandir(folder, &files, NULL, alphasort);
    assert_true(n > 4);
    for (int i = 0; i < n; i++) {
        Str name = str_from_c(files[i]->d_name);
        const char *only = getenv("ONLY");
        bool is_program = str_ends(name, S(".spy")) || str_ends(name, S(".english"));
        if (is_program && (!only || str_contains(name, str_from_c(only)))) {
            print_message("# %s\n", files[i]->d_name);
            check_program(folder, files[i]->d_name);
        }
        free(files[i]);
    }
    free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_programs__do_what_their_comments_say)};
    return cmocka_run_group_tests_name("lang/eval_programs", tests, NULL, NULL);
}
