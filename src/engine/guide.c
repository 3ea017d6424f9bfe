/* engine/guide.c: answers that are kept, and the next equal question that they answer without asking.
 *
 * An entry fits a question when automation, sentence (by its hash, so that edits elsewhere keep it), kind and missing
 * name are exactly the same and its condition holds. The same place is answered once a run: if it asks again, the guide
 * did not help, and a person is asked. */
#include "engine/internal.h"

#include "base/id.h"

static uint64_t place_of(const Question *question)
{
    return str_hash(question->call_path) * 31 + question->node_id;
}

static bool guided_before(ActiveRun *active, uint64_t place)
{
    for (int i = 0; i < active->n_guided; i++)
        if (active->guided[i] == place)
            return true;
    if (active->n_guided == (int)COUNT_OF(active->guided))
        active->n_guided = 0; /* forgets the oldest places together: a long run of many rows is no loop */
    active->guided[active->n_guided++] = place;
    return false;
}

static Str told_of(Arena *arena, const GuideEntry *entry, const char *what_came)
{
    return str_printf(arena, "The guide entry \"%.*s\" was tried (%.*s). %s", STR_ARG(entry->title),
                      STR_ARG(entry->answer), what_came);
}

/* Where it was tried and failed, `out_story` tells so; a condition that does not hold is no failure. */
static bool try_entry(ActiveRun *active, Arena *arena, const GuideEntry *entry, Answer *out, Str *out_story)
{
    Error err = {0};
    bool holds = true;
    bool ok = entry->condition.len == 0 || evaluation_condition(active->evaluation, entry->condition, &holds, &err);
    if (ok && !holds)
        return false;
    ok = ok && answer_read(arena, entry->answer, active->program, evaluation_question(active->evaluation), out, &err) &&
         evaluation_answer(active->evaluation, out, &err);
    if (!ok)
        *out_story = told_of(arena, entry, str_to_c(arena, str_printf(arena, "It does not fit: %s", err.message)));
    return ok;
}

const GuideEntry *guide_apply(ActiveRun *active, Tx *tx, Arena *arena, const Question *question, uint64_t sentence_hash,
                              Answer *out, Str *out_story)
{
    GuideEntry *entries;
    int n;
    Error err = {0};
    uint64_t place = place_of(question);
    if (!store_guide_match(tx, arena, active->row.automation, sentence_hash, str_from_c(question->kind),
                           question->missing, GUIDE_APPROVED, &entries, &n, &err) ||
        n == 0)
        return NULL;
    if (guided_before(active, place)) {
        *out_story = told_of(arena, &entries[0], "The same question came again.");
        return NULL;
    }
    for (int i = 0; i < n; i++)
        if (try_entry(active, arena, &entries[i], out, out_story))
            return &entries[i];
    return NULL;
}

/* Whether an entry in this state says the same of the same question. */
static bool is_said(Tx *tx, Arena *arena, const GuideEntry *entry, GuideState state, bool *out, Error *err)
{
    GuideEntry *known;
    int n;
    if (!store_guide_match(tx, arena, entry->automation, entry->sentence_hash, entry->kind, entry->missing, state,
                           &known, &n, err))
        return false;
    *out = false;
    for (int i = 0; i < n; i++)
        *out |= str_eq(known[i].answer, entry->answer) && str_eq(known[i].condition, entry->condition);
    return true;
}

/* One answer to many questions is kept, or proposed, once. */
static bool is_known(Tx *tx, Arena *arena, const GuideEntry *entry, bool *out, Error *err)
{
    return is_said(tx, arena, entry, GUIDE_APPROVED, out, err) &&
           (*out || entry->state == GUIDE_APPROVED || is_said(tx, arena, entry, entry->state, out, err));
}

bool guide_remember(Tx *tx, Arena *arena, const RunRow *run, const Program *program, const Question *question,
                    const Answer *answer, const AnswerRequest *request, Str exception_id, Error *err)
{
    bool known;
    Id id = id_new();
    Str name = question->missing.len > 0 ? question->missing : str_from_c(question->kind);
    GuideEntry entry = {
        .automation = run->automation,
        .id = str_copy(arena, id_str(&id)),
        .automation_id = run->automation_id,
        .title = str_printf(arena, "When %.*s is asked for: %.*s", STR_ARG(name), STR_ARG(answer->text)),
        .root_cause = question->description,
        .answer = answer->text,
        .condition = answer->condition,
        .state = request->may_approve ? GUIDE_APPROVED : GUIDE_PENDING_APPROVAL,
        .version = {0, 1},
        .sentence_hash = program_sentence_hash(program, question->sentence_id),
        .kind = str_from_c(question->kind),
        .missing = question->missing,
        .source_exception_id = exception_id,
        .source_run_id = run->id,
        .create_us = tx_now_us(tx),
        .update_us = tx_now_us(tx),
    };
    return is_known(tx, arena, &entry, &known, err) && (known || store_guide_insert(tx, &run->scope, &entry, err));
}
