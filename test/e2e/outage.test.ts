import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReleaseView } from '../../src/contract/schema/api-release';
import type { PartName } from '../../src/local/stack/parts';
import { writeSamples } from '../support/e2e-services';
import { startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(900_000);

/** A minute is the promise; CI proves the mechanism in less: PLURA_E2E_OUTAGE_S=60 for the whole of it. */
const OUTAGE_MS = Number(process.env['PLURA_E2E_OUTAGE_S'] ?? 12) * 1000;

/** Each stage has a service of its own, so that one outage meets releases at several. */
const SERVICES = { build: 'ant', canary: 'bee', observation: 'cat' } as const;
type Stage = keyof typeof SERVICES;

/** Windows that are still open when the others have come to their stage. */
const PLANS: Readonly<Record<Exclude<Stage, 'build'>, unknown>> = {
  canary: { canary: { steps: [{ percent: 25, window: '20s' }, { percent: 100 }] } },
  observation: { observation: { window: '10s' } },
};

let e2e: E2eStack;
let version = 0;

beforeAll(async () => {
  e2e = await startE2eStack({
    prepare: (stateDir) =>
      writeSamples(stateDir, {
        services: Object.values(SERVICES).map((svc) => ({ svc })),
        sources: { steady: {} },
      }),
  });
  const firsts = Object.values(SERVICES).map(async (svc) =>
    e2e.waitForEnd(await e2e.promote(svc, 'steady', '0.1.0')),
  );
  await Promise.all(firsts);
});
afterAll(async () => {
  await e2e.stop();
});

async function writePlan(stage: Exclude<Stage, 'build'>): Promise<string> {
  const file = path.join(e2e.stateDir, `long-${stage}.json`);
  const plan = { apiVersion: 'plura.reg/plan/v1', ...(PLANS[stage] as object) };
  await writeFile(file, JSON.stringify(plan));
  return file;
}

/** Brings a release to its stage. A build takes less than a look: it is only asked for. */
async function bringTo(stage: Stage): Promise<string> {
  const plan = stage === 'build' ? [] : ['--canary-plan', await writePlan(stage)];
  const id = await e2e.promote(SERVICES[stage], 'steady', `1.${version}.0`, ...plan);
  if (stage !== 'build') await e2e.waitForStage(id, stage);
  return id;
}

/** Returns how each ended. */
async function outage(part: PartName, stages: readonly Stage[]): Promise<readonly ReleaseView[]> {
  version += 1;
  const waiting = stages.filter((stage) => stage !== 'build');
  const ids = await Promise.all(waiting.map(bringTo));
  for (const [at, id] of ids.entries()) {
    expect(await e2e.look(id)).toMatchObject({ stage: waiting[at] });
  }
  if (stages.includes('build')) ids.push(await bringTo('build'));

  await e2e.stack.stopPart(part);
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  await e2e.stack.startPart(part);

  return Promise.all(ids.map(async (id) => e2e.waitForEnd(id)));
}

describe.each<[PartName, readonly Stage[]]>([
  ['buildkitd', ['build']],
  ['rekor', ['build']],
  ['registry', ['canary', 'build']],
  ['gateway', ['canary', 'build']],
  ['prometheus', ['observation']],
  ['postgres', ['canary', 'observation', 'build']],
])('%s down', (part, stages) => {
  let ends: readonly ReleaseView[];

  beforeAll(async () => {
    ends = await outage(part, stages);
  });

  it.each(stages.map((stage, at) => [stage, at] as const))(
    'at %s: the release waits, and goes on',
    async (stage, at) => {
      const release = ends[at]!;

      if (release.outcome !== 'released') throw new Error(release.reason);
      const { 'prod:stable': stable } = await e2e.channels(SERVICES[stage]);
      expect(stable).toBe(release.digest);
      const measured = release.verdicts.filter(({ gate }) => gate === 'observation');
      expect(measured.at(-1)).toMatchObject({ outcome: 'pass' });
    },
  );
});
