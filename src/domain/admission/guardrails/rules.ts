import { apparmor } from './apparmor';
import { capabilities } from './capabilities';
import type { RuleId } from './config';
import { configOutsideImage } from './config-outside-image';
import { egressPolicy } from './egress-policy';
import type { Guardrail } from './guardrail';
import { hostNamespaces } from './host-namespaces';
import { mtlsMode } from './mtls-mode';
import { noPrivilegeEscalation } from './no-privilege-escalation';
import { privileged } from './privileged';
import { readOnlyRoot } from './read-only-root';
import { requestsAndLimits } from './requests-and-limits';
import { runAsNonRoot } from './run-as-non-root';
import { seccomp } from './seccomp';
import { spiffeIdentity } from './spiffe-identity';

/** In the order of RULE_IDS. */
export const GUARDRAILS: readonly Guardrail[] = [
  requestsAndLimits,
  readOnlyRoot,
  runAsNonRoot,
  seccomp,
  apparmor,
  noPrivilegeEscalation,
  privileged,
  capabilities,
  hostNamespaces,
  egressPolicy,
  spiffeIdentity,
  mtlsMode,
  configOutsideImage,
];

const BY_ID = Object.fromEntries(GUARDRAILS.map((rule) => [rule.id, rule])) as Readonly<
  Record<RuleId, Guardrail>
>;

export function guardrailOf(id: RuleId): Guardrail {
  return BY_ID[id];
}
