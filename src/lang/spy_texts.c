/* lang/spy_texts.c: "texts" and f"texts with {values} in them". */
#include "lang/format.h"
#include "lang/spy_reader.h"

/* "a" "b" are one text. */
static Node *read_text(SpyReader *reader, uint32_t first)
{
    Str text = token_now(reader)->text;
    reader->at++;
    if (token_now(reader)->kind == TOKEN_TEXT) {
        Buf joined = buf_in(reader->arena);
        buf_str(&joined, text);
        for (; token_now(reader)->kind == TOKEN_TEXT; reader->at++)
            buf_str(&joined, token_now(reader)->text);
        text = buf_view(&joined);
    }
    return spy_done(reader, spy_literal(reader, value_text(text)), first);
}

/* Adds a part to a template: texts that touch become one, templates within are taken apart. */
static void add_part(SpyReader *reader, Node *template, Node *part)
{
    if (part->kind == NODE_TEMPLATE) {
        for (uint32_t i = 0; i < part->n_kids; i++)
            add_part(reader, template, part->kids[i]);
        return;
    }
    Node *last = template->n_kids ? template->kids[template->n_kids - 1] : NULL;
    if (!node_is_text(part))
        node_add(reader->arena, template, part);
    else if (last && node_is_text(last)) {
        Str joined =
            str_printf(reader->arena, "%.*s%.*s", STR_ARG(value_str(last->value)), STR_ARG(value_str(part->value)));
        last->value = value_text(joined);
        last->spy.end = part->spy.end;
    } else if (part->value.high > 0)
        node_add(reader->arena, template, part);
}

/* {value:format}: a form of numbers and texts, or with %d and the like one of dates. */
static Node *read_template_format(SpyReader *reader, Node *value, uint32_t first)
{
    reader->at++; /* the colon */
    uint32_t at = reader->at;
    Str spec = token_now(reader)->text;
    Format ignored;
    ptrdiff_t percent = str_find_char(spec, '%');
    bool of_dates = percent >= 0 && (size_t)percent + 1 < spec.len;
    if (!of_dates && !format_read(spec, &ignored)) {
        spy_fail_with_hint(reader, "bad-format", token_now(reader)->span, "this format is not known", format_known);
        return value;
    }
    Node *form = spy_literal(reader, value_text(spec));
    reader->at++;
    Node *call = spy_node(reader, NODE_CALL);
    call->function = (uint16_t)(of_dates ? FN_STRFTIME : FN_FORMAT);
    node_add(reader->arena, call, value);
    node_add(reader->arena, call, spy_done(reader, form, at));
    return spy_done(reader, call, first);
}

static void read_template_pieces(SpyReader *reader, Node *template)
{
    reader->at++;
    while (!reader->failed && token_now(reader)->kind != TOKEN_TEMPLATE_END) {
        uint32_t first = reader->at;
        if (token_now(reader)->kind == TOKEN_TEMPLATE_TEXT) {
            Node *text = spy_literal(reader, value_text(token_now(reader)->text));
            reader->at++;
            add_part(reader, template, spy_done(reader, text, first));
            continue;
        }
        spy_expect_sign(reader, "{", "in this text");
        Node *value = spy_read_expressions(reader);
        if (!reader->failed && token_is_sign(token_now(reader), "="))
            spy_fail_with_hint(reader, "no-format", token_now(reader)->span, "{ } in a text holds a value alone",
                               "write the name in front: f\"total={total}\"");
        if (!reader->failed && token_is_sign(token_now(reader), ":"))
            value = read_template_format(reader, value, first + 1);
        spy_expect_sign(reader, "}", "after the value in this text");
        if (!reader->failed)
            add_part(reader, template, value);
    }
    if (!reader->failed)
        reader->at++;
}

/* f"…", and plain texts beside it. */
static Node *read_template(SpyReader *reader, uint32_t first)
{
    Node *template = spy_node(reader, NODE_TEMPLATE);
    while (!reader->failed) {
        uint32_t part = reader->at;
        if (token_now(reader)->kind == TOKEN_TEMPLATE_START)
            read_template_pieces(reader, template);
        else if (token_now(reader)->kind == TOKEN_TEXT)
            add_part(reader, template, read_text(reader, part));
        else
            break;
    }
    if (template->n_kids == 0)
        return spy_done(reader, spy_literal(reader, value_text(S(""))), first);
    if (template->n_kids == 1 && node_is_text(template->kids[0]))
        return spy_done(reader, spy_literal(reader, template->kids[0]->value), first);
    return spy_done(reader, template, first);
}

static bool text_beside_template(const SpyReader *reader)
{
    uint32_t at = reader->at;
    while (reader->text->tokens[at].kind == TOKEN_TEXT)
        at++;
    return reader->text->tokens[at].kind == TOKEN_TEMPLATE_START;
}

Node *spy_read_text(SpyReader *reader, uint32_t first)
{
    bool has_values = token_now(reader)->kind == TOKEN_TEMPLATE_START || text_beside_template(reader);
    return has_values ? read_template(reader, first) : read_text(reader, first);
}
