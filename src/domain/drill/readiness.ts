import type { Digest } from '../digest';
import { chooseRollbackTarget } from '../rollback';

/** The lane of a service, as far as a drill needs it. */
export interface DrillLane {
  readonly running: { readonly releaseId: string } | null;
  readonly queued: readonly unknown[];
  readonly hold: { readonly by: string; readonly reason: string } | null;
  readonly rollbackRunning: boolean;
}

/** One of prod:stable. */
export interface StableMove {
  readonly from: Digest | null;
  readonly to: Digest | null;
  readonly actor: string;
  readonly reason: string;
}

export interface DrillFacts {
  readonly svc: string;
  /** Of the drill that asks. */
  readonly id: string;
  /** The catalogue says that it may be drilled. */
  readonly marked: boolean;
  readonly lane: DrillLane;
  readonly current: Digest | null;
  /** What was prod:stable, newest first. */
  readonly past: readonly Digest[];
  /** How it came there, newest first. */
  readonly moves: readonly StableMove[];
  readonly bad: readonly Digest[];
  readonly nowMs: number;
}

export type DrillReadiness =
  /** From `newer`, which is prod:stable, to `older` and forward again. */
  | { readonly ready: true; readonly newer: Digest; readonly older: Digest }
  /** urgent: an earlier drill left the service where it does not belong. */
  | { readonly ready: false; readonly why: string; readonly urgent: boolean };

/** Whose actions a drill's are; what it leaves behind is told from people's by this name. */
export const DRILL_ACTOR = { subject: 'system:drill', roles: [] } as const;

const no = (why: string, urgent = false): DrillReadiness => ({ ready: false, why, urgent });

/** What stands at the hold of a drill, and at each of its moves. */
export function drillReason(id: string): string {
  return `rollback drill ${id}`;
}

/** A drill never meets a release, another rollback or the will of a person, and ends where it began. */
export function judgeReadiness(facts: DrillFacts): DrillReadiness {
  const { svc, marked, current, bad } = facts;
  if (!marked) return no(`${svc} is not marked for drills in the catalogue.`);
  const busy = busyWith(facts.lane);
  if (busy !== null) return no(`${svc} is not at rest: ${busy}.`);
  const home = homeOfBrokenOff(facts);
  if (home !== null && home !== current) {
    const left = `A drill was broken off and left prod:stable of ${svc} at ${current ?? 'nothing'}`;
    return no(
      `${left}, not at ${home}, where it began. Its hold stays: move it, then resume.`,
      true,
    );
  }
  if (current !== null && bad.includes(current)) {
    return no(`prod:stable of ${svc} is remembered as bad, so a drill could not end there.`);
  }
  const choice = chooseRollbackTarget({ kind: 'previous' }, facts);
  if (!choice.chosen) return no(`${choice.message} A drill needs two.`);
  return { ready: true, newer: choice.from, older: choice.to };
}

/** Where a drill began whose hold is still there, and after whom nobody moved prod:stable; null when there is none. */
function homeOfBrokenOff({ id, lane: { hold }, moves }: DrillFacts): Digest | null {
  if (hold?.by !== DRILL_ACTOR.subject || hold.reason === drillReason(id)) return null;
  const isItsOwn = ({ actor, reason }: StableMove): boolean =>
    actor === DRILL_ACTOR.subject && reason.includes(`${hold.reason}, `);
  const next = moves.findIndex((move) => !isItsOwn(move));
  const own = next === -1 ? moves : moves.slice(0, next);
  return own.at(-1)?.from ?? null;
}

/** What is under way in the lane, or who holds it; null when a drill may have it. */
function busyWith({ running, queued, hold, rollbackRunning }: DrillLane): string | null {
  if (rollbackRunning) return 'a rollback is under way';
  if (running) return `${running.releaseId} is under way`;
  if (queued.length > 0) return 'releases wait';
  if (hold && hold.by !== DRILL_ACTOR.subject) return `held by ${hold.by}: ${hold.reason}`;
  return null;
}
