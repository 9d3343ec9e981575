import { createRebuildLanes } from '../../src/main/rebuild-lanes';
import { ReleaseError } from '../../src/contract/errors';
import { rollupWorkflowId } from '../../src/contract/ids';
import {
  ROLLUP_MESSAGES,
  ROLLUP_WORKFLOW,
  type RollupInput,
} from '../../src/contract/rollup-messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import type { RollupSettings } from '../../src/domain/rollup/policy';
import type { RollupReport, RollupTask } from '../../src/domain/rollup/report';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import { releaseRequest, testPolicy, testService, withoutWindows } from './builders';
import type { DevServer } from './dev-server';
import { createFakeDeps, importBase, type FakeDeps } from './fake-deps';
import { fakeProvenance } from './fakes/builder';
import { addBase } from './known-bases';
import { SETTINGS } from './rollup-tasks';
import { eventually } from './workflow-env';

/** Services on an older base, with real lanes and releases on fake parts; a newer base is out. */
export interface RollupWorld {
  readonly deps: FakeDeps;
  /** What is prod:stable of each before the rollup. */
  readonly stable: ReadonlyMap<string, Digest>;
  /** Builds of these fail. */
  readonly broken: Set<string>;
  /** What builds put into images from now on: as long as it is the same, a rebuild changes nothing. */
  content: string;
  start(over?: Partial<RollupInput>, settings?: Partial<RollupSettings>): Promise<RunningRollup>;
}

export interface RunningRollup {
  readonly id: string;
  readonly workflowId: string;
  report(): Promise<RollupReport>;
  /** Once it says so of a service. */
  until(svc: string, state: RollupTask['state']): Promise<RollupReport>;
  order(name: 'pause' | 'resume' | 'cancel', reason: string): Promise<RollupReport>;
  result(): Promise<RollupReport>;
}

const QUICK: RollupSettings = { ...SETTINGS, lookMs: 300, retryMs: 300, maxDurationMs: 120_000 };

let rollups = 0;

async function useParts(
  { environment, workers }: DevServer,
  names: readonly string[],
  world: { content: string; readonly broken: Set<string> },
): Promise<FakeDeps> {
  const { client } = environment;
  const policy = withoutWindows(testPolicy());
  const fakes = await createFakeDeps({ services: names.map(testService), policy });
  const orchestrator = createOrchestrator({
    client,
    deadlineMs: 10_000,
    rollbackDeadlineMs: 30_000,
  });
  const build: FakeDeps['builder']['build'] = (input) => {
    const svc = input.repository.split('/')[1] ?? '';
    if (world.broken.has(svc)) {
      return Promise.reject(new ReleaseError('BUILD_FAILED', 'no such package'));
    }
    const digest = fakes.registry.pushImage({
      repository: input.repository,
      ...{ labels: input.labels, user: '65532:65532', provenance: fakeProvenance(input) },
      layers: [Buffer.from(world.content)],
    });
    return Promise.resolve({ digest });
  };
  const deps: FakeDeps = {
    ...fakes,
    builder: { ...fakes.builder, calls: [], fail: () => undefined, build },
    rebuildLanes: Object.assign(fakes.rebuildLanes, createRebuildLanes(orchestrator, policy)),
  };
  for (const svc of names) workers.use(svc, deps);
  return deps;
}

/** Builds start from it from now on, and provenance says so. */
async function addNewest(deps: FakeDeps, minor: number, content: string): Promise<void> {
  const { registry, signer, baseCatalogue } = deps;
  const { digest } = await importBase(registry, signer, 'bases/static', content);
  await addBase(baseCatalogue, 'static', digest, minor);
}

export async function createRollupWorld(
  server: DevServer,
  names: readonly string[],
): Promise<RollupWorld> {
  const shared = { content: 'older base', broken: new Set<string>() };
  const deps = await useParts(server, names, shared);
  const { 'bases/go': go } = await deps.readBases();
  if (go) await addBase(deps.baseCatalogue, 'go', go.digest, 1);
  await addNewest(deps, 1, 'older base');
  const policy = withoutWindows(testPolicy());
  const stable = new Map<string, Digest>();
  await Promise.all(
    names.map(async (svc) => {
      const { digest, reason } = await server.caller.run(releaseRequest(svc, '1.0.0', { policy }));
      if (!digest) throw new Error(reason);
      stable.set(svc, digest);
      await eventually(async () => {
        if ((await server.caller.getLane(svc)).running) throw new Error('it has not ended');
      });
    }),
  );
  await addNewest(deps, 2, 'newer base');
  shared.content = 'newer base';
  return Object.assign(shared, {
    ...{ deps, stable },
    start: (over: Partial<RollupInput> = {}, settings: Partial<RollupSettings> = {}) =>
      startRollup(server, deps, over, { ...QUICK, ...settings }),
  });
}

async function startRollup(
  { environment: { client }, workers }: DevServer,
  deps: FakeDeps,
  over: Partial<RollupInput>,
  settings: RollupSettings,
): Promise<RunningRollup> {
  rollups += 1;
  const id = `test-${rollups}`;
  const workflowId = rollupWorkflowId(id);
  workers.use(workflowId, deps);
  const input: RollupInput = { id, cause: { kind: 'monthly' }, only: null, settings, ...over };
  await client.workflow.start(ROLLUP_WORKFLOW, {
    ...{ workflowId, taskQueue: TASK_QUEUES.release },
    args: [input],
  });
  const handle = client.workflow.getHandle(workflowId);
  const report = (): Promise<RollupReport> => handle.query<RollupReport>(ROLLUP_MESSAGES.get);
  return {
    ...{ id, workflowId, report },
    until: (svc, state) =>
      eventually(async () => {
        const now = await report();
        const task = now.tasks.find((one) => one.svc === svc);
        if (task?.state !== state) throw new Error(`${svc} is ${task?.state ?? 'nowhere'}`);
        return now;
      }, 60_000),
    order: (name, reason) =>
      handle.executeUpdate<RollupReport, [unknown]>(ROLLUP_MESSAGES[name], {
        args: [{ by: 'olga', reason }],
      }),
    result: () => handle.result() as Promise<RollupReport>,
  };
}
