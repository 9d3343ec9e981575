import { setTimeout as sleep } from 'node:timers/promises';
import { OCI_INDEX } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import { buildTestImage, type TestImage, type TestManifest } from './fakes/registry-image';
import { call, pushBlob, putManifest, type RegistryAccess } from './registry-push';

/** What went wrong that never may; and how often pushes had to wait for a closed registry. */
export interface SoakCounts {
  pushes: number;
  mounts: number;
  skippedBlobs: number;
  skippedManifests: number;
  waits: number;
  readonly unknown: string[];
  readonly failed: string[];
}

export function createSoakCounts(): SoakCounts {
  return {
    ...{ pushes: 0, mounts: 0, skippedBlobs: 0, skippedManifests: 0, waits: 0 },
    ...{ unknown: [], failed: [] },
  };
}

const WAIT_MS = 150;
const MAX_WAITS = 400;

/** As clients do that honour Retry-After, but for its length. */
async function patiently(counts: SoakCounts, send: () => Promise<Response>): Promise<Response> {
  for (let waits = 0; ; waits += 1) {
    const answer = await send();
    if (answer.status !== 503 || waits > MAX_WAITS) return answer;
    await answer.body?.cancel();
    counts.waits += 1;
    await sleep(WAIT_MS);
  }
}

async function expectTaken(counts: SoakCounts, answer: Response, what: string): Promise<void> {
  const text = await answer.text();
  if (answer.status === 201) return;
  const line = `${what}: ${answer.status} ${text.slice(0, 300)}`;
  if (/BLOB_UNKNOWN|MANIFEST_UNKNOWN/.test(text)) counts.unknown.push(line);
  else counts.failed.push(line);
}

/** Looks, mounts from where it may be, else uploads. */
async function sendBlob(
  access: RegistryAccess,
  counts: SoakCounts,
  repository: string,
  from: string,
  blob: Buffer,
): Promise<void> {
  const digest = sha256(blob);
  const path = `/v2/${repository}/blobs/${digest}`;
  const head = await patiently(counts, () => call(access, path, { method: 'HEAD' }));
  if (head.status === 200) {
    counts.skippedBlobs += 1;
    return;
  }
  const query = `mount=${digest}&from=${from}`;
  const mount = await patiently(counts, () =>
    call(access, `/v2/${repository}/blobs/uploads/?${query}`, { method: 'POST' }),
  );
  await mount.body?.cancel();
  if (mount.status === 201) {
    counts.mounts += 1;
    return;
  }
  const answer = await patiently(counts, () => pushBlob(access, repository, blob));
  await expectTaken(counts, answer, `blob ${path}`);
}

export interface SoakPush {
  readonly repository: string;
  readonly from: string;
  readonly image: TestImage;
  readonly tag: string;
}

/** A manifest that is there already is not sent again, nor what it names: as clients do. */
async function sendManifest(
  access: RegistryAccess,
  counts: SoakCounts,
  { repository, from, image, tag }: SoakPush,
  manifest: TestManifest,
): Promise<void> {
  const digest = sha256(manifest.bytes);
  const isTop = digest === image.digest;
  const path = `/v2/${repository}/manifests/${digest}`;
  const head = await patiently(counts, () => call(access, path, { method: 'HEAD' }));
  if (head.status === 200) {
    counts.skippedManifests += 1;
    if (!isTop) return;
  } else if (manifest.mediaType !== OCI_INDEX) {
    const named = manifest.bytes.toString();
    for (const blob of image.blobs) {
      if (named.includes(sha256(blob))) await sendBlob(access, counts, repository, from, blob);
    }
  }
  const answer = await patiently(counts, () =>
    putManifest(access, repository, isTop ? tag : digest, manifest),
  );
  await expectTaken(counts, answer, `manifest ${path} as ${tag}`);
}

export async function soakPush(
  access: RegistryAccess,
  counts: SoakCounts,
  push: SoakPush,
): Promise<void> {
  for (const manifest of push.image.manifests) await sendManifest(access, counts, push, manifest);
  counts.pushes += 1;
}

/** Of layers that many share; every fifth is an index. */
export function soakImage(repository: string, seed: number): TestImage {
  const layers = [seed % 7, seed % 31, seed].map((one) =>
    Buffer.from(`layer ${one} `.padEnd(400 + (one % 900), '.')),
  );
  return buildTestImage({ repository, user: `${seed}`, layers, index: seed % 5 === 0 });
}

/** All that a tag leads to, each byte hashed. Returns what is wrong. */
export async function pullWhole(
  access: RegistryAccess,
  repository: string,
  reference: string,
): Promise<readonly string[]> {
  const answer = await call(access, `/v2/${repository}/manifests/${reference}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const name = `${repository}:${reference}`;
  if (answer.status !== 200) return [`${name}: ${answer.status}`];
  if (reference.startsWith('sha256:') && sha256(bytes) !== reference) return [`${name}: not it`];
  const manifest = JSON.parse(bytes.toString()) as {
    readonly config?: { readonly digest: string };
    readonly layers?: readonly { readonly digest: string }[];
    readonly manifests?: readonly { readonly digest: string }[];
  };
  const wrong: string[] = [];
  for (const child of manifest.manifests ?? []) {
    wrong.push(...(await pullWhole(access, repository, child.digest)));
  }
  const blobs = [...(manifest.config ? [manifest.config] : []), ...(manifest.layers ?? [])];
  for (const { digest } of blobs) {
    const blob = await call(access, `/v2/${repository}/blobs/${digest}`);
    const content = Buffer.from(await blob.arrayBuffer());
    if (blob.status !== 200) wrong.push(`${name}: blob ${digest} ${blob.status}`);
    else if (sha256(content) !== digest) wrong.push(`${name}: blob ${digest} is not it`);
  }
  return wrong;
}
