import { containersOf, type PlacedContainer } from '../containers';
import { isWindows } from './security-context';
import type { Breach, Guardrail } from './guardrail';

export const capabilities: Guardrail = {
  id: 'capabilities',
  title: 'All capabilities are dropped, few are added',
  why: 'The capabilities that a runtime gives by default forge packets, make devices and pass over permissions.',
  remedy: 'set securityContext.capabilities.drop: [ALL] on each container; add only what is listed',
  judge({ template }, settings) {
    if (isWindows(template)) return [];
    return containersOf(template).flatMap((placed) =>
      judgeContainer(placed, settings.capabilities.add),
    );
  },
};

function judgeContainer(
  { container, pointer }: PlacedContainer,
  allowed: readonly string[],
): readonly Breach[] {
  const { add, drop } = container.securityContext.capabilities;
  const breach = (field: string, message: string): Breach => ({
    rule: 'capabilities',
    pointer: pointer('securityContext', 'capabilities', field),
    message: `container ${container.name} ${message}`,
  });
  const strange = add.filter((one) => !allowed.includes(one));
  return [
    ...(drop.includes('ALL') ? [] : [breach('drop', 'does not drop ALL capabilities')]),
    ...(strange.length === 0 ? [] : [breach('add', `adds ${strange.join(', ')}`)]),
  ];
}
