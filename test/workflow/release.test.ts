import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { channelRepository } from '../../src/domain/reference';
import { releaseRequest } from '../support/builders';
import { createFakeDeps } from '../support/fake-deps';
import { startDevServer } from '../support/temporal';
import { createCaller, withWorkers, type Caller } from '../support/workflow-env';

jest.setTimeout(60_000);

describe('release', () => {
  let environment: TestWorkflowEnvironment;
  let caller: Caller;

  beforeAll(async () => {
    environment = await startDevServer();
    caller = createCaller(environment.client);
  });

  afterAll(async () => {
    await environment.teardown();
  });

  it('takes a source to prod:stable, with every gate passed and the papers written', async () => {
    const deps = await createFakeDeps();
    const request = releaseRequest('happy', '1.0.0');

    const result = await withWorkers(environment, deps, () => caller.run(request));

    expect(result).toMatchObject({ outcome: 'released', releaseId: request.releaseId });
    const stable = await deps.registry.resolve(channelRepository('happy', 'prod'), 'stable');
    expect(stable?.digest).toBe(result.digest);
    const status = await deps.ledger.getStatus(request.releaseId);
    expect(status?.outcome).toBe('released');
    expect(status?.verdicts.map((verdict) => `${verdict.gate} ${verdict.outcome}`)).toEqual([
      'build pass',
      'provenance pass',
      'sbom pass',
      'scan pass',
      'signature pass',
      'scenario pass',
      'canary pass',
      'scenario pass',
      'canary pass',
      'scenario pass',
      'canary pass',
      'observation pass',
    ]);
  });
});
