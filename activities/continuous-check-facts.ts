import type { CheckFacts } from '../src/domain/continuous-check/decide';
import type { Digest } from '../src/domain/digest';
import type { ChannelHistoryEntry } from '../src/ports/ledger';
import type { LaneLook } from '../src/ports/system-lanes';
import type { CheckDeps } from './continuous-check';

type FactDeps = Pick<CheckDeps, 'checks' | 'systemLanes' | 'ledger'>;

/** As many moves are looked through for the one that made a digest stable. */
const MAX_MOVES = 1000;
/** More than any guard counts. */
const MAX_ROLLBACKS = 50;

/** Only releases carry an id. One whose move is not found is taken for a rollback's: those are not undone. */
function isRollbackResult(stable: Digest, history: readonly ChannelHistoryEntry[]): boolean {
  const pin = history.find(({ channel, to }) => channel === 'prod:stable' && to === stable);
  return (pin?.releaseId ?? null) === null;
}

function describeInFlight({ running, rollbackRunning }: LaneLook): string | null {
  if (rollbackRunning) return 'a rollback';
  return running === null ? null : `release ${running}`;
}

export async function readCheckFacts(
  { checks, systemLanes: lanes, ledger }: FactDeps,
  svc: string,
): Promise<Omit<CheckFacts, 'target' | 'nowMs'>> {
  const [lane, stable, history, rollbacks, [last]] = await Promise.all([
    lanes.look(svc),
    ledger.getChannel(svc, { env: 'prod', tag: 'stable' }),
    ledger.history(svc, MAX_MOVES),
    checks.rollbacks(svc, MAX_ROLLBACKS),
    checks.history(svc, 1),
  ]);
  const digest = stable?.digest ?? null;
  return {
    stable: digest,
    isRollbackResult: digest !== null && isRollbackResult(digest, history),
    inFlight: describeInFlight(lane),
    hold: lane.hold && `${lane.hold.by}: ${lane.hold.reason}`,
    rolledBackAt: rollbacks.filter(({ end }) => end !== 'not-begun').map(({ at }) => at),
    uncheckedRuns: last?.outcome === 'unchecked' ? last.runs : 0,
  };
}
