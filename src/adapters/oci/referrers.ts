import { setTimeout as sleep } from 'node:timers/promises';
import { ReleaseError } from '../../contract/errors';
import { inParallel } from '../../contract/in-parallel';
import type { Digest } from '../../domain/digest';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { AttachInput, Descriptor, Manifest } from '../../ports/registry';
import { artifactManifest } from './artifact';
import { pushBlob } from './blobs';
import { PARALLEL, type OciHttp } from './http';
import { fetchManifest, putManifest, resolveManifest } from './manifests';
import { EMPTY_BYTES, OCI_INDEX, OCI_MANIFEST } from './media-types';
import { assertDigest, repositoryPath, scope } from './names';
import { parseManifest } from './schema';

const MAX_REFERRERS = 200;
const MAX_PAGES = 20;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Tries to get an entry into a fallback index that another process writes at the same time. */
const MAX_WRITES = 6;

/** distribution-spec, "Referrers Tag Schema". */
export function fallbackTag(digest: Digest): string {
  return digest.replace(':', '-');
}

/** The next page, on this registry only: a Link to elsewhere is not followed. */
export function nextPage(link: string | null): string | null {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined) {
    return null;
  }
  const url = new URL(target, 'http://registry.invalid');
  return `${url.pathname}${url.search}`;
}

/** By the referrers API; null when this registry has none (404). */
async function listByApi(
  http: OciHttp,
  { repository, digest }: ImageRef,
  artifactType: string | undefined,
): Promise<readonly Descriptor[] | null> {
  const query = artifactType ? `?artifactType=${encodeURIComponent(artifactType)}` : '';
  let path: string | null =
    `${repositoryPath(repository)}/referrers/${assertDigest(digest)}${query}`;
  const found: Descriptor[] = [];
  for (let page = 0; path !== null && page < MAX_PAGES && found.length < MAX_REFERRERS; page += 1) {
    const response = await http.send({
      method: 'GET',
      path,
      scopes: [scope(repository, 'pull')],
      headers: { accept: OCI_INDEX },
      accept: [404],
    });
    const bytes = await response.read(MAX_PAGE_BYTES);
    if (response.status === 404) {
      return null;
    }
    found.push(...parseManifest(bytes, OCI_INDEX).manifests);
    path = nextPage(response.headers.get('link'));
  }
  return found;
}

function fetchFallback(http: OciHttp, { repository, digest }: ImageRef): Promise<Manifest | null> {
  return fetchManifest(http, repository, fallbackTag(digest));
}

/** Indexes written by other tools may lack what the manifest says (cosign issue 4641): the manifest tells. */
async function completed(
  read: (digest: Digest) => Promise<Manifest | null>,
  entry: Descriptor,
): Promise<Descriptor | null> {
  if (entry.artifactType !== undefined && entry.annotations !== undefined) {
    return entry;
  }
  const manifest = await read(entry.digest);
  const artifactType = entry.artifactType ?? manifest?.artifactType ?? manifest?.config?.mediaType;
  return (
    manifest && {
      ...entry,
      annotations: { ...manifest.annotations, ...entry.annotations },
      ...(artifactType === undefined ? {} : { artifactType }),
    }
  );
}

/** Of what an index of referrers lists, those of that type, as their manifests have it where the index does not say. */
export async function chooseReferrers(
  listed: readonly Descriptor[],
  artifactType: string | undefined,
  read: (digest: Digest) => Promise<Manifest | null>,
): Promise<readonly Descriptor[]> {
  const wanted = listed
    .filter(
      (one) => artifactType === undefined || (one.artifactType ?? artifactType) === artifactType,
    )
    .slice(0, MAX_REFERRERS);
  const entries = await inParallel(wanted, PARALLEL, (entry) => completed(read, entry));
  return entries
    .filter((entry) => entry !== null)
    .filter((entry) => artifactType === undefined || entry.artifactType === artifactType);
}

export async function listReferrers(
  http: OciHttp,
  subject: ImageRef,
  artifactType?: string,
): Promise<readonly Descriptor[]> {
  const listed =
    (await listByApi(http, subject, artifactType)) ??
    (await fetchFallback(http, subject))?.manifests ??
    [];
  return chooseReferrers(listed, artifactType, (digest) =>
    fetchManifest(http, subject.repository, digest),
  );
}

function indexWith(current: Manifest | null, entry: Descriptor): Buffer {
  // Kept as found: other tools' entries may hold fields that we do not read.
  const raw = current ? (JSON.parse(current.bytes.toString('utf8')) as object) : {};
  const manifests = 'manifests' in raw && Array.isArray(raw.manifests) ? raw.manifests : [];
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      ...raw,
      manifests: [...(manifests as readonly unknown[]), entry],
    }),
  );
}

/**
 * Adds `entry` to the fallback index unless it is there. The registry knows no compare-and-set (distribution
 * ignores If-Match), so it is written, read back, and written again when another writer won.
 */
export async function addToFallback(
  http: OciHttp,
  subject: ImageRef,
  entry: Descriptor,
): Promise<void> {
  for (let write = 0; ; write += 1) {
    const current = await fetchFallback(http, subject);
    const entries = current?.manifests ?? [];
    if (entries.some((one) => one.digest === entry.digest)) {
      return;
    }
    if (entries.length >= MAX_REFERRERS) {
      throw new ReleaseError(
        'INVALID_INPUT',
        `${imageReference(subject)} has ${entries.length} artifacts attached, the most we list`,
        { details: { remedy: 'remove old artifacts of this digest' } },
      );
    }
    if (write === MAX_WRITES) {
      throw new ReleaseError(
        'REGISTRY_UNAVAILABLE',
        `the referrers of ${imageReference(subject)} are written by others faster than we can add`,
        { details: { remedy: 'let one writer at a time attach to a digest' } },
      );
    }
    if (write > 0) {
      await sleep(10 * 2 ** write * (0.5 + Math.random()));
    }
    await putManifest(http, subject.repository, fallbackTag(subject.digest), {
      bytes: indexWith(current, entry),
      mediaType: OCI_INDEX,
    });
  }
}

async function attachOnce(http: OciHttp, input: AttachInput): Promise<Descriptor> {
  const { subject } = input;
  const { repository } = subject;
  const found = await resolveManifest(http, repository, assertDigest(subject.digest));
  if (!found) {
    throw new ReleaseError(
      'DIGEST_NOT_FOUND',
      `${imageReference(subject)} is not in the registry`,
      {
        details: { remedy: 'push the subject before what refers to it' },
      },
    );
  }
  const { bytes, descriptor } = artifactManifest(input, found);
  await Promise.all([
    pushBlob(http, repository, EMPTY_BYTES),
    pushBlob(http, repository, input.payload),
  ]);
  const artifact = { bytes, mediaType: OCI_MANIFEST };
  const put = await putManifest(http, repository, descriptor.digest, artifact);
  if (!put.referrersUpdated) {
    await addToFallback(http, subject, descriptor);
    return descriptor;
  }
  const listed = await listReferrers(http, subject, input.artifactType);
  if (!listed.some((one) => one.digest === descriptor.digest)) {
    throw new ReleaseError(
      'REGISTRY_UNAVAILABLE',
      `${imageReference(subject)}: the registry does not list what was attached`,
      { details: { remedy: 'see the registry; the call is tried again by itself' } },
    );
  }
  return descriptor;
}

/** Attaches one artifact at a time to a subject: parallel writers lose entries of the fallback index. */
export function createAttach(http: OciHttp): (input: AttachInput) => Promise<Descriptor> {
  const last = new Map<string, Promise<unknown>>();
  return async (input) => {
    const key = imageReference(input.subject);
    const before = last.get(key) ?? Promise.resolve();
    const run = before.then(() => attachOnce(http, input));
    // The next in line waits for this one, whatever its end.
    const settled = run.catch(() => undefined);
    last.set(key, settled);
    try {
      return await run;
    } finally {
      if (last.get(key) === settled) {
        last.delete(key);
      }
    }
  };
}
