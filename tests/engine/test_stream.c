/* test_stream.c - values of any size, a piece at a time: whole or not at all, judged before and behind every
 * piece. */
#include "stream_aid.h"

/* ---- in and out ------------------------------------------------------------------------------ */

static void test_what_goes_in_comes_out(void **state)
{
    static const size_t sizes[] = {1, 63, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, BITE - 1, BITE,
                                   BITE + 1, BITE + CHUNK, 2 * BITE + 12345};
    static const size_t steps[] = {1 << 20, 100003, CHUNK};
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t entries = world_number(&w, "ledger_entries");
        write_value(&w, id, sizes[i], (unsigned)i, steps[i % 3]);
        assert_int_equal(world_number(&w, "ledger_entries"), entries + 2); /* one, and the STAT's */
        read_value(&w, id, sizes[i], (unsigned)i, steps[(i + 1) % 3]);
        assert_int_equal(world_number(&w, "ledger_entries"), entries + 4);
        kept_reply_free(ASK(&w, .op = KEPT_OP_TICK)); /* the former goes */
        assert_int_equal(chunks(&w), (int64_t)((sizes[i] + CHUNK - 1) / CHUNK));
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .function = "notes",
                                       .purpose = "service", .fields = &photo, .field_count = 1);
        assert_int_equal(reply->fields[0].value.n, sizes[i]);
        assert_int_equal(reply->fields[0].value.p[sizes[i] - 1], byte_at(sizes[i] - 1, (unsigned)i));
        kept_reply_free(reply);
    }
    world_check(&w);
    world_reopen(&w);
    read_value(&w, id, sizes[10], 10, 77777);
    /* What came whole goes out by stream, too: small, and in chunks. */
    uint8_t *bytes = calloc(1, 200000);
    for (size_t i = 0; i < 200000; i++)
        bytes[i] = byte_at(i, 99);
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){bytes, 200000});
    read_value(&w, id, 200000, 99, 1000);
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){bytes, 700});
    read_value(&w, id, 700, 99, 1000);
    free(bytes);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 0);
    world_check(&w);
    world_down(&w);
}

static void test_refused_at_the_door(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_NEW);
    struct kept_id stranger = reply->subject;
    kept_reply_free(reply);
    struct kept_id id = world_person(&w);
    struct kept_request r = writing(stranger);
    refuses(&w, &r, KEPT_R_NO_NOTICE);
    r = reading(stranger);
    refuses(&w, &r, KEPT_R_NO_NOTICE);
    r = reading(id);
    refuses(&w, &r, KEPT_R_NO_VALUE);
    r = writing(id);
    r.function = "caring";
    refuses(&w, &r, KEPT_R_FUNCTION);
    r = writing(id);
    r.fields = &(const struct kept_field){.name = "face"};
    refuses(&w, &r, KEPT_R_ON_DEVICE);
    r.fields = &(const struct kept_field){.name = "shoe-size"};
    refuses(&w, &r, KEPT_R_UNDECLARED);
    r.fields = &(const struct kept_field){.name = "note"};
    fails(&w, &r, KEPT_E_USAGE); /* text comes whole */
    r = writing(id);
    const struct kept_field value = {.name = "photo", .value = {(const uint8_t *)"x", 1}};
    r.fields = &value;
    fails(&w, &r, KEPT_E_USAGE);
    r = writing(id);
    const struct kept_field two[] = {photo, photo};
    r.fields = two;
    r.field_count = 2;
    fails(&w, &r, KEPT_E_USAGE);
    r = writing(id);
    r.op = KEPT_OP_DISCLOSE;
    fails(&w, &r, KEPT_E_USAGE);
    r = writing((struct kept_id){{0, 9, 9}});
    fails(&w, &r, KEPT_E_NOTFOUND);
    r = writing(id);
    r.role = "visitor";
    refuses(&w, &r, KEPT_R_OPERATION);
    r = reading(id);
    r.role = "visitor";
    refuses(&w, &r, KEPT_R_OPERATION);
    /* Whoever sees it masked gets no stream. */
    write_value(&w, id, 10, 1, 10);
    r = reading(id);
    r.role = "officer";
    struct kept_stream *s = NULL;
    assert_int_equal(kept_stream_open(w.kept, &r, &s, &reply, &w.err), 0);
    assert_null(s);
    assert_int_equal(reply->decision, KEPT_MASK);
    assert_int_equal(reply->fields[0].value.n, 4);
    assert_memory_equal(reply->fields[0].value.p, "****", 4);
    kept_reply_free(reply);
    assert_int_equal(chunks(&w), 1);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM todo WHERE kind = 5"), 0);
    world_check(&w);
    world_down(&w);
}

static void test_a_value_must_be_of_its_kind(void **state)
{
    static const uint8_t png[40] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1";
    static const uint8_t text[40] = "This is no photo, whatever it says.";
    struct kept_reply *reply = NULL;
    struct world w;
    (void)state;
    world_up(&w);
    char *policy = world_policy("shop", 1, "kind: blob, information: content, source: user, retain",
                                "kind: photo, information: content, source: user, retain");
    kept_reply_free(ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = policy));
    free(policy);
    struct kept_id id = world_person(&w);
    const struct kept_request r = writing(id);
    struct kept_stream *s = begin(&w, &r);
    assert_int_equal(kept_stream_append(s, (struct kept_span){png, 20}, &w.err), 0);
    assert_int_equal(kept_stream_append(s, (struct kept_span){png + 20, 20}, &w.err), 0);
    finish(&w, s, KEPT_ALLOW, KEPT_R_NONE);
    s = begin(&w, &r);
    assert_int_equal(kept_stream_append(s, (struct kept_span){text, 20}, &w.err), 0);
    assert_int_equal(kept_stream_append(s, (struct kept_span){text + 20, 20}, &w.err), KEPT_E_USAGE);
    assert_null(strstr(w.err.text, "whatever"));
    assert_int_equal(kept_stream_append(s, (struct kept_span){png, 20}, &w.err), KEPT_E_USAGE);
    finish(&w, s, KEPT_DENY, KEPT_R_INVALID);
    s = begin(&w, &r); /* too short to be judged before its end */
    assert_int_equal(kept_stream_append(s, (struct kept_span){text, 5}, &w.err), 0);
    finish(&w, s, KEPT_DENY, KEPT_R_INVALID);
    s = begin(&w, &r); /* nothing is no photo */
    finish(&w, s, KEPT_DENY, KEPT_R_INVALID);
    const struct kept_request back = reading(id); /* the first one stands */
    s = open_it(&w, &back);
    assert_int_equal(kept_stream_size(s), 40);
    /* What is read is not written, and what ended is over. */
    size_t n = 0;
    uint8_t byte = 0;
    assert_int_equal(kept_stream_append(s, (struct kept_span){png, 1}, &w.err), KEPT_E_USAGE);
    assert_int_equal(kept_stream_finish(s, &reply, &w.err), KEPT_E_USAGE);
    assert_int_equal(kept_stream_read(s, &byte, 1, &n, &w.err), 0);
    assert_int_equal(byte, 0x89);
    kept_stream_close(s);
    s = begin(&w, &r);
    assert_int_equal(kept_stream_read(s, &byte, 1, &n, &w.err), KEPT_E_USAGE);
    kept_stream_close(s);
    kept_stream_close(NULL);
    assert_int_equal(chunks(&w), 1);
    world_down(&w);
}

/* ---- half of a value ------------------------------------------------------------------------- */

static void test_half_a_value_is_none(void **state)
{
    char copy[WORLD_PATH], keys[WORLD_PATH], mine[WORLD_PATH], ours[WORLD_PATH];
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    const struct kept_request r = writing(id);
    uint64_t at = 0;
    struct kept_stream *s = begin(&w, &r);
    assert_int_equal(append(&w, s, &at, 2 * BITE + 5, 1, 1 << 20), 0);
    assert_int_equal(chunks(&w), 2 * KEPT_CHUNKS_A_BITE); /* some of it is stored */
    HIDES(&w, id, "photo", "service", KEPT_R_NO_VALUE);
    world_check(&w);
    /* Other work goes on in between: of others, and of the same person, even rotation and tick. */
    world_put(&w, other, "notes", "note", "meanwhile");
    world_put(&w, id, "notes", "note", "mine");
    READS(&w, id, "note", "service", "mine");
    kept_reply_free(ASK(&w, .op = KEPT_OP_ROTATE));
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(append(&w, s, &at, BITE, 1, 1 << 20), 0);
    /* The machine stops here: the disk as it is now. */
    world_beside(&w, copy, "crashed");
    world_beside(&w, keys, "crashed-keys");
    world_copy(w.store, copy);
    world_copy(w.keyring, keys);
    finish(&w, s, KEPT_ALLOW, KEPT_R_NONE);
    read_value(&w, id, at, 1, 1 << 20);
    world_check(&w);
    world_close(&w);
    (void)snprintf(mine, sizeof mine, "%s", w.store);
    (void)snprintf(ours, sizeof ours, "%s", w.keyring);
    (void)snprintf(w.store, sizeof w.store, "%s", copy);
    (void)snprintf(w.keyring, sizeof w.keyring, "%s", keys);
    world_open(&w);
    assert_int_equal(chunks(&w), 0);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM todo WHERE kind = 5"), 0);
    HIDES(&w, id, "photo", "service", KEPT_R_NO_VALUE);
    READS(&w, id, "note", "service", "mine");
    world_check(&w);
    /* Closed, and left open when the store is closed: nothing stays either. */
    at = 0;
    s = begin(&w, &r);
    assert_int_equal(append(&w, s, &at, 2 * BITE, 2, 1 << 20), 0);
    assert_true(chunks(&w) > 0);
    kept_stream_close(s);
    assert_int_equal(chunks(&w), 0);
    at = 0;
    s = begin(&w, &r);
    assert_int_equal(append(&w, s, &at, 2 * BITE, 2, 1 << 20), 0);
    world_close(&w);
    assert_int_equal(chunks(&w), 0);
    assert_int_equal(append(&w, s, &at, 1, 2, 1), KEPT_E_USAGE);
    kept_stream_close(s);
    world_down(&w);
}

/* A row on the list that somebody with a disk editor put there takes nothing from a living record. */
static void test_the_list_does_not_rule(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    write_value(&w, id, 3 * CHUNK, 1, CHUNK);
    int64_t key = world_sql_number(&w, "SELECT key FROM chunk LIMIT 1");
    world_sql(&w, "INSERT INTO todo(kind, key, at) VALUES(5, %lld, 0)", (long long)key);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM todo WHERE kind = 5"), 0);
    world_sql(&w, "INSERT INTO todo(kind, key, at) VALUES(5, %lld, 0)", (long long)key);
    world_reopen(&w);
    read_value(&w, id, 3 * CHUNK, 1, CHUNK);
    world_down(&w);
}

static void test_a_large_value_is_deleted_in_bites(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    write_value(&w, id, 5 * BITE, 1, 1 << 20);
    write_value(&w, id, 100, 2, 100); /* in its place */
    read_value(&w, id, 100, 2, 100);
    assert_true(chunks(&w) > 3 * KEPT_CHUNKS_A_BITE);
    world_check(&w);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 1);
    world_check(&w);
    write_value(&w, id, 5 * BITE, 3, 1 << 20);
    world_put(&w, id, "notes", "photo", "small"); /* whole, over what came by stream */
    READS(&w, id, "photo", "service", "small");
    assert_true(chunks(&w) > 0);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 0);
    write_value(&w, id, 5 * BITE, 4, 1 << 20);
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "photo"));
    HIDES(&w, id, "photo", "service", KEPT_R_NO_VALUE);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 0);
    write_value(&w, id, 5 * BITE, 5, 1 << 20);
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id));
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 0);
    world_check(&w);
    world_down(&w);
}

/* A value of more than is given out whole: by stream only. And sealed anew by its record. */
static void test_what_is_too_large_to_give_whole(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    const uint64_t size = KEPT_MAX_VALUE_BYTES + 1;
    write_value(&w, id, size, 1, 1 << 20);
    const struct kept_request r = reading(id);
    world_fails(&w, KEPT_E_LIMIT, &r);
    world_put(&w, id, "notes", "scrap", "paper");
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap"));
    struct world_blobs before = {NULL, 0}, after = {NULL, 0};
    world_blobs(&w, &before, "SELECT body, key, number FROM chunk WHERE number = 7");
    kept_reply_free(ASK(&w, .op = KEPT_OP_ROTATE)); /* who is marked gets new keys */
    world_blobs(&w, &after, "SELECT body, key, number FROM chunk WHERE number = 7");
    assert_int_equal(before.count, 1);
    assert_memory_equal(before.rows[0].p, after.rows[0].p, before.rows[0].n);
    world_blobs_free(&before);
    world_blobs_free(&after);
    read_value(&w, id, size, 1, 1 << 20);
    world_check(&w);
    world_down(&w);
}

/* ---- the person changes their mind ----------------------------------------------------------- */

static void test_writing_stops_with_the_consent(void **state)
{
    struct kept_reply *reply = NULL;
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    const struct kept_request r = writing(id);
    uint64_t at = 0;
    struct kept_stream *s = begin(&w, &r);
    assert_int_equal(append(&w, s, &at, 2 * BITE, 1, 1 << 20), 0);
    kept_reply_free(ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes"));
    assert_int_equal(append(&w, s, &at, 2 * BITE, 1, 1 << 20), KEPT_E_DENIED);
    assert_non_null(strstr(w.err.text, "WITHDRAWN"));
    assert_int_equal(kept_stream_finish(s, &reply, &w.err), KEPT_E_DENIED);
    kept_stream_close(s);
    assert_int_equal(chunks(&w), 0);
    /* At its very end. */
    world_agree(&w, id, "notes", KEPT_C_EXPLICIT);
    at = 0;
    s = begin(&w, &r);
    assert_int_equal(append(&w, s, &at, 2 * BITE, 1, 1 << 20), 0);
    kept_reply_free(ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes"));
    finish(&w, s, KEPT_DENY, KEPT_R_WITHDRAWN);
    assert_int_equal(chunks(&w), 0);
    /* Erased in between. */
    world_agree(&w, id, "notes", KEPT_C_EXPLICIT);
    at = 0;
    s = begin(&w, &r);
    assert_int_equal(append(&w, s, &at, 2 * BITE, 1, 1 << 20), 0);
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id));
    assert_int_equal(append(&w, s, &at, 2 * BITE, 1, 1 << 20), KEPT_E_DENIED);
    kept_stream_close(s);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 0);
    world_check(&w);
    world_down(&w);
}

static void test_reading_stops_with_the_consent(void **state)
{
    struct world w;
    uint8_t piece[1000];
    size_t n = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    write_value(&w, id, 5 * CHUNK, 1, CHUNK);
    const struct kept_request r = reading(id);
    struct kept_stream *s = open_it(&w, &r);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), 0);
    assert_int_equal(n, sizeof piece);
    /* Something of no concern: it goes on, on a verdict of its own. */
    uint64_t entries = world_number(&w, "ledger_entries");
    world_put(&w, id, "notes", "note", "by the way");
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), 0);
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 3);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), 0);
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 4);
    kept_reply_free(ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes"));
    n = 7;
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_DENIED);
    assert_int_equal(n, 7); /* not a byte, though the chunk was at hand */
    world_agree(&w, id, "notes", KEPT_C_EXPLICIT); /* too late for this stream */
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_DENIED);
    kept_stream_close(s);
    s = open_it(&w, &r);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), 0);
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id));
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_DENIED);
    assert_non_null(strstr(w.err.text, "ERASED"));
    kept_stream_close(s);
    world_down(&w);
}

static void test_reading_stops_with_the_service_and_with_time(void **state)
{
    struct world w;
    uint8_t piece[1000];
    size_t n = 0;
    (void)state;
    world_up(&w);
    char *policy = world_policy("shop", 1, "kind: blob, information: content, source: user, retain: account",
                                "kind: blob, information: content, source: user, retain: 1 day");
    kept_reply_free(ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = policy));
    free(policy);
    struct kept_id id = world_person(&w);
    write_value(&w, id, 2 * CHUNK, 1, CHUNK);
    const struct kept_request r = reading(id);
    struct kept_stream *s = open_it(&w, &r);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), 0);
    w.now += KEPT_DAY;
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_DENIED);
    kept_stream_close(s);
    refuses(&w, &r, KEPT_R_NO_VALUE);
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_int_equal(chunks(&w), 0);
    /* Another value in its place: the one that was read is gone. */
    write_value(&w, id, 2 * CHUNK, 2, CHUNK);
    s = open_it(&w, &r);
    write_value(&w, id, 2 * CHUNK, 3, CHUNK);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_CONFLICT);
    kept_stream_close(s);
    const struct kept_request more = writing(id);
    s = begin(&w, &more);
    kept_reply_free(ASK(&w, .op = KEPT_OP_SERVICE_CEASE));
    finish(&w, s, KEPT_DENY, KEPT_R_CEASED);
    refuses(&w, &more, KEPT_R_CEASED);
    world_down(&w);
}

/* ---- in flight, and limits ------------------------------------------------------------------- */

static void test_beside_operations_in_flight(void **state)
{
    struct world w;
    struct kept_reply *reply = NULL;
    uint8_t piece[1000];
    size_t n = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    write_value(&w, id, 2 * CHUNK, 1, CHUNK);
    const struct kept_request r = reading(id), more = writing(id);
    struct kept_stream *in = begin(&w, &more);
    struct kept_stream *s = open_it(&w, &r);
    world_put(&w, id, "notes", "note", "so that it has to be judged again");
    assert_int_equal(kept_submit(w.kept, &r, &w.err), 0);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_stream_finish(in, &reply, &w.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_reap(w.kept, &reply, 1, 1, &n, &w.err), 0);
    kept_reply_free(reply);
    assert_int_equal(kept_stream_read(s, piece, sizeof piece, &n, &w.err), 0); /* the same again */
    assert_int_equal(n, sizeof piece);
    assert_int_equal(piece[999], byte_at(999, 1));
    kept_stream_close(s);
    assert_int_equal(kept_stream_append(in, world_text("and this"), &w.err), 0);
    finish(&w, in, KEPT_ALLOW, KEPT_R_NONE);
    READS(&w, id, "photo", "service", "and this");
    /* So many and no more. */
    struct kept_stream *many[KEPT_MAX_STREAMS];
    for (size_t i = 0; i < KEPT_MAX_STREAMS; i++)
        many[i] = i % 2 == 0 ? begin(&w, &more) : open_it(&w, &r);
    fails(&w, &more, KEPT_E_LIMIT);
    fails(&w, &r, KEPT_E_LIMIT);
    kept_stream_close(many[5]);
    many[5] = begin(&w, &more);
    for (size_t i = 0; i < KEPT_MAX_STREAMS; i++)
        kept_stream_close(many[i]);
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_in_comes_out),
        cmocka_unit_test(test_refused_at_the_door),
        cmocka_unit_test(test_a_value_must_be_of_its_kind),
        cmocka_unit_test(test_half_a_value_is_none),
        cmocka_unit_test(test_the_list_does_not_rule),
        cmocka_unit_test(test_a_large_value_is_deleted_in_bites),
        cmocka_unit_test(test_what_is_too_large_to_give_whole),
        cmocka_unit_test(test_writing_stops_with_the_consent),
        cmocka_unit_test(test_reading_stops_with_the_consent),
        cmocka_unit_test(test_reading_stops_with_the_service_and_with_time),
        cmocka_unit_test(test_beside_operations_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
