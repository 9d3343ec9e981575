import { access, mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { KeyPairFiles } from './key-pair';

const VALID_DAYS = 365;
const DAY_MS = 86_400_000;
/** Clocks of a cluster differ. */
const BEFORE_MS = 60 * 60_000;

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * Makes a pair for an installation without cert-manager, where there is none yet; what is there stays. The certificate
 * is its own authority: it is itself the `caBundle` of the webhook's configuration.
 *
 * @param names DNS names and IP addresses under which it is served
 */
export async function ensureSelfMadePair(
  { certFile, keyFile }: KeyPairFiles,
  names: readonly string[],
  now: Date,
): Promise<void> {
  if (await exists(certFile)) return;
  const [first = 'localhost'] = names;
  const pair = await generate([{ name: 'commonName', value: first }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - BEFORE_MS),
    notAfterDate: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
        ),
      },
    ],
  });
  for (const file of [keyFile, certFile]) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  }
  // The certificate comes last: while it is missing, the next start makes both again.
  await writeFile(keyFile, pair.private, { mode: 0o600 });
  await writeFile(certFile, pair.cert, { mode: 0o644 });
}
