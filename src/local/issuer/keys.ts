import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import { z } from 'zod';
import { readOrCreate } from './private-file';

export const SIGNING_ALGORITHM = 'ES256';

const PrivateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

async function makeKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
}

/** The issuer's key, kept in `{stateDir}/issuer-key.json` (0600); its id is the RFC 7638 thumbprint. */
export async function loadSigningKey(stateDir: string): Promise<SigningKey> {
  const text = await readOrCreate(path.join(stateDir, 'issuer-key.json'), makeKey);
  const { d, ...publicPart } = PrivateJwk.parse(JSON.parse(text));
  const kid = await calculateJwkThumbprint(publicPart);
  const privateKey = await importJWK({ ...publicPart, d }, SIGNING_ALGORITHM);
  if (privateKey instanceof Uint8Array) {
    throw new TypeError('an EC key is never a shared secret');
  }
  return { kid, privateKey, publicJwk: { ...publicPart, kid, use: 'sig', alg: SIGNING_ALGORITHM } };
}

/** Who may read `{stateDir}/issuer-secret` (0600, 256 random bits) may ask for tokens. */
export async function loadIssuerSecret(stateDir: string): Promise<string> {
  const make = (): Promise<string> => Promise.resolve(randomBytes(32).toString('base64url'));
  return (await readOrCreate(path.join(stateDir, 'issuer-secret'), make)).trim();
}
