import { testPolicy } from '../support/builders';
import type { FakeDeps } from '../support/fake-deps';
import { MINUTE, sharesGiven, takenBackByPlan, usePlanServer } from '../support/plan-release';

jest.setTimeout(60_000);

/** Each answer about an edge takes more than a minute to come. */
function answerLate({ freezes }: FakeDeps): void {
  let asked = 0;
  const answer = freezes.covering.bind(freezes);
  Object.assign(freezes, {
    covering: (svc: string) => {
      asked += 1;
      if (asked % 20 !== 0) freezes.fail('LEDGER_UNAVAILABLE', 1, 'covering');
      return answer(svc);
    },
  });
}

describe('an edge whose state is only ever known late', () => {
  const server = usePlanServer();

  it('is not taken for open: the release fails and is taken back', async () => {
    const { timeouts } = testPolicy();
    const patient = { ...timeouts, releaseMs: 600 * MINUTE, dependencyMs: 5 * MINUTE };
    const release = await server.start('late-answers', {
      request: { policy: testPolicy({ timeouts: patient }) },
      arrange: answerLate,
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(
      /^LEDGER_UNAVAILABLE: Whether stg channel is open was answered 4/,
    );
    expect(sharesGiven(release)).toEqual([]);
    expect(await takenBackByPlan(release)).toBe(true);
  });
});
