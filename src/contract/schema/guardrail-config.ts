import { z } from 'zod';
import { isCidr } from '../../domain/admission/guardrails/cidr';
import {
  MODES,
  RULE_IDS,
  type GuardrailConfig,
  type RuleModes,
} from '../../domain/admission/guardrails/config';
import type { EgressAllowance } from '../../domain/admission/guardrails/egress-allowance';
import { DEFAULT_GUARDRAILS, everyRule } from '../../domain/admission/guardrails/defaults';

const MAX_LISTED = 200;

/** A mode for each rule that is named, and with `*` for all others. */
const Modes = z
  .partialRecord(z.enum([...RULE_IDS, '*']), z.enum(MODES))
  .transform(({ '*': others, ...named }): RuleModes =>
    others === undefined ? named : { ...everyRule(others), ...named },
  );

const Namespaces = z
  .array(
    z
      .string()
      .max(63)
      .regex(/^[a-z0-9*](?:[-a-z0-9*]*[a-z0-9*])?$/, 'is no namespace, and no glob such as team-*'),
  )
  .min(1)
  .max(MAX_LISTED);

const LabelName = z.string().min(1).max(317);
const Texts = z.array(z.string().min(1).max(255)).max(MAX_LISTED);
const Labels = z.record(LabelName, z.string().max(63));

const Marker = z.strictObject({
  in: z.enum(['label', 'annotation']),
  name: LabelName,
  value: z.string().min(1).max(255),
});

const PortNumber = z.int().min(1).max(65_535);

const AllowedPort = z
  .strictObject({
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
    port: z.union(
      [PortNumber, z.string().min(1).max(15)],
      'expected a port from 1 to 65535, or its name',
    ),
    endPort: PortNumber.exactOptional(),
  })
  .superRefine(({ port, endPort }, context) => {
    if (endPort !== undefined && (typeof port === 'string' || endPort < port)) {
      context.addIssue({
        code: 'custom',
        path: ['endPort'],
        message: 'needs a port that is a number and not above it',
      });
    }
  });

/** Addresses, or pods of namespaces. */
const Allowance = z
  .strictObject({
    cidrs: z
      .array(z.string().refine(isCidr, 'is no CIDR, such as 10.0.0.0/8 or 2001:db8::/32'))
      .min(1)
      .max(MAX_LISTED)
      .exactOptional(),
    namespace: z
      .union([z.literal('same'), Labels], 'expected same, or labels of namespaces')
      .exactOptional(),
    pods: Labels.exactOptional(),
    ports: z.array(AllowedPort).max(MAX_LISTED).default([]),
  })
  .transform(({ cidrs, namespace, pods, ports }, context): EgressAllowance => {
    if (cidrs !== undefined && namespace === undefined && pods === undefined) {
      return { to: { cidrs }, ports };
    }
    if (cidrs === undefined && namespace !== undefined) {
      return { to: { namespace, pods: pods ?? {} }, ports };
    }
    context.addIssue('needs either cidrs, or a namespace with or without pods');
    return z.NEVER;
  });

const Spiffe = z.strictObject({
  trustDomains: z
    .array(z.string().regex(/^[a-z0-9._-]{1,255}$/, 'is no trust domain, such as example.org'))
    .min(1)
    .max(MAX_LISTED),
  annotations: z
    .array(LabelName)
    .max(MAX_LISTED)
    .default([...DEFAULT_GUARDRAILS.spiffe.annotations]),
  markers: z
    .array(Marker)
    .max(MAX_LISTED)
    .default([...DEFAULT_GUARDRAILS.spiffe.markers]),
  csiDrivers: Texts.default([...DEFAULT_GUARDRAILS.spiffe.csiDrivers]),
});

/**
 * A file of guardrails as people write it; the domain's GuardrailConfig after parsing. What it leaves out is as in the standard, a part that
 * it names replaces the standard's; its namespaces come on top. Unknown keys are refused.
 */
export const GuardrailsFile = z
  .strictObject({
    apiVersion: z.literal('plura.reg/guardrails/v1'),
    modes: Modes.exactOptional(),
    namespaces: z
      .array(z.strictObject({ namespaces: Namespaces, modes: Modes }))
      .max(MAX_LISTED)
      .default([]),
    capabilities: z.strictObject({ add: Texts }).exactOptional(),
    egress: z.strictObject({ allow: z.array(Allowance).max(MAX_LISTED) }).exactOptional(),
    spiffe: Spiffe.exactOptional(),
    mtls: z.strictObject({ markers: z.array(Marker).min(1).max(MAX_LISTED) }).exactOptional(),
    image: z.strictObject({ forbiddenEnv: Texts, forbiddenPaths: Texts }).exactOptional(),
  })
  .transform(({ modes, namespaces, capabilities, egress, spiffe, mtls, image }) => ({
    modes: { ...DEFAULT_GUARDRAILS.modes, ...modes },
    overrides: [...DEFAULT_GUARDRAILS.overrides, ...namespaces],
    capabilities: capabilities ?? DEFAULT_GUARDRAILS.capabilities,
    egress: egress ?? DEFAULT_GUARDRAILS.egress,
    spiffe: spiffe ?? DEFAULT_GUARDRAILS.spiffe,
    mtls: mtls ?? DEFAULT_GUARDRAILS.mtls,
    image: image ?? DEFAULT_GUARDRAILS.image,
  })) satisfies z.ZodType<GuardrailConfig>;
