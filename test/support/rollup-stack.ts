import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createOciHttp } from '../../src/adapters/oci/http';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { RollupView } from '../../src/contract/schema/api-rollup';
import type { Digest } from '../../src/domain/digest';
import { plainBaseEntries } from '../../src/local/seed/base-static';
import { pushBase } from '../../src/local/seed/push-base';
import { writeLayer } from '../../src/local/seed/tar-layer';
import { writeSamples, type SampleSource } from './e2e-services';
import { startE2eStack, type CliRun, type E2eStack } from './e2e-stack';
import { startRegistry, type RegistryServer } from './registry-server';

/** What bases bring: the older one both, a newer one the second alone, the newest neither. */
export const BASE_FILES = { zone: '/etc/plura/zone', hosts: '/etc/plura/hosts' } as const;

/** How a service ends on a base without the zone: each in another stage of its release. */
const FAULTS = ['answers 500', 'is not built', 'does not start'] as const;
export type Fault = (typeof FAULTS)[number];

/** The whole product with services on a base of a vendor's, of which the test publishes newer ones. */
export interface RollupStack {
  readonly e2e: E2eStack;
  /** In the order of waves. */
  readonly services: readonly string[];
  /** Sound on the older base, and broken on one without the zone. */
  readonly broken: ReadonlyMap<string, Fault>;
  /** Published by the vendor with these files, and allowed by a person: the next import brings it in. */
  offer(version: string, files: readonly string[]): Promise<Digest>;
  /** As a person; throws what the command said when it failed. */
  plura(person: string, ...args: readonly string[]): Promise<CliRun>;
  /** From the recorded source; returns what became prod:stable. */
  release(svc: string): Promise<Digest>;
  /** How far a rollup is; undefined while that can't be told. */
  look(id: string): Promise<RollupView | undefined>;
  stop(): Promise<void>;
}

const VENDOR_REPOSITORY = 'library/static';
const LOOK_MS = 500;
/** One of twenty, and one of the first wave whatever their number. */
const isBroken = (index: number): boolean => index % 20 === 1;

function faultOf(index: number): Fault | null {
  return isBroken(index) ? (FAULTS[Math.floor(index / 20) % FAULTS.length] ?? null) : null;
}

function sourceOf(svc: string, fault: Fault | null): SampleSource {
  const { zone, hosts } = BASE_FILES;
  const env = { SERVICE: svc, STARTS_FROM: hosts };
  switch (fault) {
    case 'answers 500':
      return { env: { ...env, ANSWERS_FROM: zone } };
    case 'does not start':
      return { env: { ...env, STARTS_FROM: zone } };
    case 'is not built':
      return { env, baseFiles: [zone] };
    case null:
      return { env };
  }
}

type Change = readonly [from: string, to: string];

/** Of the canary, and of the observation. */
const twice = (change: Change): readonly Change[] => [change, change];

/** The waves and the stop rule of the standard; as many at a time as two cores bear. */
function policyOf(vendorHost: string): readonly Change[] {
  const bases = `bases: { families: [{ name: static, source: '${vendorHost}/${VENDOR_REPOSITORY}', channel: { newest: 1.0.x }, signature: { kind: approval } }] }`;
  const rollup = `rollup:
  schedule: { dayOfMonth: 1, hour: 3, minute: 0 }
  waves: [{ share: 0.05, atLeast: 3 }, { share: 0.25, atLeast: 5 }]
  stopAfter: { firstWave: 2, ratio: 0.1 }
  concurrency: 8
  soak: 1s
  maxDuration: 3h
  unknownSource: skip
  emergency: { concurrency: 8, soak: 1s, maxDuration: 3h, optOuts: ignore }`;
  return [
    ['apiVersion: plura.reg/v1', `apiVersion: plura.reg/v1\n${bases}\n${rollup}`],
    ['steps: [25, 100]', 'steps: [50, 100]'],
    ['window: 3s', 'window: 2s'],
    ['window: 4s', 'window: 2s'],
    ...twice(['minRequests: 10', 'minRequests: 3']),
  ];
}

/** A rebuild is only of what git says was released. Returns the commit. */
async function commitSources(folder: string): Promise<string> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const author = ['-c', 'user.name=sam', '-c', 'user.email=sam@shop.example'];
    const { stdout } = await promisify(execFile)('git', ['-C', folder, ...author, ...args], {
      env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder },
    });
    return stdout.trim();
  };
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'services');
  return git('rev-parse', '--short=12', 'HEAD');
}

async function publish(
  { url }: RegistryServer,
  version: string,
  files: readonly string[],
): Promise<Digest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plura-base-'));
  try {
    const layerFile = path.join(folder, 'layer.tar.gz');
    const own = files.map((file) => ({
      ...{ path: file.slice(1), mode: 0o644 },
      content: Buffer.from(version),
    }));
    const layer = await writeLayer(
      [...plainBaseEntries(), { path: 'etc/plura', mode: 0o755 }, ...own],
      layerFile,
    );
    const image = { layer, layerFile, env: { PATH: '/' }, user: '65532:65532', workingDir: '/' };
    const http = createOciHttp({ url, timeoutMs: 30_000 });
    const digest = await pushBase(http, { repository: VENDOR_REPOSITORY, ...image });
    await createOciRegistry({ url }).putTag({ repository: VENDOR_REPOSITORY, digest }, version);
    return digest;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function startRollupStack(count: number): Promise<RollupStack> {
  const names = Array.from(
    { length: count },
    (_, index) => `svc-${String(index).padStart(3, '0')}`,
  );
  const sources = Object.fromEntries(
    names.map((svc, index) => [svc, sourceOf(svc, faultOf(index))]),
  );
  const vendor = await startRegistry();
  let revision = '';
  const starting = startE2eStack({
    policy: policyOf(vendor.host),
    prepare: async (stateDir) => {
      const services = names.map((svc) => ({ svc }));
      const settings = await writeSamples(stateDir, { services, sources });
      revision = await commitSources(settings['PLURA_SOURCE_ROOT'] ?? '');
      return {
        ...settings,
        PLURA_RATE_LIMIT_PER_MINUTE: '100000',
        // Enough for each window of what is under way at a time; hundreds of services share the machine.
        PLURA_TRAFFIC_RATE: '10',
        PLURA_TRAFFIC_ROUTERS: '16',
      };
    },
  });
  const e2e = await starting.catch(async (error: unknown) => {
    await vendor.stop();
    throw error;
  });

  const plura: RollupStack['plura'] = async (person, ...args) => {
    const run = await e2e.plura(person, ...args);
    if (run.code !== 0) throw new Error(`plura ${args.join(' ')}: exit ${run.code}: ${run.stderr}`);
    return run;
  };
  return {
    ...{ e2e, plura, services: names },
    broken: new Map(
      names.flatMap((svc, index) => {
        const fault = faultOf(index);
        return fault ? [[svc, fault] as const] : [];
      }),
    ),
    offer: async (version, files) => {
      const digest = await publish(vendor, version, files);
      await plura('erin', 'reg', 'base', 'allow', 'static', digest, '--reason', 'release notes');
      return digest;
    },
    release: async (svc) => {
      const what = ['--source', svc, '--version', '1.0.0', '--revision', revision];
      await plura('alice', 'reg', 'promote', svc, ...what);
      for (;;) {
        const status = await e2e.look(`${svc}/1.0.0_${revision}`);
        if (status?.outcome === 'released') return status.digest as Digest;
        if (status?.outcome) throw new Error(`${svc}: ${status.outcome}: ${status.reason}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    look: async (id) => RollupView.safeParse(await e2e.ask(`/v1/registry/rollups/${id}`)).data,
    stop: async () => {
      await e2e.stop();
      await vendor.stop();
    },
  };
}
