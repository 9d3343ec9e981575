import { containersOf } from '../containers';
import { effective, isWindows } from './security-context';
import type { Guardrail } from './guardrail';

/** Profiles that confine; `Unconfined` does not. */
export const CONFINED_PROFILES: readonly string[] = ['RuntimeDefault', 'Localhost'];

export const seccomp: Guardrail = {
  id: 'seccomp',
  title: 'A seccomp profile limits the system calls',
  why: 'Most ways out of a container start with a system call that no service needs.',
  remedy: 'set securityContext.seccompProfile.type: RuntimeDefault on the pod',
  judge({ template }) {
    if (isWindows(template)) return [];
    return containersOf(template).flatMap(({ container, pointer }) => {
      const profile = effective(template, container, 'seccompProfile');
      return profile !== null && CONFINED_PROFILES.includes(profile)
        ? []
        : [
            {
              rule: 'seccomp' as const,
              pointer: pointer('securityContext', 'seccompProfile'),
              message: `container ${container.name} has ${profile === null ? 'no seccomp profile' : `the seccomp profile ${profile}`}`,
            },
          ];
    });
  },
};
