import { containersOf } from '../containers';
import { isWindows } from './security-context';
import type { Guardrail } from './guardrail';

export const readOnlyRoot: Guardrail = {
  id: 'read-only-root',
  title: 'The root file system is read-only',
  why: 'Who gets into a container can neither replace its program nor leave anything behind.',
  remedy:
    'set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir where files are written',
  judge({ template }) {
    if (isWindows(template)) return [];
    return containersOf(template)
      .filter(({ container }) => container.securityContext.readOnlyRootFilesystem !== true)
      .map(({ container, pointer }) => ({
        rule: 'read-only-root',
        pointer: pointer('securityContext', 'readOnlyRootFilesystem'),
        message: `container ${container.name} can write to its root file system`,
      }));
  },
};
