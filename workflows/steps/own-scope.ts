import { CancellationScope } from '@temporalio/workflow';

/**
 * Runs something in a scope of its own and lets go of that when all of it has ended. The SDK ties each timer and activity, input included,
 * to the cancellation of its scope until that is settled: in the one scope of a release they pile up, 5 KB a look, for as long as it lasts.
 */
export async function inOwnScope<T>(
  operation: () => Promise<T>,
  hasAllEnded: (result: T) => boolean,
): Promise<T> {
  const scope = new CancellationScope();
  const result = await scope.run(operation);
  if (hasAllEnded(result)) scope.cancel();
  return result;
}
