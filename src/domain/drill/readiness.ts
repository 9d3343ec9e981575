import type { Digest } from '../digest';
import { chooseRollbackTarget } from '../rollback';

/** The lane of a service, as far as a drill needs it. */
export interface DrillLane {
  readonly running: { readonly releaseId: string } | null;
  readonly queued: readonly unknown[];
  readonly hold: { readonly by: string; readonly reason: string } | null;
  readonly rollbackRunning: boolean;
}

export interface DrillFacts {
  readonly svc: string;
  /** The catalogue says that it may be drilled. */
  readonly marked: boolean;
  readonly lane: DrillLane;
  readonly current: Digest | null;
  /** What was prod:stable, newest first. */
  readonly past: readonly Digest[];
  readonly bad: readonly Digest[];
  readonly nowMs: number;
}

export type DrillReadiness =
  /** From `newer`, which is prod:stable, to `older` and forward again. */
  | { readonly ready: true; readonly newer: Digest; readonly older: Digest }
  | { readonly ready: false; readonly why: string };

/** Whose actions a drill's are; what it leaves behind is told from people's by this name. */
export const DRILL_ACTOR = { subject: 'system:drill', roles: [] } as const;

const no = (why: string): DrillReadiness => ({ ready: false, why });

/** A drill never meets a release, another rollback or the will of a person, and ends where it began. */
export function judgeReadiness(facts: DrillFacts): DrillReadiness {
  const { svc, marked, current, bad } = facts;
  if (!marked) return no(`${svc} is not marked for drills in the catalogue.`);
  const busy = busyWith(facts.lane);
  if (busy !== null) return no(`${svc} is not at rest: ${busy}.`);
  if (current !== null && bad.includes(current)) {
    return no(`prod:stable of ${svc} is remembered as bad, so a drill could not end there.`);
  }
  const choice = chooseRollbackTarget({ kind: 'previous' }, facts);
  if (!choice.chosen) return no(`${choice.message} A drill needs two.`);
  return { ready: true, newer: choice.from, older: choice.to };
}

/** What is under way in the lane, or who holds it; null when a drill may have it. */
function busyWith({ running, queued, hold, rollbackRunning }: DrillLane): string | null {
  if (rollbackRunning) return 'a rollback is under way';
  if (running) return `${running.releaseId} is under way`;
  if (queued.length > 0) return 'releases wait';
  if (hold && hold.by !== DRILL_ACTOR.subject) return `held by ${hold.by}: ${hold.reason}`;
  return null;
}
