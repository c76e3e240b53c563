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

struct people {
    const struct app *app;
    const struct kept_policy_info *info;
    kept_ms now;
    struct kept_buf plain; /* secret */
    uint64_t born, gone;
    int rc;
};

/* An accepted loss says in its entry about nobody how many people it covers. */
static void count_accepted(struct people *p, struct kept_span bytes)
{
    struct actor_part actor;
    int rc = kept_open_actor(p->app, bytes, &p->plain, &actor);
    if (rc == KEPT_E_NOMEM)
        p->rc = rc;
    else if (rc == 0)
        p->gone += actor.subjects;
}

static int count_entry(void *arg, uint64_t index, struct kept_span bytes)
{
    struct people *p = arg;
    struct kept_entry e;
    (void)index;
    if (kept_entry_decode(bytes, &e) != 0 || e.decision != KEPT_ALLOW)
        return 0;
    p->born += e.event == KEPT_OP_SUBJECT_NEW;
    p->gone += e.event == KEPT_OP_ERASE_SUBJECT && p->info != NULL &&
               e.at + p->info->evidence <= p->now;
    if (e.event == KEPT_EVENT_ACCEPT_LOSS && e.subject.n == 0)
        count_accepted(p, bytes);
    return p->rc != 0;
}

int kept_known_people(struct app *app, const struct kept_policy_info *info, kept_ms now,
                      uint64_t *ret_born, uint64_t *ret_gone, struct kept_err *err)
{
    struct people p = {.app = app, .info = info, .now = now};
    kept_buf_init_secret(&p.plain, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_ledger_each(app->ledger, 0, count_entry, &p, err);
    kept_buf_release(&p.plain);
    if (rc == 0 && p.rc != 0)
        rc = kept_fail(err, p.rc, "no memory to count the people of the ledger");
    if (rc != 0)
        return rc;
    *ret_born = p.born;
    *ret_gone = p.gone;
    return 0;
}
