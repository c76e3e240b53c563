/* test_lints.c - clauses that a check of the policy carries out: the gates do what the policy says, and a policy
 * that says it otherwise is not published, or is called by name what it is. */
#include "shown.h"

/* Is this found in the app's policy with one piece of it replaced, and not in the policy as it is? */
static bool named(struct world *w, const char *code, const char *old, const char *new)
{
    bool found[2] = {false, false};
    for (int edited = 0; edited <= 1; edited++) {
        struct kept_findings findings = {0};
        struct kept_policy *policy = NULL;
        char *text = aid_policy(w->app);
        if (edited != 0)
            text = aid_edit(text, old, new);
        if (kept_policy_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &policy, &findings,
                             &w->err) != 0)
            aid_setup_failed("a policy with a warning does not load", w->err.text);
        for (size_t i = 0; i < findings.count; i++)
            found[edited] = found[edited] || strcmp(findings.rows[i].code, code) == 0;
        kept_findings_release(&findings);
        kept_policy_free(policy);
        free(text);
    }
    return found[1] && !found[0];
}

/* Widgets take what is declared, one by one; numbers that nobody can change are asked why, or are tokens. */
static void clause_S0_2_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "widget-display");
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), VALUE("widget-display", "sim-number", "460001234567890"),
                                     .launch = 1);
    DENIED(r, UNDECLARED, "S0-0.6");
    LEDGERED(w, r);
    CLAIM(named(w, "FIXED_IDENTIFIER", "store: hash, token: true, mask: whole, clause: S0-3.2}",
                "mask: whole, clause: S0-3.2}"),
          "nobody is asked why an app that shows the time keeps a number that nobody can change");
    CLAIM(shown_refused(w, "    kind: extended\n    consent: explicit\n    purposes: [account-security]\n    optional: [imei,",
                        "    kind: basic\n    consent: explicit\n    purposes: [account-security]\n    mandatory: [imei,"),
          "a policy that demands such a number for the widgets was published");
}

/* Not to be tracked costs no account, and a policy that makes it cost one is not published. */
static void clause_S2_2_2b(void **state)
{
    struct world *w = *state;
    CLAIM(shown_refused(w, "  opt_out: preference\n", "  opt_out: cancel\n"),
          "a policy by which not to be tracked costs the account was published");
    CLAIM(named(w, "TRACKER_OPT_OUT_LOGOUT", "  opt_out: preference\n", "  opt_out: logout\n"),
          "nobody is told that not to be tracked costs the session");
}

/* The crash kit gets crashes: nothing else passes, and a policy that gives it more is called so. */
static void clause_S2_2_3_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = GIVE("crash-sdk", "click-stream", "operation", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S2-2.3.4");
    LEDGERED(w, r);
    CLAIM(named(w, "NECESSITY",
                "    kind: blob\n    information: log\n    source: generated\n    retain: 90 days\n    values: many\n"
                "    clause: S2-1.4.1b\n  performance:",
                "    kind: blob\n    information: content\n    source: generated\n    retain: 90 days\n    values: many\n"
                "    clause: S2-1.4.1b\n  performance:"),
          "nobody asks what a crash kit needs people's words for");
}

/* People are not told of a standard that another has replaced. */
static void clause_S3_1_2(void **state)
{
    struct world *w = *state;
    CLAIM(named(w, "OBSOLETE_STANDARD", "Please read this before you go on;", "We follow GB/T 35273-2017;"),
          "nobody is told that a standard was replaced");
    CLAIM(!named(w, "OBSOLETE_STANDARD", "Please read this before you go on;", "We follow GB/T 35273-2020;"),
          "a standard that holds is called replaced");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(2_5), CLAUSE_S2(2_2b), CLAUSE_S2(2_3_4), CLAUSE_S3(1_2),
    };
    return RUN(tests);
}
