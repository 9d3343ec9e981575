import type { Container, SecurityContext } from '../pod-spec';
import type { PodTemplate } from '../workload';

/**
 * What a container runs with: its own field, else the pod's (API reference, SecurityContext: "the value specified in SecurityContext
 * takes precedence").
 */
export function effective<Field extends keyof SecurityContext>(
  { spec }: PodTemplate,
  { securityContext }: Container,
  field: Field,
): SecurityContext[Field] {
  return securityContext[field] ?? spec.securityContext[field];
}

/** Linux has the field, Windows must not (Pod Security Standards, "Pod OS field"); a kubelet takes only pods of its own OS. */
export function isWindows({ spec }: PodTemplate): boolean {
  return spec.os === 'windows';
}
