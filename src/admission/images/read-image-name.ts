import { parseImageName, type ImageName } from '../../domain/admission/image-name';

/** With the host in lower case, as DNS has no other; null for what is no image reference. */
export function readImageName(text: string): ImageName | null {
  try {
    const name = parseImageName(text);
    return { ...name, host: name.host?.toLowerCase() ?? null };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
