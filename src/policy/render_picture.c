/* render_picture.c - what goes where, as a picture (SVG inside the page): from the person, to the controller,
 * to recipients, from top to bottom, so that it is readable on a phone. Title and description stand in it. */
#include <string.h>

#include "policy/render_int.h"

#define WIDTH 340          /* of the drawing; its units are points of a phone's screen */
#define EDGE 14            /* from a box to what is in it */
#define LINE 20            /* from one line of text to the next */
#define COLUMN 8           /* of a character, generously */
#define MOST_RECIPIENTS 6u /* the list below the picture names the rest */

struct drawing {
    struct kept_buf body;
    int y;
};

/* Lines of text from y on; returns how many. */
static int text_at(struct drawing *d, int x, int room, const char *class, const char *text)
{
    struct kept_span span = {(const uint8_t *)text, strlen(text)};
    size_t at = 0, next = 0;
    int lines = 0;
    while (at < span.n) {
        char line[256];
        size_t end = kept_page_line(span, at, (size_t)(room / COLUMN), true, &next);
        size_t n = end - at < sizeof line - 1 ? end - at : sizeof line - 1;
        memcpy(line, text + at, n);
        line[n] = 0;
        d->y += LINE;
        kept_buf_printf(&d->body, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, d->y - 5, class);
        kept_page_escape(&d->body, line);
        kept_buf_text(&d->body, "</text>\n");
        at = next;
        lines++;
    }
    return lines;
}

/* A box is drawn behind what was written in it: it comes before, as text of its own. */
static void box(struct kept_buf *out, struct drawing *inside, int x, int top, int width,
                const char *class)
{
    kept_buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\" class=\"%s\"/>\n", x,
                    top, width, inside->y - top, class);
    kept_buf_bytes(out, inside->body.p, inside->body.n);
    if (inside->body.failed != 0)
        out->failed = inside->body.failed;
    kept_buf_release(&inside->body);
}

static struct drawing begin_box(const struct kept_buf *out, int y)
{
    struct drawing d = {.y = y + EDGE / 2};
    kept_buf_init(&d.body, out->max);
    return d;
}

static void arrow(struct kept_buf *out, int *y)
{
    kept_buf_printf(out,
                    "<path class=\"arrow\" d=\"M%d %dv24\"/><path class=\"tip\" d=\"M%d %dl-7 -10h14z\"/>\n",
                    WIDTH / 2, *y + 4, WIDTH / 2, *y + 36);
    *y += 40;
}

/* How many items of a kind of information come to us. */
static size_t group_count(const struct kept_policy *p, const char *information)
{
    size_t n = 0;
    for (size_t i = 0; i < p->info.items; i++)
        n += p->items[i].pub.place != KEPT_PLACE_DEVICE &&
             strcmp(p->items[i].information, information) == 0;
    return n;
}

static bool first_of_group(const struct kept_policy *p, size_t item)
{
    if (p->items[item].pub.place == KEPT_PLACE_DEVICE)
        return false;
    for (size_t i = 0; i < item; i++)
        if (p->items[i].pub.place != KEPT_PLACE_DEVICE &&
            strcmp(p->items[i].information, p->items[item].information) == 0)
            return false;
    return true;
}

static void draw_you(struct render *r, struct kept_buf *out, int *y)
{
    const struct kept_policy *p = r->p;
    struct drawing d = begin_box(out, *y);
    struct list device = kept_list_new(r, p->info.items);
    (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "strong", kept_plain(r, SAY_SUM_YOU));
    for (size_t i = 0; i < p->info.items; i++) {
        if (p->items[i].pub.place == KEPT_PLACE_DEVICE)
            kept_list_add(&device, (uint32_t)i);
        if (!first_of_group(p, i))
            continue;
        const char *count = kept_saying(
            r, SAY_SUM_COUNT,
            KEPT_WITH({"n", kept_number_text(r, group_count(p, p->items[i].information))}));
        (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "soft",
                      kept_joined(r, kept_group(r, "information", p->items[i].information), count));
    }
    if (device.n > 0) {
        int top = d.y + EDGE / 2;
        struct drawing in = begin_box(out, top);
        (void)text_at(&in, 2 * EDGE, WIDTH - 4 * EDGE, "strong", kept_plain(r, SAY_SUM_DEVICE));
        (void)text_at(&in, 2 * EDGE, WIDTH - 4 * EDGE, "soft", kept_names_of(r, KEPT_K_ITEM, &device));
        in.y += EDGE / 2;
        d.y = in.y;
        box(&d.body, &in, EDGE, top, WIDTH - 2 * EDGE, "apart");
    }
    d.y += EDGE - 3;
    int top = *y;
    *y = d.y;
    box(out, &d, 1, top, WIDTH - 2, "box");
}

static void draw_us(struct render *r, struct kept_buf *out, int *y)
{
    struct drawing d = begin_box(out, *y);
    (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "strong", kept_text_of(r, &r->p->controller));
    (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "soft",
                  kept_saying(r, SAY_SUM_US,
                              KEPT_WITH({"regions", kept_regions_of(r, &r->p->stored_in)})));
    d.y += EDGE - 3;
    int top = *y;
    *y = d.y;
    box(out, &d, 1, top, WIDTH - 2, "box");
}

static void draw_them(struct render *r, struct kept_buf *out, int *y)
{
    const struct kept_policy *p = r->p;
    struct drawing d = begin_box(out, *y);
    (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "strong",
                  kept_plain(r, p->info.recipients > 0 ? SAY_SUM_THEM : SAY_SUM_NOBODY));
    for (size_t i = 0; i < p->info.recipients && i < MOST_RECIPIENTS; i++, d.y += 4)
        (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "soft",
                      kept_saying(r, SAY_ROPA_TO,
                                  KEPT_WITH({"recipient", kept_text_of(r, &p->recipients[i].text)},
                                            {"region", kept_region_word(r, p->recipients[i].region)})));
    if (p->info.recipients > MOST_RECIPIENTS)
        (void)text_at(&d, EDGE, WIDTH - 2 * EDGE, "soft",
                      kept_saying(r, SAY_SUM_MORE,
                                  KEPT_WITH({"n", kept_number_text(r, p->info.recipients -
                                                                          MOST_RECIPIENTS)})));
    d.y += EDGE - 3;
    int top = *y;
    *y = d.y;
    box(out, &d, 1, top, WIDTH - 2, "box");
}

/* The picture in words. */
static const char *described(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct listing groups = kept_listing_new(r, p->info.items);
    struct list device = kept_list_new(r, p->info.items), to = kept_list_new(r, p->info.recipients);
    for (size_t i = 0; i < p->info.items; i++) {
        if (first_of_group(p, i))
            kept_listing_add(&groups, kept_group(r, "information", p->items[i].information));
        if (p->items[i].pub.place == KEPT_PLACE_DEVICE)
            kept_list_add(&device, (uint32_t)i);
    }
    for (size_t i = 0; i < p->info.recipients; i++)
        kept_list_add(&to, (uint32_t)i);
    return kept_saying(r, SAY_SUM_SAYS,
                       KEPT_WITH({"collected", kept_listed(r, groups.v, groups.n)},
                                 {"regions", kept_regions_of(r, &p->stored_in)},
                                 {"device", kept_names_of(r, KEPT_K_ITEM, &device)},
                                 {"recipients", kept_names_of(r, KEPT_K_RECIPIENT, &to)}));
}

void kept_render_picture(struct render *r, struct kept_buf *out)
{
    struct kept_buf body;
    int y = 1;
    kept_buf_init(&body, out->max);
    draw_you(r, &body, &y);
    arrow(&body, &y);
    draw_us(r, &body, &y);
    if (r->p->info.recipients > 0)
        arrow(&body, &y);
    else
        y += EDGE; /* nothing goes on from here */
    draw_them(r, &body, &y);
    kept_buf_printf(out, "<figure>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"picture-title "
                         "picture-text\">\n<title id=\"picture-title\">", WIDTH, y + 1);
    kept_page_escape(out, kept_plain(r, SAY_SUM_PICTURE));
    kept_buf_text(out, "</title>\n<desc id=\"picture-text\">");
    kept_page_escape(out, described(r));
    kept_buf_text(out, "</desc>\n");
    kept_buf_bytes(out, body.p, body.n);
    kept_buf_text(out, "</svg>\n</figure>\n");
    if (body.failed != 0)
        out->failed = body.failed;
    kept_buf_release(&body);
}
