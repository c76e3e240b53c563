/* admin_language.c - the language of policies for other programs: its JSON Schema (draft 2020-12), and the
 * codes of findings. Both are made of the tables that the reader uses. */
#include "base/error.h"
#include "engine/admin.h"
#include "engine/admin_int.h"
#include "engine/report_int.h"
#include "policy/findings.h"
#include "policy/language.h"
#include "policy/reference.h"

/* What values look like, as far as a pattern says it. A name of $defs, the JSON type, the pattern, what it is. */
static const struct {
    const char *name, *type, *pattern, *says;
} shapes[] = {
    {"string", "scalar", "\\S", "One value, not empty."},
    {"clause", "scalar", "^(?=[^]*\\S)[^]{1,64}$", "The id of a clause, at most 64 bytes."},
    {"mail", "string", "^[^@\\s<>\",;]+@[^@\\s<>\",;.][^@\\s<>\",;]*\\.([^@\\s<>\",;]*[^@\\s<>\",;.])$",
     "A mail address."},
    {"language", "string", "^[a-z][A-Za-z0-9-]{1,34}$", "A BCP 47 tag: zh, en, zh-Hant."},
    {"region", "string", "^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "An ISO 3166 code in capitals: CN."},
    {"zone", "string", "^(UTC|[+-][0-9]{2}:[0-9]{2}|[A-Z][A-Za-z_]+/[A-Z][A-Za-z_]+)$",
     "UTC, a distance from it such as +08:00, or a zone such as Europe/Berlin."},
    {"decimal", "scalar", "^[+-]?[0-9]+(\\.[0-9]+)?$", "A decimal number without a unit."},
    {"date", "date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day that exists, as YYYY-MM-DD."},
    {"length", "string", "^[1-9][0-9]{0,4} (hour|day|week|month|year)s?$",
     "A length of time: 12 hours, 90 days, 2 weeks, 6 months (of 30 days), 3 years (of 365)."},
    {"name", "string", "^[a-z][a-z0-9._-]{0,63}$",
     "A name: lower-case letters, digits, '.', '_', '-', beginning with a letter, at most 64 bytes."},
};

static const char *shape_of(enum type_kind kind)
{
    switch (kind) {
    case TYPE_TEXT: return "text";
    case TYPE_STRING: return "string";
    case TYPE_CLAUSE: return "clause";
    case TYPE_MAIL: return "mail";
    case TYPE_LANGUAGE:
    case TYPE_LANGUAGES: return "language";
    case TYPE_REGION:
    case TYPE_REGIONS: return "region";
    case TYPE_ZONE: return "zone";
    case TYPE_DECIMAL: return "decimal";
    case TYPE_DATE: return "date";
    case TYPE_LENGTH: return "length";
    case TYPE_NEW_NAME:
    case TYPE_NEW_NAMES:
    case TYPE_NAME:
    case TYPE_NAMES: return "name";
    case TYPE_WORD:
    case TYPE_WORDS:
    case TYPE_FLAG:
    case TYPE_NUMBER:
    case TYPE_CHOICES:
    case TYPE_MAP:
    case TYPE_LIST:
    case TYPE_NAMED: break;
    }
    return NULL;
}

static json_t *reference(const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", name));
}

static json_t *words(enum key key)
{
    json_t *list = json_array();
    for (size_t i = 0; i < kept_key_words(key); i++)
        (void)json_array_append_new(list, json_string(kept_key_word(key, i)));
    return json_pack("{s:o}", "enum", list);
}

/* One value of the type; for lists: one entry. */
static json_t *one(enum key key)
{
    const struct key_type *type = kept_key_type(key);
    const char *shape = shape_of(type->kind);
    if (shape != NULL)
        return reference(shape);
    switch (type->kind) {
    case TYPE_WORD:
    case TYPE_WORDS: return words(key);
    case TYPE_FLAG: return json_pack("{s:s}", "type", "boolean");
    case TYPE_NUMBER:
        return json_pack("{s:s,s:I,s:I}", "type", "integer", "minimum", (json_int_t)type->min,
                         "maximum", (json_int_t)type->max);
    case TYPE_CHOICES:
        return json_pack("{s:s,s:i,s:o,s:o}", "type", "object", "minProperties", 1, "propertyNames",
                         reference("name"), "additionalProperties", reference("text"));
    case TYPE_NAMED: /* a section whose entries are all commented out is empty, and no mistake */
        return json_pack("{s:[s,s],s:o,s:o}", "type", "object", "null", "propertyNames",
                         reference("name"), "additionalProperties",
                         reference(kept_section_row(type->section)->name));
    default: return reference(kept_section_row(type->section)->name); /* a map, or of a list one */
    }
}

static bool is_list(enum type_kind kind)
{
    return kind == TYPE_LANGUAGES || kind == TYPE_REGIONS || kind == TYPE_WORDS ||
           kind == TYPE_NEW_NAMES || kind == TYPE_NAMES || kind == TYPE_LIST;
}

static json_t *value_of(enum key key)
{
    const struct key_type *type = kept_key_type(key);
    json_t *value = one(key);
    if (is_list(type->kind))
        value = json_pack("{s:s,s:o}", "type", "array", "items", value);
    if (type->kind == TYPE_NAMES || type->kind == TYPE_LANGUAGES)
        (void)json_object_set_new(value, "uniqueItems", json_true());
    if (type->or != NULL)
        value = json_pack("{s:[{s:s},o]}", "anyOf", "const", type->or, value);
    return value;
}

static json_t *property(enum key key)
{
    const struct key_row *row = kept_key_row(key);
    const struct key_type *type = kept_key_type(key);
    const struct key_need *need = &row->need;
    json_t *value = value_of(key);
    json_t *says = need->when != NULL
                       ? json_sprintf("%s Needed where %s: %s.", row->meaning, need->when, need->why)
                   : need->otherwise_in_words != NULL
                       ? json_sprintf("%s Default: %s.", row->meaning, need->otherwise_in_words)
                       : json_string(row->meaning);
    (void)json_object_set_new(value, "description", says);
    if (type->kind == TYPE_FLAG && need->otherwise != NULL)
        (void)json_object_set_new(value, "default", json_boolean(need->otherwise[0] == 't'));
    else if (type->kind == TYPE_NEW_NAMES)
        (void)json_object_set_new(value, "default", json_pack("[s]", need->otherwise));
    else if (need->otherwise != NULL)
        (void)json_object_set_new(value, "default", json_string(need->otherwise));
    else if (need->number != 0)
        (void)json_object_set_new(value, "default", json_integer(need->number));
    return value;
}

static json_t *section(enum section id)
{
    const struct section_row *row = kept_section_row(id);
    json_t *properties = json_object(), *required = json_array();
    for (enum key key = row->first; key < kept_section_end(id); key++) {
        const struct key_need *need = &kept_key_row(key)->need;
        (void)json_object_set_new(properties, kept_key_row(key)->name, property(key));
        if (need->why != NULL && need->when == NULL)
            (void)json_array_append_new(required, json_string(kept_key_row(key)->name));
    }
    return json_pack("{s:s,s:s,s:o,s:o,s:b}", "type", "object", "description", row->meaning,
                     "properties", properties, "required", required, "additionalProperties", 0);
}

/* YAML reads a scalar without quotes as a number, where it looks like one; kept reads its characters. */
static json_t *scalar(const char *pattern)
{
    return json_pack("{s:[s,s],s:s}", "type", "string", "number", "pattern", pattern);
}

static json_t *definitions(void)
{
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        bool date = strcmp(shapes[i].type, "date") == 0;
        json_t *shape = strcmp(shapes[i].type, "scalar") == 0
                            ? scalar(shapes[i].pattern)
                            : json_pack("{s:s,s:s}", "type", "string", "pattern", shapes[i].pattern);
        if (date)
            (void)json_object_set_new(shape, "format", json_string("date"));
        (void)json_object_set_new(shape, "description", json_string(shapes[i].says));
        (void)json_object_set_new(all, shapes[i].name, shape);
    }
    (void)json_object_set_new(
        all, "text",
        json_pack("{s:[o,{s:s,s:i,s:o,s:o}],s:s}", "anyOf", reference("string"), "type", "object",
                  "minProperties", 1, "propertyNames", reference("language"), "additionalProperties",
                  reference("string"), "description",
                  "Words for people: in each language of the policy, or one text if it has one."));
    for (unsigned id = 0; id < SECTION_COUNT; id++)
        (void)json_object_set_new(all, kept_section_row((enum section)id)->name,
                                  section((enum section)id));
    return all;
}

int kept_admin_policy_schema(struct kept_buf *json, struct kept_err *err)
{
    json_t *root = json_pack(
        "{s:s,s:s,s:s,s:o,s:o}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
        "A policy of kept", "description",
        "What a policy file may say, as far as a schema can tell: `kept policy check` finds the rest.",
        "$ref", json_sprintf("#/$defs/%s", kept_section_row(SECTION_POLICY)->name), "$defs",
        definitions());
    return kept_admin_dump(root, json, err);
}

int kept_admin_policy_reference(struct kept_buf *out, struct kept_err *err)
{
    kept_policy_reference(out);
    return out->failed == 0 ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory for a report");
}

int kept_admin_policy_codes(struct kept_buf *json, struct kept_err *err)
{
    json_t *rows = json_array();
    for (unsigned i = 0; i < CODE_COUNT; i++) {
        const struct finding_row *row = kept_finding_row((enum finding_code)i);
        (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s}", "code", row->code, "severity",
                                                    kept_severity_name(row->severity), "why", row->why,
                                                    "behind", row->behind));
    }
    return kept_admin_dump(rows, json, err);
}
