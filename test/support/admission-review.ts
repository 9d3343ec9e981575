import type { Reviewed } from '../../src/admission/review/reviewer';
import { createValidator } from '../../src/admission/review/validate';
import type { AdmissionRequest } from '../../src/contract/schema/admission-review';
import { requestFor } from './admission-pods';
import type { AdmissionWorld } from './admission-world';

export type Review = (
  object: AdmissionRequest['object'],
  over?: Partial<AdmissionRequest>,
) => Promise<Reviewed>;

/** Reviews by the validator of the world that the test has now. */
export function reviewIn(worldNow: () => AdmissionWorld): Review {
  return (object, over = {}) => createValidator(worldNow().deps)(requestFor(object, over));
}

/** The rules named in a denial; empty when admitted. */
export function rulesOf(
  review: Review,
): (...asked: Parameters<Review>) => Promise<readonly string[]> {
  return async (...asked) => {
    const { response } = await review(...asked);
    const message = response.status?.message ?? '';
    return [...new Set([...message.matchAll(/\[([a-z-]+)\]/g)].map(([, rule = '']) => rule))];
  };
}
