// Helps while a form is filled in; without it everything works, too. It shows and hides early what
// the server would after the page is sent, counts characters, and searches long lists. It decides
// nothing: the server judges all again.
'use strict';

// What can't be understood here for sure makes a condition unknown: then nothing changes.
const unknown = new Error('unknown');

/** The value of what stands in a control, as the server understands it; answers compare as texts. */
function understand(as, raw) {
  if (as === 'm') return { v: [...new Set(raw.filter((r) => r))].join(' '), answer: true };
  const line = (raw.at(-1) ?? '').trim();
  if (line === '' || as === 'o') return { v: line, answer: true };
  if (as === 't' && /^[ -~\u00a1-\u024f]*$/.test(line)) return { v: line.normalize('NFC'), answer: true };
  if (as === 'i' && /^-?\d{1,15}$/.test(line)) return { v: Number(line) + 0, answer: true };
  if (as === 'd' && /^-?\d{1,12}(,\d{1,6}|\.\d{1,2})?$/.test(line)) return { v: Number(line.replace(',', '.')) + 0, answer: true, decimal: true };
  throw unknown;
}

function text({ v, decimal }) {
  if (decimal && Number.isInteger(v)) return `${v}.0`;
  return Number.isNaN(v) ? '' : String(v);
}

function number({ v }) {
  if (v === '') return NaN;
  // A text that may be a date counts days on the server.
  if (typeof v === 'string' && /^\s*\d{4}-/.test(v)) throw unknown;
  return Number(v);
}

const truth = ({ v }) => Boolean(v);
const words = (v) => text(v).split(/[ \t\r\n]+/).filter((w) => w);

function equal(a, b) {
  if (typeof a.v === 'boolean' || typeof b.v === 'boolean') return truth(a) === truth(b);
  const counts = (x) => typeof x.v === 'number' && !x.answer;
  if (!(a.answer && b.answer) && (counts(a) || counts(b))) return number(a) === number(b);
  return text(a) === text(b);
}

const functions = {
  '=': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => number(a) < number(b),
  '<=': (a, b) => number(a) <= number(b),
  '>': (a, b) => number(a) > number(b),
  '>=': (a, b) => number(a) >= number(b),
  '+': (a, b) => number(a) + number(b),
  '-': (a, b) => number(a) - number(b),
  '*': (a, b) => number(a) * number(b),
  div: (a, b) => number(a) / number(b),
  mod: (a, b) => number(a) % number(b),
  neg: (a) => -number(a),
  not: (a) => !truth(a),
  boolean: truth,
  number,
  selected: (a, b) => (words(a).length ? words(a) : ['']).includes(text(b).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')),
  'count-selected': (a) => words(a).length,
  coalesce: (a, b) => text(a) || text(b),
};

/** Evaluates what expr.Script wrote; read gives what stands in a control, by its name. */
function evaluate(x, read) {
  if (!Array.isArray(x)) return { v: x };
  const [name, ...args] = x;
  const at = (i) => evaluate(args[i], read);
  switch (name) {
    case '$': return understand(args[1], read(args[0]));
    case 'a': return { v: args[0], answer: true };
    case 'or': return { v: truth(at(0)) || truth(at(1)) };
    case 'and': return { v: truth(at(0)) && truth(at(1)) };
    case 'if': return truth(at(0)) ? at(1) : at(2);
  }
  return { v: functions[name](...args.map((_, i) => at(i))) };
}

/** True, false, or undefined where only the server knows. */
function judge(x, read) {
  try {
    return truth(evaluate(x, read));
  } catch (e) {
    if (e === unknown) return undefined;
    throw e;
  }
}

/** How many characters the server counts: as it cleans a text. */
function count(typed) {
  const turns = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu;
  return [...typed.replace(/\r\n?/g, '\n').replace(turns, (c) => (c === '\n' || c === '\t' ? c : '')).normalize('NFC').trim()].length;
}

function start(live) {
  const form = live.closest('form');
  const say = (key, n) => live.dataset[key].replace('%s', typeof n === 'number' ? n.toLocaleString(document.documentElement.lang) : n);
  let timer;
  const announce = (words) => {
    clearTimeout(timer);
    timer = setTimeout(() => { live.textContent = words; }, 1000);
  };

  /** What would be posted under a name, from what is asked now. */
  const read = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
    .filter((e) => !e.closest('[data-if][hidden]') && (!/^(radio|checkbox)$/.test(e.type) || e.checked)).map((e) => e.value);

  const show = (box) => {
    if (box.localName !== 'template') {
      box.hidden = false;
      return;
    }
    const div = document.createElement('div');
    div.className = 'early';
    div.dataset.if = box.dataset.if;
    div.append(box.content);
    box.replaceWith(div);
    equip(div);
  };
  const shown = (box) => box.localName !== 'template' && !box.hidden;

  /** Shows and hides until nothing changes any more; gives how many questions came and went. */
  const update = () => {
    let [more, less] = [0, 0];
    for (let round = 0, changed = true; changed && round < 50; round++) {
      changed = false;
      for (const box of form.querySelectorAll('[data-if]')) {
        const wanted = judge(JSON.parse(box.dataset.if), read);
        if (wanted === undefined || wanted === shown(box)) continue;
        changed = true;
        if (wanted) {
          show(box);
          more++;
        } else {
          box.hidden = true;
          less++;
        }
      }
    }
    // What is hidden again counts as not shown.
    for (const mark of form.querySelectorAll('[name^="_shown:"]')) mark.disabled = Boolean(mark.closest('[hidden]'));
    if (more) announce(say(more > 1 ? 'more' : 'single', more));
    else if (less) announce(say(less > 1 ? 'fewer' : 'less', less));
  };

  const counted = (area) => {
    const line = document.createElement('p');
    line.className = 'hint count';
    line.setAttribute('aria-hidden', 'true');
    area.after(line);
    const left = () => Number(area.dataset.most) - count(area.value);
    const words = () => (left() < 0 ? say('over', -left()) : say('left', left()));
    const write = () => { // while nothing is typed, the hint says it
      line.textContent = area.value ? words() : '';
      line.classList.toggle('problem', left() < 0);
    };
    write();
    area.addEventListener('input', () => {
      write();
      announce(words());
    });
  };

  const searchable = (select) => {
    const all = [...select.options];
    const label = document.createElement('label');
    const box = document.createElement('input');
    label.className = 'hint search';
    label.htmlFor = box.id = `${select.id}-search`;
    label.textContent = say('search', form.querySelector(`label[for="${CSS.escape(select.id)}"]`).firstChild.data.trim());
    box.className = 'input';
    box.type = 'search';
    box.autocomplete = 'off';
    box.setAttribute('aria-controls', select.id);
    select.before(label, box);
    const simple = (s) => s.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss');
    box.addEventListener('input', () => {
      const wanted = simple(box.value).split(/\s+/);
      const fits = (o) => o.value && wanted.every((w) => simple(o.text).includes(w));
      const value = select.value;
      select.replaceChildren(...all.filter((o) => !o.value || o.value === value || fits(o)));
      select.value = value;
      select.size = box.value.trim() ? Math.min(8, select.length) : 0;
      announce(say('found', all.filter(fits).length));
    });
    // Enter would send the page.
    box.addEventListener('keydown', (e) => { if (e.key === 'Enter') e.preventDefault(); });
  };

  const equip = (part) => {
    part.querySelectorAll('[data-most]').forEach(counted);
    part.querySelectorAll('[data-long]').forEach(searchable);
  };

  equip(form);
  update();
  live.textContent = '';
  clearTimeout(timer);
  form.addEventListener('input', update);
  form.addEventListener('change', update);
  addEventListener('pageshow', update); // with what the browser filled in again
}

if (typeof module === 'object') module.exports = { judge, count };
else for (const live of document.querySelectorAll('.form-live')) start(live);
