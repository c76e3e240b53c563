/* http.c - a store of PEOPLE people with four values of 100 bytes each, served over HTTP and TLS for bench/http.sh, which
 * measures. Prints `ADDRESS TLS-ADDRESS`, and writes FOLDER/http.lua for wrk: a read of one record of somebody
 * picked at random, a thousand times and again. Serves until it is told to stop. */
#include "bench.h"

#include <signal.h>

#include "http/http.h"
#include "server/server.h"

#define VALUES 4u
#define ASKED 20000u

static void write_lua(const struct bench_store *s, const char *folder, const char *token)
{
    char path[BENCH_PATH], hex[33];
    struct bench_random r = {7};
    (void)snprintf(path, sizeof path, "%.3000s/http.lua", folder);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        bench_die(path, NULL);
    (void)fprintf(f, "local paths = {\n");
    for (unsigned i = 0; i < ASKED; i++) {
        kept_id_hex(&s->ids[bench_below(&r, s->people)], hex);
        (void)fprintf(f, "\"/v1/subjects/%s/values?items=%s&purpose=service\",\n", hex, bench_item(bench_below(&r, VALUES - 1)));
    }
    (void)fprintf(f, "}\nlocal all, n = {}, 0\n"
                     "function init(args)\n  wrk.headers[\"Authorization\"] = \"Bearer %s\"\n"
                     "  for i, p in ipairs(paths) do all[i] = wrk.format(\"GET\", p) end\n  n = math.random(#all)\nend\n"
                     "function request()\n  n = n %% #all + 1\n  return all[n]\nend\n", token);
    (void)fclose(f);
}

int main(int argc, char **argv)
{
    struct bench_store s = {.people = 0};
    struct kept_err err = {.code = 0};
    struct kept_http_socket sockets[2] = {{-1, false}, {-1, true}};
    char where[2][KEPT_HTTP_WHERE];
    if (argc != 5)
        bench_die("usage: http FOLDER POLICY PEOPLE TOKEN", NULL);
    bench_make(&s, argv[1], "http", argv[2]);
    (void)bench_load(&s, (uint32_t)strtoul(argv[3], NULL, 10), VALUES);
    bench_close(&s);
    write_lua(&s, argv[1], argv[4]);
    for (unsigned i = 0; i < 2; i++)
        if (kept_http_listen("127.0.0.1:0", &sockets[i].fd, &err) != 0 || kept_http_where(sockets[i].fd, where[i], &err) != 0)
            bench_die("listen", &err);
    (void)printf("%s %s\n", where[0], where[1]);
    (void)fflush(stdout);
    const struct kept_options store = {.store = s.store, .keyring = s.keyring, .root_key = s.root};
    struct kept_http_options http = {.sockets = sockets, .socket_count = 2};
    const struct kept_server_options options = {.store = &store, .workers = 1, .work = kept_http_work, .arg = &http};
    if (kept_server_run(&options, &err) != 0)
        bench_die("serve", &err);
    free(s.ids);
    return 0;
}
