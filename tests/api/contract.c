/* Tests of what the contract and the rest of the server say about each other. */
#include "api/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "api/handlers.h"
#include "auth/permission.h"

static void test_every_operation_has_one_handler(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < OP_COUNT; i++) {
        const ContractOperation *operation = &contract_operations[i];
        const Handler *handler = handler_find(i);
        if (operation->canonical == i && !handler)
            fail_msg("nobody does %.*s", STR_ARG(operation->id));
        if (operation->canonical != i && handler)
            fail_msg("%.*s is an alias and has a handler of its own", STR_ARG(operation->id));
    }
}

static void test_every_handler_fits_its_operation(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < OP_COUNT; i++) {
        const ContractOperation *operation = &contract_operations[i];
        const Handler *handler = handler_find(operation->canonical);
        assert_non_null(handler->work);
        bool reads = operation->method == HTTP_GET;
        if (reads && handler->place == ON_WRITER)
            fail_msg("%.*s is a GET and writes", STR_ARG(operation->id));
        bool long_lived = operation->long_poll || operation->stream == STREAM_NDJSON;
        if (long_lived && handler->place != BY_ITSELF)
            fail_msg("%.*s would hold a thread", STR_ARG(operation->id));
    }
}

static void test_every_permission_is_known_to_the_roles(void **state)
{
    (void)state;
    for (size_t i = 0; i < contract_permission_count; i++) {
        if (!permission_exists(contract_permissions[i]))
            fail_msg("no role knows %.*s", STR_ARG(contract_permissions[i]));
    }
}

static void test_reading_permissions__go_with_reading_operations(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < OP_COUNT; i++) {
        const ContractOperation *operation = &contract_operations[i];
        if (operation->method == HTTP_GET && operation->permission.len > 0 &&
            !permission_only_reads(operation->permission))
            fail_msg("%.*s is a GET but asks for %.*s", STR_ARG(operation->id), STR_ARG(operation->permission));
    }
}

static void test_pages__have_sane_limits(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < OP_COUNT; i++) {
        const ContractOperation *operation = &contract_operations[i];
        if (operation->page_maximum == 0)
            continue;
        assert_in_range(operation->page_default, 1, operation->page_maximum);
        if (i != OP_QUERY_METRICS) /* whose pages are of series, and bounded by their points */
            assert_in_range(operation->page_maximum, 1, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_has_one_handler),
        cmocka_unit_test(test_every_handler_fits_its_operation),
        cmocka_unit_test(test_every_permission_is_known_to_the_roles),
        cmocka_unit_test(test_reading_permissions__go_with_reading_operations),
        cmocka_unit_test(test_pages__have_sane_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
