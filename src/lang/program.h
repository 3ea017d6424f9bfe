/* lang/program.h: an automation's code, read, bound and checked: what is saved, published and run.
 *
 * Immutable once made and shared by all runs and threads; lives in the arena that it was made in. */
#ifndef CLERKWORK_LANG_PROGRAM_H
#define CLERKWORK_LANG_PROGRAM_H

#include "lang/diagnostic.h"

typedef struct InputSpec {
    Str name;             /* as clients send it: "invoice file" */
    const Type *type;     /* OPTIONAL where the automation says so */
    const Node *fallback; /* "usually 0.01", or NULL */
} InputSpec;
typedef struct OutputSpec {
    Str name;
    const Type *type;
} OutputSpec;

typedef struct Program {
    Node *tree;
    const Node **nodes; /* by id; nodes[0] is NULL */
    uint32_t n_nodes;
    Str english, spy; /* both printings of the tree; spans point into them */
    char spy_md5[33]; /* the journal's code_hash */
    InputSpec *inputs;
    uint32_t n_inputs;
    OutputSpec *outputs;
    uint32_t n_outputs;
    Diagnostics diagnostics; /* errors and warnings, spans in the text that was read */
    const Catalog *catalog;
    const struct Code *code; /* the evaluator's own form of it; NULL while there are errors */
} Program;

/* Reads `source` in its spelling, checks it whole (names, calls, types, unused facts) and prints both spellings. Never
 * fails: program->diagnostics.n_errors says whether it may be published and run. With errors of reading, the other
 * spelling is "". */
Program *program_load(Arena *arena, Str source, Spelling spelling, const Catalog *catalog);
/* [{spy span, english span}] of every statement and every expression that has both, as JSON v1CodeMapping. */
void program_mapping_to_json(JsonOut *out, const Program *program);
/* v1AutomationInputSpec[]: what has a default is optional there. */
void program_inputs_to_json(JsonOut *out, const Program *program);
/* FNV-1a over the sentence's canonical SPy without facts elsewhere: the key under which guide entries survive edits. */
uint64_t program_sentence_hash(const Program *program, uint32_t node_id);

#endif
