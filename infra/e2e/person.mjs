// A person at a browser: opens pages, fills in what stands there, presses
// buttons. Every page that comes is looked at by the audit.

import { kind } from './audit.mjs';

const presses = 40;

/** A fault in the walk: says at which step and on which page. */
export class Stuck extends Error {}

export class Person {
  /**
   * @param world {browser, platform, report, audit, place, lang, js}
   * @param options extra options of the browser context
   */
  static async open(world, options = {}) {
    const p = new Person();
    p.world = world;
    p.context = await world.browser.newContext({
      javaScriptEnabled: world.js, locale: world.lang === 'en' ? 'en-GB' : 'de-DE', viewport: { width: 1280, height: 900 }, ...options,
    });
    p.context.setDefaultTimeout(30000);
    p.page = await p.context.newPage();
    p.watch();
    return p;
  }

  close() { return this.context.close(); }

  /** Console errors and requests to other hosts are failures. */
  watch() {
    const { report, platform } = this.world;
    this.context.on('request', (r) => {
      if (!/^(data|blob|about):/.test(r.url()) && !r.url().startsWith(platform.base + '/')) report.fail(`${this.where}: asks a foreign host: ${r.url()}`);
    });
    this.page.on('console', (m) => {
      // Chromium reports the page's own 404 or 422 as an error of the console.
      if (m.type() === 'error' && !(m.text().startsWith('Failed to load resource') && m.location().url === this.page.url())) {
        report.fail(`${this.where}: console: ${m.text()} (${m.location().url})`);
      }
    });
    this.page.on('pageerror', (e) => report.fail(`${this.where}: script error: ${e.message}`));
  }

  get where() { return `${this.world.name} ${this.world.step ?? ''} ${kind(this.path)}`; }
  get path() { return this.page.url().replace(this.world.platform.base, '').replace(/#.*/, ''); }

  stuck(what) { return new Stuck(`${this.where} (${this.status}): ${what}`); }

  async goto(path) {
    const url = path.startsWith('/') ? this.world.platform.base + path : path;
    return this.arrived(await this.page.goto(url, { waitUntil: 'load' }));
  }

  /** Does something that leaves the page, and waits for the next one. */
  async leaving(act) {
    const [response] = await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), act()]);
    return this.arrived(response);
  }

  async arrived(response) {
    if (!response) return this;
    this.status = response.status();
    this.body = await response.text();
    this.headers = response.headers();
    await this.world.audit.see(this);
    return this;
  }

  main(selector) { return this.page.locator('main').locator(selector); }
  async text(selector = 'main') { return (await this.page.locator(selector).first().innerText()).replace(/\s+/g, ' ').trim(); }
  async has(text) { return (await this.text()).includes(text); }
  async title() { return this.page.title(); }

  /** Follows a link whose address contains part. */
  async follow(part, scope = 'body') {
    const link = this.page.locator(`${scope} a[href*="${part}"]`).first();
    if (!(await link.count())) throw this.stuck(`no link to ${part}`);
    return this.leaving(() => link.click());
  }

  async links(part, scope = 'main') {
    return this.page.locator(`${scope} a[href*="${part}"]`).evaluateAll((all) => [...new Set(all.map((a) => a.getAttribute('href')))]);
  }

  /** The form that has a field or button of that name, or whose action contains it; '' is the first one. */
  async form(part) {
    const at = await this.page.evaluate((part) => [...document.querySelectorAll('main form')].findIndex((f) => !part
      || (f.getAttribute('action') ?? '').includes(part) || [...f.elements].some((e) => e.name === part)), part);
    return at < 0 ? null : this.page.locator('main form').nth(at);
  }

  /** What can be filled in in a form. */
  fields(form) {
    return form.evaluate((f) => [...f.elements].filter((e) => e.name && !['submit', 'button', 'hidden', 'fieldset'].includes(e.type) && !e.closest('[hidden]')).map((e) => ({
      name: e.name, type: e.type, value: e.value, checked: e.checked ?? false, id: e.id,
    })));
  }

  /** Types entries into a form as far as it has the fields, and gives the names that it lacks. */
  async fill(form, entries) {
    let fields = await this.fields(form);
    const lacking = [];
    for (const [name, value] of Object.entries(this.flat(entries))) {
      // With scripts, an answer shows and hides others.
      if (this.world.js) fields = await this.fields(form);
      const own = fields.filter((f) => f.name === name);
      if (!own.length) lacking.push(name);
      else await this.type(own, value, form);
    }
    return lacking;
  }

  /** Rows become name[0].child; texts get today's date and the place. */
  flat(entries) {
    const out = {};
    for (const [name, value] of Object.entries(entries ?? {})) {
      if (Array.isArray(value) && typeof value[0] === 'object') {
        value.forEach((row, i) => Object.entries(row).forEach(([child, v]) => { out[`${name}[${i}].${child}`] = this.typed(v); }));
      } else if (Array.isArray(value)) out[name] = value.map(String);
      else out[name] = this.typed(value);
    }
    return out;
  }

  typed(value) {
    const { place, platform } = this.world;
    return String(value).replaceAll('{slug}', place.slug).replaceAll('{name}', place.name)
      .replaceAll('{addresses}', place.invited.join('\n'))
      .replace(/^\{today([+-]\d+)?\}$/, (_, days) => day(new Date(platform.now.getTime() + Number(days ?? 0) * 86400e3)));
  }

  async type(own, value, form) {
    const control = (f) => form.locator(`[id="${f.id}"]`);
    const click = (f) => tick(form, f.id); // people press the words beside it
    const [first] = own;
    if (first.type === 'radio') {
      const chosen = own.find((f) => f.value === value);
      if (!chosen) throw this.stuck(`${first.name} offers ${own.map((f) => f.value)}, not ${value}`);
      if (!chosen.checked) await click(chosen);
    } else if (first.type === 'checkbox') {
      const wanted = [value].flat();
      const strange = wanted.find((v) => !own.some((f) => f.value === v));
      if (strange !== undefined) throw this.stuck(`${first.name} offers ${own.map((f) => f.value)}, not ${strange}`);
      for (const f of own) if (f.checked !== wanted.includes(f.value)) await click(f);
    } else if (first.type === 'select-one') {
      if (first.value !== value) await control(first).selectOption(value);
    } else if (first.value.replaceAll('\r', '') !== value) await control(first).fill(value);
  }

  /** Presses a button of a form by its name, or its first visible one. */
  async press(form, name) {
    const button = name ? form.locator(`button[name="${name}"]`).first() : form.locator('button[type=submit]:not(.default-submit), button:not([type]):not(.default-submit)').first();
    if (!(await button.count())) throw this.stuck(`no button ${name}`);
    return this.leaving(() => button.click());
  }

  /** Fills a form in, adds rows, answers what appears, confirms warnings, and presses until the page is left. */
  async complete(part, button, entries) {
    for (let i = 0; i < presses; i++) {
      const form = await this.form(part);
      if (!form) throw this.stuck(`no form ${part}: ${(await this.text()).slice(0, 500)}`);
      const lacking = await this.fill(form, entries);
      for (const f of await this.fields(form)) if (f.name.startsWith('_confirm:') && !f.checked) await tick(form, f.id);
      const row = await this.missingRow(form, lacking);
      const before = { path: this.path, body: this.body };
      await this.press(form, row ?? button);
      if (this.status === 200 && !row && (this.path !== before.path || !(await this.form(part)))) return this;
      if (this.status !== 200 && this.status !== 422) throw this.stuck(await this.text());
      if (!row && this.body === before.body) throw this.stuck(`refuses: ${(await this.text()).slice(0, 900)}`);
    }
    throw this.stuck(`is not left after ${presses} presses: ${(await this.text()).slice(0, 900)}`);
  }

  async missingRow(form, lacking) {
    for (const name of lacking.filter((n) => n.includes('[')).sort()) {
      const add = `_add:${name.split('[')[0]}`;
      if (await form.locator(`button[name="${add}"]`).count()) return add;
    }
    return null;
  }

  /** What is typed in a form at present, by name. */
  async entries(form) {
    const out = {};
    for (const f of await this.fields(form)) {
      if (['radio', 'checkbox'].includes(f.type)) { if (f.checked) out[f.name] = [...(out[f.name] ?? []), f.value]; } else out[f.name] = f.value;
    }
    return out;
  }

  /** The page refuses: 422, says so in its title, and the summary leads to the fields; the audit sees to its focus. */
  async refuses(what) {
    const { report } = this.world;
    report.check(this.status === 422, `${this.where}: ${what}: answers 422, not ${this.status}`);
    const faults = this.page.locator('main .problems').first();
    if (!(await faults.count())) return report.fail(`${this.where}: ${what}: no summary of what is wrong`);
    const prefix = this.path.startsWith('/en/') ? 'Error:' : 'Fehler:';
    report.check((await this.title()).startsWith(prefix), `${this.where}: ${what}: the title begins with ${prefix}, not ${await this.title()}`);
    const dead = await faults.locator('a').evaluateAll((all) => all.map((a) => a.getAttribute('href')).filter((h) => h.startsWith('#') && !document.getElementById(h.slice(1))));
    return report.check(!dead.length, `${this.where}: ${what}: links of the summary that lead nowhere: ${dead}`);
  }
}

/** Chooses a radio button or checkbox by its label. */
export const tick = (form, id) => form.locator(`label[for="${id}"]`).click();

/** TT.MM.JJJJ in Berlin. */
export function day(t) {
  return t.toLocaleDateString('de-DE', { timeZone: 'Europe/Berlin', day: '2-digit', month: '2-digit', year: 'numeric' });
}
