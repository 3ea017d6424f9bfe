#include "http/client.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/curl.h"
#include "http/mail_internal.h"
#include "http/private_address.h"

#define DEFAULT_TIMEOUT_MS 30000
#define DEFAULT_CONNECT_MS 10000
#define DEFAULT_MAX_BYTES (8u << 20)
#define MAX_HEAD_BYTES (64u << 10)
#define DEFAULT_MOST 64
#define IDLE_MOST 16 /* handles kept for the next calls: making one costs as much as sending a request */
#define SLEEP_MS 60000
#define BUSY_SLEEP_MS 500 /* silence is looked for as often as that */

/* A call under way, or waiting for its turn. */
typedef struct Job {
    struct Job *next;
    HttpCall *call;
    HttpClient *client;
    CURL *easy;
    struct curl_slist *headers;
    MailTransfer mail;
    size_t received;  /* bytes of the body so far */
    int64_t last_us;  /* when the last byte came, or the call began */
    bool met_private; /* an address was refused */
    bool cut;         /* by us; call->err says why */
    char text[CURL_ERROR_SIZE];
} Job;

/* A letter that asks for a call's end. */
typedef struct Cancel {
    Letter letter;
    uint64_t ticket;
} Cancel;

struct HttpClient {
    const Curl *curl;
    CURLM *multi;
    pthread_t thread;
    Inbox *calls, *cancels;
    _Atomic bool stopping;
    HttpClientOptions options;
    _Atomic uint64_t tickets;
    CURL *idle[IDLE_MOST];
    int n_idle;
    int running;
    Job *jobs;                   /* under way */
    Job *waiting, **waiting_end; /* for their turn */
};

static size_t take_body(char *data, size_t one, size_t n, void *context)
{
    (void)one;
    Job *job = context;
    HttpCall *call = job->call;
    size_t most = call->max_bytes ? call->max_bytes : DEFAULT_MAX_BYTES;
    job->last_us = clock_monotonic_us();
    if (n > most - job->received) {
        job->cut = true;
        error_set(&call->err, RESOURCE_EXHAUSTED, "", "The answer of %.*s is longer than the %zu bytes that are taken.",
                  STR_ARG(str_clip(call->url, 200)), most);
        return 0;
    }
    job->received += n;
    if (!call->on_body) {
        buf_add(&call->answer, data, n);
    } else if (!call->on_body(call, str_of(data, n))) {
        job->cut = true;
        error_set(&call->err, CANCELLED, "", "The call was given up while its answer came.");
        return 0;
    }
    return n;
}

/* A new status line begins a new head: those of 1xx answers are forgotten. */
static size_t take_head(char *data, size_t one, size_t n, void *context)
{
    (void)one;
    Job *job = context;
    job->last_us = clock_monotonic_us();
    Buf *heads = &job->call->heads;
    if (n >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        heads->len = 0;
        return n;
    }
    if (heads->len + n > MAX_HEAD_BYTES) {
        job->cut = true;
        error_set(&job->call->err, RESOURCE_EXHAUSTED, "", "The answer's headers are longer than %u bytes.",
                  MAX_HEAD_BYTES);
        return 0;
    }
    buf_add(heads, data, n);
    return n;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    Job *job = context;
    if (!job->client->options.reach_private && address_is_private(&address->addr)) {
        job->met_private = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_progress(void *context, curl_off_t down, curl_off_t downs, curl_off_t up, curl_off_t ups)
{
    (void)down, (void)downs, (void)up, (void)ups;
    Job *job = context;
    int64_t most = job->call->silence_ms;
    if (most == 0 || clock_monotonic_us() - job->last_us < most * 1000)
        return 0;
    job->cut = true;
    error_set(&job->call->err, DEADLINE_EXCEEDED, "", "%.*s sent nothing for %lld ms.",
              STR_ARG(str_clip(job->call->url, 200)), (long long)most);
    return 1;
}

static bool has_break(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0')
            return true;
    return false;
}

bool http_call_check(const HttpCall *call, Error *err)
{
    if (call->mail)
        return http_mail_check(call, err);
    if (!str_starts(call->url, S("http://")) && !str_starts(call->url, S("https://")))
        return error_set(err, INVALID_ARGUMENT, "url",
                         "\"%.*s\" is no address that can be called: it must begin with https:// or http://",
                         STR_ARG(str_clip(call->url, 200)));
    Str rest = str_skip(call->url, (size_t)str_find(call->url, S("//")) + 2);
    Str host = rest;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.data[i] == '/' || rest.data[i] == '?' || rest.data[i] == '#') {
            host = str_slice(rest, 0, i);
            break;
        }
    if (host.len == 0 || str_find_char(host, '@') >= 0)
        return error_set(err, INVALID_ARGUMENT, "url",
                         host.len ? "An address must not hold a user or password; send them in a header."
                                  : "The address names no host.");
    for (size_t i = 0; i < call->url.len; i++)
        if ((unsigned char)call->url.data[i] <= ' ' || call->url.data[i] == 0x7f)
            return error_set(err, INVALID_ARGUMENT, "url",
                             "The address holds a blank or a control character; write it as %%20 and the like.");
    for (int i = 0; i < call->n_headers; i++)
        if (call->headers[i].name.len == 0 || has_break(call->headers[i].name) || has_break(call->headers[i].value) ||
            str_find_char(call->headers[i].name, ':') >= 0)
            return error_set(err, INVALID_ARGUMENT, "headers", "Header %d is not one line of a name and a value.",
                             i + 1);
    return true;
}

static void set_up_http(HttpClient *client, Job *job)
{
    const Curl *curl = client->curl;
    const HttpCall *call = job->call;
    CURL *easy = job->easy;
    Arena scratch = {0};
    const char *method = call->method ? call->method : "GET";
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, (long)(call->redirects > 0));
    curl->easy_setopt(easy, CURLOPT_MAXREDIRS, (long)call->redirects);
    bool is_head = strcmp(method, "HEAD") == 0,
         has_body = call->body.len > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
    if (is_head)
        curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (has_body) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.data ? call->body.data : "");
    }
    curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    /* No "Expect: 100-continue": its second of waiting helps nobody here. */
    job->headers = curl->slist_append(NULL, "Expect:");
    for (int i = 0; i < call->n_headers; i++) {
        const HttpHeader *header = &call->headers[i];
        const char *line =
            header->value.len
                ? str_to_c(&scratch, str_printf(&scratch, "%.*s: %.*s", STR_ARG(header->name), STR_ARG(header->value)))
                : str_to_c(&scratch, str_printf(&scratch, "%.*s;", STR_ARG(header->name)));
        job->headers = curl->slist_append(job->headers, line);
    }
    curl->easy_setopt(easy, CURLOPT_HTTPHEADER, job->headers);
    arena_done(&scratch);
}

static void set_up(HttpClient *client, Job *job)
{
    const Curl *curl = client->curl;
    const HttpCall *call = job->call;
    CURL *easy = job->easy;
    Arena scratch = {0};
    curl->easy_setopt(easy, CURLOPT_URL, str_to_c(&scratch, call->url));
    arena_done(&scratch);
    curl->easy_setopt(easy, CURLOPT_PROXY, "");
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_PRIVATE, job);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, job->text);
    curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(call->timeout_ms ? call->timeout_ms : DEFAULT_TIMEOUT_MS));
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                      (long)(call->connect_timeout_ms ? call->connect_timeout_ms : DEFAULT_CONNECT_MS));
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, job);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, job);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, job);
    curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl->easy_setopt(easy, CURLOPT_XFERINFODATA, job);
    curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    if (client->options.ca_file)
        curl->easy_setopt(easy, CURLOPT_CAINFO, client->options.ca_file);
    if (call->mail)
        mail_set_up(curl, easy, call, &job->mail);
    else
        set_up_http(client, job);
}

/* A handle carries nothing from one call to the next: what it knows of connections lies with the client. */
static CURL *take_handle(HttpClient *client)
{
    return client->n_idle > 0 ? client->idle[--client->n_idle] : client->curl->easy_init();
}

static void give_handle_back(HttpClient *client, CURL *easy)
{
    if (client->n_idle == IDLE_MOST) {
        client->curl->easy_cleanup(easy);
        return;
    }
    client->curl->easy_reset(easy);
    client->idle[client->n_idle++] = easy;
}

static void finish(HttpClient *client, Job *job)
{
    if (job->easy)
        give_handle_back(client, job->easy);
    if (job->headers)
        client->curl->slist_free_all(job->headers);
    mail_transfer_done(client->curl, &job->mail);
    HttpCall *call = job->call;
    free(job);
    call->done(call);
}

static void begin(HttpClient *client, Job *job)
{
    job->last_us = clock_monotonic_us();
    job->easy = take_handle(client);
    if (!job->easy) {
        error_set(&job->call->err, RESOURCE_EXHAUSTED, "", "No memory is left for a call to another server.");
        finish(client, job);
        return;
    }
    set_up(client, job);
    client->curl->multi_add_handle(client->multi, job->easy);
    job->next = client->jobs;
    client->jobs = job;
    client->running++;
}

static void refuse(HttpCall *call)
{
    error_set(&call->err, CANCELLED, "", "The call was given up.");
}

static void take_letters(HttpClient *client)
{
    for (Letter *letter = inbox_take(client->calls), *next; letter; letter = next) {
        next = letter->next;
        HttpCall *call = (HttpCall *)(void *)letter;
        call->status = 0;
        call->sent = false;
        call->heads = call->answer = (Buf){0};
        error_clear(&call->err);
        if (!http_call_check(call, &call->err)) {
            call->done(call);
            continue;
        }
        Job *job = calloc(1, sizeof *job);
        if (!job) {
            error_set(&call->err, RESOURCE_EXHAUSTED, "", "No memory is left for a call to another server.");
            call->done(call);
            continue;
        }
        *job = (Job){.call = call, .client = client};
        *client->waiting_end = job;
        client->waiting_end = &job->next;
    }
}

/* Out of its list, whichever; NULL when it has ended. */
static Job *take_out(HttpClient *client, uint64_t ticket)
{
    for (Job **at = &client->jobs; *at; at = &(*at)->next)
        if ((*at)->call->ticket == ticket) {
            Job *job = *at;
            *at = job->next;
            client->curl->multi_remove_handle(client->multi, job->easy);
            client->running--;
            return job;
        }
    for (Job **at = &client->waiting; *at; at = &(*at)->next)
        if ((*at)->call->ticket == ticket) {
            Job *job = *at;
            *at = job->next;
            if (client->waiting_end == &job->next)
                client->waiting_end = at;
            return job;
        }
    return NULL;
}

static void take_cancels(HttpClient *client)
{
    Letter *letter = inbox_take(client->cancels), *next;
    take_letters(client); /* a call is sent before it is cancelled: it must be known here, too */
    for (; letter; letter = next) {
        next = letter->next;
        Cancel *cancel = (Cancel *)(void *)letter;
        Job *job = take_out(client, cancel->ticket);
        free(cancel);
        if (job) {
            refuse(job->call);
            finish(client, job);
        }
    }
}

static const struct {
    CURLcode curl;
    ErrorCode code;
    const char *what;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, UNAVAILABLE, "No host of that name is known"},
    {CURLE_COULDNT_CONNECT, UNAVAILABLE, "Nobody answers there"},
    {CURLE_OPERATION_TIMEDOUT, DEADLINE_EXCEEDED, "No whole answer came in time"},
    {CURLE_PEER_FAILED_VERIFICATION, UNAVAILABLE, "Its certificate is not one that is trusted"},
    {CURLE_GOT_NOTHING, UNAVAILABLE, "It closed without an answer"},
    {CURLE_RECV_ERROR, UNAVAILABLE, "The connection was cut"},
    {CURLE_SEND_ERROR, UNAVAILABLE, "The connection was cut"},
    {CURLE_PARTIAL_FILE, UNAVAILABLE, "The answer ended before its end"},
    {CURLE_TOO_MANY_REDIRECTS, FAILED_PRECONDITION, "It points from one address to the next without end"},
    {CURLE_URL_MALFORMAT, INVALID_ARGUMENT, "That is no address"},
    {CURLE_UNSUPPORTED_PROTOCOL, INVALID_ARGUMENT, "Only https and http can be called"},
};

static void explain(const HttpClient *client, Job *job, CURLcode code)
{
    Error *err = &job->call->err;
    Str url = str_clip(job->call->url, 200);
    if (job->cut)
        return;
    if (job->met_private) {
        error_set(err, PERMISSION_DENIED, "url",
                  "%.*s lies in a private network, which calls from here must not reach. Whoever runs the server may "
                  "allow it.",
                  STR_ARG(url));
        return;
    }
    if (job->call->mail && mail_explain(job->call, code, err))
        return;
    if (code == CURLE_PEER_FAILED_VERIFICATION && strstr(job->text, "host name")) { /* libcurl has no code for it */
        error_set(err, UNAVAILABLE, "", "%.*s could not be reached: It shows the certificate of another host.",
                  STR_ARG(url));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (failures[i].curl == code) {
            error_set(err, failures[i].code, "", "%.*s could not be reached: %s.", STR_ARG(url), failures[i].what);
            return;
        }
    error_set(err, UNAVAILABLE, "", "%.*s could not be reached: %s.", STR_ARG(url),
              job->text[0] ? job->text : client->curl->easy_strerror(code));
}

static bool was_sent(const HttpClient *client, const Job *job)
{
    long head = 0;
    curl_off_t letter = 0;
    client->curl->easy_getinfo(job->easy, CURLINFO_REQUEST_SIZE, &head);
    client->curl->easy_getinfo(job->easy, CURLINFO_SIZE_UPLOAD_T, &letter);
    return job->call->mail ? letter > 0 : head > 0;
}

static void take_ends(HttpClient *client)
{
    int left;
    for (CURLMsg *message; (message = client->curl->multi_info_read(client->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        char *private = NULL;
        long status = 0;
        client->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        client->curl->easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        Job *job = take_out(client, ((Job *)(void *)private)->call->ticket);
        job->call->status = (int)status;
        job->call->sent = was_sent(client, job);
        if (code != CURLE_OK)
            explain(client, job, code);
        finish(client, job);
    }
}

static void *carry(void *argument)
{
    HttpClient *client = argument;
    sigset_t signals; /* they are the main thread's; a broken pipe is an error like any other */
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    while (!atomic_load(&client->stopping)) {
        take_letters(client);
        take_cancels(client);
        while (client->waiting && client->running < client->options.most) {
            Job *job = client->waiting;
            client->waiting = job->next;
            if (!client->waiting)
                client->waiting_end = &client->waiting;
            begin(client, job);
        }
        int running;
        client->curl->multi_perform(client->multi, &running);
        take_ends(client);
        if (client->waiting && client->running < client->options.most)
            continue;
        client->curl->multi_poll(client->multi, NULL, 0, client->running ? BUSY_SLEEP_MS : SLEEP_MS, NULL);
    }
    take_letters(client);
    take_cancels(client);
    while (client->jobs || client->waiting) {
        Job *job = take_out(client, (client->jobs ? client->jobs : client->waiting)->call->ticket);
        refuse(job->call);
        finish(client, job);
        take_letters(client);
    }
    take_cancels(client);
    while (client->n_idle > 0)
        client->curl->easy_cleanup(client->idle[--client->n_idle]);
    return NULL;
}

bool http_client_start(HttpClient **out, const HttpClientOptions *options, Error *err)
{
    const Curl *curl = curl_load(err);
    if (!curl)
        return false;
    HttpClient *client = calloc(1, sizeof *client);
    if (!client)
        return error_set(err, RESOURCE_EXHAUSTED, "", "No memory is left for calls to other servers.");
    *client = (HttpClient){.curl = curl, .options = *options, .calls = inbox_new(), .cancels = inbox_new()};
    if (client->options.most <= 0)
        client->options.most = DEFAULT_MOST;
    client->waiting_end = &client->waiting;
    client->multi = curl->multi_init();
    /* Else it keeps four for each call that runs at the moment, and closes the others whenever few do. */
    if (client->multi)
        curl->multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->options.most);
    if (!client->multi || pthread_create(&client->thread, NULL, carry, client) != 0) {
        if (client->multi)
            curl->multi_cleanup(client->multi);
        inbox_free(client->calls);
        inbox_free(client->cancels);
        free(client);
        return error_set(err, RESOURCE_EXHAUSTED, "", "No thread could be started for calls to other servers.");
    }
    *out = client;
    return true;
}

void http_client_stop(HttpClient *client)
{
    if (!client)
        return;
    atomic_store(&client->stopping, true);
    client->curl->multi_wakeup(client->multi);
    pthread_join(client->thread, NULL);
    client->curl->multi_cleanup(client->multi);
    inbox_free(client->calls);
    inbox_free(client->cancels);
    free(client);
}

uint64_t http_client_send(HttpClient *client, HttpCall *call)
{
    uint64_t ticket = atomic_fetch_add(&client->tickets, 1) + 1;
    call->ticket = ticket;
    if (inbox_send(client->calls, &call->letter)) /* else whoever sent the first of them wakes it */
        client->curl->multi_wakeup(client->multi);
    return ticket;
}

void http_client_cancel(HttpClient *client, uint64_t ticket)
{
    Cancel *cancel = calloc(1, sizeof *cancel);
    if (!cancel)
        return; /* the call then ends by its own deadline */
    cancel->ticket = ticket;
    if (inbox_send(client->cancels, &cancel->letter))
        client->curl->multi_wakeup(client->multi);
}

typedef struct Sleeper {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool has_ended;
} Sleeper;

static void wake_sleeper(HttpCall *call)
{
    Sleeper *sleeper = call->sleeper;
    pthread_mutex_lock(&sleeper->lock);
    sleeper->has_ended = true;
    pthread_cond_signal(&sleeper->ended);
    pthread_mutex_unlock(&sleeper->lock);
}

bool http_client_wait(HttpClient *client, HttpCall *call, Error *err)
{
    Sleeper sleeper = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
    call->done = wake_sleeper;
    call->sleeper = &sleeper;
    http_client_send(client, call);
    pthread_mutex_lock(&sleeper.lock);
    while (!sleeper.has_ended)
        pthread_cond_wait(&sleeper.ended, &sleeper.lock);
    pthread_mutex_unlock(&sleeper.lock);
    if (call->err.code != OK) {
        *err = call->err;
        return false;
    }
    return true;
}

Str http_call_header(const HttpCall *call, Str name)
{
    Str rest = buf_view(&call->heads);
    while (rest.len > 0) {
        Str line = str_cut(&rest, '\n');
        Str key = str_cut(&line, ':');
        if (str_eq_fold(str_trim(key), name))
            return str_trim(line);
    }
    return (Str){0};
}

void http_call_done(HttpCall *call)
{
    buf_done(&call->heads);
    buf_done(&call->answer);
}
