import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { AdvisoryCaseReport } from '../../src/contract/advisory-messages';
import { advisoryPolicyOf } from '../../src/domain/advisories/policy';
import { noteHits, runInProd } from '../support/advisory-world';
import { ADVISORY, hitOf } from '../support/contracts/advisory-cases';
import { A, B, T0, T1 } from '../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { startTimeSkippingServer } from '../support/temporal';
import { startWorkers, type TestWorkers } from '../support/workflow-env';

jest.setTimeout(90_000);

describe('the 72 hours of a case', () => {
  let environment: TestWorkflowEnvironment;
  let workers: TestWorkers;
  let deps: FakeDeps;

  beforeAll(async () => {
    environment = await startTimeSkippingServer();
    workers = await startWorkers(environment);
    deps = await createFakeDeps();
    for (const svc of ['', 'shop']) workers.use(svc, deps);
  });

  afterAll(async () => {
    await workers.stop();
    await environment.teardown();
  });

  const titles = (): readonly string[] => deps.notifier.sent.map(({ title }) => title);

  it('are told as they pass, until the affected digest has left', async () => {
    await runInProd(deps, A, T0);
    // A look every few hours, so that the test has few of them.
    const policy = { ...advisoryPolicyOf({}), recheckMs: 3 * 3_600_000 };
    const handle = await noteHits(environment.client.workflow, { advisory: ADVISORY, policy }, [
      hitOf(),
    ]);
    await environment.sleep('1 minute');
    expect(titles()).toEqual([`${ADVISORY} (HIGH) hits what is in use`]);

    await environment.sleep('37 hours');
    expect(titles().slice(1)).toEqual([`${ADVISORY}: half of the time is over`]);
    await environment.sleep('32 hours');
    expect(titles().slice(2)).toEqual([`${ADVISORY}: it is due soon`]);
    await environment.sleep('6 hours');
    expect(titles().slice(3)).toEqual([`${ADVISORY}: it is overdue`]);
    await environment.sleep('24 hours');
    expect(titles().slice(4)).toEqual([`${ADVISORY}: it is overdue`]);

    expect(await deps.advisoryCases.read(ADVISORY)).toMatchObject({ closedAt: null });
    await runInProd(deps, B, T1);
    const report = (await handle.result()) as AdvisoryCaseReport;

    expect(report).toMatchObject({ resolution: 'replaced', look: { affected: [], unknown: [] } });
    expect(titles().at(-1)).toBe(`${ADVISORY}: nothing affected is left`);
    const kinds = (await deps.advisoryCases.timeline(ADVISORY)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'overdue')).toHaveLength(2);
    expect(kinds.at(-1)).toBe('closed');
  });
});
