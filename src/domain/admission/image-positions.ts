import { containersOf } from './containers';
import type { Volume } from './pod-spec';
import { specPointer, type PodTemplate } from './workload';

export type ImagePositionKind = 'container' | 'init' | 'ephemeral' | 'volume';

/** A place in an object that names an image which then runs, or is mounted. */
export interface ImagePosition {
  /** JSON pointer, e.g. `/spec/template/spec/initContainers/0/image`. */
  readonly pointer: string;
  readonly kind: ImagePositionKind;
  /** Of the container or volume. */
  readonly name: string;
  /** As it stands there, so empty when the container names none. */
  readonly image: string;
}

/** All of them, image volumes (KEP-4639) included. */
export function imagesOf(template: PodTemplate): readonly ImagePosition[] {
  const ofContainers = containersOf(template).map(({ kind, container, pointer }) => ({
    pointer: pointer('image'),
    kind,
    name: container.name,
    image: container.image,
  }));
  return [...ofContainers, ...template.spec.volumes.flatMap(inVolume(template))];
}

function inVolume(
  template: PodTemplate,
): (volume: Volume, index: number) => readonly ImagePosition[] {
  return ({ name, image }, index) =>
    image === null
      ? []
      : [
          {
            pointer: specPointer(template, 'volumes', index, 'image', 'reference'),
            kind: 'volume',
            name,
            image,
          },
        ];
}
