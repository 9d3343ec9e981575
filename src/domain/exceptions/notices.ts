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

function brokenGlass(exception: Exception, nowMs: number): ExceptionNotice {
  const days = Math.floor((nowMs - Date.parse(exception.approvedAt ?? '')) / DAY_MS);
  return {
    exceptionId: exception.id,
    name: days > 0 ? `broken/${days}` : 'broken',
    severity: 'critical',
    title: `break-glass: ${describe(exception)} is let pass for ${describeLeft(endMsOf(exception), nowMs)}`,
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
  if (!(leftMs > 0)) {
    const how = exception.revokedAt === null ? 'has ended' : 'was revoked';
    return [{ exceptionId, name: 'ended', severity: 'warning', title: `${what} ${how}` }];
  }
  const warning = warningOf(exception, leftMs, policy);
  return [
    ...(kind === 'break-glass' ? [brokenGlass(exception, nowMs)] : []),
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
