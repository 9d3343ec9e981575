import type { AdmissionFault } from '../../domain/admission/fault';
import { judgeRegistryName } from '../../domain/admission/registry-name';
import type { ImageRef } from '../../domain/reference';
import { readImageName } from './read-image-name';

export type Named = { readonly image: ImageRef } | { readonly fault: AdmissionFault };

/** Which image of ours a name means, and that it means only one. */
export function nameImage(text: string, registries: readonly string[]): Named {
  const name = readImageName(text);
  if (!name) {
    const message = `This is no image reference with a sha256 digest: write ${registries[0] ?? ''}/{repository}@sha256:….`;
    return { fault: { rule: 'reference', message } };
  }
  const { host, repository, digest } = name;
  const fault = judgeRegistryName(host, registries);
  if (fault) return { fault };
  if (digest === null) {
    const message = `A tag names no content: write ${host ?? ''}/${repository}@sha256:…, as plura reg status shows it.`;
    return { fault: { rule: 'digest-form', message } };
  }
  return { image: { repository, digest } };
}
