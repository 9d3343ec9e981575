import { X509Certificate } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';
import { authorityFiles, BACKDATED_MS, ensureAuthority, isThere } from './authority';
import type { KeyPairFiles } from './key-pair';

const DAY_MS = 86_400_000;
const VALID_MS = 90 * DAY_MS;
/** Time enough for somebody to see in the metric that it was not renewed. */
const RENEWED_BEFORE_MS = 30 * DAY_MS;

/** Whether a certificate serves for these names, and for a while. */
async function isGood(certFile: string, names: readonly string[], now: Date): Promise<boolean> {
  try {
    const certificate = new X509Certificate(await readFile(certFile));
    const isFor = (name: string): boolean =>
      (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
    const left = Date.parse(certificate.validTo) - now.getTime();
    return left > RENEWED_BEFORE_MS && names.every(isFor);
  } catch {
    return false;
  }
}

/** Nobody reads half of it. */
async function replace(file: string, text: string, mode: number): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, text, { mode });
  await rename(next, file);
}

/**
 * Makes a pair for an installation without cert-manager where there is none yet, and renews one that it made, 30 days before its
 * end or for other names. The certificate is signed by an authority of its own, which stays for ten years in two files beside it. The
 * file has both, so that all of it is the `caBundle` of the webhook's configuration, and stays so when the pair is renewed.
 * A pair without those files is somebody else's, and is left alone.
 *
 * @param names DNS names and IP addresses under which it is served
 * @returns whether it wrote a pair
 * @throws ReleaseError INVALID_INPUT when the authority's files can't be used
 */
export async function ensureSelfMadePair(
  files: KeyPairFiles,
  names: readonly string[],
  now: Date,
): Promise<boolean> {
  const { certFile, keyFile } = files;
  if (await isThere(certFile)) {
    const isOurs = await isThere(authorityFiles(files).keyFile);
    if (!isOurs || (await isGood(certFile, names, now))) return false;
  }
  const authority = await ensureAuthority(files, now);
  const [first = 'localhost'] = names;
  const pair = await generate([{ name: 'commonName', value: first }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ca: authority,
    notBeforeDate: new Date(now.getTime() - BACKDATED_MS),
    notAfterDate: new Date(now.getTime() + VALID_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
        ),
      },
    ],
  });
  // The certificate comes last: what is served changes once both are there.
  await replace(keyFile, pair.private, 0o600);
  await replace(certFile, `${pair.cert.trim()}\n${authority.cert.trim()}\n`, 0o644);
  return true;
}
