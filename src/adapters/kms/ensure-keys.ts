import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { hasErrorCode } from '../../contract/error-reason';
import { keyFile } from './key-files';

interface WantedKeys {
  /** ECDSA P-256. */
  readonly signing: readonly string[];
  /** 32 random bytes each. */
  readonly mac: readonly string[];
}

export function newKey(kind: 'pem' | 'mac'): string | Buffer {
  if (kind === 'mac') {
    return randomBytes(32);
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

/**
 * Writes a file for its owner only, unless it is there. By a link: the file is whole or absent,
 * and of two writers at once one wins and the other keeps the winner's.
 */
export async function createOnce(path: string, content: () => string | Buffer): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`;
  try {
    await writeFile(draft, content(), { flag: 'wx', mode: 0o600 });
    await link(draft, path);
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) {
      throw error;
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Makes the keys that are not there yet; never touches one that is. */
export async function ensureKeys(dir: string, wanted: WantedKeys): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const keyId of wanted.signing) {
    await createOnce(keyFile(dir, keyId, 'pem'), () => newKey('pem'));
  }
  for (const keyId of wanted.mac) {
    await createOnce(keyFile(dir, keyId, 'mac'), () => newKey('mac'));
  }
}
