import { ReleaseError } from '../../contract/errors';
import type { WormStore } from '../../ports/worm-store';

function refuse(): Promise<never> {
  return Promise.reject(
    new ReleaseError('WORM_REFUSED', 'There is no WORM store', {
      details: { remedy: 'name a bucket with Object Lock: PLURA_WORM_BUCKET (docs/worm.md)' },
    }),
  );
}

/** Where none is configured. */
export function createNoWormStore(): WormStore {
  return { check: refuse, put: refuse, read: refuse, lockOf: refuse, lock: refuse };
}
