import { createKeySet } from '../../../../src/admission/verify/key-set';
import { ReleaseError } from '../../../../src/contract/errors';
import { singleKeyRing } from '../../../../src/domain/keys';
import { createFakeKeyManagement } from '../../../support/fakes/kms';

function keySetOf(keys: Map<string, string>): {
  readonly id: () => Promise<string>;
  readonly advance: (ms: number) => void;
  readonly asked: () => number;
} {
  let clockMs = 0;
  let asked = 0;
  const set = createKeySet({
    keys: {
      keyRing: (keyId) => {
        asked += 1;
        const key = keys.get(keyId);
        return key === undefined
          ? Promise.reject(new ReleaseError('SIGNER_UNAVAILABLE', 'no such key'))
          : Promise.resolve(singleKeyRing(keyId, key));
      },
    },
    keyIds: ['release/a', 'bases'],
    clock: () => clockMs,
  });
  return {
    id: () => set.id(),
    advance: (ms) => {
      clockMs += ms;
    },
    asked: () => asked,
  };
}

it('is another one within a second of a key that was rotated', async () => {
  const keys = new Map([
    ['release/a', 'one'],
    ['bases', 'two'],
  ]);
  const set = keySetOf(keys);
  const before = await set.id();
  keys.set('bases', 'three');

  expect(await set.id()).toBe(before);
  set.advance(1_000);
  expect(await set.id()).not.toBe(before);
  expect(set.asked()).toBe(4);
});

it('tells two keys that are swapped from each other', async () => {
  const one = keySetOf(
    new Map([
      ['release/a', 'x'],
      ['bases', 'y'],
    ]),
  );
  const two = keySetOf(
    new Map([
      ['release/a', 'y'],
      ['bases', 'x'],
    ]),
  );

  expect(await one.id()).not.toBe(await two.id());
});

it('asks again after a failure', async () => {
  const keys = new Map([['bases', 'two']]);
  const set = keySetOf(keys);

  await expect(set.id()).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
  keys.set('release/a', 'one');
  await expect(set.id()).resolves.toMatch(/^[\w-]{43}$/);
});

it('is another one after a revocation, which leaves the key that signs as it is', async () => {
  const kms = createFakeKeyManagement();
  let clockMs = 0;
  const set = createKeySet({ keys: kms, keyIds: ['bases'], clock: () => clockMs });
  await kms.rotate('bases', new Date('2026-03-01T00:00:00Z'), 86_400_000);
  const before = await set.id();

  await kms.revoke('bases', '1', { revokedAt: '2026-03-01T01:00:00Z', trustedBefore: null });
  clockMs += 1_000;

  expect(await set.id()).not.toBe(before);
});
