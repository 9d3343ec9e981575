import type {
  Check,
  CheckFinding,
  CheckResult,
} from '../../../src/domain/continuous-check/finding';
import type { Digest } from '../../../src/domain/digest';
import { testService } from '../../support/builders';
import { callCheck } from '../../support/check-activities';
import { APP, createCheckedService, SVC, type CheckedService } from '../../support/checked-service';

let service: CheckedService;
let old: Digest;
let stable: Digest;

beforeEach(async () => {
  service = await createCheckedService();
  old = await service.release('1.0.0');
  stable = await service.release('2.0.0');
});

async function look(): Promise<readonly CheckFinding[]> {
  const { troubled } = await callCheck(service.deps, 'lookAtServices', {
    after: null,
    runId: 'run-1',
  });
  return troubled[0]?.findings ?? [];
}

const said = (findings: readonly CheckFinding[]): readonly string[] =>
  findings.map(({ check, result }) => `${check} ${result}`);

describe('a look at what runs', () => {
  it('finds nothing where all is well, and leaves that on record', async () => {
    const result = await callCheck(service.deps, 'lookAtServices', { after: null, runId: 'run-1' });

    expect(result).toEqual({ next: null, services: 1, digests: 2, troubled: [] });
    expect(await service.deps.checks.history(SVC, 1)).toMatchObject([
      { outcome: 'ok', runId: 'run-1', digests: 2 },
    ]);
  });

  it.each<[string, Check, CheckResult, () => unknown]>([
    ['a signature that is gone', 'signature', 'failed', () => service.strip(stable)],
    [
      'a layer that is gone',
      'blobs',
      'failed',
      async () => {
        const manifest = await service.deps.registry.getManifest({
          repository: APP,
          digest: stable,
        });
        service.deps.registry.lose({ repository: APP, digest: manifest.layers[0]!.digest });
      },
    ],
    [
      'a scan that says no',
      'cve',
      'failed',
      () => service.release('3.0.0', { outcome: 'fail', reasons: ['CVE-2026-1 (CRITICAL)'] }),
    ],
    ['no scan at all', 'cve', 'doubtful', () => service.release('3.0.0', null)],
    [
      'a tag that somebody moved',
      'tag-drift',
      'failed',
      async () => {
        const repository = `channels/prod/${SVC}`;
        await service.deps.registry.putTag({ repository, digest: old }, 'stable');
      },
    ],
    [
      'a tag that somebody deleted',
      'tag-drift',
      'failed',
      () => service.deps.registry.deleteTag(`channels/prod/${SVC}`, 'stable'),
    ],
    [
      'something that runs beside the channel',
      'unknown-digest',
      'failed',
      () =>
        service.deps.rollout.makeStable(
          { svc: SVC, env: 'stg', epoch: 99 },
          { repository: APP, digest: old },
          '/',
          1,
        ),
    ],
    [
      'a quarantine',
      'quarantine',
      'failed',
      () => {
        service.deps.ledger.quarantined.add(stable);
      },
    ],
    [
      'a target that does not answer',
      'unknown-digest',
      'could-not-check',
      () => {
        service.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 1, 'getState');
      },
    ],
    [
      'keys that do not answer',
      'signature',
      'could-not-check',
      () => {
        service.deps.signer.fail('SIGNER_UNAVAILABLE', 1, 'verify');
      },
    ],
  ])('finds %s', async (_what, check, result, arrange) => {
    await arrange();

    expect(said(await look())).toEqual([`${check} ${result}`]);
  });

  it('finds a manifest gone only when the registry says so in its own words', async () => {
    service.deps.registry.lose({ repository: APP, digest: stable });

    const gone = said(await look());
    service.deps.catalog.answerLikeProxy();
    const unclear = said(await look());

    expect(gone).toContain('blobs failed');
    expect(unclear).toContain('blobs could-not-check');
  });

  it('takes what runs beside the channel for a release that is under way', async () => {
    const { deps } = service;
    await deps.rollout.startCandidate(
      { svc: SVC, env: 'prod', epoch: 99 },
      { repository: APP, digest: old },
      '/',
      1,
    );

    const before = said(await look());
    deps.systemLanes.show(SVC, { running: 'shop/3.0.0_abc1234' });

    expect(before).toEqual(['unknown-digest failed']);
    expect(await look()).toEqual([]);
  });

  it('finds what is kept warm without a signature, and takes it for no stranger', async () => {
    await service.strip(old);

    const found = await look();

    expect(found).toMatchObject([
      { check: 'signature', result: 'failed', where: ['prod warm'], digest: old },
    ]);
  });

  it('says nothing of what has merely lapsed where it is only kept warm', async () => {
    await service.release('3.0.0', null);

    const stale = said(await look());
    await service.release('4.0.0');

    expect(stale).toEqual(['cve doubtful']);
    expect(await look()).toEqual([]);
  });

  it('leaves a vulnerability of what is only kept warm to rescans: a rollback may have to go there', async () => {
    await service.release('3.0.0', { outcome: 'fail', reasons: ['CVE-2026-1 (CRITICAL)'] });

    const served = said(await look());
    await service.release('4.0.0');

    expect(served).toEqual(['cve failed']);
    expect(await look()).toEqual([]);
  });

  it('says of nothing that it failed while the registry is away', async () => {
    await service.strip(stable);
    service.deps.registry.fail('REGISTRY_UNAVAILABLE', 1000);

    const results = (await look()).map(({ result }) => result);

    expect(new Set(results)).toEqual(new Set(['could-not-check']));
  });

  it('tells of a target that somebody made unreadable, and checks the other services', async () => {
    const { rollout } = service.deps;
    const services = ['cart', SVC, 'zoo'].map(testService);
    rollout.fail('ROLLOUT_FAILED', 1, 'getState');

    const result = await callCheck({ ...service.deps, services }, 'lookAtServices', {
      ...{ after: null, runId: 'run-1' },
    });

    expect(result).toMatchObject({ next: null, services: 3, troubled: [{ svc: 'cart' }] });
    expect(said(result.troubled[0]?.findings ?? [])).toEqual([
      'unknown-digest could-not-check',
      'target-drift failed',
    ]);
  });

  it.each([
    ['a tag', 'resolve', 'tag-drift'],
    ['the parts of an image', 'findMissing', 'blobs'],
  ])('says that it could not check %s that the registry refuses', async (_what, method, check) => {
    service.deps.registry.fail('REPOSITORY_NOT_FOUND', 1, method);

    expect(said(await look())).toEqual([`${check} could-not-check`]);
  });

  it('keeps the doubt about prod:stable, however much else is found', async () => {
    const { registry, rollout } = service.deps;
    const drift = Array.from({ length: 20 }, (_, one) => `route ${String(one)} was changed`);
    const image = { repository: APP, digest: stable };
    await rollout.startCandidate({ svc: SVC, env: 'prod', epoch: 99 }, image, '/', 1);
    rollout.show({ svc: SVC, env: 'prod' }, { drift });
    registry.fail('REGISTRY_UNAVAILABLE', 1, 'resolve');
    await service.strip(stable);

    const found = said(await look());

    expect(found).toEqual([
      'tag-drift could-not-check',
      'signature failed',
      'target-drift failed',
      'unknown-digest failed',
    ]);
  });

  it('fails as a whole when the ledger is away, to be tried again', async () => {
    service.deps.ledger.fail('LEDGER_UNAVAILABLE', 1, 'listChannels');

    await expect(look()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  it('keeps, of two looks, what both of them saw', async () => {
    await service.strip(stable);
    const first = await look();
    const looks = [{ svc: SVC, digests: 1, findings: first }];

    const confirmed = await callCheck(service.deps, 'confirmServices', { looks });
    const glitch = await callCheck(service.deps, 'confirmServices', {
      looks: [{ svc: SVC, digests: 1, findings: [] }],
    });
    const left = await callCheck(service.deps, 'confirmServices', {
      looks: [{ ...looks[0]!, svc: 'gone' }],
    });

    expect(said(confirmed[0]?.findings ?? [])).toEqual(['signature failed']);
    expect(said(glitch[0]?.findings ?? [])).toEqual(['signature could-not-check']);
    expect(left).toEqual([]);
  });
});
