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
const char *const *kept_incident_words(void);

/* ---- the rooms of the file --------------------------------------------------------------------- */

void kept_read_rights(struct reader *r, const struct node *root); /* read_rights.c */
void kept_read_duties(struct reader *r, const struct node *root); /* read_duties.c */
void kept_read_tellings(struct reader *r, const struct node *root); /* read_tellings.c */
void kept_read_cookies(struct reader *r, const struct node *root); /* read_cookies.c */
void kept_read_logs(struct reader *r, const struct node *root); /* read_logs.c */
void kept_check_logs(struct reader *r);
void kept_read_function_duties(struct reader *r, const struct node *node,
                               struct function_rule *function); /* read_client.c */
void kept_read_item_duties(struct reader *r, const struct node *node, struct item_rule *item);
void kept_read_origins(struct reader *r, const struct node *root); /* origins.c */
void kept_origins_findings(const struct kept_policy *policy, struct kept_findings *findings);
void kept_check_together(struct reader *r); /* check_together.c */
void kept_check_duties(struct reader *r); /* check_duties.c */
void kept_check_offered(struct reader *r);
void kept_check_texts(struct reader *r, const struct node *root); /* check_texts.c */
/* Does one of the words stand in it, in capitals or small? */
bool kept_names_any(const char *text, const char *const *words);
void kept_check_words(struct reader *r, const struct node *root); /* check_words.c */
void kept_check_numbers(struct reader *r, const struct node *root); /* check_numbers.c */
/* check_listed.c: does a list ("mail addresses, passwords") hold all that a name names ("name, address")? What it
 * leaves out of that is in ret_missing. */
bool kept_lists_all(const char *list, const char *name, char *ret_missing, size_t size);
void kept_check_floors(struct reader *r); /* check_floors.c */
/* Does the item's statute name that law, in one of the languages? */
bool kept_names_law(const struct kept_policy *policy, const struct item_rule *item, const char *law);

/* ---- what its laws say (fill.c, profile.h) ------------------------------------------------------ */

/* The profiles of the policy's jurisdictions, those that there are: KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_choose_profiles(struct reader *r, const struct node *root);
/* What the policy is silent on is filled in, of the model: deadlines, bands of ages, lengths. Each with
 * who said it. A policy that is only looked at stays as silent as it is. */
void kept_fill_in(struct reader *r, const struct node *root);
/* What the strictest of a policy's profiles says: the shortest time to do something in, the longest notice and
 * time to keep evidence, the highest age; requests and fields of all. false: none of them says it. */
bool kept_profile_value(const struct kept_policy *policy, enum profile_value value,
                        struct profile_entry *ret);
/* Is the policy under the law of that jurisdiction? */
bool kept_policy_under(const struct kept_policy *policy, const char *jurisdiction);
/* What the strictest of its profiles lets a basic function demand (kept_profile_demands). */
int kept_policy_demands(const struct kept_policy *policy);
/* The longest that a length can come to. Working days: rest days may make three of seven, and a week of
 * feasts more. */
kept_ms kept_longest(struct kept_length length);
void kept_check_published(struct reader *r); /* check_published.c */

#endif
