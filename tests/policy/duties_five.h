/* duties_five.h - the five policies, for tests that set one against another. */
#ifndef KEPT_TEST_DUTIES_FIVE_H
#define KEPT_TEST_DUTIES_FIVE_H

#include "duties_aid.h"

static struct kept_policy *widgets, *messenger, *smart_home, *wallpaper, *media;
static struct kept_calendar calendar;

static int load_all(void **state)
{
    (void)state;
    widgets = load_policy("policies/widgets.yaml");
    messenger = load_policy("policies/messenger.yaml");
    smart_home = load_policy("policies/smart-home.yaml");
    wallpaper = load_policy("policies/wallpaper.yaml");
    media = load_policy("policies/media.yaml");
    calendar = china();
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    kept_policy_free(widgets);
    kept_policy_free(messenger);
    kept_policy_free(smart_home);
    kept_policy_free(wallpaper);
    kept_policy_free(media);
    return 0;
}

#endif
