// Measures the engine of ODK Web Forms for the benchmark of forms, without a
// browser: the packages are those of infra/e2e. It is told a form and what is
// answered in a line of JSON, answers what its first time took, and then does it
// again for as many milliseconds as every further line says.
//
// Questions are looked up outside of what is timed: a page has them at hand.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const installed = createRequire(new URL('../../../e2e/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(installed.resolve(name)));
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function browser() {
  const { JSDOM } = await load('jsdom');
  const { window } = new JSDOM('');
  for (const name of Object.getOwnPropertyNames(window)) {
    if (name in globalThis) continue;
    try {
      globalThis[name] = window[name];
    } catch {
      // what jsdom itself does not offer is not needed either
    }
  }
  globalThis.__dirname = '/'; // a bundler's name of its folder
}

// questions calls every question by the names that lead to it, without groups.
function questions(node, prefix, found) {
  for (const child of node.currentState.children ?? []) {
    const name = child.currentState.reference.replace(/\[\d+\]$/, '').split('/').pop();
    found.set(prefix + name, child);
    if (child.nodeType.startsWith('repeat-range')) {
      child.currentState.children.forEach((row, i) => questions(row, `${prefix}${name}[${i}].`, found));
    } else {
      questions(child, prefix, found);
    }
  }
  return found;
}

function set(node, value) {
  switch (node.nodeType) {
    case 'select':
      return node.selectValues(value.split(' '));
    case 'trigger':
      return node.setValue(value !== '');
    default:
      return node.setValue(value);
  }
}

// fill answers one question after the other and reads at the end what is wrong.
function fill(form, { rows, answers }) {
  let start = performance.now();
  const { root } = form.createInstance();
  let took = performance.now() - start;
  const before = questions(root, '', new Map());
  start = performance.now();
  for (const [name, count] of Object.entries(rows)) {
    const range = before.get(name);
    while (range.currentState.children.length < count) range.addInstances();
  }
  took += performance.now() - start;
  const all = questions(root, '', new Map());
  const nodes = answers.map(([name, value]) => {
    if (!all.has(name)) throw new Error(`no question ${name}`);
    return [all.get(name), value];
  });
  start = performance.now();
  for (const [node, value] of nodes) set(node, value);
  const wrong = root.validationState.violations.map((v) => `${v.reference}: ${v.violation.condition}`);
  took += performance.now() - start;
  const lost = nodes.filter(([node, value]) => node.currentState.instanceValue !== value).map(([node]) => node.currentState.reference);
  return { took, wrong, lost };
}

const timed = async (run) => {
  const start = performance.now();
  const result = await run();
  return [performance.now() - start, result];
};

async function start(task) {
  const [dom] = await timed(browser);
  const [engine, { loadForm }] = await timed(() => load('@getodk/xforms-engine'));
  const [read, form] = await timed(() => loadForm(task.xml));
  if (form.status !== 'success') throw form.error;
  const { took, wrong, lost } = fill(form, task);
  answer({ dom, engine, read, fill: took, wrong, lost });
  return { loadForm, form };
}

// fastest is the shortest of what run says it took, tried for so long.
async function fastest(ms, run) {
  let best = Infinity;
  for (const end = performance.now() + ms; performance.now() < end; ) best = Math.min(best, await run());
  return best;
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const task = JSON.parse((await lines.next()).value);
let ready;
try {
  ready = await start(task);
} catch (error) {
  const parts = [];
  for (let e = error; e; e = e.cause) parts.push(e.message ?? String(e));
  answer({ fault: parts.join(': ') });
  process.exit(0);
}
for await (const line of lines) {
  const ms = Number(line);
  const fillOnce = await fastest(ms, () => fill(ready.form, task).took);
  const readOnce = await fastest(ms, async () => (await timed(() => ready.loadForm(task.xml)))[0]);
  answer({ fill: fillOnce, read: readOnce });
}
