import { z } from 'zod';
import type { NetworkPolicy as JudgedPolicy } from '../../domain/admission/guardrails/network-policy';

/** networking.k8s.io/v1 NetworkPolicy: what it says about egress. */

const Texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((given) => given ?? {});

const Requirement = z.object({
  key: z.string(),
  operator: z.string(),
  values: z
    .array(z.string())
    .nullish()
    .transform((given) => given ?? []),
});

const Selector = z.object({
  matchLabels: Texts,
  matchExpressions: z
    .array(Requirement)
    .nullish()
    .transform((given) => given ?? []),
});

const MaybeSelector = Selector.nullish().transform((given) => given ?? null);

const Peer = z
  .object({
    ipBlock: z.object({ cidr: z.string() }).nullish(),
    namespaceSelector: MaybeSelector,
    podSelector: MaybeSelector,
  })
  .transform(({ ipBlock, ...selectors }) => ({ ...selectors, cidr: ipBlock?.cidr ?? null }));

const Port = z.object({
  protocol: z
    .string()
    .nullish()
    .transform((given) => given ?? 'TCP'),
  port: z
    .union([z.number(), z.string()])
    .nullish()
    .transform((given) => given ?? null),
  endPort: z
    .number()
    .nullish()
    .transform((given) => given ?? null),
});

const Egress = z
  .object({ to: z.array(Peer).nullish(), ports: z.array(Port).nullish() })
  .transform(({ to, ports }) => ({ to: to ?? [], ports: ports ?? [] }));

const EVERY_POD = { matchLabels: {}, matchExpressions: [] };

/** Without policyTypes a policy is about egress when it has egress rules (API reference, NetworkPolicySpec). */
export const NetworkPolicy = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      podSelector: Selector.nullish().transform((given) => given ?? EVERY_POD),
      policyTypes: z.array(z.string()).nullish(),
      egress: z
        .array(Egress)
        .nullish()
        .transform((given) => given ?? []),
    }),
  })
  .transform(({ metadata, spec: { podSelector, policyTypes, egress } }) => ({
    name: metadata.name,
    podSelector,
    limitsEgress: policyTypes?.length ? policyTypes.includes('Egress') : egress.length > 0,
    egress,
  })) satisfies z.ZodType<JudgedPolicy>;
