import { containersOf, type PlacedContainer } from '../containers';
import type { Resources } from '../pod-spec';
import type { PodTemplate } from '../workload';
import type { Breach, Guardrail } from './guardrail';

export const BOUNDED_RESOURCES = ['cpu', 'memory'] as const;

export const requestsAndLimits: Guardrail = {
  id: 'requests-and-limits',
  title: 'CPU and memory have requests and limits',
  why: 'Without them one pod starves its neighbours, and the scheduler places what does not fit.',
  remedy:
    'set resources.requests and resources.limits of cpu and memory on each container, or on the pod',
  judge({ template }) {
    return containersOf(template)
      .filter(({ kind }) => kind !== 'ephemeral') // The API refuses resources there.
      .flatMap((placed) => judgeContainer(template, placed));
  },
};

function judgeContainer(
  { spec }: PodTemplate,
  { container, pointer }: PlacedContainer,
): readonly Breach[] {
  return BOUNDED_RESOURCES.flatMap((name) =>
    (['requests', 'limits'] as const)
      .filter((side) => !isPositive(bound(container.resources, spec.resources, side, name)))
      .map((side) => ({
        rule: 'requests-and-limits' as const,
        pointer: pointer('resources', side, name),
        message: `container ${container.name} has no ${side} of ${name}`,
      })),
  );
}

/**
 * The API gives a pod the request that its container left out: the limit (API reference, ResourceRequirements). A template is
 * judged as the pods that it will make.
 */
function bound(
  own: Resources,
  pod: Resources,
  side: 'requests' | 'limits',
  name: string,
): string | undefined {
  const limit = own.limits[name];
  return side === 'limits'
    ? (limit ?? pod.limits[name])
    : (own.requests[name] ?? limit ?? pod.requests[name] ?? pod.limits[name]);
}

/** A quantity (API reference, Quantity) above zero: a limit of 0 is no limit. */
function isPositive(quantity: string | undefined): boolean {
  const [, number] =
    /^\+?([0-9.]+)(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.exec(quantity ?? '') ?? [];
  return Number(number) > 0;
}
