import { isExplained, type AdmissionFault } from '../../domain/admission/fault';
import type { RuleId } from '../../domain/admission/guardrails/config';
import type { Breach } from '../../domain/admission/guardrails/guardrail';
import { guardrailOf } from '../../domain/admission/guardrails/rules';
import type { ImagePosition } from '../../domain/admission/image-positions';
import { MAX_MESSAGE } from '../answer';
import { cut, fitLines } from '../fit-text';

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
const MAX_LINE = 2000;

/** What somebody wrote into a pod, on one line and not longer than a real name. */
function shown(image: string): string {
  return image.slice(0, MAX_IMAGE).replaceAll(/\p{C}/gu, '?');
}

/** Every image and every reason. */
function reasons({ images, breaches, unread, breakGlass }: Denial): readonly string[] {
  return [
    ...images.flatMap(({ position: { kind, name, image }, faults }) =>
      faults.map(({ rule, message }) => `- ${kind} ${name}, ${shown(image)}: [${rule}] ${message}`),
    ),
    ...breaches.map(({ rule, pointer, message }) => `- ${pointer}: [${rule}] ${message}`),
    ...unread.map(({ rule, message }) => `- guardrails: [${rule}] ${message}`),
    ...(breakGlass === null ? [] : [`- ${breakGlass}`]),
  ].map((line) => cut(line, MAX_LINE));
}

function remedyOf(rule: RuleId): string {
  const { remedy, why } = guardrailOf(rule);
  return `To mend [${rule}]: ${remedy}. ${why}`;
}

function remedies({ namespace, images, breaches, unread }: Denial): readonly string[] {
  const explained = images.find(({ faults }) => faults.some(isExplained));
  const faults = [...images.flatMap((image) => image.faults), ...unread];
  const isJudged = breaches.length > 0 || faults.some(({ unknown }) => unknown === undefined);
  return [
    ...(explained
      ? [`To see why: plura reg why ${shown(explained.position.image)} --namespace ${namespace}`]
      : []),
    ...[...new Set(breaches.map(({ rule }) => rule))].map(remedyOf),
    ...(isJudged ? [] : ['It may be admitted once the part named above answers again.']),
  ];
}

/** Every reason, as far as there is room, then what to do, which always has it: for people who see it in kubectl. */
export function describeDenial(denial: Denial): string {
  const head = `plura reg does not admit this to ${denial.namespace || 'no namespace'}:`;
  const last = remedies(denial);
  const room = MAX_MESSAGE - [head, ...last].join('\n').length;
  return [head, ...fitLines(reasons(denial), room), ...last].join('\n');
}
