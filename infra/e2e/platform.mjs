// The local platform under test: built, started, its mailbox and its clock.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

// A signal ends the process as an exit does, so that nothing is left behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

export const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
export const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the fictional cohort types, the same as infra/walk types over HTTP. */
export const cohort = parse(readFileSync(join(root, 'infra', 'walk', 'cohort.yaml'), 'utf8'));

/** Makes a folder that is gone when the process ends. */
export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'kokoma-e2e-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Builds the platform's binary and gives its path. */
export function build(folder) {
  const binary = join(folder, 'local');
  execFileSync('go', ['build', '-o', binary, './infra/local'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return binary;
}

const addresses = /https?:\/\/[^\s<>"]+/g;

/** The six-digit code of a mail. */
export function codeOf(letter) {
  return letter.text.replace(addresses, '').match(/\b[0-9]{6}\b/)?.[0] ?? '';
}

/** The addresses in a mail that contain part. */
export function linksOf(letter, part) {
  return [...new Set(letter.text.match(addresses) ?? [])].filter((a) => a.includes(part));
}

/** One running platform on a port and a data folder of its own. */
export class Platform {
  static async start(binary, folder, name, ...flags) {
    const p = new Platform();
    const data = join(folder, `data-${name}`);
    p.ahead = 0;
    p.said = '';
    p.child = spawn(binary, ['-data', data, '-addr', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    process.on('exit', () => p.child.kill('SIGKILL'));
    p.ended = new Promise((done) => p.child.on('exit', (code, signal) => done(code ?? signal)));
    p.child.stderr.on('data', (d) => { p.said += d; });
    p.base = await new Promise((found, lost) => {
      let out = '';
      p.child.stdout.on('data', (d) => {
        out += d;
        const at = out.match(/http:\/\/127\.0\.0\.1:\d+/);
        if (at) found(at[0]);
      });
      p.ended.then((code) => lost(new Error(`the platform ended with ${code}: ${p.said}`)));
      setTimeout(() => lost(new Error(`the platform printed no address in a minute: ${out}${p.said}`)), 60000).unref();
    });
    return p;
  }

  /** Stops it as Ctrl-C does, and gives its exit code. */
  async stop() {
    this.child.kill('SIGINT');
    return this.ended;
  }

  get now() { return new Date(Date.now() + this.ahead); }

  /** Turns the clock forward by hours and lets run what falls due. */
  async turn(hours) {
    const seconds = Math.round(hours * 3600);
    const r = await fetch(`${this.base}/local/clock`, { method: 'POST', body: new URLSearchParams({ advance: `${seconds}s` }) });
    if (!r.ok) throw new Error(`the clock refused ${hours} h: ${r.status} ${(await r.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 600)} ${this.said}`);
    this.ahead += seconds * 1000;
  }

  /** Lets go out what was just asked for. */
  async settle() { return this.turn(1 / 3600); }

  /** All mails to an address, newest first; without one everybody's. */
  async mails(to) {
    const r = await fetch(`${this.base}/local/mail.json`);
    const all = (await r.json()) ?? [];
    return to ? all.filter((l) => l.to === to) : all;
  }

  async newest(to, part) {
    const all = await this.mails(to);
    const found = all.find((l) => l.text.includes(part));
    if (!found) throw new Error(`no mail to ${to} with ${part} among ${all.length}: ${all.map((l) => l.subject).join('; ')}`);
    return found;
  }
}
