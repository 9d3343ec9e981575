import type { Digest } from '../../src/domain/digest';
import { newStatus } from '../../src/domain/release-status';
import type { Ledger } from '../../src/ports/ledger';
import { releaseRequest } from './builders';
import { moveOf, STABLE, T0 } from './contracts/ledger-builders';

/** What a release leaves in the ledger: `digest` is prod:stable, and its status says how. The release's id. */
export async function makeStable(
  ledger: Ledger,
  svc: string,
  digest: Digest,
  version = '1.0.0',
): Promise<string> {
  const request = releaseRequest(svc, version);
  const { releaseId } = request;
  const status = newStatus(request, `release/${releaseId}`);
  const key = `${svc} ${version}`;
  const epoch = await ledger.bumpEpoch(svc, key);
  const expected = (await ledger.getChannel(svc, STABLE))?.digest ?? null;
  const move = moveOf({ svc, expected, next: digest, epoch, releaseId, idempotencyKey: key });
  await ledger.beginMove(move);
  await ledger.completeMove(move, T0);
  const end = { stage: 'done', outcome: 'released', reason: 'it is stable', digest } as const;
  await ledger.saveStatus({ ...status, ...end }, `run of ${version}`, 1);
  return releaseId;
}
