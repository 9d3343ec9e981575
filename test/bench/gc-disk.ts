import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Digest } from '../../src/domain/digest';
import type { Store, StoreRecord } from './gc-store';
import type { MadeManifest } from './gc-images';

const hexOf = (digest: Digest): string => digest.slice(7);

function dated(file: string, ms: number): void {
  utimesSync(file, ms / 1000, ms / 1000);
}

/** A file in a new folder of its own, as distribution has them all; nothing when it is there. */
function writeAlone(folder: string, name: string, text: string, ms?: number): void {
  if (existsSync(folder)) return;
  mkdirSync(folder);
  const file = path.join(folder, name);
  writeFileSync(file, text);
  if (ms !== undefined) dated(file, ms);
}

/** distribution's own layout (registry/storage/paths.go), below what it has as `rootdirectory`. */
export function writeDistribution(storageDir: string, { records }: Store): void {
  const root = path.join(storageDir, 'docker', 'registry', 'v2');
  const blobs = path.join(root, 'blobs', 'sha256');
  for (let byte = 0; byte < 256; byte += 1) {
    mkdirSync(path.join(blobs, byte.toString(16).padStart(2, '0')), { recursive: true });
  }
  const content = (digest: Digest, bytes: string): void => {
    const hex = hexOf(digest);
    writeAlone(path.join(blobs, hex.slice(0, 2), hex), 'data', bytes);
  };
  let current = '';
  let folder = '';
  const enter = (name: string): void => {
    current = name;
    folder = path.join(root, 'repositories', name);
    for (const place of ['_layers/sha256', '_manifests/revisions/sha256', '_manifests/tags']) {
      mkdirSync(path.join(folder, place), { recursive: true });
    }
  };
  for (const record of records) {
    if (record.repository !== current) enter(record.repository);
    if (record.kind === 'blob') {
      const { bytes, edge } = record.blob;
      content(edge.digest, bytes);
      writeAlone(path.join(folder, '_layers', 'sha256', hexOf(edge.digest)), 'link', edge.digest);
      continue;
    }
    const { digest, bytes } = record.manifest;
    if (record.kind === 'manifest') {
      content(digest, bytes);
      const revision = path.join(folder, '_manifests', 'revisions', 'sha256', hexOf(digest));
      writeAlone(revision, 'link', digest, record.pushedAtMs);
      continue;
    }
    const tag = path.join(folder, '_manifests', 'tags', record.tag);
    mkdirSync(path.join(tag, 'index', 'sha256'), { recursive: true });
    writeAlone(path.join(tag, 'index', 'sha256', hexOf(digest)), 'link', digest);
    writeAlone(path.join(tag, 'current'), 'link', digest, record.pushedAtMs);
  }
}

interface OpenLayout {
  readonly repository: string;
  readonly folder: string;
  readonly manifests: Map<Digest, MadeManifest>;
  readonly tags: Map<string, Digest>;
}

const descriptor = ({ digest, mediaType, bytes }: MadeManifest): object => ({
  mediaType,
  digest,
  size: bytes.length,
});

/** As zot does it: every manifest is listed, those with a tag under its name. */
function closeLayout({ folder, manifests, tags }: OpenLayout): void {
  const tagged = [...tags].flatMap(([tag, digest]) => {
    const manifest = manifests.get(digest);
    const annotations = { 'org.opencontainers.image.ref.name': tag };
    return manifest ? [{ ...descriptor(manifest), annotations }] : [];
  });
  const held = new Set(tags.values());
  const others = [...manifests.values()].filter(({ digest }) => !held.has(digest));
  const index = { schemaVersion: 2, manifests: [...tagged, ...others.map(descriptor)] };
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index));
}

function addToLayout(layout: OpenLayout, record: StoreRecord): void {
  const file = (digest: Digest): string =>
    path.join(layout.folder, 'blobs', 'sha256', hexOf(digest));
  switch (record.kind) {
    case 'blob':
      writeFileSync(file(record.blob.edge.digest), record.blob.bytes);
      break;
    case 'manifest':
      layout.manifests.set(record.manifest.digest, record.manifest);
      writeFileSync(file(record.manifest.digest), record.manifest.bytes);
      dated(file(record.manifest.digest), record.pushedAtMs);
      break;
    case 'tag':
      layout.tags.set(record.tag, record.manifest.digest);
      break;
  }
}

function openLayout(root: string, repository: string): OpenLayout {
  const folder = path.join(root, repository);
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true });
  writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return { repository, folder, manifests: new Map(), tags: new Map() };
}

/** One OCI image layout a repository (image-spec, image-layout.md). */
export function writeOciLayouts(root: string, { records }: Store): void {
  const layouts: OpenLayout[] = [];
  for (const record of records) {
    let [layout] = layouts;
    if (layout?.repository !== record.repository) {
      if (layout) closeLayout(layout);
      layout = openLayout(root, record.repository);
      layouts[0] = layout;
    }
    addToLayout(layout, record);
  }
  layouts.forEach(closeLayout);
}
