/* lang/spy_sentences.c: what is written as a call and is a sentence of its own: print, set_output, ensure, wait and
 * their like. */
#include "lang/spy_reader.h"

static Node *say_several(SpyReader *reader, const CallArguments *arguments, Span span)
{
    Node *template = spy_node(reader, NODE_TEMPLATE);
    Buf text = buf_in(reader->arena);
    for (uint32_t i = 0; i < arguments->n; i++) {
        Node *value = arguments->items[i].value;
        bool is_template = value->kind == NODE_TEMPLATE;
        if (i > 0)
            buf_char(&text, ' ');
        for (uint32_t k = 0; k < (is_template ? value->n_kids : 1); k++) {
            Node *part = is_template ? value->kids[k] : value;
            if (node_is_text(part)) {
                buf_str(&text, value_str(part->value));
                continue;
            }
            if (text.len > 0) {
                Node *literal = spy_node(reader, NODE_LITERAL);
                literal->value = value_text(buf_view(&text));
                literal->spy = span;
                node_add(reader->arena, template, literal);
                text = buf_in(reader->arena);
            }
            node_add(reader->arena, template, part);
        }
    }
    Node *last = spy_node(reader, NODE_LITERAL);
    last->value = value_text(buf_view(&text));
    last->spy = template->spy = span;
    if (template->n_kids == 0)
        return last;
    if (text.len > 0)
        node_add(reader->arena, template, last);
    for (uint32_t i = 0; i < template->n_kids; i++)
        template->id = MAX_OF(template->id, template->kids[i]->id + 1);
    return template;
}

/* print(a, b) says both with a blank between them. */
static Node *read_say(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_SAY);
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        if (arguments.items[i].name.len > 0)
            spy_fail_with_hint(reader, "unknown-argument", arguments.items[i].span, "print takes only what to say",
                               "leave it out; put a separator into the text: f\"{a}, {b}\"");
    }
    if (reader->failed)
        return node;
    if (arguments.n == 1)
        node_add(reader->arena, node, arguments.items[0].value);
    else
        node_add(reader->arena, node, say_several(reader, &arguments, arguments.span));
    return spy_done(reader, node, first);
}

static Node *read_output(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"name", "value", NULL};
    Node *node = spy_node(reader, NODE_OUTPUT);
    Node *bound[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "set_output", &arguments, names, 2, bound))
        return node;
    if (!node_is_text(bound[0]) && bound[0]->kind != NODE_TEMPLATE)
        spy_fail_with_hint(reader, "not-a-text", bound[0]->spy, "an output's name is a text",
                           "write set_output(\"total\", value=total)");
    node_add(reader->arena, node, bound[0]);
    node_add(reader->arena, node, bound[1]);
    return spy_done(reader, node, first);
}

static Node *read_ensure(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"condition", "message", NULL};
    Node *node = spy_node(reader, NODE_ENSURE);
    Node *bound[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "ensure", &arguments, names, 1, bound))
        return node;
    node_add(reader->arena, node, bound[0]);
    if (bound[1])
        node_add(reader->arena, node, bound[1]);
    return spy_done(reader, node, first);
}

/* assert condition, "message" */
static Node *read_assert(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_ENSURE);
    reader->at++;
    node_add(reader->arena, node, spy_read_expression(reader));
    if (!reader->failed && spy_take_sign(reader, ","))
        node_add(reader->arena, node, spy_read_expression(reader));
    return spy_done(reader, node, first);
}

/* validate(ensure(…), ensure(…)), also as one list of them. */
static Node *read_validate(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_VALIDATE);
    reader->at++;
    spy_expect_sign(reader, "(", "after validate");
    bool list = !reader->failed && spy_take_sign(reader, "[");
    while (!reader->failed && token_is_name(token_now(reader), "ensure")) {
        node_add(reader->arena, node, read_ensure(reader, reader->at));
        if (reader->failed || !spy_take_sign(reader, ","))
            break;
    }
    if (!reader->failed && node->n_kids == 0)
        spy_fail_with_hint(reader, "unexpected", token_now(reader)->span, "validate holds checks",
                           "write validate(ensure(total > 0, \"…\"), ensure(…))");
    if (list)
        spy_expect_sign(reader, "]", "after the checks");
    spy_expect_sign(reader, ")", "after the checks");
    return spy_done(reader, node, first);
}

static Node *read_wait(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"duration", "until", NULL};
    Node *node = spy_node(reader, NODE_WAIT);
    Node *bound[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "wait", &arguments, names, 0, bound))
        return node;
    if (!bound[0] == !bound[1]) {
        spy_fail_with_hint(reader, "missing-argument", arguments.span, "wait takes either a duration or a moment",
                           "write wait(days(3)) or wait(until=due_date)");
        return node;
    }
    node->flags = bound[1] ? NODE_UNTIL : 0;
    node_add(reader->arena, node, bound[0] ? bound[0] : bound[1]);
    return spy_done(reader, node, first);
}

static Node *read_finish(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {NULL};
    Node *node = spy_node(reader, NODE_FINISH);
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    Node *bound[1];
    if (!reader->failed)
        (void)spy_bind_arguments(reader, "finish", &arguments, names, 0, bound);
    return spy_done(reader, node, first);
}

static Node *read_fail(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"reason", NULL};
    Node *node = spy_node(reader, NODE_FAIL);
    Node *bound[1];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (!reader->failed && spy_bind_arguments(reader, "fail", &arguments, names, 1, bound))
        node_add(reader->arena, node, bound[0]);
    return spy_done(reader, node, first);
}

/* connection("erp", book="http") */
static Node *read_connection(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"alias", "book", NULL};
    Node *node = spy_node(reader, NODE_CONNECTION);
    Node *bound[2];
    Str part[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "connection", &arguments, names, 2, bound))
        return node;
    for (int i = 0; i < 2 && !reader->failed; i++) {
        part[i] = spy_written_text(reader, bound[i], i ? "a book's name" : "an alias");
        if (reader->failed)
            return node;
        part[i] = name_from_words(reader->arena, part[i]);
        if (part[i].len == 0 || (part[i].data[0] >= '0' && part[i].data[0] <= '9'))
            spy_fail_with_hint(reader, "bad-name", bound[i]->spy, "this is no name",
                               "names begin with a letter: \"erp\"");
    }
    if (reader->failed)
        return node;
    node->name = part[0];
    node->text = part[1];
    return spy_done(reader, node, first);
}

static const struct SentenceCall {
    const char *name;
    Node *(*read)(SpyReader *reader, uint32_t first);
} sentence_calls[] = {
    {"print", read_say},     {"say", read_say},           {"set_output", read_output},
    {"ensure", read_ensure}, {"validate", read_validate}, {"wait", read_wait},
    {"finish", read_finish}, {"fail", read_fail},         {"connection", read_connection},
};

Node *spy_read_sentence(SpyReader *reader)
{
    if (token_is_word(token_now(reader), WORD_ASSERT))
        return read_assert(reader, reader->at);
    for (size_t i = 0; i < COUNT_OF(sentence_calls); i++) {
        if (spy_at_call_of(reader, sentence_calls[i].name))
            return sentence_calls[i].read(reader, reader->at);
    }
    return NULL;
}
