#include "value/pack.h"

#include <stdlib.h>
#include <string.h>

#include "value/arrow_tables.h"

static Value unpack_one(Arena *arena, const Buf *bytes)
{
    Reader reader = reader_of(buf_view(bytes));
    Value v = {0};
    Error err = {0};
    assert_fine(unpack_value(unpacker_new(arena, &reader), &v, &err), &err);
    assert_ptr_equal(reader.next, reader.end);
    return v;
}

static void pack_one(Arena *arena, Buf *bytes, Value v)
{
    bytes->len = 0;
    pack_value(packer_new(arena, bytes), v);
}

/* ---- random graphs: objects that hold each other in every way ---- */

enum { N_OBJECTS = 12 };

typedef struct Graph {
    Value objects[N_OBJECTS];
} Graph;

static Value random_scalar(Arena *arena)
{
    switch (rand() % 9) {
    case 0: return value_null();
    case 1: return value_bool(rand() % 2);
    case 2: return value_int(rand() - RAND_MAX / 2);
    case 3:
        return (Value){.low = (uint64_t)rand() << 33,
                       .high = (uint32_t)rand(),
                       .scale = (uint8_t)(rand() % 29),
                       .negative = 1,
                       .kind = VALUE_NUMBER};
    case 4: return value_text(str_printf(arena, "text %d", rand() % 10));
    case 5: return value_date(1 + rand() % 9999, 1 + rand() % 12, 1 + rand() % 28);
    case 6: return value_time(rand());
    case 7: return value_duration(rand() - RAND_MAX / 2, rand() % 1000000000);
    default:
        return value_datetime(arena, (DateTime){.year = 2026,
                                                .month = 1,
                                                .day = 2,
                                                .nanos = 5,
                                                .has_offset = rand() % 2,
                                                .offset_seconds = 0,
                                                .zone = S("Europe/Berlin")});
    }
}

static Value random_value(Arena *arena, const Graph *graph)
{
    if (rand() % 2)
        return random_scalar(arena);
    Value v = graph->objects[rand() % N_OBJECTS];
    if (v.kind == VALUE_TABLE && v.table->n_rows > 0 && rand() % 2)
        return value_row(v.table, (uint32_t)rand() % v.table->n_rows);
    return v;
}

static void fill_object(Arena *arena, const Graph *graph, Value object)
{
    for (int i = rand() % 6; i > 0; i--) {
        if (object.kind == VALUE_LIST)
            list_add(arena, object.list, random_value(arena, graph));
        else if (object.kind == VALUE_SET)
            set_add(arena, object.set, random_scalar(arena));
        else if (object.kind == VALUE_RECORD)
            record_set(arena, object.record, random_scalar(arena), random_value(arena, graph));
        else if (object.kind == VALUE_TABLE && object.table->n_rows > 0)
            table_add_column(arena, object.table, str_printf(arena, "c%u", object.table->n_columns))->cells[0] =
                random_value(arena, graph);
    }
}

static Value random_graph(Arena *arena, Graph *graph)
{
    for (int i = 0; i < N_OBJECTS; i++) {
        switch (rand() % 5) {
        case 0: graph->objects[i] = value_list_new(arena, 0); break;
        case 1: graph->objects[i] = value_set_new(arena); break;
        case 2: graph->objects[i] = value_record_new(arena); break;
        case 3: graph->objects[i] = value_table_new(arena, (uint32_t)rand() % 3); break;
        default:
            graph->objects[i] = value_file(
                arena, (FileRef){.name = S("n"), .filename = S("f"), .content = S("c"), .is_inline = rand() % 2});
        }
    }
    Value root = value_list_new(arena, 0);
    for (int i = 0; i < N_OBJECTS; i++) {
        fill_object(arena, graph, graph->objects[i]);
        list_add(arena, root.list, graph->objects[i]);
    }
    return root;
}

/* Packing what was unpacked gives the same bytes: content, order, sharing and cycles are all in them. */
static void test_pack__random_graphs_come_back(void **state)
{
    (void)state;
    srand(11);
    for (int round = 0; round < 2000; round++) {
        AUTO(arena_done)
        Arena arena = {0};
        AUTO(buf_done)
        Buf bytes = {0};
        AUTO(buf_done)
        Buf again = {0};
        AUTO(buf_done)
        Buf copied = {0};
        Graph graph;
        Value root = random_graph(&arena, &graph);
        pack_one(&arena, &bytes, root);
        Value back = unpack_one(&arena, &bytes);
        pack_one(&arena, &again, back);
        assert_str_equal(buf_view(&again), buf_view(&bytes));
        pack_one(&arena, &copied, value_copy_deep(&arena, root));
        assert_str_equal(buf_view(&copied), buf_view(&bytes));
    }
}

static void test_pack__sharing_within_one_packer(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Value list = value_list_new(&arena, 0), first, second, unset;
    list_add(&arena, list.list, list);
    Packer *packer = packer_new(&arena, &bytes);
    pack_value(packer, list);
    pack_value(packer, (Value){.kind = VALUE_UNSET});
    pack_value(packer, list);
    Reader reader = reader_of(buf_view(&bytes));
    Unpacker *unpacker = unpacker_new(&arena, &reader);
    Error err = {0};
    assert_fine(unpack_value(unpacker, &first, &err), &err);
    assert_fine(unpack_value(unpacker, &unset, &err), &err);
    assert_fine(unpack_value(unpacker, &second, &err), &err);
    assert_ptr_equal(first.list, second.list);
    assert_ptr_equal(first.list->items[0].list, first.list);
    assert_int_equal(unset.kind, VALUE_UNSET);
    assert_false(unpack_value(unpacker, &first, &err));
    assert_int_equal(err.code, DATA_LOSS);
}

static void test_pack__any_depth(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Value deep = value_int(7);
    for (int i = 0; i < 300000; i++) {
        Value outer = value_list_new(&arena, 1);
        list_add(&arena, outer.list, deep);
        deep = outer;
    }
    pack_one(&arena, &bytes, deep);
    Value back = unpack_one(&arena, &bytes);
    for (int i = 0; i < 300000; i++)
        back = back.list->items[0];
    assert_true(value_equals(back, value_int(7)));
}

static void test_unpack__damage_is_said_and_never_crashes(void **state)
{
    (void)state;
    srand(5);
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Graph graph;
    pack_one(&arena, &bytes, random_graph(&arena, &graph));
    int refused = 0;
    for (size_t at = 0; at < bytes.len; at++) {
        for (int value = 0; value < 256; value += 5) {
            AUTO(arena_done)
            Arena scratch = {0};
            char *copy = test_malloc(bytes.len);
            memcpy(copy, bytes.data, bytes.len);
            copy[at] = (char)value;
            Reader reader = reader_of(str_of(copy, bytes.len));
            Value v;
            Error err = {0};
            if (!unpack_value(unpacker_new(&scratch, &reader), &v, &err)) {
                assert_int_equal(err.code, DATA_LOSS);
                refused++;
            }
            test_free(copy);
        }
    }
    assert_true(refused > 100);
    for (size_t len = 0; len < bytes.len; len++) {
        AUTO(arena_done)
        Arena scratch = {0};
        Reader reader = reader_of(str_of(bytes.data, len));
        Value v;
        Error err = {0};
        assert_false(unpack_value(unpacker_new(&scratch, &reader), &v, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack__random_graphs_come_back),
        cmocka_unit_test(test_pack__sharing_within_one_packer),
        cmocka_unit_test(test_pack__any_depth),
        cmocka_unit_test(test_unpack__damage_is_said_and_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
