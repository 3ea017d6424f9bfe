/* lang/eval_snapshot.c: a run as bytes, at any moment, and back.
 *
 *     "CWE1", the program's hash, the code's hash
 *     state and counters, what a child is one of, fragments and frames, the stack, other roots, lookups, question,
 * timer or failure, journal a checksum of all of it
 *
 * All values go through one packer, so that two facts that name one list name one list afterwards, and an iterator goes
 * on over it. What can be worked out again is left out: indexes, hints, how a question's value came about. Bytes are
 * checked against the code: an instruction pointer is only taken where as many operands stand on the stack as the code
 * has there. */
#include <stdlib.h>

#include "lang/eval_state.h"
#include "value/pack.h"

static const char magic[4] = {'C', 'W', 'E', '1'};
enum { STACK_MAX = 1 << 26, FRAMES_MAX = 1 << 20, IS_CHILD = 64 /* with the status */ };

static uint64_t checksum(Str bytes)
{
    uint64_t sum = 0xcbf29ce484222325u;
    size_t i = 0;
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.data + i, 8);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
        sum ^= sum >> 29;
    }
    for (; i < bytes.len; i++)
        sum = (sum ^ (unsigned char)bytes.data[i]) * 0x100000001b3u;
    return sum;
}

/* ---- saving ---- */

typedef struct Saver {
    Evaluation *evaluation;
    Buf *out;
    Packer *packer;
} Saver;

static void save_str(Saver *saver, Str s)
{
    buf_varint(saver->out, s.len);
    buf_str(saver->out, s);
}

static void save_number(Saver *saver, uint64_t n)
{
    buf_varint(saver->out, n);
}
static void save_signed(Saver *saver, int64_t n)
{
    buf_u64(saver->out, (uint64_t)n);
}

static void save_stack_word(Saver *saver, Value v)
{
    bool is_internal = v.kind >= VALUE_N_KINDS;
    buf_char(saver->out, (char)(is_internal ? v.kind : 0));
    if (is_internal) {
        buf_u64(saver->out, v.low);
        save_number(saver, v.high);
    } else {
        pack_value(saver->packer, v);
    }
}

static void save_frames(Saver *saver)
{
    const Evaluation *evaluation = saver->evaluation;
    save_number(saver, evaluation->n_frames);
    for (uint32_t i = 0; i < evaluation->n_frames; i++) {
        const Frame *frame = &evaluation->frames[i];
        save_number(saver, frame->fragment != 0);
        if (frame->fragment != 0) {
            const Fragment *fragment = evaluation->fragments[frame->fragment - 1];
            save_str(saver, fragment->text);
            save_number(saver, fragment->end);
            save_signed(saver, fragment->hole);
            save_number(saver, fragment->expected->kind);
        }
        save_number(saver, frame->routine);
        save_number(saver, frame->pc);
        save_number(saver, frame->sentence + 1u);
        save_number(saver, frame->patched);
        save_str(saver, buf_view(&frame->kept));
    }
}

static void save_roots(Saver *saver)
{
    const Evaluation *evaluation = saver->evaluation;
    save_number(saver, evaluation->top);
    for (uint32_t i = 0; i < evaluation->top; i++)
        save_stack_word(saver, evaluation->stack[i]);
    for (uint32_t i = 0; i < evaluation->code->n_inputs; i++)
        pack_value(saver->packer, evaluation->inputs[i]);
    save_number(saver, evaluation->n_outputs);
    for (uint32_t i = 0; i < evaluation->n_outputs; i++) {
        pack_value(saver->packer, evaluation->outputs[i].name);
        pack_value(saver->packer, evaluation->outputs[i].value);
    }
    save_number(saver, evaluation->n_memory);
    for (uint32_t i = 0; i < evaluation->n_memory; i++) {
        const Memory *memory = &evaluation->memory[i];
        save_number(saver, memory->frame);
        save_number(saver, memory->pc);
        save_signed(saver, memory->hole);
        buf_u64(saver->out, memory->rounds);
        pack_value(saver->packer, memory->value);
    }
    for (uint32_t i = 0; i < evaluation->n_lookups; i++) {
        pack_value(saver->packer, evaluation->lookups[i].container);
        save_number(saver, evaluation->lookups[i].uses);
        save_number(saver, evaluation->lookups[i].covered);
    }
}

static void save_question(Saver *saver)
{
    const Question *question = &saver->evaluation->question;
    save_signed(saver, saver->evaluation->hole);
    save_str(saver, str_from_c(question->kind));
    save_str(saver, str_from_c(question->group));
    save_number(saver, question->node_id);
    save_number(saver, question->sentence_id);
    save_str(saver, question->call_path);
    save_str(saver, question->message);
    save_str(saver, question->description);
    save_str(saver, question->missing);
    save_number(saver, question->expected ? question->expected->kind : TYPE_ANY);
    save_number(saver, question->n_suggestions);
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        save_str(saver, question->suggestions[i]);
    save_number(saver, question->n_extra);
    for (uint32_t i = 0; i < question->n_extra; i++) {
        save_str(saver, question->extra[i].name);
        save_str(saver, value_str(question->extra[i].value));
    }
}

static void save_status(Saver *saver)
{
    const Evaluation *evaluation = saver->evaluation;
    if (evaluation->status == EVAL_QUESTION)
        save_question(saver);
    if (evaluation->status == EVAL_TIMER) {
        save_number(saver, evaluation->timer.until);
        save_signed(saver, evaluation->timer.seconds);
        pack_value(saver->packer, evaluation->timer.moment);
    }
    if (evaluation->status == EVAL_FAILED) {
        save_str(saver, str_from_c(evaluation->failure));
        save_number(saver, evaluation->failure_node);
    }
}

static void save_child(Saver *saver)
{
    const Evaluation *evaluation = saver->evaluation;
    if (!evaluation_is_child(evaluation))
        return;
    save_number(saver, evaluation->child_frames);
    save_number(saver, evaluation->child_loop);
    buf_u64(saver->out, evaluation->child_site);
    save_number(saver, evaluation->n_outside);
    for (uint32_t i = 0; i < evaluation->n_outside; i++) {
        save_number(saver, evaluation->outside[i].slot);
        buf_u64(saver->out, evaluation->outside[i].hash);
    }
}

void evaluation_save(Evaluation *evaluation, Buf *out)
{
    AUTO(arena_done)
    Arena scratch = {0};
    size_t start = out->len;
    Saver saver = {evaluation, out, packer_new(&scratch, out)};
    buf_add(out, magic, sizeof magic);
    buf_add(out, evaluation->program->spy_md5, 32);
    buf_u64(out, evaluation->code->hash);
    save_number(&saver, evaluation->status | (evaluation_is_child(evaluation) ? IS_CHILD : 0));
    save_child(&saver);
    save_number(&saver, evaluation->started);
    save_number(&saver, evaluation->fuel_used);
    save_number(&saver, evaluation->output_bytes);
    save_number(&saver, evaluation->trace_left);
    save_number(&saver, evaluation->trace_omitted);
    save_number(&saver, evaluation->trace_last_node);
    save_roots(&saver);
    save_frames(&saver);
    save_status(&saver);
    save_str(&saver, buf_view(&evaluation->trace));
    buf_u64(out, checksum(str_of(out->data + start, out->len - start)));
}

/* ---- restoring ---- */

typedef struct Restorer {
    Evaluation *evaluation;
    Reader reader;
    Unpacker *unpacker;
    Error *err;
} Restorer;

static bool damaged(Error *err, const char *what)
{
    return error_set(err, DATA_LOSS, "snapshot",
                     "the saved state of the run is damaged (%s); start the run again from its beginning", what);
}

static uint64_t take_number(Restorer *restorer)
{
    return read_varint(&restorer->reader);
}
static int64_t take_signed(Restorer *restorer)
{
    return (int64_t)read_u64(&restorer->reader);
}

static Str take_str(Restorer *restorer)
{
    uint64_t len = take_number(restorer);
    if (len > (uint64_t)(restorer->reader.end - restorer->reader.next)) {
        restorer->reader.failed = true;
        return S("");
    }
    return read_bytes(&restorer->reader, (size_t)len);
}

static Str take_text(Restorer *restorer)
{
    return str_copy(&restorer->evaluation->question_arena, take_str(restorer));
}

static const char *take_c_text(Restorer *restorer)
{
    return str_to_c(&restorer->evaluation->question_arena, take_str(restorer));
}

static bool take_value(Restorer *restorer, Value *out)
{
    return unpack_value(restorer->unpacker, out, restorer->err);
}

static uint64_t remaining(const Restorer *restorer)
{
    return (uint64_t)(restorer->reader.end - restorer->reader.next);
}

static bool restore_stack(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    uint64_t top = take_number(restorer);
    if (top > STACK_MAX || top > remaining(restorer))
        return damaged(restorer->err, "stack");
    stack_reserve(evaluation, (uint32_t)top);
    for (; evaluation->top < top; evaluation->top++) {
        Value *word = &evaluation->stack[evaluation->top];
        uint8_t kind = read_u8(&restorer->reader);
        *word = (Value){0};
        if (kind == 0) {
            if (!take_value(restorer, word))
                return false;
            continue;
        }
        if (kind < KIND_RANGE || kind > KIND_CURSOR)
            return damaged(restorer->err, "stack");
        word->low = read_u64(&restorer->reader);
        word->high = (uint32_t)take_number(restorer);
        word->kind = kind;
    }
    return true;
}

static bool restore_outputs(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    uint64_t n = take_number(restorer);
    if (n > remaining(restorer))
        return damaged(restorer->err, "outputs");
    evaluation->outputs = calloc(n + 1, sizeof(Output));
    evaluation->output_view = calloc(n + 1, sizeof(Argument));
    if (!evaluation->outputs || !evaluation->output_view)
        abort();
    evaluation->cap_outputs = (uint32_t)n + 1;
    for (; evaluation->n_outputs < n; evaluation->n_outputs++) {
        Output *output = &evaluation->outputs[evaluation->n_outputs];
        if (!take_value(restorer, &output->name) || !take_value(restorer, &output->value))
            return false;
        if (output->name.kind != VALUE_TEXT)
            return damaged(restorer->err, "outputs");
    }
    return true;
}

static bool restore_memory(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    uint64_t n = take_number(restorer);
    if (n > remaining(restorer))
        return damaged(restorer->err, "answers");
    evaluation->memory = calloc(n + 1, sizeof(Memory));
    if (!evaluation->memory)
        abort();
    evaluation->cap_memory = (uint32_t)n + 1;
    for (; evaluation->n_memory < n; evaluation->n_memory++) {
        Memory *memory = &evaluation->memory[evaluation->n_memory];
        memory->frame = (uint32_t)take_number(restorer);
        memory->pc = (uint32_t)take_number(restorer);
        memory->hole = (int)take_signed(restorer);
        memory->rounds = read_u64(&restorer->reader);
        if (!take_value(restorer, &memory->value))
            return false;
    }
    return true;
}

static bool restore_lookups(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    for (uint32_t i = 0; i < evaluation->n_lookups; i++) {
        LookupState *state = &evaluation->lookups[i];
        lookups_drop(state);
        if (!take_value(restorer, &state->container))
            return false;
        state->uses = (uint32_t)take_number(restorer);
        uint32_t covered = (uint32_t)take_number(restorer);
        bool is_collection = state->container.kind == VALUE_LIST || state->container.kind == VALUE_TABLE;
        if (state->container.kind != VALUE_UNSET && !is_collection)
            return damaged(restorer->err, "lookups");
        if (is_collection && covered > 0)
            lookup_built_again(evaluation, i, covered);
    }
    return true;
}

static bool restore_roots(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    if (!restore_stack(restorer))
        return false;
    for (uint32_t i = 0; i < evaluation->code->n_inputs; i++)
        if (!take_value(restorer, &evaluation->inputs[i]))
            return false;
    return restore_outputs(restorer) && restore_memory(restorer) && restore_lookups(restorer);
}

/* ---- frames against the code ---- */

static bool is_iterable(Value v)
{
    return v.kind == VALUE_LIST || v.kind == VALUE_SET || v.kind == VALUE_RECORD || v.kind == VALUE_ROW ||
           v.kind == VALUE_TABLE || v.kind == VALUE_TEXT || v.kind == KIND_RANGE;
}

/* Iterators stand exactly where the code has them, and rounds are counted in numbers. */
static bool frame_words_fit(const Evaluation *evaluation, const Frame *frame, uint32_t height, uint32_t *out_internal)
{
    for (uint32_t i = 0; i < frame->code->n_loops; i++) {
        const Loop *loop = &frame->code->loops[i];
        if (frame->pc < loop->start || frame->pc >= loop->end)
            continue;
        if (!loop->has_iterator) {
            if (evaluation->stack[frame->base + loop->rounds_slot].kind != VALUE_NUMBER)
                return false;
            continue;
        }
        if (loop->height + 3 > height)
            return false;
        const Value *words = &evaluation->stack[frame->operands + loop->height];
        if (!is_iterable(words[0]) || words[1].kind != KIND_POSITION || words[2].kind != KIND_CURSOR)
            return false;
        if (frame->code->instructions[loop->next].op == OP_CODE_CHILDREN &&
            !children_words_fit(evaluation->n_frames + 1 == evaluation->child_frames && loop == child_loop(evaluation),
                                words))
            return false;
        *out_internal += 2 + (words[0].kind == KIND_RANGE);
    }
    return true;
}

static bool operands_fit(const Evaluation *evaluation, const Frame *frame, uint32_t height)
{
    const Code *code = frame->code;
    const Routine *routine = &code->routines[frame->routine];
    if (frame->pc < routine->start || frame->pc >= routine->end || code->heights[frame->pc] != height)
        return false;
    if (frame->sentence != NO_INDEX &&
        (frame->sentence >= code->n_sentences || code->sentences[frame->sentence].height > height))
        return false;
    return (uint64_t)frame->operands + height <= evaluation->top;
}

static bool restore_fragment(Restorer *restorer, uint32_t *out_number)
{
    Evaluation *evaluation = restorer->evaluation;
    const Frame *asking = frame_top(evaluation);
    Fragment *fragment = calloc(1, sizeof *fragment);
    if (!fragment)
        abort();
    fragment->text = str_copy(&fragment->arena, take_str(restorer));
    fragment->end = (FragmentEnd)take_number(restorer);
    fragment->hole = (int)take_signed(restorer);
    fragment->expected = expected_type(asking, (TypeKind)take_number(restorer));
    uint32_t top = evaluation->top;
    evaluation->top = asking->operands + asking->code->heights[asking->pc];
    bool fits = !restorer->reader.failed && fragment->end <= FRAGMENT_REPLACE && evaluation->top <= top &&
                fragment->hole >= HOLE_NONE && fragment->hole < (int)MAX_OF(1u, op_pops(asking->code, asking->pc)) &&
                fragment_make(evaluation, fragment, restorer->err);
    evaluation->top = top;
    if (!fits) {
        arena_done(&fragment->arena);
        free(fragment);
        return damaged(restorer->err, "an answer");
    }
    *out_number = fragment_add(evaluation, fragment);
    return true;
}

static bool calls_routine(const Frame *caller, uint32_t routine)
{
    const Instruction *in = &caller->code->instructions[caller->pc];
    return in->op == OP_CODE_CALL_PROCEDURE && caller->code->sites[in->c].routine == routine;
}

static bool restore_frame(Restorer *restorer, uint32_t *internal)
{
    Evaluation *evaluation = restorer->evaluation;
    bool is_first = evaluation->n_frames == 0, is_fragment = take_number(restorer) != 0;
    Frame frame = {.code = evaluation->code};
    if (is_fragment && (is_first || !restore_fragment(restorer, &frame.fragment)))
        return is_first ? damaged(restorer->err, "frames") : false;
    frame.code = frame_code(evaluation, frame.fragment);
    frame.routine = (uint32_t)take_number(restorer);
    frame.pc = (uint32_t)take_number(restorer);
    frame.sentence = (uint32_t)take_number(restorer) - 1u;
    frame.patched = take_number(restorer) != 0;
    Str kept = take_str(restorer);
    if (restorer->reader.failed || frame.routine >= frame.code->n_routines || (is_first && frame.routine != 0))
        return damaged(restorer->err, "frames");
    if (!is_first) {
        const Frame *below = frame_top(evaluation);
        if (!is_fragment && !calls_routine(below, frame.routine))
            return damaged(restorer->err, "frames");
        frame.base = is_fragment ? below->base : below->operands + below->code->heights[below->pc];
    }
    uint32_t top = evaluation->top;
    frame.operands = frame.base + frame.code->routines[frame.routine].n_slots;
    if (frame.operands > top || frame.pc >= frame.code->n_instructions ||
        !operands_fit(evaluation, &frame, frame.code->heights[frame.pc]) ||
        !frame_words_fit(evaluation, &frame, frame.code->heights[frame.pc], internal))
        return damaged(restorer->err, "frames");
    frame_push(evaluation, frame);
    buf_str(&frame_top(evaluation)->kept, kept);
    return true;
}

static bool restore_frames(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    uint64_t n = take_number(restorer);
    uint32_t internal = 0, counted = 0;
    if (n == 0 || n > FRAMES_MAX)
        return damaged(restorer->err, "frames");
    for (uint64_t i = 0; i < n; i++)
        if (!restore_frame(restorer, &internal))
            return false;
    const Frame *top = frame_top(evaluation);
    for (uint32_t i = 0; i < evaluation->top; i++)
        counted += evaluation->stack[i].kind >= VALUE_N_KINDS;
    if (top->operands + top->code->heights[top->pc] != evaluation->top || counted != internal)
        return damaged(restorer->err, "stack");
    return true;
}

/* ---- what it waits for ---- */

const Type *expected_type(const Frame *frame, TypeKind kind)
{
    static const Type *const types[TYPE_N_KINDS] = {
        [TYPE_ANY] = &type_any,       [TYPE_NULL] = &type_null,         [TYPE_BOOLEAN] = &type_boolean,
        [TYPE_NUMBER] = &type_number, [TYPE_TEXT] = &type_text,         [TYPE_DATE] = &type_date,
        [TYPE_TIME] = &type_time,     [TYPE_DATETIME] = &type_datetime, [TYPE_ZONE] = &type_zone,
        [TYPE_FILE] = &type_file,     [TYPE_DURATION] = &type_duration, [TYPE_LIST] = &type_list,
        [TYPE_SET] = &type_set,       [TYPE_TABLE] = &type_table,       [TYPE_RECORD] = &type_record,
        [TYPE_OPTIONAL] = &type_any,
    };
    const Instruction *in = &frame->code->instructions[frame->pc];
    const Type *here =
        in->op == OP_CODE_BOOK_CALL ? frame->code->sites[in->c].procedure->result : frame->code->nodes[frame->pc]->type;
    if (here && here->kind == kind)
        return here;
    return kind < TYPE_N_KINDS ? types[kind] : &type_any;
}

static bool restore_question(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    const Frame *frame = frame_top(evaluation);
    Question *question = &evaluation->question;
    evaluation->hole = (int)take_signed(restorer);
    question->kind = take_c_text(restorer);
    question->group = take_c_text(restorer);
    question->node_id = (uint32_t)take_number(restorer);
    question->sentence_id = (uint32_t)take_number(restorer);
    question->call_path = take_text(restorer);
    question->message = take_text(restorer);
    question->description = take_text(restorer);
    question->missing = take_text(restorer);
    question->expected = expected_type(frame, (TypeKind)take_number(restorer));
    question->reading = evaluation->options.reading;
    question->n_suggestions = (uint32_t)take_number(restorer);
    if (question->n_suggestions > COUNT_OF(question->suggestions))
        return damaged(restorer->err, "question");
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        question->suggestions[i] = take_text(restorer);
    question->n_extra = (uint32_t)take_number(restorer);
    if (question->n_extra > COUNT_OF(question->extra))
        return damaged(restorer->err, "question");
    for (uint32_t i = 0; i < question->n_extra; i++) {
        question->extra[i].name = take_text(restorer);
        question->extra[i].value = value_text(take_text(restorer));
    }
    bool fits = evaluation->hole >= HOLE_NONE && evaluation->hole < (int)MAX_OF(1u, op_pops(frame->code, frame->pc)) &&
                question->node_id <= evaluation->program->n_nodes &&
                question->sentence_id <= evaluation->program->n_nodes &&
                evaluation->program->nodes[question->sentence_id] != NULL;
    return fits || damaged(restorer->err, "question");
}

static bool restore_status(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    switch (evaluation->status) {
    case EVAL_CHILDREN:
        return (in->op == OP_CODE_CHILDREN && !child_is_at_end(evaluation, frame, frame->pc) &&
                evaluation_children_told(evaluation) < evaluation_children(evaluation)) ||
               damaged(restorer->err, "children");
    case EVAL_QUESTION: return restore_question(restorer);
    case EVAL_CALL:
        if (in->op != OP_CODE_BOOK_CALL)
            return damaged(restorer->err, "call");
        want_call(evaluation, &frame->code->sites[in->c]);
        return true;
    case EVAL_TIMER:
        evaluation->timer.until = take_number(restorer) != 0;
        evaluation->timer.seconds = take_signed(restorer);
        return take_value(restorer, &evaluation->timer.moment);
    case EVAL_FAILED: {
        Str text = take_str(restorer);
        size_t len = MIN_OF(text.len, sizeof evaluation->failure - 1);
        if (len > 0)
            memcpy(evaluation->failure, text.data, len);
        evaluation->failure_node = (uint32_t)take_number(restorer);
        return true;
    }
    default: return true;
    }
}

static bool restore_child(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    uint64_t frames = take_number(restorer), loop = take_number(restorer);
    evaluation->child_site = read_u64(&restorer->reader);
    uint64_t n = take_number(restorer);
    const Code *code = evaluation->code;
    if (frames == 0 || frames > FRAMES_MAX || loop >= code->n_loops || n > remaining(restorer) ||
        code->instructions[code->loops[loop].next].op != OP_CODE_CHILDREN)
        return damaged(restorer->err, "child");
    evaluation->child_frames = (uint32_t)frames;
    evaluation->child_loop = (uint32_t)loop;
    evaluation->outside = calloc(n + 1, sizeof(Outside));
    if (!evaluation->outside)
        abort();
    for (; evaluation->n_outside < n; evaluation->n_outside++)
        evaluation->outside[evaluation->n_outside] =
            (Outside){.slot = (uint32_t)take_number(restorer), .hash = read_u64(&restorer->reader)};
    return true;
}

/* Where the child's loop stands, and that its facts are some of the frames'. */
static bool child_fits(Restorer *restorer)
{
    const Evaluation *evaluation = restorer->evaluation;
    if (evaluation->child_frames == 0)
        return true;
    if (evaluation->child_frames > evaluation->n_frames)
        return damaged(restorer->err, "child");
    const Frame *own = &evaluation->frames[evaluation->child_frames - 1];
    const Loop *loop = &evaluation->code->loops[evaluation->child_loop];
    if (own->fragment != 0 || own->pc < loop->start || own->pc >= loop->end)
        return damaged(restorer->err, "child");
    for (uint32_t i = 0; i < evaluation->n_outside; i++) {
        uint32_t slot = evaluation->outside[i].slot;
        bool is_own = slot >= own->base && slot < own->operands;
        if (!is_own && slot >= evaluation->frames[0].operands)
            return damaged(restorer->err, "child");
    }
    return true;
}

static bool restore_all(Restorer *restorer)
{
    Evaluation *evaluation = restorer->evaluation;
    uint64_t status = take_number(restorer);
    evaluation->status = (EvalStatus)(status & ~(uint64_t)IS_CHILD);
    if ((status & IS_CHILD) && !restore_child(restorer))
        return false;
    evaluation->started = take_number(restorer) != 0;
    evaluation->fuel_used = take_number(restorer);
    evaluation->output_bytes = take_number(restorer);
    evaluation->trace_left = (uint32_t)take_number(restorer);
    evaluation->trace_omitted = (uint32_t)take_number(restorer);
    evaluation->trace_last_node = (uint32_t)take_number(restorer);
    if (evaluation->status > EVAL_CHILDREN)
        return damaged(restorer->err, "state");
    if (!restore_roots(restorer) || !restore_frames(restorer) || !child_fits(restorer) || !restore_status(restorer))
        return false;
    buf_str(&evaluation->trace, take_str(restorer));
    return (!restorer->reader.failed && restorer->reader.next == restorer->reader.end) ||
           damaged(restorer->err, "length");
}

bool evaluation_restore(const Program *program, Str bytes, EvalOptions options, Evaluation **out, Error *err)
{
    enum { HEAD = sizeof magic + 32 + 8, TAIL = 8 };
    if (bytes.len < HEAD + TAIL || memcmp(bytes.data, magic, sizeof magic) != 0)
        return damaged(err, "beginning");
    Reader tail = reader_of(str_skip(bytes, bytes.len - TAIL));
    bytes.len -= TAIL;
    if (checksum(bytes) != read_u64(&tail))
        return damaged(err, "checksum");
    Reader head = reader_of(str_slice(bytes, HEAD - 8, HEAD));
    if (memcmp(bytes.data + sizeof magic, program->spy_md5, 32) != 0 || read_u64(&head) != program->code->hash)
        return error_set(err, FAILED_PRECONDITION, "snapshot",
                         "the saved state belongs to another version of the automation");
    Evaluation *evaluation = evaluation_empty(program, options);
    Restorer restorer = {.evaluation = evaluation, .err = err};
    restorer.reader = reader_of(str_copy(&evaluation->heap, str_skip(bytes, HEAD)));
    restorer.unpacker = unpacker_new(&evaluation->heap, &restorer.reader);
    if (!restore_all(&restorer)) {
        evaluation_free(evaluation);
        return false;
    }
    *out = evaluation;
    return true;
}
