/* metrics.c - what this worker did, in numbers: the text format of Prometheus. No path, no caller, no address. */
#include "http/http_int.h"

static const unsigned steps[KEPT_HTTP_STEPS] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000}; /* ms */

void kept_http_metrics_time(struct kept_http_metrics *m, uint64_t ms)
{
    size_t i = 0;
    while (i < KEPT_HTTP_STEPS && ms > steps[i])
        i++;
    m->of_step[i]++;
    m->seconds_ms += ms;
}

static void one(struct kept_buf *out, const char *name, const char *kind, const char *help, unsigned worker, uint64_t value)
{
    kept_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s{worker=\"%u\"} %llu\n", name, help, name, kind, name, worker,
                    (unsigned long long)value);
}

static void times(const struct kept_http_metrics *m, unsigned worker, struct kept_buf *out)
{
    static const char name[] = "kept_http_request_seconds";
    unsigned long long sum = 0;
    kept_buf_printf(out, "# HELP %s Time from the request to the end of its answer.\n# TYPE %s histogram\n", name, name);
    for (size_t i = 0; i < KEPT_HTTP_STEPS; i++) {
        sum += m->of_step[i];
        kept_buf_printf(out, "%s_bucket{worker=\"%u\",le=\"%u.%03u\"} %llu\n", name, worker, steps[i] / 1000, steps[i] % 1000, sum);
    }
    sum += m->of_step[KEPT_HTTP_STEPS];
    kept_buf_printf(out, "%s_bucket{worker=\"%u\",le=\"+Inf\"} %llu\n%s_sum{worker=\"%u\"} %llu.%03u\n%s_count{worker=\"%u\"} %llu\n",
                    name, worker, sum, name, worker, (unsigned long long)(m->seconds_ms / 1000), (unsigned)(m->seconds_ms % 1000),
                    name, worker, sum);
}

void kept_http_metrics_text(const struct kept_http_metrics *m, unsigned worker, struct kept_buf *out)
{
    kept_buf_text(out, "# HELP kept_http_requests_total Requests, by method.\n# TYPE kept_http_requests_total counter\n");
    for (unsigned i = 0; i <= KEPT_HTTP_METHODS; i++)
        kept_buf_printf(out, "kept_http_requests_total{worker=\"%u\",method=\"%s\"} %llu\n", worker,
                        kept_http_method_name((enum kept_http_method)i), (unsigned long long)m->requests[i]);
    kept_buf_text(out, "# HELP kept_http_answers_total Answers, by class of status.\n# TYPE kept_http_answers_total counter\n");
    for (unsigned i = 2; i <= 5; i++)
        kept_buf_printf(out, "kept_http_answers_total{worker=\"%u\",status=\"%uxx\"} %llu\n", worker, i,
                        (unsigned long long)m->statuses[i]);
    times(m, worker, out);
    one(out, "kept_http_connections", "gauge", "Connections that are open.", worker, m->connections);
    one(out, "kept_http_waiting", "gauge", "Requests that the holder of keys has not answered.", worker, m->waiting);
    one(out, "kept_http_accepted_total", "counter", "Connections accepted.", worker, m->accepted);
    one(out, "kept_http_refused_total", "counter", "Connections closed at once: too many of one address.", worker, m->refused);
    one(out, "kept_http_closed_idle_total", "counter", "Connections closed because nothing came.", worker, m->closed_idle);
    one(out, "kept_http_closed_stalled_total", "counter", "Connections closed because an answer was not taken.", worker,
        m->closed_stalled);
    one(out, "kept_http_closed_large_total", "counter", "Connections closed because too much came at once.", worker,
        m->closed_large);
    one(out, "kept_http_sent_bytes_total", "counter", "Bytes of answers, without their heads.", worker, m->bytes_out);
    one(out, "kept_http_replayed_total", "counter", "Answers given again for a key of idempotency.", worker, m->replayed);
    kept_buf_text(out, "# HELP kept_http_certificate_loads_total Certificates loaded anew, and failures to.\n"
                       "# TYPE kept_http_certificate_loads_total counter\n");
    for (unsigned i = 0; i < 2; i++)
        kept_buf_printf(out, "kept_http_certificate_loads_total{worker=\"%u\",loaded=\"%s\"} %llu\n", worker,
                        i == 1 ? "yes" : "no", (unsigned long long)m->reloads[i]);
}
