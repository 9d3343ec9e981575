import { ReleaseError } from '../../contract/errors';
import type { Artifact } from '../../ports/registry';

/** An SBOM at most; more is not ours. */
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** What may be read for one image: anyone who can push can attach without end. */
export interface ByteBudget {
  /** @throws ReleaseError INVALID_INPUT when it is used up. */
  read(fetch: (maxBytes: number) => Promise<Artifact>): Promise<Buffer>;
}

export function createByteBudget(bytes: number): ByteBudget {
  let left = bytes;
  return {
    read: async (fetch) => {
      if (left <= 0) {
        throw new ReleaseError(
          'INVALID_INPUT',
          `more than ${bytes} bytes of evidence are attached`,
        );
      }
      const { payload } = await fetch(Math.min(left, MAX_BUNDLE_BYTES));
      left -= payload.length;
      return payload;
    },
  };
}
