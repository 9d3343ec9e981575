import { z } from 'zod';
import { canonicalAdvisoryId } from '../../domain/advisories/advisory-id';
import { Reason } from './api-release';

/** Advisory ids as databases write them: CVE-2026-1234, GHSA-xxxx-xxxx-xxxx, GO-2026-0001. */
const AdvisoryId = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9]{1,15}(?:-[A-Za-z0-9]{1,20}){1,5}$/,
    'is not an id such as CVE-2026-1234',
  )
  .overwrite(canonicalAdvisoryId);

export const QuarantineRequest = z.strictObject({
  digest: z.string().min(1).max(100),
  reason: Reason,
  cves: z.array(AdvisoryId).max(100).default([]),
  /** RFC 3339; it ends by itself then. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});

export const QuarantineEntryView = z.object({
  digest: z.string(),
  reason: z.string(),
  cves: z.array(z.string()).readonly(),
  actor: z.string(),
  at: z.string(),
  /** Until then it may still be pulled: a channel pointed at it. */
  graceUntil: z.string().nullable(),
  expiresAt: z.string().nullable(),
  liftedAt: z.string().nullable(),
  liftedBy: z.string().nullable(),
  liftReason: z.string().nullable(),
});
export type QuarantineEntryView = z.infer<typeof QuarantineEntryView>;

/** What stands in the way of a pull: `cause` is the quarantined digest that it spread from. */
export const BlockView = z.object({
  cause: z.string(),
  reason: z.string(),
  cves: z.array(z.string()).readonly(),
  since: z.string(),
  graceUntil: z.string().nullable(),
  expiresAt: z.string().nullable(),
});
export type BlockView = z.infer<typeof BlockView>;

export const QuarantineView = z.object({
  digest: z.string(),
  /** Null when the digest itself is not under quarantine. */
  entry: QuarantineEntryView.nullable(),
  /** Null when it may be pulled. */
  block: BlockView.nullable(),
  /** Where it, its parents and its children are. */
  places: z
    .array(
      z.object({
        repository: z.string(),
        digest: z.string(),
        tags: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
});
export type QuarantineView = z.infer<typeof QuarantineView>;

export const QuarantineAnswer = QuarantineView.extend({
  /** False: it is in force, and the alert of it could not be ordered. */
  alerted: z.boolean(),
});
export type QuarantineAnswer = z.infer<typeof QuarantineAnswer>;

/** Exactly one of `cve` and `breach`. */
export const QuarantineMatchingRequest = z.strictObject({
  /** All whose newest scan lists it. */
  cve: AdvisoryId.optional(),
  /** All that is in a channel or under a tag and whose newest scan fails. */
  breach: z.boolean().default(false),
  reason: Reason,
  /** RFC 3339; it ends by itself then. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  /** Says what would be put under quarantine, and does nothing. */
  dryRun: z.boolean().default(false),
  /** `next` of the page before. */
  after: z.strictObject({ digest: z.string().max(100), svc: z.string().max(100) }).optional(),
  limit: z.int().min(1).max(200).default(100),
});
export type QuarantineMatchingRequest = z.output<typeof QuarantineMatchingRequest>;

const QuarantineMatch = z.object({
  digest: z.string(),
  services: z.array(z.string()).readonly(),
  advisories: z.array(z.string()).readonly(),
  scannedAt: z.string(),
  repositories: z.array(z.string()).readonly(),
  /** A channel points at it, or at an index around it. */
  running: z.boolean(),
  /** It was under quarantine before. */
  before: z.boolean(),
});
export type QuarantineMatch = z.infer<typeof QuarantineMatch>;

export const QuarantineMatching = z.object({
  dryRun: z.boolean(),
  matches: z.array(QuarantineMatch).readonly(),
  /**
   * The newest scan lists so much that the advisory may be beyond its end, and the component index can't tell either: look at these
   * by hand.
   */
  unclear: z.array(z.string()).readonly(),
  /** Null: this was the last page. */
  next: z.object({ digest: z.string(), svc: z.string() }).nullable(),
  alerted: z.boolean(),
});
export type QuarantineMatching = z.infer<typeof QuarantineMatching>;

export const QuarantineList = z.object({ entries: z.array(QuarantineEntryView).readonly() });
export type QuarantineList = z.infer<typeof QuarantineList>;

export const QuarantineQuery = z.object({
  /** Lifted and expired ones too. */
  all: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const QuarantineParams = z.object({ digest: z.string().min(1).max(100) });
export const QuarantineReleaseRequest = z.strictObject({ reason: Reason });
export const QuarantineReleaseAnswer = z.object({
  digest: z.string(),
  /** What still stands in the way of a pull: another quarantine that spreads to it. */
  block: BlockView.nullable(),
});
export type QuarantineReleaseAnswer = z.infer<typeof QuarantineReleaseAnswer>;
