import type { Container } from './pod-spec';
import { specPointer, type PodTemplate } from './workload';

/** A container and where it stands. */
export interface PlacedContainer {
  readonly kind: 'container' | 'init' | 'ephemeral';
  readonly container: Container;
  /** JSON pointer of one of its fields. */
  readonly pointer: (...steps: readonly (string | number)[]) => string;
}

const LISTS = [
  ['containers', 'container'],
  ['initContainers', 'init'],
  ['ephemeralContainers', 'ephemeral'],
] as const;

export function containersOf(template: PodTemplate): readonly PlacedContainer[] {
  return LISTS.flatMap(([list, kind]) =>
    template.spec[list].map((container, index) => ({
      kind,
      container,
      pointer: (...steps) => specPointer(template, list, index, ...steps),
    })),
  );
}
