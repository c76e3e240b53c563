/* find.c - findings: what is wrong, why it matters, how to mend it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "policy/policy_int.h"

/* A cut text must not end inside a character. */
static void trim(char *text)
{
    size_t n = strlen(text);
    size_t tail = 0;
    while (tail < n && tail < 4 && ((unsigned char)text[n - 1 - tail] & 0xC0u) == 0x80u)
        tail++;
    if (tail == n)
        return;
    unsigned char lead = (unsigned char)text[n - 1 - tail];
    size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (want != tail)
        text[n - 1 - tail] = 0;
}

static const struct finding_row rows[] = {
#define FINDING(code, severity, why, behind) {#code, KEPT_##severity, why, behind},
#include "policy/findings.def"
#undef FINDING
};

const struct finding_row *kept_finding_row(enum finding_code code)
{
    return &rows[code];
}

const char *kept_severity_name(enum kept_severity severity)
{
    return severity == KEPT_ERROR ? "error" : "warning";
}

void kept_find(struct reader *r, enum finding_code code, int line, int column, const char *mend,
               const char *fmt, ...)
{
    const enum kept_severity severity = rows[code].severity;
    struct kept_findings *findings = r->findings;
    if (severity == KEPT_ERROR)
        findings->errors++;
    if (findings->count >= KEPT_MAX_POLICY_ERRORS)
        return;
    if (kept_grow(&findings->rows, &findings->cap, findings->count + 1, KEPT_MAX_POLICY_ERRORS,
                  sizeof findings->rows[0]) != 0) {
        r->nomem = true;
        return;
    }
    struct kept_finding *row = &findings->rows[findings->count++];
    *row = (struct kept_finding){.severity = severity, .code = rows[code].code, .line = line,
                                 .column = column};
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(row->text, sizeof row->text, fmt, ap);
    va_end(ap);
    (void)snprintf(row->mend, sizeof row->mend, "%s", mend);
    trim(row->text);
    trim(row->mend);
}

bool kept_found(struct reader *r, enum finding_code code, const char *text, int line)
{
    struct kept_findings *findings = r->findings;
    for (size_t i = 0; i < findings->count; i++) {
        struct kept_finding *row = &findings->rows[i];
        if (row->code != rows[code].code || strncmp(row->text, text, strlen(text)) != 0)
            continue;
        size_t n = strlen(row->text), more = row->text[n - 1] == ')' ? 1 : 0;
        if (n + 40 < sizeof row->text)
            (void)snprintf(row->text + n - more, sizeof row->text - n + more, "%s %d)",
                           more != 0 ? "," : " (also on line", line);
        return true;
    }
    return false;
}

void kept_findings_release(struct kept_findings *findings)
{
    if (findings == NULL)
        return;
    kept_free(findings->rows);
    *findings = (struct kept_findings){0};
}

/* Edits (insert, delete, replace) from a to b, both at most KEPT_MAX_NAME long; more than limit: some number
 * above it. Only as far from the diagonal as so many lead: names are compared with thousands. */
static size_t edits(const char *a, size_t an, const char *b, size_t bn, size_t limit)
{
    size_t row[KEPT_MAX_NAME + 1];
    for (size_t j = 0; j <= bn; j++)
        row[j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t from = i > limit ? i - limit : 1, to = i + limit < bn ? i + limit : bn;
        size_t corner = row[from - 1];
        row[from - 1] = from == 1 ? i : limit + 1;
        for (size_t j = from; j <= to; j++) {
            size_t replace = corner + (a[i - 1] != b[j - 1]);
            size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = replace < other ? replace : other;
        }
    }
    return row[bn];
}

void kept_near(struct near *near, const char *name)
{
    size_t an = strlen(near->want), bn = strlen(name);
    if (an == 0 || an > KEPT_MAX_NAME || bn > KEPT_MAX_NAME)
        return;
    size_t limit = an < 4 ? 1 : 2;
    if (an > bn + limit || bn > an + limit)
        return;
    size_t distance = edits(near->want, an, name, bn, limit);
    if (distance <= limit && (near->best == NULL || distance < near->distance)) {
        near->best = name;
        near->distance = distance;
    }
}

const char *kept_mean(const struct near *near, const char *otherwise, char ret[MEND_TEXT])
{
    if (near->best == NULL)
        return otherwise;
    (void)snprintf(ret, MEND_TEXT, "did you mean '%s'?", near->best);
    return ret;
}
