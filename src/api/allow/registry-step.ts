import type { WhyView } from '../../contract/schema/api-allow';
import type { ImageName } from '../../domain/admission/image-name';
import { judgeRegistryName } from '../../domain/admission/registry-name';

type Step = WhyView['steps'][number];

/** Without a host it is ours, as everywhere in the CLI; a node would take it for Docker Hub's. */
export function registryStep({ host }: ImageName, ours: readonly string[] | null): Step {
  const step = (state: Step['state'], text: string): Step => ({ check: 'registry', state, text });
  if (host === null) {
    return step(
      'none',
      ours === null
        ? 'names none: taken for ours'
        : `names none: taken for ${ours.join(' or ')}, which a workload has to name`,
    );
  }
  if (ours === null) {
    return step(
      'unknown',
      `whether ${host} is ours is not known: PLURA_ADMISSION of the API is not set`,
    );
  }
  const fault = judgeRegistryName(host, ours);
  return fault ? step('blocks', fault.message) : step('ok', `${host} is ours`);
}
