import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** Runs one activity; failures are what the test looks at, not what it prints. */
export function quietEnvironment(
  info: ConstructorParameters<typeof MockActivityEnvironment>[0] = {},
): MockActivityEnvironment {
  return new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
}

type InputOf<F> = F extends (input: infer Input) => Promise<unknown> ? Input : never;
type ResultOf<F> = F extends (input: never) => Promise<infer Result> ? Result : never;

/** One activity of a group, in an environment of its own. */
export function runActivity<Group extends object, Name extends keyof Group>(
  group: Group,
  name: Name,
  input: InputOf<Group[Name]>,
): Promise<ResultOf<Group[Name]>> {
  const activity = (one: unknown): Promise<never> =>
    (group[name] as (argument: unknown) => Promise<never>)(one);
  return quietEnvironment().run(activity, input);
}
