/* findings.c - what is wrong with a policy, in the forms that people and their tools read. */
#include <string.h>

#include "cli/cli.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

/* The file that a finding is in: of two, the other stands beside the one that was named. */
static const char *file_of(const json_t *f, const char *path, char ret_path[KEPT_MAX_PATH])
{
    const char *file = text_of(f, "file");
    if (file[0] == 0)
        return path;
    cli_beside(path, file, ret_path);
    return ret_path;
}

/* ---- text: lines that editors can jump to ------------------------------------------------------- */

/* file:line:column: severity CODE: what / how to mend it. */
void cli_findings_text(FILE *to, const char *path, const json_t *report)
{
    size_t i = 0;
    json_t *f = NULL;
    char file[KEPT_MAX_PATH];
    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        (void)fprintf(to, "%s:%lld:%lld: %s %s: %s\n", file_of(f, path, file), number_of(f, "line"),
                      number_of(f, "column"), text_of(f, "severity"), text_of(f, "code"),
                      text_of(f, "text"));
        if (text_of(f, "mend")[0] != 0)
            (void)fprintf(to, "    mend: %s\n", text_of(f, "mend"));
    }
}

static void print_sum(FILE *to, const char *path, const json_t *report)
{
    long long errors = number_of(report, "errors");
    long long warnings = number_of(report, "warnings");
    const char *app = json_string_value(json_object_get(report, "app"));
    (void)fprintf(to, "%s: ", path);
    if (app != NULL)
        (void)fprintf(to, "%s, version %lld: ", app,
                      number_of(report, "version"));
    (void)fprintf(to, "%lld error%s, %lld warning%s\n", errors, errors == 1 ? "" : "s", warnings,
                  warnings == 1 ? "" : "s");
}

/* ---- SARIF 2.1.0: for code scanning ------------------------------------------------------------- */

/* A path as a reference: what a URI may not hold is written in hexadecimal. */
static json_t *uri(const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    struct kept_buf out;
    kept_buf_init(&out, 4 * KEPT_MAX_PATH);
    for (const char *at = strcmp(path, "-") == 0 ? "stdin" : path; *at != 0; at++)
        kept_buf_printf(&out, strchr(plain, *at) != NULL ? "%c" : "%%%02X", (unsigned char)*at);
    json_t *text = json_stringn((const char *)out.p, out.n);
    kept_buf_release(&out);
    return text;
}

/* The rules that findings name, each once; those of no finding are left out. */
static json_t *rule_of(const json_t *codes, const char *code)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(codes, i, row)
        if (strcmp(text_of(row, "code"), code) == 0)
            break;
    json_t *rule = json_pack("{s:s,s:{s:s},s:{s:s}}", "id", code, "shortDescription", "text",
                             text_of(row, "why"), "defaultConfiguration", "level",
                             text_of(row, "severity"));
    if (text_of(row, "behind")[0] != 0)
        (void)json_object_set_new(rule, "properties",
                                  json_pack("{s:s}", "behind", text_of(row, "behind")));
    return rule;
}

static json_int_t rule_index(json_t *rules, const json_t *codes, const char *code)
{
    for (size_t i = 0; i < json_array_size(rules); i++)
        if (strcmp(text_of(json_array_get(rules, i), "id"), code) == 0)
            return (json_int_t)i;
    (void)json_array_append_new(rules, rule_of(codes, code));
    return (json_int_t)json_array_size(rules) - 1;
}

static json_t *result(const json_t *f, json_int_t index, const char *path)
{
    char file[KEPT_MAX_PATH];
    json_t *message = json_sprintf("%s (mend: %s)", text_of(f, "text"), text_of(f, "mend"));
    json_t *region = json_pack("{s:I,s:I}", "startLine", (json_int_t)number_of(f, "line"),
                               "startColumn", (json_int_t)number_of(f, "column"));
    return json_pack("{s:s,s:I,s:s,s:{s:o},s:[{s:{s:{s:o},s:o}}]}", "ruleId", text_of(f, "code"),
                     "ruleIndex", index, "level", text_of(f, "severity"), "message", "text", message,
                     "locations", "physicalLocation", "artifactLocation", "uri", uri(file_of(f, path, file)),
                     "region",
                     region);
}

static void print_sarif(const char *path, const json_t *report, const json_t *codes)
{
    json_t *rules = json_array(), *results = json_array(), *f = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(report, "findings"), i, f)
        (void)json_array_append_new(results, result(f, rule_index(rules, codes, text_of(f, "code")), path));
    json_t *driver =
        json_pack("{s:s,s:s,s:o}", "name", "kept", "version", kept_version(), "rules", rules);
    json_t *root = json_pack("{s:s,s:s,s:[{s:{s:o},s:s,s:o}]}", "$schema",
                             "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0",
                             "runs", "tool", "driver", driver, "columnKind", "unicodeCodePoints",
                             "results", results);
    cli_print_json(root);
    json_decref(root);
}

/* ---- GitHub: commands of a workflow, which annotate the lines of a change ----------------------- */

/* of_property: a colon or a comma would end it. */
static void escaped(const char *text, bool of_property)
{
    for (; *text != 0; text++)
        if (strchr("%\r\n", *text) != NULL || (of_property && strchr(":,", *text) != NULL))
            (void)printf("%%%02X", (unsigned)*text);
        else
            (void)putchar(*text);
}

static void print_github(const char *path, const json_t *report)
{
    size_t i = 0;
    json_t *f = NULL;
    char file[KEPT_MAX_PATH];
    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        (void)printf("::%s file=", text_of(f, "severity"));
        escaped(file_of(f, path, file), true);
        (void)printf(",line=%lld,col=%lld,title=%s::", number_of(f, "line"), number_of(f, "column"),
                     text_of(f, "code"));
        escaped(text_of(f, "text"), false);
        (void)fputs("%0Amend: ", stdout);
        escaped(text_of(f, "mend"), false);
        (void)putchar('\n');
    }
}

/* ---- which ------------------------------------------------------------------------------------- */

enum findings_format cli_findings_format(const char *word)
{
    static const char *const words[] = {[FINDINGS_TEXT] = "text", [FINDINGS_JSON] = "json",
                                        [FINDINGS_SARIF] = "sarif", [FINDINGS_GITHUB] = "github"};
    for (unsigned i = FINDINGS_TEXT; i <= FINDINGS_GITHUB; i++)
        if (strcmp(words[i], word) == 0)
            return (enum findings_format)i;
    return FINDINGS_NONE;
}

void cli_findings(enum findings_format format, const char *path, const json_t *report,
                  const json_t *codes)
{
    switch (format) {
    case FINDINGS_JSON: cli_print_json(report); break;
    case FINDINGS_SARIF: print_sarif(path, report, codes); break;
    case FINDINGS_GITHUB: print_github(path, report); break;
    case FINDINGS_NONE:
    case FINDINGS_TEXT:
        cli_findings_text(stdout, path, report);
        print_sum(stdout, path, report);
        break;
    }
}
