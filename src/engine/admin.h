/* admin.h - what an administrator does beside the operations of the pipeline: flat calls that take
 * options or an open store and give text or JSON. Nothing here reads or releases a person's values.
 *
 * Invariants: 1. Verifying from files alone needs no secret and changes nothing.  2. The root key
 * is changed only while nobody owns the store.  3. No output holds a key, but kept_admin_recovery's.
 * 4. Nothing the journal holds of a person is ever dismissed.
 * Output: appended to a kept_buf the caller owns; on failure what it holds is not to be used.
 * Threads: as for kept.h; calls on a handle exclude each other. KEPT_E_CONFLICT while operations are
 * in flight. */
#ifndef KEPT_ENGINE_ADMIN_H
#define KEPT_ENGINE_ADMIN_H

#include "base/buf.h"
#include "kept.h"

/* ---- policies as files ----------------------------------------------------------------------- */

/* kept_admin_policy_check(text, as_published, json, ret_errors, err): every mistake of a policy file;
 * as_published != 0: of one that is only looked at (kept_policy_examine).
 * json: {"app","version","errors","warnings","findings":[{"severity","code","line","column","text",
 * "mend","file"? (of two, which: without it, the one)}]}. *ret_errors: how many forbid publishing it. Returns 0, KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_admin_policy_check(struct kept_span text, int as_published,
                                          struct kept_buf *json, size_t *ret_errors,
                                          struct kept_err *err);
/* The policy as compiled, as text or (as_json != 0) JSON. KEPT_E_POLICY: it has errors. */
KEPT_MUST_USE int kept_admin_policy_show(struct kept_span text, int as_json, struct kept_buf *out,
                                         struct kept_err *err);
/* The language itself: its JSON Schema (draft 2020-12); the page on it, as Markdown; and every finding
 * there is, json: [{"code","severity","why","behind"}]. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_admin_policy_schema(struct kept_buf *json, struct kept_err *err);
KEPT_MUST_USE int kept_admin_policy_reference(struct kept_buf *out, struct kept_err *err);
KEPT_MUST_USE int kept_admin_policy_codes(struct kept_buf *json, struct kept_err *err);

/* kept_admin_policy_render(text, how, out, err): a policy as a document (policy/render.h).
 * KEPT_E_USAGE: there is no such document; KEPT_E_NOTFOUND: no such language; KEPT_E_POLICY: the policy or
 * the sentences have mistakes; KEPT_E_LIMIT, KEPT_E_NOMEM. */
struct kept_admin_render {
    const char *as;             /* "notice", "text" ...; NULL: notice */
    const char *language;       /* NULL: that of authority */
    struct kept_span templates; /* sentences of one's own; p NULL: those that kept brings */
    const char *templates_name; /* for errors */
    kept_ms effective;          /* of a version in a store: when it took, or takes, effect; 0: as the text says */
};
KEPT_MUST_USE int kept_admin_policy_render(struct kept_span text, const struct kept_admin_render *how,
                                           struct kept_buf *out, struct kept_err *err);

/* A policy to begin with (policy/sketch.h), from answers by their names: app, title, controller, contact, type,
 * languages, law, region, functions, minors, recipients, retention; text NULL, or no answer: the default.
 * kept_admin_policy_sketch: the file, appended to out; it passes check. KEPT_E_USAGE: an answer cannot be, or
 * there is none of that name; KEPT_E_LIMIT, KEPT_E_NOMEM.
 * kept_admin_policy_choices: what may be answered, as kept_sketch_choices tells it. */
struct kept_admin_answer {
    const char *of, *text;
};
KEPT_MUST_USE int kept_admin_policy_sketch(const struct kept_admin_answer *answers, size_t count, kept_ms now,
                                          struct kept_buf *out, struct kept_err *err);
typedef void kept_admin_choice_fn(void *arg, const char *word, const char *meaning, int usual);
KEPT_MUST_USE int kept_admin_policy_choices(const struct kept_admin_answer *answers, size_t count,
                                            const char *of, kept_admin_choice_fn *each, void *arg,
                                            struct kept_err *err);

/* The instant at which a day ("2027-01-31") begins where the policy's days do (time_zone). KEPT_E_USAGE: no day;
 * KEPT_E_POLICY, KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_admin_policy_day(struct kept_span text, const char *date, kept_ms *ret_at, struct kept_err *err);
/* The name of the file beside it that a policy extends, "" when there is none. KEPT_E_POLICY: what it
 * names is not a file beside it. */
#define KEPT_ADMIN_POLICY_FILE 64u
KEPT_MUST_USE int kept_admin_policy_extends(struct kept_span text,
                                            char ret_name[KEPT_ADMIN_POLICY_FILE],
                                            struct kept_err *err);
/* A product's policy over the one it extends, as one text appended to out (policy/overlay.h).
 * KEPT_E_POLICY: the text of err says which mistake stands where. */
KEPT_MUST_USE int kept_admin_policy_join(const char *product_name, struct kept_span product,
                                         const char *base_name, struct kept_span base,
                                         struct kept_buf *out, struct kept_err *err);

/* kept_admin_policy_compare(then, now, language, as_json, out, ret_material, err): what two policy files
 * differ in (policy/difference.h), in sentences of a language ("zh", or else English). json: {"app","then",
 * "now":{"version","issued","effective"},"changes":[{"rule","key","what","trigger","effect","words",
 * "then","now":{"value","said","line","clause"},"sentence"}],"triggers":[{"id","text"}],"takes_more",
 * "takes_more_by","reduces_rights","words","assessment_owed","late","same_number","material",
 * "tell":{"who","how","before","going_on_accepts"},"ask":[{"kind","name","consent","why","sentence"}]}.
 * Returns 0; KEPT_E_POLICY (one has errors: err says which), KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_admin_policy_compare(struct kept_span then, struct kept_span now,
                                            const char *language, int as_json, struct kept_buf *out,
                                            int *ret_material, struct kept_err *err);

/* What kept policy explain asks (policy/explain.h has the words of each). */
struct kept_asking {
    const char *use;      /* "collect", "use", "disclose" */
    const char *item, *function, *purpose, *recipient, *role, *exemption, *region;
    const char *permissions; /* "camera,location=off": switched so; NULL: nobody reported any */
    const char *consents; /* "explicit,separate,written,guardian", some of them; NULL: none */
    int justified;
    int age;              /* years; negative: not known */
    const char *os, *os_version, *app_version, *surface;
    uint32_t facts, launch;
    kept_ms now;
};
/* kept_admin_policy_explain(text, asking, language, as_json, out, ret_allowed, err): what a policy file would
 * decide of a person who is supposed, traced. json: {"app","version","decision","reason","sentence","step",
 * "rule":{"kind","name","line","clause","text","refusing_costs"},"passed":[...],"needs":[{"kind","name",
 * "consent","sentence"}],"together_with":[items without which nothing is collected],
 * "then":{"decision","reason","sentence"}}. *ret_allowed: not denied.
 * Returns 0; KEPT_E_USAGE (no such use, consent or permission); KEPT_E_POLICY (errors); KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_admin_policy_explain(struct kept_span text, const struct kept_asking *asking,
                                            const char *language, int as_json, struct kept_buf *out,
                                            int *ret_allowed, struct kept_err *err);

/* ---- root key -------------------------------------------------------------------------------- */

/* Does the keyring say who has the root key? Then options->root_key need not. */
KEPT_MUST_USE int kept_admin_root_named(const char *keyring);

/* Names of the keys, never the keys. json: {"root_key" (who has it),"name","passphrase":{"rounds",
 * "mib","as_strong_as_new"} (of one),"apps":[{"app","state","audit","token","obligations",
 * "epochs":[...]}]}. An app whose keyring is in use is listed as such.
 * KEPT_E_NOTFOUND, KEPT_E_USAGE (mode or owner), KEPT_E_CORRUPT, KEPT_E_CRYPTO (wrong passphrase). */
KEPT_MUST_USE int kept_admin_key_show(const struct kept_options *options, struct kept_buf *json,
                                      struct kept_err *err);
/* kept_admin_key_change(options, where, json, err): put every key file under another root key, in the
 * keyring and in the mirror that is named: wholly or not at all. where: who has the new one, in the
 * words of options->root_key; a file that is not there is made, one that is there is taken. NULL: a
 * new file takes the place of the former, which is overwritten; cut short, it is to be run again.
 * Otherwise nothing is done to the former key. The same key, elsewhere: only that is noted.
 * json: {"root_key","name","former","former_root_key"}.
 * Returns 0, KEPT_E_BUSY (a process owns the store), KEPT_E_CRYPTO (not the root key of this
 * keyring), KEPT_E_NOTFOUND, KEPT_E_USAGE (also: it is so already), KEPT_E_IO. */
KEPT_MUST_USE int kept_admin_key_change(const struct kept_options *options, const char *where,
                                        struct kept_buf *json, struct kept_err *err);
/* The recovery copy, as text; out should be secret. And back from that text into the file that
 * options->root_key, or the keyring, names, which must not exist: KEPT_E_CORRUPT (names the line),
 * KEPT_E_CONFLICT, KEPT_E_USAGE (neither names a file). */
KEPT_MUST_USE int kept_admin_recovery(const struct kept_options *options, struct kept_buf *out,
                                      struct kept_err *err);
KEPT_MUST_USE int kept_admin_restore(const struct kept_options *options, const char *text,
                                     struct kept_err *err);
/* Is the text a recovery copy, and of this keyring's root key? Needs no other key, and shows none.
 * json: {"name","opens","why"}; *ret_opens 0: another key's. KEPT_E_CORRUPT (names the line). */
KEPT_MUST_USE int kept_admin_recovery_check(const struct kept_options *options, const char *text,
                                            struct kept_buf *json, int *ret_opens,
                                            struct kept_err *err);

/* ---- ledger ---------------------------------------------------------------------------------- */

/* kept_admin_verify(options, app, files_only, json, ret_holds, err): verify from files alone the
 * ledger of app (NULL: of all), against the anchor in the keyring; then, unless files_only, open
 * the store if that can be done and kept_admin_check it. The verifier key stands in the clear, as
 * text, beside the ledger and in the keyring, whose copy counts. *ret_holds 0: something does not
 * verify, json says what. json: {"holds","ledgers":[...],"store":{...}}.
 * Returns 0, KEPT_E_NOTFOUND (no ledger, or no verifier key), KEPT_E_IO, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_admin_verify(const struct kept_options *options, const char *app,
                                    int files_only, struct kept_buf *json, int *ret_holds,
                                    struct kept_err *err);

/* entry: 32 hex digits of its id, or its index in decimal. out: C2SP tlog-proof text.
 * KEPT_E_NOTFOUND, KEPT_E_USAGE. */
KEPT_MUST_USE int kept_admin_prove(struct kept *kept, const char *app, const char *entry,
                                   struct kept_buf *out, struct kept_err *err);
/* Sign now; out: the signed note. */
KEPT_MUST_USE int kept_admin_checkpoint(struct kept *kept, const char *app, struct kept_buf *out,
                                        struct kept_err *err);
/* C2SP tlog-tiles into a folder; entries != 0: with the entry bundles. KEPT_E_CONFLICT. */
KEPT_MUST_USE int kept_admin_export(struct kept *kept, const char *app, const char *folder,
                                    int entries, struct kept_err *err);

/* A tile by its path: "0/x001/067", "1/000.p/12", or a bundle of entries: "entries/x001/067.p/3".
 * KEPT_E_NOTFOUND: there is none in the signed ledger; KEPT_E_USAGE: no such path. */
KEPT_MUST_USE int kept_admin_tile(struct kept *kept, const char *app, const char *path,
                                  struct kept_buf *out, struct kept_err *err);

/* ---- policies as published ------------------------------------------------------------------- */

/* The name of an app of the store, counted from 0; borrowed until kept_close. NULL: there are no more. Also
 * while operations are in flight. */
const char *kept_admin_app(struct kept *kept, size_t i);
/* json: {"app","versions":[{"version","published","effective","sha256","in_force"}]}. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_admin_versions(struct kept *kept, const char *app, struct kept_buf *json,
                                      struct kept_err *err);
/* json: {"apps":[NAME]}: those whose policy in force lets people come by themselves (account: self_service). */
KEPT_MUST_USE int kept_admin_doors(struct kept *kept, struct kept_buf *json, struct kept_err *err);
/* The text of a version as it was published, as one text, and when it takes effect; 0: of the version in force.
 * KEPT_E_NOTFOUND: there is no such version, or none is in force yet. */
KEPT_MUST_USE int kept_admin_policy_text(struct kept *kept, const char *app, uint32_t version,
                                         struct kept_buf *out, uint32_t *ret_version, kept_ms *ret_effective,
                                         struct kept_err *err);

/* ---- the whole store ------------------------------------------------------------------------- */

/* kept_admin_check(kept, json, ret_problems, err): the database's own check; every head opens;
 * every record the directories name opens, with all its chunks, in the version they name, and has its
 * look-up token where the policy that took it in gives one; every directory page opens; no row, chunk,
 * page or token stands outside but where a sweep is pending, and none belongs to nobody or to no app;
 * each person's version is the highest that journal and ledger know (a whole older row put back is
 * found so); nobody the ledger knows is missing, but whom an accepted loss covers.
 * Memory does not grow with the store. json: {"problems","first","sweeps_pending","apps":[{"app",
 * "people","erased","records","chunks","tokens","outside","problems",
 * "records_apart":{partition: how many}}]}. *ret_problems: how many.
 * Returns 0 also when there are problems; KEPT_E_IO. */
KEPT_MUST_USE int kept_admin_check(struct kept *kept, struct kept_buf *json,
                                   uint64_t *ret_problems, struct kept_err *err);

/* ---- after a restore ------------------------------------------------------------------------- */

struct kept_loss {
    const char *app;               /* NULL or "": the only one */
    const struct kept_id *subject; /* whose; NULL: everybody's, and that of people who are gone */
    const char *actor;             /* who accepts it; NULL: "administrator" */
    const char *reason;            /* why: one line, into the ledger; needed */
};

/* kept_admin_accept_loss(kept, loss, json, err): after an older store.db was put back, people stand at
 * versions below those that journal and ledger know: the check reports them, and who is owed something
 * is not read at all. Here an administrator says that it was meant. Of each such person, in one
 * transaction: every obligation the journal holds of them is applied to the row that is there - a
 * withdrawal, a refusal, an erasure is replayed, never dismissed; a permission the ledger knows a later
 * report of is forgotten, until the app reports it anew; the version is raised above everything that was
 * ever given, so that no row of the lost store counts again; the person is marked for new keys at the
 * next rotation; and an entry (accept.loss, with actor and reason) goes into their trail. Without a
 * subject an entry about nobody says how many people were concerned and how many are gone, whom the
 * check then misses no more. Whose row, directory or journal row does not open is left as they are.
 * Safe to run again after a failure: it goes on with the others.
 * json: {"app","accepted","gone","replayed","shut","first","lost":{"collect":2,...}}: people accepted,
 * people gone, obligations that changed something, people left as they are and why the first one,
 * and what the accepted had lost, by operation.
 * Returns 0 (also when nobody had lost anything: then nothing is written), KEPT_E_USAGE (no reason, or
 * not one line of text), KEPT_E_NOTFOUND (no such person), KEPT_E_CORRUPT (the person's row does not
 * open), KEPT_E_CONFLICT (in flight), KEPT_E_IO, KEPT_E_NOMEM, KEPT_E_UNSETTLED. */
KEPT_MUST_USE int kept_admin_accept_loss(struct kept *kept, const struct kept_loss *loss,
                                         struct kept_buf *json, struct kept_err *err);

#endif
