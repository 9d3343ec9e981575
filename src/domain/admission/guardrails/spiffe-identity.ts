import { containersOf } from '../containers';
import { metadataPointer, type PodTemplate } from '../workload';
import type { GuardrailSettings } from './config';
import type { Guardrail } from './guardrail';
import { hasMarker } from './markers';

/** SPIFFE-ID, section 2: the path has no empty step, no `.` and no `..`. For JavaScript and for RE2. */
const PATH = '(/[A-Za-z0-9._-]+)+$';
export const DOT_STEP = '/\\.\\.?(/|$)';
/** SPIFFE-ID, section 2.4. */
export const MAX_SPIFFE_ID = 2048;

export const spiffeIdentity: Guardrail = {
  id: 'spiffe-identity',
  title: 'The pod has a SPIFFE identity',
  why: 'A workload is known by a short-lived certificate of its own, not by its address or a shared secret.',
  remedy:
    'mount a csi.spiffe.io volume, or set the annotation plura.reg/spiffe-id: spiffe://{trust domain}/{path}',
  judge({ template }, { spiffe }) {
    return isNamed(template, spiffe)
      ? []
      : [
          {
            rule: 'spiffe-identity',
            pointer: metadataPointer(template, 'annotations'),
            message: `neither annotation nor volume gives the pod an identity of ${spiffe.trustDomains.join(', ')}`,
          },
        ];
  },
};

/** Of an id of one of these trust domains, with a path. */
export function spiffeIdPattern(trustDomains: readonly string[]): string {
  return `^spiffe://(${trustDomains.join('|').replaceAll('.', '\\.')})${PATH}`;
}

function isSpiffeId(text: string, trustDomains: readonly string[]): boolean {
  return (
    text.length <= MAX_SPIFFE_ID &&
    !new RegExp(DOT_STEP).test(text) &&
    new RegExp(spiffeIdPattern(trustDomains)).test(text)
  );
}

function isNamed(template: PodTemplate, spiffe: GuardrailSettings['spiffe']): boolean {
  const { annotations, spec } = template;
  const volumes = spec.volumes
    .filter(({ csiDriver }) => csiDriver !== null && spiffe.csiDrivers.includes(csiDriver))
    .map(({ name }) => name);
  return (
    spiffe.annotations.some((name) => isSpiffeId(annotations[name] ?? '', spiffe.trustDomains)) ||
    hasMarker(template, spiffe.markers) ||
    containersOf(template).some(({ container }) =>
      container.volumeMounts.some(({ name }) => volumes.includes(name)),
    )
  );
}
