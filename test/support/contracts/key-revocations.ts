import type { RevokedKey } from '../../../src/domain/key-revocations';
import type { KeyRevocations } from '../../../src/ports/key-revocations';
import { listen } from './gateway-state';
import { T0, T1 } from './ledger-builders';

export interface KeyRevocationsUnderTest {
  readonly keyRevocations: KeyRevocations;
  close(): Promise<void>;
}

function revokedOf(over: Partial<RevokedKey> = {}): RevokedKey {
  return {
    keyId: 'release/eu-west-1',
    version: '1',
    publicKey: '-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n',
    revokedAt: T1,
    trustedBefore: null,
    reason: 'stolen',
    by: 'erin',
    ...over,
  };
}

/** What every store of revocations must do. `open` gives an empty one; it is closed after each test. */
export function describeKeyRevocations(
  name: string,
  open: () => Promise<KeyRevocationsUnderTest>,
): void {
  describe(`key revocations contract: ${name}`, () => {
    let under: KeyRevocationsUnderTest;
    let keyRevocations: KeyRevocations;
    let watching: AbortController;

    beforeEach(async () => {
      under = await open();
      ({ keyRevocations } = under);
      watching = new AbortController();
    });

    afterEach(async () => {
      watching.abort();
      await under.close();
    });

    it('lists them oldest first, each request once', async () => {
      const first = revokedOf({ trustedBefore: T0 });
      await keyRevocations.revoke(first, 'one');
      await keyRevocations.revoke(revokedOf({ reason: 'again' }), 'one');
      await keyRevocations.revoke(revokedOf(), 'two');

      expect(await keyRevocations.list()).toEqual([first, revokedOf()]);
    });

    it('tells when it begins to listen, and within a second of each', async () => {
      const heard = listen(watching.signal, keyRevocations);
      await heard.next();

      await keyRevocations.revoke(revokedOf(), 'one');
      const startedAt = performance.now();
      await heard.next();

      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect(heard.count()).toBe(2);
    });
  });
}
