// The walk in a browser: a municipality's case from the start page to the end of
// the analysis, once with scripts off and in German, once with scripts on and in
// English, and what a mail scanner does with the links; then the desk over the
// fictional cohort. Every kind of page is judged on the way. Pictures and texts go
// to shots/.
//
//   node infra/e2e/walk.mjs [off] [on] [demo]
//
// KOKOMA_LOCAL names a binary of infra/local to use instead of building one.
import { chromium } from 'playwright-core';
import { Audit } from './audit.mjs';
import { apply } from './apply.mjs';
import { build, cohort, linksOf, Platform, temporary } from './platform.mjs';
import { Report } from './report.mjs';
import { scan } from './scanner.mjs';
import { actions, desk, doAtDesk, doByMail, readDecision } from './steps.mjs';
import { answer, invitations } from './survey.mjs';

const report = new Report();

/** A place of the cohort as in infra/walk. */
function placeOf(name, intake = {}) {
  const found = cohort.places.find((p) => p.name === name);
  const address = (box) => `${box}@${found.slug}.example`;
  return {
    ...found, address,
    invited: ['verwaltung', 'rat', 'verein'].flatMap((s) => [1, 2, 3, 4].map((n) => address(`${s}${n}`))),
    intake: {
      ...cohort.common.intake, ...found.intake, contact_email: address('amt'), deputy_email: address('vertretung'), kuf_email: address('fachstelle'), ...intake,
    },
  };
}

async function walk(world, last) {
  const { platform } = world;
  world.no = await apply(world);
  report.note(`${world.name}: case ${world.no} after ${report.seconds} s`);
  for (const turn of cohort.order) {
    world.step = turn.step;
    const extra = { scanned: world.js || afterSurvey(turn), handedOver: turn.step === 'A09', unlocked: ['A01', 'A10'].includes(turn.step) };
    await (turn.box ? doByMail(world, turn, extra) : doAtDesk(world, turn, { asksBack: world.js && turn.step === 'O02' }));
    report.note(`${world.name}: ${turn.step} done after ${report.seconds} s`);
    if (turn.step === 'A06') await survey(world);
    if (turn.step === last) break;
    await platform.turn(30);
  }
  await overviews(world, last);
}

/** Steps that only the longer walk does. */
const afterSurvey = (turn) => cohort.order.indexOf(turn) > cohort.order.findIndex((t) => t.step === 'A06');

async function survey(world) {
  world.step = 'survey';
  let invited = [];
  for (let i = 0; i < 10 && invited.length < 12; i++) {
    await world.platform.turn(24);
    invited = await invitations(world);
  }
  report.check(invited.length === 12, `${world.name}: twelve are invited, not ${invited.length}`);
  for (const [i, one] of invited.slice(0, 8).entries()) await answer(world, one, i === 0);
  let p = await desk(world, '/auswertung');
  report.check(!(await p.has(world.place.name)), `${p.where}: nothing is shown while the survey runs`);
  await desk(world, '/befragungen');
  await world.desk.follow('/befragungen/', 'main');
  await world.platform.turn(25 * 24);
  world.step = 'results';
  p = await desk(world, '/auswertung');
  await p.follow('/auswertung/', 'main');
  const charts = await p.main('svg').count();
  report.check(charts > 5, `${p.where}: the results have charts, not ${charts}`);
  const table = await p.main('table').first().innerText();
  report.check(/\d+[,.]\d/.test(table), `${p.where}: the results have indices: ${table.slice(0, 300)}`);
  const nameless = await p.main('svg').evaluateAll((all) => all.filter((s) => !(s.getAttribute('aria-label') || s.getAttribute('aria-labelledby') || s.querySelector('title'))).length);
  report.check(!nameless, `${p.where}: ${nameless} charts without a name`);
}

/** The desk's pages, and the milestones of the case. */
async function overviews(world, last) {
  world.step = 'desk';
  for (const path of ['/aufgaben', '/vorgaenge', '/kommunen', '/befragungen', '/auswertung', '/verwaltung', '/barrierefreiheit/meldungen', '/abmelden', '/local/mail', '/local/clock']) {
    const p = await desk(world, path);
    report.check(p.status === 200, `${p.where}: opens, not ${p.status}`);
  }
  await desk(world, '/local/mail');
  await world.desk.follow('/local/mail/', 'main');
  const p = await desk(world, '/vorgaenge');
  await p.follow('/vorgaenge/', 'main table');
  const one = p.path;
  report.check(await p.has(world.no), `${p.where}: the case's page names its number`);
  if (last === 'A12') {
    for (const m of ['M0', 'M1', 'M2']) {
      const line = await p.main('li').filter({ hasText: new RegExp(`^${m} `) }).first().innerText().catch(() => '');
      report.check(line && !/noch nicht|not yet/i.test(line), `${p.where}: milestone ${m} is reached: ${line}`);
    }
    await actions(world, one);
    for (const step of ['O02', 'O05', 'A06', 'A11']) await actions(world, `${one}/schritte/${step}`);
  } else await actions(world, `${one}/schritte/A07`);
}

/** The desk over the fictional cohort: lists with many rows, and results over all municipalities. */
async function visit(world) {
  world.step = 'desk';
  let p = await desk(world, '/auswertung');
  const charts = await p.main('svg').count();
  report.check(charts > 0, `${p.where}: from three municipalities on there are results over all`);
  for (const path of ['/aufgaben', '/vorgaenge', '/kommunen', '/befragungen', '/verwaltung', '/local/mail']) p = await desk(world, path);
  p = await desk(world, '/vorgaenge');
  const all = await p.main('tbody tr').count();
  await p.page.fill('#suche', 'Musterdorf');
  await p.leaving(() => p.main('form.filters button').click());
  const found = await p.main('tbody tr').count();
  report.check(all >= 4 && found === 1, `${p.where}: the search finds one of ${all} cases, not ${found}`);
  await p.page.fill('#suche', 'gibt es nicht');
  await p.leaving(() => p.main('form.filters button').click());
  report.check(!(await p.main('tbody tr').count()), `${p.where}: a search without a hit shows none`);
  for (const path of await (await desk(world, '/vorgaenge')).links('/vorgaenge/', 'main table')) await desk(world, path);
  await work(world);
  await completed(world);
}

/** The open work in each of its views and what comes next; the process and its versions. */
async function work(world) {
  const views = await (await desk(world, '/aufgaben')).links('/aufgaben?', 'main nav');
  report.check(views.length >= 3, `${world.name} ${world.step}: the open work has views: ${views}`);
  for (const path of views) await opens(world, path, path.replace(/^.*\?/, ''));
  for (const path of ['/aufgaben/vorschau', '/vorgaenge/prozess']) await opens(world, path);
  const late = await desk(world, '/aufgaben?sicht=ueberfaellig');
  await late.page.locator('main input[name=schritt]').first().check();
  await late.leaving(() => late.main('form[action$="/aufgaben/erinnern"] button').first().click());
  report.check(late.status === 200, `${late.where}: who would be reminded is shown, not ${late.status}`);
}

/** The case that has gone the whole way, all that the desk shows of it, and its municipality; the calendar of one under way. */
async function completed(world) {
  await opens(world, `${await caseOf(world, 'Musterdorf')}/kalender`);
  const one = await caseOf(world, 'Musterstadt');
  const filtered = await opens(world, '/vorgaenge?stand=completed&phase=C&meilenstein=M6&land=TH', 'filtered');
  report.check((await filtered.links('/vorgaenge/', 'main tbody')).includes(one), `${filtered.where}: the filters leave the completed case`);
  const p = await opens(world, one, 'completed');
  report.check(await p.has('abgeschlossen'), `${p.where}: the case is completed: ${(await p.text()).slice(0, 300)}`);
  const [town] = await p.links('/kommunen/');
  if (report.check(town, `${p.where}: the case leads to its municipality`)) await opens(world, town);
  for (const page of ['rollen', 'einschaetzungen', 'konzept']) await opens(world, `${one}/${page}`);
  let at = `${one}/schritte/R07`;
  for (const part of ['/durchgang/', '/bericht/']) {
    [at] = await (await opens(world, at)).links(part);
    if (!report.check(at, `${world.name} ${world.step}: an earlier round of the quarterly report leads to ${part}`)) return;
  }
  await opens(world, at);
}

/** The path of a municipality's case. */
async function caseOf(world, name) {
  const p = await desk(world, `/vorgaenge?suche=${name}`);
  const all = await p.links('/vorgaenge/', 'main tbody');
  if (all.length !== 1) throw p.stuck(`one case of ${name}, not ${all.length}`);
  return all[0];
}

/** Opens a page of the desk that must be there; what tells it from others of its kind is its state. */
async function opens(world, path, state) {
  const p = await desk(world, path);
  report.check(p.status === 200, `${p.where}: ${path} opens, not ${p.status}`);
  if (state) await world.audit.see(p, state);
  return p;
}

/** A case is declined: the reasons stand behind a link and a code, and a scanner does not get at them. */
async function declined(world) {
  const reasons = 'Der Fall fällt nicht unter die sechs Konfliktarten des Projekts; die Fachberatung am Ort passt besser.';
  world.cohort = { ...cohort, steps: { ...cohort.steps, O04: { decision: 'declined', reasons, referral: 'PFD' } } };
  const p = await desk(world, '/vorgaenge?suche=Beispielhausen');
  world.no = (await p.text('main tbody')).match(/KK-[\d-]+\d/)[0];
  for (const turn of cohort.order.slice(0, 3)) {
    world.step = turn.step;
    await doAtDesk(world, turn);
    await world.platform.turn(30);
  }
  world.step = 'declined';
  let letter = null;
  for (let i = 0; i < 10 && !letter; i++) {
    letter = (await world.platform.mails(world.place.address('amt'))).find((l) => linksOf(l, '/s/').length);
    if (!letter) await world.platform.turn(24);
  }
  if (!report.check(letter, `${world.name}: the decision is mailed`)) return;
  report.check(!letter.text.includes(reasons), `${world.name}: the mail does not hold the reasons`);
  const [link] = linksOf(letter, '/s/');
  await scan(world, link, 'the decision', [reasons], 2);
  await world.platform.turn(1.1); // what the scanner's codes used up is good again
  await readDecision(world, link, reasons);
}

async function run() {
  const folder = temporary();
  const binary = process.env.KOKOMA_LOCAL ?? build(folder);
  report.note(`built after ${report.seconds} s`);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  const audit = new Audit(report);
  const judging = audit.work(browser);
  const wanted = process.argv.slice(2);
  const runs = [
    { name: 'off', js: false, thorough: true, lang: 'de', prefix: '', last: 'A12', place: placeOf('Musterstadt') },
    { name: 'demo', js: false, thorough: true, lang: 'de', prefix: '', flags: ['-demo'], place: placeOf('Beispielhausen') },
    { name: 'on', js: true, lang: 'en', prefix: '/en', last: 'A06', scans: true, place: placeOf('Musterstadt', { language: 'en' }) },
  ].filter((r) => !wanted.length || wanted.includes(r.name));
  await Promise.all(runs.map(async (r) => {
    const platform = await Platform.start(binary, folder, r.name, ...(r.flags ?? []));
    const world = { ...r, browser, platform, report, audit, cohort, office: 'servicestelle@example.org' };
    try {
      if (r.last) await walk(world, r.last);
      else {
        await visit(world);
        await declined(world);
      }
    } catch (e) {
      report.fail(`${r.name} ${world.step}: ${e.stack ?? e}`);
    }
    report.note(`${r.name}: ends after ${report.seconds} s`);
    await audit.caughtUp();
    const code = await platform.stop();
    report.check(code === 0, `${r.name}: the platform stops cleanly, not with ${code}: ${platform.said}`);
    report.check(!platform.said.includes('level=ERROR'), `${r.name}: the platform logged errors: ${platform.said}`);
  }));
  audit.done();
  await judging;
  await browser.close();
  report.check(audit.judged === audit.seen.size && audit.judged > 15, `${audit.judged} of ${audit.seen.size} kinds of pages are judged`);
  report.note(`${audit.judged} kinds of pages judged`);
}

await run().catch((e) => report.fail(String(e.stack ?? e)));
report.end();
