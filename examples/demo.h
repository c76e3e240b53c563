/* demo.h - the two halves of the demo. */
#ifndef EXAMPLES_DEMO_H
#define EXAMPLES_DEMO_H

#include "tell.h"

/* Each publishes its policy, brings in its people and does the main job with them. */
void demo_widgets(struct world *w);
void demo_smart_home(struct world *w);
/* Weeks later: what is final, and what the ledger knows. Both apps have run. */
void demo_end(struct world *widgets, struct world *home);

/* The file as the policy of the world; ends the demo if it does not publish. */
void demo_publish(struct world *w, const char *folder);
/* Sweep, rotate, destroy: what is due now. */
void demo_tick(struct world *w);

/* Whom the stories are about, by number. */
enum { MINOR = 1, PATIENT = 3, LEAVER = 6, KEEPER = 9 }; /* KEEPER keeps the account */
enum { REFUSERS = 15 }; /* every 15th person refuses: number 14, 29 ... */

#endif
