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

static Str codes_of(Arena *arena, const Diagnostics *all, Severity severity)
{
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == severity)
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
        Str codes = codes_of(&arena, &program->diagnostics, SEVERITY_ERROR);
        if (!str_eq(codes, str_from_c(wrong[i].codes)))
            fail_msg("%s\nexpected %s\nfound    %.*s", wrong[i].source, wrong[i].codes, STR_ARG(codes));
        arena_done(&arena);
    }
}

typedef struct Hint {
    const char *source, *hint;
} Hint;

static const Hint hints[] = {
    {"the leases are the list of (a record with 900 as the rent)\nif 1 is 2 then\n  finish\notherwise if 900 is in the "
     "leases then\n  finish\noutput the first lease's rent as \"rent\"\n",
     "write: any lease whose rent is 900"},
    {"the leases are the list of (a record with 900 as the rent)\nfor each lease in the leases\n  if the lease's rent "
     "is in the leases then\n    finish\n",
     "compare a column of each row with a fact, and make that what is looked for before"},
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
        assert_int_equal(program->diagnostics.count, 1);
        Str hint = program->diagnostics.items[0].hint;
        if (!str_eq(hint, str_from_c(hints[i].hint)))
            fail_msg("%s\nexpected %s\nfound    %.*s", hints[i].source, hints[i].hint, STR_ARG(hint));
        arena_done(&arena);
    }
}

/* The source with its line `number` written otherwise, as deep as it stood. */
static Str with_line(Arena *arena, Str source, uint32_t number, Str line)
{
    Buf out = buf_in(arena);
    Str rest = source;
    for (uint32_t i = 1; rest.len > 0; i++) {
        Str old = str_cut(&rest, '\n');
        size_t indent = old.len - str_trim(old).len;
        buf_str(&out, i == number ? str_slice(old, 0, indent) : old);
        buf_str(&out, i == number ? line : S(""));
        buf_char(&out, '\n');
    }
    return buf_view(&out);
}

#define LEASES                                                                                                         \
    "the leases are an empty list\nappend a record with \"Ada\" as the tenant and 900 as the rent to the leases\n"
#define USE_LEASES "output the first lease's tenant as \"tenant\"\noutput the first lease's rent as \"rent\"\n"

static const Wrong among_rows[] = {
    {SPELLING_ENGLISH, LEASES "if the leases contain \"Bob\" then\n  finish\n" USE_LEASES, "3:never-in"},
    {SPELLING_ENGLISH, LEASES "if \"Bob\" is in the leases then\n  finish\n" USE_LEASES, "3:never-in"},
    {SPELLING_ENGLISH, LEASES "if \"Bob\" is not in the leases then\n  finish\n" USE_LEASES, "3:never-in"},
    {SPELLING_ENGLISH, LEASES "if the leases do not contain 900 then\n  finish\n" USE_LEASES, "3:never-in"},
    {SPELLING_ENGLISH, LEASES "ensure the leases contain \"Ada\"\n" USE_LEASES, "3:never-in"},
    {SPELLING_ENGLISH, LEASES "the known is the leases contain \"Ada\"\nsay the known as text\n" USE_LEASES,
     "3:never-in"},
    {SPELLING_ENGLISH,
     LEASES "the tenant is \"Ada\"\nrepeat 2 times\n  if the tenant is in the leases then\n    finish\n" USE_LEASES,
     "5:never-in"},
    {SPELLING_ENGLISH, "inputs\n  the leases is a table\n\nif the leases contain \"Bob\" then\n  finish\n",
     "4:never-in"},
    {SPELLING_ENGLISH,
     "inputs\n  the file is a record\n\nthe leases are the file's leases as a table\nif 5 is in the leases then\n"
     "  finish\n",
     "5:never-in"},
    {SPELLING_ENGLISH,
     "the flat is a record with 5 as the floor\nset the flat's leases to the list of (a record with \"Ada\" as the "
     "tenant)\n"
     "if the flat's leases contain \"Ada\" then\n  say \"{the flat's floor}\"\n",
     "3:never-in"},
    {SPELLING_SPY, "leases = [{\"tenant\": \"Ada\"}]\nif \"Bob\" in leases:\n    say(leases[0][\"tenant\"])\n",
     "2:never-in"},
    {SPELLING_SPY, "leases = [{\"tenant\": \"Ada\"}]\nif \"Bob\" not in leases:\n    say(leases[0][\"tenant\"])\n",
     "2:never-in"},
    {SPELLING_SPY,
     "leases = [{\"tenant\": \"Ada\"}]\nx = [n for n in [\"Bob\"] if contains(leases, n)]\nsay(leases[0][\"tenant\"])\n"
     "say(x)\n",
     "2:never-in"},
};

/* The sentence that is shown stands in the place of the wrong one, and then all is right. */
static void test_check__what_is_looked_for_among_rows_is_in_a_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(among_rows); i++) {
        Arena arena = {0};
        Str source = str_from_c(among_rows[i].source);
        const Program *program = program_load(&arena, source, among_rows[i].spelling, probe_catalog());
        Str codes = codes_of(&arena, &program->diagnostics, SEVERITY_WARNING);
        if (!str_eq(codes, str_from_c(among_rows[i].codes)))
            fail_msg("%s\nexpected %s\nfound    %.*s", among_rows[i].source, among_rows[i].codes, STR_ARG(codes));
        const Diagnostic *told = &program->diagnostics.items[0];
        ptrdiff_t shown = str_find(told->hint, S(": "));
        if (shown < 0)
            fail_msg("%s\nno sentence is shown: %.*s", among_rows[i].source, STR_ARG(told->hint));
        Str right = with_line(&arena, source, told->line, str_skip(told->hint, (size_t)shown + 2));
        program = program_load(&arena, right, among_rows[i].spelling, probe_catalog());
        if (program->diagnostics.count > 0)
            fail_msg("%.*s\n%.*s", STR_ARG(right), STR_ARG(program->diagnostics.items[0].message));
        arena_done(&arena);
    }
}

/* ---- what types are found ---- */

static void add_type(Buf *out, Arena *arena, const Type *type)
{
    buf_str(out, type_english(arena, type));
    while ((type->kind == TYPE_LIST || type->kind == TYPE_OPTIONAL) && type->inner)
        type = type->inner;
    bool is_open = type->open && (type->n_fields > 0 || type->inner);
    if (type->n_fields == 0 && !is_open)
        return;
    buf_str(out, S(" {"));
    for (uint32_t i = 0; i < type->n_fields; i++) {
        buf_printf(out, "%s%.*s: ", i ? ", " : "", STR_ARG(type->fields[i].name));
        add_type(out, arena, type->fields[i].type);
    }
    if (is_open)
        buf_str(out, type->n_fields > 0 ? S(", …") : S("…"));
    if (is_open && type->inner) {
        buf_str(out, S(": "));
        add_type(out, arena, type->inner);
    }
    buf_char(out, '}');
}

typedef struct Found {
    const char *source; /* sets the fact x */
    const char *type;
} Found;

static const Found found[] = {
    {"x = 5\n", "number"},
    {"x = read_input(\"a\", type=optional(date))\n", "optional date"},
    {"x = read_input(\"a\", type=file)\n", "file"},
    {"x = read_input(\"a\", type=any)\n", "anything"},
    {"x = [\"a\", \"b\"]\n", "list of texts"},
    {"x = []\nx.append(5)\n", "list of numbers"},
    {"x = []\nx.append(5)\nx.append(\"a\")\n", "list"},
    {"x = {\"a\": 5, \"b\": \"c\"}\n", "record {a: number, b: text}"},
    {"x = {\"a\": 5}\nx[\"b\"] = \"c\"\n", "record {a: number, b: optional text}"},
    {"x = {\"a\": 5}\nx[\"A \"] = \"c\"\n", "record {a: anything}"},
    {"x = {\"a\": None}\nx[\"a\"] = 5\n", "record {a: optional number}"},
    {"x = {\"a\": {\"b\": [1]}}\n", "record {a: record {b: list of numbers}}"},
    /* Two that may be one fact are one; what only one of them has is optional. */
    {"x = {\"a\": 5}\nif x[\"a\"] > 3:\n    x = {\"b\": \"c\"}\n", "record {a: optional number, b: optional text}"},
    /* Loops, lists and procedures share records. */
    {"x = []\nr = {\"a\": 5}\nx.append(r)\nr[\"b\"] = 6\n", "list of records {a: number, b: optional number}"},
    {"x = [{\"a\": 5}]\nfor r in x:\n    r[\"b\"] = \"c\"\n", "list of records {a: number, b: optional text}"},
    {"def mark(r):\n    r[\"b\"] = 6\nx = {\"a\": 5}\nmark(r=x)\n", "record {a: number, b: optional number}"},
    {"def make(a):\n    return {\"a\": a}\nx = make(a=5)\n", "record {a: number}"},
    {"def make(a):\n    if a > 3:\n        return {\"a\": a}\nx = make(a=5)\n", "optional record {a: number}"},
    {"def make(a=\"b\"):\n    return {\"a\": a}\nx = make(a=5)\n", "record {a: anything}"},
    {"rows = [{\"a\": 5}, {\"a\": 6}]\nx = [r[\"a\"] for r in rows if r[\"a\"] > 5]\n", "list of numbers"},
    {"rows = [{\"a\": 5}]\nx = first(r for r in rows if r[\"a\"] > 5)\n", "record {a: number}"},
    /* Through several lists. */
    {"rows = [{\"a\": [{\"b\": \"c\"}]}]\nx = [p[\"b\"] for r in rows for p in r[\"a\"]]\n", "list of texts"},
    {"rows = [{\"a\": [{\"b\": \"c\"}]}]\nx = [p for r in rows for p in r[\"a\"] if p[\"b\"] == \"c\"]\n",
     "list of records {b: text}"},
    {"rows = [{\"a\": [{\"b\": \"c\"}]}]\nx = first(p for r in rows for p in r[\"a\"])\n", "record {b: text}"},
    {"rows = [{\"a\": [{\"b\": 5}]}]\nx = {p[\"b\"]: r for r in rows for p in r[\"a\"]}\n",
     "record {…: record {a: list of records {b: number}}}"},
    {"rows = [{\"a\": [{\"b\": 5}]}]\nx = sum(p[\"b\"] * n for r in rows for p in r[\"a\"] for n in [1, 2])\n",
     "number"},
    {"rows = [{\"a\": [{\"b\": 5}]}]\nx = [p for r in rows for p in r[\"a\"]]\nrows[0][\"a\"][0][\"d\"] = \"e\"\n",
     "list of records {b: number, d: optional text}"},
    {"rows = [{\"a\": {\"b\": 5}}]\nx = [value for r in rows for key, value in r[\"a\"].items()]\n", "list of numbers"},
    {"rows = [{\"a\": [\"b\"]}]\nx = [r for r in rows for r in r[\"a\"]]\n", "list of texts"},
    {"rows = [{\"a\": 5}]\nx = sort_by(rows, \"a\")\n", "list of records {a: number}"},
    {"rows = [{\"a\": 5}]\nx = sum(r[\"a\"] for r in rows)\n", "number"},
    {"rows = [{\"a\": 5}]\nx = rows[0]\n", "record {a: number}"},
    {"rows = [{\"a\": 5}]\nx = find(rows[0], \"a\")\n", "optional number"},
    {"rows = [{\"a\": 5}]\nx = table_from_records(rows)\n", "table {a: number}"},
    {"x = table_from_dict({\"a\": [1, 2], \"b\": [\"c\", \"d\"]})\n", "table {a: number, b: text}"},
    {"x = table_from_records([{\"a\": 5}])\nx.append({\"a\": 1, \"b\": 2})\n", "table {a: number, b: optional number}"},
    {"t = table_from_records([{\"a\": 5, \"b\": \"c\"}])\nx = t.select_columns([\"b\"])\n", "table {b: text}"},
    {"t = table_from_records([{\"a\": 5, \"b\": \"c\"}])\nx = column(t, \"b\")\n", "list of texts"},
    {"t = table_from_records([{\"a\": 5}])\nx = [r for r in t if r[\"a\"] > 1]\n", "list of records {a: number}"},
    {"t = table_from_records([{\"a\": 5}])\nx = t.copy()\nx[\"b\"] = [1]\n", "table {a: number, b: optional number}"},
    {"t = table_from_records([{\"a\": 5}])\nx = group_by(t, \"a\")\n", "record {…: list of records {a: number}}"},
    {"x = {}\nfor name in [\"a\", \"b\"]:\n    x[name] = 5\n", "record {…: number}"},
    {"t = read_input(\"t\", type=table)\nx = t\nfor r in t:\n    r[\"b\"] = r[\"a\"] + 1\n",
     "table {a: anything, b: anything, …}"},
    {"t = read_input(\"t\", type=table)\nx = t.select_columns([\"a\", \"b\"])\n", "table {a: anything, b: anything}"},
    /* A list within itself ends somewhere. */
    {"x = {\"a\": 5}\nx[\"me\"] = x\n",
     "record {a: number, me: optional record {a: number, me: optional record {a: number, "
     "me: optional record {a: number, me: optional record {a: number, me: optional "
     "record}}}}}"},
};

static const Type *type_of_x(const Program *program)
{
    for (uint32_t i = 0; i < program->n_facts; i++) {
        if (str_eq(program->facts[i].name, S("x")))
            return program->facts[i].type;
    }
    return &type_null;
}

static void test_check__finds_what_records_lists_and_tables_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        Arena arena = {0};
        Buf type = buf_in(&arena);
        const Program *program = program_load(&arena, str_from_c(found[i].source), SPELLING_SPY, probe_catalog());
        add_type(&type, &arena, type_of_x(program));
        if (!str_eq(buf_view(&type), str_from_c(found[i].type)))
            fail_msg("%s\nexpected %s\nfound    %.*s", found[i].source, found[i].type, STR_ARG(buf_view(&type)));
        arena_done(&arena);
    }
}

/* ---- what is known under every name, and never said in error ---- */

/* Each reads the field b of a record that some other name, or something out of sight, gives it. */
static const char *const right[] = {
    "x = {\"a\": 5}\ny = x\ny[\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nlist_1 = [x]\nfor y in list_1:\n    y[\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\ny = probe.echo(value=3)\nif x[\"a\"] > 3:\n    y = x\ny[\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\ny = 3 if x[\"a\"] > 3 else x\ny[\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nfor y in [x, 3]:\n    y[\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nfor i, y in enumerate([x]):\n    y[\"b\"] = i\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nfor pair in enumerate([x]):\n    pair[1][\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nfor y, z in zip([x], [3]):\n    y[\"b\"] = z\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nfor key, y in {\"k\": x}.items():\n    y[\"b\"] = key\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nd = {name: x for name in [\"k\"]}\nd[\"k\"][\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\ny, z = x, 3\ny[\"b\"] = z\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\npair = [x, 3]\ny, z = pair\ny[\"b\"] = z\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nx[\"me\"] = x\nx[\"me\"][\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nname = \"b\"\nx[name] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\ny = find({\"k\": x}, \"k\")\ny[\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nd = probe.echo(value={})\nd[\"k\"] = x\nd[\"k\"][\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nd = probe.echo(value=[])\nd.append(x)\nd[0][\"b\"] = 1\nsay(x[\"b\"])\n",
    "x = {\"a\": 5}\nkept = []\nall_of_them = kept\nall_of_them.append(x)\nkept[0][\"b\"] = 1\nsay(x[\"b\"])\n",
    "def give(b):\n    return b\nx = {\"a\": 5}\ny = give(b=x)\ny[\"b\"] = 1\nsay(x[\"b\"])\n",
    "def give(b):\n    b[\"b\"] = 1\nx = {\"a\": 5}\nif x[\"a\"] > 3:\n    "
    "give(b=x)\ngive(b=probe.echo(value=x))\nsay(x[\"b\"])\n",
    "t = table_from_records([{\"a\": 5}])\nfor r in t:\n    r[\"b\"] = 1\nfor r in sort_by(t, \"b\"):\n    "
    "say(r[\"b\"])\n",
    "t = table_from_records([{\"a\": 5}])\nt[\"b\"] = [1]\nfor r in t:\n    say(r[\"b\"])\n",
    "t = table_from_records([{\"a\": 5}])\nif t:\n    t = sort_by(t, \"a\")\nfor r in t:\n    r[\"b\"] = 1\nfor r in "
    "t:\n    say(r[\"b\"])\n",
    "for r in group_by([{\"a\": 5}], \"a\")[5]:\n    r[\"b\"] = 1\n    say(r[\"b\"])\n",
    "x = {\"PO Number\": 5}\nsay(x[\"po_number\"])\n",
    /* Rows are looked for among rows, texts among texts and keys, and anything among what may be anything. */
    "x = [{\"a\": 5}]\ny = x[0]\nsay(y in x and contains(x, y) and x[0][\"a\"] > 3)\n",
    "x = [{\"a\": 5}, \"b\"]\nsay(\"b\" in x)\n",
    "x = {\"a\": 5}\nsay(\"a\" in x and contains(x, \"a\"))\n",
    "x = [{\"a\": 5}]\nsay(contains(x, probe.echo(value=5)) and x[0][\"a\"] > 3)\n",
    "t = table_from_records([{\"a\": 5}])\nsay(5 in t[\"a\"] and contains(column(t, \"a\"), 5))\n",
    "x = {\"net\": \"1,250.00\"}\nsay(x[\"net\"] + 1)\n",
    "x = {\"net\": str(5), \"tax\": str(1)}\nsay((x[\"net\"] + x[\"tax\"]) * 2)\n",
    /* Names that are one letter apart on purpose. */
    "t = read_input(\"t\", type=table)\nfor r in t:\n    say(r[\"line1\"])\n    say(r[\"line2\"])\n    "
    "say(r[\"line2\"])\n",
    "t = read_input(\"t\", type=table)\nfor r in t:\n    say(r[\"comment\"])\n    say(r[\"comments\"])\n    "
    "say(r[\"comments\"])\n",
    "t = read_input(\"t\", type=table)\nfor r in t:\n    say(r[\"from\"])\n    say(r[\"form\"])\n    "
    "say(r[\"form\"])\n",
    "t = read_input(\"t\", type=table)\nfor r in t:\n    say(r[\"price\"])\n    say(r[\"price\"])\n    "
    "say(r[\"prize\"])\n    say(r[\"prize\"])\n",
};

static void test_check__says_nothing_of_what_may_be_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        Arena arena = {0};
        const Program *program = program_load(&arena, str_from_c(right[i]), SPELLING_SPY, probe_catalog());
        if (program->diagnostics.count > 0)
            fail_msg("%s\n%.*s", right[i], STR_ARG(program->diagnostics.items[0].message));
        arena_done(&arena);
    }
}

/* Values that travel up the text, a sentence a round, never stand still in time: then nothing is sure. */
static void test_check__gives_up_on_types_that_do_not_settle(void **state)
{
    (void)state;
    Arena arena = {0};
    Buf source = buf_in(&arena);
    buf_str(&source, S("for i in range(3):\n"));
    for (int i = 0; i < 30; i++)
        buf_printf(&source, "    say(a%d + 1)\n    a%d = a%d\n", i, i, i + 1);
    Buf start = buf_in(&arena);
    for (int i = 0; i <= 30; i++)
        buf_printf(&start, "a%d = 1\n", i);
    buf_str(&start, buf_view(&source));
    buf_str(&start, S("    a30 = \"text\"\n"));
    const Program *program = program_load(&arena, buf_view(&start), SPELLING_SPY, probe_catalog());
    assert_int_equal(program->diagnostics.n_errors, 0);
    arena_done(&arena);
}

/* Record upon record, each the field of the next, and one with more fields than are kept. */
static void test_check__is_bounded_in_depth_and_fields(void **state)
{
    (void)state;
    Arena arena = {0};
    Buf source = buf_in(&arena);
    buf_str(&source, S("x = {\"a\": 1}\n"));
    for (int i = 0; i < 3000; i++)
        buf_printf(&source, "x%d = {\"left\": %s%d, \"right\": %s%d}\n", i, i ? "x" : "", i ? i - 1 : 5, i ? "x" : "",
                   i ? i - 1 : 5);
    buf_str(&source, S("y = 5\nif x[\"a\"] > 1:\n    y = x2999\nsay(y[\"b\"])\nx[\"deep\"] = x2999\n"));
    for (int i = 0; i < 300; i++)
        buf_printf(&source, "x[\"field %d\"] = %d\n", i, i);
    buf_str(&source, S("say(x[\"unknown\"])\n"));
    const Program *program = program_load(&arena, buf_view(&source), SPELLING_SPY, probe_catalog());
    assert_int_equal(program->diagnostics.n_errors, 0);
    assert_true(type_of_x(program)->open);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check__tells_all_problems_and_none_that_follow_from_others),
        cmocka_unit_test(test_check__says_what_would_be_right),
        cmocka_unit_test(test_check__what_is_looked_for_among_rows_is_in_a_column),
        cmocka_unit_test(test_check__finds_what_records_lists_and_tables_hold),
        cmocka_unit_test(test_check__says_nothing_of_what_may_be_right),
        cmocka_unit_test(test_check__gives_up_on_types_that_do_not_settle),
        cmocka_unit_test(test_check__is_bounded_in_depth_and_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
