/* shelf.c - documents that were made lately, so that asking for them again costs next to nothing: nobody who
 * needs to be known to ask may keep the engine busy. Public documents only. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "server/server_int.h"

/* What is asked, with everything it is asked with. */
static bool name_of(const struct kept_wire_ask *ask, struct kept_buf *out)
{
    kept_buf_init(out, KEPT_MAX_SHELF_NAME);
    kept_buf_bytes(out, ask->what, strlen(ask->what) + 1);
    for (size_t i = 0; i < ask->count; i++) {
        kept_buf_bytes(out, ask->keys[i], strlen(ask->keys[i]) + 1);
        kept_buf_bytes(out, ask->values[i], strlen(ask->values[i]) + 1);
    }
    return out->failed == 0;
}

static void clear(struct kept_server *server, struct kept_shelved *slot)
{
    server->shelf_bytes -= slot->bytes.n;
    kept_buf_release(&slot->name);
    kept_buf_release(&slot->bytes);
    *slot = (struct kept_shelved){.until = 0};
}

const struct kept_shelved *kept_shelf_get(struct kept_server *server, const struct kept_wire_ask *ask)
{
    const struct kept_shelved *found = NULL;
    struct kept_buf name;
    if (name_of(ask, &name))
        for (size_t i = 0; found == NULL && i < KEPT_MAX_SHELF; i++) {
            const struct kept_shelved *slot = &server->shelf[i];
            if (slot->until > server->now && slot->name.n == name.n && kept_bytes_equal(slot->name.p, name.p, name.n))
                found = slot;
        }
    kept_buf_release(&name);
    return found;
}

/* The slot whose time is over first; an empty one before all, or not at all. */
static struct kept_shelved *oldest(struct kept_server *server, bool full)
{
    struct kept_shelved *found = NULL;
    for (size_t i = 0; i < KEPT_MAX_SHELF; i++) {
        struct kept_shelved *slot = &server->shelf[i];
        if ((!full || slot->bytes.n > 0) && (found == NULL || slot->until < found->until))
            found = slot;
    }
    return found;
}

void kept_shelf_put(struct kept_server *server, const struct kept_wire_ask *ask,
                    const struct kept_wire_document *document, kept_ms until)
{
    struct kept_buf name;
    struct kept_shelved *slot = oldest(server, false);
    if (document->bytes.n > KEPT_MAX_SHELF_BYTES / 4)
        return;
    if (!name_of(ask, &name)) {
        kept_buf_release(&name);
        return;
    }
    clear(server, slot);
    while (server->shelf_bytes + document->bytes.n > KEPT_MAX_SHELF_BYTES)
        clear(server, oldest(server, true));
    slot->name = name;
    slot->until = until;
    slot->type = document->type;
    (void)snprintf(slot->tag, sizeof slot->tag, "%s", document->tag);
    kept_buf_init(&slot->bytes, KEPT_MAX_SHELF_BYTES);
    kept_buf_bytes(&slot->bytes, document->bytes.p, document->bytes.n);
    server->shelf_bytes += slot->bytes.n;
    if (slot->bytes.failed != 0)
        clear(server, slot);
}

void kept_shelf_free(struct kept_server *server)
{
    for (size_t i = 0; i < KEPT_MAX_SHELF; i++)
        clear(server, &server->shelf[i]);
}
