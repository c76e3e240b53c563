/* http.c - a store of PEOPLE people with four values of 100 bytes each, served over HTTP and TLS for bench/http.sh, which
 * measures. Prints `ADDRESS TLS-ADDRESS TOKEN`, and writes scripts for wrk to FOLDER, about people picked at random: read.lua
 * (one record), collect.lua (one value), batch.lua (a hundred reads). Serves until it is told to stop. The token is a caller's
 * among a hundred. */
#include "bench.h"

#include <malloc.h>
#include <signal.h>

#include "http/http.h"
#include "server/server.h"

#define VALUES 4u
#define BATCH 100u
#define CALLERS 100u
#define TOKEN 77u

/* A script for wrk: requests made beforehand, one after the other from a place of its own. */
static FILE *script(const char *folder, const char *name, const char *token)
{
    char path[BENCH_PATH];
    (void)snprintf(path, sizeof path, "%.3000s/%s.lua", folder, name);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        bench_die(path, NULL);
    (void)fprintf(f, "wrk.headers[\"Authorization\"] = \"Bearer %s\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\n"
                     "local asks = {\n", token);
    return f;
}

static void finish(FILE *f)
{
    (void)fprintf(f, "}\nlocal all, n = {}, 0\n"
                     "function init(args)\n"
                     "  for i, a in ipairs(asks) do all[i] = wrk.format(a[1], a[2], nil, a[3]) end\n  n = math.random(#all)\nend\n"
                     "function request()\n  n = n %% #all + 1\n  return all[n]\nend\n");
    (void)fclose(f);
}

static const char *somebody(const struct bench_store *s, struct bench_random *r, char hex[33])
{
    kept_id_hex(&s->ids[bench_below(r, s->people)], hex);
    return hex;
}

static void write_scripts(const struct bench_store *s, const char *folder, const char *token)
{
    char hex[33], value[BENCH_BYTES];
    struct bench_random r = {7};
    FILE *f = script(folder, "read", token);
    for (unsigned i = 0; i < 20000; i++)
        (void)fprintf(f, "{\"GET\", \"/v1/subjects/%s/values?items=%s&purpose=service\"},\n", somebody(s, &r, hex),
                      bench_item(bench_below(&r, VALUES - 1)));
    finish(f);
    f = script(folder, "collect", token);
    for (unsigned i = 0; i < 5000; i++) {
        bench_value(bench_below(&r, s->people), 0, value);
        (void)fprintf(f, "{\"POST\", \"/v1/subjects/%s/values\", '{\"function\":\"account\",\"values\":{\"v01\":\"%.100s\"}}'},\n",
                      somebody(s, &r, hex), value);
    }
    finish(f);
    f = script(folder, "batch", token);
    for (unsigned i = 0; i < 200; i++) {
        (void)fprintf(f, "{\"POST\", \"/v1/batch\", '{\"operations\":[");
        for (unsigned j = 0; j < BATCH; j++)
            (void)fprintf(f, "%s{\"op\":\"use\",\"subject\":\"%s\",\"items\":[\"%s\"],\"purpose\":\"service\"}", j > 0 ? "," : "",
                          somebody(s, &r, hex), bench_item(bench_below(&r, VALUES - 1)));
        (void)fprintf(f, "]}'},\n");
    }
    finish(f);
}

/* Callers, as a service has them; the token of the last. */
static void make_callers(struct bench_store *s, char ret_token[TOKEN + 1])
{
    for (unsigned i = 0; i < CALLERS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "caller-%u", i);
        const struct kept_caller caller = {.name = name};
        struct kept_reply *reply = bench_call(s, &(struct kept_request){.op = KEPT_OP_CALLER_ADD, .caller = &caller});
        const char *at = reply->json != NULL ? strstr(reply->json, "kept_") : NULL;
        if (at == NULL || strlen(at) < TOKEN)
            bench_die("no token", NULL);
        memcpy(ret_token, at, TOKEN);
        ret_token[TOKEN] = 0;
        kept_reply_free(reply);
    }
}

int main(int argc, char **argv)
{
    char token[TOKEN + 1] = "";
    struct bench_store s = {.people = 0};
    struct kept_err err = {.code = 0};
    struct kept_http_socket sockets[2] = {{-1, false}, {-1, true}};
    char where[2][KEPT_HTTP_WHERE];
    if (argc != 4)
        bench_die("usage: http FOLDER POLICY PEOPLE", NULL);
    bench_make(&s, argv[1], "http", argv[2]);
    (void)bench_load(&s, (uint32_t)strtoul(argv[3], NULL, 10), VALUES);
    make_callers(&s, token);
    bench_close(&s);
    write_scripts(&s, argv[1], token);
    free(s.ids);
    (void)malloc_trim(0); /* a service does not begin with room that somebody left: see idle.c */
    for (unsigned i = 0; i < 2; i++)
        if (kept_http_listen("127.0.0.1:0", &sockets[i].fd, &err) != 0 || kept_http_where(sockets[i].fd, where[i], &err) != 0)
            bench_die("listen", &err);
    (void)printf("%s %s %s\n", where[0], where[1], token);
    (void)fflush(stdout);
    const struct kept_options store = {.store = s.store, .keyring = s.keyring, .root_key = s.root};
    struct kept_http_options http = {.sockets = sockets, .socket_count = 2};
    const struct kept_server_options options = {.store = &store, .workers = 1, .work = kept_http_work, .arg = &http};
    if (kept_server_run(&options, &err) != 0)
        bench_die("serve", &err);
    return 0;
}
