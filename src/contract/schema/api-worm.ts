import { z } from 'zod';
import { Reason } from './api-release';

const Id = z.string().min(1).max(64);

export const WormHoldRequest = z.strictObject({
  /** `{repository}@{digest}`, or the digest alone where the inventory knows it. */
  image: z.string().min(1).max(512),
  reason: Reason,
  /** RFC 3339: nobody can delete the copy before that. It can be made later, never earlier. */
  lockUntil: z.iso.datetime({ offset: true }),
});

export const WormCopyView = z.object({
  id: Id,
  digest: z.string(),
  repository: z.string(),
  reason: z.string(),
  by: z.string(),
  requestedAt: z.string(),
  lockUntil: z.string(),
  /** damaged: what was read back last is not what was stored. */
  state: z.enum(['copying', 'held', 'damaged', 'failed']),
  objects: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** Of hashes, in the store; null before it is complete. */
  manifest: z.object({ key: z.string(), version: z.string(), digest: z.string() }).nullable(),
  /** When all of it was last read back. */
  verifiedAt: z.string().nullable(),
  problems: z.array(z.string()).readonly(),
});
export type WormCopyView = z.infer<typeof WormCopyView>;

export const WormCopyList = z.object({ copies: z.array(WormCopyView).readonly() });
export type WormCopyList = z.infer<typeof WormCopyList>;

export const WormQuery = z.object({
  digest: z.string().min(1).max(100).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const WormParams = z.object({ id: Id });

export const WormVerifyRequest = z.strictObject({});
export const WormExtendRequest = z.strictObject({
  lockUntil: z.iso.datetime({ offset: true }),
});
export const WormRestoreRequest = z.strictObject({
  /** Without it where it was. */
  repository: z.string().min(1).max(255).optional(),
  /** Gives the tags back that pointed at it there. */
  tags: z.boolean().default(false),
});

/** One of each kind is under way for a copy at a time: `running` names it. */
export const WormRunAnswer = z.object({
  id: z.string(),
  started: z.boolean(),
  running: z.string().nullable(),
});
export type WormRunAnswer = z.infer<typeof WormRunAnswer>;

/** A tar, as a stream. */
export const WormExport = z.unknown();
