import { z } from 'zod';
import { BASE_IMPORT_STEPS } from '../base-messages';
import { isDigest, type Digest } from '../../domain/digest';
import { Reason } from './api-release';

const Family = z.string().min(1).max(60);
const DigestText = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'is not sha256: and 64 hex digits',
);

export const BaseView = z.object({
  family: z.string(),
  version: z.string(),
  /** The mirror: `bases/{family}`. */
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
  /** Where it came from. */
  source: z.string(),
  sourceDigest: z.string(),
  /** What the vendor's signature was verified by. */
  verifiedBy: z.string(),
  importedAt: z.string(),
  importedBy: z.string(),
  /** Builds may not start from it since. */
  withdrawnAt: z.string().nullable(),
});
export type BaseView = z.infer<typeof BaseView>;

const FamilyView = z.object({
  name: z.string(),
  source: z.string(),
  /** A tag, or a pattern of versions. */
  channel: z.string(),
  /** Kind of the vendor's signature. */
  signature: z.string(),
  /** What builds start from; null before the first import. */
  newest: BaseView.nullable(),
});
export type FamilyView = z.infer<typeof FamilyView>;

export const BaseList = z.object({
  families: z.array(FamilyView).readonly(),
  /** Newest first in each family. */
  bases: z.array(BaseView).readonly(),
});

export const BaseQuery = z.object({ family: Family.optional() });
export const BaseFamilyParams = z.object({ family: Family });

export const BaseImportRequest = z.strictObject({
  family: Family,
  /** Takes what is older than what is held, too. */
  allowOlder: z.boolean().default(false),
});
/** One a family is under way at a time: `running` names it. */
export const BaseImportStarted = z.object({
  started: z.boolean(),
  running: z.string().nullable(),
});

const BaseImportReportView = z.object({
  family: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  step: z.enum(BASE_IMPORT_STEPS),
  /** Null while it goes on. */
  outcome: z.enum(['imported', 'unchanged', 'refused', 'failed']).nullable(),
  source: z.string(),
  version: z.string().nullable(),
  digest: z.string().nullable(),
  verifiedBy: z.string().nullable(),
  mirror: z.string().nullable(),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
});
export type BaseImportReportView = z.infer<typeof BaseImportReportView>;

export const BaseImportView = z.object({
  /** Null when nobody asked, or it is forgotten. */
  import: z
    .object({
      workflowId: z.string(),
      running: z.boolean(),
      report: BaseImportReportView.nullable(),
    })
    .nullable(),
});

export const BaseApprovalRequest = z.strictObject({
  family: Family,
  digest: DigestText,
  reason: Reason,
  /** Critical and High found in it are accepted, too. */
  acceptFindings: z.boolean().default(false),
});
export const BaseApprovalView = z.object({
  family: z.string(),
  digest: z.string(),
  approvedBy: z.string(),
  reason: z.string(),
  acceptsFindings: z.boolean(),
  at: z.string(),
});

export const BaseWithdrawRequest = z.strictObject({
  family: Family,
  digest: DigestText,
  reason: Reason,
});
export const BaseWithdrawn = z.object({
  repository: z.string(),
  digest: z.string(),
  withdrawnAt: z.string(),
});
