/* lang/eval_lookup.c: `whose … is …` and `contains` through a hash index.
 *
 * A comprehension whose condition begins with <element's field> = <something outside> asks, before each item, for the
 * next item that can match. The condition is still tested on that item, so an index only ever skips what cannot match:
 * the order of items, equality and questions stay those of the plain loop. From the first item on that lacks the field,
 * nothing is skipped, since reading it asks.
 *
 * Whether a list has an item is looked up the same way, by the items themselves.
 *
 * An index belongs to one comprehension or instruction and one collection. It is built when a collection is searched
 * for the second time, grows with items added at the end, and is dropped when the field changes in any item or when
 * items are replaced or moved; also when the main program is past its instruction, which cannot come again.
 *
 * Of an item's hash only a tag is kept, which leaves few items to be looked at in vain. Chains that have become too few
 * are made anew from the items. */
#include <stdlib.h>

#include "lang/eval_state.h"

enum { INDEX_FROM_ITEMS = 8, INDEX_FROM_USES = 2 };

void lookups_drop(LookupState *state)
{
    free(state->lasts);
    free(state->next);
    free(state->tags);
    *state = (LookupState){.stop = NO_INDEX};
}

static uint32_t container_count(Value container)
{
    return container.kind == VALUE_LIST ? container.list->count : container.table->n_rows;
}

static bool same_container(Value a, Value b)
{
    return a.kind == b.kind && a.list == b.list;
}

static void *array_of(void *old, size_t n, size_t size)
{
    void *grown = reallocarray(old, n, size);
    if (!grown)
        abort();
    return grown;
}

static uint16_t tag_of(uint64_t hash)
{
    return (uint16_t)(hash >> 48);
}

/* By the bits that the tag has not. */
static uint32_t *chain_of(const LookupState *state, uint64_t hash)
{
    return &state->lasts[(uint32_t)(hash ^ hash >> 24) & (state->n_chains - 1)];
}

/* The items of a chain go round: behind the last one stands the first. */
static void chain_add(LookupState *state, uint32_t item, uint64_t hash)
{
    uint32_t *last = chain_of(state, hash);
    state->tags[item] = tag_of(hash);
    state->next[item] = *last ? state->next[*last - 1] : item + 1;
    if (*last)
        state->next[*last - 1] = item + 1;
    *last = item + 1;
}

/* A collection is mostly whole when it is first searched: room for more is made only once it grows. A third as many
 * chains as items will do. New chains are empty: what was in the old ones is to be added again. */
static void index_grow(LookupState *state, uint32_t count)
{
    if (count <= state->cap)
        return;
    uint64_t grown = state->cap + state->cap / 2ull;
    state->cap = (uint32_t)MAX_OF((uint64_t)count, MIN_OF(grown, (uint64_t)UINT32_MAX));
    state->next = array_of(state->next, state->cap, sizeof *state->next);
    state->tags = array_of(state->tags, state->cap, sizeof *state->tags);
    uint32_t n_chains = 64;
    while (n_chains < state->cap / 3 && n_chains < BIT(30))
        n_chains *= 2;
    if (n_chains == state->n_chains)
        return;
    state->lasts = array_of(state->lasts, n_chains, sizeof *state->lasts);
    memset(state->lasts, 0, n_chains * sizeof *state->lasts);
    state->n_chains = n_chains;
    state->covered = 0;
}

/* What an item is found by: its field, or it itself. */
static bool key_of(const LookupState *state, const Lookup *lookup, uint32_t i, Value *out)
{
    Value item =
        state->container.kind == VALUE_LIST ? state->container.list->items[i] : value_row(state->container.table, i);
    *out = item;
    return (lookup->key_slot == NO_INDEX || value_field_get(item, lookup->key, out) == FIELD_FOUND) &&
           value_is_hashable(*out);
}

static void index_extend(LookupState *state, const Lookup *lookup, uint32_t count)
{
    if (state->stop != NO_INDEX || state->covered >= count)
        return;
    index_grow(state, count);
    for (uint32_t i = state->covered; i < count; i++) {
        Value key;
        if (!key_of(state, lookup, i, &key)) {
            state->stop = i;
            return;
        }
        chain_add(state, i, value_hash(key));
        state->covered = i + 1;
    }
}

/* The first item from `from` on that may have that hash, as its number + 1; 0 for none. `cursor` is what it gave last
 * time, or 0. */
static uint32_t next_candidate(const LookupState *state, uint64_t hash, uint64_t from, uint32_t cursor)
{
    uint32_t last = *chain_of(state, hash), at = cursor ? cursor : last;
    bool goes_on = cursor > 0;
    while (last > 0 && (!goes_on || at != last)) {
        at = state->next[at - 1];
        if (at - 1 >= from && state->tags[at - 1] == tag_of(hash))
            return at;
        goes_on = true;
    }
    return 0;
}

/* The cursor where the search for that hash can go on from it, else 0. */
static uint32_t cursor_for(const LookupState *state, const Lookup *lookup, uint64_t hash, const Value *iterator)
{
    uint64_t cursor = iterator[2].low;
    Value key;
    bool fits = cursor > 0 && cursor <= state->covered && cursor <= iterator[1].low &&
                key_of(state, lookup, (uint32_t)cursor - 1, &key) && value_hash(key) == hash;
    return fits ? (uint32_t)cursor : 0;
}

/* The index of an instruction, begun anew where it was another collection's. */
static LookupState *lookup_of(Evaluation *evaluation, uint32_t lookup, Value container)
{
    LookupState *state = &evaluation->lookups[lookup];
    if (!same_container(state->container, container)) {
        lookups_drop(state);
        state->container = container;
    }
    return state;
}

static void index_cover(Evaluation *evaluation, uint32_t lookup, uint32_t count)
{
    LookupState *state = &evaluation->lookups[lookup];
    uint32_t covered = state->covered, cap = state->cap;
    index_extend(state, &evaluation->code->lookups[lookup], count);
    evaluation->fuel_used += (state->covered - covered) / 8;
    if (state->cap != cap)
        heap_grown_outside(evaluation);
}

static bool has_from(Evaluation *evaluation, const List *list, uint32_t from, Value item)
{
    evaluation->fuel_used += (list->count - from) / 16;
    for (uint32_t i = from; i < list->count; i++)
        if (value_equals(list->items[i], item))
            return true;
    return false;
}

bool lookup_has(Evaluation *evaluation, Value list, Value item)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    bool has_index = in->op == OP_CODE_COMPARE || (in->op == OP_CODE_CALL && in->b == FN_CONTAINS);
    uint32_t lookup = has_index && frame->fragment == 0 ? in->c : 0;
    if (lookup == 0 || list.list->count < INDEX_FROM_ITEMS || !value_is_hashable(item))
        return has_from(evaluation, list.list, 0, item);
    LookupState *state = lookup_of(evaluation, lookup - 1, list);
    if (state->uses < INDEX_FROM_USES && ++state->uses < INDEX_FROM_USES)
        return has_from(evaluation, list.list, 0, item);
    index_cover(evaluation, lookup - 1, list.list->count);
    uint64_t hash = value_hash(item);
    for (uint32_t at = state->covered > 0 ? next_candidate(state, hash, 0, 0) : 0; at != 0;
         at = next_candidate(state, hash, at, at))
        if (value_equals(list.list->items[at - 1], item))
            return true;
    return has_from(evaluation, list.list, state->covered, item);
}

void lookup_seek(Evaluation *evaluation, uint32_t lookup, Value key, Value *iterator)
{
    Value container = iterator[0];
    bool can = frame_top(evaluation)->fragment == 0 &&
               (container.kind == VALUE_LIST || container.kind == VALUE_TABLE) &&
               container_count(container) >= INDEX_FROM_ITEMS && value_is_hashable(key);
    if (!can)
        return;
    LookupState *state = lookup_of(evaluation, lookup, container);
    if (iterator[1].low == 0)
        state->uses += state->uses < INDEX_FROM_USES;
    if (state->uses < INDEX_FROM_USES)
        return;
    uint32_t count = container_count(container);
    index_cover(evaluation, lookup, count);
    if (state->covered == 0)
        return;
    uint64_t hash = value_hash(key);
    uint32_t cursor = cursor_for(state, &evaluation->code->lookups[lookup], hash, iterator);
    uint32_t candidate = next_candidate(state, hash, iterator[1].low, cursor);
    if (candidate != 0) {
        iterator[1].low = candidate - 1;
        iterator[2].low = candidate;
        return;
    }
    uint32_t rest = state->stop != NO_INDEX ? state->stop : count;
    iterator[1].low = MAX_OF(iterator[1].low, (uint64_t)rest);
}

void lookup_built_again(Evaluation *evaluation, uint32_t lookup, uint32_t covered)
{
    LookupState *state = &evaluation->lookups[lookup];
    index_extend(state, &evaluation->code->lookups[lookup], MIN_OF(covered, container_count(state->container)));
}

void lookups_pass(Evaluation *evaluation, uint32_t pc)
{
    for (uint32_t i = 0; i < evaluation->n_lookups; i++)
        if (evaluation->lookups[i].container.kind != VALUE_UNSET && evaluation->code->lookups[i].place < pc)
            lookups_drop(&evaluation->lookups[i]);
}

void lookups_field_changed(Evaluation *evaluation, Value object, Str key)
{
    for (uint32_t i = 0; i < evaluation->n_lookups; i++) {
        LookupState *state = &evaluation->lookups[i];
        if (state->container.kind == VALUE_UNSET)
            continue;
        bool is_elsewhere =
            state->container.kind == VALUE_TABLE &&
            ((object.kind != VALUE_ROW && object.kind != VALUE_TABLE) || object.table != state->container.table);
        const Lookup *lookup = &evaluation->code->lookups[i];
        if (!is_elsewhere && lookup->key_slot != NO_INDEX && name_alike(key, lookup->key))
            lookups_drop(state);
    }
}

void lookups_items_changed(Evaluation *evaluation, Value container)
{
    for (uint32_t i = 0; i < evaluation->n_lookups; i++)
        if (same_container(evaluation->lookups[i].container, container))
            lookups_drop(&evaluation->lookups[i]);
}
