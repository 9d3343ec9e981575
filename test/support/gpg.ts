import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GpgKey {
  /** Armored public key. */
  readonly publicKey: string;
  readonly fingerprint: string;
  /** A signed message, as Red Hat's and containers/image's signatures are. */
  sign(text: string): Buffer;
  remove(): void;
}

/** A key of real GnuPG, in a home of its own. */
export function createGpgKey(): GpgKey {
  const home = mkdtempSync(join(tmpdir(), 'plura-gpg-'));
  const env = { PATH: process.env['PATH'], GNUPGHOME: home, HOME: home, LC_ALL: 'C' };
  const gpg = (...args: readonly string[]): Buffer =>
    execFileSync('gpg', ['--batch', '--yes', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  gpg(
    '--passphrase',
    '',
    '--quick-gen-key',
    'Vendor <v@vendor.example>',
    'ed25519',
    'sign',
    'never',
  );
  const listed = gpg('--list-keys', '--with-colons').toString();
  return {
    publicKey: gpg('--armor', '--export').toString(),
    fingerprint: /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '',
    sign: (text) => {
      const file = join(home, 'payload');
      writeFileSync(file, text);
      return gpg(
        '--passphrase',
        '',
        '--pinentry-mode',
        'loopback',
        '--output',
        '-',
        '--sign',
        file,
      );
    },
    remove: () => {
      try {
        execFileSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' });
      } catch {
        // No agent runs.
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Whether GnuPG is there to sign and to check. */
export function hasGpg(): boolean {
  try {
    for (const tool of ['gpg', 'gpgv']) execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
