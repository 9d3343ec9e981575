import { z } from 'zod';
import { digestText } from '../../contract/schema/oci-manifest';
import type { Digest } from '../../domain/digest';
import { OCI_INDEX } from '../../domain/registry/manifest-facts';
import { indexText, referrersTag, type ReferrerEntry } from '../../domain/registry/referrers-index';
import type { Backend } from '../backend/backend';
import { readManifest } from '../manifests/push/registry-manifests';

/** As other tools wrote it: an entry that is none is left out, fields that we don't know stay. */
const storedEntry = z.looseObject({
  mediaType: z.string(),
  digest: digestText,
  size: z.int().nonnegative(),
  artifactType: z.string().optional().catch(undefined),
  annotations: z.record(z.string(), z.string()).optional().catch(undefined),
});
const storedIndex = z.looseObject({ manifests: z.array(z.unknown()).nullish() });

export function readEntries(bytes: Buffer): readonly ReferrerEntry[] {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return [];
  }
  const index = storedIndex.safeParse(json);
  return (index.data?.manifests ?? []).flatMap((item) => {
    const { data } = storedEntry.safeParse(item);
    if (!data) return [];
    const { artifactType, annotations, ...rest } = data;
    return [
      {
        ...rest,
        ...(artifactType !== undefined && { artifactType }),
        ...(annotations !== undefined && { annotations }),
      },
    ];
  });
}

export interface StoredIndex {
  readonly digest: Digest;
  readonly entries: readonly ReferrerEntry[];
}

/** The fallback index of a subject (distribution-spec, "Referrers Tag Schema"); null when it has none. */
export async function readStoredIndex(
  backend: Backend,
  { repository, subject }: { readonly repository: string; readonly subject: Digest },
  signal: AbortSignal,
): Promise<StoredIndex | null> {
  const found = await readManifest(
    backend,
    { repository, reference: referrersTag(subject) },
    signal,
  );
  return found && { digest: found.digest, entries: readEntries(found.body) };
}

export function toIndex(entries: readonly ReferrerEntry[]): { bytes: Buffer; mediaType: string } {
  return { bytes: Buffer.from(indexText(entries)), mediaType: OCI_INDEX };
}
