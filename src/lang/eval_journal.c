/* lang/eval_journal.c: what the evaluator writes into the journal while it runs. */
#include "lang/eval_state.h"

/* In a fragment, the sentence of the program that it was an answer to. */
uint32_t journal_node_id(const Evaluation *evaluation, const Frame *frame)
{
    while (frame->fragment != 0 && frame > evaluation->frames)
        frame--;
    const Node *node = frame->code->nodes[frame->pc];
    return node ? node->id : 0;
}

static Value slot_value(const Evaluation *evaluation, const Frame *frame, const SlotRef *ref)
{
    return evaluation->stack[ref->global ? ref->slot : frame->base + ref->slot];
}

static uint32_t facts_of(const Evaluation *evaluation, const Frame *frame, const SlotRef *refs, uint32_t n,
                         Argument *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        Value value = slot_value(evaluation, frame, &refs[i]);
        if (value.kind != VALUE_UNSET && value.kind < VALUE_N_KINDS && refs[i].name.len > 0)
            out[count++] = (Argument){refs[i].name, value};
    }
    return count;
}

enum { FACTS_MAX = 24 };

void journal_started(Evaluation *evaluation)
{
    AUTO(arena_done)
    Arena scratch = {0};
    const Code *code = evaluation->code;
    Argument *inputs = NEW_ARRAY(&scratch, Argument, code->n_inputs + 1);
    uint32_t n = 0;
    if (evaluation_is_child(evaluation))
        inputs[n++] = child_argument(evaluation);
    for (uint32_t i = 0; i < code->n_inputs; i++)
        if (evaluation->inputs[i].kind != VALUE_UNSET)
            inputs[n++] = (Argument){code->inputs[i]->text, evaluation->inputs[i]};
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_STARTED, .inputs = inputs, .n_inputs = n});
}

/* Node events that the budget left out are told by number before the next entry that is written. */
static void tell_omitted(Evaluation *evaluation)
{
    if (evaluation->trace_omitted == 0)
        return;
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_NODE_EXECUTED,
                                                .node_id = evaluation->trace_last_node,
                                                .repeated = evaluation->trace_omitted - 1});
    evaluation->trace_omitted = 0;
}

void journal_sentence_begun(Evaluation *evaluation, Frame *frame)
{
    const Sentence *sentence = frame_sentence(frame);
    Argument facts[FACTS_MAX];
    uint32_t n = facts_of(evaluation, frame, sentence->reads, sentence->n_reads, facts);
    frame->kept.len = 0;
    trace_pack_arguments(&frame->kept, facts, n);
}

static bool is_silent(const Evaluation *evaluation, const Frame *frame)
{
    return evaluation->testing || frame->fragment != 0;
}

static bool is_plain_frame(const Evaluation *evaluation, const Frame *frame)
{
    for (const Frame *outer = evaluation->frames; outer <= frame; outer++)
        if (outer->fragment != 0)
            return false;
    return true;
}

void journal_sentence_done(Evaluation *evaluation, Frame *frame)
{
    if (evaluation->testing)
        return;
    const Sentence *sentence = frame_sentence(frame);
    bool is_in_patch = !is_plain_frame(evaluation, frame);
    if (evaluation->trace_left == 0 && !frame->patched) {
        evaluation->trace_omitted++;
        evaluation->trace_last_node = sentence->node->id;
        return;
    }
    Argument reads[FACTS_MAX], writes[FACTS_MAX];
    TraceEntry entry = {.kind = frame->patched || is_in_patch ? TRACE_PATCHED_NODE_EXECUTED : TRACE_NODE_EXECUTED,
                        .node_id =
                            is_silent(evaluation, frame) ? journal_node_id(evaluation, frame) : sentence->node->id,
                        .inputs = reads,
                        .outputs = writes};
    bool has_kept = sentence->writes_what_it_reads && frame->kept.len > 0;
    if (!has_kept)
        entry.n_inputs = facts_of(evaluation, frame, sentence->reads, sentence->n_reads, reads);
    entry.n_outputs = facts_of(evaluation, frame, sentence->writes, sentence->n_writes, writes);
    trace_add_packed(&evaluation->trace, &entry, has_kept ? buf_view(&frame->kept) : S(""));
    frame->kept.len = 0;
    frame->patched = false;
    if (evaluation->trace_left > 0)
        evaluation->trace_left--;
}

void journal_skipped(Evaluation *evaluation, const Node *node)
{
    tell_omitted(evaluation);
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_NODE_SKIPPED, .node_id = node->id});
}

void journal_patched(Evaluation *evaluation, const Node *node, Str patch)
{
    tell_omitted(evaluation);
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_NODE_PATCHED, .node_id = node->id, .text = patch});
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_PATCHED_NODE_STARTED, .node_id = node->id});
}

void journal_call(Evaluation *evaluation, Value result)
{
    tell_omitted(evaluation);
    const EvalCall *call = &evaluation->call;
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_NODE_EXECUTED,
                                                .node_id = call->node_id,
                                                .inputs = evaluation->call_arguments,
                                                .n_inputs = call->n_arguments,
                                                .book = call->procedure->book,
                                                .procedure = call->procedure->name,
                                                .alias = call->alias,
                                                .result = result});
}

void journal_said(Evaluation *evaluation, const Node *node, Str text)
{
    tell_omitted(evaluation);
    trace_add(&evaluation->trace, &(TraceEntry){.kind = TRACE_SAID, .node_id = node->id, .text = text});
}

void journal_ended(Evaluation *evaluation, TraceKind kind, Str text)
{
    if (evaluation->testing)
        return;
    tell_omitted(evaluation);
    uint32_t node_id = kind == TRACE_FAILED ? evaluation->failure_node : 0;
    trace_add(&evaluation->trace, &(TraceEntry){.kind = kind, .node_id = node_id, .text = text});
}
