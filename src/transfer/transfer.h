/* transfer.h - values come in from files, and go out to files, through kept.h alone: each is decided, and
 * each leaves its entry, as if somebody had asked for it.
 *
 * Invariants: 1. Nothing here reads or writes the store but by kept_submit and kept_reap.  2. A row is one
 * unit: all of it is taken, but for the fields that are refused, or none.  3. How far an import came is kept
 * in the transaction that took the row, so each row is taken once, whatever fails in between.  4. Memory
 * does not grow with the file.  5. No reason carries a value.
 * Threads: as for the handle. */
#ifndef KEPT_TRANSFER_TRANSFER_H
#define KEPT_TRANSFER_TRANSFER_H

#include "transfer/mapping.h"

/* ---- in --------------------------------------------------------------------------------------- */

/* A row, or a value in it, that was not taken. */
struct kept_reject {
    uint64_t row, line;
    const char *column; /* or NULL */
    const char *item;   /* or NULL: all of the row */
    const char *reason; /* no value stands in it */
    bool again;         /* of an earlier run, which was stopped before it could say so */
};

/* What became of an item, or of a consent. */
struct kept_tally {
    const char *name, *function; /* function: NULL for a consent */
    uint64_t accepted, stripped, refused[KEPT_R_COUNT];
};

struct kept_import_state {
    char sha256[65];                 /* of the file */
    uint64_t bytes, size;            /* read of it, and all of it */
    uint64_t rows;                   /* met in this run, but for those of earlier ones */
    uint64_t before;                 /* rows that earlier runs took */
    uint64_t taken, in_part, refused;/* of rows: whole, but for some values, not at all */
    uint64_t people_new, people_found;
    uint64_t rechecked;              /* rows of an earlier run that were decided again, dry */
    bool hashing;                    /* the file is read for its hash, first */
    bool finished_before;            /* nothing was left to do */
    struct kept_tally *tallies;      /* of consents, then of items */
    size_t tally_count;
};

struct kept_import_options {
    const char *path;                /* a regular file: it is read twice */
    const struct kept_mapping *mapping;
    enum kept_rows_format format;
    const char *app, *actor, *role;
    bool consents;                   /* take the consents that the mapping brings */
    bool dry;                        /* decide only, as if everyone were new; nothing is written */
    bool again;                      /* from the first row, whatever earlier runs took */
    void *arg;
    /* Now and then; and for each reject, in the order of rows. Either may be NULL. A reject's result
     * other than 0 ends the import with it. */
    void (*progress)(void *arg, const struct kept_import_state *state);
    int (*reject)(void *arg, const struct kept_reject *reject, struct kept_err *err);
};

/* kept_import(kept, options, ret_state, err): ret_state is filled also on failure: what came so far; the
 * caller releases it. Returns 0; KEPT_E_CONFLICT (the file changed while it was read; another import, or
 * this file before it was changed, was not finished); KEPT_E_FORMAT (the heading lacks a column);
 * KEPT_E_NOTFOUND; what the engine says of failures that are not a row's. What was taken stays, and the next
 * run goes on behind it. */
KEPT_MUST_USE int kept_import(struct kept *kept, const struct kept_import_options *options,
                              struct kept_import_state *ret_state, struct kept_err *err);
void kept_import_release(struct kept_import_state *state);

/* ---- out -------------------------------------------------------------------------------------- */

struct kept_export_state {
    uint64_t people, size;           /* read, and in all (about: erased ones are counted too) */
    uint64_t before;                 /* of people: by former runs, which were cut short */
    uint64_t safe;                   /* of people: whom the next run need not read again, should this fail */
    uint64_t rows, bytes;            /* written */
    uint64_t masked;                 /* values that went out masked */
    uint64_t no_text;                /* values that are no text, and stayed */
    struct kept_tally *tallies;      /* of items: accepted, and refused with the reason */
    size_t tally_count;
};

struct kept_export_options {
    const char *path;                /* a file that is not there yet; "-": see write */
    enum kept_rows_format format;
    const char *const *items;
    size_t item_count;
    const char *app, *actor, *role, *function, *purpose;
    const struct kept_id *subject;   /* NULL: everyone */
    bool again;                      /* from the first person, whatever a former run wrote */
    void *arg;
    void (*progress)(void *arg, const struct kept_export_state *state);
    /* Where "-" goes; borrowed bytes, which hold values. */
    int (*write)(void *arg, struct kept_span bytes, struct kept_err *err);
};

/* kept_export(kept, options, ret_state, err): each person's values, read as the role for the purpose, with an
 * entry each; masked as decided. What is refused is not there. A row a person; of an item with many values
 * CSV repeats the row, with the next value in it. The file (mode 0600) is written as PATH.part and gets its
 * name when it is whole and synced. Of everyone: behind each thousand people PATH.mark says how far it
 * came; cut short, the next run with the same question goes on there and writes what the former would
 * have. What was read before stays as it was read. The numbers are of all its runs. ret_state: filled
 * also on failure; the caller releases it.
 * Returns 0, KEPT_E_CONFLICT (the file is there; or its part is of another export, or damaged: .again),
 * KEPT_E_DENIED (the role may not list people), KEPT_E_IO, KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_export(struct kept *kept, const struct kept_export_options *options,
                              struct kept_export_state *ret_state, struct kept_err *err);
void kept_export_release(struct kept_export_state *state);

#endif
