// Runs forms through ODK Web Forms without a browser: JSON lines of
// {name, xml, sequences} in, {name, states} or {name, error} out. WALL is what
// the clock on the wall shows all the time, in the zone of TZ.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const installed = createRequire(new URL('../e2e/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(installed.resolve(name)));

// The engine expects the DOM of a browser, and a bundler's name of its folder.
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
globalThis.__dirname = '/';
const { loadForm } = await load('@getodk/xforms-engine');

const wall = new Date(process.env.WALL).getTime();
Date.now = () => wall;

// fields calls every question as our engine does: r[0].x, without groups.
function fields(node, prefix, found) {
  for (const child of node.currentState.children ?? []) {
    const name = child.currentState.reference.replace(/\[\d+\]$/, '').split('/').pop();
    if (name === 'meta' || name.endsWith('_count')) continue;
    if (child.nodeType === 'repeat-instance') throw new Error('a row outside of its repeat');
    found.set(prefix + name, child);
    if (child.nodeType.startsWith('repeat-range')) {
      child.currentState.children.forEach((row, i) => fields(row, `${prefix}${name}[${i}].`, found));
    } else {
      fields(child, prefix, found);
    }
  }
  return found;
}

function apply(known, op) {
  const node = known.get(op.field);
  if (!node) throw new Error(`no question ${op.field}`);
  if (op.do === 'add') return node.addInstances();
  if (op.do === 'remove') return node.removeInstances(op.row ?? 0, 1);
  const value = op.value ?? '';
  const several = value.split(' ').filter((word) => word !== '');
  switch (node.nodeType) {
    case 'select':
      return node.selectValues(several);
    case 'rank':
      return node.setValues(several);
    case 'trigger':
      return node.setValue(value !== '');
    case 'range':
      return node.setValue(value === '' ? null : value);
    default:
      return node.setValue(value);
  }
}

function look(known) {
  const states = {};
  for (const [field, node] of known) {
    const leaf = node.currentState.children === null;
    states[field] = {
      r: node.currentState.relevant,
      v: leaf ? node.currentState.instanceValue : '',
      f: (leaf && node.validationState?.violation?.condition) || '',
    };
  }
  return states;
}

function reasons(error) {
  const parts = [];
  for (let e = error; e; e = e.cause) parts.push(e.message ?? String(e));
  return parts.join(': ');
}

async function run({ name, xml, sequences }) {
  const form = await loadForm(xml);
  if (form.status !== 'success') return { name, error: reasons(form.error) };
  const states = sequences.map((sequence) => {
    const { root } = form.createInstance();
    return sequence.map((step) => {
      let known = fields(root, '', new Map());
      for (const op of step) {
        apply(known, op);
        if (op.do !== 'set') known = fields(root, '', new Map());
      }
      // An answer can have changed how many rows there are.
      return look(fields(root, '', new Map()));
    });
  });
  return { name, states };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let reply;
  try {
    reply = await run(request);
  } catch (error) {
    reply = { name: request.name, error: reasons(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
