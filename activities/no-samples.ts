import { ReleaseError } from '../src/contract/errors';
import { NO_SAMPLES } from '../src/domain/series';

/** Null where the metrics source answers and has no sample: nothing was seen, which is not a failure to look. */
export async function orNothingSeen<T>(measuring: Promise<T>): Promise<T | null> {
  try {
    return await measuring;
  } catch (error) {
    if (error instanceof ReleaseError && error.details['why'] === NO_SAMPLES) return null;
    throw error;
  }
}
