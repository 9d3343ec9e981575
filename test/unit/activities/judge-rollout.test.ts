import {
  createJudgeRolloutActivities,
  type JudgeRolloutInput,
} from '../../../activities/judge-rollout';
import type { Verdict } from '../../../src/domain/verdict';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { CANDIDATE, STABLE } from '../../support/window-evidence';

const AT = { svc: 'shop', env: 'prod' } as const;
const INPUT: JudgeRolloutInput = {
  release: { releaseId: 'shop/2.0.0_abc', svc: 'shop', policyHash: 'sha256:p' },
  gate: 'observation',
  subject: '10 %',
  env: 'prod',
  epoch: 2,
  digest: CANDIDATE,
  percent: 10,
  since: '2026-03-01T12:00:00.000Z',
};

async function canary(): Promise<FakeDeps> {
  const deps = await createFakeDeps();
  const write = { ...AT, epoch: 2 };
  const image = (digest: typeof STABLE) => ({ repository: 'apps/shop/shop', digest });
  await deps.rollout.makeStable(write, image(STABLE), '/healthz', 1);
  await deps.rollout.startCandidate(write, image(CANDIDATE), '/healthz', 1);
  await deps.rollout.setCandidatePercent(write, CANDIDATE, 10);
  return deps;
}

function judge(deps: FakeDeps): Promise<Verdict> {
  return quietEnvironment().run(
    (input: JudgeRolloutInput) => createJudgeRolloutActivities(deps).judgeRollout(input),
    INPUT,
  );
}

describe('judgeRollout', () => {
  it('passes what runs as it was left, and records nothing', async () => {
    const deps = await canary();

    const verdict = await judge(deps);

    expect(verdict).toMatchObject({ gate: 'observation', outcome: 'pass', reasons: [] });
    expect(deps.ledger.verdicts).toEqual([]);
  });

  it('fails what crashed, and records the cause', async () => {
    const deps = await canary();
    deps.rollout.show(AT, { trouble: 'its container ended with code 3, 2 restarts' });

    const verdict = await judge(deps);

    expect(verdict).toMatchObject({
      subject: '10 %, rollout',
      outcome: 'fail',
      reasons: ['its container ended with code 3, 2 restarts'],
    });
    expect(deps.ledger.verdicts.map((one) => one.verdict)).toEqual([verdict]);
  });

  it('asks about the time since the candidate was started', async () => {
    const deps = await canary();

    await judge(deps);

    expect(deps.rollout.calls.at(-1)).toEqual({
      method: 'getState',
      args: ['shop', 'prod', INPUT.since],
    });
  });

  it('says nothing of a target that does not answer: it is asked again', async () => {
    const deps = await canary();
    deps.rollout.fail('ROLLOUT_UNAVAILABLE', 1, 'getState');

    await expect(judge(deps)).rejects.toMatchObject({ code: 'ROLLOUT_UNAVAILABLE' });
  });

  it('is fenced by a newer writer, whose doing is no fault of the release', async () => {
    const deps = await canary();
    await deps.rollout.withdrawCandidate({ ...AT, epoch: 3 });

    await expect(judge(deps)).rejects.toMatchObject({ code: 'FENCED' });
  });
});
