/* repeat.c - keys of idempotency: an answer is given again, and nothing done twice. Of all workers, and of an hour. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "server/server_int.h"

#define BUCKETS (2 * KEPT_MAX_REPEATS)

int kept_repeats_init(struct kept_repeats *repeats)
{
    *repeats = (struct kept_repeats){.rows = kept_alloc(KEPT_MAX_REPEATS, sizeof *repeats->rows),
                                    .buckets = kept_alloc(BUCKETS, sizeof *repeats->buckets)};
    if (repeats->rows == NULL || repeats->buckets == NULL) {
        kept_repeats_release(repeats);
        return KEPT_E_NOMEM;
    }
    for (uint32_t i = KEPT_MAX_REPEATS; i > 0; i--) {
        kept_buf_init_secret(&repeats->rows[i - 1].answer, KEPT_MAX_REPEAT_BYTES / 8);
        repeats->rows[i - 1].next = repeats->free;
        repeats->free = i;
    }
    return 0;
}

void kept_repeats_release(struct kept_repeats *repeats)
{
    for (size_t i = 0; repeats->rows != NULL && i < KEPT_MAX_REPEATS; i++)
        kept_buf_release(&repeats->rows[i].answer);
    kept_free(repeats->rows);
    kept_free(repeats->buckets);
    *repeats = (struct kept_repeats){.rows = NULL};
}

static uint32_t bucket_of(const uint8_t *name)
{
    return kept_be32(name) % BUCKETS;
}

static struct kept_repeat *row(struct kept_repeats *repeats, uint32_t number)
{
    return &repeats->rows[number - 1];
}

void kept_repeats_forget(struct kept_repeats *repeats, struct kept_repeat *repeat)
{
    uint32_t self = (uint32_t)(repeat - repeats->rows) + 1, *at = &repeats->buckets[repeat->bucket - 1];
    while (*at != self)
        at = &row(repeats, *at)->next;
    *at = repeat->next;
    *(repeat->older != 0 ? &row(repeats, repeat->older)->newer : &repeats->oldest) = repeat->newer;
    *(repeat->newer != 0 ? &row(repeats, repeat->newer)->older : &repeats->newest) = repeat->older;
    repeats->bytes -= repeat->answered ? repeat->answer.n : 0;
    kept_buf_release(&repeat->answer);
    repeat->bucket = 0;
    repeat->next = repeats->free;
    repeats->free = self;
}

static bool over(const struct kept_repeat *repeat, kept_ms now)
{
    return repeat->answered && now - repeat->at > (kept_ms)KEPT_REPEAT_SECONDS * KEPT_SECOND;
}

/* The oldest that is answered leaves; false: all are under way, or the first few are. */
static bool drop_oldest(struct kept_repeats *repeats)
{
    uint32_t number = repeats->oldest;
    for (unsigned i = 0; i < 64 && number != 0; i++, number = row(repeats, number)->newer)
        if (row(repeats, number)->answered) {
            kept_repeats_forget(repeats, row(repeats, number));
            return true;
        }
    return false;
}

static struct kept_repeat *find(struct kept_repeats *repeats, const uint8_t *name)
{
    uint32_t number = repeats->buckets[bucket_of(name)];
    while (number != 0 && !kept_bytes_equal(row(repeats, number)->key.name, name, KEPT_WIRE_DIGEST))
        number = row(repeats, number)->next;
    return number == 0 ? NULL : row(repeats, number);
}

static struct kept_repeat *put(struct kept_repeats *repeats, const struct kept_wire_key *key, kept_ms now)
{
    uint32_t self = repeats->free, bucket = bucket_of(key->name);
    struct kept_repeat *repeat = row(repeats, self);
    repeats->free = repeat->next;
    repeat->key = *key;
    repeat->at = now;
    repeat->answered = false;
    repeat->next = repeats->buckets[bucket];
    repeat->bucket = bucket + 1;
    repeats->buckets[bucket] = self;
    repeat->older = repeats->newest;
    repeat->newer = 0;
    *(repeat->older != 0 ? &row(repeats, repeat->older)->newer : &repeats->oldest) = self;
    repeats->newest = self;
    return repeat;
}

int kept_repeats_take(struct kept_repeats *repeats, const struct kept_wire_key *key, kept_ms now,
                      struct kept_repeat **ret_repeat)
{
    while (repeats->oldest != 0 && over(row(repeats, repeats->oldest), now))
        kept_repeats_forget(repeats, row(repeats, repeats->oldest));
    struct kept_repeat *repeat = find(repeats, key->name);
    if (repeat != NULL && over(repeat, now)) {
        kept_repeats_forget(repeats, repeat);
        repeat = NULL;
    }
    if (repeat != NULL && !kept_bytes_equal(repeat->key.body, key->body, KEPT_WIRE_DIGEST))
        return KEPT_E_CONFLICT;
    if (repeat == NULL && repeats->free == 0 && !drop_oldest(repeats))
        return KEPT_E_LIMIT;
    *ret_repeat = repeat != NULL ? repeat : put(repeats, key, now);
    return repeat == NULL ? 0 : repeat->answered ? 1 : KEPT_E_BUSY;
}

void kept_repeats_answer(struct kept_repeats *repeats, struct kept_repeat *repeat, struct kept_reply *const *replies,
                         size_t count)
{
    repeat->answered = true;
    if (replies != NULL)
        kept_wire_answer(&repeat->answer, 0, replies, count);
    if (repeat->answer.failed != 0)
        kept_buf_release(&repeat->answer);
    repeats->bytes += repeat->answer.n;
    while (repeats->bytes > KEPT_MAX_REPEAT_BYTES && drop_oldest(repeats))
        ;
}
