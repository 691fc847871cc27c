// What a mail scanner does with the links of mails (EM-6): it asks for them many
// times, opens them in a browser that runs scripts, and presses every button on
// the page and on the pages behind it, each in a fresh load. It types nothing.
import { Person } from './person.mjs';

const buttons = 'button, input[type=submit], input[type=button], input[type=image], [role=button], summary';
const far = 20; // how often the first button is pressed in a row

/**
 * Scans a link. forbidden are texts that it must not get to see; deep is how many
 * buttons it presses in a row, each in every order.
 */
export async function scan(world, link, what, forbidden = [], deep = 1) {
  const { report } = world;
  const quiet = { ...world, js: true, audit: { see() {} } };
  const look = async (p, after) => {
    const seen = `${await p.page.content()} ${await p.page.evaluate(() => [...document.querySelectorAll('input, textarea')].map((e) => e.value).join(' '))}`;
    for (const text of forbidden) report.check(!seen.includes(text), `${world.name} ${world.step}: a scanner sees what others wrote (${text}) behind the link of ${what}${after}`);
    report.check(p.status < 500, `${world.name} ${world.step}: the link of ${what}${after} answers ${p.status}`);
  };
  for (let i = 0; i < 20; i++) {
    const r = await fetch(link, { method: i % 2 ? 'HEAD' : 'GET', redirect: 'follow' });
    report.check(r.status === 200, `${world.name} ${world.step}: ${i % 2 ? 'HEAD' : 'GET'} number ${i + 1} of the link of ${what} answers ${r.status}`);
    await r.arrayBuffer();
  }
  const known = new Set();
  const paths = [[]];
  let pressed = 0;
  const p = await Person.open(quiet);
  while (paths.length) {
    const path = paths.shift();
    await p.context.clearCookies();
    await p.goto(link);
    const names = [];
    for (const n of path) names.push(await press(p, n));
    pressed += path.length;
    await look(p, names.map((n) => ` > ${n}`).join(''));
    const state = `${p.path.replace(/\?.*/, '')} ${await p.title()} ${(await p.page.locator(buttons).allInnerTexts()).join('|')}`;
    const count = await p.page.locator(buttons).count();
    if (known.has(state) || path.length >= deep) continue;
    known.add(state);
    for (let n = 0; n < count; n++) paths.push([...path, n]);
  }
  await straightOn(p, link, look);
  await p.close();
  report.note(`${world.name} ${world.step}: a scanner pressed ${pressed} buttons behind the link of ${what}`);
}

/** Presses the n-th button as a script does, and gives its name. */
async function press(p, n) {
  const button = p.page.locator(buttons).nth(n);
  if (!(await button.count())) return 'nothing';
  const name = (await button.innerText()).trim() || await button.getAttribute('value');
  const form = await button.evaluate((b) => b.tagName !== 'SUMMARY' && b.form && (b.formNoValidate || b.form.noValidate || b.form.checkValidity()));
  if (form) await p.leaving(() => button.evaluate((b) => b.click()));
  else await button.evaluate((b) => b.click());
  return name;
}

/** Presses the main button again and again, as far as it leads. */
async function straightOn(p, link, look) {
  await p.context.clearCookies();
  await p.goto(link);
  for (let i = 0; i < far; i++) {
    const button = p.main('.actions button').first();
    if (!(await button.count()) || !(await button.evaluate((b) => b.form && (b.form.noValidate || b.form.checkValidity())))) break;
    const before = p.body;
    await p.leaving(() => button.evaluate((b) => b.click()));
    await look(p, ` after ${i + 1} times the main button`);
    if (p.body === before) break;
  }
}
