/* duties_int.h - inside the policy room: the model of what is owed beside decisions (duties.h), and the
 * values that its readers share. Only src/policy includes this. */
#ifndef KEPT_POLICY_DUTIES_INT_H
#define KEPT_POLICY_DUTIES_INT_H

#include "policy/policy_int.h"

/* ---- values (read_length.c) -------------------------------------------------------------------- */

/* "15 working days", "72 hours", "1 month". What is not there stays as it was. */
void kept_read_length(struct reader *r, const struct node *node, struct kept_length *ret);
/* {within: 15 working days, from: verified, rest_day: moves}; the same. */
void kept_read_deadline(struct reader *r, const struct node *node, struct kept_deadline *deadline);
/* Bits of the words in a list, each once; 0 when the key is absent. */
uint32_t kept_read_words(struct reader *r, const struct node *map, enum key key);
const char *const *kept_channel_words(void);
const char *const *kept_asked_words(void);

/* ---- the rooms of the file --------------------------------------------------------------------- */

void kept_read_rights(struct reader *r, const struct node *root); /* read_rights.c */
void kept_read_duties(struct reader *r, const struct node *root); /* read_duties.c */
void kept_read_tellings(struct reader *r, const struct node *root); /* read_tellings.c */
void kept_read_cookies(struct reader *r, const struct node *root); /* read_cookies.c */
void kept_read_function_duties(struct reader *r, const struct node *node,
                               struct function_rule *function); /* read_client.c */
void kept_read_item_duties(struct reader *r, const struct node *node, struct item_rule *item);
void kept_read_origins(struct reader *r, const struct node *root); /* origins.c */
void kept_origins_findings(const struct kept_policy *policy, struct kept_findings *findings);
void kept_check_duties(struct reader *r); /* check_duties.c */
void kept_check_offered(struct reader *r);
void kept_check_texts(struct reader *r, const struct node *root); /* check_texts.c */
/* check_floors.c. The profile of the policy's jurisdiction, if there is one: KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_choose_profile(struct reader *r);
void kept_check_floors(struct reader *r);
void kept_check_published(struct reader *r); /* check_published.c */

#endif
