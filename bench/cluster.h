/* cluster.h - a PostgreSQL of the benchmark's own: made in a scratch folder, heard on a socket in it,
 * stopped and removed when the benchmark ends, however it ends.
 *
 * A keeper, a process of its own, starts the server and holds the other end of a pipe. The pipe closes
 * when the benchmark closes it or dies (also by Ctrl-C or kill -9); then the keeper stops the server and
 * removes the folder. A server never runs as root: root's keeper lends the folder to `postgres`. */
#ifndef KEPT_BENCH_CLUSTER_H
#define KEPT_BENCH_CLUSTER_H

#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>

#define CLUSTER_WAIT 60 /* seconds until a server must answer */

struct cluster {
    char folder[BENCH_PATH];
    int hold;
    pid_t keeper;
};

/* Where the server's programs are: $PG_BIN, or where Debian puts them. */
static inline void cluster_program(const char *name, char path[BENCH_PATH])
{
    const char *bin = getenv("PG_BIN");
    (void)snprintf(path, BENCH_PATH, "%.3000s/%s",
                   bin != NULL ? bin : "/usr/lib/postgresql/15/bin", name);
}

/* ---- the keeper's side ---- */

/* Run a command of the shell in the folder, as an ordinary user, both outputs at the end of the log;
 * "$0" in it is the program. */
static inline pid_t cluster_run(const char *folder, const char *name, const char *command)
{
    char program[BENCH_PATH];
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    (void)signal(SIGINT, SIG_DFL); /* a shell starts what runs behind it deaf to it */
    const struct passwd *user = getuid() == 0 ? getpwnam("postgres") : NULL;
    if (user != NULL &&
        (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(126);
    if (getuid() == 0 || chdir(folder) != 0)
        _exit(126);
    int out = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    cluster_program(name, program);
    (void)execl("/bin/sh", "sh", "-c", command, program, (char *)NULL);
    _exit(127);
}

static inline int cluster_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* As fast as PostgreSQL is while it stays durable: every commit is synced, nothing else is waited for.
 * The memory holds all rows; statistics, replication and just-in-time code are off. pgaudit writes a
 * line with its parameters for each statement, long ones left out so that no value is logged; the log is
 * a file without a collector between and is not synced. */
static const char cluster_settings[] =
    "listen_addresses = ''\nunix_socket_directories = '.'\nmax_connections = 20\n"
    "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n"
    "wal_level = minimal\nmax_wal_senders = 0\nwal_buffers = 64MB\n"
    "max_wal_size = 16GB\ncheckpoint_timeout = 1h\n"
    "shared_buffers = 1GB\neffective_cache_size = 4GB\nwork_mem = 64MB\n"
    "jit = off\nplan_cache_mode = force_generic_plan\n"
    "track_activities = off\nupdate_process_title = off\n"
    "client_min_messages = warning\nlog_min_messages = warning\nlog_checkpoints = off\nlog_line_prefix = '%m %u '\n"
    "shared_preload_libraries = 'pgaudit'\npgaudit.log = 'read, write'\npgaudit.log_catalog = off\n"
    "pgaudit.log_parameter = on\npgaudit.log_parameter_max_size = 64\n"
    "pgaudit.log_statement_once = on\n";

static inline void cluster_keep(const char *folder, int held)
{
    char path[BENCH_PATH], byte;
    (void)setsid(); /* Ctrl-C is for the benchmark */
    (void)snprintf(path, sizeof path, "%.3000s/settings", folder);
    FILE *f = fopen(path, "w");
    bool written = f != NULL && fputs(cluster_settings, f) >= 0 && fchmod(fileno(f), 0644) == 0;
    written = f != NULL && fclose(f) == 0 && written;
    pid_t server = -1;
    if (written && cluster_wait(cluster_run(folder, "initdb",
                                            "exec \"$0\" -D data --auth=trust --username=owner "
                                            "--no-sync --encoding=UTF8 --locale=C")) == 0)
        server = cluster_run(folder, "postgres", "exec \"$0\" -D data -c config_file=settings "
                                                 "-c hba_file=data/pg_hba.conf -k \"$PWD\"");
    while (read(held, &byte, 1) < 0 && errno == EINTR)
        ;
    /* Again and again: one that has only begun may not listen yet. */
    while (server > 0 && waitpid(server, NULL, WNOHANG) == 0) {
        (void)kill(server, SIGINT);
        (void)usleep(200000);
    }
    (void)execl("/bin/rm", "rm", "-rf", folder, (char *)NULL);
    _exit(127);
}

/* ---- the benchmark's side ---- */

static inline void cluster_die(const struct cluster *c)
{
    char path[BENCH_PATH], line[512];
    (void)snprintf(path, sizeof path, "%.3000s/log", c->folder);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        (void)fputs(line, stderr);
    bench_die("PostgreSQL did not start: its log is above", NULL);
}

static inline PGconn *cluster_connect(const struct cluster *c, const char *user, const char *database)
{
    char text[BENCH_PATH];
    (void)snprintf(text, sizeof text, "host='%.3000s' user=%s dbname=%s sslmode=disable gssencmode=disable",
                   c->folder, user, database);
    PGconn *conn = PQconnectdb(text);
    if (PQstatus(conn) != CONNECTION_OK)
        bench_die(PQerrorMessage(conn), NULL);
    return conn;
}

static inline void cluster_sql(PGconn *conn, const char *text)
{
    PGresult *result = PQexec(conn, text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        bench_die(PQerrorMessage(conn), NULL);
    PQclear(result);
}

static inline double cluster_number(PGconn *conn, const char *text)
{
    PGresult *result = PQexec(conn, text);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        bench_die(PQerrorMessage(conn), NULL);
    double number = strtod(PQgetvalue(result, 0, 0), NULL);
    PQclear(result);
    return number;
}

/* The folder is made below the given one, which must be there; a database `bench` is made in it. */
static inline void cluster_start(struct cluster *c, const char *folder)
{
    int ends[2];
    char ask[BENCH_PATH];
    const struct passwd *user = getpwnam("postgres");
    (void)snprintf(c->folder, sizeof c->folder, "%.3000s/postgres", folder);
    if (mkdir(c->folder, 0700) != 0 || pipe2(ends, O_CLOEXEC) != 0)
        bench_die(c->folder, NULL);
    if (getuid() == 0 && (user == NULL || chown(c->folder, user->pw_uid, user->pw_gid) != 0 ||
                          chmod(folder, 0711) != 0)) /* postgres must get to what is its own */
        bench_die("root needs the user postgres, who runs the server", NULL);
    c->keeper = fork();
    if (c->keeper < 0)
        bench_die("fork", NULL);
    if (c->keeper == 0) {
        (void)close(ends[1]);
        cluster_keep(c->folder, ends[0]);
    }
    (void)close(ends[0]);
    c->hold = ends[1];
    (void)snprintf(ask, sizeof ask, "host='%.3000s' user=owner dbname=postgres", c->folder);
    for (int i = 0; PQping(ask) != PQPING_OK; i++) {
        if (i == CLUSTER_WAIT * 10)
            cluster_die(c);
        (void)usleep(100000);
    }
    PGconn *conn = cluster_connect(c, "owner", "postgres");
    cluster_sql(conn, "CREATE DATABASE bench");
    PQfinish(conn);
}

static inline void cluster_stop(struct cluster *c)
{
    (void)close(c->hold);
    (void)cluster_wait(c->keeper);
}

#endif
