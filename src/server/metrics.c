/* metrics.c - the holder's numbers, as Prometheus reads them. Names of operations and counts; of nobody. */
#include "server/server_int.h"

static void one(struct kept_buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    kept_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
                    (unsigned long long)value);
}

static uint64_t queued(const struct kept_server *server)
{
    uint64_t n = 0;
    for (const struct kept_conn *conn = server->conns; conn != NULL; conn = conn->next)
        n += conn->out.n - conn->out_at;
    return n;
}

static void operations(const struct kept_server *server, struct kept_buf *out)
{
    static const char *const outcomes[] = {"allow", "mask", "deny", "error"};
    kept_buf_text(out, "# HELP kept_operations_total Operations answered, by what came of them.\n"
                       "# TYPE kept_operations_total counter\n");
    for (unsigned op = 0; op < KEPT_OP_COUNT; op++)
        for (unsigned i = 0; i < KEPT_O_COUNT; i++)
            if (server->done[op][i] != 0)
                kept_buf_printf(out, "kept_operations_total{operation=\"%s\",outcome=\"%s\"} %llu\n",
                                op == KEPT_OP_NONE ? "unknown" : kept_op_name((enum kept_op)op), outcomes[i],
                                (unsigned long long)server->done[op][i]);
}

void kept_server_metrics(struct kept_server *server, struct kept_buf *out)
{
    operations(server, out);
    one(out, "kept_observed_denials_total", "counter", "Denials of functions that are only observed yet.", server->observed);
    one(out, "kept_in_flight", "gauge", "Operations taken and not answered.", server->in_flight);
    one(out, "kept_connections", "gauge", "Connections to the store's own socket.", server->conn_count);
    one(out, "kept_connections_total", "counter", "Connections that were accepted, workers included.", server->accepted);
    one(out, "kept_connections_refused_total", "counter", "Connections that were turned away.", server->refused);
    one(out, "kept_connections_cut_total", "counter", "Connections cut off: half a message, or unread answers.",
        server->cut_off);
    one(out, "kept_unread_bytes", "gauge", "Bytes of answers that nobody has read yet.", queued(server));
    one(out, "kept_faults_total", "counter", "Messages refused.", server->faults);
    one(out, "kept_documents_total", "counter", "Documents made.", server->documents);
    one(out, "kept_worker_restarts_total", "counter", "Workers that ended and were started again.", server->restarts);
    one(out, "kept_upkeep_total", "counter", "Pieces of upkeep.", server->ticks);
    one(out, "kept_uptime_seconds", "gauge", "Since it began to serve.",
        (uint64_t)((server->now - server->began) / KEPT_SECOND));
}
