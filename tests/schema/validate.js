// validate.js KEPT SCHEMA - the policies that are good are good for the schema, and for each type of mistake one
// that has it is not. kept is asked about each, too: the two must agree. The last line is `N passed, N failed`.
'use strict';
const { spawnSync } = require('child_process');
const fs = require('fs');
const Ajv = require('ajv/dist/2020');
const formats = require('ajv-formats');
const yaml = require('yaml');

const [kept, schemaFile] = process.argv.slice(2);
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
formats(ajv);
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const valid = ajv.compile(schema);
let passed = 0;
let failed = 0;

function is(name, good, detail) {
    if (good) {
        passed++;
    } else {
        failed++;
        console.log(`FAILED ${name}: ${detail}`);
    }
}

const complaints = () => (valid.errors || []).slice(0, 3).map((e) => `${e.instancePath} ${e.message}`).join('; ');
const codes = (text) => {
    const run = spawnSync(kept, ['policy', 'check', '-', '--json'], { input: text, encoding: 'utf8' });
    return JSON.parse(run.stdout).findings.filter((f) => f.severity === 'error').map((f) => f.code);
};

// ---- good ones ----
const policies = fs.readdirSync('policies').filter((name) => name.endsWith('.yaml'));
is('there are five policies', policies.length >= 5, policies.length);
for (const name of policies)
    is(name, valid(yaml.parse(fs.readFileSync(`policies/${name}`, 'utf8'))), complaints());

const page = fs.readFileSync('docs/policy-language.md', 'utf8');
const tutorial = page.slice(page.indexOf('## A policy in ten minutes'), page.indexOf('## How it is written'));
const good = [...tutorial.matchAll(/^```yaml\n([^]*?)^```$/gm)].map((m) => m[1]).join('');
is('the policy of the tutorial', valid(yaml.parse(good)) && codes(good).length === 0, complaints());

// ---- mistakes: what of the tutorial's policy becomes what, and what kept calls it ----
const mistakes = [
    ['a key misspelt', 'retain: account', 'retian: account', 'UNKNOWN_KEY'],
    ['a key that is none', 'kept: 1\n', 'kept: 1\nkeep: all\n', 'UNKNOWN_KEY'],
    ['a key missing at the head', 'version: 1\n', '', 'MISSING_KEY'],
    ['a key missing below', 'kind: mail, ', '', 'MISSING_KEY'],
    ['a section missing', /purposes:\n(  .*\n)+/, '', 'MISSING_KEY'],
    ['a value for a map', 'withdrawal: {effect: collect_and_use}', 'withdrawal: delete', 'WRONG_TYPE'],
    ['a value for a list', 'stored: [CN]', 'stored: CN', 'WRONG_TYPE'],
    ['a list for a value', 'app: notebook', 'app: [notebook]', 'WRONG_TYPE'],
    ['an empty value', 'text: keep your notes', 'text: ""', 'EMPTY_VALUE'],
    ['a word that is none', 'kind: mail', 'kind: mial', 'BAD_VALUE'],
    ['a word of a list', '[subject_find, use]', '[subject_find, useful]', 'BAD_VALUE'],
    ['a flag', 'token: true', 'token: maybe', 'BAD_VALUE'],
    ['a clause that is too long', 'trigger: user_action', `clause: ${'S'.repeat(65)}`, 'BAD_VALUE'],
    ['a name of the app', 'app: notebook', 'app: Note Book', 'BAD_NAME'],
    ['a name that is declared', '  notes: {text', '  Notes: {text', 'BAD_NAME'],
    ['a number', 'version: 1\n', 'version: one\n', 'BAD_NUMBER'],
    ['a number beyond its bounds', 'version: 1\n', 'version: 0\n', 'BAD_NUMBER'],
    ['a decimal', 'kind: text', 'kind: number, min: low', 'BAD_NUMBER'],
    ['a version of the language', 'kept: 1\n', 'kept: 2\n', 'LANGUAGE_VERSION'],
    ['a day that is none', '2026-01-15', '2026-02-30', 'BAD_DATE'],
    ['a date in words', '2026-01-15', 'yesterday', 'BAD_DATE'],
    ['a length without a unit', 'rotation: 7 days', 'rotation: 7', 'BAD_DURATION'],
    ['a length in words', 'rotation: 7 days', 'rotation: a week', 'BAD_DURATION'],
    ['a retention', 'retain: account, token', 'retain: acount, token', 'BAD_DURATION'],
    ['a time zone', '"+08:00"', 'Peking', 'BAD_TIME_ZONE'],
    ['a language', 'authority: en', 'authority: English!', 'BAD_LANGUAGE'],
    ['a region', '[CN]', '[China]', 'BAD_REGION'],
    ['a mail address', 'contact: privacy@example.org', 'contact: nobody', 'BLANK_CONTACT'],
    ['an entry twice', '[notes, support]', '[notes, notes]', 'DUPLICATE_ENTRY'],
    ['a choice without its text', 'kind: text', 'kind: choice, choices: {yes: ""}', 'EMPTY_VALUE'],
    ['choices that are none', 'kind: text', 'kind: choice, choices: {}', 'BAD_VALUE'],
];
for (const [name, from, to, code] of mistakes) {
    const text = good.replace(from, to);
    if (text === good) {
        is(name, false, `nothing to change: ${from}`);
        continue;
    }
    is(`${name}: the schema`, !valid(yaml.parse(text)), 'is content');
    is(`${name}: kept`, codes(text).includes(code), codes(text).join(' ') || 'is content');
}

// ---- as kept reads them, whatever type YAML gives them ----
for (const [name, from, to] of [
    ['a number as a unit-less text', 'text: keep your notes', 'text: 7'],
    ['bounds with and without quotes', 'kind: text', 'kind: number, min: "-40", max: 85, decimals: 1'],
    ['all in place of a list', 'masked: [mail]', 'masked: all'],
    ['two languages', 'text: keep your notes', 'text: {en: keep your notes}'],
    ['an empty section', 'roles:\n', 'exemptions:\nroles:\n'],
]) {
    const text = good.replace(from, to);
    is(name, text !== good && valid(yaml.parse(text)) && codes(text).length === 0,
        `${complaints()} ${codes(text).join(' ')}`);
}

// ---- every property says what it is for ----
for (const [name, section] of Object.entries(schema.$defs))
    for (const [key, property] of Object.entries(section.properties || {}))
        is(`${name}.${key} has a description`, /^.{3,}\.$/.test(property.description || ''), property.description);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
