import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { Deps } from '../../activities';
import type { CheckReport } from '../../src/contract/continuous-check';
import { MESSAGES, WORKFLOWS, type LaneStatus } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { checkPolicyOf } from '../../src/domain/continuous-check/policy';
import type { Digest } from '../../src/domain/digest';
import { OLGA, releaseRequest, testService, withoutWindows } from './builders';
import { loseSignature } from './checked-service';
import type { DevServer } from './dev-server';
import { createFakeDeps, type FakeDeps } from './fake-deps';
import { realLanes } from './system-lanes';

/** Services that share their parts, each with the digests of its releases. */
export interface Checked {
  readonly deps: FakeDeps;
  /** The same with real lanes. */
  readonly real: Deps;
  readonly digests: Readonly<Record<string, readonly Digest[]>>;
}

/** What prod:stable of a service is, wherever it is said. */
export const stableOf = async ({ deps }: Checked, svc: string): Promise<unknown> => ({
  ledger: (await deps.ledger.getChannel(svc, { env: 'prod', tag: 'stable' }))?.digest,
  tag: (await deps.registry.resolve(`channels/prod/${svc}`, 'stable'))?.digest,
  runs: deps.rollout.states.get(`${svc}/prod`)?.stable,
});

export const all = (digest: Digest | undefined): unknown => ({
  ledger: digest,
  tag: digest,
  runs: digest,
});

/** Takes the signature of a release away. */
export const strip = ({ deps, digests }: Checked, svc: string, index: number): Promise<void> =>
  loseSignature(deps, `apps/${svc}/${svc}`, digests[svc]![index]!);

export const criticals = ({ deps }: Checked): readonly string[] =>
  deps.notifier.sent
    .filter(({ severity }) => severity === 'critical')
    .map(({ title, text }) => `${title}: ${text}`);

export interface CheckedLanes {
  readonly release: (svc: string, version: string) => Promise<Digest>;
  /** Each has 1.0.0 before it and 2.0.0 as prod:stable. */
  readonly settle: (...services: readonly string[]) => Promise<Checked>;
  /** Over the catalogue of these parts. */
  readonly start: (
    deps: Deps,
    confirmAfterMs?: number,
    workflowId?: string,
  ) => Promise<WorkflowHandleWithFirstExecutionRunId>;
  readonly run: (checked: Pick<Checked, 'real'>) => Promise<CheckReport>;
  readonly resume: (svc: string) => Promise<LaneStatus>;
}

/** Releases in lanes of a dev server, and runs of the check over them. */
export function createCheckedLanes(server: DevServer): CheckedLanes {
  let runs = 0;

  async function release(svc: string, version: string): Promise<Digest> {
    const { digest, outcome, reason } = await server.caller.run(
      releaseRequest(svc, version, { policy: withoutWindows() }),
    );
    if (outcome !== 'released' || !digest) throw new Error(reason);
    return digest;
  }

  async function settle(...services: readonly string[]): Promise<Checked> {
    const deps = await createFakeDeps({ services: services.map(testService) });
    const real: Deps = { ...deps, systemLanes: realLanes(server) };
    for (const svc of services) server.workers.use(svc, real);
    const digests: Record<string, readonly Digest[]> = {};
    for (const svc of services) {
      digests[svc] = [await release(svc, '1.0.0'), await release(svc, '2.0.0')];
    }
    return { deps, real, digests };
  }

  function newId(): string {
    runs += 1;
    return `continuous-check-${String(runs)}`;
  }

  function start(
    deps: Deps,
    confirmAfterMs = 1,
    workflowId = newId(),
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    server.workers.use(workflowId, deps);
    return server.environment.client.workflow.start(WORKFLOWS.continuousCheck, {
      workflowId,
      taskQueue: TASK_QUEUES.control,
      args: [
        {
          settings: {
            everyMs: 900_000,
            confirmAfterMs,
            policy: { ...checkPolicyOf({}), maxServices: 2 },
          },
        },
      ],
    });
  }

  const run = async ({ real }: Pick<Checked, 'real'>): Promise<CheckReport> =>
    (await (await start(real)).result()) as CheckReport;

  const resume = (svc: string): Promise<LaneStatus> =>
    server.caller.updateLane(svc, MESSAGES.resumeLane, { actor: OLGA, reason: 'looked into it' });
  return { release, settle, start, run, resume };
}
