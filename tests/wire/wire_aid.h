/* wire_aid.h - what the tests of messages share. */
#ifndef KEPT_TESTS_WIRE_AID_H
#define KEPT_TESTS_WIRE_AID_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/wire.h"

static inline struct kept_span span(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

/* The body of the one message that out holds. */
static inline struct kept_span body_of(const struct kept_buf *out, enum kept_wire_kind kind, uint64_t id)
{
    struct kept_wire_head head;
    assert_int_equal(out->failed, 0);
    assert_int_equal(kept_wire_peek(kept_buf_span(out), &head), 1);
    assert_int_equal(head.kind, kind);
    assert_true(head.id == id);
    assert_int_equal(out->n, KEPT_WIRE_HEAD + head.body);
    return kept_wire_body(kept_buf_span(out), &head);
}

#endif
