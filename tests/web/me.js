// me.js URL POST PIDS... - a person's own page in Chromium, against the real service and the development gateway whose
// output is in the file POST: the whole way from the code to the end without any script, and each page on it looked at by
// axe-core on a phone in the dark and a desktop in the light. KEPT_SHOTS=FOLDER: pictures. The last line is `N passed, N failed`.
'use strict';
const fs = require('fs');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [url, post] = process.argv.slice(2);
const app = `${url}/me/smart-home`;
const shots = process.env.KEPT_SHOTS;
const views = [
    { name: 'phone, dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    { name: 'desktop, light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
];
let passed = 0;
let failed = 0;

function check(name, good, more) {
    if (good) {
        passed++;
        return;
    }
    failed++;
    console.log(`FAILED ${name}${more === undefined ? '' : `: ${more}`}`);
}

async function code(number) {
    for (let i = 0; i < 100; i++) {
        const lines = fs.readFileSync(post, 'utf8').split('\n').filter((l) => l.includes(number));
        const found = lines.length > 0 ? lines[lines.length - 1].match(/\b\d{6}\b/) : null;
        if (found) return found[0];
        await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('no code came');
}

// What the person sees, seen by who has the means to look: with scripts, and the page's own policy out of the way.
async function look(browser, page, name) {
    const html = await page.content();
    const context = await browser.newContext({ bypassCSP: true });
    const copy = await context.newPage();
    await copy.route('**/*', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    await copy.goto(app);
    for (const view of views) {
        await copy.emulateMedia({ colorScheme: view.colorScheme });
        await copy.setViewportSize(view.viewport);
        await copy.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
        const wide = await copy.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(`${name} (${view.name}): width`, wide <= 0, wide);
        await copy.evaluate(axe);
        const found = await copy.evaluate(() => axe.run(document));
        check(`${name} (${view.name}): axe`, found.violations.length === 0, found.violations.map((v) =>
            `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 2).join(' | ')}`).join('\n    '));
        if (shots) await copy.screenshot({ path: `${shots}/${name}-${view.name.split(',')[0]}.png`, fullPage: true });
    }
    const scripts = await copy.evaluate(() => document.scripts.length);
    check(`${name}: no script`, scripts <= 0, scripts);
    await context.close();
}

async function press(page, selector) {
    await Promise.all([page.waitForLoadState('load'), page.click(selector)]);
    await page.waitForLoadState('load');
}

const text = (page, selector) => page.locator(selector).first().textContent();

(async () => {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', viewport: views[0].viewport, acceptDownloads: true });
    const page = await context.newPage();
    const asked = [];
    const styles = [];
    page.on('request', (r) => asked.push(r.url()));
    page.on('console', (m) => { if (/Content Security Policy/.test(m.text())) styles.push(m.text()); });

    await page.goto(`${url}/me`);
    check('the doors name the app', (await text(page, 'main')).includes('smart-home'));
    await look(browser, page, 'doors');
    await press(page, 'main a');
    check('in the language of the browser', (await page.getAttribute('html', 'lang')) === 'en');
    await look(browser, page, 'sign-in');
    await press(page, 'a[lang=zh]');
    check('and in the other', (await page.getAttribute('html', 'lang')) === 'zh' && (await text(page, 'h2')) === '登录');
    await press(page, 'a[lang=en]');
    await page.fill('#address', 'no address');
    await press(page, 'button[value=begin]');
    check('no address: said in words', (await text(page, '.notice')).includes('no address'));
    await page.fill('#address', '13700137000');
    await press(page, 'button[value=begin]');
    check('a code is asked for', (await page.locator('#code').count()) === 1);
    await look(browser, page, 'code');
    const right = await code('13700137000');
    await page.fill('#code', right === '000000' ? '111111' : '000000');
    await press(page, 'button[value=prove]');
    check('a wrong code: said in words', (await text(page, '.notice')).includes('not right'));
    await page.fill('#code', right);
    await press(page, 'button[value=prove]');
    check('signed in', (await page.locator('button[value=leave]').count()) === 1);
    check('the style is the one that is allowed', styles.length === 0, styles[0]);
    const cookie = (await context.cookies()).find((c) => c.name === 'kept');
    check('the cookie is of this site, and no script reads it', cookie && cookie.httpOnly && cookie.sameSite === 'Strict');
    check('own data', (await text(page, 'main')).includes('13700137000') && (await text(page, 'main')).includes('Beijing'));
    check('who read it, and why', (await text(page, '#lines')).includes('answer your requests'), await text(page, '#lines'));
    check('the notice is linked to', (await page.goto(new URL(await page.getAttribute('header a[href^="/v1/"]', 'href'), url).href)).ok());
    await page.goBack();
    await look(browser, page, 'home');

    // Off with one press, on with one.
    const row = 'div.switch:has(h3[data-rule="functions/profile"]) ';
    check('what was agreed to is on', (await text(page, `${row}.state`)).startsWith('On'));
    await press(page, `${row}button[value=withdraw]`);
    check('withdrawn', (await text(page, `${row}.state`)).startsWith('Off: you withdrew'), await text(page, `${row}.state`));
    check('and said so', (await text(page, '.notice')).startsWith('Switched off'));
    await press(page, `${row}button[value=grant]`);
    check('granted', (await text(page, `${row}.state`)).startsWith('On'));
    await press(page, `${row}button[value=withdraw]`);

    // What does not fit is refused in words; what does takes the place of what was held.
    await page.click('details:has(#mend-nickname) summary');
    check('a value to correct stands there', (await page.inputValue('#mend-nickname')) === 'Cat');
    await page.fill('#mend-birth-date', 'in May');
    await press(page, 'form:has(#mend-birth-date) button');
    const why = await text(page, 'main');
    check('what does not fit: said in words', why.includes('does not fit') && why.includes('Nothing was changed'), why);
    await look(browser, page, 'mend-refused');
    await press(page, 'main a');
    check('and it is as it was', (await page.inputValue('#mend-birth-date')) === '1990-05-01');
    await page.click('details:has(#mend-nickname) summary');
    await page.fill('#mend-nickname', '小 Kater & 50%');
    await press(page, 'form:has(#mend-nickname) button');
    check('corrected, and said so', (await text(page, '.notice')).startsWith('Corrected') && (await text(page, 'main')).includes('小 Kater & 50%'));
    check('once', (await page.locator('tr:has(th[data-rule="items/nickname"]), tr:has([data-rule="items/nickname"])').count()) === 1);
    check('the lines say who and what, not the value', /you\s*stored/.test(await text(page, '#lines')) &&
        !(await text(page, '#lines')).includes('Kater'), await text(page, '#lines'));
    check('a verified number is not changed here', (await page.locator('#mend-phone').count()) === 0);

    // One item goes, the others stay.
    await page.click('details:has(button[value=clear]):has(input[value=nickname]) summary');
    await press(page, 'form:has(input[name=item][value=nickname]):has(button[value=clear]) button');
    check('an item is deleted', (await page.locator('th[data-rule="items/nickname"], th:has([data-rule="items/nickname"])').count()) === 0);
    check('others stay', (await text(page, 'main')).includes('Beijing'));

    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[value=copy]')]);
    const copy = JSON.parse(fs.readFileSync(await download.path(), 'utf8'));
    check('the copy has the values', copy.values.some((v) => v.item === 'city' && v.value === 'Beijing') && copy.trail.entries.length > 5);

    await press(page, 'a[lang=zh]');
    check('the page in Chinese', (await text(page, 'h1')).includes('您在'));
    await look(browser, page, 'home-zh');
    await press(page, 'a[lang=en]');

    // A group goes as a whole.
    await page.click('details:has(input[name=group][value=basic]) summary');
    await press(page, 'form:has(input[name=group][value=basic]) button');
    check('a group is deleted', !(await text(page, '#data ~ *, main')).includes('Beijing'));

    await press(page, 'button[value=erase]');
    check('what does not go is told', (await text(page, 'main')).includes('as evidence'));
    await look(browser, page, 'erase');
    await page.click('input[name=sure]');
    await press(page, 'button[value=erase-now]');
    check('erased', (await text(page, 'h1')).includes('deleted') && (await text(page, '.notice')).includes('destroyed'));
    await look(browser, page, 'erased');
    await page.goto(app);
    check('and nobody is signed in', (await page.locator('#address').count()) === 1);
    check('nothing personal in an address', asked.every((u) => !/137001|Cat|kper/.test(u)));
    check('nothing from elsewhere', asked.every((u) => u.startsWith(url)));
    await browser.close();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
})().catch((error) => {
    console.log(`FAILED ${error.stack}`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(1);
});
