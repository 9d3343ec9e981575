import type { AdvisorySeverity } from '../../domain/advisories/advisory';
import type {
  AdvisoryHit,
  CaseExtension,
  CaseLook,
  CaseResolution,
} from '../../domain/advisories/case';
import { parseDigest } from '../../domain/digest';
import type { ChannelName } from '../../domain/reference';
import type { CaseEvent, RecordedCase } from '../../ports/advisory-cases';
import { toTime } from './registry-rows';

export const CASE_COLUMNS =
  'id, advisory, severity, opened_at, due_at, extension, look, closed_at, resolution';

/** The open case of advisory $1, else the newest. */
export const CASE_OF = `(SELECT id FROM advisory_cases WHERE advisory = $1
  ORDER BY closed_at IS NULL DESC, id DESC LIMIT 1)`;

export interface CaseRow {
  /** A bigint, as pg gives it. */
  readonly id: string;
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  readonly opened_at: Date;
  readonly due_at: Date;
  readonly extension: CaseExtension | null;
  readonly look: CaseLook | null;
  readonly closed_at: Date | null;
  readonly resolution: CaseResolution | null;
}

export function toCase({ advisory, severity, extension, look, ...row }: CaseRow): RecordedCase {
  return {
    advisory,
    severity,
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    closedAt: toTime(row.closed_at),
    extension,
    resolution: row.resolution,
    look,
  };
}

export interface HitRow {
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  readonly svc: string;
  readonly digest: string;
  readonly channels: readonly ChannelName[];
  readonly running: readonly string[];
  readonly purl: string;
  readonly fixed_version: string | null;
  readonly since: Date | null;
}

export function toHit({ digest, fixed_version: fixedVersion, since, ...row }: HitRow): AdvisoryHit {
  return { ...row, digest: parseDigest(digest), fixedVersion, since: toTime(since) };
}

export interface EventRow extends Omit<CaseEvent, 'at'> {
  readonly at: Date;
}

export function toEvent({ at, ...row }: EventRow): CaseEvent {
  return { ...row, at: at.toISOString() };
}
