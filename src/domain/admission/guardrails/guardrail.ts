import type { ImageConfig } from './image-config';
import type { NetworkPolicy } from './network-policy';
import type { GuardrailSettings, RuleId } from './config';
import type { PodTemplate } from '../workload';

/** What stands beside the pod. Null and a missing key: nobody could say. */
export interface GuardrailFacts {
  /** Of the namespace. */
  readonly networkPolicies: readonly NetworkPolicy[] | null;
  /** By image as the pod names it; an index has a config for each platform. */
  readonly imageConfigs: ReadonlyMap<string, readonly ImageConfig[]>;
}

export interface GuardrailSubject {
  readonly namespace: string;
  readonly template: PodTemplate;
  readonly facts: GuardrailFacts;
}

/** Something in an object that a rule refuses. */
export interface Breach {
  readonly rule: RuleId;
  /** JSON pointer in the object of what is wrong, or missing. */
  readonly pointer: string;
  readonly message: string;
}

/** A rule about a workload; docs/guardrails.md lists all. */
export interface Guardrail {
  readonly id: RuleId;
  readonly title: string;
  readonly why: string;
  readonly remedy: string;
  /** It looks at `facts`; others judge the pod alone. */
  readonly readsFacts?: true;
  judge(subject: GuardrailSubject, settings: GuardrailSettings): readonly Breach[];
}
