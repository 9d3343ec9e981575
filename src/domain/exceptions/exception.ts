/** standard: for Medium and Unknown. break-glass: for Critical and High, hours long, by a role of its own. */
export const EXCEPTION_KINDS = ['standard', 'break-glass'] as const;
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

/** What the gate goes by: an exception that was approved, ended ones too. */
export interface GrantedException {
  readonly id: string;
  readonly kind: ExceptionKind;
  readonly vulnerabilityId: string;
  /** A purl without version, `pkg:npm/qs`, or a name as the scanner has it. */
  readonly packageName: string;
  /** Null: every version. */
  readonly packageVersion: string | null;
  /** Null covers every service. */
  readonly svc: string | null;
  /** RFC 3339; at that instant it covers nothing any more. */
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

/** As somebody asked for it; covers nothing until somebody else approves it. */
export interface ExceptionRequest extends Omit<GrantedException, 'revokedAt'> {
  readonly reason: string;
  /** Who answers for the risk. */
  readonly owner: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
}

export interface Exception extends ExceptionRequest {
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  readonly revokedBy: string | null;
  readonly revokedAt: string | null;
  readonly revokeReason: string | null;
}

export const EXCEPTION_STATES = ['requested', 'approved', 'revoked', 'expired'] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

type Ending = Pick<GrantedException, 'expiresAt' | 'revokedAt'>;

/** When it covers nothing any more, in ms since the epoch. An end that can't be read has come. */
export function endMsOf({ expiresAt, revokedAt }: Ending): number {
  const ends = [expiresAt, ...(revokedAt === null ? [] : [revokedAt])].map((end) =>
    Date.parse(end),
  );
  return ends.some(Number.isNaN) ? -Infinity : Math.min(...ends);
}

export function stateOf(
  exception: Ending & Pick<Exception, 'approvedAt'>,
  nowMs: number,
): ExceptionState {
  if (exception.revokedAt !== null) return 'revoked';
  if (!(endMsOf(exception) > nowMs)) return 'expired';
  return exception.approvedAt === null ? 'requested' : 'approved';
}

/** `ended at …` or `was revoked at …`, for people. */
export function describeEnd({ expiresAt, revokedAt }: Ending): string {
  return revokedAt !== null && Date.parse(revokedAt) < Date.parse(expiresAt)
    ? `was revoked at ${revokedAt}`
    : `ended at ${expiresAt}`;
}
