import type { BaseImportInput, BaseImportReport } from '../../src/contract/base-messages';
import { BASE_WORKFLOWS } from '../../src/contract/base-messages';
import { baseImportWorkflowId } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import { ReleaseError } from '../../src/contract/errors';
import type { Digest } from '../../src/domain/digest';
import { ALPINE, importInput } from '../support/base-world';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from '../support/fake-deps';
import { HIGH_FINDING } from '../support/fakes/scanner';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';

jest.setTimeout(60_000);

const SIGNED = { kind: 'cosign-key', key: 'acme.pub' } as const;
const MIRROR = 'bases/alpine';

describe('the import of a base', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let digest: Digest;

  async function publish(version: string): Promise<Digest> {
    const { repository } = ALPINE.source;
    const made = deps.baseVendors.published.pushImage({
      ...{ repository, index: true, layers: [Buffer.from(version)] },
      labels: { 'org.opencontainers.image.version': version },
    });
    await deps.baseVendors.published.putTag({ repository, digest: made }, '3.22.2');
    return made;
  }

  async function arrange(
    options: FakeDepsOptions = {},
    over: Partial<FakeDeps> = {},
  ): Promise<void> {
    deps = { ...(await createFakeDeps(options)), ...over };
    server.workers.use('', deps);
    digest = await publish('3.22.2');
  }

  async function run(
    over: Partial<BaseImportInput> = {},
    keepAs?: string,
  ): Promise<BaseImportReport> {
    const workflowId = baseImportWorkflowId(ALPINE.name);
    const handle = await server.environment.client.workflow.start(BASE_WORKFLOWS.import, {
      ...{ workflowId, taskQueue: TASK_QUEUES.release, args: [importInput(over)] },
    });
    const report = (await handle.result()) as BaseImportReport;
    if (keepAs !== undefined) {
      keepHistory({
        name: `base-import/${keepAs}`,
        workflowId,
        history: await handle.fetchHistory(),
      });
    }
    return report;
  }

  const approve = (approvedBy: string, acceptsFindings = false): Promise<void> =>
    deps.baseCatalogue.approve({
      ...{ family: ALPINE.name, digest, approvedBy, reason: 'seen', acceptsFindings },
      at: '2026-03-01T11:00:00.000Z',
    });

  const tags = async (): Promise<readonly string[]> =>
    (await deps.baseCatalogue.list()).map(({ repository, tag }) => `${repository}:${tag}`);

  async function expectNothingCopied(): Promise<void> {
    expect(await deps.registry.findMissing({ repository: MIRROR, digest })).toEqual([digest]);
    expect(await tags()).toEqual([]);
  }

  it('verifies, copies, scans, signs and publishes; a second one finds nothing new', async () => {
    await arrange();

    const report = await run({ family: { ...ALPINE, signature: SIGNED } }, 'imported');

    const day = report.startedAt.slice(0, 10).replaceAll('-', '');
    expect(report).toMatchObject({
      ...{ outcome: 'imported', step: 'publish', version: '3.22.2', digest, reason: null },
      mirror: `${MIRROR}:3.22.2_${day}`,
    });
    expect(await deps.registry.findMissing({ repository: MIRROR, digest })).toEqual([]);
    expect(await deps.registry.resolve(MIRROR, `3.22.2_${day}`)).toMatchObject({ digest });
    expect(await deps.registry.listReferrers({ repository: MIRROR, digest })).toHaveLength(2);
    expect((await deps.readBases())[MIRROR]).toEqual({ repository: MIRROR, digest });
    expect(deps.ledger.audit).toMatchObject([{ action: 'base.imported', actor: 'adam' }]);

    expect(await run({ family: { ...ALPINE, signature: SIGNED } }, 'unchanged')).toMatchObject({
      ...{ outcome: 'unchanged', step: 'resolve' },
    });
    expect(await tags()).toHaveLength(1);
  });

  it('brings in anew what is held, and what builds refuse since its signature no longer holds', async () => {
    await arrange();
    const family = { ...ALPINE, signature: SIGNED };
    await run({ family, transparencyLog: 'off' });

    const again = await run({ family, transparencyLog: 'required' });

    expect(again).toMatchObject({ outcome: 'imported', digest });
    expect(await deps.registry.listReferrers({ repository: MIRROR, digest })).toHaveLength(4);
    expect(await tags()).toHaveLength(1);
    expect(await run({ family })).toMatchObject({ outcome: 'unchanged' });
  });

  it('copies nothing that the vendor did not sign', async () => {
    const why = 'No signature of it holds';
    await arrange(
      {},
      { verifyVendor: () => Promise.reject(new ReleaseError('SIGNATURE_INVALID', why)) },
    );

    const report = await run({ family: { ...ALPINE, signature: SIGNED } }, 'refused');

    expect(report).toMatchObject({ outcome: 'refused', step: 'verify', reason: why });
    await expectNothingCopied();
  });

  it('takes what nobody signs on the word of somebody else, who names the digest', async () => {
    await arrange();

    expect(await run()).toMatchObject({
      ...{ outcome: 'refused', step: 'verify', reason: containing(digest) },
      remedy: containing(`base allow alpine ${digest}`),
    });
    await approve('adam');
    expect(await run()).toMatchObject({ outcome: 'refused' });
    await expectNothingCopied();
    await approve('erin');
    expect(await run()).toMatchObject({ outcome: 'imported', verifiedBy: 'approval of erin' });
  });

  it('keeps out what is vulnerable, unless that is accepted: then nothing is signed or named', async () => {
    await arrange({ scanner: { findings: [HIGH_FINDING] } });
    await approve('erin');

    expect(await run()).toMatchObject({
      ...{ outcome: 'refused', step: 'scan', reason: containing(HIGH_FINDING.id) },
      remedy: containing('--accept-findings'),
    });
    expect(await deps.registry.listReferrers({ repository: MIRROR, digest })).toEqual([]);
    expect(await tags()).toEqual([]);

    await approve('erin', true);
    expect(await run()).toMatchObject({ outcome: 'imported' });
  });

  it('refuses something older, and takes it for who says so', async () => {
    await arrange();
    const newer = { ...importInput({ family: { ...ALPINE, signature: SIGNED } }) };
    await run(newer);
    const older = await publish('3.22.1');

    expect(await run(newer)).toMatchObject({ outcome: 'refused', step: 'resolve', version: null });
    expect(await run({ ...newer, allowOlder: true })).toMatchObject({
      ...{ outcome: 'imported', digest: older },
    });
    expect((await deps.readBases())[MIRROR]).toEqual({
      ...{ repository: MIRROR, digest: older, alsoHeld: [digest] },
    });
  });

  it('refuses a second digest for a tag that is written', async () => {
    await arrange();
    const order = importInput({ family: { ...ALPINE, signature: SIGNED } });
    await run(order);
    const again = deps.baseVendors.published.pushImage({
      ...{ repository: ALPINE.source.repository, layers: [Buffer.from('again')] },
      labels: { 'org.opencontainers.image.version': '3.22.2' },
    });
    await deps.baseVendors.published.putTag(
      { repository: ALPINE.source.repository, digest: again },
      '3.22.2',
    );

    expect(await run(order)).toMatchObject({ outcome: 'refused', reason: containing('once') });
  });

  it('takes the newest version of a pattern, and says when there is none', async () => {
    await arrange();
    const channel = { kind: 'newest', pattern: '3.22.x' } as const;
    const family = { ...ALPINE, signature: SIGNED, channel };

    expect(await run({ family })).toMatchObject({
      ...{ outcome: 'refused', step: 'resolve', reason: containing('3.22.x') },
    });
    deps.baseVendors.tags.push('3.22.1', '3.22.2', '3.23.0');
    expect(await run({ family })).toMatchObject({ outcome: 'imported', version: '3.22.2' });
  });

  it('goes on after the registry was away, and says so when it stays away', async () => {
    await arrange();
    deps.registry.fail('REGISTRY_UNAVAILABLE', 2);

    const report = await run({ family: { ...ALPINE, signature: SIGNED } });

    expect(report.outcome).toBe('imported');
  });

  it('fails where it can never be told', async () => {
    await arrange();
    deps.registry.fail('FORBIDDEN', 1, 'putTag');

    expect(await run({ family: { ...ALPINE, signature: SIGNED } }, 'failed')).toMatchObject({
      ...{ outcome: 'failed', step: 'publish', mirror: null },
    });
    expect(await tags()).toEqual([]);
  });
});
