// Looks at every kind of page once: accessibility rules, width of a phone,
// language, leftovers of templates, pictures. The thorough walk's pages are
// judged light and dark, wide and narrow; those of the other one, which are the
// same in another language, in light, and whether they fit a phone. It works on copies of the pages
// in browsers of its own, beside the walk, so that also pages that came by a
// post with scripts off are judged with axe, which needs scripts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { axeSource, here } from './platform.mjs';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const leftovers = /⟦|<no value>|%!|\{\{|\(MISSING\)|\bundefined\b|\bNaN\b|\b(account|evaluation|form|intake|local|mail|survey|web|workflow)\.[a-z]+(\.[a-z]+)*\b/;

const pause = () => new Promise((done) => setTimeout(done, 50));

/** The pages that a person looks at: pictures are taken of these, or with SHOTS=all of all. */
const key = /-(001|interessenbekundung-(inter|id-s[15]-|id-s5.*rows|id-s4|id-pruefen)|anmelden|aufgaben|vorgaenge-(v|id-(m|pause|schritte-o02))|b-token-(bef|hand|zu)|auswertung|befragungen|s-token-(422-)?(koop|akt|aus|fertig|404|weiter))/;

/** Whether the summary of what is wrong has focus: the browser gives it with the first picture of the page. */
async function focused(page) {
  for (let i = 0; i < 20; i++) {
    if (await page.evaluate(() => document.activeElement?.matches('.problems'))) return true;
    await pause();
  }
  return false;
}

/** Names a page by what it is, not whose it is. */
export function kind(path) {
  return path.replace(/\?.*|#.*/, '')
    .replace(/\/(s|b)\/(o\/)?[^/]+/, '/$1/$2TOKEN')
    .replace(/\/(interessenbekundung|auswertung|befragungen|interessenbekundungen)\/[^/]+/, '/$1/ID')
    .replace(/\/vorgaenge\/(?!prozess)[^/]+/, '/vorgaenge/ID')
    .replace(/\/kommunen\/[^/]+/, '/kommunen/KEY')
    .replace(/\/local\/mail\/\d+/, '/local/mail/N');
}

export class Audit {
  constructor(report) {
    this.report = report;
    this.seen = new Map();
    this.queue = [];
    this.judged = 0;
    this.shots = join(here, 'shots');
    mkdirSync(this.shots, { recursive: true });
  }

  /** Takes note of the page that a person has before them. */
  async see(person, state = '') {
    const { world } = person;
    if (!(person.headers['content-type'] ?? '').startsWith('text/html')) return;
    const facts = await person.page.evaluate(() => ({
      lang: document.documentElement.lang, h1: document.querySelector('h1')?.innerText ?? '', notices: document.querySelectorAll('main .notice, main .problems').length,
    }));
    if (await person.page.locator('main .problems[role=alert]').count()) facts.unfocused = !(await focused(person.page));
    const lang = person.path.startsWith('/en/') || person.path === '/en' ? 'en' : 'de';
    const heading = facts.h1.replace(/KK-\S+/g, 'NO');
    // A notice above a page that was judged without it is judged once for a kind of page.
    const what = facts.notices && person.status === 200 ? 'notice' : heading;
    const name = `${world.name} ${kind(person.path)} ${person.status} ${what} ${state}`;
    if (this.seen.has(name)) return;
    this.seen.set(name, person.path);
    const where = `${world.name} ${world.step} ${kind(person.path)} (${[person.status, heading, state].filter(Boolean).join(', ')})`;
    this.report.check(facts.lang === lang, `${where}: lang is ${facts.lang}, not ${lang}`);
    const text = (await person.text('body')).replaceAll('mail.json', '');
    this.report.check(!leftovers.test(text), `${where}: leftovers of a template: ${text.match(new RegExp(`.{0,60}(${leftovers.source}).{0,60}`))?.[0]}`);
    this.report.check(!facts.unfocused, `${where}: what is wrong stands there, but has no focus`);
    const copy = { where, url: person.page.url(), body: person.body, thorough: world.thorough, file: this.file(world, person, `${heading} ${state}`) };
    copy.shot = process.env.SHOTS === 'all' || (world.thorough && key.test(copy.file));
    this.queue.push(copy);
  }

  file(world, person, what) {
    const words = `${kind(person.path)} ${person.status === 200 ? '' : person.status} ${what}`.toLowerCase()
      .replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue').replaceAll('ß', 'ss').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
    world.looks = (world.looks ?? 0) + 1;
    return `${world.name}-${String(world.looks).padStart(3, '0')}-${words.slice(0, 70)}`;
  }

  /** Judges what was seen until done() was called and the queue is empty. */
  async work(browser) {
    const sizes = [
      { name: 'desktop', both: true, viewport: { width: 1280, height: 900 }, colorScheme: 'light', rules: { type: 'tag', values: tags } },
      { name: 'dark', viewport: { width: 1280, height: 900 }, colorScheme: 'dark', rules: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } },
      { name: '320', both: true, viewport: { width: 320, height: 700 }, colorScheme: 'dark', rules: { type: 'tag', values: tags } },
    ];
    for (const s of sizes) {
      const context = await browser.newContext({ viewport: s.viewport, colorScheme: s.colorScheme, reducedMotion: 'reduce' });
      await context.addInitScript({ content: axeSource });
      s.page = await context.newPage();
    }
    while (!this.finished || this.queue.length) {
      const [copy] = this.queue;
      if (!copy) {
        await pause();
        continue;
      }
      for (const s of sizes) if (s.both || copy.thorough) await this.judge(s, copy);
      this.judged++;
      this.queue.shift();
    }
    for (const s of sizes) await s.page.context().close();
  }

  /** Waits until everything seen so far is judged: the copies take the style sheet from their platform. */
  async caughtUp() {
    while (this.queue.length) await pause();
  }

  done() { this.finished = true; }

  async judge(size, copy) {
    const { page } = size;
    await page.route(copy.url, (r) => r.fulfill({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: copy.body }));
    try {
      await page.goto(copy.url, { waitUntil: 'load' });
      // At 320 px whatever can be opened is open.
      if (size.name === '320') await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
      if (size.name === '320') await this.narrow(page, copy);
      const found = size.name === '320' && !copy.thorough ? [] : await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] })
        .then((r) => r.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ').replace(/:nth-child\(\d+\)/g, '')}: ${(n.any[0]?.message ?? v.help).slice(0, 160)}`))), size.rules);
      this.report.check(true);
      for (const f of found) this.report.finding(`axe: ${f}`, `${copy.where}, ${size.name}`);
      if (size.name === 'desktop') writeFileSync(join(this.shots, `${copy.file}.txt`), await page.evaluate(() => document.querySelector('main').innerText));
      if (copy.shot) await page.screenshot({ path: join(this.shots, `${copy.file}-${size.name}.png`), fullPage: true });
    } catch (e) {
      this.report.fail(`${copy.where}, ${size.name}: cannot be judged: ${e.message}`);
    } finally {
      await page.unroute(copy.url);
    }
  }

  /** Nothing may stick out at 320 px, but what scrolls by itself. */
  async narrow(page, copy) {
    const out = await page.evaluate(() => {
      const wide = document.documentElement.scrollWidth;
      if (wide <= 320) return '';
      const scrolls = (e) => e && e !== document.body && (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
      const worst = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > 321 && !scrolls(e.parentElement))
        .slice(0, 3).map((e) => `${e.tagName.toLowerCase()}.${e.className} to ${Math.round(e.getBoundingClientRect().right)}`);
      return `${wide} px wide at 320: ${worst.join(', ')}`;
    });
    if (out) this.report.finding(out, copy.where);
  }
}
