import type { Labels } from '../../labels';

/** meta/v1 LabelSelector: all of it must fit; an empty one fits everything. */
export interface LabelSelector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`. */
  readonly operator: string;
  readonly values: readonly string[];
}

function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** An operator that we don't know fits nothing. */
function fits({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = valueOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

export function selects({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => valueOf(labels, key) === value) &&
    matchExpressions.every((requirement) => fits(requirement, labels))
  );
}

/** Whether all that it selects has these labels. What narrows a selector further may be there. */
export function selectsOnly(
  { matchLabels, matchExpressions }: LabelSelector,
  labels: Labels,
): boolean {
  return Object.entries(labels).every(
    ([key, value]) =>
      valueOf(matchLabels, key) === value ||
      matchExpressions.some(
        (one) =>
          one.key === key &&
          one.operator === 'In' &&
          one.values.length > 0 &&
          one.values.every((given) => given === value),
      ),
  );
}
