import { z } from 'zod';
import { digestText } from '../../contract/schema/oci-manifest';
import type { Digest } from '../../domain/digest';
import { OCI_INDEX, OCI_MANIFEST } from '../../domain/registry/manifest-facts';
import { isRunnable } from '../../domain/registry/runnable';

const descriptor = z.object({
  digest: digestText,
  size: z.int().nonnegative(),
  data: z.string().nullish(),
  platform: z.object({ os: z.string().nullish(), architecture: z.string().nullish() }).nullish(),
});

/** It decides nothing but what to look up: a manifest that is not of this shape names nothing. */
const naming = z.object({
  mediaType: z.string().max(255).nullish(),
  config: descriptor.nullish(),
  layers: z.array(descriptor).nullish(),
  manifests: z.array(descriptor).nullish(),
});

export interface Named {
  readonly digest: Digest;
  readonly size: number;
}

export interface ManifestLinks {
  readonly mediaType: string;
  readonly config: Named | null;
  /** Layers that don't come with the manifest itself (image-spec, descriptor.md, "Embedded Content"). */
  readonly layers: readonly Named[];
  /** `runs`: a node may run it; else it holds paper, as BuildKit writes it. */
  readonly children: readonly (Named & { readonly runs: boolean })[];
}

export function readLinks(bytes: Buffer): ManifestLinks {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    json = null;
  }
  const { mediaType, config, layers, manifests } = naming.safeParse(json).data ?? {};
  return {
    mediaType: mediaType ?? (manifests ? OCI_INDEX : OCI_MANIFEST),
    config: config ?? null,
    layers: (layers ?? []).filter(({ data }) => !data),
    children: (manifests ?? []).map(({ digest, size, platform }) => ({
      digest,
      size,
      runs: isRunnable({ platform }),
    })),
  };
}
