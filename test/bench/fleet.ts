import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { loadPolicy } from '../../src/config/policy-file';
import { releaseWorkflowId } from '../../src/contract/ids';
import { WORKFLOWS, type ReleaseInput, type ReleaseResult } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { hashPolicy } from '../../src/contract/schema/policy';
import { planOf } from '../../src/domain/plan-of';
import type { Policy } from '../../src/domain/policy';
import type { Ledger } from '../../src/ports/ledger';
import type { ReleaseStatus } from '../../src/domain/release';
import { repositoryRoot } from '../../src/local/repository-root';
import { releaseRequest } from '../support/builders';
import type { Benchmark, BenchContext } from './benchmark';
import { benchPolicyFile, withStack, type BenchStack } from './bench-stack';
import { startFleetExporter, type FleetExporter } from './fleet-exporter';
import { latenessOfLooks } from './fleet-looks';
import { startFleetWorker, type FleetWorker } from './fleet-process';
import { startFleetPrometheus } from './fleet-prometheus';
import { inParallel } from '../../src/contract/in-parallel';
import { percentile, rounded } from './statistics';

interface Plan {
  readonly n: number;
  /** Long enough that the last release starts its window before the first ends its own. */
  readonly windowMs: number;
  readonly checkpointMs: number;
  readonly scrapeIntervalMs: number;
}

/** Looked at and scraped as by default (deploy/policy/default.yaml, PLURA_SCRAPE_INTERVAL_MS). */
const FULL: Plan = { n: 1000, windowMs: 1_200_000, checkpointMs: 30_000, scrapeIntervalMs: 15_000 };
const QUICK: Plan = { n: 50, windowMs: 20_000, checkpointMs: 5000, scrapeIntervalMs: 1000 };

/** Every twentieth release turns bad once all are watched. */
const BAD_EVERY = 20;
/** As PLURA_MAX_ACTIVITIES by default. */
const MAX_ACTIVITIES = 40;
const WIDTH = 16;

/** One canary step instead of three: what comes before the observation is only the way to it. */
function policyOf({ windowMs, checkpointMs }: Plan): Policy {
  const { policy } = loadPolicy(benchPolicyFile());
  return {
    ...policy,
    canary: { ...policy.canary, stepsPercent: [100] },
    observation: { ...policy.observation, windowMs, checkpointMs },
  };
}

function inputOf(svc: string, policy: Policy): ReleaseInput {
  const request = releaseRequest(svc, '1.0.0', {
    policy,
    policyHash: hashPolicy(policy),
    requestedAt: new Date().toISOString(),
  });
  const service = { ...request.service, scenarios: [] };
  return { ...request, service, plan: planOf({ policy, service, given: null }), epoch: 1 };
}

interface Fleet {
  readonly context: BenchContext;
  readonly plan: Plan;
  readonly client: Client;
  readonly ledger: Ledger;
  /** Of the ledger. */
  readonly database: string;
  readonly exporter: FleetExporter;
  readonly worker: FleetWorker;
  readonly services: readonly string[];
  readonly bad: ReadonlySet<string>;
  /** All are watched. */
  readonly watched: Promise<void>;
}

/** Rejects when the bench is told to stop: a client waits for a server that is gone for a long time. */
async function interruption(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

interface Run {
  readonly results: readonly ReleaseResult[];
  readonly peakRssMb: number;
}

/**
 * Traffic comes before the window: a release held up in between would open its own after others have ended. The ledger is asked:
 * a query makes the worker replay what it no longer holds in memory.
 */
async function untilAllOpen(
  { context, plan, ledger }: Fleet,
  ids: readonly string[],
): Promise<void> {
  let waiting = ids;
  while (waiting.length > 0) {
    await sleep(plan.checkpointMs / 2, undefined, { signal: context.signal });
    const statuses = await inParallel(waiting, WIDTH, (id) => ledger.getStatus(id));
    waiting = waiting.filter(
      (_, index) => !statuses[index]?.steps.some(({ title }) => title === 'observation'),
    );
    context.say(`${waiting.length} not in their observation yet`);
  }
}

/** Starts all, turns some bad once all are watched, and waits for their ends. */
async function runAll(fleet: Fleet): Promise<Run> {
  const { client, plan, services, context, exporter, worker, bad } = fleet;
  const policy = policyOf(plan);
  const startedAt = Date.now();
  const since = (): string => `${rounded((Date.now() - startedAt) / 1000)} s`;
  const inputs = services.map((svc) => inputOf(svc, policy));
  const handles = await inParallel(inputs, WIDTH, (input) => {
    context.signal.throwIfAborted();
    return client.workflow.start(WORKFLOWS.release, {
      workflowId: releaseWorkflowId(input.releaseId),
      taskQueue: TASK_QUEUES.release,
      args: [input],
    });
  });
  context.say(`${handles.length} releases started after ${since()}`);
  const results = Promise.all(handles.map((handle) => handle.result() as Promise<ReleaseResult>));
  results.catch(() => undefined);
  const stopped = Promise.race([worker.ended, interruption(context.signal)]);
  stopped.catch(() => undefined);
  await Promise.race([fleet.watched, stopped, results]);
  await Promise.race([
    untilAllOpen(
      fleet,
      inputs.map(({ releaseId }) => releaseId),
    ),
    stopped,
  ]);
  context.say(`all watched after ${since()}; ${bad.size} turn bad now`);
  exporter.turnBad(bad);
  const ended = await Promise.race([results, stopped]);
  context.say(`all ended after ${since()}`);
  return { results: ended, peakRssMb: worker.peakRssMb() };
}

function spanOf({ steps }: ReleaseStatus): readonly [number, number] {
  const step = steps.find(({ title }) => title === 'observation');
  if (!step?.endedAt) throw new Error('a release ended without an observation');
  return [Date.parse(step.startedAt), Date.parse(step.endedAt)];
}

/** How many windows were open at the same moment, at most. */
function mostAtOnce(spans: readonly (readonly [number, number])[]): number {
  const edges = spans.flatMap(([from, to]) => [[from, 1] as const, [to, -1] as const]);
  edges.sort(([a, up], [b, other]) => a - b || up - other);
  let open = 0;
  let most = 0;
  for (const [, change] of edges) {
    open += change;
    most = Math.max(most, open);
  }
  return most;
}

function isRight({ services, bad }: Fleet, { outcome }: ReleaseResult, index: number): boolean {
  return outcome === (bad.has(services[index] ?? '') ? 'rejected' : 'released');
}

async function readAtOnce({ ledger }: Fleet, { results }: Run): Promise<number> {
  const statuses = await inParallel(results, WIDTH, ({ releaseId }) => ledger.getStatus(releaseId));
  return mostAtOnce(statuses.flatMap((status) => (status ? [spanOf(status)] : [])));
}

async function report(fleet: Fleet, run: Run): Promise<Readonly<Record<string, number>>> {
  const { context, plan } = fleet;
  const wrong = run.results.filter((result, index) => !isRight(fleet, result, index));
  wrong.slice(0, 5).forEach(({ releaseId, outcome, reason }) => {
    context.say(`${releaseId}: ${outcome}: ${reason}`);
  });
  const atOnce = await readAtOnce(fleet, run);
  context.say(`${atOnce} windows were open at once; reading the looks`);
  if (atOnce < plan.n) {
    throw new Error(
      `only ${atOnce} of ${plan.n} were watched at once: the window is too short here`,
    );
  }
  const late = await latenessOfLooks(fleet.database, plan);
  return {
    n: plan.n,
    ended_right: plan.n - wrong.length,
    timer_late_p95_ms: rounded(percentile(late, 0.95)),
    worker_rss_mb: rounded(run.peakRssMb),
    at_once: atOnce,
    looks: late.length,
    timer_late_p50_ms: rounded(percentile(late, 0.5)),
    timer_late_p99_ms: rounded(percentile(late, 0.99)),
  };
}

async function measure(
  context: BenchContext,
  running: BenchStack,
): Promise<Readonly<Record<string, number>>> {
  const plan = context.quick ? QUICK : FULL;
  const services = Array.from({ length: plan.n }, (_, index) => `fleet-${index}`);
  const bad = new Set(services.filter((_, index) => index % BAD_EVERY === BAD_EVERY - 1));
  const exporter = await startFleetExporter();
  const { url, child } = await startFleetPrometheus(running, exporter.port, plan.scrapeIntervalMs);
  const ledger = createPostgresLedger({ connectionString: running.addresses.database });
  const connection = await Connection.connect({ address: running.addresses.temporal });
  const served = new Set<string>();
  let allServed = (): void => undefined;
  const watched = new Promise<void>((resolve) => {
    allServed = resolve;
  });
  const worker = await startFleetWorker(
    {
      temporal: running.addresses.temporal,
      database: running.addresses.database,
      prometheus: url,
      scrapeIntervalMs: plan.scrapeIntervalMs,
      maxActivities: MAX_ACTIVITIES,
      bundle: path.join(repositoryRoot(), 'dist/workflow-bundle.js'),
    },
    path.join(running.stateDir, 'logs', 'fleet-worker.log'),
    ({ svc, digest }) => {
      exporter.serve(svc, digest);
      served.add(svc);
      if (served.size % 100 === 0) context.say(`${served.size} in prod`);
      if (served.size === plan.n) allServed();
    },
  );
  try {
    const client = new Client({ connection });
    const { database } = running.addresses;
    const measured = { context, plan, client, ledger, database, services, bad };
    const parts = { ...measured, exporter, worker, watched };
    return await report(parts, await runAll(parts));
  } finally {
    await worker.stop();
    await connection.close();
    await ledger.close();
    await child.stop();
    await exporter.close();
  }
}

/** Many releases in their observation window at once, on one worker process. */
export const fleet: Benchmark = (context) =>
  withStack(context, { only: ['schema', 'temporal'], moreTools: ['prometheus'] }, (running) =>
    measure(context, running),
  );
