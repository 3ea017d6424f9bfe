/* value/procedure.c: looking up procedures and their parameters. */
#include "value/procedure.h"

const Procedure *catalog_find(const Catalog *catalog, Str book, Str name)
{
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        const Procedure *procedure = catalog->procedures[i];
        if (str_eq(procedure->name, name) && str_eq(procedure->book, book))
            return procedure;
    }
    return NULL;
}

const Parameter *procedure_parameter(const Procedure *procedure, Str name)
{
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        if (str_eq(procedure->parameters[i].name, name))
            return &procedure->parameters[i];
    }
    return NULL;
}
