/* api/invitation.c: people are let in by a link. Whoever invites sees the link once and hands it over; the secret in it
 * stands in the query or the body, never in the path, which is logged. */
#include "store/invitation.h"

#include "api/handlers.h"
#include "api/list.h"
#include "api/name.h"
#include "api/postman.h"
#include "api/role.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "store/preferences.h"
#include "store/token.h"
#include "value/zone.h"

#define DAY_US ((int64_t)24 * 3600 * 1000000)
#define LASTS_US (7 * DAY_US)
#define LASTS_MOST_US (30 * DAY_US)
#define MINUTE_NANOS (60 * INT64_C(1000000000))

/* ---- as JSON ---- */

static bool invitation_to_json(ApiRequest *request, const Invitation *invitation, Error *err)
{
    JsonOut *out = &request->json;
    Arena *arena = request->arena;
    const Scope *scope = &invitation->scope;
    Organization organization;
    Workspace workspace;
    RoleRow role;
    if (!store_organization_get(request->tx, arena, scope->organization_id, &organization, err) ||
        (invitation->role &&
         !store_role_get_by_key(request->tx, arena, scope->organization, invitation->role, &role, err)) ||
        (scope->workspace &&
         !store_workspace_get(request->tx, arena, scope->organization, scope->workspace_id, &workspace, err)))
        return false;
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(arena, "organizations/%.*s/invitations/%.*s", STR_ARG(scope->organization_id),
                               STR_ARG(invitation->id)));
    json_member_str(out, S("organization_display_name"), organization.title);
    if (scope->workspace) {
        json_member_str(out, S("workspace_id"), scope->workspace_id);
        json_member_str(out, S("workspace_display_name"), workspace.title);
    }
    json_key(out, S("roles"));
    json_open_array(out);
    if (invitation->role)
        json_str(out, role_full_name(arena, scope, role.id));
    json_close_array(out);
    json_key(out, S("is_accepted"));
    json_bool(out, invitation->accept_us != 0);
    json_member_str(out, S("email"), invitation->email);
    json_member_time_us(out, S("expire_time"), invitation->expire_us);
    json_close_object(out);
    return true;
}

/* ---- reading ---- */

static bool list_invitations(ApiRequest *request, Error *err)
{
    ApiList list;
    Invitation *invitations;
    int n;
    JsonOut *out = &request->json;
    if (!list_begin(request, &list, err) ||
        !store_invitation_list(request->tx, request->arena, &request->scope, clock_now_us(), &list.query, &invitations,
                               &n, &list.end, err))
        return false;
    json_open_object(out);
    json_key(out, S("invitations"));
    json_open_array(out);
    for (int i = 0; i < n; i++) {
        json_open_object(out);
        json_member_str(out, S("email"), invitations[i].email);
        json_member_str(out, S("invitation_id"), invitations[i].id);
        json_close_object(out);
    }
    json_close_array(out);
    list_end(request, &list);
    json_close_object(out);
    return true;
}

/* Of the organization or of one of its workspaces; there the caller needs `of_workspace`, else `of_organization`. */
static bool invitation_of_path(ApiRequest *request, Str of_organization, Str of_workspace, Invitation *out, Error *err)
{
    Scope ignored;
    if (!store_invitation_get(request->tx, request->arena, request->scope.organization, request->path[PATH_INVITATION],
                              out, err))
        return false;
    return principal_authorize(request->tx, request->arena, request->principal,
                               out->scope.workspace ? of_workspace : of_organization, out->scope.organization_id,
                               out->scope.workspace_id, &ignored, err);
}

static bool get_invitation(ApiRequest *request, Error *err)
{
    Invitation invitation;
    return invitation_of_path(request, S("read:User"), S("read:User"), &invitation, err) &&
           invitation_to_json(request, &invitation, err);
}

/* ---- inviting ---- */

typedef struct Inviting {
    Str email;
    RoleRow role;
    int64_t lasts_us;
    OwnLetter letter; /* as the writer left it, where there is a mail server */
    Error problem;    /* why it was not sent */
} Inviting;

static bool email_is_plausible(Str email)
{
    ptrdiff_t at = str_find(email, S("@"));
    bool plain = at > 0 && (size_t)at + 1 < email.len;
    for (size_t i = 0; plain && i < email.len; i++)
        plain = (unsigned char)email.data[i] > ' ' && email.data[i] != 127;
    return plain;
}

static bool read_lasts(ApiRequest *request, int64_t *out_us, Error *err)
{
    const Json *json = json_get(request->body, S("expire_duration"));
    *out_us = LASTS_US;
    if (json && (!duration_parse(json->text, out_us) || *out_us < 1000000 || *out_us > LASTS_MOST_US))
        return error_set(err, INVALID_ARGUMENT, "expire_duration", "give a time from 1s to 2592000s, which is 30 days");
    return true;
}

static bool prepare_invite(ApiRequest *request, Error *err)
{
    Inviting *inviting = NEW(request->arena, Inviting);
    request->state = inviting;
    inviting->email = str_trim(json_text(json_get(request->body, S("email"))));
    if (!email_is_plausible(inviting->email))
        return error_set(err, INVALID_ARGUMENT, "email", "\"%.*s\" is no e-mail address",
                         STR_ARG(str_clip(inviting->email, 100)));
    return read_lasts(request, &inviting->lasts_us, err) &&
           role_of_text(request, json_text(json_get(request->body, S("role"))), "role", &inviting->role, err) &&
           role_may_give(request, &inviting->role, err);
}

static bool is_no_member(ApiRequest *request, Str email, Error *err)
{
    User user;
    int64_t role = 0;
    Error absent = {0};
    if (!store_user_get_by_email(request->tx, request->arena, email, &user, &absent))
        return absent.code == NOT_FOUND || error_set(err, absent.code, "", "%s", absent.message);
    if (!store_role_given(request->tx, &request->scope, user.key, &role, err))
        return false;
    return role == 0 || error_set(err, ALREADY_EXISTS, "email", "%.*s has a role here already: assign another instead",
                                  STR_ARG(str_clip(email, 200)));
}

/* Names come from people: a line break in one would be a line of the letter's own. */
static Str one_line(Arena *arena, Str text)
{
    Buf out = buf_in(arena);
    for (size_t i = 0; i < text.len; i++)
        buf_char(&out, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
    return buf_view(&out);
}

/* As the place writes dates and times, in its zone. */
static bool write_until(ApiRequest *request, const Scope *scope, int64_t us, Buf *out, Error *err)
{
    Preferences preferences;
    Value at;
    if (!store_preferences_effective(request->tx, request->arena, scope, &preferences, err) ||
        !zone_local(request->arena, preferences.locale.time_zone, us, &at, err))
        return false;
    const DateTime *local = at.datetime;
    locale_write_date(out, &preferences.locale, value_date(local->year, local->month, local->day));
    buf_str(out, S(", "));
    locale_write_time(out, &preferences.locale, value_time((local->hour * 60 + local->minute) * MINUTE_NANOS));
    buf_printf(out, " %.*s", STR_ARG(preferences.locale.time_zone));
    return true;
}

static bool write_letter(ApiRequest *request, const Invitation *invitation, const RoleRow *role, Str link,
                         OwnLetter *out, Error *err)
{
    Arena *arena = request->arena;
    const Scope *scope = &invitation->scope;
    Organization organization;
    Workspace workspace;
    User inviter;
    if (!store_organization_get(request->tx, arena, scope->organization_id, &organization, err) ||
        !store_user_get_by_key(request->tx, arena, request->principal->user, &inviter, err) ||
        (scope->workspace &&
         !store_workspace_get(request->tx, arena, scope->organization, scope->workspace_id, &workspace, err)))
        return false;
    Str place = one_line(arena, organization.title);
    if (scope->workspace)
        place = str_printf(arena, "%.*s of %.*s", STR_ARG(one_line(arena, workspace.title)), STR_ARG(place));
    Str who = one_line(arena, inviter.display_name.len > 0 ? inviter.display_name : inviter.email);
    Buf until = buf_in(arena);
    if (!write_until(request, scope, invitation->expire_us, &until, err))
        return false;
    out->to = invitation->email;
    out->id = invitation->id;
    out->subject =
        str_printf(arena, "%.*s invites you to %.*s", STR_ARG(str_clip(who, 100)), STR_ARG(str_clip(place, 300)));
    out->text = str_printf(arena,
                           "%.*s (%.*s) invites you to work in %.*s on Clerkwork, as %.*s.\n\n"
                           "This link shows the invitation, which is accepted with the secret in it:\n\n%.*s\n\n"
                           "It can be accepted once, until %.*s. Whoever has the link can accept: do not hand it on.\n"
                           "If you expect no such invitation, let it be; nothing happens then.\n",
                           STR_ARG(who), STR_ARG(inviter.email), STR_ARG(place), STR_ARG(one_line(arena, role->title)),
                           STR_ARG(link), STR_ARG(buf_view(&until)));
    return true;
}

/* The answer stays open for what becomes of the letter. */
static bool invite(ApiRequest *request, Error *err)
{
    Inviting *inviting = request->state;
    Arena *arena = request->arena;
    Id id = id_new(), first = id_new(), second = id_new();
    Str secret = str_printf(arena, "%.*s%.*s", STR_ARG(id_str(&first)), STR_ARG(id_str(&second)));
    RoleRow role;
    if (!store_role_get(request->tx, arena, &request->scope, inviting->role.id, &role, err) ||
        !is_no_member(request, inviting->email, err))
        return false;
    Invitation invitation = {.scope = request->scope,
                             .id = str_copy(arena, id_str(&id)),
                             .email = inviting->email,
                             .role = role.key,
                             .expire_us = tx_now_us(request->tx) + inviting->lasts_us};
    token_secret_hash(secret, invitation.hash);
    if (!store_invitation_create(request->tx, &invitation, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("invitation"));
    if (!invitation_to_json(request, &invitation, err))
        return false;
    Str link =
        str_printf(arena, "%.*s/api/v1/invitations:open?secret=%.*s", STR_ARG(api_own_url(request)), STR_ARG(secret));
    if (!api_only_validates(request)) {
        json_member_str(&request->json, S("link"), link);
        json_member_str(&request->json, S("secret"), secret);
    }
    return !api_postman(request->api) || write_letter(request, &invitation, &role, link, &inviting->letter, err);
}

static bool is_mailed(const ApiRequest *request)
{
    return api_postman(request->api) && !request->validated;
}

static void tell_letter(ApiRequest *request)
{
    const Inviting *inviting = request->state;
    json_key(&request->json, S("is_email_sent"));
    json_bool(&request->json, is_mailed(request) && inviting->problem.code == OK);
    if (inviting->problem.code != OK)
        json_member_str(&request->json, S("email_problem"), str_from_c(inviting->problem.message));
    json_close_object(&request->json);
    api_answer(request);
}

/* The invitation is on disk: whatever the mail server says, it holds, and the answer has its link. */
static void letter_sent(ApiRequest *request)
{
    Inviting *inviting = request->state;
    if (request->failed)
        inviting->problem = request->failure;
    request->failed = false;
    tell_letter(request);
}

static void send_letter(ApiRequest *request)
{
    Inviting *inviting = request->state;
    const Postman *postman = api_postman(request->api);
    if (!postman->send(postman->self, &inviting->letter, &inviting->problem))
        LOG(LOG_WARN, "an invitation could not be mailed", LOG_STR("invitation", inviting->letter.id),
            LOG_STR("reason", str_from_c(inviting->problem.message)));
}

static void mail_invitation(ApiRequest *request)
{
    if (is_mailed(request))
        api_call_out(request, send_letter, letter_sent);
    else
        tell_letter(request);
}

static bool revoke_invitation(ApiRequest *request, Error *err)
{
    Invitation invitation;
    if (!invitation_of_path(request, S("update:Organization"), S("update:Member"), &invitation, err))
        return false;
    if (invitation.accept_us)
        return error_set(err, FAILED_PRECONDITION, "", "the invitation was accepted already: remove the user instead");
    if (invitation.revoke_us == 0)
        invitation.revoke_us = tx_now_us(request->tx);
    if (!store_invitation_update(request->tx, &invitation, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

/* ---- the link ---- */

static bool place_is_there(ApiRequest *request, const Scope *scope, Error *err)
{
    Organization organization;
    Workspace workspace;
    if (!store_organization_get(request->tx, request->arena, scope->organization_id, &organization, err))
        return false;
    if (organization.delete_us)
        return error_set(err, NOT_FOUND, "", "the organization of this invitation was deleted: ask who invited you");
    if (!scope->workspace)
        return true;
    return store_workspace_get(request->tx, request->arena, scope->organization, scope->workspace_id, &workspace,
                               err) &&
           (!workspace.delete_us ||
            error_set(err, NOT_FOUND, "", "the workspace of this invitation was deleted: ask who invited you"));
}

static bool open_invitation(ApiRequest *request, Str secret, Invitation *out, Error *err)
{
    unsigned char hash[TOKEN_HASH_LEN];
    token_secret_hash(secret, hash);
    if (!store_invitation_get_by_hash(request->tx, request->arena, hash, out, err))
        return err->code == NOT_FOUND
                   ? error_set(err, NOT_FOUND, "", "this link is of no invitation: ask for a new one")
                   : false;
    if (!token_hash_eq(out->hash, hash) || out->revoke_us || out->expire_us <= clock_now_us())
        return error_set(err, NOT_FOUND, "", "this link is of no invitation any more: ask for a new one");
    return place_is_there(request, &out->scope, err);
}

static bool get_by_link(ApiRequest *request, Error *err)
{
    Invitation invitation;
    return open_invitation(request, request->query[QUERY_SECRET].text, &invitation, err) &&
           invitation_to_json(request, &invitation, err);
}

/* Whoever has an account must show that it is theirs: those who invite know the link, too. A token that was given less
 * than its user has would come to more through a new role. */
static bool prepare_accept(ApiRequest *request, Error *err)
{
    Str authorization = http_header(request->http, S("Authorization"));
    if (authorization.len == 0)
        return true;
    if (!principal_authenticate(request->tx, request->arena, authorization, &request->principal, err))
        return false;
    return (request->principal->grant == GRANT_ALL && request->principal->n_workspaces == 0) ||
           error_set(err, PERMISSION_DENIED, "",
                     "this token may not accept invitations: use one that has all permissions and is bound to no "
                     "workspace");
}

static bool new_user(ApiRequest *request, const Invitation *invitation, User *out, Error *err)
{
    Id id = id_new();
    Str name = str_trim(json_text(json_get(request->body, S("display_name"))));
    ptrdiff_t at = str_find(invitation->email, S("@"));
    *out = (User){.id = str_copy(request->arena, id_str(&id)),
                  .display_name = name.len > 0 ? name : str_slice(invitation->email, 0, (size_t)MAX_OF(at, 0)),
                  .email = invitation->email};
    if (store_user_create(request->tx, out, err))
        return true;
    return err->code == ALREADY_EXISTS
               ? error_set(err, UNAUTHENTICATED, "",
                           "there is an account for %.*s: accept with one of its tokens in the Authorization header",
                           STR_ARG(str_clip(invitation->email, 200)))
               : false;
}

static bool known_user(ApiRequest *request, const Invitation *invitation, User *out, Error *err)
{
    if (!store_user_get_by_key(request->tx, request->arena, request->principal->user, out, err))
        return false;
    return str_eq_fold(out->email, invitation->email) ||
           error_set(err, PERMISSION_DENIED, "", "the invitation is for %.*s, and the token is of somebody else",
                     STR_ARG(str_clip(invitation->email, 200)));
}

static bool first_token(ApiRequest *request, const User *user, Str *out, Error *err)
{
    TokenSecret secret = token_secret_new();
    Id id = id_new();
    Str text = str_copy(request->arena, token_secret_str(&secret));
    Token token = {.user = user->key,
                   .id = id_str(&id),
                   .display_name = S("From the invitation"),
                   .prefix = token_secret_shown(text),
                   .permissions = S("all")};
    token_secret_hash(text, token.hash);
    *out = text;
    return store_token_create(request->tx, &token, 1, err);
}

static bool accept(ApiRequest *request, Error *err)
{
    Invitation invitation;
    User user;
    Str secret = {0};
    int64_t given = 0;
    bool known = request->principal != NULL;
    if (!open_invitation(request, json_text(json_get(request->body, S("secret"))), &invitation, err))
        return false;
    if (invitation.accept_us)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the invitation was accepted already: use its account's token, or ask to be invited again");
    if (!(known ? known_user : new_user)(request, &invitation, &user, err) ||
        !store_role_given(request->tx, &invitation.scope, user.key, &given, err))
        return false;
    invitation.accept_us = tx_now_us(request->tx);
    /* Whoever got a role meanwhile keeps it: an old link takes nothing away. */
    if ((given == 0 && !store_role_give(request->tx, &invitation.scope, user.key, invitation.role, err)) ||
        (!known && !first_token(request, &user, &secret, err)) ||
        !store_invitation_update(request->tx, &invitation, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("invitation"));
    if (!invitation_to_json(request, &invitation, err))
        return false;
    if (secret.len > 0)
        json_member_str(&request->json, S("token"), secret);
    json_close_object(&request->json);
    return true;
}

const Handler invitation_handlers[] = {
    {OP_LIST_ORGANIZATION_USER_INVITES, ON_READER, list_invitations},
    {OP_LIST_WORKSPACE_USER_INVITES, ON_READER, list_invitations},
    {OP_GET_INVITATION, ON_READER, get_invitation},
    {OP_INVITE_TO_ORGANIZATION, ON_WRITER, invite, prepare_invite, .finish = mail_invitation},
    {OP_INVITE_TO_WORKSPACE, ON_WRITER, invite, prepare_invite, .finish = mail_invitation},
    {OP_REVOKE_INVITATION, ON_WRITER, revoke_invitation},
    {OP_OPEN_INVITATION, ON_READER, get_by_link},
    {OP_ACCEPT_INVITATION, ON_WRITER, accept, prepare_accept},
    HANDLERS_END,
};
