/* ledger_int.h - what the files of this room share: the tree, frames, walking, derived files.
 *
 * Names: a *frame* is an entry on disk; a *mark* stands before every batch and says that all before
 * it is durable; a *block* is 256 entries, the width of a tile; a *record* is the hash of one whole
 * subtree of a block or more, in post-order. */
#ifndef KEPT_LEDGER_INT_H
#define KEPT_LEDGER_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/limits.h"
#include "ledger/ledger.h"

#define LOG_FORMAT 1u
#define HEADER_BYTES 96u              /* of a segment */
#define HEAD_BYTES 8u                 /* before an entry: length word, check */
#define TAG_BYTES 8u
#define MARK_BYTES 16u
#define MARK_WORD 0x4b4d524bu         /* no length word looks like this */
#define WORD_TAGGED 0x80000000u       /* in the length word: a tag follows the entry */
#define MIN_ENTRY 17u                 /* version and id */
#define MAX_FRAME (HEAD_BYTES + KEPT_MAX_ENTRY_BYTES + TAG_BYTES)
#define DEFAULT_SEGMENT (8u << 20)
#define MIN_SEGMENT 256u
#define MAX_SEGMENT (256u << 20)      /* offsets and indexes within 256 segments fit 32 bits */
#define MAX_SEGMENTS 99999u           /* kept_dir_list ends at 100 000 names */
#define MAX_BUFFERED (256u << 20)     /* appended and not yet synced */
#define MAX_NOTE 65536u               /* a checkpoint with room for witnesses */
#define BLOCK_BITS 8u
#define BLOCK (1u << BLOCK_BITS)
#define NAME_BYTES 32u
#define NO_LIST 0xffu

/* ---- tree.c ---- */

/* The right edge of an RFC 6962 tree: node[l] is the whole subtree of 2^l leaves at bit l of n. */
struct kept_tree {
    uint64_t n;
    uint8_t node[64][32];
};
void kept_node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t ret_hash[32]);
/* Add a leaf; ret_done (64 hashes, or NULL) gets the subtrees of a block or more that it completes,
 * smallest first. Returns how many. */
size_t kept_tree_add(struct kept_tree *tree, const uint8_t leaf[32], uint8_t (*ret_done)[32]);
void kept_tree_root(const struct kept_tree *tree, uint8_t ret_root[32]);

/* ---- frame.c: bytes of segments ---- */

struct kept_place {        /* where a frame or mark stands; its check depends on all of it */
    uint64_t salt;         /* of the log: first 8 bytes of SHA-256(origin) */
    uint32_t segment;
    uint32_t offset;
    uint64_t index;
};

struct kept_frame {
    struct kept_span entry;
    const uint8_t *tag;    /* TAG_BYTES, or NULL */
    uint8_t leaf[32];
    uint32_t bytes;        /* the whole frame */
    bool mark;             /* a mark, not an entry */
};

struct kept_header {
    uint32_t segment;
    uint64_t first;        /* index of the first entry */
    uint8_t root[32];      /* of the tree of all entries before */
};

void kept_origin_hash(const char *origin, uint8_t ret_hash[32]);
void kept_header_put(uint8_t out[HEADER_BYTES], const uint8_t origin_hash[32],
                     const struct kept_header *header);
/* KEPT_E_CORRUPT: does not check (perhaps torn). KEPT_E_FORMAT: whole, but of another log or a
 * newer format. */
int kept_header_get(const uint8_t in[HEADER_BYTES], const uint8_t origin_hash[32],
                    struct kept_header *ret_header) KEPT_MUST_USE;
size_t kept_frame_bytes(size_t entry_n, bool tagged);
void kept_frame_put(uint8_t *out, const struct kept_place *place, struct kept_span entry,
                    const uint8_t *tag, const uint8_t leaf[32]);
void kept_mark_put(uint8_t out[MARK_BYTES], const struct kept_place *place);
/* How long the frame at p claims to be, from its first 4 bytes; 0: no frame starts like this. */
uint32_t kept_frame_claims(const uint8_t *p);
/* Check a whole frame or mark of n = claimed bytes. */
bool kept_frame_get(const uint8_t *p, size_t n, const struct kept_place *place,
                    struct kept_frame *ret_frame);
uint64_t kept_mix(uint64_t h, uint64_t w); /* one step of a keyless 64-bit fold */

/* ---- walk.c: reading segments in order ---- */

/* Where segment bytes come from: files, and for a handle also what is still in memory. */
struct kept_source {
    const char *folder;
    struct kept_ledger *ledger; /* NULL: files only */
    int fd;                     /* of the segment read last, or -1 */
    uint32_t segment;
};
void kept_source_init(struct kept_source *source, const char *folder, struct kept_ledger *ledger);
void kept_source_release(struct kept_source *source);
int kept_source_read(struct kept_source *source, uint32_t segment, uint32_t offset, uint8_t *p,
                     size_t n, struct kept_err *err) KEPT_MUST_USE;
int kept_source_size(struct kept_source *source, uint32_t segment, uint32_t *ret_size,
                     struct kept_err *err) KEPT_MUST_USE;

struct kept_walk {
    struct kept_source *source;
    struct kept_place at;   /* of the next frame */
    struct kept_place was;  /* of the frame returned last */
    uint32_t end;           /* bytes of the segment */
    size_t ahead;           /* bytes to read at once */
    uint8_t *window;
    size_t cap;
    uint32_t base;          /* offset of window[0] */
    size_t have;
    struct kept_frame frame;
};
int kept_walk_init(struct kept_walk *walk, struct kept_source *source, uint64_t salt,
                   size_t ahead) KEPT_MUST_USE;
void kept_walk_release(struct kept_walk *walk);
void kept_walk_seek(struct kept_walk *walk, uint32_t segment, uint32_t offset, uint64_t index,
                    uint32_t end);
/* The next entry into walk->frame (marks are stepped over): 1, or 0 at the segment's end, or an
 * error; KEPT_E_CORRUPT leaves walk->at at the bad frame. */
int kept_walk_next(struct kept_walk *walk, struct kept_err *err) KEPT_MUST_USE;
/* Step over count entries by their lengths alone; the next kept_walk_next checks where it is. */
int kept_walk_skip(struct kept_walk *walk, uint64_t count, struct kept_err *err) KEPT_MUST_USE;

/* ---- segment.c: names and headers on disk ---- */

struct kept_segment {
    uint64_t first;     /* index of its first entry */
    uint32_t size;      /* bytes, with what is still in memory */
    uint8_t list;       /* level of the tag list that covers it, or NO_LIST */
    bool indexed;       /* its index file is there */
};
void kept_segment_name(char ret_name[NAME_BYTES], uint32_t segment);
void kept_index_name(char ret_name[NAME_BYTES], uint32_t segment);
void kept_list_name(char ret_name[NAME_BYTES], unsigned level, uint32_t group);
/* The number behind prefix, exactly eight digits; false: another name. */
bool kept_name_number(const char *name, const char *prefix, uint32_t *ret_number);
/* How many segments 0, 1, ... there are; a gap or a strange name is KEPT_E_CORRUPT. */
int kept_segments_count(const char *folder, uint32_t *ret_count, struct kept_err *err) KEPT_MUST_USE;
void kept_remove(const char *folder, const char *name); /* a derived file; failure does not matter */
/* Write a derived file whole: temporary, sync, rename, sync of the folder. */
struct kept_writer {
    char temp[KEPT_MAX_PATH];
    char path[KEPT_MAX_PATH];
    const char *folder;
    int fd;
    uint64_t at;
};
int kept_writer_open(struct kept_writer *writer, const char *folder, const char *name,
                     struct kept_err *err) KEPT_MUST_USE;
int kept_writer_put(struct kept_writer *writer, const void *p, size_t n,
                    struct kept_err *err) KEPT_MUST_USE;
/* rc != 0: give up and remove the temporary file; returns rc. */
int kept_writer_close(struct kept_writer *writer, int rc, const char *why,
                      struct kept_err *err) KEPT_MUST_USE;

/* ---- scan.c: the whole log from some point on, for open and verify ---- */

struct kept_scan {
    /* in */
    const char *folder;
    uint8_t origin_hash[32];
    uint32_t segments;          /* how many files there are */
    int (*entry)(void *arg, const struct kept_walk *walk);   /* tree has the entry already */
    int (*segment)(void *arg, uint32_t segment, uint64_t first, uint32_t size); /* before its entries */
    void *arg;
    /* start, and state while scanning */
    struct kept_tree tree;
    uint32_t start_segment;
    uint32_t start_offset;      /* 0: at the header */
    uint8_t done[64][32];       /* subtrees the entry just seen completed */
    size_t done_n;
    /* out */
    uint32_t last;              /* last whole segment */
    uint32_t last_size;         /* its bytes without the torn tail */
    uint64_t torn_bytes;
    uint64_t room;              /* zeros behind its last entry, in place of a torn tail */
    bool drop;                  /* segment last + 1 has no whole header: remove it */
    char what[160];
};
/* Returns 0; KEPT_E_CORRUPT with .what: a bad frame that no crash explains; tree.n is then its index. */
int kept_scan_run(struct kept_scan *scan, struct kept_err *err) KEPT_MUST_USE;

/* ---- index.c: hashes and places of blocks ---- */

struct kept_record {
    uint8_t hash[32];
    uint32_t segment, offset;   /* of a block's first entry; zeros for larger subtrees */
};
#define RECORD_BYTES 40u
/* Records before block b in post-order. */
uint64_t kept_record_of(uint64_t block);
struct kept_index {             /* records in memory: of segments not yet indexed */
    struct kept_record *records;
    size_t n, cap;
    uint64_t base;              /* number of records[0] */
    uint64_t next;              /* number of the next record */
    uint32_t block_segment, block_offset; /* of the block now being filled */
};
/* Room for what one entry can complete; kept_index_add cannot fail after it. */
int kept_index_reserve(struct kept_index *index) KEPT_MUST_USE;
void kept_index_add(struct kept_index *index, const struct kept_place *place, uint8_t (*done)[32],
                    size_t done_n);
/* Append the bytes of segment's index file, from the records in memory. */
int kept_index_encode(const struct kept_index *index, const uint8_t origin_hash[32],
                      uint32_t segment, uint64_t first, uint64_t next_first,
                      struct kept_buf *out) KEPT_MUST_USE;
/* One record of a handle, from memory or file. */
int kept_index_get(struct kept_ledger *ledger, uint64_t number, struct kept_record *ret_record,
                   struct kept_err *err) KEPT_MUST_USE;
/* The whole subtree number n of 2^level leaves, level >= BLOCK_BITS. */
int kept_index_node(struct kept_ledger *ledger, unsigned level, uint64_t n, uint8_t ret_hash[32],
                    struct kept_err *err) KEPT_MUST_USE;
/* Where to start walking to reach an entry: *ret_index <= index. */
void kept_index_locate(struct kept_ledger *ledger, uint64_t index, uint32_t *ret_segment,
                       uint32_t *ret_offset, uint64_t *ret_index);
/* Write the index files of finished segments. */
int kept_index_upkeep(struct kept_ledger *ledger, struct kept_err *err) KEPT_MUST_USE;
/* Make every index file anew from the segments. */
int kept_index_rebuild(struct kept_ledger *ledger, struct kept_err *err) KEPT_MUST_USE;

/* ---- tags.c, lists.c: one person's entries ---- */

struct kept_tagged {
    uint64_t tag;
    uint32_t index;             /* from the first entry of the segment, or of the list's group */
    uint32_t offset;
};
struct kept_tagset {
    struct kept_tagged *p;
    size_t n, cap;
};
/* A person's tag in a segment. */
uint64_t kept_tag_of(const uint8_t tag_key[16], uint32_t segment);
int kept_tagset_add(struct kept_tagset *set, uint64_t tag, uint64_t index,
                    uint32_t offset) KEPT_MUST_USE;
void kept_tagset_release(struct kept_tagset *set);
/* By tag; equal ones keep their order. scratch: n elements. */
void kept_tags_sort(struct kept_tagged *p, struct kept_tagged *scratch, size_t n);

#define LIST_HEADER 40u
struct kept_list {              /* an open tag list */
    int fd;
    unsigned level;
    uint32_t group;
    uint64_t first;             /* entry index that .index of its records counts from */
    uint64_t count;
    uint8_t header[LIST_HEADER];
    uint32_t block;             /* the block in memory; UINT32_MAX: none */
    uint32_t block_n;
    uint8_t bytes[4096];
};
#define LIST_RECORD 16u         /* tag, index, offset */
#define LIST_PER_BLOCK ((4096u - 4u) / LIST_RECORD)
int kept_list_open(struct kept_list *list, const char *folder, const uint8_t origin_hash[32],
                   unsigned level, uint32_t group, struct kept_err *err) KEPT_MUST_USE;
void kept_list_close(struct kept_list *list);
int kept_list_block(struct kept_list *list, uint32_t block, struct kept_err *err) KEPT_MUST_USE;
/* Record i of the block in memory. */
void kept_list_record(const struct kept_list *list, uint32_t i, struct kept_tagged *ret_tagged);
/* Number of the first record whose tag is not below tag. */
int kept_list_find(struct kept_list *list, uint64_t tag, uint64_t *ret_number,
                   struct kept_err *err) KEPT_MUST_USE;

struct kept_list_writer {
    struct kept_writer file;
    unsigned level;
    uint8_t header[LIST_HEADER];
    uint32_t block;
    uint32_t n;
    uint8_t bytes[4096];
};
int kept_list_create(struct kept_list_writer *writer, const char *folder,
                     const uint8_t origin_hash[32], unsigned level, uint32_t group, uint64_t first,
                     uint64_t count, struct kept_err *err) KEPT_MUST_USE;
int kept_list_put(struct kept_list_writer *writer, const struct kept_tagged *tagged,
                  struct kept_err *err) KEPT_MUST_USE;
int kept_list_finish(struct kept_list_writer *writer, int rc, struct kept_err *err) KEPT_MUST_USE;

/* What list files a folder holds, noted in segs[0..closed). Lists of no closed group, and lower ones
 * under a higher one, are counted in *ret_stray and with remove taken away. */
int kept_lists_find(const char *folder, struct kept_segment *segs, uint32_t closed, bool remove,
                    uint32_t *ret_stray, struct kept_err *err) KEPT_MUST_USE;
/* Make the lists that are due. all = 0: a bounded bite. */
int kept_lists_upkeep(struct kept_ledger *ledger, int all, struct kept_err *err) KEPT_MUST_USE;

/* A list turned out damaged: forget it and take the file away; it is made anew. */
void kept_list_demote(struct kept_ledger *ledger, unsigned level, uint32_t group);

/* ---- read.c, proof.c ---- */

/* Walk over segment borders: put walk before an entry; then the next: 1, 0 at the end, or an error. */
int kept_ledger_seek(struct kept_ledger *ledger, struct kept_walk *walk, uint64_t index,
                     struct kept_err *err) KEPT_MUST_USE;
int kept_ledger_next(struct kept_ledger *ledger, struct kept_walk *walk,
                     struct kept_err *err) KEPT_MUST_USE;

struct kept_leaves {
    uint64_t block;
    uint32_t have;              /* leaves of it; 0: none */
    uint8_t leaf[BLOCK][32];
};
struct kept_nodes {             /* subtrees of a handle's tree, two blocks of leaves at hand: a proof */
    struct kept_ledger *ledger; /* needs the entry's own and the last */
    struct kept_leaves leaves[2];
    unsigned used;              /* last */
};
/* Leaves of a block, as many as there are; borrowed until the call after the next. */
int kept_nodes_block(struct kept_nodes *nodes, uint64_t block, const struct kept_leaves **ret_leaves,
                     struct kept_err *err) KEPT_MUST_USE;
/* Root of the first size entries, from the segments and the index. */
int kept_nodes_root(struct kept_nodes *nodes, uint64_t size, uint8_t ret_root[32],
                    struct kept_err *err) KEPT_MUST_USE;

/* ---- note.c ---- */

bool kept_origin_valid(const char *origin);

/* ---- ledger.c: the handle ---- */

struct kept_chunk {             /* a run of buffered bytes for one segment */
    uint32_t segment, offset;
    size_t at;                  /* in the batch's bytes */
};
struct kept_batch {
    struct kept_buf bytes;
    struct kept_chunk *chunks;
    size_t chunk_n, chunk_cap;
};
#define MAX_PENDING 8u
struct kept_pending {           /* tags of a closed segment whose list is not made yet */
    uint32_t segment;
    struct kept_tagset set;
};

struct kept_ledger {
    char *folder, *origin;
    struct kept_ledger_options options;
    uint8_t origin_hash[32];
    uint64_t salt;
    uint8_t public_key[32];

    pthread_mutex_t lock;       /* guards batches, tree, durable_tree, segs; held for moments */
    pthread_mutex_t sync_lock;  /* held by the one that writes */
    struct kept_batch batch[2];
    unsigned active;            /* batch[active] takes appends; the other is being written */
    struct kept_tree tree;
    struct kept_tree durable_tree;
    struct kept_tree writing_tree;
    _Atomic uint64_t durable;
    _Atomic int failed;

    struct kept_segment *segs;  /* segs[seg_n - 1] is open */
    size_t seg_n, seg_cap;

    int fd;                     /* writer's: of segment fd_segment; guarded by sync_lock */
    uint32_t fd_segment;
    uint64_t fd_end, fd_room;   /* its entries end; zeros may stand from there to fd_room */

    struct kept_index index;
    uint8_t done[64][32];       /* subtrees the entry being appended completes */
    struct kept_tagset tags;    /* of the open segment */
    struct kept_pending pending[MAX_PENDING];
    size_t pending_n;

    struct kept_source source;
    struct kept_walk point;     /* for single entries and proofs */

    struct kept_buf note;
    struct kept_checkpoint checkpoint;
    kept_ms checkpoint_at;
};

/* KEPT_E_IO once a write or sync has failed. */
int kept_ledger_usable(const struct kept_ledger *ledger, struct kept_err *err) KEPT_MUST_USE;
/* Sign, anchor and publish; the note goes to an empty buffer. */
int kept_ledger_publish(const struct kept_ledger_options *options,
                        const struct kept_checkpoint *checkpoint, struct kept_buf *note,
                        struct kept_err *err) KEPT_MUST_USE;
/* Copy what of these bytes is still in memory; returns how many leading ones are in the file. */
size_t kept_ledger_memory(struct kept_ledger *ledger, uint32_t segment, uint32_t offset, uint8_t *p,
                          size_t n);
/* Segment that holds an entry. */
uint32_t kept_ledger_segment_of(const struct kept_ledger *ledger, uint64_t index);
/* An empty handle: strings, locks, buffers; kept_ledger_close frees it. */
int kept_ledger_make(const struct kept_ledger_options *options, struct kept_ledger **ret_ledger,
                     struct kept_err *err) KEPT_MUST_USE;
int kept_options_check(const struct kept_ledger_options *options, struct kept_err *err) KEPT_MUST_USE;
/* Close the open segment's file, without the room made ahead. write.c */
void kept_ledger_end_file(struct kept_ledger *ledger);
/* Take the batch to disk, in order, each file synced before the next is begun. write.c */
int kept_ledger_write(struct kept_ledger *ledger, const struct kept_batch *batch,
                      struct kept_err *err) KEPT_MUST_USE;
void kept_batch_release(struct kept_batch *batch);

#endif
