import type { AdmissionFault } from '../../domain/admission/fault';
import type { ImageRef } from '../../domain/reference';
import { readImageName } from './read-image-name';

export type Named = { readonly image: ImageRef } | { readonly fault: AdmissionFault };

/** Which image of ours a name means, and that it means only one. */
export function nameImage(text: string, registries: readonly string[]): Named {
  const name = readImageName(text);
  if (!name) {
    return {
      fault: { rule: 'reference', message: 'This is no image reference with a sha256 digest.' },
    };
  }
  const { host, repository, digest } = name;
  if (host === null || !registries.includes(host)) {
    const message = `The registry ${host ?? 'of no name (Docker Hub)'} is not ours; ours: ${registries.join(', ')}.`;
    return { fault: { rule: 'registry-name', message } };
  }
  if (digest === null) {
    const message = `A tag names no content: write ${host}/${repository}@sha256:…, as plura reg status shows it.`;
    return { fault: { rule: 'digest-form', message } };
  }
  return { image: { repository, digest } };
}
