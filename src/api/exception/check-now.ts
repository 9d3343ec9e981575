import { ReleaseError } from '../../contract/errors';
import type { ApiDependencies } from '../dependencies';

/** Starts the run that judges again and tells people. Without Temporal it comes by itself within a minute of its return. */
export async function checkNow({
  orchestrator,
}: Pick<ApiDependencies, 'orchestrator'>): Promise<void> {
  try {
    await orchestrator.exceptions.run();
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
  }
}
