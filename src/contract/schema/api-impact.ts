import { z } from 'zod';

const Severity = z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN']);

/** One of the two. */
export const ImpactQuery = z
  .strictObject({
    /** An advisory (CVE-2026-1234), or a package as a purl, with or without a version. */
    of: z.string().min(1).max(1024).optional(),
    /** All that the newest database brought. */
    newest: z.literal('true').optional(),
    limit: z.coerce.number().int().min(1).max(5000).default(500),
  })
  .refine(({ of, newest }) => (of === undefined) !== (newest === undefined), {
    error: 'name an advisory or a package, or ask for the newest database',
    path: ['of'],
  });

const ImpactedDigest = z.object({
  digest: z.string(),
  /** Services that released it. */
  services: z.array(z.string()).readonly(),
  /** Severest first; the first hundred. */
  components: z
    .array(
      z.object({
        purl: z.string(),
        /** Null: nothing hits it. */
        advisory: z.string().nullable(),
        severity: Severity.nullable(),
        fixedVersion: z.string().nullable(),
        /** When we first knew that the advisory hits it. */
        knownSince: z.string().nullable(),
      }),
    )
    .readonly(),
  /** What points at it, and since when. */
  channels: z
    .array(z.object({ svc: z.string(), channel: z.string(), since: z.string() }))
    .readonly(),
  /** Targets that ran it when they were last asked. */
  running: z.array(z.object({ svc: z.string(), env: z.string(), seenAt: z.string() })).readonly(),
});
export type ImpactedDigestView = z.infer<typeof ImpactedDigest>;

export const ImpactView = z.object({
  /** That the index was matched with; null: never, so nothing is known of advisories. */
  database: z.object({ digest: z.string(), updatedAt: z.string() }).nullable(),
  /** Released digests that are indexed, and that are not yet: of those nothing is known. */
  indexed: z.int().nonnegative(),
  missing: z.int().nonnegative(),
  /** Affected digests. */
  total: z.int().nonnegative(),
  /** The first of them: in prod:stable, then running, then in a channel, then the rest. */
  digests: z.array(ImpactedDigest).readonly(),
});
export type ImpactView = z.infer<typeof ImpactView>;
