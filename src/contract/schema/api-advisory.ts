import { z } from 'zod';
import { canonicalAdvisoryId, isAdvisoryId } from '../../domain/advisories/advisory-id';
import { JUSTIFICATIONS } from '../../domain/advisories/case';
import { Reason } from './api-release';
import { Duration } from './policy-duration';

const Severity = z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN']);
const Lines = z.array(z.string()).readonly();

const Pulls = z.object({
  /** `replaced`, `due`, `cut` (it could not be done yet), `always` (the policy cuts nothing off). */
  until: z.enum(['replaced', 'due', 'cut', 'always']),
  /** Digests that can be pulled. */
  open: z.int().nonnegative(),
  /** Digests that the case has cut off, and when it did the last. */
  cutOff: z.int().nonnegative(),
  cutAt: z.string().nullable(),
});

const Look = z.object({
  at: z.string(),
  affected: z
    .array(z.object({ svc: z.string(), digest: z.string(), where: z.string(), prod: z.boolean() }))
    .readonly(),
  /** Places that are not listed. */
  more: z.int().nonnegative(),
  /** What could not be asked; it keeps the case open. */
  unknown: Lines,
  /** What is in use and was not matched with the advisories yet; it keeps the case open. Absent: nothing. */
  unmatched: Lines.optional(),
  /** What only a person can do. */
  todo: Lines,
  /** Absent where it could not be found out. */
  pulls: Pulls.optional(),
});

const Resolution = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('replaced') }),
  z.object({ kind: z.literal('withdrawn') }),
  z.object({
    kind: z.literal('not-affected'),
    justification: z.enum(JUSTIFICATIONS),
    reason: z.string(),
    by: z.string(),
    until: z.string().nullable(),
  }),
]);

export const CaseView = z.object({
  advisory: z.string(),
  severity: Severity,
  openedAt: z.string(),
  dueAt: z.string(),
  /** Milliseconds; below 0 it is overdue. Null once it is closed. */
  remainingMs: z.number().nullable(),
  extension: z
    .object({ dueAt: z.string(), reason: z.string(), by: z.string(), at: z.string() })
    .nullable(),
  closedAt: z.string().nullable(),
  resolution: Resolution.nullable(),
  /** Null before the first. */
  look: Look.nullable(),
  /** Why it is open; null once it is closed. */
  why: z.string().nullable(),
  /** What can be pulled until when, and what was cut off from pulls when; null once it is closed. */
  pulledUntil: z.string().nullable(),
});
export type CaseView = z.infer<typeof CaseView>;

export const CaseList = z.object({ cases: z.array(CaseView).readonly() });
export type CaseList = z.infer<typeof CaseList>;

const Hit = z.object({
  svc: z.string(),
  digest: z.string(),
  severity: Severity,
  purl: z.string(),
  fixedVersion: z.string().nullable(),
  channels: Lines,
  running: Lines,
  /** RFC 3339: since when a channel points at it. */
  since: z.string().nullable(),
  /** What this case did to the digest: denied, quarantined. */
  acts: Lines,
  /** RFC 3339: when it was cut off from pulls; null: it was not. */
  cutAt: z.string().nullable(),
});

const Event = z.object({
  at: z.string(),
  kind: z.string(),
  text: z.string(),
  actor: z.string(),
});

export const CaseDetail = CaseView.extend({
  /** As they were found, by service and digest; the first 500. */
  hits: z.array(Hit).readonly(),
  hitCount: z.int().nonnegative(),
  /** Of all cases of the advisory, oldest first. */
  timeline: z.array(Event).readonly(),
  workflowId: z.string(),
});
export type CaseDetail = z.infer<typeof CaseDetail>;

export const CaseQuery = z.object({
  state: z.enum(['open', 'closed', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const CaseParams = z.object({
  id: z
    .string()
    .refine(isAdvisoryId, 'is not the id of an advisory, such as CVE-2026-1234')
    .overwrite(canonicalAdvisoryId),
});

export const CaseNoteRequest = z.strictObject({ text: Reason });

export const CaseExtendRequest = z.strictObject({
  /** Added to when it is due, at most what the policy allows: `12h`. */
  by: Duration,
  reason: Reason,
});

export const CaseCloseRequest = z
  .strictObject({
    justification: z.enum(JUSTIFICATIONS),
    reason: Reason,
    /** RFC 3339: what is dismissed opens a case again after that. An exception has an end. */
    until: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(({ justification, until }) => justification !== 'exception' || until !== undefined, {
    path: ['until'],
    message: 'is needed with the justification "exception": when the exception ends',
  });
