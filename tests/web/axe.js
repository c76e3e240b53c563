// axe.js FILE.html... - what kept rendered, in Chromium: axe-core finds nothing, no page asks for anything
// beside itself, nothing is wider than its window from the smallest phone on, a summary fits a sheet of paper.
// Each page is looked at on a phone in the dark, on a desktop in the light, on windows between and on paper;
// axe-core, which takes longest, sees each page in one of the first two (but those of long words, which are about
// width), and with KEPT_LONG=1 all in both.
// The last line is `N passed, N failed`.
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const thorough = process.env.KEPT_LONG === '1';
const tabs = 3; // pages open at a time
const views = [
    { name: 'phone, dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    { name: 'desktop, light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
];
const between = [320, 600, 720, 1000, 1247]; // at the edges of the style's own widths
const sheet = { format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '14mm', right: '14mm' } };
const sheetWidth = 688; // of A4 less its margins, in CSS pixels
const seen = views.map(() => new Set()); // kinds of section that axe-core saw in each view
let passed = 0;
let failed = 0;

function check(name, bad) {
    if (bad.length === 0) {
        passed++;
        return;
    }
    failed++;
    console.log(`FAILED ${name}`);
    for (const line of bad.slice(0, 5)) console.log(`    ${line}`);
}

// In the page: headings that jump a level, tables without caption or scope, overflow.
function structure() {
    const bad = [];
    let last = 0;
    for (const h of document.querySelectorAll('h1,h2,h3,h4')) {
        const level = Number(h.tagName[1]);
        if (level > last + 1) bad.push(`h${level} after h${last}: ${h.textContent}`);
        last = level;
    }
    if (document.querySelectorAll('h1').length !== 1) bad.push('not one h1');
    if (document.querySelectorAll('main').length !== 1) bad.push('not one main');
    for (const a of document.querySelectorAll('nav a'))
        if (!document.querySelector(a.getAttribute('href'))) bad.push(`contents lead nowhere: ${a.href}`);
    for (const t of document.querySelectorAll('table'))
        if (!t.caption || [...t.querySelectorAll('th')].some((th) => !th.scope)) bad.push(`table ${t.id}`);
    if (document.scripts.length > 0) bad.push('a script');
    return bad;
}

function wide() {
    const root = document.documentElement;
    return root.scrollWidth > innerWidth ? [`${root.scrollWidth} wide in ${innerWidth}`] : [];
}

function noTable() {
    const cell = document.querySelector('tbody td');
    const is = cell === null ? 'table-cell' : getComputedStyle(cell).display;
    return is === 'table-cell' ? [] : [`a cell is ${is}`];
}

async function ask(page, name, v) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document));
    check(`${name}: axe`, found.violations.map((violation) =>
        `${violation.id}: ${violation.help}: ${violation.nodes.map((n) => n.html.slice(0, 120)).slice(0, 2).join(' | ')}`));
    for (const id of await page.$$eval('main section', (all) => all.map((s) => s.getAttribute('aria-labelledby'))))
        seen[v].add(id);
}

async function onPaper(page, name) {
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: sheetWidth, height: 900 });
    check(`${name} (paper): tables are tables`, await page.evaluate(noTable));
    check(`${name} (paper): width`, await page.evaluate(wide));
    if (!/^summary\./.test(name)) return;
    const pdf = await page.pdf(sheet);
    const sheets = (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) || []).length;
    check(`${name} (paper): one sheet`, sheets === 1 ? [] : [`${sheets} sheets`]);
}

async function one(context, file, turn) {
    const asked = [];
    const page = await context.newPage();
    page.on('request', (r) => asked.push(r.url()));
    const url = pathToFileURL(path.resolve(file)).href;
    const name = path.basename(file);
    await page.goto(url);
    check(`${name}: structure`, await page.evaluate(structure));
    for (const [v, view] of views.entries()) {
        await page.emulateMedia({ colorScheme: view.colorScheme });
        await page.setViewportSize(view.viewport);
        check(`${name} (${view.name}): width`, await page.evaluate(wide));
        if (thorough || (turn % views.length === v && !/^words/.test(name))) await ask(page, `${name} (${view.name})`, v);
    }
    for (const width of between) {
        await page.setViewportSize({ width, height: 900 });
        check(`${name} (${width}): width`, await page.evaluate(wide));
    }
    await onPaper(page, name);
    check(`${name}: asks for nothing`, asked.filter((u) => u !== url));
    await page.close();
}

(async () => {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
    const context = await browser.newContext();
    const files = process.argv.slice(2);
    let next = 0;
    async function tab() {
        for (let turn = next++; turn < files.length; turn = next++) await one(context, files[turn], turn);
    }
    await Promise.all(Array.from({ length: tabs }, tab));
    await browser.close();
    const all = new Set([...seen[0], ...seen[1]]);
    for (const [v, view] of views.entries())
        check(`axe saw every kind of section (${view.name})`, [...all].filter((id) => !seen[v].has(id)));
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
})();
