/* lang/spy_foreign.c: what people bring from Python and SPy has not, each with what to write instead. */
#include "lang/spy_reader.h"

/* ---- functions ---- */

/* What people bring from Python, and what SPy has instead. */
static const struct Foreign {
    const char *name, *hint;
} foreign_functions[] = {
    {"input",
     "inputs stand at the top: name = read_input(\"name\", type=text); to ask a person while running: ask(\"…\")"},
    {"open", "files come in as inputs and are read by the files book: files.read_table(file=…)"},
    {"map", "write a comprehension: [f(x) for x in items]"},
    {"filter", "write a comprehension: [x for x in items if …]"},
    {"isinstance", "types are checked when the automation is saved; convert with number(x), str(x) or date(x)"},
    {"type", "types are checked when the automation is saved; convert with number(x), str(x) or date(x)"},
    {"exit", "end the run with finish() or fail(\"reason\")"},
    {"quit", "end the run with finish() or fail(\"reason\")"},
    {"tuple", "use list(…)"},
    {"divmod", "use a // b and a % b"},
    {"pow", "use a ** b"},
    {"decimal", "every number is an exact decimal already: write it plainly"},
    {"eval", "write the expression itself"},
    {"reduce", "go through the list: for x in items: total = total + x"},
    {"sleep", "use wait(minutes(5))"},
    {"timedelta", "use days(3), hours(2), minutes(30)"},
    {"iter", "use for x in items:"},
    {"next", "use first(x for x in items if …)"},
    {"at_the_same_time", "it stands only in a loop's head: for claim in at_the_same_time(claims):"},
    {"read_input", "inputs stand at the top, each on a line of its own: name = read_input(\"name\", type=text)"},
    {"ask", "give the answer a line of its own: cost_centre = ask(\"Which cost centre?\")"},
    {"print", "give it a line of its own"},
    {"say", "give it a line of its own"},
    {"set_output", "give it a line of its own: set_output(\"total\", value=total)"},
    {"ensure", "give it a line of its own: ensure(total > 0, \"…\")"},
    {"validate", "give it a line of its own"},
    {"wait", "give it a line of its own: wait(days(3))"},
    {"finish", "give it a line of its own"},
    {"fail", "give it a line of its own: fail(\"reason\")"},
    {"connection", "it stands at the top, on a line of its own: connection(\"erp\", book=\"http\")"},
    {"optional", "it stands only as an input's type: read_input(\"due date\", type=optional(date))"},
};

static Str nearest_function(SpyReader *reader, Str name, bool method)
{
    Str candidates[FN_N_FUNCTIONS + 64];
    uint32_t n = 0;
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        if (function_is_method(id) == method)
            candidates[n++] = str_from_c(functions[id].spy);
    }
    for (uint32_t i = 0; !method && i < reader->defines.count && i < 64; i++)
        candidates[n++] = reader->defines.entries[i].key;
    return nearest_spelling(name, candidates, n);
}

Node *spy_refuse_function(SpyReader *reader, const Token *token)
{
    Str name = token->text;
    for (size_t i = 0; i < COUNT_OF(foreign_functions); i++) {
        if (str_eq(str_from_c(foreign_functions[i].name), name)) {
            Diagnostic *d =
                spy_fail(reader, "no-such-function", token->span, "%.*s cannot be called here", STR_ARG(name));
            diagnose_hint(reader->all, d, "%s", foreign_functions[i].hint);
            return spy_failed_node(reader);
        }
    }
    if (spy_fail_if_lost(reader, name))
        return spy_failed_node(reader);
    Diagnostic *d =
        spy_fail(reader, "unknown-function", token->span, "there is no function or procedure %.*s", STR_ARG(name));
    Str near = nearest_function(reader, name, false);
    FunctionId method = function_find(name, true);
    const Procedure *procedure = spy_only_procedure(reader->catalog, name);
    if (procedure)
        diagnose_hint(reader->all, d, "name its book: %.*s.%.*s(…)", STR_ARG(procedure->book),
                      STR_ARG(procedure->name));
    else if (method != FN_N_FUNCTIONS)
        diagnose_hint(reader->all, d, "write it behind its value: x.%s(…)", functions[method].spy);
    else if (near.len > 0)
        diagnose_hint(reader->all, d, "did you mean %.*s?", STR_ARG(near));
    else
        diagnose_hint(reader->all, d, "define it with def %.*s(…):, or call a book: book.procedure(…)", STR_ARG(name));
    return spy_failed_node(reader);
}

/* ---- lambda ---- */

/* What key=lambda is most often brought for, by the function that it is handed to. */
static const struct Ordering {
    const char *function, *up, *down, *end;
} orderings[] = {
    {"sorted", "sort_by", "sort_down_by", ""},
    {"min", "first(sort_by", "first(sort_by", ")"},
    {"max", "first(sort_down_by", "first(sort_down_by", ")"},
};

/* The function in whose parentheses the token stands; "" for none. */
static Str function_around(const SpyReader *reader, const Token *token)
{
    int depth = 0;
    for (const Token *at = token; at > reader->text->tokens + 1 && depth >= 0; at--) {
        depth += token_is_sign(at - 1, ")") || token_is_sign(at - 1, "]");
        depth -= token_is_sign(at - 1, "(") || token_is_sign(at - 1, "[");
        if (depth < 0 && at[-2].kind == TOKEN_NAME)
            return at[-2].text;
    }
    return S("");
}

/* lambda r: r["total"] picks a field, which sort_by takes by its name. */
const char *spy_hint_for_lambda(const SpyReader *reader, const Token *lambda)
{
    const char *hint = "use a comprehension, a procedure with def, or a field's name: sort_by(invoices, \"total\")";
    bool picks = lambda[1].kind == TOKEN_NAME && token_is_sign(lambda + 2, ":") && lambda[3].kind == TOKEN_NAME &&
                 token_is_sign(lambda + 4, "[") && lambda[5].kind == TOKEN_TEXT && token_is_sign(lambda + 6, "]");
    if (!picks || !str_eq(lambda[1].text, lambda[3].text))
        return hint;
    bool down = token_is_sign(lambda + 7, ",") && str_eq(lambda[8].text, S("reverse"));
    Str function = function_around(reader, lambda);
    for (size_t i = 0; i < COUNT_OF(orderings); i++) {
        const struct Ordering *ordering = &orderings[i];
        if (str_eq(function, str_from_c(ordering->function)))
            return str_to_c(reader->arena,
                            str_printf(reader->arena, "write %s(…, \"%.*s\")%s", down ? ordering->down : ordering->up,
                                       STR_ARG(lambda[5].text), ordering->end));
    }
    return hint;
}

/* ---- modules ---- */

/* What people import, by the names that it has in their programs. */
static const struct ForeignModule {
    const char *names; /* with blanks around each */
    const char *hint;
} foreign_modules[] = {
    {" sys ", "for sys.exit(1) write fail(\"reason\"), for sys.exit(0) write finish()"},
    {" math ",
     "for math.ceil(x) write round_up(x), or -(-x // 1) where x may be below 0; for math.floor(x) write x // 1"},
    {" pandas pd ", "for pd.read_csv(…) write files.read_table(file=invoice_file), for pd.merge(…) write "
                    "tables.join(…), for pd.DataFrame(rows) write table_from_records(rows)"},
    {" datetime ", "for datetime.now() write dates.now(), for date.today() write dates.today(), for timedelta(days=3) "
                   "write days(3)"},
    {" time ", "for time.sleep(60) write wait(minutes(1))"},
    {" re ", "for re.search(pattern, text) write matches(text, pattern), for re.sub(…) text.replace(\"old\", \"new\")"},
    {" json ", "for json.loads(reply) write text.parse_json(text=reply), for json.dumps(order) write "
               "text.encode_json(value=order)"},
    {" random ", "for random.randint(1, 6) write numbers.draw(smallest=1, largest=6)"},
    {" os pathlib ", "files come in as inputs: name = read_input(\"name\", type=file)"},
    {" requests urllib ", "for requests.get(url) write http.get(url=url)"},
    {" itertools functools ",
     "go through the lists with for, or with a comprehension: [x for xs in lists for x in xs]"},
    {" csv openpyxl ", "for files write files.read_table(file=…) and files.write_table(table=rows, name=\"rows.csv\")"},
    {" decimal ", "every number is an exact decimal already: write it plainly"},
    {" statistics numpy np ", "for the mean write average(xs), else sum(xs), min(xs), max(xs)"},
    {" collections ",
     "for a defaultdict write record.get(key, 0), for a Counter tables.total(table=rows, key=\"vendor\")"},
};

static const char *foreign_module(SpyReader *reader, Str name)
{
    Str wanted = str_printf(reader->arena, " %.*s ", STR_ARG(name));
    for (size_t i = 0; i < COUNT_OF(foreign_modules); i++) {
        if (str_find(str_from_c(foreign_modules[i].names), wanted) >= 0)
            return foreign_modules[i].hint;
    }
    return NULL;
}

bool spy_refuse_module(SpyReader *reader, Str name, Span span)
{
    const char *hint = foreign_module(reader, name);
    if (!hint)
        return false;
    Diagnostic *d = spy_fail(reader, "not-in-spy", span, "SPy has no %.*s", STR_ARG(name));
    diagnose_hint(reader->all, d, "%s", hint);
    return true;
}

/* ---- methods ---- */

static const struct Foreign foreign_methods[] = {
    {"format", "write a text with values in it: f\"{total} EUR\""},
    {"sort", "make a sorted one: xs = sorted(xs), or sort_by(xs, \"field\")"},
    {"reverse", "make a reversed one: xs = reversed(xs)"},
    {"extend", "add the lists: xs = xs + more"},
    {"pop", "take an item with xs[0] or record.get(\"key\"); remove with .remove(…) or .delete_field(\"key\")"},
    {"update", "set the fields one by one: record[\"key\"] = value"},
    {"add", "sets grow by making a new one: set(list(s) + [x]); lists by .append(x)"},
    {"casefold", "use .lower()"},
    {"capitalize", "write x[:1].upper() + x[1:].lower(); .title() is about every word"},
    {"lstrip", "use .strip(), which is about both ends"},
    {"rstrip", "use .strip(), which is about both ends"},
    {"removeprefix", "write x[len(prefix):] if x.startswith(prefix) else x"},
    {"removesuffix", "write x[:-len(suffix)] if x.endswith(suffix) else x"},
    {"zfill", "write a number as f\"{x:05}\", a text as f\"{x:0>5}\""},
    {"rjust", "write f\"{x:>10}\""},
    {"ljust", "write f\"{x:<10}\""},
    {"center", "write f\"{x:^10}\""},
    {"partition", "take the items of x.split(\":\"): parts[0], parts[-1]"},
    {"rpartition", "take the items of x.split(\":\"): parts[0], parts[-1]"},
    {"rsplit", "take the items of x.split(\":\"): parts[0], parts[-1]"},
    {"isalpha", "write matches(x, \"[A-Za-z]+\")"},
    {"isalnum", "write matches(x, \"[A-Za-z0-9]+\")"},
    {"isspace", "write is_empty(x)"},
    {"isupper", "write x == x.upper()"},
    {"islower", "write x == x.lower()"},
    {"encode", "leave it out: every text is Unicode"},
    {"decode", "leave it out: every text is Unicode"},
    {"isoformat", "write str(x)"},
    {"strptime", "write date(x), or dates.parse(text=x, format=\"%d.%m.%Y\")"},
    {"quantize", "write round(x, 2)"},
    {"clear", "set it anew: xs = []"},
    {"setdefault", "read with record.get(\"key\", 0), then set record[\"key\"]"},
    {"union", "write set(list(a) + list(b))"},
    {"intersection", "write {x for x in a if x in b}"},
    {"difference", "write a - b"},
    {"issubset", "write all(x in b for x in a)"},
    {"discard", "write s - {x}"},
    {"groupby", "write group_by(table, \"vendor\"), or tables.total(table=table, key=\"vendor\")"},
    {"merge", "write tables.join(table=table, other=other, key=\"number\")"},
    {"sort_values", "write sort_by(table, \"total\") or sort_down_by(table, \"total\")"},
    {"drop_duplicates", "write unique_by(table, \"number\")"},
    {"to_csv", "write files.write_table(table=table, name=\"rows.csv\")"},
    {"to_dict", "write rows(table)"},
    {"tolist", "write list(x)"},
    {"apply", "write a comprehension: [f(x) for x in items]"},
    {"splitlines", "use .split(\"\\n\")"},
    {"isnumeric", "use .isdigit()"},
    {"isdecimal", "use .isdigit()"},
    {"has_key", "use \"key\" in record"},
    {"find", "use \"part\" in text, text.index(\"part\"), or find(record, \"field\")"},
    {"iterrows", "iterate over the table itself: for row in table:"},
    {"sum", "use sum(…)"},
    {"mean", "use average(…)"},
    {"head", "use a slice: table[:5]"},
};

Node *spy_refuse_method(SpyReader *reader, const Token *name)
{
    Diagnostic *d = spy_fail(reader, "unknown-method", name->span, "values have no method %.*s", STR_ARG(name->text));
    for (size_t i = 0; i < COUNT_OF(foreign_methods); i++) {
        if (str_eq(str_from_c(foreign_methods[i].name), name->text)) {
            diagnose_hint(reader->all, d, "%s", foreign_methods[i].hint);
            return spy_failed_node(reader);
        }
    }
    FunctionId function = function_find(name->text, false);
    Str near = nearest_function(reader, name->text, true);
    if (function != FN_N_FUNCTIONS)
        diagnose_hint(reader->all, d, "write %s(…) around the value", functions[function].spy);
    else if (near.len > 0)
        diagnose_hint(reader->all, d, "did you mean %.*s?", STR_ARG(near));
    else
        diagnose_hint(reader->all, d,
                      "the language reference lists the methods; books are called by their names: "
                      "files.read_table(…)");
    return spy_failed_node(reader);
}

/* ---- statements ---- */

/* Python's statements that SPy leaves out. */
static const struct LeftOut {
    SpyWord word;
    const char *message, *hint;
} left_out[] = {
    {WORD_IMPORT, "SPy imports nothing", "take the line out: books are called by their names, files.read_table(…)"},
    {WORD_FROM, "SPy imports nothing", "take the line out: books are called by their names, files.read_table(…)"},
    {WORD_TRY, "SPy has no try: what goes wrong becomes a question to a person",
     "take try and except out; test before with if, or read with find(record, \"field\")"},
    {WORD_EXCEPT, "SPy has no except: what goes wrong becomes a question to a person", "take try and except out"},
    {WORD_FINALLY, "SPy has no finally", "write its lines after the others"},
    {WORD_RAISE, "SPy raises nothing", "end the run with fail(\"reason\"), or ask with ensure(condition, \"message\")"},
    {WORD_CLASS, "SPy has no classes", "use records: {\"total\": 12.50}; the fact called class is spelled class_"},
    {WORD_WITH, "SPy has no with", "write its lines plainly: nothing needs to be closed"},
    {WORD_GLOBAL, "SPy has no global: a procedure gives back what it makes",
     "return the value and set the fact outside"},
    {WORD_NONLOCAL, "SPy has no nonlocal: a procedure gives back what it makes",
     "return the value and set the fact outside"},
    {WORD_DEL, "SPy has no del", "remove a field with record.delete_field(\"key\"), an item with items.remove(item)"},
    {WORD_ASYNC, "SPy has no async", "call it plainly; to do things side by side: for x in at_the_same_time(items):"},
    {WORD_AWAIT, "SPy has no await", "call it plainly: a run waits by itself until the call is done"},
    {WORD_YIELD, "SPy has no yield", "append to a list and return it"},
    {WORD_LAMBDA, "SPy has no lambda", "write a procedure with def"},
    {WORD_PASS, "SPy has no pass: every block does something",
     "leave the block out, or turn the condition around with not"},
};

/* Every name on the line in hand: what it imports, the class that it begins. */
static void lose_names(SpyReader *reader)
{
    for (uint32_t i = 0; token_ahead(reader, i)->kind != TOKEN_END; i++) {
        const Token *token = token_ahead(reader, i);
        if (token->kind == TOKEN_NAME)
            map_put(&reader->lost, token->text, reader);
    }
}

Node *spy_refuse_word(SpyReader *reader)
{
    const Token *token = token_now(reader);
    if ((token->word == WORD_EXCEPT || token->word == WORD_FINALLY) && reader->in_try) {
        reader->failed = true;
        return spy_node(reader, NODE_NOTHING);
    }
    reader->in_try = token->word == WORD_TRY;
    if (token->word == WORD_IMPORT || token->word == WORD_FROM || token->word == WORD_CLASS)
        lose_names(reader);
    if (token_is_sign(token_ahead(reader, 1), "=")) {
        Diagnostic *d = spy_fail(reader, "reserved-word", token->span,
                                 "%.*s is a word of Python's and cannot name a fact", STR_ARG(token->text));
        diagnose_hint(reader->all, d, "spell it %.*s_", STR_ARG(token->text));
        return spy_node(reader, NODE_NOTHING);
    }
    bool imports = token->word == WORD_IMPORT || token->word == WORD_FROM;
    const char *module = imports ? foreign_module(reader, token_ahead(reader, 1)->text) : NULL;
    if (module) {
        Diagnostic *d = spy_fail(reader, "not-in-spy", token->span, "SPy imports nothing");
        diagnose_hint(reader->all, d, "take the line out; %s", module);
        return spy_node(reader, NODE_NOTHING);
    }
    for (size_t i = 0; i < COUNT_OF(left_out); i++) {
        if (left_out[i].word == token->word) {
            spy_fail_with_hint(reader, "not-in-spy", token->span, left_out[i].message, left_out[i].hint);
            return spy_node(reader, NODE_NOTHING);
        }
    }
    if (token->word == WORD_ELSE || token->word == WORD_ELIF)
        spy_fail_with_hint(reader, "lone-else", token->span, "no if stands before this at the same indentation",
                           "indent it as far as its if");
    else
        spy_fail_expected(reader, "a statement");
    return spy_node(reader, NODE_NOTHING);
}
