/* lang/flow.h: a program as boxes and arrows: which sentence comes after which, and on what that depends.
 *
 * A sentence is a box, a condition or a loop is a decision whose arrows are labelled. Procedures are not drawn, only
 * the sentences that call them; comments neither, nor what no run can come to. */
#ifndef CLERKWORK_LANG_FLOW_H
#define CLERKWORK_LANG_FLOW_H

#include "lang/program.h"

typedef enum FlowKind { FLOW_START, FLOW_END, FLOW_PROCESS, FLOW_DECISION, FLOW_INPUT, FLOW_OUTPUT } FlowKind;

typedef struct FlowNode {
    FlowKind kind;
    uint32_t id; /* of the program's node, as the journal has it; 0 for START and END */
    Str label;   /* English: "The total is 0", "The total is greater than 5?", "Start" */
} FlowNode;

typedef struct FlowEdge {
    uint32_t from, to; /* places among the nodes */
    Str condition;     /* "Yes", "No"; of loops that count "Next", "Done"; else "" */
} FlowEdge;

typedef struct Flow {
    FlowNode *nodes; /* START first, END last, between them in the order of the text */
    FlowEdge *edges;
    uint32_t n_nodes, n_edges;
} Flow;

/* Of a program without errors, made by program_load. Lives in `arena`. */
Flow flow_of(Arena *arena, const Program *program);

#endif
