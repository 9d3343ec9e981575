import { z } from 'zod';
import { canonicalAdvisoryId } from '../../domain/advisories/advisory-id';
import { EXCEPTION_KINDS, EXCEPTION_STATES } from '../../domain/exceptions/exception';
import { Reason } from './api-release';

const Svc = z.string().min(1).max(63);

export const ExceptionBody = z.strictObject({
  /** break-glass for Critical and High. */
  kind: z.enum(EXCEPTION_KINDS).default('standard'),
  vulnerability: z
    .string()
    .trim()
    .regex(
      /^[A-Za-z][A-Za-z0-9]{1,19}-[A-Za-z0-9][A-Za-z0-9:._-]{0,78}$/,
      'is not the id of a vulnerability, such as CVE-2026-1234 or GHSA-…',
    )
    .overwrite(canonicalAdvisoryId),
  /** A purl, or a name as the scanner has it. */
  package: z.string().trim().min(1).max(255),
  /** Every version without it, unless the purl names one. */
  version: z.string().trim().min(1).max(255).optional(),
  /** Every service without it. */
  svc: Svc.optional(),
  reason: Reason,
  /** Who answers for the risk. */
  owner: z.string().trim().min(1).max(200),
  /** A date, which ends at midnight UTC at its start, an RFC 3339 time, or a duration such as 12h or 30d. */
  expires: z.string().min(1).max(40),
});
export type ExceptionBody = z.output<typeof ExceptionBody>;

export const ExceptionView = z.object({
  id: z.string(),
  kind: z.enum(EXCEPTION_KINDS),
  state: z.enum(EXCEPTION_STATES),
  vulnerability: z.string(),
  package: z.string(),
  /** Null: every version. */
  version: z.string().nullable(),
  /** Null: every service. */
  svc: z.string().nullable(),
  reason: z.string(),
  owner: z.string(),
  requestedBy: z.string(),
  requestedAt: z.string(),
  approvedBy: z.string().nullable(),
  approvedAt: z.string().nullable(),
  revokedBy: z.string().nullable(),
  revokedAt: z.string().nullable(),
  revokeReason: z.string().nullable(),
  expiresAt: z.string(),
  /** Until it covers nothing any more; 0 when that is so, or it covers nothing yet. */
  secondsLeft: z.number().int(),
  /** The same for people, `6d 4h`. */
  left: z.string(),
});
export type ExceptionView = z.infer<typeof ExceptionView>;

export const ExceptionList = z.object({
  exceptions: z.array(ExceptionView).readonly(),
  at: z.string(),
});
export type ExceptionList = z.infer<typeof ExceptionList>;

export const ExceptionDetail = ExceptionView.extend({
  /** Digests whose last pass rests on it, the first hundred; with the channels that point at them. */
  covers: z
    .array(
      z.object({
        svc: z.string(),
        digest: z.string(),
        releaseId: z.string(),
        channels: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
});
export type ExceptionDetail = z.infer<typeof ExceptionDetail>;

export const ExceptionQuery = z.object({
  /** Those that are for it, or for every service. */
  svc: Svc.optional(),
  /** Those that ended too. */
  all: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const ExceptionParams = z.object({ id: z.string().min(1).max(64) });
export const ApproveException = z.strictObject({ reason: Reason });
export const RevokeException = z.strictObject({ reason: Reason });
