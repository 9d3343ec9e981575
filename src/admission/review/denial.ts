import type { AdmissionFault } from '../../domain/admission/fault';
import type { Breach } from '../../domain/admission/guardrails/guardrail';
import type { ImagePosition } from '../../domain/admission/image-positions';

export interface RefusedImage {
  readonly position: ImagePosition;
  readonly faults: readonly AdmissionFault[];
}

interface Denial {
  readonly namespace: string;
  readonly images: readonly RefusedImage[];
  readonly breaches: readonly Breach[];
  /** What guardrails need to know and could not be read. */
  readonly unread: readonly AdmissionFault[];
  /** Why break-glass did not help; null when nobody asked for it. */
  readonly breakGlass: string | null;
}

const MAX_IMAGE = 300;

/** What somebody wrote into a pod, on one line and not longer than a real name. */
function shown(image: string): string {
  return image.slice(0, MAX_IMAGE).replaceAll(/\p{C}/gu, '?');
}

function remedy({ namespace, images, breaches }: Denial): readonly string[] {
  const judged = images.find(({ faults }) => faults.some(({ unknown }) => unknown === undefined));
  if (judged)
    return [`To see why: plura reg why ${shown(judged.position.image)} --namespace ${namespace}`];
  if (breaches.length > 0) return ['Remedies: docs/guardrails.md'];
  return ['It may be admitted once the part named above answers again.'];
}

/** Every image and every reason, then what to do: for people who see it in kubectl. */
export function describeDenial(denial: Denial): string {
  const { namespace, images, breaches, unread, breakGlass } = denial;
  return [
    `plura reg does not admit this to ${namespace || 'no namespace'}:`,
    ...images.flatMap(({ position: { kind, name, image }, faults }) =>
      faults.map(({ rule, message }) => `- ${kind} ${name}, ${shown(image)}: [${rule}] ${message}`),
    ),
    ...breaches.map(({ rule, pointer, message }) => `- ${pointer}: [${rule}] ${message}`),
    ...unread.map(({ rule, message }) => `- guardrails: [${rule}] ${message}`),
    ...(breakGlass === null ? [] : [`- ${breakGlass}`]),
    ...remedy(denial),
  ].join('\n');
}
