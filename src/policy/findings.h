/* findings.h - the codes of findings: what may be wrong with a policy, or a mapping of imports, and how
 * grave that is. The table is findings.def. PURE and constant; any thread. */
#ifndef KEPT_POLICY_FINDINGS_H
#define KEPT_POLICY_FINDINGS_H

#include <stddef.h>

#include "policy/policy.h"

enum finding_code {
#define FINDING(code, severity, why, behind) CODE_##code,
#include "policy/findings.def"
#undef FINDING
    CODE_COUNT
};

struct finding_row {
    const char *code;     /* "UNKNOWN_KEY" */
    enum kept_severity severity;
    const char *why;      /* one sentence, of the case in general */
    const char *behind;   /* article or promise; "": the form of the language alone */
};

const struct finding_row *kept_finding_row(enum finding_code code);
/* The word for a severity: "error" or "warning". */
const char *kept_severity_name(enum kept_severity severity);

#endif
