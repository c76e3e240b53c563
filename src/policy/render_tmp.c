/* render_tmp.c - to come. */
#include "policy/render_int.h"
void kept_render_summary(struct render *r) { (void)r; }
void kept_render_ropa_csv(struct render *r, struct kept_buf *out) { (void)r; (void)out; }
int kept_render_ropa_json(struct render *r, struct kept_buf *out) { (void)r; (void)out; return 0; }
int kept_render_dpv(struct render *r, struct kept_buf *out) { (void)r; (void)out; return 0; }
