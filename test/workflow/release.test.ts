import { ADAM, releaseRequest, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps } from '../support/fake-deps';
import { settleService } from '../support/settled-service';

jest.setTimeout(60_000);

describe('release', () => {
  const server = useDevServer();

  it('takes the first source of a service to prod:stable, every gate passed', async () => {
    const deps = await createFakeDeps();
    const request = releaseRequest('first', '1.0.0');
    server.workers.use('first', deps);

    const result = await server.caller.run(request);

    expect(result).toMatchObject({ outcome: 'released', releaseId: request.releaseId });
    const stable = await deps.registry.resolve('channels/prod/first', 'stable');
    expect(stable?.digest).toBe(result.digest);
    const status = await deps.ledger.getStatus(request.releaseId);
    expect(status?.outcome).toBe('released');
    expect(
      status?.verdicts.map(({ gate, subject, outcome }) =>
        [gate, subject.includes('%') ? subject : '', outcome].join(' '),
      ),
    ).toEqual([
      'build  pass',
      'provenance  pass',
      'sbom  pass',
      'scan  pass',
      'signature  pass',
      'scenario 5 % pass',
      'canary 5 % pass',
      'scenario 25 % pass',
      'canary 25 % pass',
      'scenario 100 % pass',
      'canary 100 % pass',
      'observation 10 % pass',
    ]);
  });

  it('writes revert key, log entry, notes and audit for the second, and leaves no candidate', async () => {
    const service = await settleService(server, 'second');
    const { deps, svc, stable } = service;

    const { digest } = await server.caller.run(service.request('2.0.0'));

    const { releaseId } = service.request('2.0.0');
    const status = await service.status('2.0.0');
    const key = await deps.ledger.getRevertKey(status.revertKeyId ?? '');
    expect(key).toMatchObject({ svc, from: digest, to: stable, usedAt: null });
    const entry = deps.log.entries.at(-1)?.statement;
    expect(entry?.predicate).toMatchObject({ channel: 'prod:stable', previous: stable });
    const notes = await deps.ledger.getDocument('release-notes', releaseId);
    expect(notes).toContain(digest);
    expect(notes).toContain(status.revertKeyId);
    expect(deps.ledger.audit[0]).toMatchObject({ action: 'release.released', actor: 'rita' });
    const channels = await deps.ledger.listChannels(svc);
    expect(Object.fromEntries(channels.map((one) => [one.channel, one.digest]))).toEqual({
      'dev:candidate': digest,
      'stg:candidate': null,
      'stg:stable': digest,
      'prod:candidate': null,
      'prod:stable': digest,
    });
    expect(deps.rollout.states.get('second/prod')).toMatchObject({
      stable: digest,
      candidate: null,
    });
  });

  it('signs image, child, SBOM and provenance once, even when asked twice', async () => {
    const service = await settleService(server, 'signed');
    const { deps, svc, stable } = service;
    const image = { repository: `apps/${svc}/${svc}`, digest: stable };
    const before = await deps.registry.listReferrers(image);

    const adopted = await server.caller.run(
      service.request('1.0.1', {
        version: '1.0.0',
        origin: { kind: 'digest', digest: stable },
      }),
    );

    expect(adopted.outcome).toBe('released');
    expect(before.map((one) => one.artifactType).sort()).toEqual([
      'application/vnd.cyclonedx+json',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
    ]);
    expect(await deps.registry.listReferrers(image)).toEqual(before);
  });

  it('adopts a digest of CI without building, and refuses one whose labels do not fit', async () => {
    const service = await settleService(server, 'adopt');
    const { deps, svc } = service;
    const push = async (version: string) =>
      deps.builder.build({
        contextPath: '/ci',
        repository: `apps/${svc}/${svc}`,
        labels: {
          'org.opencontainers.image.version': version,
          'org.opencontainers.image.revision': 'abc1234',
        },
        bases: await deps.readBases(),
      });
    const good = await push('2.0.0');
    const wrong = await push('9.9.9');
    const builds = deps.builder.calls.length;

    const released = await server.caller.run(
      service.request('2.0.0', { origin: { kind: 'digest', digest: good.digest } }),
    );
    const refused = await server.caller.run(
      service.request('3.0.0', { origin: { kind: 'digest', digest: wrong.digest } }),
    );

    expect(released).toMatchObject({ outcome: 'released', digest: good.digest });
    expect(refused.outcome).toBe('rejected');
    expect(refused.reason).toContain('org.opencontainers.image.version');
    expect(deps.builder.calls).toHaveLength(builds);
  });

  it('refuses a digest that is remembered as bad', async () => {
    const service = await settleService(server, 'badly');
    const { deps, svc } = service;
    const { digest } = await deps.builder.build({
      contextPath: '/ci',
      repository: `apps/${svc}/${svc}`,
      labels: {
        'org.opencontainers.image.version': '2.0.0',
        'org.opencontainers.image.revision': 'abc1234',
      },
      bases: deps.bases,
    });
    await deps.ledger.markBad({ digest, svc, reason: 'lost orders', at: 'then', actor: 'olga' });

    const result = await server.caller.run(
      service.request('2.0.0', { origin: { kind: 'digest', digest } }),
    );

    expect(result).toMatchObject({ outcome: 'rejected' });
    expect(result.reason).toContain('lost orders');
  });

  it('waits nowhere when the policy has no windows', async () => {
    const deps = await createFakeDeps();
    server.workers.use('quick', deps);
    const request = releaseRequest('quick', '1.0.0', { policy: withoutWindows() });

    const result = await server.caller.run(request);

    expect(result.outcome).toBe('released');
    const history = await server.caller.release(request.releaseId).fetchHistory();
    const timers = history.events?.filter((event) => event.timerFiredEventAttributes);
    expect(timers).toEqual([]);
    expect(deps.metrics.calls).toEqual([]);
  });

  it('shows stage, digest and what to do next to Temporal Web UI', async () => {
    const { approval } = testPolicy();
    const policy = testPolicy({ approval: { ...approval, required: true } });
    const service = await settleService(server, 'shown');
    const request = service.request('2.0.0', { policy });
    await server.caller.submit(request);
    const { digest } = await server.caller.waitForStage(request.releaseId, 'approval');

    const { typedSearchAttributes } = await server.caller.release(request.releaseId).describe();
    const metadata = await server.caller
      .release(request.releaseId)
      .query<{ currentDetails: string }>('__temporal_workflow_metadata');

    const attributes = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(Object.fromEntries(attributes)).toMatchObject({
      PluraService: 'shown',
      PluraDigest: digest,
      PluraStage: 'approval',
      PluraVerdict: 'pass',
    });
    expect(metadata.currentDetails).toContain(digest);
    expect(metadata.currentDetails).toContain(`plura reg token approve ${request.releaseId}`);
    await server.caller.decide(request.releaseId, 'approve', ADAM);
    await server.caller.result(request.releaseId);
  });
});
