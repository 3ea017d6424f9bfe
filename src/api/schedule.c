/* api/schedule.c: the schedule of an automation: there is one or none. */
#include "engine/timetable.h"

#include "api/check.h"
#include "api/handlers.h"
#include "api/name.h"

#define NEXT_TIMES 10
#define PAST_TIMES 10

/* ---- as JSON ---- */

static void next_times_to_json(JsonOut *out, const ScheduleRow *row, const Schedule *schedule)
{
    int64_t times[NEXT_TIMES];
    int n = timetable_upcoming(row, schedule, NEXT_TIMES, times);
    json_key(out, S("next_run_times"));
    json_open_array(out);
    for (int i = 0; i < n; i++)
        json_time_us(out, times[i]);
    json_close_array(out);
}

static const unsigned wire_outcomes[] = {
    [FIRE_STARTED] = WIRE_SCHEDULE_OUTCOME_STARTED,
    [FIRE_MISSED] = WIRE_SCHEDULE_OUTCOME_MISSED,
    [FIRE_OVERLAPPED] = WIRE_SCHEDULE_OUTCOME_OVERLAPPED,
    [FIRE_REFUSED] = WIRE_SCHEDULE_OUTCOME_REFUSED,
};

static void fire_to_json(ApiRequest *request, const ScheduleRow *row, const ScheduleFire *fire)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_time_us(out, S("due_time"), fire->due_us);
    json_member_str(out, S("outcome"), contract_enum_text(ENUM_SCHEDULE_OUTCOME, wire_outcomes[fire->outcome]));
    if (fire->run_id.len > 0)
        json_member_str(out, S("run"), name_run(request->arena, &request->scope, row->automation_id, fire->run_id));
    if (fire->reason.len > 0)
        json_member_str(out, S("reason"), fire->reason);
    json_close_object(out);
}

static bool past_times_to_json(ApiRequest *request, const ScheduleRow *row, Error *err)
{
    ScheduleFire *fires;
    int n;
    if (!store_schedule_fires(request->tx, request->arena, &request->scope, row->automation, PAST_TIMES, &fires, &n,
                              err))
        return false;
    json_key(&request->json, S("recent_occurrences"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        fire_to_json(request, row, &fires[i]);
    json_close_array(&request->json);
    return true;
}

static bool schedule_to_json(ApiRequest *request, const ScheduleRow *row, Error *err)
{
    JsonOut *out = &request->json;
    Schedule schedule;
    if (!timetable_schedule(request->arena, row, &schedule, err))
        return false;
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(request->arena, "%.*s/schedule",
                               STR_ARG(name_automation(request->arena, &request->scope, row->automation_id))));
    json_key(out, S("config"));
    schedule_write(out, &schedule);
    json_key(out, S("enabled"));
    json_bool(out, row->enabled);
    json_member_str(out, S("summary"), schedule_summary(request->arena, &schedule));
    next_times_to_json(out, row, &schedule);
    if (schedule.end == SCHEDULE_ENDS_AFTER) {
        json_key(out, S("remaining_occurrences"));
        json_i64(out, timetable_remaining(row, &schedule));
    }
    if (!past_times_to_json(request, row, err))
        return false;
    json_close_object(out);
    return true;
}

/* ---- the operations ---- */

static bool get_schedule(ApiRequest *request, Error *err)
{
    ScheduleRow row;
    return timetable_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], &row, err) &&
           schedule_to_json(request, &row, err);
}

/* On a reader thread: whether a schedule ever runs may take a look at many years. */
static bool read_config(ApiRequest *request, Error *err)
{
    const World *world = engine_world(api_engine(request->api));
    Schedule *schedule = NEW(request->arena, Schedule);
    request->state = schedule;
    return schedule_read(request->arena, json_get(request->body, S("config")), world->now_us(world->self), schedule,
                         err);
}

static bool create_schedule(ApiRequest *request, Error *err)
{
    ScheduleRow row;
    return timetable_create(request->tx, api_engine(request->api), request->arena, &request->scope,
                            request->path[PATH_AUTOMATION], request->state, &row, err) &&
           schedule_to_json(request, &row, err);
}

static bool update_schedule(ApiRequest *request, Error *err)
{
    ScheduleRow row;
    return timetable_change(request->tx, api_engine(request->api), request->arena, &request->scope,
                            request->path[PATH_AUTOMATION], request->state, &row, err) &&
           schedule_to_json(request, &row, err);
}

static bool delete_schedule(ApiRequest *request, Error *err)
{
    if (!timetable_delete(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], err))
        return false;
    json_open_object(&request->json);
    json_close_object(&request->json);
    return true;
}

static bool set_enabled(ApiRequest *request, bool enabled, Error *err)
{
    ScheduleRow row;
    if (!timetable_enable(request->tx, api_engine(request->api), request->arena, &request->scope,
                          request->path[PATH_AUTOMATION], enabled, &row, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("schedule"));
    if (!schedule_to_json(request, &row, err))
        return false;
    json_close_object(&request->json);
    return true;
}

static bool enable_schedule(ApiRequest *request, Error *err)
{
    return set_enabled(request, true, err);
}

static bool disable_schedule(ApiRequest *request, Error *err)
{
    return set_enabled(request, false, err);
}

const Handler schedule_handlers[] = {
    {OP_GET_AUTOMATION_SCHEDULE, ON_READER, get_schedule},
    {OP_CREATE_AUTOMATION_SCHEDULE, ON_WRITER, create_schedule, read_config},
    {OP_UPDATE_AUTOMATION_SCHEDULE, ON_WRITER, update_schedule, read_config},
    {OP_DELETE_AUTOMATION_SCHEDULE, ON_WRITER, delete_schedule},
    {OP_ENABLE_AUTOMATION_SCHEDULE, ON_WRITER, enable_schedule},
    {OP_DISABLE_AUTOMATION_SCHEDULE, ON_WRITER, disable_schedule},
    HANDLERS_END,
};
