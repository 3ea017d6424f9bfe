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

/* A name that sentences set: in the program, or in one of its procedures. */
typedef struct FactSpec {
    Str name;
    const Type *type;   /* of all its values together; type_any where none is sure */
    const Node *define; /* the procedure whose own it is; NULL: the program's */
    const Node *set_at; /* INPUT, PARAMETER, or the NAME in the first sentence that sets it */
    bool is_input, used;
} FactSpec;

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
    FactSpec *facts; /* the program's first, each scope's in the order in which they are set */
    uint32_t n_facts;
    bool readable;           /* every sentence was understood, whatever else is wrong */
    Diagnostics diagnostics; /* errors and warnings, spans in the text that was read */
    const Catalog *catalog;
    const struct Code *code; /* the evaluator's own form of it; NULL while there are errors */
} Program;

/* Reads `source` in its spelling, checks it whole (names, calls, types, unused facts) and prints both spellings. Never
 * fails: program->diagnostics.n_errors says whether it may be published and run. With errors of reading, the other
 * spelling is "". */
Program *program_load(Arena *arena, Str source, Spelling spelling, const Catalog *catalog);
/* Reads and checks as program_load does, but prints and compiles nothing: english and spy are "", code is NULL, and the
 * nodes' spans of `spelling` are those of the text as it stands. For whoever looks at that text. */
Program *program_read(Arena *arena, Str source, Spelling spelling, const Catalog *catalog);
/* [{spy span, english span}] of every statement and every expression that has both, as JSON v1CodeMapping. */
void program_mapping_to_json(JsonOut *out, const Program *program);
/* v1AutomationInputSpec[]: what has a default is optional there. */
void program_inputs_to_json(JsonOut *out, const Program *program);
/* FNV-1a over the sentence's canonical SPy without facts elsewhere: the key under which guide entries survive edits. */
uint64_t program_sentence_hash(const Program *program, uint32_t node_id);

#endif
