/* tests/lang/linear.c: twice the text takes twice the steps, in both spellings, whatever it says and however wrong it
 * is.
 *
 * A step is a run of instructions without a branch in src/lang, which is compiled once more for this test so that each
 * of them calls here. Steps are the same on every machine and under every load. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "books/book.h"
#include "lang/english.h"
#include "lang/program.h"
#include "lang/spy.h"

enum { SIZES = 4 };
#define MOST 1.1 /* times the steps that the text alone would bring: 2.2 where it doubles */

static uint64_t steps;
void __sanitizer_cov_trace_pc(void); /* the compiler's name for it */
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

/* A text: `before`, n times `open`, `middle`, n times `close`, `after`. In `open`, @ is its number and ~ one more step
 * of indentation each time. */
typedef struct Family {
    const char *name;
    Spelling spelling;
    const char *before, *open, *middle, *close, *after;
    uint32_t n;
    bool nests; /* printing it takes a step for each byte and level of nesting, of which there are at most 120 */
} Family;

static const Family families[] = {
    /* sentences */
    {"sentences", SPELLING_ENGLISH, "", "the total is the price times 2\n", "", "", "", 100},
    {"facts", SPELLING_ENGLISH, "", "the price@ is 2\n", "", "", "", 100},
    {"facts, each from the one before it", SPELLING_ENGLISH, "the price is 2\n", "the price is the price plus @\n", "",
     "", "", 100},
    {"comments", SPELLING_ENGLISH, "", "# what stands here says nothing\n", "", "", "", 200},
    {"says", SPELLING_ENGLISH, "the price is 2\n", "say \"{the price} and {the price}\"\n", "", "", "", 100},
    {"branches", SPELLING_ENGLISH, "the price is 2\n", "if the price is @ then\n  say \"a\"\notherwise\n  say \"b\"\n",
     "", "", "", 60},
    {"otherwise if", SPELLING_ENGLISH, "the price is 2\nif the price is 1 then\n  say \"a\"\n",
     "otherwise if the price is @ then\n  say \"b\"\n", "", "", "", 60},
    {"procedures", SPELLING_ENGLISH, "", "to handle@ the order\n  say \"{the order}\"\n\n", "", "", "", 50},
    {"inputs", SPELLING_ENGLISH, "inputs\n", "  the price@ is a number\n", "", "", "", 100},
    {"book calls", SPELLING_ENGLISH, "inputs\n  the file is a file\n", "get the rows from the file\n", "", "", "", 60},
    /* one long sentence */
    {"plus", SPELLING_ENGLISH, "the total is 1", " plus 1", "", "", "\n", 12},
    {"minus and times", SPELLING_ENGLISH, "the total is 1", " minus 1 times 2", "", "", "\n", 25},
    {"and", SPELLING_ENGLISH, "the price is 2\nif the price is 1", " and the price is 2", "", "",
     " then\n  say \"a\"\n", 50},
    {"or", SPELLING_ENGLISH, "the price is 2\nif the price is 1", " or the price is 2", "", "", " then\n  say \"a\"\n",
     50},
    {"and, or", SPELLING_ENGLISH, "the price is 2\nif the price is 1", " and the price is 2 or the price is 3", "", "",
     " then\n  say \"a\"\n", 25},
    {"not", SPELLING_ENGLISH, "the price is 2\nif ", "not ", "the price is 2", "", " then\n  say \"a\"\n", 6},
    {"of", SPELLING_ENGLISH, "the name is ", "the name of ", "the order", "", "\n", 6},
    {"of, too deep", SPELLING_ENGLISH, "the name is ", "the name of ", "the order", "", "\n", 400},
    {"whose owner it is", SPELLING_ENGLISH, "the name is the order", "'s name", "", "", "\n", 12},
    {"number of", SPELLING_ENGLISH, "the n is ", "the number of ", "the orders", "", "\n", 6, true},
    {"first of", SPELLING_ENGLISH, "the n is ", "the first of ", "the orders", "", "\n", 6, true},
    {"parentheses", SPELLING_ENGLISH, "the n is ", "(", "1", ")", "\n", 6},
    {"parentheses, too many", SPELLING_ENGLISH, "the n is ", "(", "1", ")", "\n", 1000},
    {"parentheses with sums", SPELLING_ENGLISH, "the n is ", "(1 plus ", "1", ")", "\n", 6},
    {"parentheses, never closed", SPELLING_ENGLISH, "the n is ", "(", "1", "", "\n", 200},
    {"a list", SPELLING_ENGLISH, "the names are \"a\"", ", \"b@\"", "", "", " and \"z\"\n", 100},
    {"a list of sums", SPELLING_ENGLISH, "the names are 1", ", 2 plus @", "", "", " and 3\n", 100},
    {"lists in lists", SPELLING_ENGLISH, "the n is ", "the list of (", "1", ")", "\n", 6, true},
    {"a text", SPELLING_ENGLISH, "say \"", "words and ", "", "", "\"\n", 200},
    {"a text with facts", SPELLING_ENGLISH, "the price is 2\nsay \"", "{the price} of ", "", "", "\"\n", 100},
    {"texts in texts", SPELLING_ENGLISH, "say ", "\"{", "1", "}\"", "\n", 6},
    {"whose", SPELLING_ENGLISH, "the orders are an empty list\nthe n is the number of the orders whose a is 1",
     " and whose b@ is 2", "", "", "\n", 50},
    {"blocks", SPELLING_ENGLISH, "the price is 2\n", "~if the price is @ then\n", "~say \"a\"\n", "", "", 3},
    {"blocks, too deep", SPELLING_ENGLISH, "the price is 2\n", "~if the price is @ then\n", "~say \"a\"\n", "", "", 60},
    {"a procedure with many parameters", SPELLING_ENGLISH, "to handle the order", ", the part@", "", "",
     "\n  say \"a\"\n", 40},
    /* what cannot be read */
    {"words", SPELLING_ENGLISH, "", "nonsense ", "", "", "\n", 200},
    {"the the", SPELLING_ENGLISH, "", "the ", "", "", "\n", 200},
    {"a value of words", SPELLING_ENGLISH, "the n is ", "nonsense ", "", "", "\n", 200},
    {"of of", SPELLING_ENGLISH, "the n is ", "of ", "", "", "\n", 200},
    {"is is", SPELLING_ENGLISH, "the n ", "is ", "", "", "\n", 200},
    {"with with", SPELLING_ENGLISH, "get the rows from the file ", "with the a 1 ", "", "", "\n", 100},
    {"wrong sentences", SPELLING_ENGLISH, "", "incrase the price by @\n", "", "", "", 100},
    {"facts that nobody set", SPELLING_ENGLISH, "", "the a@ is the b@\n", "", "", "", 100},
    {"one that nobody set", SPELLING_ENGLISH, "", "the total is the prize plus 1\n", "", "", "", 100},
    {"quotes", SPELLING_ENGLISH, "say ", "\"", "", "", "\n", 201},
    {"braces", SPELLING_ENGLISH, "say \"", "{", "", "", "\"\n", 801},
    {"wrong blocks", SPELLING_ENGLISH, "", "  say \"a\"\n      say \"b\"\n", "", "", "", 60},
    {"one line of signs", SPELLING_ENGLISH, "", "+-*/()[],.;:!?", "", "", "\n", 100},
    /* SPy */
    {"statements", SPELLING_SPY, "price = 2\n", "total = price * 2\n", "", "", "", 100},
    {"names", SPELLING_SPY, "", "price@ = 2\n", "", "", "", 100},
    {"comments", SPELLING_SPY, "", "# what stands here says nothing\n", "", "", "", 200},
    {"elif", SPELLING_SPY, "price = 2\nif price == 1:\n    say(\"a\")\n", "elif price == @:\n    say(\"b\")\n", "", "",
     "", 60},
    {"functions", SPELLING_SPY, "", "def handle@(order):\n    say(order)\n\n", "", "", "", 50},
    {"sums", SPELLING_SPY, "total = 1", " + 1", "", "", "\n", 6},
    {"powers", SPELLING_SPY, "total = 1", " ** 1", "", "", "\n", 6},
    {"and, or", SPELLING_SPY, "total = True", " and False or True", "", "", "\n", 50},
    {"not", SPELLING_SPY, "total = ", "not ", "True", "", "\n", 6},
    {"minus", SPELLING_SPY, "total = ", "-", "1", "", "\n", 6},
    {"comparisons", SPELLING_SPY, "total = 1", " < 2", "", "", "\n", 50},
    {"conditions", SPELLING_SPY, "total = ", "@ if True else ", "1", "", "\n", 6},
    {"fields", SPELLING_SPY, "order = {}\ntotal = order", "[\"a\"]", "", "", "\n", 6},
    {"methods", SPELLING_SPY, "total = \"a\"", ".strip()", "", "", "\n", 6},
    {"parentheses", SPELLING_SPY, "total = ", "(", "1", ")", "\n", 6},
    {"parentheses, too many", SPELLING_SPY, "total = ", "(", "1", ")", "\n", 1000},
    {"parentheses, never closed", SPELLING_SPY, "total = ", "(", "1", "", "\n", 200},
    {"parentheses that only close", SPELLING_SPY, "total = 1", ")", "", "", "\n", 200},
    {"brackets", SPELLING_SPY, "total = ", "[", "1", "]", "\n", 6},
    {"brackets, too many", SPELLING_SPY, "total = ", "[", "1", "]", "\n", 1000},
    {"dictionaries", SPELLING_SPY, "total = ", "{\"a\": ", "1", "}", "\n", 6, true},
    {"a list", SPELLING_SPY, "total = [", "@, ", "", "", "1]\n", 200},
    {"a dictionary", SPELLING_SPY, "total = {", "\"a@\": 1, ", "", "", "\"z\": 1}\n", 200},
    {"calls in calls", SPELLING_SPY, "total = ", "abs(", "1", ")", "\n", 12, true},
    {"comprehensions", SPELLING_SPY, "total = ", "[i for i in ", "[1]", "]", "\n", 6, true},
    {"parameters", SPELLING_SPY, "def handle(a", ", b@=1", "", "", "):\n    say(a)\n", 100},
    {"arguments", SPELLING_SPY, "def handle(a):\n    say(a)\nhandle(a=1", ", b@=1", "", "", ")\n", 30},
    {"a text", SPELLING_SPY, "say(\"", "words and ", "", "", "\")\n", 200},
    {"a text with names", SPELLING_SPY, "price = 2\nsay(f\"", "{price} of ", "", "", "\")\n", 100},
    {"lines put together", SPELLING_SPY, "total = (1", "\n    + 1", "", "", ")\n", 6},
    {"blocks", SPELLING_SPY, "price = 2\n", "~if price == @:\n", "~say(\"a\")\n", "", "", 3},
    {"blocks, too deep", SPELLING_SPY, "price = 2\n", "~if price == @:\n", "~say(\"a\")\n", "", "", 60},
    {"wrong statements", SPELLING_SPY, "", "total = = @\n", "", "", "", 100},
    {"words", SPELLING_SPY, "", "nonsense ", "", "", "\n", 200},
    {"names that nobody set", SPELLING_SPY, "", "a@ = b@\n", "", "", "", 150},
    {"imports", SPELLING_SPY, "", "import a@\n", "", "", "", 100},
    {"quotes", SPELLING_SPY, "say(", "\"", "", "", ")\n", 201},
    {"braces", SPELLING_SPY, "say(f\"", "{", "", "", "\")\n", 201},
    {"wrong blocks", SPELLING_SPY, "", "    say(1)\n        say(2)\n", "", "", "", 60},
};

static void put(Buf *out, const char *part, uint32_t i)
{
    for (; *part; part++) {
        if (*part == '@')
            buf_printf(out, "%u", i);
        else if (*part == '~')
            for (uint32_t k = 0; k < i; k++)
                buf_str(out, S("  "));
        else
            buf_char(out, *part);
    }
}

static Str text_of(Arena *arena, const Family *family, uint32_t n)
{
    Buf out = buf_in(arena);
    put(&out, family->before, 0);
    for (uint32_t i = 0; i < n; i++)
        put(&out, family->open, i);
    put(&out, family->middle, n);
    for (uint32_t i = 0; i < n; i++)
        put(&out, family->close, i);
    put(&out, family->after, 0);
    return buf_view(&out);
}

typedef void Work(Arena *arena, Str text, Spelling spelling);

static void read_only(Arena *arena, Str text, Spelling spelling)
{
    Diagnostics all = {.arena = arena};
    if (spelling == SPELLING_SPY)
        (void)spy_read(arena, text, books_catalog(), &all);
    else
        (void)english_read(arena, text, books_catalog(), &all);
}

/* All that saving does: read, checked, printed in both spellings, compiled. */
static void load(Arena *arena, Str text, Spelling spelling)
{
    (void)program_load(arena, text, spelling, books_catalog());
}

typedef struct Growth {
    size_t bytes;
    uint64_t steps;
} Growth;

static uint64_t steps_of(Work *work, Str text, Spelling spelling)
{
    Arena arena = {0};
    steps = 0;
    work(&arena, text, spelling);
    uint64_t taken = steps;
    arena_done(&arena);
    return taken;
}

/* Whether more steps come to more text than in proportion. What any program takes falls out of the differences. */
static bool grows_faster(const Growth *growth, double most)
{
    double taken = (double)(growth[2].steps - growth[1].steps), before = (double)(growth[1].steps - growth[0].steps);
    double bytes = (double)(growth[2].bytes - growth[1].bytes),
           bytes_before = (double)(growth[1].bytes - growth[0].bytes);
    bool more = growth[2].steps > growth[1].steps;
    bool is_first = growth[1].steps <= growth[0].steps;
    return more && !is_first && taken * bytes_before > before * bytes * most;
}

/* Every doubling of the text, from the family's n on. */
static bool family_grows_faster(Work *work, const char *what, const Family *family)
{
    Arena arena = {0};
    Growth growth[SIZES];
    bool wrong = false;
    double most = MOST * (work == load && family->nests ? 2 : 1);
    for (uint32_t i = 0; i < SIZES; i++) {
        Str text = text_of(&arena, family, family->n << i);
        growth[i] = (Growth){text.len, steps_of(work, text, family->spelling)};
        wrong |= i >= 2 && grows_faster(&growth[i - 2], most);
    }
    if (wrong)
        print_message("%s %s, %s: bytes %zu %zu %zu %zu, steps %llu %llu %llu %llu\n", what,
                      family->spelling == SPELLING_SPY ? "SPy" : "English", family->name, growth[0].bytes,
                      growth[1].bytes, growth[2].bytes, growth[3].bytes, (unsigned long long)growth[0].steps,
                      (unsigned long long)growth[1].steps, (unsigned long long)growth[2].steps,
                      (unsigned long long)growth[3].steps);
    arena_done(&arena);
    return wrong;
}

static void expect_linear(Work *work, const char *what)
{
    uint32_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(families); i++)
        wrong += family_grows_faster(work, what, &families[i]);
    if (wrong)
        fail_msg("%u families of texts take more than 2.2 times the steps when they double", wrong);
}

static void test_reading__takes_steps_in_proportion_to_the_text(void **state)
{
    (void)state;
    expect_linear(read_only, "reading");
}

static void test_loading__takes_steps_in_proportion_to_the_text(void **state)
{
    (void)state;
    expect_linear(load, "loading");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading__takes_steps_in_proportion_to_the_text),
        cmocka_unit_test(test_loading__takes_steps_in_proportion_to_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
