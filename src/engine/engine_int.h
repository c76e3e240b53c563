/* engine_int.h - the engine's inside: the handle, and what each file of the room offers the others. */
#ifndef KEPT_ENGINE_INT_H
#define KEPT_ENGINE_INT_H

#include <pthread.h>

#include "base/bell.h"
#include "base/owner.h"
#include "caller/caller.h"
#include "engine/call.h"

/* ---- the handle ---- */

#define KEPT_ID_POOL 256u
#define KEPT_NO_PLACE UINT64_MAX
/* Reads of one run: few enough that sealing and syncing one run's entries overlaps the next run. */
#define KEPT_READ_RUN 96u
/* Entries sealed under one audit key with random nonces (limit: KEPT_MAX_SEALS). */
#define KEPT_AUDIT_ENTRIES (1ull << 31)

struct kept {
    struct kept_owner owner; /* asked at every door */
    struct kept_bell bell;   /* of kept_event_fd; made and rung under the log mutex */
    pthread_mutex_t mutex;
    char store_path[KEPT_MAX_PATH], keyring_path[KEPT_MAX_PATH];
    char mirror_path[KEPT_MAX_PATH]; /* of the keyring; "": none */
    struct kept_clock clock;
    kept_ms last_now;
    struct kept_root *root;
    struct kept_store *store;
    struct kept_id store_id;
    struct app **apps;
    size_t app_count, app_cap;
    struct kept_subject_keys *pool;       /* guarded, one per shell */
    struct kept_subject shells[KEPT_MAX_BATCH];
    struct kept_id ids[KEPT_ID_POOL];     /* random ids of entries, drawn in bulk */
    size_t ids_left;
    struct kept_nonces nonces;            /* of the shells; under mutex */
    struct run *run;                      /* of reads (read.c) */
    struct readers *readers;              /* who carries it out (readers.c) */
    size_t reader_count;                  /* threads beside the caller's */
    int reader_cache_kib;
    struct scribe *scribe;                /* writes the entries of reads (scribe.c) */
    struct refs *refs;                    /* references of names asked for lately (refs.c) */
    struct kept_buf actor_part, subject_part, head; /* scratch, secret */
    struct call *inbox, **inbox_end;      /* submitted, not begun */
    struct call *waiting, **waiting_end;  /* decided, their entries not yet durable */
    struct call *ready, **ready_end;
    struct call *newest;                  /* of the inbox; says nothing while that is empty */
    size_t in_flight;
    struct call *spare;                   /* calls to use again */
    struct kept_stream *streams;          /* open ones */
    size_t stream_count;
    uint64_t change_seq;                  /* grows with every committed change of a context */
    uint64_t queue_hi, queue_done;        /* rows of the ledger queue placed / deleted */
    unsigned wary;                        /* runs of changes left to be carried out with marks; see commit.c */
    uint64_t journal_hi, journal_done;
    kept_ms checkpoint_at;
    struct kept_callers callers;          /* of all apps (callers.c) */
    uint64_t log_place;                   /* of the last piece of a log (src/logs) */
    uint64_t strangers;                   /* showed what nobody has, since the ledger was told */
    bool dirty;                           /* something is not in a checkpoint yet */
    bool reserve_used;
    bool stopped;                         /* a failure after a commit: reopen to recover */
    /* the log thread */
    pthread_t log_thread;
    bool log_running, log_stop;
    pthread_mutex_t log_mutex;
    pthread_cond_t log_work, log_done;
    int log_failed;
};

/* ---- pieces (file) ---- */

/* engine.c */
/* Does path, which may not be there yet, lie in folder, whatever the two are called? */
bool kept_path_inside(const char *folder, const char *path);

/* Who has the root key, by options and keyring; a file of it must lie outside store and keyring. */
KEPT_MUST_USE int kept_find_root(const struct kept_options *options, struct kept_provider *ret,
                                 struct kept_err *err);

/* owner.c */
/* Is this process the one that opened the handle? KEPT_E_BUSY: it is a forked child; KEPT_E_USAGE: NULL.
 * Takes no lock. Every function of kept.h and admin.h that takes a handle asks first. */
KEPT_MUST_USE int kept_mine(const struct kept *kept, struct kept_err *err);
/* flight.c: what those doors lead to. */
KEPT_MUST_USE int kept_flight_submit(struct kept *kept, const struct kept_request *request,
                                     struct kept_err *err);
KEPT_MUST_USE int kept_flight_submit_all(struct kept *kept, const struct kept_caller_row *who,
                                         const struct kept_request *const *requests, size_t count,
                                         struct kept_err *err);
KEPT_MUST_USE int kept_flight_reap(struct kept *kept, struct kept_reply **ret_replies, size_t max,
                                   int wait, size_t *ret_count, struct kept_err *err);
/* stream: of which this is a step; NULL: of none. */
KEPT_MUST_USE int kept_flight_call(struct kept *kept, const struct kept_request *request,
                                   struct kept_stream *stream, struct kept_reply **ret_reply,
                                   struct kept_err *err);

/* What a verdict was made on. Did anything move since then that concerns it? While nothing did,
 * change_seq follows the handle's, so that the next look is free. */
struct sight {
    struct app *app;
    struct kept_id subject;
    uint64_t version, change_seq, app_generation;
};
struct sight kept_sight(const struct call *call);
KEPT_MUST_USE int kept_moved(struct kept *kept, struct sight *sight, bool *ret_moved,
                             struct kept_err *err);
/* See the run of reads that is open to its end; its calls wait for their entries from now on. */
void kept_flight_settle(struct kept *kept);
KEPT_MUST_USE int kept_flight_batch(struct kept *kept, const struct kept_request *requests,
                                    size_t count, struct kept_reply **ret_replies,
                                    struct kept_err *err);

/* apps.c */
struct app *kept_app_named(struct kept *kept, const char *name);
const struct kept_policy *kept_app_policy(const struct app *app, uint32_t version);
/* The version in force for someone new at an instant, or NULL. */
const struct kept_policy *kept_app_in_force(const struct app *app, kept_ms now);
KEPT_MUST_USE int kept_app_load(struct kept *kept, uint32_t number, const char *name,
                                struct kept_err *err);
KEPT_MUST_USE int kept_app_add_version(struct app *app, uint32_t number, kept_ms effective,
                                       kept_ms published, uint32_t agreed, struct kept_policy *policy);
/* The text of a version, appended to text; its seal is verified. KEPT_E_NOTFOUND, KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_app_text(struct kept *kept, const struct app *app, uint32_t version,
                                struct kept_buf *text, struct kept_err *err);
/* An app that is nowhere yet; NULL: no memory. And the seal of a version, in the transaction that is open. */
struct app *kept_app_new(const struct kept *kept, const char *name);
KEPT_MUST_USE int kept_app_seal(struct kept_store *store, const struct app *app, uint32_t version,
                                kept_ms effective, kept_ms published, struct kept_span text,
                                struct kept_err *err);
/* Open keyring and ledger of an app, making them when make is set and they are not there. */
KEPT_MUST_USE int kept_app_attach(struct kept *kept, struct app *app, bool make, kept_ms now,
                                  struct kept_err *err);
KEPT_MUST_USE int kept_app_register(struct kept *kept, struct app *app, struct kept_err *err);
void kept_app_free(struct app *app);

/* entry.c */
KEPT_MUST_USE int kept_call_touch(struct call *call, uint32_t item, uint32_t record,
                                  uint32_t version, enum kept_decision decision,
                                  enum kept_reason reason);
/* Canonical bytes of the call's entry, and its leaf in the reply. */
KEPT_MUST_USE int kept_call_encode(struct call *call, struct kept_err *err);
/* The same in two steps: what of the person the entry needs, while their shell is open; then the
 * bytes, by any thread. trace: the person's trace key, NULL for an entry about nobody. */
void kept_call_about(struct call *call);
KEPT_MUST_USE int kept_call_write(struct call *call, const uint8_t *trace, struct kept_buf *actor,
                                  struct kept_buf *subject, struct kept_err *err);
void kept_next_id(struct kept *kept, struct kept_id *ret_id);

/* What the parts of an entry say, decoded. Text is borrowed from plain. */
struct actor_part {
    char actor[KEPT_MAX_NAME + 1];
    uint32_t role, function, purpose, subjects, facts, observed;
    uint32_t item_count;
    struct kept_span items; /* u32 each */
    struct kept_span text;
};
struct subject_part {
    uint32_t recipient, scope, item_count;
    uint8_t scope_kind, consent, origin;
    uint32_t language; /* index in the version shown, + 1; 0: none was shown */
    uint32_t guardian; /* 0: none */
    bool has_evidence;
    kept_ms signed_at;
    struct kept_span sha256, reference; /* empty: none */
    struct kept_cursor items; /* next: kept_next_touched */
    struct touched run;       /* the next of a run of items, */
    uint32_t run_left;        /* as long as this says */
};
KEPT_MUST_USE int kept_actor_decode(struct kept_span plain, struct actor_part *ret_part);
KEPT_MUST_USE int kept_subject_decode(struct kept_span plain, struct subject_part *ret_part);
/* Open and decode the actor part of an entry of this app, under whichever audit key it is sealed; plain:
 * secret scratch that ret_part borrows. KEPT_E_NOTFOUND, KEPT_E_CRYPTO, KEPT_E_CORRUPT, _NOMEM. */
KEPT_MUST_USE int kept_open_actor(const struct app *app, struct kept_span bytes,
                                  struct kept_buf *plain, struct actor_part *ret_part);
bool kept_next_touched(struct subject_part *part, struct touched *ret_touched);

/* pipeline.c */
/* Time and id, which need the handle to themselves; then authenticate and look up, which any thread
 * with references of its own may do; or both. */
KEPT_MUST_USE int kept_begin(struct call *call, struct kept_err *err);
KEPT_MUST_USE int kept_look_up(struct call *call, struct refs *refs, struct kept_err *err);
KEPT_MUST_USE int kept_prepare(struct call *call, struct kept_err *err);
KEPT_MUST_USE int kept_load(struct call *call, struct kept_head *head, uint64_t key,
                            struct kept_err *err);
/* The person whom the request is about, opened. KEPT_E_USAGE, KEPT_E_NOTFOUND, KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_load_subject(struct call *call, struct kept_err *err);
/* The time of an operation, never before what the store has seen. KEPT_E_CLOCK. */
KEPT_MUST_USE int kept_take_time(struct kept *kept, kept_ms *ret_now, struct kept_err *err);
/* Set the reply's verdict; true when the operation may go on. */
bool kept_admit(struct call *call);
void kept_verdict(struct call *call, enum kept_decision decision, enum kept_reason reason,
                  const char *clause, int line);
/* The call failed: nothing of it is released, no entry placed. */
void kept_call_fail(struct call *call, int rc, const struct kept_err *err);
/* Seal and put the head as it is (nothing a decision looks at has changed) ... */
KEPT_MUST_USE int kept_put_head(struct call *call, struct kept_err *err);
/* ... or with its version raised. */
KEPT_MUST_USE int kept_save(struct call *call, struct kept_err *err);
/* Give placed entries to the ledgers after a commit. */
KEPT_MUST_USE int kept_place(struct kept *kept, struct call *const *calls, size_t count,
                             struct kept_err *err);
/* A change made by the engine itself (replay, sweep): encode and queue an entry of this call. */
KEPT_MUST_USE int kept_queue_entry(struct call *call, struct kept_err *err);

/* Runs of changes; of one operation with its own transactions; of one read that is not USE. Failures
 * of a call are in its reply; the result is a failure of the whole run. */
KEPT_MUST_USE int kept_change_batch(struct kept *kept, struct call **calls, size_t count,
                                    struct kept_err *err);
KEPT_MUST_USE int kept_change_alone(struct kept *kept, struct call *call, struct kept_err *err);
void kept_read_alone(struct kept *kept, struct call *call);
/* An operation of the engine's own on an opened person, in the transaction that is open: act, head, obligation, entry,
 * commit, and then journal and ledger, as for anybody's. On failure nothing of it happened; KEPT_E_UNSETTLED. */
KEPT_MUST_USE int kept_change_own(struct call *call, struct kept_err *err);

/* scribe.c */
struct scribe *kept_scribe_new(void);
void kept_scribe_free(struct scribe *scribe);
/* The next sheet: where the trace keys of a run's calls go, by their numbers in the run. NULL: the log
 * failed. Then the calls are handed over; those that failed are passed by. */
uint8_t (*kept_scribe_sheet(struct kept *kept))[KEPT_TRACE_BYTES];
void kept_scribe_hand(struct kept *kept, struct call *const *calls, size_t count);
/* Let calls know their places. true: the log failed, and calls without a place will get none. */
bool kept_scribe_take(struct kept *kept);
void kept_scribe_wait(struct kept *kept); /* until all that was handed over is in the ledgers */
void kept_scribe_wait_for(struct kept *kept, const struct call *call); /* until durable, or failed */
/* Holding the log mutex: write one run's entries, which then want a sync; false: there are none, or somebody
 * does. */
bool kept_scribe_write(struct kept *kept);
/* Holding the log mutex: the readers' threads write what was handed over; the log thread leaves it to them. */
bool kept_scribe_helped(const struct kept *kept);
void kept_scribe_help(struct kept *kept); /* a reader's thread: write all that is there */

/* refs.c */
struct refs *kept_refs_new(void);
void kept_refs_free(struct refs *refs);
uint32_t kept_field_ref(const struct kept_field *f); /* its item, or what its name is the reference of */
uint32_t kept_refs_get(struct refs *refs, enum kept_kind kind, const char *text); /* kept_ref */

/* read.c */
struct run *kept_run_new(void);
void kept_run_free(struct run *run); /* with its calls, if it is open */
/* In a forked child, where a thread may have been in the middle of it: wipe what never moves, free nothing
 * but guarded memory. */
void kept_run_abandon(struct run *run);
void kept_reader_abandon(struct reader *reader);
void kept_scribe_abandon(struct scribe *scribe);
void kept_call_abandon(struct call *call);
/* Begin with a run of calls, at most KEPT_READ_RUN; the readers' threads go on with it while the caller
 * does something else that touches neither keys nor store nor policies. One is open at a time. */
void kept_read_open(struct kept *kept, struct call *const *calls, size_t count);
bool kept_reading(const struct kept *kept); /* is one open? */
/* The caller's share of its reading. true: all who read it have left it, so that to close it is not to wait. */
bool kept_read_share(struct kept *kept);
/* See it to its end: its calls, and how many. What failed is said in them. */
size_t kept_read_close(struct kept *kept, struct call *ret_calls[KEPT_READ_RUN]);
KEPT_MUST_USE int kept_reader_new(struct kept_store *store, struct reader **ret_reader,
                                  struct kept_err *err);
void kept_reader_free(struct reader *reader);
/* Take calls of a run until none is left. A failure of a call is in the run; the result is that of
 * reading itself, and then the call that was at hand has failed too. Any thread, one a reader. */
int kept_reader_work(struct reader *reader, struct run *run, struct kept_err *err);

/* readers.c */
KEPT_MUST_USE int kept_readers_new(struct kept *kept, struct kept_err *err);
void kept_readers_free(struct kept *kept);
/* In a forked child, which has none of the threads: wipe what they held of people. */
void kept_readers_abandon(struct kept *kept);
/* The caller's thread: let the threads work on a run; work as they do (kept_reader_work); have they left? wait
 * until they have. */
void kept_readers_open(struct kept *kept, struct run *run);
KEPT_MUST_USE int kept_readers_share(struct kept *kept, struct run *run, struct kept_err *err);
bool kept_readers_left(struct readers *readers);
void kept_readers_close(struct kept *kept);
/* Are there any? Then they can be told of sheets to write (scribe.c). The caller's thread. */
bool kept_readers_run(const struct readers *readers);
void kept_readers_seal(struct readers *readers);
/* How many threads: of kept_options.readers. */
size_t kept_readers_wanted(int asked);
/* A thread of the engine's, without signals. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_thread_start(pthread_t *thread, void *(*start)(void *), void *arg);

/* reply.c */
struct box *kept_box_new(void);
KEPT_MUST_USE int kept_box_field(struct box *box, const struct kept_field *field,
                                 struct kept_span value, struct kept_err *err);
void kept_box_drop(struct box *box);   /* forget and wipe the values */
void kept_box_finish(struct box *box); /* values stand still from now on */
struct call *kept_call_new(struct kept *kept);
void kept_call_free(struct call *call); /* for good, with its reply */
void kept_call_release(struct kept *kept, struct call *call);
/* Forget what the call came to, so that it can be carried out again. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_call_restart(struct call *call);

/* log.c */
KEPT_MUST_USE int kept_log_start(struct kept *kept, struct kept_err *err);
void kept_log_stop(struct kept *kept);
void kept_log_kick(struct kept *kept, struct app *app); /* flush and hand to the thread */
bool kept_log_failed(struct kept *kept); /* a sync failed: nothing more is released */
int kept_log_wait(struct kept *kept, const struct app *app, uint64_t entries,
                                struct kept_err *err);
int kept_checkpoint(struct kept *kept, int force, struct kept_err *err);

/* reserve.c */
void kept_reserve_fill(struct kept *kept);  /* best effort */
bool kept_reserve_free(struct kept *kept);  /* true: there is room now that was not there before */
bool kept_is_owed(const struct call *call); /* to a person: withdrawal, refusal, erasure, off */

/* debt.c */
KEPT_MUST_USE int kept_debt_load(struct app *app, struct kept_err *err);
KEPT_MUST_USE int kept_debt_note(struct app *app, const struct kept_journal_row *row);
/* Is a head of this version older than what the journal knows of the person? */
bool kept_debt_unpaid(const struct app *app, const struct kept_id *subject, uint64_t version);

/* The version a person had reached with the last obligation the journal holds; 0: it holds none. */
uint64_t kept_debt_version(const struct app *app, const struct kept_id *subject);

/* known.c */
/* The newest version of a person, opened, that journal and ledger know; visit (NULL: nobody) sees each
 * of their entries, ascending, and stops with a KEPT_E_*. KEPT_E_CORRUPT, KEPT_E_IO, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_known(struct app *app, const struct kept_subject *subject,
                             int (*visit)(void *arg, const struct kept_entry *entry,
                                          const struct subject_part *part),
                             void *arg, uint64_t *ret_newest, struct kept_err *err);

/* People an app's ledger knows to have come, and of those how many may have left no row: erased longer
 * ago than the evidence period (info; NULL: none), or covered by an accepted loss. */
KEPT_MUST_USE int kept_known_people(struct app *app, const struct kept_policy_info *info, kept_ms now,
                                    uint64_t *ret_born, uint64_t *ret_gone, struct kept_err *err);

/* agree.c: is a version in force that takes more than the one that governs, has to be shown first, and
 * was not? */
bool kept_unshown(const struct call *call, uint32_t governing);

/* withdraw.c */
/* A scope was withdrawn: delete what now rests on nothing, note who is owed a word, and say so in the
 * reply's JSON. */
KEPT_MUST_USE int kept_withdrawn(struct call *call, enum kept_kind scope_kind, uint32_t scope,
                                 struct kept_err *err);
/* The same for a withdrawal that was replayed, sparing what was collected after it; no report. */
KEPT_MUST_USE int kept_withdrawn_again(struct call *call, const struct kept_journal_row *row,
                                       struct kept_err *err);

/* recover.c */
/* Load a person for the engine's own work, inside a transaction. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_load_key(struct call *call, uint64_t key, struct kept_err *err);
/* A call of the engine's own, for work nobody asked for at this moment. */
void kept_own_call(struct call *call, struct kept *kept, struct app *app, enum kept_op op,
                   const struct kept_request *request);
/* Apply an obligation of the journal to the opened person it is about, inside a write transaction;
 * call->changed says whether it changed anything, and then the head must be saved. It spares what came
 * after it. kept_replay_op: the operation it came from. */
KEPT_MUST_USE int kept_replay(struct call *call, const struct kept_journal_row *row,
                              struct kept_err *err);
enum kept_op kept_replay_op(const struct kept_journal_row *row);
KEPT_MUST_USE int kept_recover(struct kept *kept, struct app *app, struct kept_err *err);

/* own.c */

/* A call of the engine's own for one entry: its words are request's text, beside an exemption of "".
 * NULL: no memory. kept_own_end(NULL) is a no-op. */
struct call *kept_own_begin(struct kept *kept, struct app *app, const struct kept_request *request);
void kept_own_end(struct call *call);
/* Give its committed entry to the ledger; on failure the handle stops. KEPT_E_UNSETTLED. */
KEPT_MUST_USE int kept_own_place(struct call *call, struct kept_err *err);

/* What is done with a key: told before and after, whatever fails in between. */
enum kept_intent {
    KEPT_INTENT_NONE = 0,
    KEPT_INTENT_EPOCH_END,
    KEPT_INTENT_TOKEN_BEGIN,
    KEPT_INTENT_TOKEN_END
};
/* Outside transactions. *done grows by each that was carried out and told, also an earlier one that
 * was cut short. */
KEPT_MUST_USE int kept_intent_begin(struct kept *kept, struct app *app, enum kept_intent what,
                                    uint32_t number, uint32_t *done, struct kept_err *err);
/* Finish what was cut short, if anything was. */
KEPT_MUST_USE int kept_intent_finish(struct kept *kept, struct app *app, uint32_t *done,
                                     struct kept_err *err);

/* callers.c */
/* The callers of an app, after its journal was replayed. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_app_callers(struct kept *kept, struct app *app, struct kept_err *err);
/* What the call came to is committed, or undone: so are the caller it made, or revoked. */
void kept_caller_settle(struct call *call, bool done);

/* Sealed, into the transaction. */
KEPT_MUST_USE int kept_caller_put_row(struct call *call, const struct kept_caller_row *row, struct kept_err *err);

/* staff.c */
/* The session that the call opened or closed is committed, or undone. */
void kept_login_settle(struct call *call, struct kept_caller_row *row, bool done);
/* Is it a member of staff who ends the session in which they ask? Nobody needs leave for that. */
bool kept_is_leaving(const struct call *call);

/* self.c: people who ask for themselves, and visitors. */

bool kept_by_self(const struct call *call); /* is it one of those who asks? */
/* May they? Else the verdict says why not, and where more must be shown first the JSON says what. Any thread. */
bool kept_self_may(struct call *call);
/* Fill up a request of theirs, as kept_caller_complete. */
KEPT_MUST_USE int kept_self_complete(const struct kept_caller_row *who, struct kept_request *request, struct kept_err *err);

/* observe.c */
/* What of a call's denials is only observed yet: into the reply, and for its entry. After it was decided, before its entry. */
void kept_observe(struct call *call);
/* Its reply leaves: count them. kept_observe_save: write the counts down; a transaction of its own, none when there
 * is nothing new. */
void kept_observe_count(struct call *call);
KEPT_MUST_USE int kept_observe_save(struct kept *kept, struct kept_err *err);

/* facts.c */

/* A small row of an app in the store: `name`.NUMBER-OF-THE-APP. */
#define KEPT_MAX_FACT_BYTES 64u
struct fact {
    const char *name;
    const char *what; /* for people */
    size_t size;      /* exactly */
};
/* KEPT_E_NOTFOUND (err untouched); KEPT_E_CORRUPT: of another size. */
KEPT_MUST_USE int kept_fact_get(struct kept *kept, const struct app *app, const struct fact *fact,
                                uint8_t *ret, struct kept_err *err);
KEPT_MUST_USE int kept_fact_put(struct kept *kept, const struct app *app, const struct fact *fact,
                                const uint8_t *bytes, struct kept_err *err);

/* How far the turning over of a key has come: everybody is under key `done` or a newer one; from the
 * cursor on they are being put under `target`. It stands in the store, with the key that it is about: a
 * store that was put back from before a turn goes through it as well. */
enum turn_kind { KEPT_TURN_EPOCH, KEPT_TURN_TOKEN };
struct turn {
    uint32_t done, target;
    uint64_t cursor; /* row key of the next person, or record */
};
/* With a newer key than the store knows, the turn to it begins. KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_turn_get(struct kept *kept, const struct app *app, enum turn_kind kind,
                                struct turn *ret, struct kept_err *err);
KEPT_MUST_USE int kept_turn_put(struct kept *kept, const struct app *app, enum turn_kind kind,
                                const struct turn *turn, struct kept_err *err);
bool kept_turn_left(const struct turn *turn);
unsigned kept_turn_percent(const struct app *app, const struct turn *turn); /* 100: over */

/* rotate.c */

struct upkeep;
/* Begin a new epoch; while people are still under an older one than the last, nothing is begun. */
KEPT_MUST_USE int kept_epoch_turn(struct call *call, struct kept_err *err);
/* Put a bounded number of people under the current epoch, and marked ones under new keys of their own. */
KEPT_MUST_USE int kept_epoch_rewrap(struct call *call, struct upkeep *work, struct kept_err *err);

/* tick.c */

/* What upkeep did. */
struct upkeep {
    uint32_t swept, rewrapped, destroyed, ended, retokened;
    uint32_t records_ended, people_ended, chunks;
    uint32_t logs_ended; /* rows of logs past their end */
    uint32_t minors_erased;
    uint32_t ordered;    /* systems that were ordered to delete what has reached its end */
    uint32_t damaged; /* people whose row does not open: passed over, so that others are not held up */
    struct turn epochs;
    bool turned;      /* the last person was put under the current epoch */
    bool blocked;     /* by somebody who still reads an old state of the store */
};
/* `todo` is one list for all apps: load the person of a key in a call that then is of their app.
 * Inside a transaction. KEPT_E_NOTFOUND, KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_at_home(struct call *call, uint64_t key, struct kept_err *err);

/* ends.c */

/* A value was written under row: note when the next value of the person ends. replaced: over an
 * earlier one; until 0: it does not end. */
KEPT_MUST_USE int kept_ends_note(struct call *call, const struct kept_dir_row *row, bool replaced,
                                 kept_ms until, struct kept_err *err);
/* When a value is deleted: at its end, or at that of the archive that follows it by the version it came in under;
 * 0: it has no end. The call has its person. */
kept_ms kept_gone_at(const struct call *call, uint32_t item, const struct kept_stamp *stamp);
/* May any value of this app have an end? */
bool kept_ends_any(const struct app *app);
/* A person passed by a rotation whose values may end, and who is on no list, is put on it. */
KEPT_MUST_USE int kept_ends_look(struct call *call, struct kept_err *err);
/* Delete the values whose time has passed, a bounded number of people; the call is of any app. */
KEPT_MUST_USE int kept_ends_due(struct call *call, struct upkeep *work, struct kept_err *err);

/* tokens.c */

/* The form in which a hashed item is stored: hex of a hash keyed for the app, NUL-terminated. */
#define KEPT_HASHED_BYTES (2 * KEPT_TOKEN_BYTES)
KEPT_MUST_USE int kept_hashed(const struct app *app, uint32_t item, struct kept_span normal,
                              char ret_hex[KEPT_HASHED_BYTES + 1], struct kept_err *err);
/* The look-up token of a value as it is stored, under the token key of a number (which lives). */
KEPT_MUST_USE int kept_token_of(const struct app *app, uint32_t number, uint32_t item,
                                struct kept_span stored, uint8_t ret_token[KEPT_TOKEN_BYTES],
                                struct kept_err *err);
/* Put the tokens of a value as it is stored, under the newest key: of who is found by it, and met. */
KEPT_MUST_USE int kept_tokens_put(struct kept *kept, const struct app *app,
                                  const struct kept_item *item, struct kept_span stored, uint64_t key,
                                  struct kept_err *err);
/* Does the token key of this number live, so that tokens under it may be found? */
bool kept_token_lives(const struct app *app, uint32_t number);
/* Are there tokens under keys that do not live any more (a restored store)? A look-up may miss. */
KEPT_MUST_USE int kept_tokens_stale(struct kept *kept, const struct app *app, bool *ret_stale,
                                    struct kept_err *err);
/* Begin a rotation of the token key. KEPT_E_CONFLICT: one is under way. */
KEPT_MUST_USE int kept_tokens_turn(struct kept *kept, struct app *app, struct kept_err *err);
/* Make a bounded number of tokens anew under the newest key; *ret_left: there are more to make.
 * When all are made, the former key is destroyed. */
KEPT_MUST_USE int kept_tokens_remake(struct call *call, struct upkeep *work, bool *ret_left,
                                     struct kept_err *err);

/* logs.c */

/* Delete what is past its end of the call's app, in a transaction of its own. */
KEPT_MUST_USE int kept_logs_upkeep(struct call *call, struct upkeep *work, struct kept_err *err);
/* What is kept of each log of the policy, in numbers: into an array of json_t, and may fail. */
struct json_t;
KEPT_MUST_USE int kept_logs_told(struct call *call, struct json_t *rows, struct kept_err *err);

/* Acts (ops.def). What `operations: all` means to the policy is what the table opens. */
#define APP KEPT_WHO_APP
#define STAFF KEPT_WHO_STAFF
#define PERSON KEPT_WHO_PERSON
#define VISITOR KEPT_WHO_VISITOR
#define OP(op, name, who, flags, help)                                                             \
    int kept_act_##op(struct call *call, struct kept_err *err);                                    \
    _Static_assert(((KEPT_OPS_APP_ALONE >> KEPT_OP_##op & 1) != 0) == (((who) & 3) == KEPT_WHO_APP) && \
                       ((KEPT_OPS_STAFF_ALONE >> KEPT_OP_##op & 1) != 0) ==                        \
                           (((who) & 3) == KEPT_WHO_STAFF),                                              \
                   "policy.h and ops.def differ: " name);
#include "engine/ops.def"
#undef OP
#undef APP
#undef STAFF
#undef PERSON
#undef VISITOR

/* seek.c: who has this value, of an item with a look-up token? Found: the person is the call's. Else the
 * verdict says why nobody is. */
KEPT_MUST_USE int kept_find_by(struct call *call, const struct kept_field *field, bool *ret_found,
                               struct kept_err *err);
/* seek.c: who is meant by SUBJECT_NEW. May who asks for somebody new call this, too? Else the verdict says no. */
bool kept_may_also(struct call *call, enum kept_op op);
/* Look up who is found by the request's field, if it has one. *ret_new: nobody, so make somebody. Else
 * the call has its person, or a verdict that says no. */
KEPT_MUST_USE int kept_find_or_new(struct call *call, bool *ret_new, struct kept_err *err);

/* legacy.c: of a consent of before: what was shown, and does it still count? *ret_counts (true before)
 * false: it is not entered; the verdict says why, or allows because nothing is left to do. KEPT_E_USAGE. */
KEPT_MUST_USE int kept_legacy_shown(struct call *call, struct kept_shown *ret, bool *ret_counts,
                                    struct kept_err *err);

/* unit.c: changes that stand or fall together, and marks. */
/* May this request be one with the one submitted before it? *ret_place: in its unit. */
KEPT_MUST_USE int kept_unit_place(const struct kept *kept, const struct kept_request *request,
                                  unsigned *ret_place, struct kept_err *err);
/* Calls of the unit that begins here: 1, unless others follow. */
size_t kept_unit_waiting(const struct call *first);
size_t kept_unit_size(struct call *const *calls, size_t count);
/* The call was undone: the number of whom it made is free again. */
void kept_unborn(struct call *call);
/* KEPT_E_DENIED when the answer is a denial that undoes the unit. */
KEPT_MUST_USE int kept_unit_must(const struct call *call, struct kept_err *err);
/* It was dry: of what it made, and is undone, nothing is told. */
void kept_unit_forget(struct call *call);
bool kept_unit_all_dry(struct call *const *calls, size_t count);
/* The call by which marked work came to a stop, if this unit is one: disk, keys or memory failed. NULL: no. */
const struct call *kept_mark_stopped(struct call *const *calls, size_t count);
/* Would this unit put a mark behind work that came to a stop? Then it fails as that did. */
bool kept_mark_passes(const struct call *stopped, struct call *const *calls, size_t count);
/* Set the marks of a run that is about to be committed. */
KEPT_MUST_USE int kept_marks_put(struct kept *kept, struct call *const *calls, size_t count,
                                 struct kept_err *err);
/* The text of the call's mark, appended; nothing when there is none. */
KEPT_MUST_USE int kept_mark_get(struct call *call, struct kept_buf *out, struct kept_err *err);

/* erase.c */

/* When an erasure at this epoch is final: past the destruction of the epoch key. *ret_done: it is. */
kept_ms kept_final_at(const struct app *app, const struct kept_policy_info *info, uint32_t epoch,
                      bool *ret_done);

/* Name of a stable reference in the newest policies of an app that know it, or "?". */
const char *kept_ref_name(const struct app *app, enum kept_kind kind, uint32_t ref);

#endif
