/* demo.c - the main job on both policies, with some hundreds of people who do not exist. Every step
 * says what must hold, and the program's exit code is 0 only if all of it did.
 *   demo STORE-FOLDER KEYRING-FOLDER ROOT-KEY-FILE POLICY-FOLDER */
#include "demo.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEED 20260302u

static kept_ms clock_now(void *arg)
{
    return *(const kept_ms *)arg;
}

void demo_publish(struct world *w, const char *folder)
{
    static char text[1u << 20];
    char path[4096];
    struct ask a = ask(w, KEPT_OP_POLICY_PUBLISH, PEOPLE);
    (void)snprintf(path, sizeof path, "%s/%s", folder, w->file);
    FILE *file = fopen(path, "rb");
    size_t n = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    if (file == NULL || fclose(file) != 0 || n == 0) {
        printf("    FAILED: cannot read %s\n", path);
        exit(-KEPT_E_NOTFOUND);
    }
    text[n] = 0;
    a.r.text = text;
    a.r.at = *w->now;
    struct kept_reply *reply = tell_one(w, &a);
    hold(reply->decision == KEPT_ALLOW,
         "%s, version %u, is checked and in force: its %zu bytes are the rule",
         w->file, reply->policy_version, n);
    kept_reply_free(reply);
}

void demo_tick(struct world *w)
{
    struct ask a = ask(w, KEPT_OP_TICK, PEOPLE);
    kept_reply_free(tell_one(w, &a));
}

static void world_init(struct world *w, struct kept *kept, kept_ms *now, const char *app,
                       const char *file, int chinese)
{
    memset(w, 0, sizeof *w);
    w->kept = kept;
    w->app = app;
    w->file = file;
    w->language = chinese ? "zh" : "en";
    w->now = now;
    for (unsigned i = 0; i < PEOPLE; i++)
        person_make(SEED + (chinese ? 1 : 0), i, chinese, &w->people[i]);
}

int main(int argc, char **argv)
{
    static struct world widgets, home;
    struct kept_err err = {0};
    struct kept *kept = NULL;
    /* The demo's clock is moved by hand, so that weeks pass in a second: it begins on 2 March 2026
     * at nine in Beijing, or earlier if this machine's clock stands before that. */
    kept_ms now = 1772413200000, today = (kept_ms)time(NULL) * 1000;
    if (argc != 5)
        return fprintf(stderr, "usage: demo STORE KEYRING ROOT-KEY POLICIES\n"), 2;
    if (today - 60 * DAY < now)
        now = today - 60 * DAY;
    const struct kept_options options = {
        .store = argv[1], .keyring = argv[2], .root_key = argv[3], .clock = {clock_now, &now}};
    int rc = kept_init(&options, &err);
    if (rc == 0)
        rc = kept_open(&options, &kept, &err);
    if (rc != 0)
        tell_stop("making the store", rc, &err);
    printf("A store of its own, and %u people who do not exist. The clock of this demo is moved by\n"
           "hand, so that weeks pass in a second. Behind each verdict: the reason, the clause, and\n"
           "the line of the policy file that decided.\n",
           2 * PEOPLE);
    world_init(&widgets, kept, &now, "widgets", "widgets.yaml", 0);
    world_init(&home, kept, &now, "smart-home", "smart-home.yaml", 1);

    tell_title("widgets: a desktop-widget app, policy in English");
    demo_publish(&widgets, argv[4]);
    demo_widgets(&widgets);
    tell_title("smart-home: an app for devices at home, policy in Chinese and English");
    demo_publish(&home, argv[4]);
    demo_smart_home(&home);
    tell_title("Weeks later");
    demo_end(&widgets, &home);
    unsigned failures = tell_failures();
    kept_close(kept);
    return failures == 0 ? 0 : 1;
}
