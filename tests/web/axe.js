// axe.js FILE.html... - what kept rendered, in Chromium: axe-core finds nothing, no page asks for anything
// beside itself, nothing is wider than a phone, a summary fits a sheet of paper.
// On a phone in the dark, and on a desktop in the light. The last line is `N passed, N failed`.
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const views = [
    { name: 'phone, dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    { name: 'desktop, light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
];
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
    if (document.documentElement.scrollWidth > innerWidth)
        bad.push(`${document.documentElement.scrollWidth} wide in ${innerWidth}`);
    if (document.scripts.length > 0) bad.push('a script');
    return bad;
}

async function one(browser, file, view) {
    const asked = [];
    const context = await browser.newContext({ viewport: view.viewport, colorScheme: view.colorScheme });
    const page = await context.newPage();
    page.on('request', (r) => asked.push(r.url()));
    const url = pathToFileURL(path.resolve(file)).href;
    await page.goto(url);
    const name = `${path.basename(file)} (${view.name})`;
    check(`${name}: structure`, await page.evaluate(structure));
    check(`${name}: asks for nothing`, asked.filter((u) => u !== url));
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document));
    check(`${name}: axe`, found.violations.map((v) =>
        `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 2).join(' | ')}`));
    if (view.name === 'desktop, light' && /summary/.test(file)) {
        const pdf = await page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '14mm', right: '14mm' } });
        const sheets = (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) || []).length;
        check(`${name}: one sheet`, sheets === 1 ? [] : [`${sheets} sheets`]);
    }
    await context.close();
}

(async () => {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
    for (const file of process.argv.slice(2))
        for (const view of views) await one(browser, file, view);
    await browser.close();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
})();
