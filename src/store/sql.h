/* sql.h - every statement the SQLite engine runs, in one table, and the schema they run on.
 * All are prepared at open: a store whose schema does not carry them is refused there. */
#ifndef KEPT_STORE_SQL_H
#define KEPT_STORE_SQL_H

#define KEPT_APPLICATION_ID 0x6b657074 /* "kept" */
#define KEPT_STORE_FORMAT 3            /* user_version; a newer one is refused unchanged */

/* What came with each later format, in its order: a store of an older one gets it when it is opened. */
#define KEPT_UPGRADES(X)                                                                           \
    X(2, "CREATE TABLE caller(app INTEGER NOT NULL, id BLOB NOT NULL, body BLOB NOT NULL,"         \
         " PRIMARY KEY(app, id)) WITHOUT ROWID;")                                                  \
    X(3, "CREATE TABLE slip(kind INTEGER NOT NULL, app INTEGER NOT NULL, id BLOB NOT NULL,"        \
         " key INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL,"                         \
         " PRIMARY KEY(kind, app, id)) WITHOUT ROWID;"                                             \
         "CREATE INDEX slip_at ON slip(kind, app, at); CREATE INDEX slip_key ON slip(key);")

/* Format 1. */
#define KEPT_SCHEMA                                                                                \
    "CREATE TABLE cell(key INTEGER PRIMARY KEY, body BLOB NOT NULL);"                              \
    "CREATE TABLE chunk(key INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,"        \
    " PRIMARY KEY(key, number)) WITHOUT ROWID;"                                                    \
    "CREATE TABLE token(app INTEGER NOT NULL, token BLOB NOT NULL, key INTEGER NOT NULL,"          \
    " PRIMARY KEY(app, token, key)) WITHOUT ROWID;"                                                \
    "CREATE INDEX token_key ON token(key);"                                                        \
    "CREATE TABLE queue_ledger(seq INTEGER PRIMARY KEY, app INTEGER NOT NULL,"                     \
    " key INTEGER NOT NULL, id BLOB NOT NULL, body BLOB NOT NULL);"                                \
    "CREATE TABLE queue_journal(seq INTEGER PRIMARY KEY, app INTEGER NOT NULL,"                    \
    " key INTEGER NOT NULL, id BLOB NOT NULL, body BLOB NOT NULL);"                                \
    "CREATE TABLE todo(kind INTEGER NOT NULL, key INTEGER NOT NULL, at INTEGER NOT NULL,"          \
    " PRIMARY KEY(kind, key)) WITHOUT ROWID;"                                                      \
    "CREATE INDEX todo_at ON todo(kind, at, key);"                                                 \
    "CREATE TABLE app(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"                     \
    "CREATE TABLE policy(app INTEGER NOT NULL, version INTEGER NOT NULL,"                          \
    " effective INTEGER NOT NULL, published INTEGER NOT NULL, text BLOB NOT NULL,"                 \
    " PRIMARY KEY(app, version)) WITHOUT ROWID;"                                                   \
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"

/* keys(key) and found(body) are sql_walk.c's. */
#define KEPT_STATEMENTS(X)                                                                         \
    X(BEGIN_READ, "BEGIN")                                                                         \
    X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                              \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(MARK, "SAVEPOINT mark")                                                                      \
    X(UNDO, "ROLLBACK TO mark")                                                                    \
    X(KEEP, "RELEASE mark")                                                                        \
    X(CELL_GET, "SELECT body FROM cell WHERE key = ?1")                                            \
    X(CELL_WALK, "SELECT found(c.body) FROM keys k CROSS JOIN cell c ON c.key = k.key")            \
    X(CELL_PUT, "REPLACE INTO cell(key, body) VALUES(?1, ?2)")                                     \
    X(CELL_DELETE, "DELETE FROM cell WHERE key = ?1")                                              \
    X(CELL_DELETE_RANGE, "DELETE FROM cell WHERE key IN"                                           \
      " (SELECT key FROM cell WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3)")                 \
    X(CELL_NEXT, "SELECT key FROM cell WHERE key >= ?1 ORDER BY key LIMIT 1")                      \
    X(CELL_COUNT, "SELECT count(*) FROM cell WHERE key BETWEEN ?1 AND ?2")                         \
    X(CHUNK_PUT, "REPLACE INTO chunk(key, number, body) VALUES(?1, ?2, ?3)")                       \
    X(CHUNK_GET, "SELECT body FROM chunk WHERE key = ?1 AND number = ?2")                          \
    X(CHUNK_DELETE_RANGE, "DELETE FROM chunk WHERE (key, number) IN (SELECT key, number"           \
      " FROM chunk WHERE key BETWEEN ?1 AND ?2 ORDER BY key, number LIMIT ?3)")                    \
    X(CHUNK_NEXT, "SELECT key FROM chunk WHERE key >= ?1 ORDER BY key LIMIT 1")                    \
    X(CHUNK_COUNT, "SELECT count(*) FROM chunk WHERE key BETWEEN ?1 AND ?2")                       \
    X(TOKEN_PUT, "INSERT OR IGNORE INTO token(app, token, key) VALUES(?1, ?2, ?3)")                \
    X(TOKEN_FIND, "SELECT key FROM token WHERE app = ?1 AND token = ?2 ORDER BY key")              \
    X(TOKEN_DELETE_RANGE, "DELETE FROM token WHERE (app, token, key) IN (SELECT app, token, key"   \
      " FROM token INDEXED BY token_key WHERE key BETWEEN ?1 AND ?2 LIMIT ?3)")                    \
    X(TOKEN_HAS, "SELECT 1 FROM token WHERE app = ?1 AND token = ?2 AND key = ?3")                 \
    X(TOKEN_NEXT,                                                                                  \
      "SELECT key FROM token INDEXED BY token_key WHERE key >= ?1 ORDER BY key LIMIT 1")           \
    X(TOKEN_COUNT,                                                                                 \
      "SELECT count(*) FROM token INDEXED BY token_key WHERE key BETWEEN ?1 AND ?2")               \
    X(LEDGER_PUT, "INSERT INTO queue_ledger(seq, app, key, id, body) VALUES(?1, ?2, ?3, ?4, ?5)")  \
    X(LEDGER_EACH, "SELECT seq, app, key, id, body FROM queue_ledger ORDER BY seq")                \
    X(LEDGER_DELETE, "DELETE FROM queue_ledger WHERE seq <= ?1")                                   \
    X(LEDGER_LAST, "SELECT seq FROM queue_ledger ORDER BY seq DESC LIMIT 1")                       \
    X(JOURNAL_PUT,                                                                                 \
      "INSERT INTO queue_journal(seq, app, key, id, body) VALUES(?1, ?2, ?3, ?4, ?5)")             \
    X(JOURNAL_EACH, "SELECT seq, app, key, id, body FROM queue_journal ORDER BY seq")              \
    X(JOURNAL_DELETE, "DELETE FROM queue_journal WHERE seq <= ?1")                                 \
    X(JOURNAL_LAST, "SELECT seq FROM queue_journal ORDER BY seq DESC LIMIT 1")                     \
    X(TODO_PUT, "REPLACE INTO todo(kind, key, at) VALUES(?1, ?2, ?3)")                             \
    X(TODO_NEXT, "SELECT key, at FROM todo WHERE kind = ?1 AND at <= ?2 ORDER BY at, key LIMIT 1") \
    X(TODO_GET, "SELECT at FROM todo WHERE kind = ?1 AND key = ?2")                                \
    X(TODO_DELETE, "DELETE FROM todo WHERE kind = ?1 AND key = ?2")                                \
    X(TODO_DUE, "SELECT count(*) FROM todo WHERE kind = ?1 AND at <= ?2")                          \
    X(SLIP_PUT, "REPLACE INTO slip(kind, app, key, at, id, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")  \
    X(SLIP_GET, "SELECT app, id, key, at, body FROM slip WHERE kind = ?1 AND app = ?2 AND id = ?3") \
    X(SLIP_FROM, "SELECT app, id, key, at, body FROM slip WHERE kind = ?1 AND app = ?2 AND id >= ?3 ORDER BY id LIMIT 1") \
    X(SLIP_DUE, "SELECT app, id, key, at, body FROM slip INDEXED BY slip_at"                       \
      " WHERE kind = ?1 AND app = ?2 AND at <= ?3 ORDER BY at, id LIMIT 1")                        \
    X(SLIP_DELETE, "DELETE FROM slip WHERE kind = ?1 AND app = ?2 AND id = ?3")                    \
    X(SLIP_DUE_COUNT, "SELECT count(*) FROM slip INDEXED BY slip_at"                               \
      " WHERE kind = ?1 AND app = ?2 AND at <= ?3")                                                \
    X(SLIP_NEXT, "SELECT key FROM slip INDEXED BY slip_key WHERE key >= ?1 ORDER BY key LIMIT 1")  \
    X(SLIP_COUNT, "SELECT count(*) FROM slip INDEXED BY slip_key WHERE key BETWEEN ?1 AND ?2")     \
    X(SLIP_DELETE_RANGE, "DELETE FROM slip WHERE (kind, app, id) IN (SELECT kind, app, id"         \
      " FROM slip INDEXED BY slip_key WHERE key BETWEEN ?1 AND ?2 LIMIT ?3)")                      \
    X(APP_LAST, "SELECT ifnull(max(number), 0) FROM app")                                          \
    X(APP_ADD, "INSERT INTO app(number, name) VALUES(?1, ?2)")                                     \
    X(APP_EACH, "SELECT number, name FROM app ORDER BY number")                                    \
    X(POLICY_PUT, "INSERT INTO policy(app, version, effective, published, text)"                   \
      " VALUES(?1, ?2, ?3, ?4, ?5)")                                                               \
    X(POLICY_EACH,                                                                                 \
      "SELECT version, effective, published, text FROM policy WHERE app = ?1 ORDER BY version")    \
    X(CALLER_PUT, "REPLACE INTO caller(app, id, body) VALUES(?1, ?2, ?3)")                         \
    X(CALLER_EACH, "SELECT id, body FROM caller WHERE app = ?1 ORDER BY id")                       \
    X(META_PUT, "REPLACE INTO meta(name, value) VALUES(?1, ?2)")                                   \
    X(META_GET, "SELECT value FROM meta WHERE name = ?1")

enum kept_sql {
#define X(name, text) KEPT_SQL_##name,
    KEPT_STATEMENTS(X)
#undef X
    KEPT_SQL_COUNT
};

#endif
