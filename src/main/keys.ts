import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { FILE_KEY_MAX_AGE_MS } from '../adapters/kms/file-key-management';
import { readFileKey, writeKeyRing } from '../adapters/kms/key-ring-file';
import { revokeKey, rotateKey } from '../adapters/kms/rotate-key';
import { readKmsConfig, readPublicKeysDir } from '../config/kms';
import { failureReason } from '../contract/error-reason';
import { ReleaseError } from '../contract/errors';
import { judgeKey, versionsOf, type KeyRing } from '../domain/keys';

const USAGE = `usage: keys list   KEY
       keys rotate KEY [--overlap-days DAYS] [--settle-seconds SECONDS]
       keys revoke KEY VERSION [--trusted-before TIME]
       keys export KEY
export writes the public halves to PLURA_PUBLIC_KEYS_DIR; rotate and revoke do so too, where it is set.
KEY is a key id such as release/eu-west-1; TIME is RFC 3339, the moment the key was compromised at the earliest.`;
const DAY_MS = 86_400_000;
/** As long as prod:stable is kept: what may still be rolled back to verifies. */
const OVERLAP_DAYS = 180;
const MAX_OVERLAP_DAYS = 3650;
const MAX_SETTLE_SECONDS = 3600;
const PUBLIC_MODE = 0o644;

function refuse(field: string, message: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', message, { details: { field, remedy: USAGE } });
}

function overlapMsOf(text: string | undefined): number {
  const days = text === undefined ? OVERLAP_DAYS : Number(text);
  if (Number.isInteger(days) && days >= 0 && days <= MAX_OVERLAP_DAYS) return days * DAY_MS;
  throw refuse('overlap-days', `--overlap-days is a number from 0 to ${MAX_OVERLAP_DAYS}`);
}

/** From the new public half being published to its first signature: until every verifier has it. */
function settleMsOf(text: string | undefined): number {
  if (text === undefined) return 2 * FILE_KEY_MAX_AGE_MS;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_SETTLE_SECONDS) {
    return seconds * 1000;
  }
  throw refuse('settle-seconds', `--settle-seconds is a number from 1 to ${MAX_SETTLE_SECONDS}`);
}

function trustedBeforeOf(text: string | undefined, now: Date): string | null {
  if (text === undefined) return null;
  const atMs = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT/.test(text) && atMs <= now.getTime()) return new Date(atMs).toISOString();
  throw refuse(
    'trusted-before',
    '--trusted-before is a time in the past, such as 2026-01-31T08:00:00Z',
  );
}

/** The ring alone, for verifiers. Others may read it. */
async function publish(dir: string | null, ring: KeyRing): Promise<void> {
  if (dir === null) return;
  await mkdir(dir, { recursive: true });
  await writeKeyRing(dir, ring, PUBLIC_MODE);
}

async function exportKey(
  keysDir: string,
  keyId: string,
  publicDir: string | null,
): Promise<KeyRing> {
  if (publicDir === null) throw refuse('PLURA_PUBLIC_KEYS_DIR', 'PLURA_PUBLIC_KEYS_DIR is not set');
  const { ring } = await readFileKey(keysDir, keyId);
  await publish(publicDir, ring);
  return ring;
}

async function run(args: readonly string[], now: Date): Promise<KeyRing> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'overlap-days': { type: 'string' },
      'settle-seconds': { type: 'string' },
      'trusted-before': { type: 'string' },
    },
  });
  const [verb, keyId, version, ...rest] = positionals;
  const kms = readKmsConfig();
  if (kms.kind !== 'file') {
    throw refuse('PLURA_KMS', `keys of PLURA_KMS=${kms.kind} are rotated there (docs/keys.md)`);
  }
  const { keysDir: dir } = kms;
  const publicDir = readPublicKeysDir();
  const publishRing = (ring: KeyRing): Promise<void> => publish(publicDir, ring);
  if (keyId === undefined || rest.length > 0) throw refuse('KEY', 'one key has to be named');
  if (verb === 'list' && version === undefined) return (await readFileKey(dir, keyId)).ring;
  if (verb === 'export' && version === undefined) return exportKey(dir, keyId, publicDir);
  if (verb === 'rotate' && version === undefined) {
    const overlapMs = overlapMsOf(values['overlap-days']);
    const settleMs = settleMsOf(values['settle-seconds']);
    return rotateKey(dir, keyId, { now, overlapMs, settleMs, publish: publishRing });
  }
  if (verb === 'revoke' && version !== undefined) {
    const trustedBefore = trustedBeforeOf(values['trusted-before'], now);
    const revocation = { revokedAt: now.toISOString(), trustedBefore };
    return revokeKey(dir, keyId, version, revocation, publishRing);
  }
  throw refuse('command', 'there is no such command');
}

function describeRing(ring: KeyRing, now: Date): string {
  const lines = versionsOf(ring).map((one) => {
    const judged = judgeKey(one, { seenAt: null, now });
    const state = one === ring.current ? 'signs' : judged.good ? 'verifies' : judged.why;
    return `${one.version}\t${one.notBefore ?? '-'}\t${one.notAfter ?? '-'}\t${state}\n`;
  });
  return `version\tfrom\tuntil\tstate\n${lines.join('')}`;
}

const now = new Date();
run(process.argv.slice(2), now).then(
  (ring) => {
    process.stdout.write(describeRing(ring, new Date()));
  },
  (error: unknown) => {
    const remedy = error instanceof ReleaseError ? error.details['remedy'] : undefined;
    const advice = typeof remedy === 'string' ? `: ${remedy}` : '';
    process.stderr.write(`keys: ${failureReason(error)}${advice}\n`);
    process.exitCode = 2;
  },
);
