import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ReleaseError } from '../../contract/errors';

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT = 256 * 1024;

export interface GpgSigned {
  /** What was signed. */
  readonly payload: Buffer;
  /** Of the primary key, 40 or 64 hex digits. */
  readonly fingerprint: string;
}

/** Null: it does not hold by these keys. Throws BASE_REFUSED when there is no gpgv. */
export type CheckGpg = (signature: Buffer, keyring: Buffer) => Promise<GpgSigned | null>;

interface Run {
  readonly code: number;
  readonly status: string;
}

function missing(binary: string, cause: unknown): ReleaseError {
  return new ReleaseError(
    'BASE_REFUSED',
    `${binary} can't be run, so no GPG signature is checked`,
    {
      cause,
      details: { remedy: 'install gpgv (Debian: apt-get install gpgv), or name it: PLURA_GPGV' },
    },
  );
}

function run(binary: string, args: readonly string[], home: string): Promise<Run> {
  const env = { PATH: process.env['PATH'], HOME: home, GNUPGHOME: home, LC_ALL: 'C' };
  const options = { env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT, cwd: home };
  return new Promise((resolve, reject) => {
    execFile(binary, args, options, (error, status) => {
      if (error === null) resolve({ code: 0, status });
      else if (typeof error.code === 'number') resolve({ code: error.code, status });
      else reject(missing(binary, error));
    });
  });
}

/** Statuses that say no, or that there is something to say no to (gnupg, doc/DETAILS). */
const BAD = new Set([
  'BADSIG',
  'ERRSIG',
  'EXPSIG',
  'EXPKEYSIG',
  'REVKEYSIG',
  'NODATA',
  'UNEXPECTED',
  'FAILURE',
]);

/** The key that made the one signature; null unless all that gpgv says of it is good. */
export function signerOf({ code, status }: Run): string | null {
  const lines = status
    .split('\n')
    .filter((line) => line.startsWith('[GNUPG:] '))
    .map((line) => line.slice('[GNUPG:] '.length).trim().split(' '));
  const named = (name: string): readonly (readonly string[])[] =>
    lines.filter(([keyword]) => keyword === name);
  const [valid, ...more] = named('VALIDSIG');
  // With a second text beside the signed one, nobody knows which of them is written out.
  const isOne = ['GOODSIG', 'PLAINTEXT', 'NEWSIG'].every((name) => named(name).length === 1);
  const isGood = code === 0 && isOne && more.length === 0;
  if (!isGood || !valid || lines.some(([keyword = '']) => BAD.has(keyword))) return null;
  // VALIDSIG fpr date timestamp expires version reserved key-algorithm hash-algorithm class primary-key-fpr
  const primary = valid[10] ?? '';
  return /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(primary) ? primary : null;
}

/** Runs gpgv with these keys and no others: neither a home of its own nor a web of trust. SHA-1 counts for nothing. */
export function createGpgv(binary: string): CheckGpg {
  return async (signature, keyring) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plura-gpgv-'));
    const at = (name: string): string => path.join(folder, name);
    try {
      await writeFile(at('keys.gpg'), keyring);
      await writeFile(at('signature'), signature);
      const args = ['--keyring', at('keys.gpg'), '--weak-digest', 'SHA1', '--status-fd', '1'];
      const output = ['--output', at('payload'), at('signature')];
      const fingerprint = signerOf(await run(binary, [...args, ...output], folder));
      if (fingerprint === null) return null;
      return { payload: await readFile(at('payload')), fingerprint };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
