// Counts what held and what did not, and says the latter at once.
export class Report {
  passed = 0;
  failures = new Set();
  findings = new Map(); // what -> where
  #start = Date.now();

  get seconds() { return Math.round((Date.now() - this.#start) / 1000); }

  check(ok, what) {
    if (ok) this.passed++;
    else this.fail(what);
    return Boolean(ok);
  }

  fail(what) {
    if (this.failures.has(what)) return;
    this.failures.add(what);
    console.log(`FAILED ${what}`);
  }

  /** A fault that may be on many pages: said once, with the pages at the end. */
  finding(what, where) {
    const places = this.findings.get(what) ?? [];
    this.findings.set(what, [...places, where]);
    if (!places.length) this.fail(`${where}: ${what}`);
  }

  note(what) { if (!process.env.QUIET) console.log(what); }

  /** Says the result, and ends the process with it. */
  end() {
    for (const [what, where] of this.findings) if (where.length > 1) console.log(`on ${where.length} pages: ${what}\n  ${where.slice(1, 6).join('\n  ')}${where.length > 6 ? '\n  ...' : ''}`);
    console.log(`${this.seconds} s`);
    console.log(`${this.passed} passed, ${this.failures.size} failed`);
    process.exit(this.failures.size ? 1 : 0);
  }
}
