import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createRuncRollout } from '../../src/adapters/runc/runc-rollout';
import { ChecksView } from '../../src/contract/schema/api-check';
import { QuarantineView } from '../../src/contract/schema/api-quarantine';
import { parseDigest, type Digest } from '../../src/domain/digest';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
} from '../../src/ports/signer';
import { poll, startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(300_000);

const REPOSITORY = 'apps/checkout/checkout';

let e2e: E2eStack;
let first: Digest;
let second: Digest;

async function release(version: string): Promise<Digest> {
  const { outcome, digest, reason } = await e2e.waitForEnd(
    await e2e.promote('checkout', 'checkout', version),
  );
  if (outcome !== 'released') throw new Error(reason ?? 'not released');
  return parseDigest(digest ?? '');
}

beforeAll(async () => {
  e2e = await startE2eStack({
    prepare: () => Promise.resolve({ PLURA_CHECK_CONFIRM_AFTER_MS: '1000' }),
  });
  first = await release('1.0.0');
  second = await release('1.1.0');
});
afterAll(async () => {
  await e2e.stop();
});

async function checks(...args: readonly string[]): Promise<ChecksView> {
  const { stdout, stderr } = await e2e.plura('dave', 'reg', 'check', ...args, '--json');
  try {
    return ChecksView.parse(JSON.parse(stdout));
  } catch {
    throw new Error(stderr);
  }
}

/** Starts a run, and waits for its end. */
async function check(): Promise<ChecksView> {
  await poll('a run of our own', async () => {
    const { code, stdout } = await e2e.plura('carol', 'reg', 'check', '--now', '--json');
    const started = code === 0 && (JSON.parse(stdout) as { started: boolean }).started;
    return started || undefined;
  });
  const startedAt = Date.now();
  return poll('the end of the run', async () => {
    const view = await checks('checkout');
    const endedAt = view.last?.report?.endedAt;
    const isOurs = endedAt && Date.parse(endedAt) >= startedAt;
    return view.running === null && isOurs ? view : undefined;
  });
}

/** As somebody with access to the registry's own port could. */
async function deleteBehindTheGateway(digest: Digest): Promise<void> {
  const backend = createOciRegistry({ url: e2e.addresses.registryBackend });
  const image = { repository: REPOSITORY, digest };
  const bundles = await backend.listReferrers(image, BUNDLE_ARTIFACT_TYPE);
  const signatures = bundles.filter(
    ({ annotations }) => annotations?.[PREDICATE_TYPE_ANNOTATION] === PREDICATE_TYPES.signature,
  );
  expect(signatures).not.toEqual([]);
  for (const signature of signatures) {
    const url = `${e2e.addresses.registryBackend}/v2/${REPOSITORY}/manifests/${signature.digest}`;
    const { status } = await fetch(url, { method: 'DELETE' });
    expect(status).toBe(202);
  }
}

async function running(): Promise<string | null> {
  const token = (await readFile(path.join(e2e.stateDir, 'target', 'token'), 'utf8')).trim();
  const rollout = createRuncRollout({ url: e2e.addresses.target, token, timeoutMs: 10_000 });
  return (await rollout.getState('checkout', 'prod')).stable;
}

it('finds nothing while all is as it was released', async () => {
  const { last, checks: answers } = await check();

  expect(last?.report).toMatchObject({ outcome: 'clean', counts: { failing: 0, errors: 0 } });
  expect(answers[0]).toMatchObject({ outcome: 'ok', findings: [] });
  expect(await running()).toBe(second);
});

it('takes prod back when the signature of what runs is deleted, blocks it and holds the lane', async () => {
  await deleteBehindTheGateway(second);

  const { last, checks: answers, rollbacks } = await check();

  expect(last?.report?.counts).toMatchObject({ failing: 1, blocked: 1, rolledBack: 1, errors: 0 });
  expect(answers[0]).toMatchObject({ svc: 'checkout', outcome: 'rolled-back' });
  expect(rollbacks).toMatchObject([{ from: second, to: first, end: 'done' }]);
  expect(await running()).toBe(first);
  const service = await e2e.service('checkout');
  expect(service.channels).toContainEqual(
    expect.objectContaining({ channel: 'prod:stable', digest: first }),
  );
  expect(service.lane?.hold).toMatchObject({ by: 'system:plura' });
  expect(service.badDigests.map(({ digest }) => digest)).toContain(second);
});

it('lets nobody pull what it blocked', async () => {
  const { stdout } = await e2e.plura('dave', 'reg', 'quarantine', 'show', second, '--json');
  const pull = e2e.registryAs('runtime').getManifest({ repository: REPOSITORY, digest: second });

  expect(QuarantineView.parse(JSON.parse(stdout)).entry).toMatchObject({ actor: 'system:plura' });
  await expect(pull).rejects.toThrow(/quarantined/);
});

it('does not roll back again: what it went back to is the result of a rollback', async () => {
  await e2e.plura('carol', 'reg', 'resume', 'checkout', '--reason', 'looked into it');
  await deleteBehindTheGateway(first);

  const { checks: answers, rollbacks } = await check();

  expect(answers[0]).toMatchObject({ outcome: 'failing' });
  expect(answers[0]?.note).toContain('what a rollback went back to');
  expect(rollbacks).toHaveLength(1);
  expect(await running()).toBe(first);
});
