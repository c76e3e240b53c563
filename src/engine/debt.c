/* debt.c - what the journal knows of people: none of their rows may be older.
 *
 * A row that was put back whole with a disk editor opens by itself. The journal stands outside the
 * store and says which version a person had reached with each withdrawal, refusal and erasure; a
 * head below that is not the living one, whatever it says. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/engine_int.h"

/* Place of a subject in the sorted debts: where it is, or would go. */
static size_t place_of(const struct app *app, const struct kept_id *subject)
{
    return kept_id_place(app->debts, app->debt_count, sizeof *app->debts, offsetof(struct debt, subject),
                         subject);
}

static bool is_at(const struct app *app, size_t at, const struct kept_id *subject)
{
    return at < app->debt_count && kept_id_equal(&app->debts[at].subject, subject);
}

int kept_debt_note(struct app *app, const struct kept_journal_row *row)
{
    size_t at = place_of(app, &row->subject);
    if (kept_id_is_zero(&row->subject))
        return 0; /* it concerns the whole app */
    if (!is_at(app, at, &row->subject)) {
        int rc = kept_grow(&app->debts, &app->debt_cap, app->debt_count + 1,
                           SIZE_MAX / sizeof *app->debts / 2, sizeof *app->debts);
        if (rc != 0)
            return rc;
        memmove(app->debts + at + 1, app->debts + at, (app->debt_count - at) * sizeof *app->debts);
        app->debts[at] = (struct debt){row->subject, 0};
        app->debt_count++;
    }
    if (app->debts[at].version < row->version)
        app->debts[at].version = row->version;
    return 0;
}

uint64_t kept_debt_version(const struct app *app, const struct kept_id *subject)
{
    size_t at = place_of(app, subject);
    return is_at(app, at, subject) ? app->debts[at].version : 0;
}

bool kept_debt_unpaid(const struct app *app, const struct kept_id *subject, uint64_t version)
{
    return version < kept_debt_version(app, subject);
}

static int load_row(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct app *app = arg;
    (void)number;
    int rc = kept_grow(&app->debts, &app->debt_cap, app->debt_count + 1,
                       SIZE_MAX / sizeof *app->debts / 2, sizeof *app->debts);
    if (rc == 0 && !kept_id_is_zero(&row->subject))
        app->debts[app->debt_count++] = (struct debt){row->subject, row->version};
    return rc;
}

static int by_subject(const void *a, const void *b)
{
    const struct debt *x = a, *y = b;
    int order = kept_bytes_compare(x->subject.b, y->subject.b, KEPT_ID_BYTES);
    return order != 0 ? order : (x->version > y->version) - (x->version < y->version);
}

int kept_debt_load(struct app *app, struct kept_err *err)
{
    size_t kept = 0;
    app->debt_count = 0;
    int rc = kept_journal_each(app->keyring, 0, load_row, app, err);
    if (rc != 0)
        return kept_fail(err, rc, "cannot read the journal of %s", app->name);
    if (app->debt_count > 1)
        qsort(app->debts, app->debt_count, sizeof *app->debts, by_subject);
    for (size_t i = 0; i < app->debt_count; i++) /* of each person the highest, which is the last */
        if (i + 1 == app->debt_count ||
            !kept_id_equal(&app->debts[i].subject, &app->debts[i + 1].subject))
            app->debts[kept++] = app->debts[i];
    app->debt_count = kept;
    return 0;
}
