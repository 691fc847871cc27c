// The expression of interest, as a municipality fills it in.
import { codeOf, linksOf } from './platform.mjs';
import { Person } from './person.mjs';
import { scan } from './scanner.mjs';

const legal = ['/impressum', '/datenschutz', '/barrierefreiheit', '/leichte-sprache', '/kontakt'];

const prefixOf = (world) => (world.lang === 'en' ? '/en' : '');

/** Answers a question of the service office: by its mail's link and code, and sends again. */
export async function answerQuestion(world, question) {
  const { report, platform, place } = world;
  await platform.settle();
  const letter = await platform.newest(place.address('amt'), '/interessenbekundung/');
  const [link] = linksOf(letter, '/interessenbekundung/');
  report.check(!letter.text.includes(question) && !letter.html.includes(question), `${world.name} ${world.step}: the mail does not hold the question`);
  if (world.scans) await scan(world, link, 'the question', [question, place.intake.conflict_title]);
  const p = await Person.open(world);
  await p.goto(link);
  await p.fill(await p.form('code'), { code: codeOf(letter) });
  await p.press(await p.form('code'));
  report.check(await p.has(question), `${p.where}: the code shows the question: ${(await p.text()).slice(0, 300)}`);
  await p.follow('/s5', 'main');
  await p.complete('_next', '_next', { ...place.intake, missing_voices: 'Auch die Eltern der Jugendlichen.' });
  await p.goto(p.path.replace(/s6$/, 'pruefen'));
  report.check(await p.has('Auch die Eltern'), `${p.where}: the correction stands on the check page`);
  await p.press(await p.form('pruefen'));
  report.check(p.status === 200 && await p.has(world.no), `${p.where}: sending again is thanked for: ${(await p.text()).slice(0, 300)}`);
  await p.close();
}

/** From the start page to the number of the case. */
export async function apply(world) {
  const { report } = world;
  let p = await Person.open(world);
  world.step = 'start';
  await start(world, p);
  world.step = 'search';
  await find(world, p);
  world.step = 'sections';
  p = await sections(world, p);
  if (world.thorough) {
    world.step = 'twenty rows';
    await crowded(world);
  }
  world.step = 'check';
  report.check(await p.has(world.place.name) && await p.has('Anwohnerinitiative Altstadt'), `${p.where}: the check page shows what was entered`);
  const form = await p.form('pruefen');
  await p.press(form);
  world.step = 'confirm';
  const no = await confirm(world, p);
  await p.close();
  return no;
}

async function start(world, p) {
  const prefix = prefixOf(world);
  await p.goto('/');
  if (prefix) await p.follow('/en/', 'header');
  for (const path of legal) {
    await p.follow(prefix + path, 'footer');
    world.report.check(p.status === 200, `${p.where}: the footer's page ${path} opens`);
  }
  await p.goto(`${prefix}/barrierefreiheit`);
  await p.press(await p.form('problem'));
  await p.refuses('an empty report of a barrier');
  await p.complete('problem', null, { page: 'Startseite', problem: 'Der Text ist zu blass.' });
  await p.goto(`${prefix}/gibt-es-nicht`);
  world.report.check(p.status === 404, `${p.where}: an unknown page answers 404, not ${p.status}`);
  await p.goto(`${prefix}/`);
  await p.follow('/interessenbekundung', 'main');
}

async function find(world, p) {
  const search = async (text) => {
    await p.page.fill('#q', text);
    await p.press(await p.form('q'));
  };
  await search('Nirgendwo an der Nirgends');
  world.report.check(p.status === 200 && !(await p.main('input[name=muni_key]').count()), `${p.where}: a search without a hit says so`);
  await search('Muster');
  const hits = await p.main('input[name=muni_key]').count();
  world.report.check(hits > 1, `${p.where}: a search for a part of a name gives several places, not ${hits}`);
  await p.press(await p.form('muni_key'));
  await p.refuses('going on without choosing a municipality');
  await search('Musterstadt');
  await p.complete('muni_key', null, { muni_key: world.place.key });
}

/** Wrong entries that are tried before the right ones, by section. */
const wrong = {
  s2: { contact_email: 'keine-adresse' },
  s4: { conflict_summary: 'Zu kurz.', since: 'irgendwann' },
  s10: { notice_ack: [] },
};

async function sections(world, p) {
  const names = [];
  while (!p.path.endsWith('/pruefen')) {
    const at = p.path;
    const name = at.split('/').pop();
    names.push(name);
    if (wrong[name]) await mistake(world, p, wrong[name]);
    if (name === 's5') await rows(world, p);
    if (name === 's9' && world.js) await byKeyboard(world, p);
    if (p.path === at) await p.complete('_next', '_next', world.place.intake);
    if (p.path === at) throw p.stuck(`the page after ${at} is itself`);
    if (name === 's6') p = await later(world, p);
  }
  world.report.check(names.length === 10, `${world.name}: the expression of interest has ten sections, not ${names}`);
  return p;
}

/** A wrong entry: refused, and what was typed is kept. */
async function mistake(world, p, entries) {
  let form = await p.form('_next');
  await p.fill(form, { ...world.place.intake, ...entries });
  const typed = await p.entries(form);
  await p.press(form, '_next');
  await p.refuses(`wrong entries ${Object.keys(entries)}`);
  form = await p.form('_next');
  const kept = await p.entries(form);
  const lost = Object.keys(typed).filter((n) => JSON.stringify(kept[n]) !== JSON.stringify(typed[n]));
  world.report.check(!lost.length, `${p.where}: after a wrong entry these are not kept: ${lost.map((n) => `${n}: ${typed[n]} -> ${kept[n]}`)}`);
  const link = p.main('.problems a').first();
  await link.click();
  const at = await p.page.evaluate(() => location.hash && document.getElementById(location.hash.slice(1))?.getBoundingClientRect().top);
  world.report.check(typeof at === 'number' && at >= -1 && at < 900, `${p.where}: the summary's link leads to the field`);
}

/** Adds a row that is not wanted and takes it away again; the others stay. */
async function rows(world, p) {
  const count = () => p.main('[name$=".actor_label"]').count();
  const fill = async () => { const f = await p.form('_next'); return [f, await p.fill(f, world.place.intake)]; };
  let [form, lacking] = await fill();
  for (let row = await p.missingRow(form, lacking); row; row = await p.missingRow(form, lacking)) {
    await p.press(form, row);
    [form, lacking] = await fill();
  }
  const before = await count();
  if (!before) return world.report.fail(`${p.where}: no rows of actors to add to`);
  await p.press(form, '_add:actors');
  world.report.check(await count() === before + 1, `${p.where}: a row is added`);
  const focused = await p.page.evaluate(() => document.activeElement?.id || location.hash);
  world.report.check(focused.includes(`actors-${before}`), `${p.where}: after adding a row one is at that row, not at ${focused || 'the start of the page'}`);
  form = await p.form('_next');
  await p.fill(form, { actors: world.place.intake.actors.map((a, i) => (i === 1 ? { ...a, actor_label: 'kommt weg' } : a)) });
  await p.press(form, '_remove:actors:1');
  form = await p.form('_next');
  const left = await p.entries(form);
  world.report.check(await count() === before && !Object.values(left).includes('kommt weg') && Object.values(left).includes('Gewerbeverein'), `${p.where}: the row that was to go is removed, the others stay: ${JSON.stringify(left).slice(0, 400)}`);
  await p.press(form, '_add:actors');
  return p;
}

/** A list at its limit, with long words, in every state: it still fits a phone. */
async function crowded(world) {
  const p = await Person.open(world);
  await p.goto(`${prefixOf(world)}/interessenbekundung?q=${encodeURIComponent(world.place.name)}`);
  await p.complete('muni_key', null, { muni_key: world.place.key });
  await p.goto(p.path.replace(/s1$/, 's5'));
  const rows = () => p.main('[name$=".actor_label"]').count();
  while (await rows() < 40 && await p.main('button[name="_add:actors"]').count()) await p.press(await p.form('_next'), '_add:actors');
  world.report.check(await rows() === 20, `${p.where}: a list takes its twenty rows, not ${await rows()}`);
  await p.fill(await p.form('_next'), { 'actors[0].actor_label': 'Straßenbahnhaltestellenanwohnendeninteressengemeinschaft'.repeat(2), missing_voices: 'x'.repeat(600) });
  await p.press(await p.form('_next'), '_next');
  await world.audit.see(p, 'twenty rows');
  await p.refuses('twenty rows of which nineteen are empty');
  await p.goto(p.path.replace(/s5$/, 'pruefen'));
  await world.audit.see(p, 'long words');
  await p.close();
}

/** Fills a section in by keyboard alone, and goes on with Enter. */
async function byKeyboard(world, p) {
  const at = p.path;
  const wanted = p.flat(world.place.intake);
  const reached = new Set();
  await p.page.evaluate(() => document.querySelector('h1').scrollIntoView());
  for (let i = 0; i < 120; i++) {
    await p.page.keyboard.press('Tab');
    const f = await p.page.evaluate(() => {
      const e = document.activeElement;
      const s = getComputedStyle(e);
      return { name: e.name, type: e.type, value: e.value, checked: e.checked, tag: e.tagName, seen: s.outlineStyle !== 'none' || s.boxShadow !== 'none' };
    });
    world.report.check(f.seen, `${p.where}: ${f.tag} ${f.name} shows its focus`);
    if (f.name === '_next') break;
    if (!(f.name in wanted)) continue;
    reached.add(f.name);
    if (f.type === 'radio') await choose(p, f, wanted[f.name]);
    else if (f.type === 'checkbox') { if ([wanted[f.name]].flat().includes(f.value) !== f.checked) await p.page.keyboard.press('Space'); } else {
      await p.page.keyboard.press('Control+a');
      await p.page.keyboard.insertText(wanted[f.name]);
    }
  }
  world.report.check(reached.size > 3, `${p.where}: Tab reaches the fields: ${[...reached]}`);
  await p.page.focus('main [name=staff_fte]');
  await p.leaving(() => p.page.keyboard.press('Enter'));
  world.report.check(p.path !== at && p.status === 200, `${p.where}: a section filled in by keyboard is left with Enter: ${(await p.text()).slice(0, 300)}`);
}

async function choose(p, f, value) {
  for (let i = 0; i < 20; i++) {
    const now = await p.page.evaluate(() => ({ value: document.activeElement.value, checked: document.activeElement.checked }));
    if (now.value === value) { if (!now.checked) await p.page.keyboard.press('Space'); return; }
    await p.page.keyboard.press('ArrowDown');
  }
}

/** Saves for later, and goes on in another browser by the mailed link and code. */
async function later(world, p) {
  const { report, platform, place } = world;
  const section = p.path;
  await p.press(await p.form('_later'), '_later');
  const address = place.address('amt');
  await p.page.fill('#email', 'amt');
  await p.press(await p.form('email'));
  await p.refuses('an address to mail the link to that is none');
  await p.page.fill('#email', address);
  await p.press(await p.form('email'));
  await platform.settle();
  const letter = await platform.newest(address, '/interessenbekundung/');
  const [link] = linksOf(letter, '/interessenbekundung/');
  if (world.scans) await scan(world, link, 'the draft', ['Anwohnerinitiative', place.intake.conflict_title]);
  const other = await Person.open(world);
  await other.goto(link);
  report.check(!(await other.has('Anwohnerinitiative')), `${other.where}: before the code nothing of the draft is shown`);
  let form = await other.form('code');
  await other.fill(form, { code: '000000' });
  await other.press(form);
  await other.refuses('a wrong code');
  form = await other.form('code');
  await other.fill(form, { code: codeOf(letter) });
  await other.press(form);
  report.check(other.status === 200, `${other.where}: the code opens the draft`);
  await other.follow(section.split('/').pop());
  await other.page.goBack();
  await other.follow('/s5');
  const kept = await other.entries(await other.form('_next'));
  report.check(Object.values(kept).includes('Anwohnerinitiative Altstadt'), `${other.where}: what was saved is there in another browser: ${JSON.stringify(kept).slice(0, 300)}`);
  await other.goto(section);
  await p.close();
  return other;
}

async function confirm(world, p) {
  const { report, platform, place } = world;
  await platform.settle();
  const letter = await platform.newest(place.address('amt'), '/bestaetigen');
  const [link] = linksOf(letter, '/bestaetigen');
  if (world.scans) await scan(world, link, 'the confirmation', ['Anwohnerinitiative', place.intake.conflict_title]);
  await p.goto(link);
  let form = await p.form('code');
  await p.fill(form, { code: '12' });
  await p.press(form);
  await p.refuses('half a code');
  form = await p.form('code');
  await p.fill(form, { code: codeOf(letter) });
  await p.press(form);
  const no = (await p.text()).match(/KK-[\w-]*\w/)?.[0];
  report.check(p.status === 200 && no, `${p.where}: confirming gives the number of the case: ${(await p.text()).slice(0, 300)}`);
  if (!no) throw p.stuck('no case number');
  await p.follow('/pruefen');
  await p.goto(link);
  report.check(p.status === 200 && await p.has(no), `${p.where}: the link still shows the number afterwards`);
  return no;
}
