// The baseline survey, answered through its links.
import { linksOf } from './platform.mjs';
import { Person, tick } from './person.mjs';
import { scan } from './scanner.mjs';

/** Which choice a voice takes: the middle and upper ones more often. */
function choose(values, seed) {
  let h = 2166136261;
  for (const c of seed) h = Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0;
  const n = (h >>> 8) % 100;
  const at = [8, 26, 58, 86, 96].findIndex((upTo, i) => n < upTo && i < values.length);
  return values[at < 0 ? values.length - 1 : at];
}

/** The personal links that were mailed to the invited. */
export async function invitations(world) {
  const out = [];
  for (const to of world.place.invited) {
    for (const letter of await world.platform.mails(to)) {
      const [link] = linksOf(letter, '/b/');
      if (link) { out.push({ to, link }); break; }
    }
  }
  return out;
}

/** Answers one survey; the careful one also goes back, switches the language and leaves a page empty. */
export async function answer(world, { to, link }, careful) {
  const { report } = world;
  const p = await Person.open(world);
  await p.goto(link);
  if (careful && world.scans) {
    await scan(world, link, 'the survey');
    await p.goto(link);
  }
  if (p.status !== 200) throw p.stuck(`the invitation does not open: ${await p.text()}`);
  for (let page = 0; page < 30; page++) {
    let form = await p.form('_go');
    if (!form) throw p.stuck(await p.text());
    const go = await form.locator('button[name=_go]').evaluateAll((all) => all.map((b) => b.value));
    const way = go.includes('start') ? 'start' : go.includes('send') ? 'send' : 'next';
    if (careful && page === 1) form = await backAndForth(world, p);
    await pick(form, to, careful);
    await p.leaving(() => form.locator(`button[name=_go][value=${way}]`).click());
    if (p.status !== 200) throw p.stuck(`the survey answered ${p.status}: ${(await p.text()).slice(0, 300)}`);
    if (way === 'send') break;
  }
  report.check(!(await p.form('_go')), `${p.where}: the survey ends with thanks`);
  if (careful) {
    await p.goto(link);
    report.check(p.status === 404, `${p.where}: a link that was used answers 404, not ${p.status}`);
  }
  await p.close();
}

/** Chooses an answer for every question of a page: by clicking, or at once. */
async function pick(form, voice, clicking = true) {
  const fields = await form.evaluate((f) => [...f.elements].filter((e) => e.type === 'radio' || e.type === 'select-one').map((e) => ({ name: e.name, id: e.id, type: e.type, values: e.type === 'radio' ? [e.value] : [...e.options].map((o) => o.value).filter(Boolean) })));
  const chosen = [];
  for (const name of new Set(fields.map((f) => f.name))) {
    const own = fields.filter((f) => f.name === name);
    const value = choose(own.flatMap((f) => f.values), voice + name);
    chosen.push([own.find((f) => f.values.includes(value)), value]);
  }
  if (!clicking) {
    return form.evaluate((_, all) => all.forEach(([f, value]) => { const e = document.getElementById(f.id); if (f.type === 'radio') e.checked = true; else e.value = value; }), chosen);
  }
  for (const [f, value] of chosen) {
    if (f.type === 'radio') await tick(form, f.id);
    else await form.locator(`[id="${f.id}"]`).selectOption(value);
  }
  return null;
}

/** On the first page: next and back keep the answers, and so does the other language. */
async function backAndForth(world, p) {
  const { report } = world;
  const press = async (value) => {
    const form = await p.form('_go');
    await p.leaving(() => form.locator(`button[name=_go][value=${value}]`).first().click());
    return p.form('_go');
  };
  await pick(await p.form('_go'), 'x');
  const typed = JSON.stringify(await p.entries(await p.form('_go')));
  const heading = await p.text('h1');
  await press('next');
  await press('back');
  report.check(JSON.stringify(await p.entries(await p.form('_go'))) === typed, `${p.where}: going back keeps the answers`);
  await press('stay');
  report.check(await p.text('h1') !== heading && JSON.stringify(await p.entries(await p.form('_go'))) === typed, `${p.where}: the other language keeps the answers`);
  await press('stay');
  report.check(await p.text('h1') === heading, `${p.where}: back in the first language`);
  return p.form('_go');
}
