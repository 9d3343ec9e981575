import type { Digest } from '../../domain/digest';
import { ofType, referrersTag, type ReferrerEntry } from '../../domain/registry/referrers-index';
import { OCI_INDEX } from '../../domain/registry/manifest-facts';
import { isDigest } from '../../domain/digest';
import { blobPath } from '../blobs/path';
import type { GatewayDependencies } from '../dependencies';
import { MAX_MANIFEST_BYTES } from '../manifests/pull/fetch-manifest';
import { readManifest } from '../manifests/push/registry-manifests';
import { sha256 } from '../manifests/sha256';
import type { RegistryReferrers } from '../referrers/registry-referrers';
import { readEntries } from '../referrers/stored-index';
import type { RepositoryFiles } from '../storage/repository-files';
import type { Named } from './links';

/** Reads of one repository for one request. Null: not there, or left to a read of its own. */
export interface PieceReader {
  manifest(reference: string, size?: number): Promise<Buffer | null>;
  blob(named: Named): Promise<Buffer | null>;
  /** All of that type, or of any for null. Null too when the list has pages, or an entry that does not say what it is. */
  referrers(subject: Digest, artifactType: string | null): Promise<readonly ReferrerEntry[] | null>;
}

type ReaderDependencies = Pick<GatewayDependencies, 'backend' | 'storage'> & {
  readonly referrers: RegistryReferrers;
};

/** The bytes of the registry's folder, when they are those of the digest. */
async function storedManifest(
  files: RepositoryFiles,
  repository: string,
  reference: string,
  size?: number,
): Promise<Buffer | null> {
  const length = size === undefined ? { maxBytes: MAX_MANIFEST_BYTES } : { size };
  const digest = isDigest(reference) ? reference : await files.tagged(repository, reference);
  const bytes = digest && (await files.manifest(repository, digest, length));
  return bytes && sha256(bytes) === digest ? bytes : null;
}

async function storedBlob(
  files: RepositoryFiles,
  repository: string,
  { digest, size }: Named,
): Promise<Buffer | null> {
  const bytes = await files.blob(repository, digest, { size });
  return bytes && sha256(bytes) === digest ? bytes : null;
}

/** Null when it is not told of each what it is. */
function clear(
  entries: readonly ReferrerEntry[],
  artifactType: string | null,
): readonly ReferrerEntry[] | null {
  const isClear = entries.every(
    (entry) => entry.artifactType !== undefined || entry.mediaType === OCI_INDEX,
  );
  if (!isClear) return null;
  return artifactType === null ? entries : ofType(entries, artifactType);
}

function present<T>(found: T | null, reference: string): T {
  if (found === null) throw new Error(`${reference} is not to be read from the folder`);
  return found;
}

/** From the folder alone, of a registry without a referrers API. Its reads reject where the registry has to be asked. */
export function folderReader(files: RepositoryFiles, repository: string): PieceReader {
  const manifest = async (reference: string, size?: number): Promise<Buffer> =>
    present(await storedManifest(files, repository, reference, size), reference);
  return {
    manifest,
    blob: async (named) => present(await storedBlob(files, repository, named), named.digest),
    referrers: async (subject, artifactType) =>
      clear(readEntries(await manifest(referrersTag(subject))), artifactType),
  };
}

/** From the registry's folder where there is one and it has it, else from the registry. */
export function createPieceReaders(
  deps: ReaderDependencies,
): (repository: string, signal: AbortSignal) => PieceReader {
  const { backend, referrers: registry } = deps;
  const files = deps.storage?.repositories;

  return (repository, signal) => {
    async function manifest(reference: string, size?: number): Promise<Buffer | null> {
      const stored = files ? await storedManifest(files, repository, reference, size) : null;
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
      blob: async (named) => {
        const { digest, size } = named;
        const stored = files ? await storedBlob(files, repository, named) : null;
        if (stored) return stored;
        const path = blobPath(repository, digest);
        const { status, body } = await backend.fetch({ method: 'GET', path, signal }, size);
        return status === 200 && sha256(body) === digest ? body : null;
      },
      referrers: async (subject, artifactType) => {
        const entries = await listed(subject, artifactType);
        return entries && clear(entries, artifactType);
      },
    };
  };
}
