/* known.c - what journal and ledger know of a person, against which their row is held.
 *
 * Neither is restored with the store, so both know what a row that is older than it should be has
 * lost. Tags lead to the entries; only the seal says that an entry is this person's. */
#include "base/error.h"
#include "engine/engine_int.h"

struct known {
    const uint8_t *trace;
    struct kept_buf plain; /* secret */
    uint64_t newest;
    int (*visit)(void *arg, const struct kept_entry *entry, const struct subject_part *part);
    void *arg;
    int rc;
};

static int know_entry(void *arg, uint64_t index, struct kept_span bytes)
{
    struct known *k = arg;
    struct kept_entry entry;
    struct subject_part part;
    (void)index;
    kept_buf_clear(&k->plain);
    int rc = kept_entry_decode(bytes, &entry);
    if (rc == 0)
        rc = kept_entry_open_subject(bytes, k->trace, &k->plain);
    if (rc == 0)
        rc = kept_subject_decode(kept_buf_span(&k->plain), &part);
    if (rc == KEPT_E_NOMEM)
        k->rc = rc;
    if (rc != 0) /* another person's, or damaged: verifying the ledger finds that */
        return k->rc != 0;
    if (entry.subject_version > k->newest)
        k->newest = entry.subject_version;
    if (k->visit != NULL)
        k->rc = k->visit(k->arg, &entry, &part);
    return k->rc != 0;
}

int kept_known(struct app *app, const struct kept_subject *subject,
               int (*visit)(void *arg, const struct kept_entry *entry,
                            const struct subject_part *part),
               void *arg, uint64_t *ret_newest, struct kept_err *err)
{
    struct known k = {.trace = subject->keys->trace, .visit = visit, .arg = arg};
    k.newest = kept_debt_version(app, &subject->id);
    if (!subject->keys->has_trace) {
        *ret_newest = k.newest;
        return 0;
    }
    kept_buf_init_secret(&k.plain, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_ledger_trail(app->ledger, subject->keys->trace + KEPT_KEY_BYTES, know_entry, &k,
                               err);
    kept_buf_release(&k.plain);
    if (rc == 0 && k.rc != 0)
        rc = kept_fail(err, k.rc, "no memory to read what the ledger knows of a person");
    if (rc == 0)
        *ret_newest = k.newest;
    return rc;
}
