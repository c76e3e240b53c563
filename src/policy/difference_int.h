/* difference_int.h - the walk along the language's table, which tests take as it is: two trees that need
 * not be whole policies. */
#ifndef KEPT_POLICY_DIFFERENCE_INT_H
#define KEPT_POLICY_DIFFERENCE_INT_H

#include "policy/difference.h"
#include "policy/policy_int.h"

struct kept_trees {
    struct arena arena;
    struct reader then, now;
    struct kept_findings found;
};

/* Read both as trees, and list what differs. difference->inside is made, and kept_difference_free's.
 * KEPT_E_POLICY (no YAML), KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_difference_walk(struct kept_difference *difference, struct kept_span then,
                                       struct kept_span now, struct kept_err *err);
/* What the changes and the two policies come to. */
KEPT_MUST_USE int kept_difference_judge(struct kept_difference *difference);

/* What a change of the key sets off, and which way it reduces rights: -1 down, 1 up, 0 not known. */
enum kept_material kept_difference_trigger(enum key key);
int kept_difference_order(enum key key);
/* Which way a change of the key takes nothing from people; 0: none. */
int kept_difference_gives(enum key key);

#endif
