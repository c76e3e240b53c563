/* embed.c - the main job with the library alone: a policy goes in, and from then on everything that
 * happens to a person's data passes through it.
 *   cc embed.c $(pkg-config --cflags --libs kept) && ./a.out widgets.yaml NEW-FOLDER */
#include <kept.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct kept *kept;
static struct kept_id person;

/* One operation, from request to printed verdict; a failure ends the program. */
static enum kept_decision go(const char *what, struct kept_request request)
{
    struct kept_reply *reply = NULL;
    struct kept_err err = {0};
    request.subject = person;
    if (kept_call(kept, &request, &reply, &err) != 0) {
        printf("%s: %s\n", what, err.text);
        exit(-err.code);
    }
    enum kept_decision decision = reply->decision;
    printf("%-22s %s", what, kept_decision_name(decision));
    if (reply->reason != KEPT_R_NONE)
        printf(": %s (%s, line %d)", kept_reason_text(reply->reason), reply->clause, reply->line);
    for (size_t i = 0; i < reply->field_count && request.op == KEPT_OP_USE; i++)
        printf("  %s=%.*s", reply->fields[i].name, (int)reply->fields[i].value.n,
               (const char *)reply->fields[i].value.p);
    printf("%s%s\n", reply->json != NULL ? "\n  " : "", reply->json != NULL ? reply->json : "");
    if (request.op == KEPT_OP_SUBJECT_NEW)
        person = reply->subject;
    kept_reply_free(reply);
    return decision;
}

#define FIELD(item, text) {.name = item, .value = {(const uint8_t *)(text), sizeof(text) - 1}}
#define GO(what, ...) go(what, (struct kept_request){.actor = "embed", __VA_ARGS__})

int main(int argc, char **argv)
{
    static char policy[(4 << 20) + 1]; /* 4 MiB is the most a policy may have */
    struct kept_err err = {0};
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL || fread(policy, 1, sizeof policy - 1, file) == 0 || fgetc(file) != EOF)
        return fprintf(stderr, "usage: embed POLICY NEW-FOLDER\n"), 2;
    fclose(file);
    for (char *c = argv[2]; *c != 0 && (c = strchr(c + 1, '/')) != NULL; *c = '/') {
        *c = 0;
        mkdir(argv[2], 0700); /* the folders above it, where they are missing */
    }
    mkdir(argv[2], 0700);
    struct kept_options options = {.store = "store", .keyring = "keyring", .root_key = "root.key"};
    if (chdir(argv[2]) != 0 || kept_init(&options, &err) != 0 ||
        kept_open(&options, &kept, &err) != 0)
        return fprintf(stderr, "%s: %s\n", argv[2], err.code != 0 ? err.text : "no folder"), 1;
    struct kept_field in[] = {FIELD("message", "Please call me."),
                              FIELD("contact-phone", "13800001111")};
    struct kept_request collect = {.op = KEPT_OP_COLLECT, .function = "feedback", .fields = in,
                                   .field_count = 2, .facts = KEPT_F_USER_ACTION};
    struct kept_request use = {.op = KEPT_OP_USE, .purpose = "support", .role = "support",
                               .actor = "clerk-7", .fields = &in[1], .field_count = 1};
    /* .at is an instant in ms. One of the past means at once; 0, on the policy's own date. */
    GO("publish the policy", .op = KEPT_OP_POLICY_PUBLISH, .text = policy, .at = 1);
    GO("a person appears", .op = KEPT_OP_SUBJECT_NEW);
    int ok = go("collect, no notice yet", collect) == KEPT_DENY;
    GO("notice was seen", .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .language = "en");
    GO("consent to feedback", .op = KEPT_OP_CONSENT_GRANT, .function = "feedback",
       .consent = KEPT_C_EXPLICIT);
    ok &= go("collect", collect) == KEPT_ALLOW;
    ok &= go("support looks", use) == KEPT_MASK;
    GO("consent withdrawn", .op = KEPT_OP_CONSENT_WITHDRAW, .function = "feedback");
    ok &= go("support looks again", use) == KEPT_DENY;
    GO("erase", .op = KEPT_OP_ERASE_SUBJECT);
    GO("why", .op = KEPT_OP_WHY);
    kept_close(kept);
    return ok ? 0 : 1;
}
