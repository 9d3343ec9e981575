import { createRevocableKeys } from '../../../../src/adapters/kms/revocable-keys';
import { ReleaseError } from '../../../../src/contract/errors';
import { codeOf } from '../../../support/contracts/ledger-builders';
import { createFakeKeyRevocations } from '../../../support/fakes/key-revocations';
import { createFakeKeyManagement } from '../../../support/fakes/kms';

const KEY = 'release/eu-west-1';

it('shows what was called back since', async () => {
  const kms = createFakeKeyManagement();
  const revocations = createFakeKeyRevocations();
  const keys = createRevocableKeys({ keys: kms, revoked: () => revocations.list(), maxAgeMs: 0 });
  const before = await keys.keyRing(KEY);
  const { version, publicKey } = before.current;
  const times = { revokedAt: '2026-03-01T00:00:00.000Z', trustedBefore: null };

  const revoked = { keyId: KEY, version, publicKey, ...times, reason: 'stolen', by: 'erin' };
  await revocations.revoke(revoked, 'one');

  expect(before.current.revocation).toBeNull();
  expect((await keys.keyRing(KEY)).current.revocation).toEqual(times);
});

it('asks no more often than it may, and says that it can not know when nobody answers', async () => {
  const revoked = jest.fn(() => Promise.resolve([]));
  const asked = createRevocableKeys({ keys: createFakeKeyManagement(), revoked });
  const down = createRevocableKeys({
    keys: createFakeKeyManagement(),
    revoked: () => Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'refused')),
  });

  await Promise.all([asked.keyRing(KEY), asked.keyRing('bases'), asked.keyRing(KEY)]);

  expect(revoked).toHaveBeenCalledTimes(1);
  expect(await codeOf(down.keyRing(KEY))).toBe('LEDGER_UNAVAILABLE');
});
