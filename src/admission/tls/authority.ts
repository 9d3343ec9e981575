import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'selfsigned';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { readKeyPair, type KeyPairFiles } from './key-pair';

interface Authority {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

/** Clocks of a cluster differ. */
export const BACKDATED_MS = 60 * 60_000;
const VALID_MS = 3650 * 86_400_000;
const SUBJECT = 'plura reg admission self-made authority';

function beside(file: string): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.authority${ext}`);
}

/** Of who signed a self-made pair: `tls.authority.crt` and `tls.authority.key` beside `tls.crt` and `tls.key`. */
export function authorityFiles({ certFile, keyFile }: KeyPairFiles): KeyPairFiles {
  return { certFile: beside(certFile), keyFile: beside(keyFile) };
}

export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function makeAuthority(files: KeyPairFiles, now: Date): Promise<Authority> {
  const made = await generate([{ name: 'commonName', value: SUBJECT }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - BACKDATED_MS),
    notAfterDate: new Date(now.getTime() + VALID_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  for (const file of [files.keyFile, files.certFile]) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  }
  // The key comes last: by it a pair is known as self-made.
  await writeFile(files.certFile, made.cert, { mode: 0o644 });
  await writeFile(files.keyFile, made.private, { mode: 0o600 });
  return { cert: made.cert, key: made.private };
}

/**
 * Who signs the self-made pair `pair`; made where there is none yet.
 *
 * @throws ReleaseError INVALID_INPUT when it can't be read, is no pair, or has ended at `now`
 */
export async function ensureAuthority(pair: KeyPairFiles, now: Date): Promise<Authority> {
  const files = authorityFiles(pair);
  if (!(await isThere(files.keyFile))) return makeAuthority(files, now);
  try {
    return await readKeyPair(files, now);
  } catch (error) {
    throw new ReleaseError('INVALID_INPUT', failureReason(error), {
      cause: error,
      details: {
        field: files.certFile,
        remedy: `remove ${files.certFile} and ${files.keyFile}: the next start makes others; then give their certificate to both webhook configurations as caBundle`,
      },
    });
  }
}
