import type { RollbackFacts } from '../src/domain/rollback';
import type { Ledger } from '../src/ports/ledger';

/** How far back a stable digest may lie to be rolled back to. */
const MAX_PAST = 50;

/** What was prod:stable, newest first, and what of it is remembered as bad. */
export async function readStablePast(
  ledger: Pick<Ledger, 'pastDigests' | 'findBad'>,
  svc: string,
): Promise<Pick<RollbackFacts, 'past' | 'bad'>> {
  const past = await ledger.pastDigests(svc, { env: 'prod', tag: 'stable' }, MAX_PAST);
  const bad = await Promise.all(past.map((digest) => ledger.findBad(svc, digest)));
  return { past, bad: past.filter((_, index) => bad[index]) };
}
