import { containersOf, type PlacedContainer } from '../containers';
import type { PodTemplate } from '../workload';
import { effective } from './security-context';
import type { Breach, Guardrail } from './guardrail';

export const privileged: Guardrail = {
  id: 'privileged',
  title: 'No container is privileged',
  why: 'A privileged container, or a HostProcess container on Windows, is the node.',
  remedy: 'take away securityContext.privileged and windowsOptions.hostProcess',
  judge({ template }) {
    return containersOf(template).flatMap((placed) => judgeContainer(template, placed));
  },
};

function judgeContainer(
  template: PodTemplate,
  { container, pointer }: PlacedContainer,
): readonly Breach[] {
  const breach = (message: string, ...steps: readonly string[]): Breach => ({
    rule: 'privileged',
    pointer: pointer('securityContext', ...steps),
    message: `container ${container.name} ${message}`,
  });
  return [
    ...(container.securityContext.privileged === true
      ? [breach('is privileged', 'privileged')]
      : []),
    ...(effective(template, container, 'hostProcess') === true
      ? [breach('is a HostProcess container', 'windowsOptions', 'hostProcess')]
      : []),
  ];
}
