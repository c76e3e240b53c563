/* render_picture.c - to come. */
#include "policy/render_int.h"
void kept_render_picture(struct render *r, struct kept_buf *out) { (void)r; (void)out; }
