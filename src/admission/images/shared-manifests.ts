import { imageReference } from '../../domain/reference';
import type { Manifest, Registry } from '../../ports/registry';

/**
 * Evidence and guardrails look at the manifests of an image at the same moment: what is being read is read once. Nothing is
 * kept: it may be gone a moment later.
 */
export function shareManifests(registry: Registry): Registry {
  const running = new Map<string, Promise<Manifest>>();
  return {
    ...registry,
    getManifest: (image) => {
      const key = imageReference(image);
      const reading =
        running.get(key) ?? registry.getManifest(image).finally(() => running.delete(key));
      running.set(key, reading);
      return reading;
    },
  };
}
