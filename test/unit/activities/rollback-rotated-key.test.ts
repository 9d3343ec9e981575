import { attachBundle, signatureStatement } from '../../../activities/bundles';
import { createRollbackActivities, type PrepareRollbackInput } from '../../../activities/rollback';
import { createSigstoreSigner } from '../../../src/adapters/sigstore/sigstore-signer';
import type { Digest } from '../../../src/domain/digest';
import { KEY_IDS, PREDICATE_TYPES } from '../../../src/ports/signer';
import { quietEnvironment } from '../../support/activity-env';
import { testService } from '../../support/builders';
import { createFakeDeps } from '../../support/fake-deps';

const SVC = 'shop';
const keyId = KEY_IDS.release(testService(SVC).region);
const repository = `apps/${SVC}/${testService(SVC).name}`;
const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1 + n));

/**
 * `old` was signed on day 0 and pinned on day 1, `bad` on day 2. The key is rotated on day 3 without an overlap; today is
 * day 30.
 */
async function pinnedTwice(): Promise<{
  readonly old: Digest;
  readonly revoke: (trustedBefore: Date | null) => Promise<void>;
  readonly prepare: () => Promise<unknown>;
}> {
  const deps = await createFakeDeps();
  const { kms, registry, ledger } = deps;
  const now = (): Date => day(30);
  const signer = createSigstoreSigner({ kms, now });
  const pin = async (layer: string, expected: Digest | null, on: Date): Promise<Digest> => {
    const digest = registry.pushImage({ repository, layers: [Buffer.from(layer)] });
    const image = { repository, digest };
    const predicateType = PREDICATE_TYPES.signature;
    const payload = await signer.sign(keyId, signatureStatement(digest), false);
    const query = { image, predicateType, keyId, log: false };
    const bundle = { attached: false, payload } as const;
    await attachBundle({ registry, signer }, query, bundle, on.toISOString());
    const move = {
      svc: SVC,
      channel: { env: 'prod', tag: 'stable' },
      expected,
      next: digest,
      epoch: 1,
      actor: 'rita',
      reason: 'test',
      idempotencyKey: layer,
    } as const;
    await ledger.beginMove(move);
    await ledger.completeMove(move, on.toISOString());
    return digest;
  };
  const old = await pin('old', null, day(1));
  await pin('bad', old, day(2));
  await kms.rotate(keyId, day(3), 0);
  const activities = createRollbackActivities({ registry, ledger, signer, now });
  const input: PrepareRollbackInput = {
    service: testService(SVC),
    target: { kind: 'previous' },
    transparencyLog: 'off',
  };
  return {
    old,
    revoke: (trustedBefore) =>
      kms.revoke(keyId, '1', {
        revokedAt: day(5).toISOString(),
        trustedBefore: trustedBefore?.toISOString() ?? null,
      }),
    prepare: () =>
      quietEnvironment().run((one: PrepareRollbackInput) => activities.prepareRollback(one), input),
  };
}

it('goes back to a digest whose key was rotated since', async () => {
  const { old, prepare } = await pinnedTwice();

  await expect(prepare()).resolves.toMatchObject({ to: old });
});

it('goes back to a digest that was stable before its key was compromised', async () => {
  const { old, revoke, prepare } = await pinnedTwice();
  await revoke(day(2));

  await expect(prepare()).resolves.toMatchObject({ to: old });
});

it.each<[string, Date | null]>([
  ['before it was stable', day(0)],
  ['nobody knows when', null],
])('does not go back to a digest whose key was compromised %s', async (_case, trustedBefore) => {
  const { revoke, prepare } = await pinnedTwice();
  await revoke(trustedBefore);

  await expect(prepare()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});
