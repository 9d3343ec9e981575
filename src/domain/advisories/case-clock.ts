import type { AdvisoryCase } from './case';

/** What people are told as the clock of a case runs. */
export type AlarmKind = 'half' | 'soon' | 'overdue';

export interface CaseAlarm {
  /** Stable: with the same clock, the same alarm has the same key. */
  readonly key: string;
  readonly kind: AlarmKind;
  readonly atMs: number;
}

type Clock = Pick<AdvisoryCase, 'openedAt' | 'dueAt'>;

/** How long before the end people are told a last time. */
const SOON_MS = 4 * 3_600_000;
/** What is overdue is told again so often. */
const REPEAT_MS = 24 * 3_600_000;

function alarmsUntil({ openedAt, dueAt }: Clock, untilMs: number): readonly CaseAlarm[] {
  const [openedMs, dueMs] = [Date.parse(openedAt), Date.parse(dueAt)];
  const halfMs = openedMs + (dueMs - openedMs) / 2;
  const soonMs = dueMs - SOON_MS;
  const alarms: CaseAlarm[] = [{ key: `half/${dueAt}`, kind: 'half', atMs: halfMs }];
  // Of a short clock the last hours begin before its half: one alarm says both.
  if (soonMs > halfMs) alarms.push({ key: `soon/${dueAt}`, kind: 'soon', atMs: soonMs });
  for (let day = 0, atMs = dueMs; atMs <= untilMs || day === 0; day += 1, atMs += REPEAT_MS) {
    alarms.push({ key: `overdue/${dueAt}/${day}`, kind: 'overdue', atMs });
  }
  return alarms;
}

/** What is to be told now, of several the last: who was away does not hear of the half when it is over. */
export function dueAlarm(clock: Clock, nowMs: number, told: readonly string[]): CaseAlarm | null {
  const last = alarmsUntil(clock, nowMs).findLast(({ atMs }) => atMs <= nowMs);
  return last && !told.includes(last.key) ? last : null;
}

/** When the next alarm is due, in milliseconds since 1970; later than `nowMs`. */
export function nextAlarmMs(clock: Clock, nowMs: number): number {
  const next = alarmsUntil(clock, nowMs + REPEAT_MS).find(({ atMs }) => atMs > nowMs);
  return next?.atMs ?? nowMs + REPEAT_MS;
}

export function isOverdue({ dueAt }: Pick<AdvisoryCase, 'dueAt'>, nowMs: number): boolean {
  // A time that can't be read is over.
  return !(nowMs < Date.parse(dueAt));
}

/** When it is due from now on: the clock that runs plus `byMs`. */
export function extendedDue({ dueAt }: Pick<AdvisoryCase, 'dueAt'>, byMs: number): string {
  return new Date(Date.parse(dueAt) + byMs).toISOString();
}
