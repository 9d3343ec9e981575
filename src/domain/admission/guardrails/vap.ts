import { MODES, type GuardrailConfig, type Mode } from './config';
import type { Guardrail } from './guardrail';
import { rankedModes } from './modes';
import { GUARDRAILS } from './rules';
import { matchConditionsFor, RESOURCE_RULES, variablesFor } from './vap-match';
import { breachesInCel, celValue } from './vap-rules';

const API_VERSION = 'admissionregistration.k8s.io/v1';

const VALIDATION = 'variables.unchanged || size(variables.breaches) == 0';

const ACTIONS = { enforce: 'Deny', warn: 'Warn', audit: 'Audit' } as const;
type Action = keyof typeof ACTIONS;

/** An object of the API, to be written as YAML. */
export type PolicyObject = Readonly<Record<string, unknown>>;

/**
 * The rules as ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding (Kubernetes 1.30 and later): a pair for each rule and each mode
 * that it has somewhere. They judge as createGuardrailJudge does, without our process; rules that need more than the object are left out.
 */
export function toAdmissionPolicies(config: GuardrailConfig): readonly PolicyObject[] {
  return GUARDRAILS.flatMap((rule) => {
    const breaches = breachesInCel(rule.id, config);
    return breaches === null
      ? []
      : actionsOf(config, rule).flatMap((mode) => {
          const name = `plura-reg-${rule.id}-${mode}`;
          return [policy(name, rule, breaches, config, mode), binding(name, mode)];
        });
  });
}

function actionsOf(config: GuardrailConfig, { id }: Guardrail): readonly Action[] {
  const modes: readonly Mode[] = [
    config.modes[id],
    ...rankedModes(config, id).map(({ mode }) => mode),
  ];
  return MODES.filter((mode) => mode !== 'off').filter((mode) => modes.includes(mode));
}

function policy(
  name: string,
  { id, title, remedy }: Guardrail,
  breaches: string,
  config: GuardrailConfig,
  mode: Action,
): PolicyObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: RESOURCE_RULES },
      matchConditions: matchConditionsFor(config, id, mode),
      variables: variablesFor(VALIDATION, breaches),
      validations: [
        {
          expression: VALIDATION,
          reason: 'Forbidden',
          message: `${id}: ${title}; ${remedy}`,
          messageExpression: `${celValue(`${id}: `)} + variables.breaches.join(", ") + ${celValue(`: ${remedy}`)}`,
        },
      ],
    },
  };
}

function binding(name: string, mode: Action): PolicyObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: [ACTIONS[mode]] },
  };
}
