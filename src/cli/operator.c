/* cli/operator.c */
#include "cli/operator.h"

#include <string.h>
#include <unistd.h>

bool operator_execute(Command *command, const char *data, const char *database, Error *err)
{
    const char *directory = strncmp(data, "sqlite:", 7) == 0 ? data + 7 : data;
    if (database[0] == '\0' && access(directory, F_OK) != 0)
        return error_set(err, NOT_FOUND, "data", "there is no directory %s; `clerkwork setup --data %s` makes one",
                         data, data);
    return operator_execute_anew(command, data, database, err);
}

bool operator_execute_anew(Command *command, const char *data, const char *database, Error *err)
{
    Store *store;
    const StoreOptions options = {.location = str_from_c(data), .database = str_from_c(database)};
    if (!store_open(&options, &store, err))
        return false;
    bool ok = store_execute(store, command, err);
    store_close(store);
    return ok;
}
