import type { ImagePosition } from '../../domain/admission/image-positions';

/** What an update brings in: an image that stood in the same container or volume before was answered for when it came. */
export function changedImages(
  before: readonly ImagePosition[],
  after: readonly ImagePosition[],
): readonly ImagePosition[] {
  const known = new Set(before.map(keyOf));
  return after.filter((position) => !known.has(keyOf(position)));
}

function keyOf({ kind, name, image }: ImagePosition): string {
  return JSON.stringify([kind, name, image]);
}
