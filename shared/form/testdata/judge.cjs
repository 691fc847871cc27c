// Judges conditions as the script of forms does and compares with what the server said.
const { judge } = require('../../web/static/form.js');

const cases = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
let open = 0;
const wrong = [];
for (const c of cases) {
  const got = judge(c.if, (name) => c.posted[name] ?? []);
  if (got === undefined) open++;
  else if (got !== c.want) wrong.push(`${c.source} over ${JSON.stringify(c.posted)} is ${c.want}, not ${got}: ${JSON.stringify(c.if)}`);
}
console.log(`${cases.length} cases, ${open} left to the server, ${wrong.length} wrong`);
console.log(wrong.slice(0, 10).join('\n'));
process.exitCode = wrong.length || cases.length < 3000 || open > cases.length / 2 ? 1 : 0;
