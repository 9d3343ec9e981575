import { containersOf } from '../containers';
import { specPointer, type PodTemplate } from '../workload';
import type { Breach, Guardrail } from './guardrail';

const SHARED = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

export const hostNamespaces: Guardrail = {
  id: 'host-namespaces',
  title: 'Nothing of the node is shared',
  why: 'The network, processes and files of a node are those of every other pod on it.',
  remedy:
    'take away hostNetwork, hostPID, hostIPC, hostPort and hostPath volumes; use a Service, a PersistentVolume',
  judge({ template }) {
    return [...ofPod(template), ...ofVolumes(template), ...ofPorts(template)];
  },
};

function breach(pointer: string, message: string): Breach {
  return { rule: 'host-namespaces', pointer, message };
}

function ofPod(template: PodTemplate): readonly Breach[] {
  return SHARED.filter((field) => template.spec[field]).map((field) =>
    breach(specPointer(template, field), `the pod has ${field}`),
  );
}

function ofVolumes(template: PodTemplate): readonly Breach[] {
  return template.spec.volumes.flatMap(({ name, hostPath }, index) =>
    hostPath
      ? [
          breach(
            specPointer(template, 'volumes', index, 'hostPath'),
            `volume ${name} is a path of the node`,
          ),
        ]
      : [],
  );
}

function ofPorts(template: PodTemplate): readonly Breach[] {
  return containersOf(template).flatMap(({ container, pointer }) =>
    container.ports.flatMap(({ hostPort }, index) =>
      hostPort === 0
        ? []
        : [
            breach(
              pointer('ports', index, 'hostPort'),
              `container ${container.name} takes port ${hostPort} of the node`,
            ),
          ],
    ),
  );
}
