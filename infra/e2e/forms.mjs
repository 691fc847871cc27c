// Forms with a question of every type, filled in with the keyboard alone: with
// scripts off and on, at 320 px and at 400 % zoom (1280 px wide seen as 320), in
// the states empty, wrong, long text, 20 rows, rows in rows. Every state is
// judged with axe in light and dark, and nothing may stick out.
//
//   node infra/e2e/forms.mjs ['320, scripts on']
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { axeSource, here, temporary } from './platform.mjs';
import { Report } from './report.mjs';

const report = new Report();
const root = join(here, '..', '..');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** The server of test forms, built and started; gives its address. */
async function serve() {
  const binary = join(temporary(), 'forms');
  execFileSync('go', ['build', '-o', binary, './infra/e2e/forms'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const child = spawn(binary, [join(root, 'shared', 'form', 'testdata')], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill());
  return new Promise((found, lost) => {
    child.stdout.once('data', (d) => found(String(d).trim()));
    child.once('exit', (code) => lost(new Error(`the server of forms ended with ${code}`)));
  });
}

/** Somebody with a keyboard. */
class Typist {
  constructor(page, where) { Object.assign(this, { page, where }); }

  focused() {
    return this.page.evaluate(() => {
      const e = document.activeElement;
      return { id: e.id, name: e.name ?? '', value: e.value ?? '', type: e.type ?? '', tag: e.localName };
    });
  }

  /** Goes on with Tab until wanted has the focus. */
  async to(wanted, what) {
    for (let i = 0; i < 400; i++) {
      const at = await this.focused();
      if (wanted(at)) return at;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${this.where}: ${what} cannot be reached with Tab`);
  }

  async type(id, text) {
    await this.to((e) => e.id === id, id);
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.type(text);
  }

  /** Chooses the n-th radio button of a group, counted from 0, as arrows do. */
  async radio(name, n) {
    await this.to((e) => e.name === name && e.type === 'radio', name);
    await this.page.keyboard.press('Space');
    for (let i = 0; i < n; i++) await this.page.keyboard.press('ArrowDown');
  }

  async tick(id) {
    await this.to((e) => e.id === id, id);
    await this.page.keyboard.press('Space');
  }

  async choose(id, letters) {
    await this.to((e) => e.id === id, id);
    await this.page.keyboard.type(letters);
  }

  /** Presses a button of the page with Enter and waits for the next one. */
  async press(name) {
    await this.to((e) => e.name === name && e.tag === 'button', name);
    const [response] = await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), this.page.keyboard.press('Enter')]);
    return response.status();
  }
}

class Check {
  constructor(browser, base, size, js) { Object.assign(this, { browser, base, size, js, where: `${size.name}, scripts ${js ? 'on' : 'off'}` }); }

  async run() {
    this.context = await this.browser.newContext({ javaScriptEnabled: this.js, locale: 'de-DE', ...this.size.options });
    this.context.setDefaultTimeout(20000);
    this.page = await this.context.newPage();
    this.page.on('pageerror', (e) => report.fail(`${this.where}: script error: ${e.message}`));
    this.page.on('console', (m) => { if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) report.fail(`${this.where}: console: ${m.text()}`); });
    try {
      await this.allTypes();
      await this.matrix();
      if (this.js) await this.script();
    } catch (e) {
      report.fail(`${this.where}: ${e.stack ?? e}`);
    }
    await this.context.close();
    await this.mirror?.close();
  }

  async open(path) {
    await this.page.goto(`${this.base}/types/${path}/${this.size.name}${this.js}`, { waitUntil: 'load' });
    return new Typist(this.page, `${this.where} ${path}`);
  }

  /** Nothing sticks out, and axe finds nothing, light and dark. */
  async judge(state) {
    report.note(`${this.where}, ${state}: after ${report.seconds} s`);
    const where = `${this.where}, ${state}`;
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    report.check(wide <= 0, `${where}: ${wide} px stick out`);
    if (state === 'wrong') {
      const box = await this.page.waitForFunction(() => document.activeElement?.matches('.problems'), null, { timeout: 5000 }).catch(() => null);
      report.check(box, `${where}: the summary of what is wrong has no focus`);
    }
    // At 400 % the page is laid out as at 320 px: axe has seen it then.
    if (this.size.name === 'zoom') return;
    for (const colorScheme of ['light', 'dark']) {
      for (const f of await this.axe(colorScheme)) report.finding(`axe: ${f}`, `${where}, ${colorScheme}`);
      report.check(true);
    }
  }

  /** Axe needs scripts: with scripts off it sees a copy of the page, without ours. */
  async judged(colorScheme) {
    if (this.js) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      return this.page;
    }
    this.mirror ??= await this.browser.newContext({ locale: 'de-DE', ...this.size.options });
    const [page] = [...this.mirror.pages(), await (this.mirror.pages().length ? null : this.mirror.newPage())];
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const body = (await this.page.content()).replace(/<script[^>]*><\/script>/g, '');
    const url = this.page.url().replace(/#.*/, '');
    await page.route(url, (r) => r.fulfill({ contentType: 'text/html; charset=utf-8', body }));
    await page.goto(url, { waitUntil: 'load' });
    await page.unroute(url);
    return page;
  }

  async axe(scheme) {
    const page = await this.judged(scheme);
    const runOnly = scheme === 'light' ? { type: 'tag', values: tags } : { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
    await page.evaluate(`${axeSource};0`);
    return page.evaluate((only) => globalThis.axe.run(document, { runOnly: only, resultTypes: ['violations'] })
      .then((r) => r.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${(n.any[0]?.message ?? v.help).slice(0, 160)}`))), runOnly);
  }

  async allTypes() {
    let t = await this.open('p1');
    await this.judge('empty');
    report.check(await t.press('_send') === 422, `${this.where}: an empty form is refused`);
    await this.judge('wrong');
    await t.type('f-line', 'Donaudampfschifffahrtsgesellschaft'.repeat(12));
    await t.type('f-area', 'ä'.repeat(201));
    await t.type('f-int', '7000');
    report.check(await t.press('_send') === 422, `${this.where}: texts that are too long are refused`);
    await this.judge('long text');
    await t.type('f-line', 'Kurz');
    await t.type('f-area', 'Lang\ngenug');
    await t.type('f-mail', 'amt@musterstadt.example');
    await t.type('f-muni', 'Musterstadt');
    await t.type('f-int', '7');
    await t.type('f-dec', '2,5');
    await t.type('f-day', '1.3.2026');
    await t.type('f-moment', '1.3.2026 9:30');
    await t.type('f-hour', '9:30');
    await t.radio('mark', 3);
    await t.type('f-share', '0,25');
    await this.rows(t);
    await t.radio('radio', 0);
    if (this.js) await t.type('f-what', 'Ein Beirat');
    await t.radio('paint', 1);
    await t.tick('f-paints-2');
    await t.radio('likert', 2);
    await t.choose('f-long', 'Mustertal');
    for (const [i, c] of ['Gr', 'Ro', 'Bl'].entries()) await t.choose(i ? `f-rank-${i + 1}` : 'f-rank', c);
    await t.tick('f-box');
    let status = await t.press('_send');
    if (!this.js) {
      // It is obligatory: the page comes back with it.
      report.check(status === 422 && await this.page.locator('#f-what').isVisible(), `${this.where}: the follow-up question comes after the post, not ${status}`);
      await t.type('f-what', 'Ein Beirat');
      status = await t.press('_send');
    }
    const text = await this.page.locator('main').innerText();
    report.check(status === 200 && await this.page.locator('#done').count() === 1, `${this.where}: the whole form is taken, not ${status}: ${text.slice(0, 400)}`);
    for (const word of ['Ein Beirat', '2,5', 'Mustertal', 'Sitzung 3', 'Leitung', '01.03.2026']) report.check(text.includes(word), `${this.where}: ${word} arrives: ${text.slice(0, 1500)}`);
    t = await this.open('p1');
    await this.judge('filled');
  }

  /** Adds rows, and rows in a row, moves one and removes one. */
  async rows(t) {
    await t.type('f-meeting-0-title', 'Sitzung 1');
    await t.press('_add:meeting[0].person');
    await t.type('f-meeting-0-person-0-function', 'Leitung');
    for (let i = 1; i < 3; i++) {
      await t.press('_add:meeting');
      report.check((await this.page.evaluate(() => location.hash)) === `#f-meeting-${i}`, `${this.where}: a new row is where one goes on`);
      await t.type(`f-meeting-${i}-title`, `Sitzung ${i + 1}`);
    }
    await t.press('_up:meeting:2');
    report.check(await this.page.locator('#f-meeting-1-title').inputValue() === 'Sitzung 3', `${this.where}: a row is moved up`);
    await t.press('_remove:meeting:2');
    report.check(await this.page.locator('#f-meeting-2-title').count() === 0, `${this.where}: a row is removed`);
    if (this.size.name === 'zoom') return;
    for (let i = 2; i < 20; i++) await t.press('_add:meeting');
    report.check(await this.page.locator('[name="_add:meeting"]').count() === 0, `${this.where}: there are twenty rows and no button for more`);
    await this.judge('20 rows');
  }

  async matrix() {
    const t = await this.open('p2');
    await this.judge('matrix');
    report.check(await t.press('_send') === 422, `${this.where}: an empty matrix is refused`);
    await this.judge('wrong');
    for (const [i, name] of ['m1', 'm2', 'm3'].entries()) await t.radio(name, i);
    report.check(await t.press('_send') === 200 && await this.page.locator('#done').count() === 1, `${this.where}: the matrix is filled with arrows`);
  }

  /** What the script does on a fresh page. */
  async script() {
    const { page } = this;
    await page.goto(`${this.base}/types/p1/script${this.size.name}`, { waitUntil: 'load' });
    const t = new Typist(page, `${this.where} script`);
    const live = page.locator('.form-live');
    const says = async (words) => report.check(await page.waitForFunction((w) => document.querySelector('.form-live').textContent === w, words, { timeout: 5000 }).catch(() => null), `${this.where}: the script says „${words}“, not „${await live.textContent()}“`);
    report.check(await live.textContent() === '', `${this.where}: nothing is said on arriving`);
    await t.radio('radio', 1);
    await says('1 weitere Frage');
    report.check((await t.focused()).name === 'radio', `${this.where}: the focus stays`);
    report.check(await page.locator('#f-none').isVisible() && !(await page.locator('#f-whyblue').count()), `${this.where}: the follow-up group is shown, not what depends on it`);
    await t.tick('f-missing-3');
    await t.type('f-whyblue', 'weil');
    await this.judge('follow-up questions');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    report.check(!(await page.locator('#f-whyblue').isVisible()), `${this.where}: a question is hidden again`);
    await says('1 Frage entfällt');
    await page.keyboard.press('Space');
    report.check(await page.locator('#f-whyblue').inputValue() === 'weil', `${this.where}: what was typed is there when a question comes back`);
    const marks = () => page.evaluate(() => [...new FormData(document.querySelector('main form')).keys()].filter((k) => k.startsWith('_shown:')).sort().join(' '));
    report.check(await marks() === '_shown:comfort _shown:missing _shown:whyblue', `${this.where}: the post tells what was shown: ${await marks()}`);
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    const count = () => page.locator('#f-area + .count').innerText();
    report.check((await count()).trim() === '', `${this.where}: while nothing is typed the hint alone tells the length: ${await count()}`);
    await t.type('f-area', '😀\nzwei');
    await says('noch 194 Zeichen');
    report.check(await count() === 'noch 194 Zeichen', `${this.where}: the line below the field counts: ${await count()}`);
    await t.type('f-long-search', 'BERG');
    await says('Treffer: 1');
    report.check((await page.locator('#f-long').innerText()).includes('Musterberg') && (await page.locator('#f-long option').count()) === 2, `${this.where}: the list is searched`);
    await page.keyboard.press('Enter');
    report.check((await t.focused()).id === 'f-long-search', `${this.where}: Enter in the search does not send the page`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    report.check(await page.locator('#f-long').inputValue() === 'p05', `${this.where}: what was found is chosen with the arrows`);
    await this.judge('search');
  }
}

async function run() {
  const base = await serve();
  report.note(`serves after ${report.seconds} s`);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  const sizes = [
    { name: '320', options: { viewport: { width: 320, height: 700 } } },
    { name: 'zoom', options: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 } },
  ];
  const wanted = process.argv[2] ?? '';
  const checks = sizes.flatMap((s) => [true, false].map((js) => new Check(browser, base, s, js)));
  await Promise.all(checks.filter((c) => c.where.includes(wanted)).map((c) => c.run()));
  await browser.close();
}

await run().catch((e) => report.fail(String(e.stack ?? e)));
report.end();
