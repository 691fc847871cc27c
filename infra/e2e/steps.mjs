// The steps: at the desk of the service office, and by mailed links.
import { codeOf, linksOf } from './platform.mjs';
import { answerQuestion } from './apply.mjs';
import { Person } from './person.mjs';
import { scan } from './scanner.mjs';

const patience = 60; // days that somebody waits for a mail

/** Signs the service office in by the mailed code. */
export async function signIn(world, p, first = false) {
  const { platform, office } = world;
  await p.goto(`${world.prefix}/anmelden`);
  if (first) {
    await p.press(await p.form('email'));
    await p.refuses('signing in without an address');
  }
  await p.fill(await p.form('email'), { email: office });
  await p.press(await p.form('email'));
  await platform.settle();
  if (first) {
    await p.fill(await p.form('code'), { code: '000000' });
    await p.press(await p.form('code'));
    await p.refuses('a wrong code for signing in');
  }
  await p.fill(await p.form('code'), { code: codeOf(await platform.newest(office, '')) });
  await p.press(await p.form('code'));
  world.report.check(p.status === 200 && !p.path.includes('anmelden'), `${p.where}: the service office is signed in: ${(await p.text()).slice(0, 200)}`);
}

/** Opens a page of the desk, signing in when that is needed. */
export async function desk(world, path) {
  if (!world.desk) {
    world.desk = await Person.open(world);
    await signIn(world, world.desk, true);
  }
  const p = world.desk;
  const to = path.startsWith('/en/') ? path : world.prefix + path;
  await p.goto(to);
  if (p.path.includes('/anmelden')) {
    await signIn(world, p);
    await p.goto(to);
  }
  return p;
}

/** Does a step of the service office from the list of open work; O02 may ask back first. */
export async function doAtDesk(world, turn, { asksBack } = {}) {
  const p = await desk(world, '/aufgaben');
  await p.follow(`/schritte/${turn.step}`, 'main');
  world.report.check(await p.has(world.no), `${p.where}: the step names the case ${world.no}`);
  await emptySend(world, p, turn);
  if (asksBack) {
    const question = 'Wer ist außer den Genannten betroffen?';
    await p.complete('_command', '_send', { complete: 'N', questions_to_municipality: question, safety_flag: 'N' });
    await answerQuestion(world, question);
    await world.platform.settle();
    return doAtDesk(world, turn);
  }
  return p.complete('_command', '_send', world.cohort.steps[turn.step]);
}

/** Does a step through the link in a mail, waiting day by day until it comes. */
export async function doByMail(world, turn, { scanned, handedOver, unlocked } = {}) {
  const { platform, place } = world;
  const address = place.address(turn.box);
  for (let i = 0; i < patience; i++) {
    const found = await stepLink(world, turn, address);
    if (found) {
      const { p, link } = found;
      if (handedOver) {
        await handOver(world, p, link, place.address('vertretung'));
        return doByMail(world, { ...turn, box: 'vertretung' }, { scanned, unlocked });
      }
      await emptySend(world, p, turn);
      if (scanned) await scanStep(world, p, link, turn);
      await draft(world, p, turn, link);
      if (unlocked) await unlock(world, p, link, address);
      await p.complete('_command', '_send', world.cohort.steps[turn.step]);
      await usedLink(world, link, turn);
      await p.close();
      return;
    }
    await platform.turn(24);
  }
  throw new Error(`${world.name}: no mail for ${turn.step} came to ${address} in ${patience} days: ${(await platform.mails(address)).map((l) => l.subject).join('; ')}`);
}

/** The link whose page is that step of that case. */
async function stepLink(world, turn, address) {
  const title = turn[world.lang];
  const tried = new Set();
  for (const letter of await world.platform.mails(address)) {
    if (!letter.text.includes(turn.de) && !letter.text.includes(turn.en)) continue;
    for (const link of linksOf(letter, '/s/')) {
      if (link.endsWith('/weitergeben') || tried.has(link)) continue;
      tried.add(link);
      const p = await Person.open(world);
      await p.goto(link);
      if (p.status === 200 && await p.has(world.no) && await p.has(title)) return { p, link };
      await p.close();
    }
  }
  return null;
}

/** Sends a form with nothing typed: it is refused, or asks on. What stands there from an earlier round is somebody's. */
async function emptySend(world, p, turn) {
  const form = await p.form('_command');
  if (!turn.box && Object.values(await p.entries(form)).some((v) => v.length)) return;
  await p.press(form, '_send');
  if (p.status === 422) await p.refuses(`${turn.step} sent empty`);
  else world.report.check(await p.form('_command'), `${p.where}: ${turn.step} is not completed by a form with nothing typed`);
}

/** A scanner between saving and sending: nothing of the draft is seen, lost or sent. */
async function scanStep(world, p, link, turn) {
  const { report } = world;
  const canary = `Kanarienvogel${turn.step}`;
  let form = await p.form('_command');
  if (!(await form.locator('textarea, input[type=text]').count())) { // questions that follow from an answer
    await p.fill(form, world.cohort.steps[turn.step]);
    await p.press(form, '_save');
    form = await p.form('_command');
  }
  const field = form.locator('textarea, input[type=text]').first();
  const name = await field.getAttribute('name');
  await field.fill(canary);
  await p.press(form, '_save');
  const first = turn.step === 'O05';
  await scan(world, link, `step ${turn.step}`, [canary], first ? 2 : 1);
  if (first) await scan(world, `${link}/weitergeben`, `handing over ${turn.step}`, [canary]);
  await p.goto(link);
  report.check(p.status === 200, `${p.where}: after a scanner the link of ${turn.step} still opens, not ${p.status}`);
  form = await p.form('_command');
  if (!form) throw p.stuck('after a scanner the step is not open');
  const kept = (await p.entries(form))[name];
  report.check(kept === canary, `${p.where}: after a scanner the draft of ${turn.step} is as it was: ${kept}`);
}

/** Opens a draft in another browser by a mailed code. */
async function unlock(world, p, link, address) {
  const { report, platform } = world;
  const typed = await p.entries(await p.form('_command'));
  const other = await Person.open(world);
  await other.goto(link);
  const summary = other.main('summary').first();
  if (!(await summary.count())) report.fail(`${other.where}: no way to what was saved in another browser`);
  else {
    await summary.click();
    await other.press(await other.form('_mail'), '_mail');
    if (!(await other.form('_code'))) throw other.stuck(await other.text());
    await other.press(await other.form('_code'), '_open');
    await other.refuses('no code for what was saved');
    await platform.settle();
    await other.fill(await other.form('_code'), { _code: codeOf(await platform.newest(address, '')) });
    await other.press(await other.form('_code'), '_open');
    const there = await other.entries(await other.form('_command'));
    report.check(JSON.stringify(there) === JSON.stringify(typed), `${other.where}: the code shows what was saved in another browser`);
  }
  await other.close();
}

/** Reads a decision behind its link, with a mailed code. */
export async function readDecision(world, link, reasons) {
  const { report, platform, place } = world;
  const p = await Person.open(world);
  await p.goto(link);
  report.check(!(await p.has(reasons)), `${p.where}: before the code no reasons`);
  await p.press(await p.form('_mail'), '_mail');
  if (!(await p.form('_code'))) throw p.stuck(await p.text());
  await platform.settle();
  await p.fill(await p.form('_code'), { _code: codeOf(await platform.newest(place.address('amt'), '')) });
  await p.press(await p.form('_code'), '_open');
  report.check(p.status === 200 && await p.has(reasons), `${p.where}: the code shows the reasons: ${(await p.text()).slice(0, 300)}`);
  await p.close();
}

/** Hands a step over to somebody else: the old link ends but where it was done, the other gets a mail. */
async function handOver(world, p, link, to) {
  const { report } = world;
  await p.follow('/weitergeben', 'main');
  await p.press(await p.form('_command'), '_send');
  await p.refuses('handing over to nobody');
  await p.complete('_command', '_send', { name: 'Vertretung', email: to, reason: 'Urlaub' });
  report.check(p.status === 200, `${p.where}: handing over is thanked for: ${(await p.text()).slice(0, 200)}`);
  await p.goto(link);
  report.check(p.status === 200 && await p.form('_back'), `${p.where}: the browser that handed over can take the step back (${p.status})`);
  await p.close();
  const other = await Person.open(world);
  await other.goto(link);
  report.check(other.status === 404, `${other.where}: the link that was handed over answers 404 elsewhere, not ${other.status}`);
  await other.close();
}

/** Saves what is typed, and finds it again in this browser. */
async function draft(world, p, turn, link) {
  const form = await p.form('_command');
  await p.fill(form, world.cohort.steps[turn.step]);
  const typed = await p.entries(form);
  await p.press(form, '_save');
  world.report.check(p.status === 200, `${p.where}: ${turn.step} is saved`);
  await p.goto(link);
  const kept = await p.entries(await p.form('_command'));
  const lost = Object.keys(typed).filter((n) => String(typed[n]).trim() && JSON.stringify(kept[n]) !== JSON.stringify(typed[n]));
  world.report.check(!lost.length, `${p.where}: ${turn.step}: saved, but not there again: ${lost.map((n) => `${n}: ${typed[n]} -> ${kept[n]}`)}`);
}

/** The link of a step that is done shows the calm page to others. */
async function usedLink(world, link, turn) {
  const other = await Person.open(world);
  await other.goto(link);
  world.report.check(other.status === 404 && !(await other.form('_command')), `${other.where}: the used link of ${turn.step} answers 404, not ${other.status}`);
  if (turn.step === 'O05') await newLink(world, other, turn);
  await other.close();
}

/** Asks for a new link: the answer is the same for addresses that have one and others. */
async function newLink(world, p, turn) {
  const { report, platform } = world;
  const ask = async (email) => {
    await p.follow('/neuer-link', 'main');
    await p.fill(await p.form('email'), { email });
    await p.press(await p.form('email'));
    const said = (await p.text()).replaceAll(email, '');
    report.check(p.status === 200, `${p.where}: asking for a new link answers ${p.status}: ${said.slice(0, 200)}`);
    await p.goto(`${world.prefix}/s/nirgends`);
    return said;
  };
  const known = await ask(world.place.address(turn.box));
  const unknown = await ask('niemand@nirgends.example');
  report.check(known === unknown, `${p.where}: the answers for a known and an unknown address differ: ${known.slice(0, 200)} / ${unknown.slice(0, 200)}`);
  await platform.settle();
  report.check(!(await platform.mails('niemand@nirgends.example')).length, `${p.where}: nothing is mailed to an unknown address`);
}

/** Opens every action that a page of the desk offers; none is carried out. */
export async function actions(world, path) {
  const p = await desk(world, path);
  for (const link of await p.links('/vorgaenge/', 'main .actions')) {
    await p.goto(link);
    world.report.check(p.status === 200, `${p.where}: the action opens, not ${p.status}`);
  }
}
