import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import type { ImageRef } from '../../src/domain/reference';
import type { ContainerRuntime } from '../../src/local/target/runtime/container-runtime';
import { createLocalRuntime } from '../../src/local/target/start-target';
import { describeRolloutContract } from '../support/contracts/rollout';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { buildSampleLayer, pushSampleImage } from '../support/sample-image';
import { startTestTarget, type TestTarget } from '../support/target-process';
import { toolPath } from '../support/tools';

jest.setTimeout(60_000);

const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
let registry: RegistryServer;
let layer: Buffer;
let images: [ImageRef, ImageRef, ImageRef];
let broken: ImageRef;
let target: TestTarget;

const runtimeIn = (stateDir: string): ContainerRuntime =>
  createLocalRuntime({
    stateDir,
    runc: toolPath('runc'),
    registry: createOciRegistry({ url: registry.url }),
    log,
  });

beforeAll(async () => {
  registry = await startRegistry();
  layer = await buildSampleLayer();
  const push = (version: string, env: string[] = []): Promise<ImageRef> =>
    pushSampleImage(registry.url, layer, version, { env });
  images = [await push('1'), await push('2'), await push('3')];
  broken = await push('broken', ['HEALTH_STATUS=503']);
  target = await startTestTarget(runtimeIn);
});

afterAll(async () => {
  await target.close();
  await registry.stop();
});

const at = (epoch: number, svc = 'shop') => ({ svc, env: 'prod' as const, epoch });

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await condition().catch(() => false)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the condition never came true');
}

describeRolloutContract('the rollout target with runc', () => ({
  rollout: target.rollout,
  images,
  broken,
  healthPath: '/healthz',
  keepsWarm: true,
}));

describe('a container by runc', () => {
  it('has no capability, no way to more, a seccomp filter and a read-only root', async () => {
    const { url } = await target.rollout.makeStable(at(1, 'jail'), images[0], '/healthz', 10_000);

    const jail = await text(`${url}/jail`);

    expect(jail).toMatch(/Uid:\s+65532\s+65532/);
    expect(jail).toMatch(/CapEff:\s+0000000000000000/);
    expect(jail).toMatch(/CapBnd:\s+0000000000000000/);
    expect(jail).toMatch(/NoNewPrivs:\s+1/);
    expect(jail).toMatch(/Seccomp:\s+2/);
    expect(jail).toMatch(/write \/: .*read-only file system/);
    expect(jail).toMatch(/write \/tmp: <nil>/);
    expect(jail).toMatch(/read kcore: (?!<nil>)/);
  });

  it.each(['', '0', 'root'])('is refused for the user "%s"', async (user) => {
    const image = await pushSampleImage(registry.url, layer, `root ${user}`, { user });

    await expect(
      target.rollout.startCandidate(at(1, 'rooted'), image, '/healthz', 5_000),
    ).rejects.toMatchObject({ code: 'ROLLOUT_FAILED' });
  });

  it('is reported with its last lines when it does not get ready', async () => {
    await expect(
      target.rollout.startCandidate(at(1, 'lines'), broken, '/healthz', 1_000),
    ).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringMatching(/answered 503.*version broken with health 503/) as string,
    });
  });

  it('is missing when the registry has no such digest', async () => {
    const gone = { ...images[0], digest: `sha256:${'0'.repeat(64)}` as const };

    await expect(
      target.rollout.startCandidate(at(1, 'gone'), gone, '/healthz', 1_000),
    ).rejects.toMatchObject({ code: 'DIGEST_NOT_FOUND' });
  });

  it('comes back after it crashed', async () => {
    const { url } = await target.rollout.makeStable(at(1, 'crash'), images[0], '/healthz', 10_000);

    const crash = await fetch(`${url}/crash`);

    expect(crash.status).toBe(502);
    await until(async () => (await text(url)) === '1');
  });
});

describe('traffic to real containers', () => {
  it.each([5, 25, 100])('is split at %d %%', async (percent) => {
    const svc = `split-${percent}`;
    await target.rollout.makeStable(at(1, svc), images[0], '/healthz', 10_000);
    await target.rollout.startCandidate(at(1, svc), images[1], '/healthz', 10_000);
    const write = at(1, svc);
    const { url } = await target.rollout.setCandidatePercent(write, images[1].digest, percent);

    const answers = await Promise.all(Array.from({ length: 200 }, () => text(url)));

    expect(answers.filter((answer) => answer === '2')).toHaveLength(2 * percent);
    expect(answers.filter((answer) => answer === '1')).toHaveLength(200 - 2 * percent);
  });

  it('never fails while tracks are exchanged', async () => {
    const { url } = await target.rollout.makeStable(at(1), images[0], '/healthz', 10_000);
    let stop = false;
    const seen = new Map<number, number>();
    const client = async (): Promise<void> => {
      while (!stop) {
        const response = await fetch(url);
        await response.text();
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      }
    };
    const clients = [client(), client(), client()];

    for (const [epoch, image] of [images[1], images[2], images[0], images[1]].entries()) {
      await target.rollout.startCandidate(at(epoch + 2), image, '/healthz', 10_000);
      await target.rollout.setCandidatePercent(at(epoch + 2), image.digest, 50);
      await target.rollout.makeStable(at(epoch + 2), image, '/healthz', 10_000);
    }
    stop = true;
    await Promise.all(clients);

    expect([...seen.keys()]).toEqual([200]);
  });
});

/** Once severed, it sees containers as running and stops none: its target neither restarts nor removes what a successor owns. */
function severable(runtime: ContainerRuntime): {
  readonly runtime: ContainerRuntime;
  readonly sever: () => void;
} {
  let severed = false;
  const guarded = Object.create(runtime) as ContainerRuntime;
  guarded.isRunning = async (id) => severed || runtime.isRunning(id);
  guarded.stop = async (id) => (severed ? undefined : runtime.stop(id));
  return { runtime: guarded, sever: () => void (severed = true) };
}

describe('a target that died', () => {
  it('takes its containers over without starting them anew', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'plura-target-'));
    const { runtime, sever } = severable(runtimeIn(stateDir));
    const first = await startTestTarget(runtime, stateDir);
    await first.rollout.makeStable(at(1), images[0], '/healthz', 10_000);
    await first.rollout.startCandidate(at(2), images[1], '/healthz', 10_000);
    const before = await first.rollout.trackUrl('shop', 'prod', 'candidate');
    // Not closed: to its successor it looks killed. Its router port is taken, so another is used.
    sever();
    const second = await startTestTarget(runtimeIn, stateDir);

    const state = await second.rollout.getState('shop', 'prod');

    expect(state).toMatchObject({
      stable: images[0].digest,
      candidate: images[1].digest,
      epoch: 2,
    });
    await expect(second.rollout.trackUrl('shop', 'prod', 'candidate')).resolves.toBe(before);
    await expect(text(state.url)).resolves.toBe('1');
    await second.close();
    await first.close();
    const { stdout } = spawnSync(toolPath('runc'), [
      '--root',
      join(stateDir, 'runc'),
      'list',
      '-q',
    ]);
    expect(stdout.toString()).toBe('');
    await rm(stateDir, { recursive: true });
  });
});
