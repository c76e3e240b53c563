/* phrases.c - sentences in two languages. */
#include "policy/phrases.h"

#include <stdio.h>
#include <string.h>

static const struct phrase_row {
    const char *en, *zh;
} rows[] = {
#define PHRASE(id, en, zh) [P_##id] = {en, zh},
#include "policy/phrases.def"
#undef PHRASE
};

static const char *const reasons[KEPT_R_COUNT] = {
#define PHRASE(id, en, zh)
#define REASON(name, zh) [KEPT_R_##name] = zh,
#include "policy/phrases.def"
#undef PHRASE
};

bool kept_phrase_chinese(const char *language)
{
    return language != NULL && strncmp(language, "zh", 2) == 0 &&
           (language[2] == 0 || language[2] == '-');
}

const char *kept_phrase(enum phrase phrase, const char *language)
{
    return kept_phrase_chinese(language) ? rows[phrase].zh : rows[phrase].en;
}

void kept_phrase_put(enum phrase phrase, const char *language, const char *const parts[MAX_PHRASE_PARTS],
                     struct kept_buf *out)
{
    for (const char *at = kept_phrase(phrase, language); *at != 0;) {
        size_t n = strcspn(at, "{");
        kept_buf_bytes(out, at, n);
        at += n;
        if (*at == '{') { /* of a part: there is no other */
            const char *part = parts[at[1] - '1'];
            kept_buf_text(out, part != NULL ? part : "");
            at += 3;
        }
    }
}

void kept_phrase_beside(struct kept_buf *beside, struct kept_buf *out)
{
    if (out->failed == 0)
        out->failed = beside->failed;
    kept_buf_release(beside);
}

const char *kept_phrase_number(struct phrase_number *number, long long value)
{
    (void)snprintf(number->text, sizeof number->text, "%lld", value);
    return number->text;
}

const char *kept_phrase_reason(enum kept_reason reason, const char *language)
{
    return (unsigned)reason < KEPT_R_COUNT && kept_phrase_chinese(language) ? reasons[reason] : kept_reason_text(reason);
}
