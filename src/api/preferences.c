/* api/preferences.c: how organizations and workspaces write figures, dates and times. Answers say what holds; what is
 * set at the place itself, and not inherited, stands in `own_fields`. */
#include "store/preferences.h"

#include "api/check.h"
#include "api/handlers.h"
#include "api/mask.h"
#include "api/name.h"
#include "value/zone.h"

/* The store's enums are numbered as the contract's are, whose first is the unspecified one. */
static_assert(TIME_FORMATS == (int)WIRE_TIME_FORMAT_N, "the contract's time formats are the store's");
static_assert(DATE_FORMATS == (int)WIRE_DATE_FORMAT_N, "the contract's date formats are the store's");
static_assert(DECIMAL_SYMBOLS == (int)WIRE_DECIMAL_SYMBOL_N, "the contract's decimal symbols are the store's");
static_assert(MEASUREMENT_SYSTEMS == (int)WIRE_MEASUREMENT_SYSTEM_N, "the contract's systems are the store's");

static void own_fields_to_json(JsonOut *out, const Preferences *own)
{
    const struct {
        Str name;
        bool set;
    } fields[] = {
        {S("support_team_access"), own->support_access != SUPPORT_UNSET},
        {S("general.time_zone"), own->locale.time_zone.len > 0},
        {S("general.time_format"), own->locale.time_format != TIME_FORMAT_UNSET},
        {S("general.date_format"), own->locale.date_format != DATE_FORMAT_UNSET},
        {S("general.decimal_symbol"), own->locale.decimal_symbol != DECIMAL_SYMBOL_UNSET},
        {S("general.decimal_places"), own->locale.places_set},
        {S("general.measurement_system"), own->locale.measurement != MEASUREMENT_UNSET},
    };
    json_key(out, S("own_fields"));
    json_open_array(out);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (fields[i].set)
            json_str(out, fields[i].name);
    }
    json_close_array(out);
}

static bool preferences_to_json(ApiRequest *request, Error *err)
{
    const Scope *scope = &request->scope;
    JsonOut *out = &request->json;
    Preferences own, holds;
    if (!store_preferences_get(request->tx, request->arena, scope, &own, err) ||
        !store_preferences_effective(request->tx, request->arena, scope, &holds, err))
        return false;
    Str parent = scope->workspace ? name_workspace(request->arena, scope)
                                  : name_organization(request->arena, scope->organization_id);
    json_open_object(out);
    json_member_str(out, S("name"), str_printf(request->arena, "%.*s/preferences", STR_ARG(parent)));
    json_key(out, S("support_team_access"));
    json_bool(out, holds.support_access == SUPPORT_ALLOWED);
    json_key(out, S("general"));
    json_open_object(out);
    json_member_str(out, S("time_zone"), holds.locale.time_zone);
    json_member_str(out, S("time_format"), contract_enum_text(ENUM_TIME_FORMAT, holds.locale.time_format));
    json_member_str(out, S("date_format"), contract_enum_text(ENUM_DATE_FORMAT, holds.locale.date_format));
    json_member_str(out, S("decimal_symbol"), contract_enum_text(ENUM_DECIMAL_SYMBOL, holds.locale.decimal_symbol));
    json_key(out, S("decimal_places"));
    json_i64(out, holds.locale.decimal_places);
    json_member_str(out, S("measurement_system"),
                    contract_enum_text(ENUM_MEASUREMENT_SYSTEM, holds.locale.measurement));
    json_close_object(out);
    own_fields_to_json(out, &own);
    json_close_object(out);
    return true;
}

static bool get_preferences(ApiRequest *request, Error *err)
{
    return preferences_to_json(request, err);
}

/* ---- changing ---- */

typedef struct PreferencesEdit {
    Mask mask;
    Preferences wanted;
} PreferencesEdit;

static int enum_of(const Json *object, Str field, EnumId id)
{
    const Json *json = json_get(object, field);
    int found = json ? contract_enum_find(id, json->text, false) : 0;
    return MAX_OF(found, 0);
}

static bool read_zone(const Json *general, Str *out, Error *err)
{
    Str zone = json_text(json_get(general, S("time_zone")));
    if (zone.len > 0 && !zone_is_known(zone))
        return error_set(err, INVALID_ARGUMENT, "general.time_zone",
                         "there is no time zone \"%.*s\": use a name like Europe/Berlin", STR_ARG(str_clip(zone, 64)));
    *out = zone;
    return true;
}

static bool read_places(const Json *general, Locale *out, Error *err)
{
    const Json *json = json_get(general, S("decimal_places"));
    int64_t places = 0;
    if (!json)
        return true;
    if (!json_to_i64(json, &places) || places < 0 || places > DECIMAL_PLACES_MOST)
        return error_set(err, INVALID_ARGUMENT, "general.decimal_places",
                         "give a number from 0 to %d, the most that numbers have", DECIMAL_PLACES_MOST);
    out->places_set = true;
    out->decimal_places = (uint8_t)places;
    return true;
}

static bool prepare_update(ApiRequest *request, Error *err)
{
    PreferencesEdit *edit = NEW(request->arena, PreferencesEdit);
    const Json *general = json_get(request->body, S("general"));
    const Json *access = json_get(request->body, S("support_team_access"));
    Locale *locale = &edit->wanted.locale;
    request->state = edit;
    if (!mask_read(request, &edit->mask, err) || !read_zone(general, &locale->time_zone, err) ||
        !read_places(general, locale, err))
        return false;
    locale->time_format = (TimeFormat)enum_of(general, S("time_format"), ENUM_TIME_FORMAT);
    locale->date_format = (DateFormat)enum_of(general, S("date_format"), ENUM_DATE_FORMAT);
    locale->decimal_symbol = (DecimalSymbol)enum_of(general, S("decimal_symbol"), ENUM_DECIMAL_SYMBOL);
    locale->measurement = (MeasurementSystem)enum_of(general, S("measurement_system"), ENUM_MEASUREMENT_SYSTEM);
    if (access)
        edit->wanted.support_access = access->boolean ? SUPPORT_ALLOWED : SUPPORT_REFUSED;
    return true;
}

/* What is named without a value is inherited from now on. */
static bool update_preferences(ApiRequest *request, Error *err)
{
    const PreferencesEdit *edit = request->state;
    const Locale *wanted = &edit->wanted.locale;
    Preferences own;
    if (!store_preferences_get(request->tx, request->arena, &request->scope, &own, err))
        return false;
    if (mask_has(request, &edit->mask, S("support_team_access")))
        own.support_access = edit->wanted.support_access;
    if (mask_has(request, &edit->mask, S("general.time_zone")))
        own.locale.time_zone = wanted->time_zone;
    if (mask_has(request, &edit->mask, S("general.time_format")))
        own.locale.time_format = wanted->time_format;
    if (mask_has(request, &edit->mask, S("general.date_format")))
        own.locale.date_format = wanted->date_format;
    if (mask_has(request, &edit->mask, S("general.decimal_symbol")))
        own.locale.decimal_symbol = wanted->decimal_symbol;
    if (mask_has(request, &edit->mask, S("general.decimal_places"))) {
        own.locale.places_set = wanted->places_set;
        own.locale.decimal_places = wanted->decimal_places;
    }
    if (mask_has(request, &edit->mask, S("general.measurement_system")))
        own.locale.measurement = wanted->measurement;
    return store_preferences_put(request->tx, &request->scope, &own, err) && preferences_to_json(request, err);
}

const Handler preferences_handlers[] = {
    {OP_GET_ORGANIZATION_PREFERENCES, ON_LOOP, get_preferences},
    {OP_GET_WORKSPACE_PREFERENCES, ON_LOOP, get_preferences},
    {OP_UPDATE_ORGANIZATION_PREFERENCES, ON_WRITER, update_preferences, prepare_update},
    {OP_UPDATE_WORKSPACE_PREFERENCES, ON_WRITER, update_preferences, prepare_update},
    HANDLERS_END,
};
