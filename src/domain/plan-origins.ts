import type { Plan } from './plan';
import type { GivenPlan } from './plan-given';
import { planOf, type PlanInput } from './plan-of';

/** `default`: built into plura. `file`: the plan given with the promotion. */
export type PlanOrigin = 'default' | 'policy' | 'service' | 'file';

type Tree = Readonly<Record<string, unknown>>;

interface Layer {
  readonly origin: 'service' | 'file';
  readonly given: GivenPlan;
}

/** Where each value of the merged plan came from, by its path in a plan file, e.g. `judge.power.detect`. */
export function originsOf(input: PlanInput): Readonly<Record<string, PlanOrigin>> {
  const plan = planOf(input);
  const layers: readonly Layer[] = [
    ...(input.given ? [{ origin: 'file', given: input.given } as const] : []),
    ...(input.service.plan ? [{ origin: 'service', given: input.service.plan } as const] : []),
  ];
  const { canary, observation, judge } = plan;
  const origins = leavesOf({ canary, observation, judge }, []).map((path) => {
    const layer = layers.find(({ given }) => says(given, path));
    return [pathText(path), layer?.origin ?? baseOrigin(path)] as const;
  });
  return Object.fromEntries([...origins, ...stepOrigins(plan, layers)]);
}

/** A step may leave its window to the policy. */
function stepOrigins(
  plan: Plan,
  layers: readonly Layer[],
): readonly (readonly [string, PlanOrigin])[] {
  const layer = layers.find(({ given }) => given.canary?.steps !== undefined);
  const steps = layer?.given.canary?.steps ?? [];
  return plan.canary.steps.map((_, index) => {
    const own = layer && steps[index]?.windowMs !== undefined;
    return [`canary.steps[${index}].window`, own ? layer.origin : 'policy'];
  });
}

/** Objects are walked into; a list is one value, as it is merged. */
function leavesOf(tree: Tree, above: readonly string[]): readonly (readonly string[])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? leavesOf(value, [...above, key]) : [[...above, key]],
  );
}

function says(given: GivenPlan, path: readonly string[]): boolean {
  if (valueAt(given, path) !== undefined) return true;
  const [part, name = '', ...rest] = path;
  const ofAllWindows = part === 'observation' && (name === 'onInconclusive' || name === 'onError');
  return ofAllWindows && valueAt(given, ['judge', name, ...rest]) !== undefined;
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), tree);
}

/** What follows on an undecided window, and who makes traffic in prod, no policy says; how often a window is extended it does. */
function baseOrigin(path: readonly string[]): PlanOrigin {
  const name = path.at(-1);
  if (name === 'maxExtensions') return 'policy';
  return path[0] === 'judge' || name === 'then' || name === 'traffic' ? 'default' : 'policy';
}

/** A plan file writes durations without `Ms`. */
function pathText(path: readonly string[]): string {
  return path.map((key) => key.replace(/Ms$/, '')).join('.');
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
