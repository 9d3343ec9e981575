import type { ReleaseError } from '../../contract/errors';
import type { PlanProblem } from '../../contract/schema/api-promotion';
import type { z } from 'zod';

/** A refusal as a plan lists it. */
export function describeProblem(error: ReleaseError): z.infer<typeof PlanProblem> {
  const { field, remedy } = error.details;
  return {
    code: error.code,
    message: error.message,
    ...(typeof field === 'string' && { field }),
    ...(typeof remedy === 'string' && { remedy }),
  };
}
