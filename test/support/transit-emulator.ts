import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHttpsEmulator, type HttpsEmulator } from './https-emulator';
import { signDigest } from './sign-digest';

interface SigningVersion {
  readonly privateKey: KeyObject;
  readonly createdAt: string;
}

interface EmulatedKey {
  readonly type: 'ecdsa-p256' | 'ed25519';
  readonly versions: SigningVersion[];
  minDecryptionVersion: number;
}

export interface TransitEmulator extends HttpsEmulator {
  readonly namespace: string;
  readonly tokenFile: string;
  /** `{method} {path}`, in order. */
  readonly calls: readonly string[];
  createKey(name: string, type?: EmulatedKey['type']): void;
  createMacKey(name: string): void;
  rotate(name: string): void;
  /** Versions below are no longer shown. */
  setMinDecryptionVersion(name: string, version: number): void;
  /** The next `times` calls get this status; 0 is never answered. */
  fail(status: number, times: number): void;
  /** What it asks for from now on. */
  setToken(token: string): void;
  stop(): Promise<void>;
}

interface Call {
  readonly input?: string;
  readonly prehashed?: boolean;
  readonly marshaling_algorithm?: string;
  readonly key_version?: number;
}

type Answer = { readonly status: number; readonly json: object };

const ok = (data: object): Answer => ({ status: 200, json: { request_id: 'x', data } });
const refuse = (status: number, ...errors: string[]): Answer => ({ status, json: { errors } });

function newVersion(type: EmulatedKey['type']): SigningVersion {
  const { privateKey } =
    type === 'ecdsa-p256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519');
  // Vault gives nanoseconds.
  return { privateKey, createdAt: new Date().toISOString().replace('Z', '123456Z') };
}

function readKey({ type, versions, minDecryptionVersion }: EmulatedKey): Answer {
  const keys = versions.map(({ privateKey, createdAt }, index) => {
    const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
    const shown = { creation_time: createdAt, name: 'P-256', public_key: pem.toString() };
    return [String(index + 1), shown] as const;
  });
  return ok({
    type,
    latest_version: versions.length,
    min_decryption_version: minDecryptionVersion,
    supports_signing: true,
    keys: Object.fromEntries(keys.filter(([number]) => Number(number) >= minDecryptionVersion)),
  });
}

function sign({ versions }: EmulatedKey, call: Call): Answer {
  const digest = Buffer.from(call.input ?? '', 'base64');
  if (call.prehashed !== true || digest.length !== 32) return refuse(400, 'not a SHA-256 digest');
  if (call.marshaling_algorithm !== 'asn1') return refuse(400, 'not asked for DER');
  const signature = signDigest(versions.at(-1)!.privateKey, digest).toString('base64');
  return ok({ signature: `vault:v${versions.length}:${signature}`, key_version: versions.length });
}

/** The transit engine of Vault and OpenBao, mounted at `transit`: read a key, sign, HMAC. Signatures are valid. */
export async function startTransit(): Promise<TransitEmulator> {
  const keys = new Map<string, EmulatedKey>();
  const macKeys = new Map<string, Buffer>();
  const calls: string[] = [];
  const faults: number[] = [];
  const namespace = 'team/releases';
  let token = `hvs.${randomBytes(12).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), 'plura-transit-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${token}\n`);

  function answer(method: string, path: string, call: Call): Answer {
    const [, operation = '', name = '', hash] =
      /^\/v1\/transit\/(keys|sign|hmac)\/([\w-]+)(\/sha2-256)?$/.exec(path) ?? [];
    const key = keys.get(name);
    const macKey = macKeys.get(name);
    if (operation === 'keys' && method === 'GET' && key) return readKey(key);
    if (hash === undefined || method !== 'POST') return refuse(404);
    if (operation === 'sign' && key) return sign(key, call);
    if (operation !== 'hmac' || !macKey) return refuse(400, 'signing key not found');
    const mac = createHmac('sha256', macKey).update(Buffer.from(call.input ?? '', 'base64'));
    return ok({ hmac: `vault:v${call.key_version ?? 1}:${mac.digest('base64')}` });
  }

  const server = await startHttpsEmulator(({ method, path, headers, body }) => {
    calls.push(`${method} ${path}`);
    const fault = faults.shift();
    if (fault === 0) return null;
    if (fault !== undefined) return refuse(fault, 'ordered by the test');
    if (headers['x-vault-token'] !== token || headers['x-vault-namespace'] !== namespace) {
      return refuse(403, 'permission denied');
    }
    return answer(method, path, body === '' ? {} : (JSON.parse(body) as Call));
  }, 'application/json');

  const keyOf = (name: string): EmulatedKey => keys.get(name)!;
  return {
    ...server,
    namespace,
    tokenFile,
    calls,
    createKey: (name, type = 'ecdsa-p256') => {
      keys.set(name, { type, versions: [newVersion(type)], minDecryptionVersion: 1 });
    },
    createMacKey: (name) => {
      macKeys.set(name, randomBytes(32));
    },
    rotate: (name) => {
      keyOf(name).versions.push(newVersion(keyOf(name).type));
    },
    setMinDecryptionVersion: (name, version) => {
      keyOf(name).minDecryptionVersion = version;
    },
    fail: (status, times) => {
      faults.push(...Array.from({ length: times }, () => status));
    },
    setToken: (value) => {
      token = value;
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
