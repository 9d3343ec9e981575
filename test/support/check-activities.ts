import {
  createContinuousCheckActivities,
  type ContinuousCheckActivities,
} from '../../activities/continuous-check';
import { quietEnvironment } from './activity-env';

/** Runs one activity of the continuous check. */
export function callCheck<Name extends keyof ContinuousCheckActivities>(
  deps: Parameters<typeof createContinuousCheckActivities>[0],
  name: Name,
  input: Parameters<ContinuousCheckActivities[Name]>[0],
): Promise<Awaited<ReturnType<ContinuousCheckActivities[Name]>>> {
  const activity = createContinuousCheckActivities(deps)[name] as (one: unknown) => Promise<never>;
  return quietEnvironment().run(activity, input);
}
