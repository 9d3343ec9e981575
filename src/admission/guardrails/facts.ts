import { failureReason } from '../../contract/error-reason';
import type { AdmissionDependency, AdmissionFault } from '../../domain/admission/fault';
import type { RuleId } from '../../domain/admission/guardrails/config';
import type { GuardrailFacts } from '../../domain/admission/guardrails/guardrail';
import { imagesOf } from '../../domain/admission/image-positions';
import type { PodTemplate } from '../../domain/admission/workload';
import type { NetworkPolicies } from '../../ports/network-policies';
import type { ImageConfigs } from './image-configs';

export interface ReadFacts extends GuardrailFacts {
  /** Rules whose facts could not be read, and why. */
  readonly unread: ReadonlyMap<RuleId, AdmissionFault>;
}

/** What stands beside a pod, and guardrails need to know. */
export interface FactReader {
  /** Never throws. */
  read(namespace: string, template: PodTemplate): Promise<ReadFacts>;
}

interface FactParts {
  /** Null where there is no cluster to ask: then nobody can say. */
  readonly networkPolicies: NetworkPolicies | null;
  readonly imageConfigs: ImageConfigs;
}

function unreadBy(unknown: AdmissionDependency, error: unknown): AdmissionFault {
  return { rule: 'not-known', message: failureReason(error), unknown };
}

export function createFactReader({ networkPolicies, imageConfigs }: FactParts): FactReader {
  return {
    read: async (namespace, template) => {
      const unread = new Map<RuleId, AdmissionFault>();
      const images = imagesOf(template).map(({ image }) => image);
      const [policies, configs] = await Promise.all([
        networkPolicies === null
          ? null
          : networkPolicies.list(namespace).catch((error: unknown) => {
              unread.set('egress-policy', unreadBy('cluster', error));
              return null;
            }),
        imageConfigs.read(images).catch((error: unknown) => {
          unread.set('config-outside-image', unreadBy('registry', error));
          return new Map<string, never>();
        }),
      ]);
      return { networkPolicies: policies, imageConfigs: configs, unread };
    },
  };
}
