import { readFile } from 'node:fs/promises';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { ReleaseError } from '../../contract/errors';

/** Reads a sigstore trusted_root.json once. @throws ReleaseError LOG_UNAVAILABLE when it cannot be read. */
export function createTrustedRootReader(file: string | undefined): () => Promise<TrustedRoot> {
  let known: TrustedRoot | undefined;
  return async () => {
    if (known) {
      return known;
    }
    try {
      if (file === undefined) {
        throw new Error('no trusted root is configured');
      }
      const root = TrustedRoot.fromJSON(JSON.parse(await readFile(file, 'utf8')));
      known = root;
      return root;
    } catch (cause) {
      throw new ReleaseError('LOG_UNAVAILABLE', 'the trusted root of the log cannot be read', {
        cause,
        details: { remedy: 'give the path of a sigstore trusted_root.json that names the log' },
      });
    }
  };
}
