// Judges conditions, or counts characters, as the script of forms does and compares with what the
// server said: node judge.cjs judge|count, with the cases on standard input.
const { judge, count } = require('../../web/static/form.js');

const what = process.argv[2];
const cases = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
let open = 0;
const wrong = [];
for (const c of cases) {
  const got = what === 'judge' ? judge(c.if, (name) => c.posted[name] ?? []) : count(c.text);
  if (got === undefined) open++;
  else if (got !== c.want) wrong.push(`got ${got} for ${JSON.stringify(c)}`);
}
console.log(`${what}: ${cases.length} cases, ${open} left to the server, ${wrong.length} wrong`);
console.log(wrong.slice(0, 10).join('\n'));
process.exitCode = wrong.length || cases.length < 2000 || open > cases.length / 2 ? 1 : 0;
