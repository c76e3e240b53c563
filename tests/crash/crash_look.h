/* crash_look.h - looking at an image: is everything acknowledged there, nothing half, the ledger whole,
 * each entry once, and nothing destroyed left in a file? */
#ifndef KEPT_TESTS_CRASH_LOOK_H
#define KEPT_TESTS_CRASH_LOOK_H

#include "crash_work.h"

static struct work work;
static char image[AID_PATH], lost[AID_PATH];
static bool seen_as_next;         /* by the last look: the step in flight was done, too */
static uint64_t seen_obligations; /* rows of the journal */

/* ---- looking -----------------------------------------------------------------------------------*/

static void image_world(struct world *v, kept_ms now)
{
    memset(v, 0, sizeof *v);
    (void)snprintf(v->dir, sizeof v->dir, "%s", image);
    world_join(v->store, v->dir, "store");
    world_join(v->keyring, v->dir, "keyring");
    world_join(v->root, v->dir, "root.key");
    v->now = now;
    v->app = "shop";
}

enum { SEEN_NOTHING = -1, SEEN_GONE = -2, SEEN_DENIED = -3, SEEN_ERROR = -4, SEEN_WRONG = -5 };

/* Values of an item of one person: a bit for each note, 1 for a photo or phone, or SEEN_*. */
static long see(struct world *v, const struct person *who, unsigned p, const char *item)
{
    const struct kept_field field = {.name = item};
    const struct kept_request r = {.op = KEPT_OP_USE, .app = "shop", .subject = who->id,
                                   .purpose = "service", .fields = &field, .field_count = 1};
    struct kept_reply *reply = NULL;
    long seen = 0;
    int rc = kept_call(v->kept, &r, &reply, &v->err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? SEEN_NOTHING : SEEN_ERROR;
    if (reply->decision != KEPT_ALLOW) {
        seen = reply->reason == KEPT_R_ERASED     ? SEEN_GONE
               : reply->reason == KEPT_R_NO_VALUE ? 0
                                                  : SEEN_DENIED;
        kept_reply_free(reply);
        return seen;
    }
    for (size_t i = 0; i < reply->field_count; i++) {
        const struct kept_span *value = &reply->fields[i].value;
        long bit = 0;
        if (strcmp(item, "photo") == 0) {
            uint8_t *photo = photo_of(p);
            bit = value->n == PHOTO && memcmp(value->p, photo, PHOTO) == 0;
            free(photo);
        } else if (strcmp(item, "phone") == 0) {
            bit = value->n > 0;
        }
        for (unsigned n = 0; strcmp(item, "note") == 0 && n < 31; n++) {
            char text[32];
            note_text(text, p, n);
            if (value->n == strlen(text) && memcmp(value->p, text, value->n) == 0)
                bit = 1l << n;
        }
        if (bit == 0 || (seen & bit) != 0) {
            seen = SEEN_WRONG; /* not what was put, or twice */
            break;
        }
        seen |= bit;
    }
    kept_reply_free(reply);
    return seen;
}

/* Is this person found by the phone? SEEN_WRONG: somebody else is. */
static long see_token(struct world *v, const struct person *who, unsigned p)
{
    char text[32];
    (void)snprintf(text, sizeof text, "1380013800%u", p);
    const struct kept_field field = {.name = "phone", .value = world_text(text)};
    const struct kept_request r = {.op = KEPT_OP_SUBJECT_FIND, .app = "shop", .fields = &field,
                                   .field_count = 1};
    struct kept_reply *reply = NULL;
    if (kept_call(v->kept, &r, &reply, &v->err) != 0)
        return SEEN_ERROR;
    long seen = reply->decision != KEPT_ALLOW                             ? 0
                : memcmp(&reply->subject, &who->id, sizeof who->id) == 0 ? 1
                                                                          : SEEN_WRONG;
    kept_reply_free(reply);
    return seen;
}

/* Is there a visit, past its end or not? */
static long see_visit(struct world *v, const struct person *who)
{
    const struct kept_request r = {.op = KEPT_OP_SUBJECT_SHOW, .app = "shop", .subject = who->id};
    struct kept_reply *reply = NULL;
    int rc = kept_call(v->kept, &r, &reply, &v->err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? 0 : SEEN_ERROR;
    long seen = world_json_has(reply, "\"visit\"");
    kept_reply_free(reply);
    return seen;
}

static bool is_living(const struct person *who)
{
    return who->there && !who->erased;
}

static bool fits(const struct person *who, long notes, long photo, long phone)
{
    if (!who->there)
        return notes == SEEN_NOTHING && photo == SEEN_NOTHING && phone == SEEN_NOTHING;
    if (who->erased)
        return notes == SEEN_GONE && photo == SEEN_GONE && phone == SEEN_GONE;
    if (phone != (who->phone ? 1 : 0) && !(phone == SEEN_DENIED && !who->phone))
        return false;
    if (!who->agreed)
        return notes == SEEN_DENIED && photo == SEEN_DENIED;
    return notes == (long)who->notes && photo == (who->photo ? 1 : 0);
}

/* The people are as after the acknowledged steps, or as after one more: all of them. */
static inline const char *look_at_people(struct world *v, const struct model *done,
                                  const struct model *next)
{
    bool as_done = true, as_next = true;
    for (unsigned p = 0; p < next->people; p++) {
        const struct person *who = &next->person[p];
        long notes = see(v, who, p, "note"), photo = see(v, who, p, "photo"),
             phone = see(v, who, p, "phone"), token = see_token(v, who, p),
             visit = see_visit(v, who);
        if (notes == SEEN_ERROR || photo == SEEN_ERROR || phone == SEEN_ERROR ||
            token == SEEN_ERROR || visit == SEEN_ERROR)
            return "a value cannot be read";
        struct person before = done->person[p];
        before.there = p < done->people;
        as_done = as_done && fits(&before, notes, photo, phone) &&
                  token == (is_living(&before) && before.phone);
        as_next = as_next && fits(who, notes, photo, phone) &&
                  token == (is_living(who) && who->phone);
        /* Upkeep ends the visits of each person in a transaction of their own. */
        if (visit != (is_living(&before) && before.visit) &&
            visit != (is_living(who) && who->visit))
            return "a visit is not as acknowledged";
    }
    seen_as_next = !as_done;
    return as_done || as_next ? NULL : "a person is not as acknowledged";
}

struct entries {
    struct kept_id *ids;
    size_t count, cap;
};

static int see_entry(void *arg, uint64_t index, struct kept_span bytes)
{
    struct entries *e = arg;
    struct kept_entry entry;
    (void)index;
    if (kept_entry_decode(bytes, &entry) != 0)
        return KEPT_E_CORRUPT;
    if (e->count == e->cap) {
        e->cap = e->cap == 0 ? 256 : e->cap * 2;
        e->ids = realloc(e->ids, e->cap * sizeof *e->ids);
        if (e->ids == NULL)
            abort();
    }
    e->ids[e->count++] = entry.id;
    return 0;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct kept_id));
}

static inline const char *look_at_ledger(struct world *v, const struct model *done)
{
    struct entries e = {0};
    const char *wrong = NULL;
    if (!done->published || v->kept->app_count == 0)
        return done->published ? "the app is gone" : NULL;
    if (kept_ledger_each(v->kept->apps[0]->ledger, 0, see_entry, &e, NULL) != 0)
        wrong = "the ledger cannot be read";
    if (e.count > 1)
        qsort(e.ids, e.count, sizeof *e.ids, by_id);
    for (size_t i = 1; i < e.count && wrong == NULL; i++)
        if (by_id(&e.ids[i - 1], &e.ids[i]) == 0)
            wrong = "an entry stands twice";
    for (size_t i = 0; i < done->ids && wrong == NULL; i++)
        if (e.count == 0 || bsearch(&work.ids[i], e.ids, e.count, sizeof *e.ids, by_id) == NULL)
            wrong = "an acknowledged entry is lost";
    free(e.ids);
    seen_obligations = kept_journal_length(v->kept->apps[0]->keyring);
    if (wrong == NULL && seen_obligations < done->obligations)
        wrong = "an obligation is lost";
    return wrong;
}

/* The store's own check, then the ledger from its files alone. */
static const char *verify(struct world *v, const struct model *done)
{
    struct kept_buf json;
    uint64_t problems = 0;
    int holds = 1;
    const char *wrong = NULL;
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_check(v->kept, &json, &problems, NULL) != 0 || problems != 0)
        wrong = "the check finds a problem";
    world_close(v);
    const struct kept_options options = world_options(v);
    kept_buf_clear(&json);
    if (wrong == NULL && done->published &&
        (kept_admin_verify(&options, NULL, 1, &json, &holds, NULL) != 0 || !holds))
        wrong = "the ledger does not verify";
    kept_buf_release(&json);
    return wrong;
}

/* Open, look, verify, and open once more. */
static inline const char *judge(const struct model *done, const struct model *next)
{
    struct world v;
    const char *wrong = NULL;
    image_world(&v, next->now + 1000);
    const struct kept_options options = world_options(&v);
    int rc = kept_open(&options, &v.kept, &v.err);
    if (rc == KEPT_E_CRYPTO && next->roots > done->roots) { /* a change of root that was cut short */
        struct kept_buf json;
        kept_buf_init(&json, 1 << 20);
        rc = kept_admin_key_change(&options, NULL, &json, &v.err);
        kept_buf_release(&json);
        if (rc == 0)
            rc = kept_open(&options, &v.kept, &v.err);
    }
    if (rc != 0 && !done->made) { /* a making that was cut short is made again */
        rc = kept_init(&options, &v.err);
        if (rc == 0)
            rc = kept_open(&options, &v.kept, &v.err);
    }
    if (rc != 0) {
        static char text[300];
        (void)snprintf(text, sizeof text, "it does not open: %.200s", v.err.text);
        return text;
    }
    if ((wrong = look_at_ledger(&v, done)) == NULL && done->published)
        wrong = look_at_people(&v, done, next);
    if (wrong != NULL) {
        world_close(&v);
        return wrong;
    }
    if ((wrong = verify(&v, done)) != NULL)
        return wrong;
    if ((rc = kept_open(&options, &v.kept, &v.err)) != 0)
        return "it does not open a second time";
    world_close(&v);
    return NULL;
}

/* ---- files -------------------------------------------------------------------------------------*/

/* The size of the tree in the note that a file holds (anchor, checkpoint); 0: none. */
static uint64_t note_size(const char *folder, const char *name)
{
    char path[AID_PATH];
    uint64_t size = 0;
    struct kept_buf file;
    kept_buf_init(&file, 1 << 20);
    aid_join(path, folder, name);
    if (kept_file_load(path, &file, NULL) == 0 && file.n > 0) {
        size_t n = strlen(work.origin);
        const char *at = memmem(file.p, file.n, work.origin, n);
        if (at != NULL && n > 0)
            size = strtoull(at + n + 1, NULL, 10);
    }
    kept_buf_release(&file);
    return size;
}

static char where[400];

/* Does a file below a folder hold one of the first count needles (burnt: that were overwritten)? */
static bool remembers(const char *folder, size_t count, bool burnt)
{
    bool found = false;
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL && !found;
         e = readdir(dir)) {
        char path[AID_PATH];
        struct kept_buf file;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        aid_join(path, folder, e->d_name);
        if (e->d_type == DT_DIR) {
            found = remembers(path, count, burnt);
            continue;
        }
        kept_buf_init(&file, 64u << 20);
        if (strcmp(e->d_name, "reserve") != 0 && kept_file_load(path, &file, NULL) == 0)
            for (size_t i = 0; i < count && !found; i++)
                found = file.n > 0 && (work.burnt[i] || !burnt) &&
                        memmem(file.p, file.n, work.needles[i], NEEDLE) != NULL;
        if (found)
            (void)snprintf(where, sizeof where, "what was destroyed stands in %s", e->d_name);
        kept_buf_release(&file);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return found;
}

#endif
