import { OCI_INDEX } from '../../src/adapters/oci/media-types';
import { WORKFLOWS } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { Worker } from '@temporalio/worker';
import type { Digest } from '../../src/domain/digest';
import type { WormHoldResult, WormRestoreResult } from '../../src/contract/worm-messages';
import { wormWorkflowId } from '../../src/contract/ids';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { loadWorkflowBundle } from '../support/temporal';
import { eventually } from '../support/workflow-env';
import { LONGER, orderOf, pushSigned, SHOP } from '../support/worm-world';

jest.setTimeout(60_000);

describe('incident copies', () => {
  const server = useDevServer();
  let deps: FakeDeps;

  beforeEach(async () => {
    deps = await createFakeDeps();
    server.workers.use('', deps);
  });

  function start(type: string, workflowId: string, input: unknown): Promise<unknown> {
    const options = { workflowId, taskQueue: TASK_QUEUES.release, args: [input] };
    return server.environment.client.workflow.execute(type, options);
  }

  async function hold(
    digest?: Digest,
  ): Promise<{ readonly id: string; readonly result: WormHoldResult }> {
    const order = orderOf(digest ?? (await pushSigned(deps)).image.digest);
    const id = wormWorkflowId('hold', order.id);
    return {
      id: order.id,
      result: (await start(WORKFLOWS.wormHold, id, { order })) as WormHoldResult,
    };
  }

  /** More slices than a run has room for. */
  async function pushIndexOf(images: number, layers: number): Promise<Digest> {
    const manifests: object[] = [];
    for (let image = 0; image < images; image += 1) {
      const contents = Array.from({ length: layers }, (_, n) => Buffer.from(`layer ${image} ${n}`));
      const digest = deps.registry.pushImage({ repository: SHOP, layers: contents });
      const { mediaType, bytes } = await deps.content.getManifest({ repository: SHOP, digest });
      manifests.push({ mediaType, digest, size: bytes.length });
    }
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
    return deps.registry.placeManifest(SHOP, Buffer.from(JSON.stringify(index)), OCI_INDEX);
  }

  it('are made, read back, locked for longer and put back', async () => {
    const { id, result } = await hold();

    const verified = await start(WORKFLOWS.wormVerify, wormWorkflowId('verify', id), { id });
    const extension = { id, until: LONGER, by: 'erin', at: '2026-03-02T00:00:00.000Z' };
    await start(WORKFLOWS.wormExtend, wormWorkflowId('extend', id), extension);
    const order = { id, repository: 'apps/shop/again', tags: true, by: 'erin', at: extension.at };
    const restored = (await start(
      WORKFLOWS.wormRestore,
      wormWorkflowId('restore', id),
      order,
    )) as WormRestoreResult;

    expect(result).toMatchObject({ state: 'held' });
    expect(verified).toEqual({
      checked: result.state === 'held' ? result.objects : 0,
      problems: [],
    });
    expect(await deps.wormCopies.get(id)).toMatchObject({ state: 'held', lockUntil: LONGER });
    expect(restored).toMatchObject({ repository: 'apps/shop/again', missing: [] });
    expect(deps.ledger.audit).toMatchObject([{ action: 'worm.restored', actor: 'erin' }]);
    expect(deps.notifier.sent).toEqual([]);
  });

  it('replay as they ran', async () => {
    const { id } = await hold();
    const handle = server.environment.client.workflow.getHandle(wormWorkflowId('hold', id));
    const { workflowId } = handle;
    const recorded = { name: 'worm-hold/held', workflowId, history: await handle.fetchHistory() };
    keepHistory(recorded);

    const bundle = { workflowBundle: await loadWorkflowBundle() };
    const runs = [recorded];
    for await (const result of Worker.runReplayHistories(bundle, runs)) {
      expect(result.error).toBeUndefined();
    }
  });

  it('of very many contents go on in new runs', async () => {
    const { id, result } = await hold(await pushIndexOf(6, 900));

    expect(result).toMatchObject({ state: 'held' });
    expect(await deps.wormCopies.get(id)).toMatchObject({ state: 'held', problems: [] });
    expect(deps.notifier.sent).toEqual([]);
    const handle = server.environment.client.workflow.getHandle(wormWorkflowId('hold', id));
    const { events } = await handle.fetchHistory();
    const [first] = events ?? [];
    expect(first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).not.toBe('');
  });

  it('wait for a store that is away', async () => {
    deps.worm.fail('WORM_UNAVAILABLE', 2, 'put');

    const { result } = await hold();

    expect(result).toMatchObject({ state: 'held' });
  });

  it('that can not be made are recorded and told, and the digest stays held', async () => {
    deps.worm.fail('WORM_REFUSED', 1, 'put');

    const { id, result } = await hold();

    expect(result).toMatchObject({ state: 'failed' });
    expect(await deps.wormCopies.get(id)).toMatchObject({ state: 'failed' });
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', text: containing('It is held in the registry') },
    ]);
    expect(await deps.allowList.listHolds({ limit: 5 })).toHaveLength(1);
  });

  it('that are cancelled say so', async () => {
    const { image } = await pushSigned(deps);
    const order = orderOf(image.digest);
    deps.worm.fail('WORM_UNAVAILABLE', 1_000, 'put');
    const handle = await server.environment.client.workflow.start(WORKFLOWS.wormHold, {
      workflowId: wormWorkflowId('hold', order.id),
      taskQueue: TASK_QUEUES.release,
      args: [{ order }],
    });
    await eventually(() => {
      if (!deps.worm.calls.some(({ method }) => method === 'put')) throw new Error('not yet');
    });

    await handle.cancel();

    await expect(handle.result()).rejects.toThrow();
    expect(await deps.wormCopies.get(order.id)).toMatchObject({
      state: 'failed',
      problems: ['It was cancelled.'],
    });
  });

  it('that are damaged are recorded and told', async () => {
    const { id } = await hold();
    const { manifest } = (await deps.wormCopies.get(id)) ?? {};
    if (manifest) deps.worm.spoil(manifest);

    await start(WORKFLOWS.wormVerify, wormWorkflowId('verify', id), { id });

    expect(await deps.wormCopies.get(id)).toMatchObject({ state: 'damaged' });
    expect(deps.notifier.sent).toMatchObject([{ title: 'An incident copy is damaged' }]);
  });
});
