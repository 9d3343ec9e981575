import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';
import type { WormManifest } from '../../domain/worm/manifest';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

const item = z.object({
  digest,
  size: z.int().nonnegative(),
  role: z.enum(['index', 'manifest', 'config', 'layer', 'evidence']),
  mediaType: z.string(),
  artifactType: z.string().nullable(),
  subject: digest.nullable(),
  repository: z.string(),
  key: z.string(),
  version: z.string(),
});

/** `copies/{id}/manifest.json` of the WORM store (docs/worm.md). */
export const WormManifestFile = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  digest,
  repository: z.string(),
  reason: z.string(),
  by: z.string(),
  requestedAt: z.string(),
  lockUntil: z.string(),
  tags: z.array(z.object({ repository: z.string(), tag: z.string(), digest })).readonly(),
  holds: z
    .array(
      z.object({
        id: z.string(),
        by: z.string(),
        at: z.string(),
        until: z.string().nullable(),
        reason: z.string(),
      }),
    )
    .readonly(),
  verdicts: z
    .array(
      z.object({
        releaseId: z.string(),
        gate: z.string(),
        subject: z.string(),
        outcome: z.string(),
        at: z.string(),
      }),
    )
    .readonly(),
  items: z.array(item).readonly(),
}) satisfies z.ZodType<WormManifest>;
