import { containersOf } from '../containers';
import { effective } from './security-context';
import type { Guardrail } from './guardrail';

export const runAsNonRoot: Guardrail = {
  id: 'run-as-non-root',
  title: 'No container runs as root',
  why: 'Root in a container is root on the node for every flaw of the kernel or the runtime.',
  remedy:
    'set securityContext.runAsNonRoot: true on the pod or on each container, and no runAsUser: 0; the image names a numeric USER',
  judge({ template }) {
    return containersOf(template).flatMap(({ container, pointer }) => {
      const breach = (field: string, message: string) => [
        {
          rule: 'run-as-non-root' as const,
          pointer: pointer('securityContext', field),
          message: `container ${container.name} ${message}`,
        },
      ];
      if (effective(template, container, 'runAsUser') === 0) {
        return breach('runAsUser', 'runs as user 0');
      }
      return effective(template, container, 'runAsNonRoot') === true
        ? []
        : breach('runAsNonRoot', 'may run as root');
    });
  },
};
