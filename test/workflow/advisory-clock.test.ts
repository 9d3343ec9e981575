import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ADVISORY_MESSAGES, type AdvisoryCaseReport } from '../../src/contract/advisory-messages';
import { extendedDue } from '../../src/domain/advisories/case-clock';
import { advisoryPolicyOf } from '../../src/domain/advisories/policy';
import { noteHits, runInProd } from '../support/advisory-world';
import { ADVISORY, hitOf } from '../support/contracts/advisory-cases';
import { A, B, C, T0, T1 } from '../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { startTimeSkippingServer } from '../support/temporal';
import { eventually, startWorkers, type TestWorkers } from '../support/workflow-env';

jest.setTimeout(90_000);

describe('the 72 hours of a case', () => {
  let environment: TestWorkflowEnvironment;
  let workers: TestWorkers;
  let deps: FakeDeps;

  beforeAll(async () => {
    environment = await startTimeSkippingServer();
    workers = await startWorkers(environment);
  });

  beforeEach(async () => {
    deps = await createFakeDeps();
    const openedAt = new Date(await environment.currentTimeMs());
    for (const svc of ['', 'shop']) workers.use(svc, { ...deps, now: () => openedAt });
  });

  afterAll(async () => {
    await workers.stop();
    await environment.teardown();
  });

  const titles = (): readonly string[] => deps.notifier.sent.map(({ title }) => title);
  const lastText = (): string => deps.notifier.sent.at(-1)?.text ?? '';
  /** A look every few hours, so that a test has few of them. */
  const policy = { ...advisoryPolicyOf({}), recheckMs: 3 * 3_600_000 };

  it('are told as they pass, until the affected digest has left', async () => {
    await runInProd(deps, A, T0);
    const handle = await noteHits(environment.client.workflow, { advisory: ADVISORY, policy }, [
      hitOf(),
    ]);
    await environment.sleep('1 minute');
    expect(titles()).toEqual([`${ADVISORY} (HIGH) hits what is in use`]);
    const { dueAt = '' } = (await deps.advisoryCases.read(ADVISORY)) ?? {};

    await environment.sleep('37 hours');
    expect(titles().slice(1)).toEqual([`${ADVISORY}: half of the time is over`]);
    expect(lastText()).toContain(`at the latest until ${dueAt}`);
    expect(lastText()).toContain(`plura reg cve extend ${ADVISORY}`);
    await environment.sleep('32 hours');
    expect(titles().slice(2)).toEqual([`${ADVISORY}: it is due soon`]);
    expect(await deps.quarantine.get(A)).toBeNull();
    await environment.sleep('3 hours');
    // Not with a look of its own round, which may be hours away.
    await eventually(() => {
      expect(titles().slice(3)).toEqual([`${ADVISORY}: it is overdue`]);
    });
    expect(await deps.quarantine.get(A)).toMatchObject({ cves: [ADVISORY], graceUntil: null });
    expect(lastText()).toContain('Cut off from pulls: 1 digest');
    expect(lastText()).toContain('plura reg quarantine release');
    await environment.sleep('25 hours');
    expect(titles().slice(4)).toEqual([`${ADVISORY}: it is overdue`]);

    expect(await deps.advisoryCases.read(ADVISORY)).toMatchObject({ closedAt: null });
    await runInProd(deps, B, T1);
    const report = (await handle.result()) as AdvisoryCaseReport;

    expect(report).toMatchObject({ resolution: 'replaced', look: { affected: [], unknown: [] } });
    expect(titles().at(-1)).toBe(`${ADVISORY}: nothing affected is left`);
    const kinds = (await deps.advisoryCases.timeline(ADVISORY)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'overdue')).toHaveLength(2);
    expect(kinds.at(-1)).toBe('closed');
    const texts = (await deps.advisoryCases.timeline(ADVISORY)).map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringContaining('Cut off from pulls: 1 digest, the last'));
  });

  it('become more when a person says so, and what prod runs is cut off at their end', async () => {
    const advisory = 'CVE-2026-1001';
    await runInProd(deps, C, T0);
    const hit = hitOf({ advisory, digest: C });
    const handle = await noteHits(environment.client.workflow, { advisory, policy }, [hit]);
    await environment.sleep('71 hours');
    const { dueAt = '' } = (await deps.advisoryCases.read(advisory)) ?? {};
    const extension = { dueAt: extendedDue({ dueAt }, 12 * 3_600_000), at: T1 };
    await deps.advisoryCases.extend(advisory, { ...extension, reason: 'no fix', by: 'erin' });
    await handle.signal(ADVISORY_MESSAGES.wake);

    await environment.sleep('12 hours');
    expect(await deps.quarantine.get(C)).toBeNull();
    expect(titles()).not.toContain(`${advisory}: it is overdue`);
    await environment.sleep('2 hours');

    await eventually(async () => {
      expect(await deps.quarantine.get(C)).toMatchObject({ cves: [advisory] });
    });
    await handle.terminate();
  });
});
