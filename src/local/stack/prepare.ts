import { join } from 'node:path';
import { migrate } from '../../adapters/postgres/migrate';
import { seed } from '../seed';
import type { ProcessSpec } from '../process/child';
import { connectProbe, httpProbe, logProbe, type Probe } from '../process/readiness';
import { writeAdmissionSettings } from './admission';
import { buildkitSocket, httpAt, type StackContext } from './context';
import { prepareNodePart, type NodePart } from './node-parts';
import type { PARTS, PartName } from './parts';
import { createDatabase, databaseUrl, postgresAnswers, preparePostgres } from './postgres';
import { prepareRobots } from './robots-step';
import { prepareKeys, seedContextOf } from './seed-step';
import {
  prepareBuildkitd,
  preparePrometheus,
  prepareRegistry,
  prepareRekor,
  prepareTemporal,
} from './servers';

type KindOf<K extends 'process' | 'step'> = {
  [P in PartName]: (typeof PARTS)[P]['kind'] extends K ? P : never;
}[PartName];

export interface ProcessRecipe {
  readonly prepare: () => Promise<ProcessSpec>;
  /** Made anew at each start. */
  readonly probe: () => Probe;
}

export interface Recipes {
  readonly processes: Readonly<Record<KindOf<'process'>, ProcessRecipe>>;
  readonly steps: Readonly<Record<KindOf<'step'>, () => Promise<void>>>;
}

/** The parts that are not ours: servers from the toolchain and Postgres. */
type ServerPart = Exclude<KindOf<'process'>, NodePart>;

function serverRecipes(
  context: StackContext,
  rekorSigner: () => string,
): Record<ServerPart, ProcessRecipe> {
  const { ports } = context;
  const answering = (probe: Probe) => (): Probe => probe;
  const temporalUi = httpProbe(httpAt(ports['temporal-ui']));
  return {
    postgres: {
      prepare: () => preparePostgres(context),
      probe: answering(() => postgresAnswers(context)),
    },
    registry: {
      prepare: () => prepareRegistry(context),
      probe: answering(httpProbe(`${httpAt(ports['registry-backend'])}/v2/`)),
    },
    temporal: {
      prepare: () => prepareTemporal(context),
      probe: answering(both(connectProbe(ports.temporal), temporalUi)),
    },
    rekor: {
      prepare: () => prepareRekor(context, rekorSigner()),
      probe: answering(httpProbe(`${httpAt(ports.rekor)}/healthz`)),
    },
    buildkitd: {
      prepare: () => prepareBuildkitd(context),
      probe: answering(connectProbe(buildkitSocket(context.stateDir))),
    },
    prometheus: {
      prepare: () => preparePrometheus(context),
      probe: answering(httpProbe(`${httpAt(ports.prometheus)}/-/ready`)),
    },
  };
}

function ourRecipes(context: StackContext): Record<NodePart, ProcessRecipe> {
  const { ports, stateDir } = context;
  const ours = (part: NodePart, probe: () => Probe): ProcessRecipe => ({
    prepare: () => Promise.resolve(prepareNodePart(context, part)),
    probe,
  });
  const answering = (part: NodePart, port: number, path: string): ProcessRecipe =>
    ours(part, () => httpProbe(`${httpAt(port)}${path}`));
  const saying = (part: NodePart, text: string): ProcessRecipe =>
    ours(part, () => logProbe(join(stateDir, 'logs', `${part}.log`), text));
  return {
    // Ready once it reaches the registry and knows robots and quarantines.
    gateway: answering('gateway', ports.registry, '/healthz?ready=1'),
    admission: answering('admission', ports['admission-operations'], '/readyz'),
    issuer: answering('issuer', ports.issuer, '/jwks'),
    target: answering('target', ports.target, '/healthz'),
    api: answering('api', ports.api, '/healthz'),
    'worker-release': saying('worker-release', 'worker ready'),
    'worker-control': saying('worker-control', 'worker ready'),
    traffic: ours('traffic', () => () => Promise.resolve(true)),
  };
}

/** How each part is prepared, and how one sees that it answers. */
export function recipesOf(context: StackContext): Recipes {
  let rekorSigner = '';
  return {
    processes: { ...serverRecipes(context, () => rekorSigner), ...ourRecipes(context) },
    steps: {
      keys: async () => {
        rekorSigner = await prepareKeys(context);
        // All who judge images by it need the keys as well.
        await writeAdmissionSettings(context);
      },
      schema: async () => {
        await createDatabase(context);
        await migrate(databaseUrl(context));
      },
      robots: () => prepareRobots(context),
      seed: () => seed(seedContextOf(context)),
    },
  };
}

function both(first: Probe, second: Probe): Probe {
  return async () => (await first()) && (await second());
}
