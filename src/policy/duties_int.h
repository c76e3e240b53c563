/* duties_int.h - inside the policy room: the model of what is owed beside decisions (duties.h), and the
 * values that its readers share. Only src/policy includes this. */
#ifndef KEPT_POLICY_DUTIES_INT_H
#define KEPT_POLICY_DUTIES_INT_H

#include "policy/policy_int.h"

/* ---- values (read_length.c) -------------------------------------------------------------------- */

/* "15 working days", "72 hours", "1 month". */
bool kept_read_length(struct reader *r, const struct node *node, struct kept_length *ret);
/* {within: 15 working days, from: verified, rest_day: moves}; what is not there stays as it was. */
void kept_read_deadline(struct reader *r, const struct node *map, const char *key,
                        struct kept_deadline *deadline);
/* Bits of the words in a list, each once; 0 when the key is absent. */
uint32_t kept_read_words(struct reader *r, const struct node *map, const char *key,
                         const char *const *words);
const char *const *kept_channel_words(void);
const char *const *kept_asked_words(void);

/* ---- the rooms of the file --------------------------------------------------------------------- */

void kept_read_rights(struct reader *r, const struct node *root); /* read_rights.c */
void kept_check_rights(struct reader *r);                         /* check_duties.c */

#endif
