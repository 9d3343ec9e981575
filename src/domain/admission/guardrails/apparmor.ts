import { containersOf } from '../containers';
import type { Container } from '../pod-spec';
import type { PodTemplate } from '../workload';
import { isWindows } from './security-context';
import type { Guardrail } from './guardrail';

/** Before Kubernetes 1.30 gave it a field, with the container's name behind it. */
export const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
/** Values of the field, and of the annotation; good for JavaScript and for RE2. */
export const APPARMOR_CONFINED = '^(RuntimeDefault|Localhost|runtime/default|localhost/.+)$';

const CONFINED = new RegExp(APPARMOR_CONFINED);

export const apparmor: Guardrail = {
  id: 'apparmor',
  title: 'An AppArmor profile confines the container',
  why: 'It holds what a process may open and execute, even when its user could.',
  remedy:
    'set securityContext.appArmorProfile.type: RuntimeDefault on the pod; a cluster whose nodes have no AppArmor turns the rule off',
  judge({ template }) {
    if (isWindows(template)) return [];
    return containersOf(template).flatMap(({ container, pointer }) => {
      const profile = profileOf(template, container);
      return profile !== null && CONFINED.test(profile)
        ? []
        : [
            {
              rule: 'apparmor' as const,
              pointer: pointer('securityContext', 'appArmorProfile'),
              message: `container ${container.name} has ${profile === null ? 'no AppArmor profile' : `the AppArmor profile ${profile}`}`,
            },
          ];
    });
  },
};

/** In the order of the kubelet: the container's field, its annotation, the pod's field. */
function profileOf({ annotations, spec }: PodTemplate, container: Container): string | null {
  return (
    container.securityContext.appArmorProfile ??
    annotations[`${APPARMOR_ANNOTATION}${container.name}`] ??
    spec.securityContext.appArmorProfile
  );
}
