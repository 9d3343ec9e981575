import { containersOf } from '../containers';
import { isWindows } from './security-context';
import type { Guardrail } from './guardrail';

export const noPrivilegeEscalation: Guardrail = {
  id: 'no-privilege-escalation',
  title: 'No process gains privileges',
  why: 'A setuid program in the image would undo that the container does not run as root.',
  remedy: 'set securityContext.allowPrivilegeEscalation: false on each container',
  judge({ template }) {
    if (isWindows(template)) return [];
    return containersOf(template)
      .filter(({ container }) => container.securityContext.allowPrivilegeEscalation !== false)
      .map(({ container, pointer }) => ({
        rule: 'no-privilege-escalation',
        pointer: pointer('securityContext', 'allowPrivilegeEscalation'),
        message: `container ${container.name} may gain privileges`,
      }));
  },
};
