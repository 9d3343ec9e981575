import { ReleaseError } from '../../contract/errors';
import type { Artifact } from '../../ports/registry';

/** An SBOM at most; more is not ours. */
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** What may be read for one image: anyone who can push can attach without end. */
export interface ByteBudget {
  /** @throws ReleaseError INVALID_INPUT when it is used up. */
  read(fetch: (maxBytes: number) => Promise<Artifact>): Promise<Buffer>;
  /** Something was not read, or not to its end, for want of it. */
  isExceeded(): boolean;
}

export function createByteBudget(bytes: number): ByteBudget {
  let left = bytes;
  let exceeded = false;
  return {
    read: async (fetch) => {
      if (left <= 0) {
        exceeded = true;
        throw new ReleaseError(
          'INVALID_INPUT',
          `more than ${bytes} bytes of evidence are attached`,
        );
      }
      const max = Math.min(left, MAX_BUNDLE_BYTES);
      try {
        const { payload } = await fetch(max);
        left -= payload.length;
        return payload;
      } catch (error) {
        const isTooLarge = error instanceof ReleaseError && error.code === 'INVALID_INPUT';
        exceeded ||= isTooLarge && max < MAX_BUNDLE_BYTES;
        throw error;
      }
    },
    isExceeded: () => exceeded,
  };
}
