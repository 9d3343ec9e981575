import type { AdmissionRequest } from '../../contract/schema/admission-review';

/** `Deployment shop`, for people; what has no name yet by the beginning of the one that it gets. */
export function describeObject({ kind, name, object }: AdmissionRequest): string {
  const metadata = object?.['metadata'];
  const generated =
    typeof metadata === 'object' && metadata !== null && 'generateName' in metadata
      ? metadata.generateName
      : '';
  const shown = name || (typeof generated === 'string' ? generated : '');
  return `${kind.kind} ${shown || 'without a name'}`;
}
