import { refused } from '../http/refused';

const MAX_TYPE = 255;

/** distribution-spec, "Listing Referrers": only those of this type; null: all. @throws Refused */
export function readFilter(query: URLSearchParams): string | null {
  const artifactType = query.get('artifactType');
  if (artifactType === null || artifactType === '') return null;
  if (artifactType.length <= MAX_TYPE) return artifactType;
  throw refused({
    code: 'UNSUPPORTED',
    status: 400,
    rule: 'artifact-type',
    message: 'Not the type of an artifact',
    remedy: 'artifactType is a media type',
  });
}
