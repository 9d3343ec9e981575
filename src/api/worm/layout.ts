import type { StoredItem, WormManifest } from '../../domain/worm/manifest';

/** A small file of the export that is no content of the copy. */
export interface LayoutFile {
  readonly path: string;
  readonly text: string;
}

export function pathOf({ digest }: Pick<StoredItem, 'digest'>): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/** image-spec, image-layout.md: the image under its tags, and what is attached beside it, as tools look for referrers there. */
function indexOf({ digest, repository, tags, items }: WormManifest): string {
  const entry = (item: StoredItem, name?: string): object => ({
    mediaType: item.mediaType,
    digest: item.digest,
    size: item.size,
    ...(item.artifactType !== null && { artifactType: item.artifactType }),
    ...(name !== undefined && { annotations: { 'org.opencontainers.image.ref.name': name } }),
  });
  const here = tags.filter((one) => one.repository === repository);
  const manifests = items.flatMap((item) => {
    if (item.role === 'evidence') return [];
    const names = here.filter((one) => one.digest === item.digest).map(({ tag }) => tag);
    if (names.length > 0) return names.map((name) => entry(item, name));
    return item.digest === digest || item.subject !== null ? [entry(item)] : [];
  });
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return `${JSON.stringify({ schemaVersion: 2, mediaType, manifests }, null, 1)}\n`;
}

function readme({
  id,
  digest,
  repository,
  reason,
  by,
  requestedAt,
  lockUntil,
}: WormManifest): string {
  return [
    `Incident copy ${id} of ${repository}@${digest}`,
    `Asked for by ${by} at ${requestedAt}: ${reason}`,
    `Locked in the WORM store until ${lockUntil}`,
    '',
    'This folder is an OCI image layout (image-spec, image-layout.md).',
    'incident/manifest.json  every content with hash, size, role and the version that is locked; tags, holds, verdicts',
    'incident/evidence.json  what the ledger knew: release, verdicts with evidence, channel moves, quarantine',
    'incident/SHA256SUMS     sha256sum --check incident/SHA256SUMS',
    '',
  ].join('\n');
}

/** All of an export but the contents; `manifest.json` is added as its bytes are. */
export function layoutFiles(manifest: WormManifest): readonly LayoutFile[] {
  const sums = manifest.items
    .filter(({ role }) => role !== 'evidence')
    .map((item) => `${item.digest.slice('sha256:'.length)}  ${pathOf(item)}`);
  const evidence = manifest.items.find(({ role }) => role === 'evidence');
  if (evidence) sums.push(`${evidence.digest.slice('sha256:'.length)}  incident/evidence.json`);
  return [
    { path: 'oci-layout', text: '{"imageLayoutVersion":"1.0.0"}\n' },
    { path: 'index.json', text: indexOf(manifest) },
    { path: 'incident/README.txt', text: readme(manifest) },
    { path: 'incident/SHA256SUMS', text: `${sums.join('\n')}\n` },
  ];
}
