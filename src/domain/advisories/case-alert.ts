import type { AdvisorySeverity } from './advisory';
import type { CaseLook } from './case';
import type { AlarmKind } from './case-clock';
import { judgeClose } from './case-close';
import { describePulls, pullCommands } from './case-pulls';

interface AlertText {
  readonly severity: 'critical' | 'warning' | 'info';
  readonly title: string;
  readonly text: string;
}

interface CaseFacts {
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  readonly dueAt: string;
  readonly look: CaseLook | null;
}

const MAX_LINES = 10;

/** The first ten, and how many more there are. */
export function firstOf(lines: readonly string[], more = 0): string {
  const left = lines.length + more - MAX_LINES;
  const shown = lines.slice(0, MAX_LINES).join('; ');
  return left > 0 ? `${shown}; and ${left} more` : shown;
}

function sentences(look: CaseLook | null): readonly string[] {
  if (!look) return ['Where it is could not be found out yet.'];
  const { affected, more, unknown, unmatched = [], todo } = look;
  const lines = affected.map(({ svc, where, digest }) => `${svc} ${where}: ${digest}`);
  return [
    affected.length > 0 ? `Affected: ${firstOf(lines, more)}.` : '',
    unknown.length > 0 ? `Not known: ${firstOf(unknown)}.` : '',
    unmatched.length > 0 ? `Not matched with the advisories yet: ${firstOf(unmatched)}.` : '',
    todo.length > 0 ? `To do: ${todo.slice(0, MAX_LINES).join(' ')}` : '',
  ];
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** What is or will be cut off from pulls, and what changes that. */
function pullSentences(facts: CaseFacts, overdue: boolean): readonly string[] {
  const { advisory, dueAt, look } = facts;
  const clock = { advisory, dueAt, overdue };
  const isCut = look?.pulls?.until === 'due' || look?.pulls?.until === 'cut';
  const isBlind = look !== null && look.unknown.length + look.more > 0;
  return [
    describePulls(look?.pulls, clock),
    isCut && isBlind ? 'What could not be asked does not hold that up.' : '',
    pullCommands(look?.pulls, clock),
  ];
}

/** Prod is hit, or it can't be told that it is not. */
function isUrgent(look: CaseLook | null): boolean {
  return !look || look.unknown.length > 0 || look.affected.some(({ prod }) => prod);
}

/** When a case is opened. `done`: what was done at once, as sentences. */
export function describeOpened(facts: CaseFacts, done: readonly string[]): AlertText {
  const { advisory, severity, dueAt, look } = facts;
  return {
    severity: isUrgent(look) ? 'critical' : 'warning',
    title: `${advisory} (${severity}) hits what is in use`,
    text: joined(
      `Nothing affected may be left by ${dueAt}.`,
      ...done,
      ...pullSentences(facts, false),
      ...sentences(look),
    ),
  };
}

/** When an open case is rated worse than it was: its time is shorter, and other rules may hold. */
export function describeWorse(facts: CaseFacts): AlertText {
  const { advisory, severity, dueAt, look } = facts;
  return {
    severity: isUrgent(look) ? 'critical' : 'warning',
    title: `${advisory} is rated ${severity} now`,
    text: joined(
      `Nothing affected may be left by ${dueAt}.`,
      ...pullSentences(facts, false),
      ...sentences(look),
    ),
  };
}

const CLOCK_TITLES: Readonly<Record<AlarmKind, string>> = {
  half: 'half of the time is over',
  soon: 'it is due soon',
  overdue: 'it is overdue',
};

export function describeAlarm(facts: CaseFacts, kind: AlarmKind): AlertText {
  const { advisory, dueAt, look } = facts;
  return {
    severity: kind === 'half' && !isUrgent(look) ? 'warning' : 'critical',
    title: `${advisory}: ${CLOCK_TITLES[kind]}`,
    text: joined(
      `Nothing affected may be left by ${dueAt}.`,
      ...pullSentences(facts, kind === 'overdue'),
      ...sentences(look),
    ),
  };
}

/** A rollup that a case ordered has ended, and left something to people. */
export function describeRebuilt(
  { advisory }: Pick<CaseFacts, 'advisory'>,
  todo: readonly string[],
): AlertText {
  return {
    severity: 'critical',
    title: `${advisory}: not all could be rebuilt`,
    text: joined(...todo.slice(0, MAX_LINES)),
  };
}

/** Why it is still open, a sentence. */
export function whyOpen(look: CaseLook | null): string {
  if (!look) return 'It was not looked at yet.';
  const judged = judgeClose(look);
  return judged.clear ? 'Nothing affected was found; it is looked at once more.' : judged.why;
}
