import { isRunnable } from '../../domain/registry/runnable';
import type { Descriptor } from '../../ports/registry';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Go's name of this machine's architecture, as image-spec wants it (config.md, "architecture"). */
export function localArchitecture(): string {
  return ARCHITECTURES[process.arch] ?? process.arch;
}

/** The child of an index that runs here. A child without a platform is taken when it is the only image. */
export function selectChild(
  children: readonly Descriptor[],
  architecture = localArchitecture(),
): Descriptor | null {
  const images = children.filter(isRunnable);
  const exact = images.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  if (exact) {
    return exact;
  }
  const [only] = images;
  return images.length === 1 && only && !only.platform ? only : null;
}
