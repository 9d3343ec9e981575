import type { Descriptor } from '../../ports/registry';

/** What is no image to run stands under `unknown/unknown`: BuildKit's attestations. */
export function isRunnable({ platform }: Descriptor): boolean {
  return platform?.os !== 'unknown' || platform.architecture !== 'unknown';
}
