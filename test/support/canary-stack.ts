import { Client, Connection } from '@temporalio/client';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { DecisionTokenAnswer, type ReleaseView } from '../../src/contract/schema/api-release';
import type { People } from '../../src/local/issuer/people';
import { poll, startE2eStack, type E2eStack } from './e2e-stack';
import { writeSamples, type Samples } from './e2e-services';
import { startTargetGate, type TargetGate, type TargetWrite, type WriteKind } from './target-gate';

const Placements = z.object({
  placements: z.array(
    z.object({
      svc: z.string(),
      env: z.string(),
      stable: z.string().nullable(),
      candidate: z.string().nullable(),
      candidatePercent: z.number(),
      containers: z.array(z.object({ digest: z.string(), status: z.string() })),
    }),
  ),
});
export type Placement = z.infer<typeof Placements>['placements'][number];

/** The whole product with services of the test's own, and a gate before its rollout target. */
export interface CanaryStack {
  readonly e2e: E2eStack;
  readonly gate: TargetGate;
  readonly temporal: Client;
  /** As the one of `e2e`. */
  look(id: string): Promise<ReleaseView | undefined>;
  /** As the step of this title runs. */
  waitForStep(id: string, title: string): Promise<ReleaseView>;
  waitForEnd(id: string): Promise<ReleaseView>;
  /** Writes of a service that the target has answered since `from`, an index of `gate.writes`. */
  writesOf(svc: string, env: string, from?: number): readonly TargetWrite[];
  waitForWrite(
    svc: string,
    env: string,
    wanted: { readonly kind: WriteKind; readonly percent?: number; readonly from: number },
  ): Promise<TargetWrite>;
  placement(svc: string, env: string): Promise<Placement | undefined>;
  /** As a person does in Temporal Web UI; returns the time before it was sent, ms since the epoch. */
  signalAbort(id: string, person: string): Promise<number>;
  /** For `--canary-plan`. */
  writePlan(name: string, plan: unknown): Promise<string>;
  stop(): Promise<void>;
}

interface Options {
  readonly samples: Samples;
  readonly policy?: readonly (readonly [string, string])[];
  readonly people?: People;
}

export async function startCanaryStack(options: Options): Promise<CanaryStack> {
  let gate: TargetGate | undefined;
  const e2e = await startE2eStack({
    policy: options.policy ?? [],
    prepare: async (stateDir) => {
      gate = await startTargetGate(stateDir);
      if (options.people) {
        const people = path.join(stateDir, 'people.json');
        await writeFile(people, JSON.stringify(options.people), { mode: 0o600 });
      }
      return {
        PLURA_TARGET_URL: gate.url,
        // Many releases are followed at once.
        PLURA_RATE_LIMIT_PER_MINUTE: '100000',
        ...(await writeSamples(stateDir, options.samples)),
      };
    },
  });
  const connection = await Connection.connect({ address: e2e.addresses.temporal });
  const temporal = new Client({ connection });
  if (!gate) throw new Error('the stack was not prepared');
  return assemble(e2e, gate, temporal, connection);
}

async function assemble(
  e2e: E2eStack,
  gate: TargetGate,
  temporal: Client,
  connection: Connection,
): Promise<CanaryStack> {
  const look: CanaryStack['look'] = (id) => e2e.look(id);
  const targetToken = (await readFile(path.join(e2e.stateDir, 'target/token'), 'utf8')).trim();

  const writesOf: CanaryStack['writesOf'] = (svc, env, from = 0) =>
    gate.writes.slice(from).filter((one) => one.svc === svc && one.env === env);

  return {
    e2e,
    gate,
    temporal,
    look,
    writesOf,
    waitForStep: (id, title) =>
      poll(`"${title}" of ${id}`, async () => {
        const status = await look(id);
        if (status?.outcome) throw new Error(`${id} ended as ${status.outcome}: ${status.reason}`);
        const runs = status?.steps.some((step) => step.title === title && step.state === 'running');
        return runs ? status : undefined;
      }),
    waitForEnd: (id) => e2e.waitForEnd(id),
    waitForWrite: (svc, env, { kind, percent, from }) =>
      poll(`${kind} ${percent ?? ''} of ${svc} in ${env}`, () =>
        Promise.resolve(
          writesOf(svc, env, from).find(
            (one) => one.kind === kind && (percent === undefined || one.percent === percent),
          ),
        ),
      ),
    placement: async (svc, env) => {
      const answer = await fetch(new URL('/v1/state', e2e.addresses.target), {
        headers: { authorization: `Bearer ${targetToken}` },
      });
      const { placements } = Placements.parse(await answer.json());
      return placements.find((one) => one.svc === svc && one.env === env);
    },
    signalAbort: async (id, person) => {
      const { stdout } = await e2e.plura(person, 'reg', 'token', 'abort', id, '--json');
      const { token } = DecisionTokenAnswer.parse(JSON.parse(stdout));
      const sentMs = Date.now();
      await temporal.workflow.getHandle(`release/${id}`).signal('abort', { token });
      return sentMs;
    },
    writePlan: async (name, plan) => {
      const file = path.join(e2e.stateDir, `${name}.json`);
      const whole = { apiVersion: 'plura.reg/plan/v1', ...(plan as object) };
      await writeFile(file, JSON.stringify(whole));
      return file;
    },
    stop: async () => {
      await connection.close();
      await e2e.stop();
      await gate.stop();
    },
  };
}
