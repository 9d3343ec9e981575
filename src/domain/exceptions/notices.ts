import { endMsOf, type Exception } from './exception';
import { describeLeft } from './expiry';
import type { ExceptionPolicy } from './policy';

const DAY_MS = 86_400_000;

/** Something that people are told of an exception, once. */
export interface ExceptionNotice {
  readonly exceptionId: string;
  /** Of the exception: `before/3600000`, `broken`, `broken/2`, `ended`. */
  readonly name: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
}

function describe({ vulnerabilityId, packageName, svc }: Exception): string {
  return `${vulnerabilityId} in ${packageName} (${svc ?? 'every service'})`;
}

/** Of the thresholds that it has passed only the last: who was away is not told three times at once. */
function warningOf(exception: Exception, leftMs: number, policy: ExceptionPolicy): string | null {
  const lastedMs = Date.parse(exception.expiresAt) - Date.parse(exception.approvedAt ?? '');
  // Warning of an exception of two hours a day ahead says nothing.
  const passed = policy.warnBeforeMs.filter((ms) => ms < lastedMs && leftMs <= ms);
  return passed.length === 0 ? null : `before/${Math.min(...passed)}`;
}

/** Each day that it lasts; also afterwards, since who broke it may have been faster than the alarm. */
function brokenGlass(exception: Exception, nowMs: number): ExceptionNotice {
  const endMs = endMsOf(exception);
  const lastedMs = Math.min(nowMs, endMs - 1) - Date.parse(exception.approvedAt ?? '');
  const days = Math.floor(lastedMs / DAY_MS);
  const left =
    nowMs < endMs
      ? `is let pass for ${describeLeft(endMs, nowMs)}`
      : `was let pass until ${new Date(endMs).toISOString()}`;
  return {
    exceptionId: exception.id,
    name: days > 0 ? `broken/${days}` : 'broken',
    severity: 'critical',
    title: `break-glass: ${describe(exception)} ${left}`,
  };
}

/** What people should have been told by now of an exception that was approved; what they were told already is sorted out by its name. */
export function noticesOf(
  exception: Exception,
  policy: ExceptionPolicy,
  nowMs: number,
): readonly ExceptionNotice[] {
  if (exception.approvedAt === null) return [];
  const { id: exceptionId, kind } = exception;
  const leftMs = endMsOf(exception) - nowMs;
  const what = `exception ${exceptionId} for ${describe(exception)}`;
  const broken = kind === 'break-glass' ? [brokenGlass(exception, nowMs)] : [];
  if (!(leftMs > 0)) {
    const how = exception.revokedAt === null ? 'has ended' : 'was revoked';
    return [
      ...broken,
      { exceptionId, name: 'ended', severity: 'warning', title: `${what} ${how}` },
    ];
  }
  const warning = warningOf(exception, leftMs, policy);
  return [
    ...broken,
    ...(warning === null
      ? []
      : [
          {
            exceptionId,
            name: warning,
            severity: 'warning' as const,
            title: `${what} ends in ${describeLeft(endMsOf(exception), nowMs)}`,
          },
        ]),
  ];
}
