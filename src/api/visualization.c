/* api/visualization.c: what the published version of an automation does, as boxes and arrows. */
#include "api/check.h"
#include "api/handlers.h"
#include "api/name.h"
#include "engine/automation.h"
#include "lang/flow.h"

static Str node_id(Arena *arena, const FlowNode *node)
{
    if (node->id == 0)
        return node->kind == FLOW_START ? S("start") : S("end");
    return str_printf(arena, "%u", (unsigned)node->id);
}

static void flow_to_json(JsonOut *out, Arena *arena, const Flow *flow)
{
    static const unsigned types[] = {
        [FLOW_START] = WIRE_FLOW_NODE_TYPE_START,     [FLOW_END] = WIRE_FLOW_NODE_TYPE_END,
        [FLOW_PROCESS] = WIRE_FLOW_NODE_TYPE_PROCESS, [FLOW_DECISION] = WIRE_FLOW_NODE_TYPE_DECISION,
        [FLOW_INPUT] = WIRE_FLOW_NODE_TYPE_INPUT,     [FLOW_OUTPUT] = WIRE_FLOW_NODE_TYPE_OUTPUT,
    };
    json_open_object(out);
    json_key(out, S("nodes"));
    json_open_array(out);
    for (uint32_t i = 0; i < flow->n_nodes; i++) {
        const FlowNode *node = &flow->nodes[i];
        json_open_object(out);
        json_member_str(out, S("id"), node_id(arena, node));
        json_member_str(out, S("label"), node->label);
        json_member_str(out, S("type"), contract_enum_text(ENUM_FLOW_NODE_TYPE, types[node->kind]));
        json_close_object(out);
    }
    json_close_array(out);
    json_key(out, S("edges"));
    json_open_array(out);
    for (uint32_t i = 0; i < flow->n_edges; i++) {
        const FlowEdge *edge = &flow->edges[i];
        json_open_object(out);
        json_member_str(out, S("source"), node_id(arena, &flow->nodes[edge->from]));
        json_member_str(out, S("target"), node_id(arena, &flow->nodes[edge->to]));
        if (edge->condition.len > 0)
            json_member_str(out, S("condition"), edge->condition);
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
}

/* What was published is without errors, unless a book has gone or changed meanwhile. */
static void drawing_to_json(JsonOut *out, Arena *arena, const Program *program)
{
    bool drawn = program->diagnostics.n_errors == 0;
    unsigned state = drawn ? WIRE_VISUALIZATION_STATE_COMPLETED : WIRE_VISUALIZATION_STATE_FAILED;
    json_member_str(out, S("state"), contract_enum_text(ENUM_VISUALIZATION_STATE, state));
    if (drawn) {
        Flow flow = flow_of(arena, program);
        json_key(out, S("graph"));
        flow_to_json(out, arena, &flow);
    } else
        json_member_str(
            out, S("error_message"),
            S("the published version has errors by now; :validatePublish says which, if the draft has them too"));
}

static bool get_visualization(ApiRequest *request, Error *err)
{
    Arena *arena = request->arena;
    Automation automation;
    Revision published;
    if (!store_automation_get(request->tx, arena, &request->scope, request->path[PATH_AUTOMATION], true, &automation,
                              err))
        return false;
    if (!automation.published_revision)
        return error_set(err, FAILED_PRECONDITION, "",
                         "Automation not published: what is drawn is the published version");
    if (!store_revision_get(request->tx, arena, automation.published_revision, &published, err))
        return false;
    bool spy = published.source_spelling == SPELLING_SPY;
    const Program *program =
        program_load(arena, spy ? published.code : published.english, spy ? SPELLING_SPY : SPELLING_ENGLISH,
                     engine_catalog(api_engine(request->api)));
    JsonOut *out = &request->json;
    Str name = name_automation(arena, &request->scope, automation.id);
    json_open_object(out);
    json_member_str(out, S("name"), str_printf(arena, "%.*s/visualization", STR_ARG(name)));
    json_member_str(out, S("automation_version"), version_text(arena, published.version));
    drawing_to_json(out, arena, program);
    json_close_object(out);
    return true;
}

const Handler visualization_handlers[] = {
    {OP_GET_AUTOMATION_VISUALIZATION, ON_READER, get_visualization},
    HANDLERS_END,
};
