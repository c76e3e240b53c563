/* post.c - one message out, by whichever way it takes, or one order. */
#include "post/post.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/crypto.h"

#define MAX_HEADER 1024u
#define MAX_ADDRESS 256u

struct kept_post {
    const struct kept_post_options *o;
    CURL *curl;
};

/* ---- options ------------------------------------------------------------------------------------ */

/* Does a URL lead to this machine itself? There alone nobody listens in. */
static bool is_local(const char *url)
{
    static const char *const here[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *host = strstr(url, "://");
    for (size_t i = 0; host != NULL && i < sizeof here / sizeof here[0]; i++) {
        size_t n = strlen(here[i]);
        if (strncmp(host + 3, here[i], n) == 0 && (host[3 + n] == ':' || host[3 + n] == '/' || host[3 + n] == 0))
            return true;
    }
    return false;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_line(const char *text)
{
    for (const char *p = text; *p != 0; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

/* An address as it may stand in a header and in an envelope. */
static bool is_mail(const char *text)
{
    return is_line(text) && strchr(text, '@') != NULL && strpbrk(text, " <>\"(),;:\\") == NULL &&
           strlen(text) < MAX_ADDRESS;
}

/* Where nobody listens in. */
static bool is_safe(const char *url)
{
    return begins(url, "https://") || (begins(url, "http://") && is_local(url));
}

static int check_systems(const struct kept_post_options *o, struct kept_err *err)
{
    for (size_t i = 0; i < o->system_count; i++) {
        if (!is_safe(o->systems[i].url) || !is_line(o->systems[i].url))
            return kept_fail(err, KEPT_E_USAGE, "%s is at https://HOST/PATH; in the clear on this machine only", o->systems[i].name);
        if (!is_line(o->systems[i].secret))
            return kept_fail(err, KEPT_E_USAGE, "the secret of %s is one line of text", o->systems[i].name);
    }
    return 0;
}

static int check_options(const struct kept_post_options *o, struct kept_err *err)
{
    const bool any = o->smtp != NULL || o->gateway != NULL || o->system_count > 0;
    if (o->print != 0 ? any : !any)
        return kept_fail(err, KEPT_E_USAGE, "messages go by --smtp and --gateway, orders to --systems, or all to --print alone");
    if (o->smtp != NULL && !begins(o->smtp, "smtp://") && !begins(o->smtp, "smtps://"))
        return kept_fail(err, KEPT_E_USAGE, "a mail server is smtp://HOST:PORT or smtps://HOST:PORT");
    if (o->smtp != NULL && (o->from == NULL || !is_mail(o->from)))
        return kept_fail(err, KEPT_E_USAGE, "mail comes from somebody: --from ADDRESS");
    if (o->gateway != NULL && !is_safe(o->gateway))
        return kept_fail(err, KEPT_E_USAGE, "a gateway is https://HOST/PATH; in the clear on this machine only");
    if ((o->login != NULL && !is_line(o->login)) || (o->token != NULL && !is_line(o->token)))
        return kept_fail(err, KEPT_E_USAGE, "a login or token is one line of text");
    return check_systems(o, err);
}

int kept_post_open(const struct kept_post_options *options, struct kept_post **ret_post,
                   struct kept_err *err)
{
    int rc = check_options(options, err);
    if (rc != 0)
        return rc;
    struct kept_post *post = kept_alloc(1, sizeof *post);
    if (post == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (post->curl = curl_easy_init()) == NULL) {
        kept_free(post);
        return kept_fail(err, KEPT_E_NOMEM, "no memory to send messages");
    }
    post->o = options;
    *ret_post = post;
    return 0;
}

void kept_post_close(struct kept_post *post)
{
    if (post == NULL)
        return;
    curl_easy_cleanup(post->curl);
    curl_global_cleanup();
    kept_free(post);
}

/* ---- what both ways share ----------------------------------------------------------------------- */

/* What the server says is not read, and ends the exchange where it is long. */
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl says what it is */
static size_t swallow(char *bytes, size_t size, size_t n, void *arg)
{
    size_t *left = arg;
    (void)bytes;
    if (size * n > *left)
        return 0;
    *left -= size * n;
    return size * n;
}

static void prepare(struct kept_post *post, const char *url, size_t *left)
{
    CURL *c = post->curl;
    curl_easy_reset(c);
    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps,https,http");
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)KEPT_POST_WAIT_SECONDS);
    (void)curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(c, CURLOPT_USE_SSL, is_local(url) ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
    if (is_local(url)) /* a mail server on this machine shows whatever certificate it has */
        (void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, begins(url, "https:") || begins(url, "smtps:") ? 1L : 0L);
    if (post->o->ca != NULL)
        (void)curl_easy_setopt(c, CURLOPT_CAINFO, post->o->ca);
    *left = KEPT_POST_MAX_ANSWER;
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, swallow);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, left);
}

/* By the number of the answer: 2xx went; 4xx of HTTP and 5xx of SMTP never will. */
static enum kept_posted judge(struct kept_post *post, CURLcode code, bool smtp,
                              char ret_receipt[KEPT_POST_RECEIPT])
{
    long status = 0;
    (void)curl_easy_getinfo(post->curl, CURLINFO_RESPONSE_CODE, &status);
    bool sent = code == CURLE_OK && (smtp || (status >= 200 && status < 300));
    bool never = smtp ? code != CURLE_OK && code != CURLE_LOGIN_DENIED && status >= 550 && status <= 559
                      : code == CURLE_OK && status >= 400 && status < 500 && status != 401 && status != 403 &&
                            status != 408 && status != 429;
    if (sent || never)
        (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "%s %ld", sent ? "sent" : "refused", status);
    else
        (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "not sent: %d %ld", (int)code, status);
    return sent ? KEPT_POSTED_SENT : never ? KEPT_POSTED_REFUSED : KEPT_POSTED_NOT;
}

static struct curl_slist *with(struct curl_slist *list, bool *ok, const char *name, const char *value)
{
    char line[MAX_HEADER];
    int n = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *more = n > 0 && (size_t)n < sizeof line ? curl_slist_append(list, line) : NULL;
    *ok = *ok && more != NULL;
    return more != NULL ? more : list;
}

/* ---- mail --------------------------------------------------------------------------------------- */

/* RFC 2047: whole characters of UTF-8, at most 45 bytes a word. */
static void encode_title(const char *title, struct kept_buf *out)
{
    char word[64];
    for (size_t n = strlen(title), at = 0; at < n;) {
        size_t some = n - at > 45 ? 45 : n - at;
        while (some > 0 && at + some < n && ((unsigned char)title[at + some] & 0xc0) == 0x80)
            some--;
        if (some == 0)
            some = n - at > 45 ? 45 : n - at;
        kept_base64((struct kept_span){(const uint8_t *)title + at, some}, word);
        kept_buf_printf(out, "%s=?UTF-8?B?%s?=", at > 0 ? "\r\n " : "", word);
        at += some;
    }
}

static void date_of(kept_ms at, char ret_date[64])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = (time_t)(at / 1000);
    struct tm t;
    ret_date[0] = 0;
    if (gmtime_r(&seconds, &t) != NULL)
        (void)snprintf(ret_date, 64, "%s, %02d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
                       months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* A line of base64 has at most 76 characters: of 57 bytes. */
static void put_text(struct kept_buf *out, const char *text)
{
    char line[80];
    for (size_t n = strlen(text), at = 0; at < n; at += 57) {
        kept_base64((struct kept_span){(const uint8_t *)text + at, n - at > 57 ? 57 : n - at}, line);
        kept_buf_printf(out, "%s\r\n", line);
    }
}

static void write_mail(const struct kept_post *post, const struct kept_post_message *m, struct kept_buf *out)
{
    char date[64];
    date_of(m->at, date);
    kept_buf_printf(out, "From: %s\r\nTo: %s\r\nSubject: ", post->o->from, m->to);
    encode_title(m->title, out);
    kept_buf_printf(out, "\r\nDate: %s\r\nMessage-ID: <%.32s%.90s>\r\n", date, m->id, strchr(post->o->from, '@'));
    kept_buf_text(out, "Auto-Submitted: auto-generated\r\n" /* RFC 3834: no holiday note comes back */
                       "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n");
    put_text(out, m->text);
}

static size_t give(char *to, size_t size, size_t n, void *arg)
{
    struct kept_cursor *mail = arg;
    size_t some = size * n < mail->n ? size * n : mail->n;
    struct kept_span bytes = kept_get_bytes(mail, some);
    if (some > 0)
        memcpy(to, bytes.p, some);
    return some;
}

static enum kept_posted send_mail(struct kept_post *post, const struct kept_post_message *m,
                                  char ret_receipt[KEPT_POST_RECEIPT])
{
    size_t left = 0;
    CURL *c = post->curl;
    struct kept_buf mail;
    kept_buf_init_secret(&mail, 4 * KEPT_MAX_POST_BYTES);
    write_mail(post, m, &mail);
    struct kept_cursor cursor = kept_cursor(kept_buf_span(&mail));
    prepare(post, post->o->smtp, &left);
    struct curl_slist *to = curl_slist_append(NULL, m->to);
    (void)curl_easy_setopt(c, CURLOPT_MAIL_FROM, post->o->from);
    (void)curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, &cursor);
    if (post->o->login != NULL)
        (void)curl_easy_setopt(c, CURLOPT_USERPWD, post->o->login);
    bool ok = mail.failed == 0 && to != NULL;
    enum kept_posted became = judge(post, ok ? curl_easy_perform(c) : CURLE_OUT_OF_MEMORY, true, ret_receipt);
    curl_slist_free_all(to);
    kept_buf_release(&mail);
    return became;
}

/* ---- gateway ------------------------------------------------------------------------------------ */

static void put_json(struct kept_buf *out, const char *name, const char *value)
{
    kept_buf_printf(out, "%s\"%s\":\"", out->n > 1 ? "," : "", name);
    for (const char *p = value; *p != 0; p++)
        if (*p == '"' || *p == '\\')
            kept_buf_printf(out, "\\%c", *p);
        else if ((unsigned char)*p < 0x20)
            kept_buf_printf(out, "\\u%04x", (unsigned)*p);
        else
            kept_buf_u8(out, (uint8_t)*p);
    kept_buf_text(out, "\"");
}

/* POST of a JSON body to what was prepared; head is taken. A body of NULL: there was no memory for it. */
static enum kept_posted send_json(struct kept_post *post, const char *id, struct curl_slist *head, struct kept_span body,
                                  char ret_receipt[KEPT_POST_RECEIPT])
{
    bool ok = body.p != NULL;
    CURL *c = post->curl;
    head = with(head, &ok, "Content-Type", "application/json");
    head = with(head, &ok, "Idempotency-Key", id); /* twice told is once done, where the other side knows it */
    head = with(head, &ok, "Expect", "");
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)body.n);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
    enum kept_posted became = judge(post, ok ? curl_easy_perform(c) : CURLE_OUT_OF_MEMORY, false, ret_receipt);
    curl_slist_free_all(head);
    return became;
}

static enum kept_posted send_text(struct kept_post *post, const struct kept_post_message *m,
                                  char ret_receipt[KEPT_POST_RECEIPT])
{
    struct kept_buf body;
    char bearer[MAX_HEADER];
    size_t left = 0;
    bool ok = true;
    kept_buf_init_secret(&body, 2 * KEPT_MAX_POST_BYTES);
    kept_buf_text(&body, "{");
    put_json(&body, "id", m->id);
    put_json(&body, "by", m->by);
    put_json(&body, "to", m->to);
    put_json(&body, "text", m->text);
    kept_buf_text(&body, "}");
    prepare(post, post->o->gateway, &left);
    (void)snprintf(bearer, sizeof bearer, "Bearer %.512s", post->o->token != NULL ? post->o->token : "");
    struct curl_slist *head = post->o->token != NULL ? with(NULL, &ok, "Authorization", bearer) : NULL;
    ok = ok && body.failed == 0;
    enum kept_posted became = send_json(post, m->id, head, ok ? kept_buf_span(&body) : (struct kept_span){NULL, 0}, ret_receipt);
    kept_buf_release(&body);
    kept_wipe(bearer, sizeof bearer);
    return became;
}

/* ---- orders ------------------------------------------------------------------------------------- */

static size_t hear(char *bytes, size_t size, size_t n, void *arg)
{
    struct kept_buf *answer = arg;
    kept_buf_bytes(answer, bytes, size * n);
    return answer->failed == 0 ? size * n : 0;
}

/* "t=1760000000,v1=..." in a header; false: no memory. */
static bool sign(const struct kept_post_system *to, const struct kept_post_order *order, char ret_text[128])
{
    const long long seconds = (long long)(order->at / 1000);
    uint8_t mac[KEPT_HASH_BYTES];
    char hex[2 * sizeof mac + 1];
    struct kept_buf text;
    kept_buf_init(&text, 4 * KEPT_MAX_ORDER_BYTES);
    kept_buf_printf(&text, "%lld.", seconds);
    kept_buf_text(&text, order->body);
    const bool ok = text.failed == 0 && kept_hmac_sha256((struct kept_span){(const uint8_t *)to->secret, strlen(to->secret)},
                                                         kept_buf_span(&text), mac) == 0;
    kept_buf_release(&text);
    if (ok)
        kept_hex(mac, sizeof mac, hex);
    (void)snprintf(ret_text, 128, "t=%lld,v1=%s", seconds, ok ? hex : "");
    return ok;
}

static enum kept_posted print_order(const struct kept_post *post, const struct kept_post_order *order,
                                    char ret_receipt[KEPT_POST_RECEIPT])
{
    struct kept_buf line;
    kept_buf_init(&line, 4 * KEPT_MAX_ORDER_BYTES);
    kept_buf_printf(&line, "order to %s: ", order->held_in);
    kept_buf_text(&line, order->body);
    post->o->print_to(post->o->arg, line.p != NULL ? (const char *)line.p : "");
    kept_buf_release(&line);
    (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "sent: printed");
    return KEPT_POSTED_SENT;
}

enum kept_posted kept_post_order(struct kept_post *post, const struct kept_post_order *order, struct kept_buf *answer,
                                 char ret_receipt[KEPT_POST_RECEIPT])
{
    const struct kept_post_system *to = NULL;
    char signature[128];
    bool ok = true;
    size_t left = 0;
    for (size_t i = 0; to == NULL && i < post->o->system_count; i++)
        to = strcmp(post->o->systems[i].name, order->held_in) == 0 ? &post->o->systems[i] : NULL;
    if (post->o->print != 0)
        return print_order(post, order, ret_receipt);
    (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "not sent: no address");
    if (to == NULL)
        return KEPT_POSTED_NOWHERE;
    ok = sign(to, order, signature);
    prepare(post, to->url, &left);
    (void)curl_easy_setopt(post->curl, CURLOPT_WRITEFUNCTION, hear);
    (void)curl_easy_setopt(post->curl, CURLOPT_WRITEDATA, answer);
    struct curl_slist *head = with(NULL, &ok, "Kept-Signature", signature);
    const struct kept_span body = {(const uint8_t *)order->body, strlen(order->body)};
    return send_json(post, order->id, head, ok ? body : (struct kept_span){NULL, 0}, ret_receipt);
}

/* ---- printed ------------------------------------------------------------------------------------ */

static enum kept_posted print(const struct kept_post *post, const struct kept_post_message *m,
                              char ret_receipt[KEPT_POST_RECEIPT])
{
    struct kept_buf line;
    kept_buf_init_secret(&line, 2 * KEPT_MAX_POST_BYTES);
    kept_buf_printf(&line, "%s to %s: %s", m->by, m->to, m->text);
    post->o->print_to(post->o->arg, line.p != NULL ? (const char *)line.p : "");
    kept_buf_release(&line);
    (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "sent: printed");
    return KEPT_POSTED_SENT;
}

enum kept_posted kept_post_send(struct kept_post *post, const struct kept_post_message *message,
                                char ret_receipt[KEPT_POST_RECEIPT])
{
    bool mail = strcmp(message->by, "mail") == 0;
    if (post->o->print != 0)
        return print(post, message, ret_receipt);
    if (mail ? !is_mail(message->to) : !is_line(message->to)) {
        (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "refused: no address");
        return KEPT_POSTED_REFUSED;
    }
    if ((mail ? post->o->smtp : post->o->gateway) != NULL)
        return mail ? send_mail(post, message, ret_receipt) : send_text(post, message, ret_receipt);
    (void)snprintf(ret_receipt, KEPT_POST_RECEIPT, "not sent: no way for %.8s", message->by);
    return KEPT_POSTED_NOT;
}
