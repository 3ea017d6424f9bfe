/* lang/eval_heap.c: the run's memory: an arena that is copied to a new one, live values only, when garbage outweighs
 * them.
 *
 * Copying goes by a list of what is still to be scanned, never by recursion. An old object is overwritten with the
 * address of its copy, so that sharing and cycles survive. Texts are views and have nothing to overwrite: long ones are
 * remembered in a table; of short ones those that came by lately, which is enough for the same few texts in a long
 * column; else they are copied twice, which nobody can see.
 *
 * The items of long lists and the cells of long columns stand in large allocations: these stay where they are and only
 * change the arena. Each belongs to one list or column alone. */
#include <stdlib.h>

#include "lang/eval_state.h"

enum { COMPACT_FROM = 1 << 20, LONG_TEXT = 64, RECENT_TEXTS = 256 };

typedef struct TextCopy {
    const char *from;
    const char *to;
    uint32_t len;
} TextCopy;

typedef struct Copier {
    Arena *to, *from;
    ArenaLarge **large; /* of the old arena, by address */
    size_t n_large;
    Value *pending; /* copies whose insides still point to the old arena */
    size_t n_pending, cap_pending;
    TextCopy *texts; /* open addressing */
    size_t n_texts, cap_texts;
    TextCopy recent[RECENT_TEXTS]; /* by address */
    bool tight;                    /* leave lists hardly any room to grow */
} Copier;

/* Marks of an old object that has a copy. */
#define MOVED UINT32_MAX
enum { MOVED_YEAR = INT32_MIN };

static void *heap_array(void *old, size_t n, size_t size)
{
    void *grown = reallocarray(old, n, size);
    if (!grown)
        abort();
    return grown;
}

static void pending_add(Copier *copier, Value v)
{
    if (copier->n_pending == copier->cap_pending) {
        copier->cap_pending = copier->cap_pending ? 2 * copier->cap_pending : 256;
        copier->pending = heap_array(copier->pending, copier->cap_pending, sizeof(Value));
    }
    copier->pending[copier->n_pending++] = v;
}

static size_t text_place(const char *from, uint32_t len)
{
    return (uintptr_t)from * 0x9e3779b97f4a7c15u >> 17 ^ len;
}

static TextCopy *text_slot(TextCopy *texts, size_t cap, const char *from, uint32_t len)
{
    size_t at = text_place(from, len) & (cap - 1);
    while (texts[at].from && (texts[at].from != from || texts[at].len != len))
        at = (at + 1) & (cap - 1);
    return &texts[at];
}

static void texts_grow(Copier *copier)
{
    size_t cap = copier->cap_texts ? 2 * copier->cap_texts : 256;
    TextCopy *texts = heap_array(NULL, cap, sizeof *texts);
    memset(texts, 0, cap * sizeof *texts);
    for (size_t i = 0; i < copier->cap_texts; i++)
        if (copier->texts[i].from)
            *text_slot(texts, cap, copier->texts[i].from, copier->texts[i].len) = copier->texts[i];
    free(copier->texts);
    copier->texts = texts;
    copier->cap_texts = cap;
}

static const char *text_copy(Copier *copier, const char *text, uint32_t len)
{
    if (len == 0)
        return "";
    if (len < LONG_TEXT) {
        TextCopy *recent = &copier->recent[text_place(text, len) % RECENT_TEXTS];
        if (recent->from != text || recent->len != len)
            *recent = (TextCopy){text, str_copy(copier->to, str_of(text, len)).data, len};
        return recent->to;
    }
    if (2 * copier->n_texts >= copier->cap_texts)
        texts_grow(copier);
    TextCopy *slot = text_slot(copier->texts, copier->cap_texts, text, len);
    if (!slot->from) {
        *slot = (TextCopy){text, str_copy(copier->to, str_of(text, len)).data, len};
        copier->n_texts++;
    }
    return slot->to;
}

static Str str_moved(Copier *copier, Str s)
{
    return str_of(text_copy(copier, s.data, (uint32_t)s.len), s.len);
}

/* ---- large allocations ---- */

static int by_address(const void *a, const void *b)
{
    const ArenaLarge *const *x = a, *const *y = b;
    return ((uintptr_t)*x > (uintptr_t)*y) - ((uintptr_t)*x < (uintptr_t)*y);
}

static void large_gather(Copier *copier)
{
    copier->large = heap_array(NULL, copier->from->n_large + 1, sizeof *copier->large);
    for (ArenaLarge *large = copier->from->large; large; large = large->older)
        copier->large[copier->n_large++] = large;
    qsort(copier->large, copier->n_large, sizeof *copier->large, by_address);
}

/* The large allocation that `values` are; NULL for a common one. */
static ArenaLarge *large_find(const Copier *copier, const Value *values)
{
    size_t from = 0, to = copier->n_large;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        ArenaLarge *large = copier->large[middle];
        if ((const void *)large->data == (const void *)values)
            return large;
        if ((uintptr_t)large->data < (uintptr_t)values)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static void large_keep(Copier *copier, ArenaLarge *large)
{
    arena_move_large(copier->to, copier->from, large);
    copier->to->used += large->size;
}

/* Room to grow stays: else the next append would move it all again. */
static uint32_t cap_of_copy(const Copier *copier, uint32_t cap, uint32_t count)
{
    return MIN_OF(cap, copier->tight ? count + count / 32 : 2 * count);
}

static Value *values_copied(Copier *copier, const Value *values, uint32_t count, uint32_t cap)
{
    Value *copy = NEW_ARRAY(copier->to, Value, cap);
    if (count > 0)
        memcpy(copy, values, count * sizeof(Value));
    return copy;
}

/* ---- objects ---- */

static List *list_moved(Copier *copier, List *old)
{
    if (old->cap == MOVED)
        return (List *)(void *)old->items;
    List *copy = NEW(copier->to, List);
    *copy = *old;
    copy->cap = cap_of_copy(copier, old->cap, old->count);
    ArenaLarge *large = copy->cap == old->cap ? large_find(copier, old->items) : NULL;
    if (large)
        large_keep(copier, large);
    else
        copy->items = values_copied(copier, old->items, old->count, copy->cap);
    old->cap = MOVED;
    old->items = (Value *)(void *)copy;
    pending_add(copier, (Value){.list = copy, .kind = VALUE_LIST});
    return copy;
}

/* The index holds numbers of entries and goes by capacity, so both are kept as they are. */
static void record_copy(Copier *copier, const Record *old, Record *copy)
{
    *copy = *old;
    copy->entries = NULL;
    copy->slots = NULL;
    if (old->cap > 0) {
        copy->entries = arena_alloc_array(copier->to, old->cap, sizeof *copy->entries, _Alignof(Value));
        memcpy(copy->entries, old->entries, old->count * sizeof *copy->entries);
    }
    if (old->slots) {
        copy->slots = NEW_ARRAY(copier->to, uint32_t, old->n_slots);
        memcpy(copy->slots, old->slots, old->n_slots * sizeof *copy->slots);
    }
}

static Record *record_moved(Copier *copier, Record *old)
{
    if (old->cap == MOVED)
        return (Record *)(void *)old->entries;
    Record *copy = NEW(copier->to, Record);
    record_copy(copier, old, copy);
    old->cap = MOVED;
    old->entries = (void *)copy;
    pending_add(copier, (Value){.record = copy, .kind = VALUE_RECORD});
    return copy;
}

static Set *set_moved(Copier *copier, Set *old)
{
    if (old->items.cap == MOVED)
        return (Set *)(void *)old->items.entries;
    Set *copy = NEW(copier->to, Set);
    record_copy(copier, &old->items, &copy->items);
    old->items.cap = MOVED;
    old->items.entries = (void *)copy;
    pending_add(copier, (Value){.set = copy, .kind = VALUE_SET});
    return copy;
}

static bool all_large(const Copier *copier, const Table *table)
{
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (!large_find(copier, table->columns[i].cells))
            return false;
    return true;
}

static Table *table_moved(Copier *copier, Table *old)
{
    if (old->cap_rows == MOVED)
        return (Table *)(void *)old->columns;
    Table *copy = NEW(copier->to, Table);
    copy->n_columns = copy->cap_columns = old->n_columns;
    copy->n_rows = old->n_rows;
    copy->cap_rows = cap_of_copy(copier, old->cap_rows, old->n_rows);
    bool stays = copy->cap_rows == old->cap_rows && all_large(copier, old);
    copy->columns = NEW_ARRAY(copier->to, Column, old->n_columns);
    for (uint32_t i = 0; i < old->n_columns; i++) {
        copy->columns[i].name = str_moved(copier, old->columns[i].name);
        copy->columns[i].cells = old->columns[i].cells;
        if (stays)
            large_keep(copier, large_find(copier, old->columns[i].cells));
        else
            copy->columns[i].cells = values_copied(copier, old->columns[i].cells, old->n_rows, copy->cap_rows);
    }
    old->cap_rows = MOVED;
    old->columns = (void *)copy;
    pending_add(copier, (Value){.table = copy, .kind = VALUE_TABLE});
    return copy;
}

static DateTime *datetime_moved(Copier *copier, DateTime *old)
{
    if (old->year == MOVED_YEAR)
        return (DateTime *)(void *)(uintptr_t)old->zone.data;
    DateTime *copy = NEW(copier->to, DateTime);
    *copy = *old;
    copy->zone = str_moved(copier, old->zone);
    old->year = MOVED_YEAR;
    old->zone.data = (const char *)copy;
    return copy;
}

static FileRef *file_moved(Copier *copier, FileRef *old)
{
    if (old->name.len == SIZE_MAX)
        return (FileRef *)(void *)(uintptr_t)old->name.data;
    FileRef *copy = NEW(copier->to, FileRef);
    *copy = *old;
    copy->name = str_moved(copier, old->name);
    copy->filename = str_moved(copier, old->filename);
    copy->content = str_moved(copier, old->content);
    old->name = (Str){(const char *)copy, SIZE_MAX};
    return copy;
}

static void value_move(Copier *copier, Value *v)
{
    switch (v->kind) {
    case VALUE_TEXT:
    case VALUE_ZONE: v->text = text_copy(copier, v->text, v->high); break;
    case VALUE_LIST: v->list = list_moved(copier, v->list); break;
    case VALUE_SET: v->set = set_moved(copier, v->set); break;
    case VALUE_RECORD: v->record = record_moved(copier, v->record); break;
    case VALUE_TABLE:
    case VALUE_ROW: v->table = table_moved(copier, v->table); break;
    case VALUE_DATETIME: v->datetime = datetime_moved(copier, v->datetime); break;
    case VALUE_FILE: v->file = file_moved(copier, v->file); break;
    default: break; /* scalars, and the words of a range */
    }
}

static void record_scan(Copier *copier, Record *record)
{
    for (uint32_t i = 0; i < record->count; i++) {
        value_move(copier, &record->entries[i].key);
        value_move(copier, &record->entries[i].value);
    }
}

static void table_scan(Copier *copier, Table *table)
{
    for (uint32_t i = 0; i < table->n_columns; i++)
        for (uint32_t row = 0; row < table->n_rows; row++)
            value_move(copier, &table->columns[i].cells[row]);
}

static void scan_pending(Copier *copier)
{
    while (copier->n_pending > 0) {
        Value v = copier->pending[--copier->n_pending];
        switch (v.kind) {
        case VALUE_LIST:
            for (uint32_t i = 0; i < v.list->count; i++)
                value_move(copier, &v.list->items[i]);
            break;
        case VALUE_RECORD: record_scan(copier, v.record); break;
        case VALUE_SET: record_scan(copier, &v.set->items); break;
        case VALUE_TABLE: table_scan(copier, v.table); break;
        default: break;
        }
    }
}

static void roots_move(Copier *copier, Evaluation *evaluation)
{
    for (uint32_t i = 0; i < evaluation->top; i++)
        value_move(copier, &evaluation->stack[i]);
    for (uint32_t i = 0; i < evaluation->code->n_inputs; i++)
        value_move(copier, &evaluation->inputs[i]);
    for (uint32_t i = 0; i < evaluation->n_outputs; i++) {
        value_move(copier, &evaluation->outputs[i].name);
        value_move(copier, &evaluation->outputs[i].value);
    }
    for (uint32_t i = 0; i < evaluation->n_memory; i++)
        value_move(copier, &evaluation->memory[i].value);
    for (uint32_t i = 0; i < evaluation->n_lookups; i++)
        value_move(copier, &evaluation->lookups[i].container);
}

static void compact(Evaluation *evaluation, bool tight)
{
    Arena fresh = {0};
    Copier copier = {.to = &fresh, .from = &evaluation->heap, .tight = tight};
    large_gather(&copier);
    roots_move(&copier, evaluation);
    scan_pending(&copier);
    free(copier.pending);
    free(copier.texts);
    free(copier.large);
    arena_done(&evaluation->heap);
    for (uint32_t i = 0; i < evaluation->n_retired; i++)
        arena_done(&evaluation->retired[i]);
    evaluation->n_retired = 0;
    evaluation->heap = fresh;
    evaluation->live = fresh.used;
    memset(evaluation->hints, 0, evaluation->code->n_instructions * sizeof *evaluation->hints);
}

void heap_compact(Evaluation *evaluation)
{
    compact(evaluation, false);
}

/* What the run holds beside its values. */
static size_t outside_bytes(const Evaluation *evaluation)
{
    size_t bytes = evaluation->cap_stack * sizeof(Value) + evaluation->cap_frames * sizeof(Frame) +
                   evaluation->cap_memory * sizeof(Memory) + evaluation->cap_outputs * sizeof(Output);
    for (uint32_t i = 0; i < evaluation->n_lookups; i++)
        bytes += evaluation->lookups[i].cap * (sizeof(uint32_t) + sizeof(uint16_t)) +
                 evaluation->lookups[i].n_chains * sizeof(uint32_t);
    return bytes;
}

size_t evaluation_memory(const Evaluation *evaluation)
{
    return evaluation->heap.used + outside_bytes(evaluation);
}

void heap_grown_outside(Evaluation *evaluation)
{
    if (evaluation->heap.used + outside_bytes(evaluation) > evaluation->options.budget.memory_bytes)
        evaluation->heap_trigger = 0;
}

/* When to look again: at twice what is known to live, or later, but before the limit. */
static size_t heap_due(const Evaluation *evaluation)
{
    uint64_t limit = evaluation->options.budget.memory_bytes;
    size_t room = limit - MIN_OF(outside_bytes(evaluation), limit);
    return MIN_OF(evaluation->live + MAX_OF(evaluation->live, limit / 16), room);
}

/* After a compaction at least a sixteenth of the budget is handed out before the next: near the limit the run ends soon
 * instead of compacting at every sentence. What is live, and what the run holds beside it, is held against the limit;
 * both may pass it by that sixteenth before it is seen. */
bool heap_check(Evaluation *evaluation)
{
    uint64_t limit = evaluation->options.budget.memory_bytes;
    if (evaluation->heap.used < evaluation->heap_trigger && !evaluation->compact_always)
        return true;
    if (evaluation->testing)
        return false;
    heap_compact(evaluation);
    if (evaluation->live + outside_bytes(evaluation) > limit)
        compact(evaluation, true);
    evaluation->heap_trigger = MAX_OF(heap_due(evaluation), evaluation->live + limit / 16);
    if (evaluation->live + outside_bytes(evaluation) <= limit)
        return true;
    evaluation_fail(evaluation,
                    "the run's values take more than %llu MB, the most that it may hold; work in smaller parts",
                    (unsigned long long)(evaluation->options.budget.memory_bytes >> 20));
    return false;
}

/* Whether all of a table is in `made`: nothing that it shares with an argument, and no object in a cell. */
static bool is_made(const Arena *made, const Table *table)
{
    bool is = arena_owns(made, table);
    for (uint32_t i = 0; is && i < table->n_columns; i++) {
        const Value *cells = table->columns[i].cells;
        is = arena_owns(made, cells);
        for (uint32_t row = 0; is && row < table->n_rows; row++)
            is = cells[row].kind <= VALUE_DURATION;
    }
    return is;
}

/* Taking over the arena saves the copy of a long table, but keeps what else was left in it until the next compaction.
 */
Value heap_take(Evaluation *evaluation, Arena *made, Value result)
{
    if (result.kind == VALUE_UNSET)
        return value_null();
    size_t cells =
        result.kind == VALUE_TABLE ? (size_t)result.table->n_rows * result.table->n_columns * sizeof(Value) : 0;
    if (!made || cells < ARENA_LARGE || cells < made->used / 4 || !is_made(made, result.table))
        return value_copy_deep(&evaluation->heap, result);
    evaluation->live += made->used;
    arena_absorb(&evaluation->heap, made);
    evaluation->heap_trigger = MAX_OF(evaluation->heap_trigger, heap_due(evaluation));
    return result;
}

bool heap_admits(Evaluation *evaluation, uint64_t bytes)
{
    uint64_t limit = evaluation->options.budget.memory_bytes;
    if (bytes <= limit && evaluation->heap.used + bytes <= limit + limit / 2)
        return true;
    return problem_set(evaluation, "too-large", HOLE_RESULT, &type_any, (Value){0},
                       "This would take %llu MB; a run may hold %llu MB", (unsigned long long)(bytes >> 20),
                       (unsigned long long)(limit >> 20));
}
