/* lang/check.c: walks the statements in order, keeping which facts are set. */
#include "lang/check.h"

#include <stdarg.h>
#include <string.h>

#include "lang/check_internal.h"
#include "lang/english.h"

/* Rounds of finding out types: two or three do, unless values travel up the text from fact to fact. */
enum { ROUNDS_MAX = 10 };

/* ---- problems ---- */

bool check_in_english(const Checker *checker)
{
    return checker->all->spelling == SPELLING_ENGLISH;
}

Span check_span(const Checker *checker, const Node *node)
{
    return check_in_english(checker) ? node->english : node->spy;
}

static Diagnostic *report(Checker *checker, Severity severity, const char *code, const Node *node, const char *format,
                          va_list args)
{
    if (checker->quiet)
        return NULL;
    Buf message = buf_in(checker->arena);
    buf_vprintf(&message, format, args);
    return diagnose(checker->all, severity, code, check_span(checker, node), "%.*s", STR_ARG(buf_view(&message)));
}

Diagnostic *check_error(Checker *checker, const char *code, const Node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diagnostic *d = report(checker, SEVERITY_ERROR, code, node, format, args);
    va_end(args);
    return d;
}

Diagnostic *check_warning(Checker *checker, const char *code, const Node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diagnostic *d = report(checker, SEVERITY_WARNING, code, node, format, args);
    va_end(args);
    return d;
}

void check_hint(Checker *checker, Diagnostic *about, const char *format, ...)
{
    if (!about)
        return;
    Buf hint = buf_in(checker->arena);
    va_list args;
    va_start(args, format);
    buf_vprintf(&hint, format, args);
    va_end(args);
    diagnose_hint(checker->all, about, "%.*s", STR_ARG(buf_view(&hint)));
}

Str check_name(Checker *checker, Str name)
{
    return check_in_english(checker) && name_is_regular(name) ? name_to_words(checker->arena, name) : name;
}

Str check_fact_name(Checker *checker, Str name)
{
    if (!check_in_english(checker))
        return name;
    return name_is_regular(name) ? str_printf(checker->arena, "the %.*s", STR_ARG(name_to_words(checker->arena, name)))
                                 : str_printf(checker->arena, "the fact \"%.*s\"", STR_ARG(name));
}

static bool is_plural(Checker *checker, Str name)
{
    Str words = check_name(checker, name);
    return check_in_english(checker) && !str_eq(singular_of(checker->arena, words), words);
}

/* ---- which facts are set ---- */

static Flow *flow_new(Checker *checker)
{
    Flow *flow = NEW(checker->arena, Flow);
    flow->words = checker->scope->facts.count / 64 + 1;
    flow->always = NEW_ARRAY(checker->arena, uint64_t, flow->words);
    flow->maybe = NEW_ARRAY(checker->arena, uint64_t, flow->words);
    return flow;
}

static Flow *flow_copy(Checker *checker, const Flow *flow)
{
    Flow *copy = flow_new(checker);
    memcpy(copy->always, flow->always, flow->words * sizeof(uint64_t));
    memcpy(copy->maybe, flow->maybe, flow->words * sizeof(uint64_t));
    copy->ended = flow->ended;
    return copy;
}

static void flow_set(Flow *flow, uint32_t index)
{
    flow->always[index / 64] |= (uint64_t)1 << (index % 64);
    flow->maybe[index / 64] |= (uint64_t)1 << (index % 64);
}

static bool in_set(const uint64_t *set, uint32_t index)
{
    return set[index / 64] >> (index % 64) & 1;
}

/* After two ways that meet. A way that ended does not arrive. */
static void flow_meet(Flow *into, const Flow *other)
{
    for (uint32_t i = 0; i < into->words; i++) {
        into->maybe[i] |= other->maybe[i];
        if (into->ended)
            into->always[i] = other->always[i];
        else if (!other->ended)
            into->always[i] &= other->always[i];
    }
    into->ended &= other->ended;
}

static Fact *find_fact(const Scope *scope, Str name)
{
    return map_get(&scope->facts, name);
}

/* for each order in the orders: the order is no spelling of the orders. */
static bool may_be_meant(Checker *checker, const Fact *fact, Str name)
{
    return !fact->is_loop || !str_eq(singular_of(checker->arena, check_name(checker, fact->name)),
                                     singular_of(checker->arena, check_name(checker, name)));
}

/* Of so many unknown names it is looked for among all facts and procedures what was meant. */
enum { HELPED_MAX = 100 };

static bool is_helped(const Checker *checker)
{
    return checker->told.count <= HELPED_MAX;
}

static bool kept_by_a_procedure(const Checker *checker, Str name)
{
    uint32_t n_scopes = is_helped(checker) && !checker->scope->define ? checker->n_scopes : 0;
    for (uint32_t i = 0; i < n_scopes; i++) {
        if (checker->scopes[i] && find_fact(checker->scopes[i], name))
            return true;
    }
    return false;
}

/* Names that nobody gives: what was meant is said with other words. */
static bool hint_of_habit(Checker *checker, Diagnostic *about, Str words)
{
    static const struct {
        const char *within, *hint;
    } habits[] = {
        {" largest ", "the one with the most: the first of (the orders sorted by amount from the largest)"},
        {" biggest ", "the one with the most: the first of (the orders sorted by amount from the largest)"},
        {" highest ", "the one with the most: the first of (the orders sorted by amount from the largest)"},
        {" smallest ", "the one with the least: the first of (the orders sorted by amount)"},
        {" lowest ", "the one with the least: the first of (the orders sorted by amount)"},
        {" latest ", "the one with the latest date: the first of (the orders sorted by due date from the latest)"},
        {" oldest ", "the one with the earliest date: the first of (the orders sorted by due date)"},
        {" past ", "to compare with the day on which it runs: is before today"},
        {" future ", "to compare with the day on which it runs: is after today"},
        {" has ", "what something has is its field, as in: if the order's amount is missing then; or: is not missing"},
        {" have ", "what something has is its field, as in: if the order's amount is missing then; or: is not missing"},
    };
    Str padded = str_printf(checker->arena, " %.*s ", STR_ARG(words));
    for (size_t i = 0; i < COUNT_OF(habits); i++) {
        if (str_find(padded, str_from_c(habits[i].within)) >= 0) {
            check_hint(checker, about, "%s", habits[i].hint);
            return true;
        }
    }
    return false;
}

static bool has_known_fields(const Fact *fact)
{
    bool record = fact->type && fact->type->kind == TYPE_RECORD;
    return fact->type && (record ? shape_of(fact->type) : shape_of_rows(fact->type));
}

/* “the net pluss 2” is read as one name: the word in it that is nearly a word of the grammar is the slip. So is a field
 * that follows its fact: “the open orders amounts”. */
static bool hint_inside_name(Checker *checker, Diagnostic *about, Str words)
{
    Buf front = buf_in(checker->arena);
    Str owner = S(""), field = S(""); /* of the longest name in front that is a fact */
    for (Str rest = words, word; rest.data && rest.len > 0;) {
        word = str_cut(&rest, ' ');
        Str near = front.len > 0 ? english_nearest_joint(word) : S("");
        bool ends = front.len > 0 && str_eq(word, S("times")) && !rest.data;
        Fact *fact = find_fact(checker->scope, name_from_words(checker->arena, buf_view(&front)));
        if (fact && (near.len > 0 || ends)) {
            fact->used = true;
            if (ends)
                check_hint(checker, about, "a value is missing behind “times”");
            else
                check_hint(checker, about, "did you mean “%.*s” for “%.*s”?", STR_ARG(near), STR_ARG(word));
            return true;
        }
        if (fact && has_known_fields(fact)) {
            fact->used = true;
            owner = check_fact_name(checker, fact->name);
            field = str_skip(words, front.len + 1);
        }
        if (front.len > 0)
            buf_char(&front, ' ');
        buf_str(&front, word);
    }
    if (owner.len > 0)
        check_hint(checker, about, "a field is said with an apostrophe: %.*s%s %.*s", STR_ARG(owner),
                   str_ends(owner, S("s")) ? "'" : "'s", STR_ARG(field));
    return owner.len > 0;
}

/* The fact of this scope or the one around it that `name` nearly is; "" when none is near. */
static Str nearest_fact(Checker *checker, Str name)
{
    const Map *own = &checker->scope->facts, *outer = checker->scope->outer ? &checker->scope->outer->facts : NULL;
    uint32_t n_outer = outer ? outer->count : 0, n = 0;
    if (!is_helped(checker))
        return S("");
    Str *names = NEW_ARRAY(checker->arena, Str, own->count + n_outer);
    for (uint32_t i = 0; i < own->count; i++)
        names[n] = own->entries[i].key, n += may_be_meant(checker, own->entries[i].value, name);
    for (uint32_t i = 0; i < n_outer; i++)
        names[n] = outer->entries[i].key, n += may_be_meant(checker, outer->entries[i].value, name);
    return nearest_spelling(name, names, n);
}

/* The record that the loop around is at, if it may have that field; "" without one. */
static Str record_at_hand(Checker *checker, Str field)
{
    const Map *facts = &checker->scope->facts;
    for (uint32_t i = checker->loops > 0 && is_helped(checker) ? facts->count : 0; i-- > 0;) {
        const Fact *fact = facts->entries[i].value;
        Shape *shape = fact->is_loop && fact->type && fact->type->kind == TYPE_RECORD ? shape_of(fact->type) : NULL;
        if (shape && shape_get(checker, shape, field))
            return fact->name;
    }
    return S("");
}

static void hint_to_set(Checker *checker, Diagnostic *about, const Node *node, Str words)
{
    Str record = record_at_hand(checker, words);
    const char *verb = is_plural(checker, node->name) ? "are" : "is";
    if (!check_in_english(checker))
        check_hint(checker, about, "set it before (%.*s = …), or make it an input", STR_ARG(node->name));
    else if (record.len > 0)
        check_hint(checker, about, "a field is said with its record: %.*s's %.*s; a fact is set before (the %.*s %s …)",
                   STR_ARG(check_fact_name(checker, record)), STR_ARG(words), STR_ARG(words), verb);
    else
        check_hint(checker, about, "set it before (the %.*s %s …), or make it an input", STR_ARG(words), verb);
}

/* A use of a fact that nothing sets. */
static void unknown_fact(Checker *checker, const Node *node)
{
    static const struct {
        const char *wrong, *right;
    } constants[] = {{"true", "True"}, {"false", "False"}, {"none", "None"}, {"null", "None"}};
    if (checker->quiet || check_may_be_lost(checker, node->name) || map_put(&checker->told, node->name, checker))
        return; /* one cause, one message: at the first place that uses it */
    Diagnostic *d =
        check_error(checker, "unknown-fact", node, "nothing sets %.*s", STR_ARG(check_fact_name(checker, node->name)));
    for (size_t i = 0; i < COUNT_OF(constants) && !check_in_english(checker); i++) {
        if (str_eq(node->name, str_from_c(constants[i].wrong))) {
            check_hint(checker, d, "did you mean %s?", constants[i].right);
            return;
        }
    }
    if (check_hint_order(checker, d, node))
        return;
    Str near = nearest_fact(checker, node->name), words = check_name(checker, node->name);
    Fact *meant = near.len > 0 ? find_fact(checker->scope, near) : NULL;
    if (!meant && near.len > 0)
        meant = find_fact(checker->scope->outer, near);
    if (meant)
        meant->used = true; /* it is used, if only in another spelling */
    if (meant)
        check_hint(checker, d, "did you mean %.*s?", STR_ARG(check_fact_name(checker, near)));
    else if (check_in_english(checker) && (hint_of_habit(checker, d, words) || hint_inside_name(checker, d, words)))
        return;
    else if (kept_by_a_procedure(checker, node->name))
        check_hint(checker, d, "a procedure sets it for itself; what it gives back follows “the result is”");
    else if (map_get(&checker->procedures, node->name))
        check_hint(checker, d, "this is a procedure: call it with its arguments");
    else
        hint_to_set(checker, d, node, words);
}

/* The sentence that gives a fact something of its kind to begin with. */
static Str first_value_sentence(Checker *checker, const Fact *fact)
{
    const Type *type = fact->type ? fact->type : &type_any;
    Node *assign = node_new(checker->arena, NODE_ASSIGN), *name = node_new(checker->arena, NODE_NAME);
    Node *value = node_new(checker->arena, type->kind == TYPE_LIST ? NODE_LIST : NODE_LITERAL);
    name->name = fact->name;
    if (type->kind == TYPE_NUMBER)
        value->value = value_int(0);
    else if (type->kind == TYPE_TEXT)
        value->value = value_text(S(""));
    else if (type->kind == TYPE_BOOLEAN)
        value->value = value_bool(false);
    node_add(checker->arena, assign, name);
    node_add(checker->arena, assign, value);
    return check_printed(checker, assign);
}

static void check_is_set(Checker *checker, Fact *fact, const Node *node)
{
    if (!checker->flow || checker->flow->ended || !checker->readable || in_set(checker->flow->always, fact->index))
        return;
    Str name = check_fact_name(checker, fact->name);
    bool plural = is_plural(checker, fact->name);
    if (!in_set(checker->flow->maybe, fact->index) && fact->of_items) {
        Diagnostic *d = check_error(checker, "unset-fact", node,
                                    "%.*s %s set for each item on its own, and nothing of that is left after the items",
                                    STR_ARG(name), plural ? "are" : "is");
        check_hint(checker, d, "keep it in a field of the item, and read that");
        return;
    }
    if (!in_set(checker->flow->maybe, fact->index)) {
        Diagnostic *d = check_error(checker, "unset-fact", node, "%.*s %s used before %s set", STR_ARG(name),
                                    plural ? "are" : "is", plural ? "they are" : "it is");
        check_hint(checker, d, "set %s above this line, or move this line down", plural ? "them" : "it");
        return;
    }
    if (fact->warned)
        return;
    fact->warned = true;
    Diagnostic *d = check_warning(checker, "maybe-unset", node, "%.*s %s not set on every way to here", STR_ARG(name),
                                  plural ? "are" : "is");
    check_hint(checker, d, "set %s before, as in: %.*s; without a value the run asks a person", plural ? "them" : "it",
               STR_ARG(first_value_sentence(checker, fact)));
}

static const Type *type_of_fact(const Checker *checker, const Fact *fact)
{
    return checker->unsettled ? &type_any : fact->type ? fact->type : &type_unknown;
}

void check_set_fact(Checker *checker, Fact *fact, const Type *type)
{
    const Type *joined = fact->type ? check_join(checker, fact->type, type) : type;
    checker->changed |= joined != fact->type;
    fact->type = joined;
}

const Type *check_fact_use(Checker *checker, const Node *node)
{
    for (const Local *local = checker->locals; local; local = local->outer) {
        if (str_eq(local->name, node->name))
            return local->type;
    }
    Fact *fact = find_fact(checker->scope, node->name);
    if (fact) {
        fact->used = true;
        check_is_set(checker, fact, node);
        return type_of_fact(checker, fact);
    }
    fact = checker->scope->outer ? find_fact(checker->scope->outer, node->name) : NULL;
    if (!fact) {
        unknown_fact(checker, node);
        return &type_any;
    }
    fact->used = true;
    return type_of_fact(checker, fact);
}

/* ---- who sets what: the scopes ---- */

static Fact *declare(Checker *checker, Scope *scope, Str name, const Node *at)
{
    Fact *fact = find_fact(scope, name);
    if (fact)
        return fact;
    fact = NEW(checker->arena, Fact);
    fact->name = name;
    fact->index = scope->facts.count;
    fact->set_at = at;
    map_put(&scope->facts, name, fact);
    return fact;
}

static void declare_target(Checker *checker, Scope *scope, const Node *target, const Node *statement)
{
    if (target->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < target->n_kids; i++)
            declare_target(checker, scope, target->kids[i], statement);
        return;
    }
    if (target->kind != NODE_NAME)
        return;
    bool is_new = !find_fact(scope, target->name);
    Fact *fact = declare(checker, scope, target->name, target);
    if (!is_new)
        return;
    int value = statement->kind == NODE_ASSIGN ? statement->kids[1]->kind : NODE_NOTHING;
    fact->is_loop = statement->kind == NODE_FOR || statement->kids[0]->kind == NODE_TUPLE;
    fact->keeps_call = value == NODE_BOOK_CALL || value == NODE_PROCEDURE_CALL || value == NODE_ASK;
}

static void collect_scope(Checker *checker, Scope *scope, const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        if (kid->kind == NODE_INPUT)
            declare(checker, scope, kid->name, kid)->is_input = true;
        else if (kid->kind == NODE_PARAMETER)
            declare(checker, scope, kid->name, kid)->is_loop = true;
        else if (kid->kind == NODE_ASSIGN || kid->kind == NODE_FOR)
            declare_target(checker, scope, kid->kids[0], kid);
        if (kid->kind != NODE_DEFINE && (node_is_statement(kid) || kid->kind == NODE_BLOCK))
            collect_scope(checker, scope, kid);
    }
}

/* ---- statements ---- */

static void check_block(Checker *checker, Node *block);

/* Gives a fact or a part of a value its value. */
static void set_target(Checker *checker, Node *target, const Type *type)
{
    if (target->kind != NODE_NAME) {
        check_set_part(checker, target, type);
        return;
    }
    Fact *fact = find_fact(checker->scope, target->name);
    fact->of_items |= checker->items != NULL;
    if (checker->quiet)
        check_set_fact(checker, fact, type);
    if (checker->flow)
        flow_set(checker->flow, fact->index);
}

/* a, b = b, a: each gets its own. */
static void check_assign_each(Checker *checker, Node *node)
{
    Node *targets = node->kids[0], *values = node->kids[1];
    const Type **types = NEW_ARRAY(checker->arena, const Type *, values->n_kids);
    for (uint32_t i = 0; i < values->n_kids; i++)
        types[i] = check_expression(checker, values->kids[i]);
    if (targets->n_kids != values->n_kids)
        check_hint(
            checker,
            check_error(checker, "tuple-size", node, "%u names are set to %u values", targets->n_kids, values->n_kids),
            "write as many names as there are values");
    for (uint32_t i = 0; i < targets->n_kids; i++) {
        check_item_part(checker, targets->kids[i], values->kids[MIN_OF(i, values->n_kids - 1)]);
        set_target(checker, targets->kids[i], i < values->n_kids ? types[i] : &type_any);
    }
}

/* What a round of a loop over `type` gives, by one name or by the names of its parts. */
static void set_round(Checker *checker, Node *target, const Type *type)
{
    if (target->kind != NODE_TUPLE)
        set_target(checker, target, check_round(checker, type));
    for (uint32_t i = 0; i < target->n_kids && target->kind == NODE_TUPLE; i++)
        set_target(checker, target->kids[i], check_part(type, i, target->n_kids));
}

static void check_assign(Checker *checker, Node *node)
{
    Node *target = node->kids[0];
    if (target->kind == NODE_TUPLE && node->kids[1]->kind == NODE_TUPLE) {
        check_item_set(checker, node, target);
        check_assign_each(checker, node);
        return;
    }
    const Type *type = check_expression(checker, node->kids[1]);
    check_item_set(checker, node, target);
    if (target->kind != NODE_TUPLE) {
        check_item_part(checker, target, node->kids[1]);
        set_target(checker, target, type);
        return;
    }
    check_item_round(checker, target, node->kids[1]);
    for (uint32_t i = 0; i < target->n_kids; i++)
        set_target(checker, target->kids[i], check_item_type(type));
}

static void end_flow(Checker *checker)
{
    if (checker->flow)
        checker->flow->ended = true;
}

static Flow *branch(Checker *checker, Node *block, const Flow *start)
{
    checker->flow = start ? flow_copy(checker, start) : NULL;
    check_block(checker, block);
    return checker->flow;
}

static void check_if(Checker *checker, Node *node)
{
    Flow *after = NULL, *start = checker->flow;
    for (uint32_t i = 0; i < node->n_kids; i += 2) {
        bool otherwise = i + 1 == node->n_kids;
        checker->flow = start;
        if (!otherwise)
            (void)check_expression(checker, node->kids[i]);
        Flow *end = branch(checker, node->kids[otherwise ? i : i + 1], start);
        if (after && end)
            flow_meet(after, end);
        else
            after = end;
    }
    if (node->n_kids % 2 == 0 && after)
        flow_meet(after, start);
    checker->flow = after;
}

/* All that a loop's body sets may be set when its next round begins. */
static void may_set(Checker *checker, const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids && checker->flow; i++) {
        const Node *kid = node->kids[i];
        if (kid->kind == NODE_FOR && kid->flags & NODE_SAME_TIME)
            continue; /* nothing of it is left behind it */
        if (kid->kind == NODE_ASSIGN || kid->kind == NODE_FOR) {
            const Node *target = kid->kids[0];
            for (uint32_t k = 0; k < (target->kind == NODE_TUPLE ? target->n_kids : 1); k++) {
                const Node *name = target->kind == NODE_TUPLE ? target->kids[k] : target;
                const Fact *fact = name->kind == NODE_NAME ? find_fact(checker->scope, name->name) : NULL;
                if (fact)
                    checker->flow->maybe[fact->index / 64] |= (uint64_t)1 << (fact->index % 64);
            }
        }
        if (node_is_statement(kid) || kid->kind == NODE_BLOCK)
            may_set(checker, kid);
    }
}

/* A loop's body is taken to run: what it sets counts as set behind it. Whether there is anything to go through nobody
 * knows. */
static void check_body(Checker *checker, Node *block, bool same_time)
{
    Flow *start = checker->flow ? flow_copy(checker, checker->flow) : NULL;
    bool outer = checker->same_time;
    checker->loops++;
    checker->same_time = same_time;
    check_block(checker, block);
    checker->loops--;
    checker->same_time = outer;
    if (start && checker->flow->ended) {
        memcpy(checker->flow->always, start->always, start->words * sizeof(uint64_t));
        checker->flow->ended = false;
    }
}

/* Items of a loop at the same time know what was set before it; behind it nothing is left of what they set. */
static void check_same_time(Checker *checker, Node *node, const Type *type)
{
    const Flow *start = checker->flow ? flow_copy(checker, checker->flow) : flow_new(checker);
    Items items = {node, start};
    const Items *outer = checker->items;
    checker->items = &items;
    set_round(checker, node->kids[0], type);
    check_body(checker, node->kids[2], true);
    checker->items = outer;
    if (checker->flow)
        checker->flow = flow_copy(checker, start);
}

static void check_for(Checker *checker, Node *node)
{
    const Type *type = check_iterable(checker, node->kids[1]);
    if (node->flags & NODE_SAME_TIME) {
        check_same_time(checker, node, type);
        return;
    }
    may_set(checker, node);
    set_round(checker, node->kids[0], type);
    check_item_round(checker, node->kids[0], node->kids[1]);
    check_body(checker, node->kids[2], false);
}

static void check_repeat(Checker *checker, Node *node)
{
    const Type *type = check_expression(checker, node->kids[0]);
    if (type->kind != TYPE_ANY && type->kind != TYPE_NUMBER && type->kind != TYPE_OPTIONAL &&
        type->kind != TYPE_BOOLEAN)
        check_error(checker, "not-a-count", node->kids[0], "a loop is repeated a number of times, and this is %.*s",
                    STR_ARG(type_with_article(checker->arena, type)));
    may_set(checker, node);
    check_body(checker, node->kids[1], false);
}

static void check_while(Checker *checker, Node *node)
{
    may_set(checker, node);
    (void)check_expression(checker, node->kids[0]);
    const Node *condition = node->kids[0];
    if (condition->kind == NODE_LITERAL && condition->value.kind == VALUE_BOOL && condition->value.low == 0)
        check_warning(checker, "never-runs", condition, "this loop never runs");
    check_body(checker, node->kids[1], false);
}

static void check_leave(Checker *checker, const Node *node)
{
    bool stops = node->kind == NODE_BREAK;
    if (checker->loops == 0)
        check_hint(
            checker,
            check_error(checker, "outside-loop", node, "there is no loop here to %s", stops ? "stop" : "go on with"),
            "%s",
            check_in_english(checker) ? "it stands in the block of “for each” or “repeat”; a run ends with: finish"
                                      : "it stands in the block of for or while; a run ends with finish()");
    else if (stops && checker->same_time) {
        Diagnostic *d =
            check_error(checker, "outside-loop", node, "a loop whose rounds run at the same time cannot be stopped");
        check_hint(checker, d, "go on to the next one instead, or run the rounds one after the other");
    }
    end_flow(checker);
}

static void add_result(Checker *checker, const Type *type)
{
    Scope *scope = checker->scope;
    const Type *joined = scope->result ? check_join(checker, scope->result, type) : type;
    checker->changed |= joined != scope->result;
    scope->result = joined;
}

static void check_return(Checker *checker, Node *node)
{
    const Type *type = node->n_kids > 0 ? check_expression(checker, node->kids[0]) : &type_null;
    add_result(checker, type);
    if (!checker->scope->define) {
        Diagnostic *d = check_error(checker, "lone-return", node, "a result stands outside a procedure");
        check_hint(checker, d, "give the run's results as outputs; end the run with finish");
    } else if (checker->items) {
        Diagnostic *d = check_error(checker, "lone-return", node,
                                    "one of the items that are worked on at the same time cannot give the result of "
                                    "all");
        check_hint(checker, d, "set a field of the item, and give the result below the loop");
    }
    end_flow(checker);
}

static void check_ensure(Checker *checker, Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++)
        (void)check_expression(checker, node->kids[i]);
}

static void add_output(Checker *checker, Str name, const Type *type)
{
    for (uint32_t i = 0; i < checker->n_outputs; i++) {
        if (str_eq(checker->outputs[i].name, name)) {
            checker->outputs[i].type = check_join(checker, checker->outputs[i].type, type);
            return;
        }
    }
    if (checker->n_outputs == checker->cap_outputs) {
        uint32_t cap = checker->cap_outputs ? 2 * checker->cap_outputs : 4;
        checker->outputs = arena_grow(checker->arena, checker->outputs, checker->cap_outputs * sizeof(OutputSpec),
                                      cap * sizeof(OutputSpec), _Alignof(OutputSpec));
        checker->cap_outputs = cap;
    }
    checker->outputs[checker->n_outputs++] = (OutputSpec){name, type};
}

static void check_output(Checker *checker, Node *node)
{
    (void)check_expression(checker, node->kids[0]);
    const Type *type = check_expression(checker, node->kids[1]);
    if (node_is_text(node->kids[0]) && !checker->quiet)
        add_output(checker, value_str(node->kids[0]->value), type);
}

/* What is in it nobody knows; what the program reads of it is noted. */
static const Type *input_type(Checker *checker, const Node *node)
{
    if (node->type->kind != TYPE_RECORD && node->type->kind != TYPE_TABLE)
        return node->type;
    Shape *shape = shape_at(checker, node);
    shape_set_others(checker, shape, &type_any);
    return node->type->kind == TYPE_TABLE ? &shape->table : &shape->record;
}

static void check_input(Checker *checker, Node *node)
{
    Fact *fact = find_fact(checker->scope, node->name);
    const Type *type = input_type(checker, node);
    if (node->flags & NODE_OPTIONAL && type->kind != TYPE_ANY)
        type = type_optional(checker->arena, type);
    if (checker->quiet)
        check_set_fact(checker, fact, type);
    if (checker->flow)
        flow_set(checker->flow, fact->index);
    check_input_default(checker, node);
}

static void check_action(Checker *checker, Node *call)
{
    if (call->kind == NODE_PROCEDURE_CALL)
        (void)check_procedure_call(checker, call);
    else
        (void)check_expression(checker, call);
    if (call->kind == NODE_CALL && functions[call->function].style == STYLE_ACTION && call->n_kids > 0)
        check_item_change(checker, call, call->kids[0]);
}

static void check_statement(Checker *checker, Node *node)
{
    switch (node->kind) {
    case NODE_INPUT: check_input(checker, node); break;
    case NODE_ASSIGN: check_assign(checker, node); break;
    case NODE_EXPRESSION: check_action(checker, node->kids[0]); break;
    case NODE_IF: check_if(checker, node); break;
    case NODE_FOR: check_for(checker, node); break;
    case NODE_REPEAT: check_repeat(checker, node); break;
    case NODE_WHILE: check_while(checker, node); break;
    case NODE_BREAK:
    case NODE_CONTINUE: check_leave(checker, node); break;
    case NODE_RETURN: check_return(checker, node); break;
    case NODE_ENSURE: check_ensure(checker, node); break;
    case NODE_VALIDATE:
        for (uint32_t i = 0; i < node->n_kids; i++)
            check_ensure(checker, node->kids[i]);
        break;
    case NODE_OUTPUT: check_output(checker, node); break;
    case NODE_SAY: (void)check_expression(checker, node->kids[0]); break;
    case NODE_WAIT: check_wait(checker, node, check_expression(checker, node->kids[0])); break;
    case NODE_FINISH: end_flow(checker); break;
    case NODE_FAIL:
        (void)check_expression(checker, node->kids[0]);
        end_flow(checker);
        break;
    default: break;
    }
}

static void warn_unreachable(Checker *checker, const Node *block, uint32_t from)
{
    for (uint32_t i = from; i < block->n_kids; i++) {
        int kind = block->kids[i]->kind;
        if (kind == NODE_COMMENT || kind == NODE_DEFINE)
            continue;
        check_warning(checker, "never-runs", block->kids[i], "this is never reached");
        return;
    }
}

/* The same output twice, one after the other: the first value is lost. */
static void warn_doubled_output(Checker *checker, Node *const *kids, uint32_t at)
{
    const Node *output = kids[at];
    if (output->kind != NODE_OUTPUT || !node_is_text(output->kids[0]))
        return;
    for (uint32_t i = at; i-- > 0 && at - i < 100;) {
        if (kids[i]->kind != NODE_OUTPUT || !node_is_text(kids[i]->kids[0]) ||
            !value_equals(kids[i]->kids[0]->value, output->kids[0]->value))
            continue;
        Diagnostic *d = check_warning(checker, "doubled-output", output, "the output \"%.*s\" is given a second time",
                                      STR_ARG(value_str(output->kids[0]->value)));
        check_hint(checker, d, "only the last one counts: take one out, or name them differently");
        return;
    }
}

static void check_block(Checker *checker, Node *block)
{
    bool warned = false;
    for (uint32_t i = 0; i < block->n_kids; i++) {
        Node *statement = block->kids[i];
        if (!warned && checker->flow && checker->flow->ended) {
            warn_unreachable(checker, block, i);
            warned = true;
        }
        checker->statement = statement;
        check_statement(checker, statement);
        warn_doubled_output(checker, block->kids, i);
    }
}

/* ---- the whole ---- */

static void check_doubled_inputs(Checker *checker, const Node *program)
{
    Map names = {.arena = checker->arena}, texts = {.arena = checker->arena};
    for (uint32_t i = 0; i < program->n_kids; i++) {
        Node *input = program->kids[i];
        if (input->kind != NODE_INPUT)
            continue;
        bool doubled = map_put(&names, input->name, input) != NULL;
        doubled |= map_put(&texts, input->text, input) != NULL;
        if (doubled) {
            Diagnostic *d = check_error(checker, "doubled-input", input, "there is an input \"%.*s\" already",
                                        STR_ARG(input->text));
            check_hint(checker, d, "take one of them out, or name them differently");
        }
    }
}

static void collect_procedures(Checker *checker, const Node *program)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        Node *define = program->kids[i];
        if (define->kind != NODE_DEFINE)
            continue;
        if (map_get(&checker->procedures, define->name)) {
            Diagnostic *d = check_error(checker, "doubled-procedure", define, "there is a procedure %.*s already",
                                        STR_ARG(check_name(checker, define->name)));
            check_hint(checker, d, "take one of them out, or name them differently");
            continue;
        }
        map_put(&checker->procedures, define->name, define);
    }
}

/* Whether no way leads to the end of the block. Loops are taken to end. */
static bool always_ends(const Node *block)
{
    const Node *last = block->n_kids > 0 ? block->kids[block->n_kids - 1] : NULL;
    for (uint32_t i = block->n_kids; i > 0 && last->kind == NODE_COMMENT; i--)
        last = block->kids[i - 1];
    if (!last || last->kind != NODE_IF)
        return last && (last->kind == NODE_RETURN || last->kind == NODE_FINISH || last->kind == NODE_FAIL);
    bool all = last->n_kids % 2 == 1;
    for (uint32_t i = 0; i < last->n_kids && all; i++)
        all = last->kids[i]->kind != NODE_BLOCK || always_ends(last->kids[i]);
    return all;
}

static Scope *scope_new(Checker *checker, Scope *outer, const Node *node)
{
    Scope *scope = NEW(checker->arena, Scope);
    scope->facts.arena = checker->arena;
    scope->outer = outer;
    scope->define = outer ? node : NULL;
    collect_scope(checker, scope, node);
    if (outer) {
        scope->always_gives = always_ends(node->kids[node->n_kids - 1]);
        map_put(&checker->procedure_scopes, node->name, scope);
    }
    return scope;
}

/* The sentence by which a procedure gives nothing, and says so. */
static Node *nothing_given(Checker *checker)
{
    Node *result = node_new(checker->arena, NODE_RETURN), *nothing = node_new(checker->arena, NODE_LITERAL);
    nothing->value = value_null();
    node_add(checker->arena, result, nothing);
    return result;
}

static void check_define(Checker *checker, Node *define, Scope *scope)
{
    checker->scope = scope;
    checker->flow = checker->quiet ? NULL : flow_new(checker);
    for (uint32_t i = 0; i + 1 < define->n_kids; i++) {
        Fact *fact = find_fact(scope, define->kids[i]->name);
        if (checker->quiet && define->kids[i]->n_kids > 0)
            check_set_fact(checker, fact, check_expression(checker, define->kids[i]->kids[0]));
        if (checker->flow)
            flow_set(checker->flow, fact->index);
    }
    checker->statement = define;
    check_block(checker, define->kids[define->n_kids - 1]);
    if (!scope->always_gives)
        add_result(checker, &type_null);
    if (!checker->flow || checker->flow->ended || !check_gives_result(define))
        return;
    Diagnostic *d = check_warning(checker, "missing-result", define, "%.*s gives no result on every way",
                                  STR_ARG(check_name(checker, define->name)));
    check_hint(checker, d, "end it with what it gives in all other cases; if that is nothing, write: %.*s",
               STR_ARG(check_printed(checker, nothing_given(checker))));
}

static void check_all(Checker *checker, Node *program, Scope *main, Scope **scopes)
{
    checker->scope = main;
    checker->flow = checker->quiet ? NULL : flow_new(checker);
    check_block(checker, program);
    for (uint32_t i = 0; i < program->n_kids; i++) {
        if (program->kids[i]->kind == NODE_DEFINE)
            check_define(checker, program->kids[i], scopes[i]);
    }
}

/* In silence, until nothing new is found: a loop's facts take their types from below, a procedure's from its calls. */
static void find_types(Checker *checker, Node *program, Scope *main, Scope **scopes)
{
    checker->quiet = checker->changed = true;
    for (int round = 0; round < ROUNDS_MAX && checker->changed; round++) {
        checker->changed = false;
        check_all(checker, program, main, scopes);
    }
    checker->quiet = false;
    checker->unsettled = checker->changed;
}

/* The sentence that outputs the fact under its own name. */
static Str output_sentence(Checker *checker, Str fact)
{
    Node *output = node_new(checker->arena, NODE_OUTPUT), *name = node_new(checker->arena, NODE_LITERAL);
    Node *value = node_new(checker->arena, NODE_NAME);
    name->value = value_text(name_is_regular(fact) ? name_to_words(checker->arena, fact) : fact);
    value->name = fact;
    node_add(checker->arena, output, name);
    node_add(checker->arena, output, value);
    return check_printed(checker, output);
}

static void warn_unused(Checker *checker, const Scope *scope)
{
    if (!checker->readable)
        return;
    for (uint32_t i = 0; i < scope->facts.count; i++) {
        const Fact *fact = scope->facts.entries[i].value;
        if (fact->used || fact->is_loop || fact->keeps_call || (fact->name.len > 0 && fact->name.data[0] == '_'))
            continue;
        Str name = check_fact_name(checker, fact->name), input = check_name(checker, fact->name);
        bool plural = is_plural(checker, fact->name);
        Diagnostic *d = fact->is_input ? check_warning(checker, "unused-input", fact->set_at,
                                                       "the input %.*s is not used", STR_ARG(input))
                                       : check_warning(checker, "unused-fact", fact->set_at, "%.*s %s set but not used",
                                                       STR_ARG(name), plural ? "are" : "is");
        check_hint(checker, d,
                   plural && !fact->is_input ? "use them, or take them out; to hand them over, write: %.*s"
                                             : "use it, or take it out; to hand it over, write: %.*s",
                   STR_ARG(output_sentence(checker, fact->name)));
    }
}

/* The sentence that calls a procedure with facts of its parameters' names. */
static Str call_sentence(Checker *checker, const Node *define)
{
    Node *call = node_new(checker->arena, NODE_PROCEDURE_CALL), *sentence = node_new(checker->arena, NODE_EXPRESSION);
    call->name = define->name;
    for (uint32_t i = 0; i + 1 < define->n_kids; i++) {
        if (define->kids[i]->kind != NODE_PARAMETER || define->kids[i]->n_kids > 0)
            continue;
        Node *argument = node_new(checker->arena, NODE_ARGUMENT), *value = node_new(checker->arena, NODE_NAME);
        argument->name = value->name = define->kids[i]->name;
        node_add(checker->arena, argument, value);
        node_add(checker->arena, call, argument);
    }
    node_add(checker->arena, sentence, call);
    Str printed = check_printed(checker, sentence);
    Str by_name = str_printf(checker->arena, "do \"%.*s\"", STR_ARG(define->name));
    if (!name_is_regular(define->name) || !str_starts(printed, by_name))
        return printed; /* alone, it is printed as nobody's procedure; here its words name it */
    Str words = name_to_words(checker->arena, define->name);
    return str_printf(checker->arena, "%.*s%.*s", STR_ARG(words), STR_ARG(str_skip(printed, by_name.len)));
}

static void warn_uncalled(Checker *checker)
{
    for (uint32_t i = 0; i < checker->procedures.count && checker->readable; i++) {
        const MapEntry *entry = &checker->procedures.entries[i];
        if (!map_get(&checker->called, entry->key))
            check_hint(checker,
                       check_warning(checker, "unused-procedure", entry->value, "the procedure %.*s is not called",
                                     STR_ARG(check_name(checker, entry->key))),
                       "take it out, or call it: %.*s", STR_ARG(call_sentence(checker, entry->value)));
    }
}

static void add_facts(Checker *checker, Checked *out, const Scope *scope)
{
    for (uint32_t i = 0; i < scope->facts.count; i++) {
        const Fact *fact = scope->facts.entries[i].value;
        out->facts[out->n_facts++] = (FactSpec){.name = fact->name,
                                                .type = check_settled(checker, type_of_fact(checker, fact)),
                                                .define = scope->define,
                                                .set_at = fact->set_at,
                                                .is_input = fact->is_input,
                                                .used = fact->used};
    }
}

static void collect_facts(Checker *checker, Checked *out, const Scope *main, Scope *const *scopes, uint32_t n_scopes)
{
    uint32_t n = main->facts.count;
    for (uint32_t i = 0; i < n_scopes; i++)
        n += scopes[i] ? scopes[i]->facts.count : 0;
    out->facts = NEW_ARRAY(checker->arena, FactSpec, n);
    add_facts(checker, out, main);
    for (uint32_t i = 0; i < n_scopes; i++) {
        if (scopes[i])
            add_facts(checker, out, scopes[i]);
    }
}

static void warn_unused_connection(Checker *checker, const Node *connection)
{
    Str name = connection->name;
    Diagnostic *d =
        check_warning(checker, "unused-connection", connection, "the connection \"%.*s\" is not used", STR_ARG(name));
    if (check_in_english(checker))
        check_hint(checker, d, "end a sentence of its book with: using the \"%.*s\" connection; or take this one out",
                   STR_ARG(name));
    else
        check_hint(checker, d, "call its book through it: kognitos.%.*s.%.*s.…(…); or take this one out", STR_ARG(name),
                   STR_ARG(connection->text));
}

/* A text without a sentence runs to its end at once: whoever begins to write is told how. */
static void warn_empty(Checker *checker, const Node *program)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        NodeKind kind = program->kids[i]->kind;
        if (kind != NODE_INPUT && kind != NODE_CONNECTION && kind != NODE_DEFINE && kind != NODE_COMMENT)
            return;
    }
    Diagnostic *d = diagnose(checker->all, SEVERITY_WARNING, "no-sentence", (Span){0}, "there is nothing to do yet");
    diagnose_hint(checker->all, d, "write one sentence a line, like: %s",
                  check_in_english(checker) ? "say \"Good morning\"" : "say(\"Good morning\")");
}

Checked check_tree(Arena *arena, Node *program, uint32_t n_nodes, const Catalog *catalog, bool readable,
                   Diagnostics *all)
{
    Checker checker = {.arena = arena, .catalog = catalog, .all = all, .readable = readable};
    if (!readable)
        check_find_lost(&checker);
    checker.told.arena = checker.procedures.arena = checker.procedure_scopes.arena = checker.called.arena =
        checker.connections.arena = checker.used_connections.arena = arena;
    checker.n_nodes = n_nodes;
    checker.shapes = NEW_ARRAY(arena, Shape *, n_nodes + 1);
    collect_procedures(&checker, program);
    check_doubled_inputs(&checker, program);
    Scope *main = scope_new(&checker, NULL, program);
    Scope **scopes = NEW_ARRAY(arena, Scope *, program->n_kids);
    for (uint32_t i = 0; i < program->n_kids; i++) {
        if (program->kids[i]->kind == NODE_DEFINE)
            scopes[i] = scope_new(&checker, main, program->kids[i]);
    }
    checker.scopes = scopes;
    checker.n_scopes = program->n_kids;
    check_connections(&checker, program);
    find_types(&checker, program, main, scopes);
    check_all(&checker, program, main, scopes);
    check_lone_fields(&checker);
    warn_unused(&checker, main);
    for (uint32_t i = 0; i < program->n_kids; i++) {
        if (scopes[i])
            warn_unused(&checker, scopes[i]);
    }
    warn_uncalled(&checker);
    if (readable && all->n_errors == 0)
        warn_empty(&checker, program);
    for (uint32_t i = 0; i < checker.connections.count && readable && all->n_errors == 0; i++) {
        const MapEntry *entry = &checker.connections.entries[i];
        if (!map_get(&checker.used_connections, entry->key))
            warn_unused_connection(&checker, entry->value);
    }
    for (uint32_t i = 0; i < checker.n_outputs; i++)
        checker.outputs[i].type = check_settled(&checker, checker.outputs[i].type);
    Checked checked = {.outputs = checker.outputs, .n_outputs = checker.n_outputs};
    collect_facts(&checker, &checked, main, scopes, program->n_kids);
    return checked;
}
