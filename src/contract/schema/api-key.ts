import { z } from 'zod';
import { Reason } from './api-release';

const Time = z.iso.datetime({ offset: true });

const Revocation = z.object({ revokedAt: z.string(), trustedBefore: z.string().nullable() });

const KeyVersion = z.object({
  version: z.string(),
  notBefore: z.string().nullable(),
  notAfter: z.string().nullable(),
  /** signs, verifies, or why it does not count. */
  state: z.string(),
  revocation: Revocation.nullable(),
  publicKey: z.string(),
});

const Key = z.object({
  keyId: z.string(),
  /** The one that signs first; empty when they can't be read. */
  versions: z.array(KeyVersion).readonly(),
  /** Why they can't be read. */
  problem: z.string().nullable(),
});
export type KeyView = z.infer<typeof Key>;

export const KeyList = z.object({ keys: z.array(Key).readonly() });
export type KeyList = z.infer<typeof KeyList>;

export const RevokeKeyRequest = z.strictObject({
  keyId: z.string().min(1).max(100),
  version: z.string().min(1).max(60),
  /** RFC 3339: before it nobody else had the key. Without it nothing that the key signed holds. */
  trustedBefore: Time.optional(),
  reason: Reason,
});
export type RevokeKeyRequest = z.infer<typeof RevokeKeyRequest>;

export const RevokedKeyView = z.object({
  keyId: z.string(),
  version: z.string(),
  revokedAt: z.string(),
  trustedBefore: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
});
export type RevokedKeyView = z.infer<typeof RevokedKeyView>;
