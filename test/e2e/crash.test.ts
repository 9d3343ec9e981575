import { parseDigest } from '../../src/domain/digest';
import { HistoryAnswer } from '../../src/contract/schema/api-service';
import { BUNDLE_ARTIFACT_TYPE } from '../../src/ports/signer';
import { poll, startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(600_000);

let e2e: E2eStack;
let version = 0;

beforeAll(async () => {
  e2e = await startE2eStack();
});
afterAll(async () => {
  await e2e.stop();
});

async function crash(): Promise<void> {
  await e2e.stack.kill9('worker-release');
  await e2e.stack.startPart('worker-release');
}

async function start(): Promise<string> {
  version += 1;
  return e2e.promote('payments', 'payments', `1.${version}.0`);
}

/** How often each thing was done for a release that ended well. */
async function countWork(id: string): Promise<Record<string, number>> {
  const { digest } = await e2e.release(id);
  const registry = e2e.registryAs('scanner');
  const image = { repository: 'apps/payments/payments', digest: parseDigest(digest!) };
  const bundles = await registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE);
  const { stdout } = await e2e.plura('dave', 'reg', 'history', 'payments', '--json');
  const { history } = HistoryAnswer.parse(JSON.parse(stdout));
  const count = (channel: string): number =>
    history.filter((move) => move.channel === channel && move.to === digest).length;
  return {
    signatures: bundles.length,
    dev: count('dev:candidate'),
    stg: count('stg:stable'),
    pins: count('prod:stable'),
  };
}

/** Signed: the image, its SBOM, its provenance, and the verdicts. */
const ONCE = { signatures: 4, dev: 1, stg: 1, pins: 1 };

async function expectRightAndOnce(id: string): Promise<void> {
  const release = await e2e.waitForEnd(id);
  expect(release).toMatchObject({ outcome: 'released' });
  await expect(e2e.channels('payments')).resolves.toMatchObject({
    'prod:stable': release.digest,
    'stg:stable': release.digest,
  });
  await expect(countWork(id)).resolves.toEqual(ONCE);
}

describe('the release worker killed with SIGKILL', () => {
  it('in the build', async () => {
    const buildkit = e2e.stack.pidOf('buildkitd')!;
    // A builder that is stopped mid-way keeps the build in flight for as long as it takes to crash.
    process.kill(buildkit, 'SIGSTOP');
    const id = await start();
    await e2e.waitForStage(id, 'build');
    await e2e.stack.kill9('worker-release');
    process.kill(buildkit, 'SIGCONT');
    await e2e.stack.startPart('worker-release');

    await expectRightAndOnce(id);
  });

  it.each(['canary', 'observation'] as const)('in the %s', async (stage) => {
    const id = await start();
    await e2e.waitForStage(id, stage);

    await crash();

    await expectRightAndOnce(id);
  });

  it('in the middle of the pin', async () => {
    const id = await start();
    await e2e.waitForStage(id, 'observation');
    // Without the registry the pin can begin, but not end.
    await e2e.stack.stopPart('registry');
    await e2e.waitForStage(id, 'prod-stable');

    await crash();
    await e2e.stack.startPart('registry');

    await expectRightAndOnce(id);
  });

  it('while a rollback comes: the control worker does not wait for it', async () => {
    const id = await start();
    await e2e.waitForStage(id, 'canary');
    const before = await e2e.channels('payments');
    await e2e.stack.kill9('worker-release');

    const run = await e2e.plura('carol', 'reg', 'rollback', 'payments', '--yes', '--reason', 'e2e');

    expect(run.code).toBe(0);
    const after = await e2e.channels('payments');
    expect(after['prod:stable']).not.toBe(before['prod:stable']);
    await e2e.stack.startPart('worker-release');
    await expect(e2e.waitForEnd(id)).resolves.toMatchObject({ outcome: 'preempted' });
    await poll('the candidates to be gone', async () => {
      const { 'stg:candidate': candidate } = await e2e.channels('payments');
      return candidate === null || undefined;
    });
    await expect(e2e.channels('payments')).resolves.toMatchObject({
      'prod:stable': after['prod:stable'],
    });
  });
});
