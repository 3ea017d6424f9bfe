/* tests/cli/settings.c: settings from flags, variables and a file; what is refused, and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/setting.h"

static char *written(const char *text)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/clerkwork-settings-%d", (int)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void test_settings__flags_win_over_variables_and_variables_over_the_file(void **state)
{
    (void)state;
    char *path = written("# ours\nport = 1\nworkers = 2\n  readers=3 \n");
    setenv("CLERKWORK_WORKERS", "5", 1);
    setenv("CLERKWORK_READERS", "6", 1);
    Settings all;
    Error err;
    char *arguments[] = {"serve", "--config", path, "--readers=9", NULL};
    assert_true(settings_read(&all, 4, arguments, &err));
    assert_int_equal(all.number[SETTING_PORT], 1);
    assert_int_equal(all.number[SETTING_WORKERS], 5);
    assert_int_equal(all.number[SETTING_READERS], 9);
    assert_int_equal(all.number[SETTING_DRAIN_SECONDS], 20);
    settings_done(&all);
    unsetenv("CLERKWORK_WORKERS");
    unsetenv("CLERKWORK_READERS");
    unlink(path);
}

static void test_settings__say_what_is_wrong_and_where_it_was_said(void **state)
{
    (void)state;
    static const struct {
        const char *flag, *value, *file, *message;
    } rows[] = {
        {"--prot", "1", NULL, "there is no setting \"prot\" (from the command line); did you mean port?"},
        {"--zzzzzz", "1", NULL, "`clerkwork serve --help` lists them"},
        {"--port", "70000", NULL,
         "\"70000\" (from the command line) is not accepted; expected a whole number from 0 to 65535"},
        {"--port", NULL, NULL, "--port needs a value"},
        {"--synchronous", "off", NULL, "expected one of: full normal"},
        {NULL, NULL, "port 18921\n", "line 1: expected `name = value`, found \"port 18921\""},
        {NULL, NULL, "\nlog-levl = info\n", "did you mean log-level?"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *flags[] = {"serve", (char *)rows[i].flag, (char *)rows[i].value, NULL};
        char *file[] = {"serve", "--config", rows[i].file ? written(rows[i].file) : NULL, NULL};
        Settings all;
        Error err = {0};
        int argc = rows[i].file || rows[i].value ? 3 : 2;
        assert_false(settings_read(&all, argc, rows[i].file ? file : flags, &err));
        if (!strstr(err.message, rows[i].message))
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, err.message, rows[i].message);
        settings_done(&all);
    }
    unlink(written(""));
}

static void test_settings__the_help_names_every_one(void **state)
{
    (void)state;
    Buf text = {0};
    settings_print(&text);
    for (size_t i = 0; i < SETTING_N; i++)
        assert_true(str_find(buf_view(&text), str_from_c(settings[i].name)) >= 0);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings__flags_win_over_variables_and_variables_over_the_file),
        cmocka_unit_test(test_settings__say_what_is_wrong_and_where_it_was_said),
        cmocka_unit_test(test_settings__the_help_names_every_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
