/* tests/lang/differential/carry_out.c: carries out the programs that stand in its standard input, each ended by a NUL
 * byte, and prints a line of JSON for each:
 *
 *     {"refused": [{"line": 3, "code": "not-a-number"}]}                      by the checker, lines of the source
 *     {"spy": "…", "outputs": [["name", "n3.30"]], "failure": {"kind": "no-such-item", "first": 3, "last": 3}}
 *
 * A run ends with its first question. `first` and `last` are the lines of the failing node in `spy`, the program as it
 * is printed. Values are spelled exactly, as in python.py: see spell(). */
#include <stdio.h>

#include "base/json.h"
#include "lang/eval.h"
#include "value/decimal.h"

static void spell(Buf *out, Value value, int depth);

static void spell_items(Buf *out, const Record *items, bool with_values, int depth)
{
    for (uint32_t i = 0; i < items->count; i++) {
        buf_str(out, i > 0 ? S(", ") : S(""));
        spell(out, items->entries[i].key, depth);
        if (!with_values)
            continue;
        buf_str(out, S(": "));
        spell(out, items->entries[i].value, depth);
    }
}

/* n1.50, 'text', True, False, None, [a, b], {k: v}, set(a, b): numbers with their trailing zeros, order as it is. */
static void spell(Buf *out, Value value, int depth)
{
    char digits[32];
    if (depth > 20) {
        buf_str(out, S("…"));
        return;
    }
    switch (value.kind) {
    case VALUE_NULL: buf_str(out, S("None")); break;
    case VALUE_BOOL: buf_str(out, value.low ? S("True") : S("False")); break;
    case VALUE_NUMBER: buf_printf(out, "n%.*s", (int)decimal_format(value, digits), digits); break;
    case VALUE_TEXT: buf_printf(out, "'%.*s'", STR_ARG(value_str(value))); break;
    case VALUE_LIST:
        buf_char(out, '[');
        for (uint32_t i = 0; i < value.list->count; i++) {
            buf_str(out, i > 0 ? S(", ") : S(""));
            spell(out, value.list->items[i], depth + 1);
        }
        buf_char(out, ']');
        break;
    case VALUE_RECORD:
        buf_char(out, '{');
        spell_items(out, value.record, true, depth + 1);
        buf_char(out, '}');
        break;
    case VALUE_SET:
        buf_str(out, S("set("));
        spell_items(out, &value.set->items, false, depth + 1);
        buf_char(out, ')');
        break;
    default: value_print(out, value);
    }
}

static uint32_t line_at(Str text, uint32_t at)
{
    uint32_t line = 1;
    for (uint32_t i = 0; i < at && i < text.len; i++)
        line += text.data[i] == '\n';
    return line;
}

static void key_text(JsonOut *json, const char *key, Str text)
{
    json_key(json, str_from_c(key));
    json_str(json, text);
}

static void key_number(JsonOut *json, const char *key, int64_t number)
{
    json_key(json, str_from_c(key));
    json_i64(json, number);
}

static void tell_refusal(JsonOut *json, const Program *program)
{
    json_key(json, S("refused"));
    json_open_array(json);
    for (uint32_t i = 0; i < program->diagnostics.count; i++) {
        const Diagnostic *diagnostic = &program->diagnostics.items[i];
        if (diagnostic->severity != SEVERITY_ERROR)
            continue;
        json_open_object(json);
        key_number(json, "line", diagnostic->line);
        key_text(json, "code", str_from_c(diagnostic->code));
        json_close_object(json);
    }
    json_close_array(json);
}

static void tell_outputs(JsonOut *json, Arena *arena, const Evaluation *evaluation)
{
    uint32_t n;
    const Argument *outputs = evaluation_outputs(evaluation, &n);
    json_key(json, S("outputs"));
    json_open_array(json);
    for (uint32_t i = 0; i < n; i++) {
        Buf spelled = buf_in(arena);
        spell(&spelled, outputs[i].value, 0);
        json_open_array(json);
        json_str(json, outputs[i].name);
        json_str(json, buf_view(&spelled));
        json_close_array(json);
    }
    json_close_array(json);
}

static void tell_failure(JsonOut *json, const Program *program, const Evaluation *evaluation)
{
    const Question *question = NULL;
    uint32_t node_id;
    if (evaluation_status(evaluation) == EVAL_QUESTION) {
        question = evaluation_question(evaluation);
        node_id = question->node_id;
    } else if (evaluation_status(evaluation) == EVAL_FAILED) {
        node_id = evaluation_failure_node(evaluation);
    } else {
        return;
    }
    Span span = node_id <= program->n_nodes && program->nodes[node_id] ? program->nodes[node_id]->spy : (Span){0, 0};
    json_key(json, S("failure"));
    json_open_object(json);
    key_text(json, "kind", question ? str_from_c(question->kind) : S("failed"));
    key_text(json, "text", question ? question->message : evaluation_failure(evaluation));
    key_number(json, "first", line_at(program->spy, span.start));
    key_number(json, "last", line_at(program->spy, span.end));
    json_close_object(json);
}

static void carry_out(Str source)
{
    static const Catalog no_books = {0};
    Arena arena = {0};
    Buf line = {0};
    JsonOut json = json_out(&line);
    Program *program = program_load(&arena, source, SPELLING_SPY, &no_books);
    json_open_object(&json);
    if (program->diagnostics.n_errors > 0) {
        tell_refusal(&json, program);
    } else {
        Evaluation *evaluation = evaluation_new(program, NULL, 0, (EvalOptions){.budget.fuel = 10000000});
        while (evaluation_run(evaluation, UINT64_MAX) == EVAL_READY)
            evaluation_trace_clear(evaluation);
        key_text(&json, "spy", program->spy);
        tell_outputs(&json, &arena, evaluation);
        tell_failure(&json, program, evaluation);
        evaluation_free(evaluation);
    }
    json_close_object(&json);
    printf("%.*s\n", STR_ARG(buf_view(&line)));
    buf_done(&line);
    arena_done(&arena);
}

int main(void)
{
    Buf all = {0};
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, stdin)) > 0;)
        buf_add(&all, part, n);
    for (Str rest = buf_view(&all); rest.len > 0;)
        carry_out(str_cut(&rest, '\0'));
    buf_done(&all);
    return 0;
}
