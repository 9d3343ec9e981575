import { parseImageName, type ImageName } from '../../domain/admission/image-name';

/** Null for what is no image reference. */
export function readImageName(text: string): ImageName | null {
  try {
    return parseImageName(text);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
