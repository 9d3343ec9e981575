import { CancellationScope } from '@temporalio/workflow';
import type { Digest } from '../../src/domain/digest';
import type { Channel } from '../../src/domain/reference';
import { alertPeople } from './alerts';
import { renewApproval } from './approval';
import { clearChannel, moveChannel, restoreChannelLater } from './channels';
import { passEdge } from './edges';
import { describeFailure } from './failure';
import { requireServed } from './look';
import { isOutdated, observeAgain, type Observed } from './observe-again';
import { nowIso } from './progress';
import { throwIfEnding, type ReleaseRun, type Serving } from './release-run';
import { makeStable, restoreStableLater } from './traffic';
import { observed } from './window-plan';

const PROD_STABLE = { env: 'prod', tag: 'stable' } as const;
const PROD_PIN = { env: 'prod', edge: 'pin' } as const;

interface Pin {
  readonly digest: Digest;
  readonly previous: Digest | null;
  readonly pinnedAt: string;
}

/**
 * Traffic, then channel. Ended in between, both go back; ended after the channel moved and before this
 * knows it, both go back too. So there is one stable digest at any end, and never an empty channel that was full.
 */
export async function pin(run: ReleaseRun, digest: Digest, serving: Observed): Promise<Pin> {
  const again = (): Promise<void> => passPinEdge(run, digest, serving);
  await again();
  return run.progress.step('prod-stable', 'prod:stable', async () => {
    restoreChannelLater(run, PROD_STABLE, digest);
    restoreStableLater(run, 'prod', digest, serving);
    await makeStable(run, 'prod', digest, { edge: PROD_PIN, again });
    // Traffic has gone there: the channel follows it whatever has closed meanwhile.
    const pinnedAt = await moveChannel(run, PROD_STABLE, digest);
    throwIfEnding(run);
    run.pinned = true;
    run.compensations.clear();
    return { digest, previous: run.channels['prod:stable'] ?? null, pinnedAt };
  });
}

/**
 * At one instant it has to be served, measured, attested, open and approved. A freeze may last for days, so after one all of it is asked again,
 * and nothing that could take long comes between an edge that is open at once and the move.
 */
async function passPinEdge(run: ReleaseRun, digest: Digest, serving: Observed): Promise<void> {
  do {
    await requireStillServed(run, digest, serving);
    await observeAgain(run, serving.watched);
    await attestVerdicts(run, digest);
  } while (
    (await passEdge(run, PROD_PIN)) ||
    (await renewApproval(run)) ||
    isOutdated(run, serving.watched)
  );
}

/** Approvals and freezes may have taken days, in which it may have crashed or been changed. */
async function requireStillServed(
  run: ReleaseRun,
  digest: Digest,
  { since }: Serving,
): Promise<void> {
  if (!run.input.plan) return;
  const { percent } = observed(run.input);
  const served = { percent, since };
  const subject = 'before the pin';
  await requireServed(run, { gate: 'observation', subject, env: 'prod', digest, served });
}

/** One signed statement on the digest of all that was judged, so that who pulls it can see why it was let in. */
async function attestVerdicts(run: ReleaseRun, digest: Digest): Promise<void> {
  const { service, version, revision, policy, plan } = run.input;
  if (!plan) return;
  await run.progress.step('prod-stable', 'verdicts attested', () =>
    run.proxies.quick.attestVerdicts.executeWithOptions({ summary: 'verdicts: sign and attach' }, [
      {
        release: run.release,
        service,
        version,
        revision,
        digest,
        createdAt: nowIso(),
        transparencyLog: policy.signing.transparencyLog,
      },
    ]),
  );
}

/** Papers of a pin that stands. What fails here is shown and alerted; it does not undo the release. */
export async function sealPin(run: ReleaseRun, done: Pin): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const [logIndex, keyId] = await Promise.all([
      paper(run, 'log entry', () => logPin(run, done)),
      paper(run, 'revert key', () => issueRevertKey(run, done)),
      paper(run, 'stg:candidate cleared', () => clear(run, { env: 'stg', tag: 'candidate' }, done)),
      paper(run, 'prod:candidate cleared', () =>
        clear(run, { env: 'prod', tag: 'candidate' }, done),
      ),
    ]);
    if (keyId) run.progress.setRevertKey(keyId);
    await paper(run, 'release notes', async () => {
      await run.proxies.quick.publishNotes.executeWithOptions({ summary: 'release notes' }, [
        { status: run.progress.status(), ...done, revertKeyId: keyId, logIndex },
      ]);
      return null;
    });
  });
}

async function logPin(run: ReleaseRun, done: Pin): Promise<string | null> {
  const { input, proxies } = run;
  const { digest, previous, pinnedAt } = done;
  const cause = `${input.releaseId}@${input.epoch}`;
  const entry = await proxies.quick.appendPin.executeWithOptions(
    { summary: 'pin to the transparency log' },
    [
      {
        svc: input.service.svc,
        region: input.service.region,
        digest,
        previous,
        cause,
        policyHash: input.policyHash,
        pinnedAt,
        transparencyLog: input.policy.signing.transparencyLog,
      },
    ],
  );
  if (!entry) return null;
  await proxies.quick.saveLogEntry.executeWithOptions({ summary: `log entry ${entry.index}` }, [
    { svc: input.service.svc, cause, ...entry },
  ]);
  return entry.index;
}

async function issueRevertKey(
  run: ReleaseRun,
  { digest, previous, pinnedAt }: Pin,
): Promise<string | null> {
  const { input } = run;
  const { keyId } = await run.proxies.quick.issueRevertKey.executeWithOptions(
    { summary: 'revert key' },
    [
      {
        svc: input.service.svc,
        epoch: input.epoch,
        digest,
        previous: previous === digest ? null : previous,
        pinnedAt,
        ttlMs: input.policy.rollback.revertKeyTtlMs,
      },
    ],
  );
  return keyId;
}

async function clear(run: ReleaseRun, channel: Channel, { digest }: Pin): Promise<null> {
  await clearChannel(run, channel, digest);
  return null;
}

async function paper(
  run: ReleaseRun,
  title: string,
  work: () => Promise<string | null>,
): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = describeFailure(error);
    if (code === 'FENCED') return null;
    run.progress.start('prod-stable', title);
    run.progress.end(title, 'failed', message);
    await alertPeople(run, {
      id: `pin/${title}`,
      title: `released, but without its ${title}`,
      text: message,
    });
    return null;
  }
}
