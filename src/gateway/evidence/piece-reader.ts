import type { Digest } from '../../domain/digest';
import { ofType, referrersTag, type ReferrerEntry } from '../../domain/registry/referrers-index';
import { OCI_INDEX } from '../../domain/registry/manifest-facts';
import { isDigest } from '../../domain/digest';
import { blobPath } from '../blobs/path';
import type { GatewayDependencies } from '../dependencies';
import { MAX_MANIFEST_BYTES } from '../manifests/pull/fetch-manifest';
import { readManifest } from '../manifests/push/registry-manifests';
import { sha256 } from '../manifests/sha256';
import { createRegistryReferrers } from '../referrers/registry-referrers';
import { readEntries } from '../referrers/stored-index';
import type { Named } from './links';

/** Reads of one repository for one request. Null: not there, or left to a read of its own. */
export interface PieceReader {
  manifest(reference: string, size?: number): Promise<Buffer | null>;
  blob(named: Named): Promise<Buffer | null>;
  /** All of that type, or of any for null. Null too when the list has pages, or an entry that does not say what it is. */
  referrers(subject: Digest, artifactType: string | null): Promise<readonly ReferrerEntry[] | null>;
}

type ReaderDependencies = Pick<GatewayDependencies, 'backend' | 'storage' | 'now'>;

/** From the registry's folder where there is one and it has it, else from the registry. */
export function createPieceReaders(
  deps: ReaderDependencies,
): (repository: string, signal: AbortSignal) => PieceReader {
  const { backend } = deps;
  const files = deps.storage?.repositories;
  const registry = createRegistryReferrers(backend, deps.now);

  return (repository, signal) => {
    async function storedManifest(reference: string, size?: number): Promise<Buffer | null> {
      if (!files) return null;
      const length = size === undefined ? { maxBytes: MAX_MANIFEST_BYTES } : { size };
      const digest = isDigest(reference) ? reference : await files.tagged(repository, reference);
      const bytes = digest && (await files.manifest(repository, digest, length));
      return bytes && sha256(bytes) === digest ? bytes : null;
    }

    async function manifest(reference: string, size?: number): Promise<Buffer | null> {
      const stored = await storedManifest(reference, size);
      if (stored) return stored;
      return (await readManifest(backend, { repository, reference }, signal))?.body ?? null;
    }

    async function listed(
      subject: Digest,
      artifactType: string | null,
    ): Promise<readonly ReferrerEntry[] | null> {
      const query = new URLSearchParams(artifactType === null ? {} : { artifactType });
      const answer = await registry.list({ repository, subject }, query, signal);
      if (answer) {
        if (answer.status !== 200) return [];
        return answer.headers['link'] === undefined ? readEntries(answer.body) : null;
      }
      const index = await manifest(referrersTag(subject));
      return index ? readEntries(index) : [];
    }

    return {
      manifest,
      blob: async ({ digest, size }) => {
        const stored = await files?.blob(repository, digest, { size });
        if (stored && sha256(stored) === digest) return stored;
        const path = blobPath(repository, digest);
        const { status, body } = await backend.fetch({ method: 'GET', path, signal }, size);
        return status === 200 && sha256(body) === digest ? body : null;
      },
      referrers: async (subject, artifactType) => {
        const entries = await listed(subject, artifactType);
        const isClear = entries?.every(
          (entry) => entry.artifactType !== undefined || entry.mediaType === OCI_INDEX,
        );
        if (!entries || isClear !== true) return null;
        return artifactType === null ? entries : ofType(entries, artifactType);
      },
    };
  };
}
