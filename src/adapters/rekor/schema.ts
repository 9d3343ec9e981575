import { z } from 'zod';

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
/** int64 in protobuf's JSON: a string, left out when it is zero. */
const int64 = z
  .string()
  .regex(/^\d{1,19}$/)
  .default('0');

/** sigstore's TransparencyLogEntry, as Rekor v2 answers; only what a bundle holds. */
export const logEntry = z.object({
  logIndex: int64,
  logId: z.object({ keyId: base64 }),
  kindVersion: z.object({ kind: z.literal('hashedrekord'), version: z.literal('0.0.2') }),
  integratedTime: int64,
  inclusionProof: z.object({
    logIndex: int64,
    rootHash: base64,
    treeSize: int64,
    hashes: z.array(base64).max(64).default([]),
    checkpoint: z.object({ envelope: z.string().max(10_000) }),
  }),
  canonicalizedBody: base64,
});
