/* engine/automation.c: the life of an automation. */
#include "engine/automation.h"

#include <stdio.h>

#include "base/id.h"
#include "engine/defaults.h"
#include "engine/internal.h"

/*   draft 0.1 ──edit──> 0.2 ──publish──> 1.0 ──edit──> 1.1 ──publish──> 2.0
 *                                         ^──────discard draft──┘
 * A version with minor 0 is published and never changes; major 0 means never published. */

bool version_parse(Str text, Version *out, Error *err)
{
    Str rest = text;
    Str major = str_cut(&rest, '.');
    int64_t numbers[2];
    if (!str_to_i64(major, &numbers[0]) || !str_to_i64(rest, &numbers[1]) || numbers[0] < 0 || numbers[1] < 0 ||
        numbers[0] > INT32_MAX || numbers[1] > INT32_MAX)
        return error_set(err, INVALID_ARGUMENT, "revision", "\"%.*s\" is no version; expected major.minor, as in 1.0",
                         STR_ARG(text));
    *out = (Version){(int32_t)numbers[0], (int32_t)numbers[1]};
    return true;
}

Str version_text(Arena *arena, Version version)
{
    return str_printf(arena, "%d.%d", version.major, version.minor);
}

/* ---- reading the edit ---- */

static bool both_spellings(Engine *engine, Arena *arena, AutomationEdit *edit, Error *err)
{
    Program *english = program_load(arena, edit->english, SPELLING_ENGLISH, engine_catalog(engine));
    Program *spy = program_load(arena, edit->code, SPELLING_SPY, engine_catalog(engine));
    if (!english->tree || !spy->tree || !ast_equal(english->tree, spy->tree))
        return error_set(
            err, INVALID_ARGUMENT, "code",
            "english_code and code were both given and do not say the same; send one of them and the other follows");
    edit->program = english;
    edit->spelling = SPELLING_ENGLISH;
    return true;
}

bool automation_prepare(Engine *engine, Arena *arena, AutomationEdit *edit, const Revision *current, Error *err)
{
    bool english = edit->has_english && !(current && str_eq(edit->english, current->english));
    bool code = edit->has_code && !(current && str_eq(edit->code, current->code));
    if (!current) { /* an empty spelling of a new automation says nothing */
        english = english && edit->english.len > 0;
        code = code && edit->code.len > 0;
    }
    edit->program = NULL;
    if (english && code)
        return both_spellings(engine, arena, edit, err);
    if (!english && !code)
        return true;
    edit->spelling = english ? SPELLING_ENGLISH : SPELLING_SPY;
    edit->program = program_load(arena, english ? edit->english : edit->code, edit->spelling, engine_catalog(engine));
    return true;
}

static bool has_text(const Revision *revision)
{
    return revision && (revision->source_spelling == SPELLING_SPY ? revision->code : revision->english).len > 0;
}

bool automation_fits(Engine *engine, Arena *arena, const AutomationEdit *edit, const Revision *current, Reading reading,
                     Error *err)
{
    if (!edit->has_default_inputs && !edit->has_marked_outputs)
        return true;
    const Program *program = edit->program;
    if (!program && has_text(current))
        program = revision_program(arena, current, engine_catalog(engine));
    return !program ||
           ((!edit->has_default_inputs || default_inputs_fit(arena, program, edit->default_inputs, reading, err)) &&
            (!edit->has_marked_outputs || marked_outputs_fit(arena, program, edit->marked_outputs, err)));
}

static Str json_of(Arena *arena, const Program *program, void (*write)(JsonOut *, const Program *))
{
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    write(&json, program);
    return buf_view(&text);
}

/* The text as it is printed, so that spans fit; the text as it was written while it cannot be read. */
static void put_program(Arena *arena, Revision *revision, const AutomationEdit *edit)
{
    const Program *program = edit->program;
    bool english = edit->spelling == SPELLING_ENGLISH;
    revision->english = english && program->english.len == 0 ? edit->english : program->english;
    revision->code = !english && program->spy.len == 0 ? edit->code : program->spy;
    revision->source_spelling = (uint8_t)edit->spelling;
    revision->code_mapping = json_of(arena, program, program_mapping_to_json);
    revision->input_specs = json_of(arena, program, program_inputs_to_json);
    revision->valid = program->diagnostics.n_errors == 0;
}

static void put_edit(Arena *arena, Revision *revision, const AutomationEdit *edit)
{
    if (edit->has_display_name)
        revision->display_name = edit->display_name;
    if (edit->has_description)
        revision->description = edit->description;
    if (edit->has_connections)
        revision->connections = edit->connections;
    if (edit->has_default_inputs)
        revision->default_inputs = edit->default_inputs;
    if (edit->has_marked_outputs)
        revision->marked_outputs = edit->marked_outputs;
    if (edit->has_artifacts)
        revision->artifacts = edit->artifacts;
    if (edit->program)
        put_program(arena, revision, edit);
}

static bool says_the_same(const Revision *a, const Revision *b)
{
    return str_eq(a->display_name, b->display_name) && str_eq(a->description, b->description) &&
           str_eq(a->english, b->english) && str_eq(a->code, b->code) && str_eq(a->connections, b->connections) &&
           str_eq(a->default_inputs, b->default_inputs) && str_eq(a->marked_outputs, b->marked_outputs) &&
           str_eq(a->artifacts, b->artifacts);
}

/* ---- saving ---- */

static void new_etag(Arena *arena, Automation *automation)
{
    Id id = id_new();
    automation->etag = str_printf(arena, "\"%.*s\"", 12, id.text);
}

static bool check_etag(const Automation *automation, Str etag, Error *err)
{
    if (etag.len == 0 || str_eq(etag, automation->etag) || str_eq(etag, S("*")))
        return true;
    return error_set(err, ABORTED, "etag",
                     "the automation was changed meanwhile: read it again, then repeat your change on it");
}

static bool get(Tx *tx, Arena *arena, const Scope *scope, Str id, Automation *automation, Revision *newest, Error *err)
{
    return store_automation_get(tx, arena, scope, id, false, automation, err) &&
           store_revision_get(tx, arena, automation->draft_revision, newest, err);
}

/* Adds `revision` as the newest of `automation` and writes both. */
static bool add_revision(Tx *tx, Arena *arena, const Scope *scope, Automation *automation, Revision *revision,
                         Str user_id, Error *err)
{
    int64_t now = tx_now_us(tx);
    revision->key = 0;
    revision->automation = automation->key;
    revision->create_us = now;
    revision->user_id = user_id;
    if (!store_revision_add(tx, scope, revision, err))
        return false;
    automation->draft_revision = revision->key;
    automation->version = revision->version;
    automation->display_name = revision->display_name;
    automation->update_us = now;
    automation->update_user_id = user_id;
    if (revision->published) {
        automation->published_revision = revision->key;
        automation->published_version = revision->version;
    }
    new_etag(arena, automation);
    return store_automation_update(tx, scope, automation, err);
}

static Version next_minor(Version version)
{
    return (Version){version.major, version.minor + 1};
}

static Revision empty_revision(void)
{
    return (Revision){
        .connections = S("{}"),
        .default_inputs = S("{}"),
        .marked_outputs = S("[]"),
        .artifacts = S("{}"),
        .code_mapping = S("{\"entries\":[]}"),
        .input_specs = S("[]"),
        .valid = true,
    };
}

/* What is the automation's and not of a version stands in `out` already. */
static bool insert(Tx *tx, Arena *arena, const Scope *scope, Revision *revision, Str user_id, Automation *out,
                   Error *err)
{
    Id id = id_new();
    int64_t now = tx_now_us(tx);
    revision->key = 0;
    revision->version = (Version){0, 1};
    revision->published = false;
    revision->create_us = now;
    revision->user_id = user_id;
    *out = (Automation){
        .id = str_copy(arena, id_str(&id)),
        .version = revision->version,
        .display_name = revision->display_name,
        .create_us = now,
        .update_us = now,
        .keep_runs_us = out->keep_runs_us,
        .run_deadline_us = out->run_deadline_us,
        .author_id = user_id,
        .update_user_id = user_id,
    };
    new_etag(arena, out);
    return store_automation_create(tx, scope, out, revision, err);
}

/* True when that changes anything. */
static bool put_settings(Automation *automation, const AutomationEdit *edit)
{
    const Automation before = *automation;
    if (edit->has_keep_runs)
        automation->keep_runs_us = edit->keep_runs_us;
    if (edit->has_run_deadline)
        automation->run_deadline_us = edit->run_deadline_us;
    return automation->keep_runs_us != before.keep_runs_us || automation->run_deadline_us != before.run_deadline_us;
}

bool automation_create(Tx *tx, Arena *arena, const Scope *scope, const AutomationEdit *edit, Str user_id,
                       Automation *out, Revision *out_revision, Error *err)
{
    *out_revision = empty_revision();
    put_edit(arena, out_revision, edit);
    *out = (Automation){.keep_runs_us = edit->keep_runs_us, .run_deadline_us = edit->run_deadline_us};
    return insert(tx, arena, scope, out_revision, user_id, out, err);
}

/* What is the automation's and not of a version. */
static bool write_setting(Tx *tx, Arena *arena, const Scope *scope, Str user_id, Automation *automation, Error *err)
{
    automation->update_us = tx_now_us(tx);
    automation->update_user_id = user_id;
    new_etag(arena, automation);
    return store_automation_update(tx, scope, automation, err);
}

bool automation_edit(Tx *tx, Arena *arena, const Scope *scope, Str id, const AutomationEdit *edit, Str user_id,
                     Automation *out, Revision *out_revision, Error *err)
{
    if (!get(tx, arena, scope, id, out, out_revision, err) || !check_etag(out, edit->etag, err))
        return false;
    const Revision before = *out_revision;
    put_edit(arena, out_revision, edit);
    bool set_otherwise = put_settings(out, edit);
    if (says_the_same(&before, out_revision)) { /* a version is an edit: nothing new makes none */
        *out_revision = before;
        return !set_otherwise || write_setting(tx, arena, scope, user_id, out, err);
    }
    out_revision->version = next_minor(out->version);
    out_revision->published = false;
    out_revision->restored_from = (Version){0, 0};
    out_revision->restore_us = 0;
    out_revision->restore_user_id = (Str){0};
    return add_revision(tx, arena, scope, out, out_revision, user_id, err);
}

bool automation_delete(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, Str etag, Automation *out,
                       Error *err)
{
    if (!store_automation_get(tx, arena, scope, id, false, out, err) || !check_etag(out, etag, err))
        return false;
    out->delete_us = out->update_us = tx_now_us(tx);
    out->purge_us = out->delete_us + PURGE_AFTER_US;
    new_etag(arena, out);
    claim_tell_purge(tx, engine, out->purge_us);
    return store_automation_update(tx, scope, out, err);
}

bool automation_undelete(Tx *tx, Arena *arena, const Scope *scope, Str id, Automation *out, Error *err)
{
    if (!store_automation_get(tx, arena, scope, id, true, out, err))
        return false;
    if (out->delete_us == 0)
        return error_set(err, ALREADY_EXISTS, "", "the automation is not deleted: there is nothing to undelete");
    out->delete_us = out->purge_us = 0;
    out->update_us = tx_now_us(tx);
    new_etag(arena, out);
    return store_automation_update(tx, scope, out, err);
}

/* ---- publishing ---- */

static bool refuse_invalid(const Revision *revision, Error *err)
{
    return error_set(err, FAILED_PRECONDITION, revision->source_spelling == SPELLING_SPY ? "code" : "english_code",
                     "the draft has problems: call :validatePublish to see them all, mend them, then publish");
}

bool automation_publish(Tx *tx, Arena *arena, const Scope *scope, Str id, Str user_id, Automation *out,
                        Revision *out_revision, Error *err)
{
    if (!get(tx, arena, scope, id, out, out_revision, err))
        return false;
    if (out_revision->published)
        return error_set(err, FAILED_PRECONDITION, "",
                         "version %d.%d is published already and the draft has no change: edit it first",
                         out->version.major, out->version.minor);
    if (!out_revision->valid)
        return refuse_invalid(out_revision, err);
    out_revision->version = (Version){out->version.major + 1, 0};
    out_revision->published = true;
    out->publish_us = tx_now_us(tx);
    out->publish_user_id = user_id;
    if (out->activation == ACTIVATION_UNSPECIFIED)
        out->activation = ACTIVATION_ACTIVE;
    return add_revision(tx, arena, scope, out, out_revision, user_id, err);
}

bool automation_set_active(Tx *tx, Arena *arena, const Scope *scope, Str id, bool active, Automation *out, Error *err)
{
    if (!store_automation_get(tx, arena, scope, id, false, out, err))
        return false;
    if (out->published_revision == 0)
        return error_set(err, FAILED_PRECONDITION, "", "Automation not published: publish it before you %s it",
                         active ? "activate" : "deactivate");
    ActivationState wanted = active ? ACTIVATION_ACTIVE : ACTIVATION_DEACTIVATED;
    if (out->activation == wanted)
        return true;
    out->activation = wanted;
    out->update_us = tx_now_us(tx);
    new_etag(arena, out);
    return store_automation_update(tx, scope, out, err);
}

bool automation_discard_draft(Tx *tx, Arena *arena, const Scope *scope, Str id, Str user_id, Automation *out,
                              Error *err)
{
    Revision published;
    if (!store_automation_get(tx, arena, scope, id, false, out, err))
        return false;
    if (out->published_revision == 0)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the automation was never published: its draft is all there is; delete it instead");
    if (out->draft_revision == out->published_revision)
        return true;
    if (!store_revision_discard_drafts(tx, out->key, err) ||
        !store_revision_get(tx, arena, out->published_revision, &published, err))
        return false;
    out->draft_revision = out->published_revision;
    out->version = out->published_version;
    out->display_name = published.display_name;
    out->update_us = tx_now_us(tx);
    out->update_user_id = user_id;
    new_etag(arena, out);
    return store_automation_update(tx, scope, out, err);
}

static bool copy_of(Tx *tx, Arena *arena, const Scope *scope, Str display_name, Str user_id, Automation *out,
                    Revision *revision, Error *err)
{
    revision->display_name = display_name;
    revision->restored_from = (Version){0, 0};
    revision->restore_us = 0;
    revision->restore_user_id = (Str){0};
    return insert(tx, arena, scope, revision, user_id, out, err);
}

bool automation_fork(Tx *tx, Arena *arena, const Scope *scope, Str id, Str display_name, Str user_id, Automation *out,
                     Revision *out_revision, Error *err)
{
    if (!store_automation_get(tx, arena, scope, id, false, out, err))
        return false;
    int64_t source = out->published_revision ? out->published_revision : out->draft_revision;
    if (display_name.len == 0 && out->published_revision == 0)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the automation was never published: its draft can be edited as it is; give a "
                         "display_name to make a copy");
    if (!store_revision_get(tx, arena, source, out_revision, err))
        return false;
    if (display_name.len > 0)
        return copy_of(tx, arena, scope, display_name, user_id, out, out_revision, err);
    out_revision->version = next_minor(out->version);
    out_revision->published = false;
    return add_revision(tx, arena, scope, out, out_revision, user_id, err);
}

bool automation_restore(Tx *tx, Arena *arena, const Scope *scope, Str id, Version version, Str user_id, Automation *out,
                        Revision *out_revision, Error *err)
{
    if (!store_automation_get(tx, arena, scope, id, false, out, err) ||
        !store_revision_get_by_version(tx, arena, out->key, version, out_revision, err))
        return false;
    out_revision->restored_from = version;
    out_revision->restore_us = tx_now_us(tx);
    out_revision->restore_user_id = user_id;
    out_revision->version = next_minor(out->version);
    out_revision->published = false;
    return add_revision(tx, arena, scope, out, out_revision, user_id, err);
}
