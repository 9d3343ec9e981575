import { APPARMOR_ANNOTATION, APPARMOR_CONFINED } from './apparmor';
import type { GuardrailSettings, Marker, RuleId } from './config';
import { BOUNDED_RESOURCES } from './requests-and-limits';
import { CONFINED_PROFILES } from './seccomp';
import { DOT_STEP, MAX_SPIFFE_ID, spiffeIdPattern } from './spiffe-identity';

/** A value as CEL writes it, which reads what JSON writes. */
export function celValue(value: string | number | readonly string[]): string {
  return JSON.stringify(value);
}

const SPEC = 'variables.spec';
const ANNOTATIONS = 'variables.annotations';
const POD_CONTEXT = `${SPEC}.?securityContext`;
const CONTEXT = 'c.?securityContext';

/** Names the containers for which `fine`, said of one `c`, does not hold. */
function unless(containers: string, fine: string): string {
  return `${containers}.filter(c, !(${fine})).map(c, "container " + c.name)`;
}

const onLinux = (fine: string): string => unless('variables.linuxContainers', fine);
const everywhere = (fine: string): string => unless('variables.containers', fine);

/** A container's own field, else the pod's. */
function effective(field: string, absent: string): string {
  return `${CONTEXT}.${field}.or(${POD_CONTEXT}.${field}).orValue(${absent})`;
}

function markerIsThere(markers: readonly Marker[]): string {
  const tests = markers.map(
    ({ in: place, name, value }) =>
      `variables.${place}s[?${celValue(name)}].orValue("") == ${celValue(value)}`,
  );
  return tests.length === 0 ? 'false' : tests.join(' || ');
}

/** What is found wanting as a whole has one name. */
function ofPod(fine: string): string {
  return `(${fine}) ? [] : ["the pod"]`;
}

function bounded(): string {
  const own = (side: string): string => `c.?resources.?${side}[?r]`;
  const pod = (side: string): string => `${SPEC}.?resources.?${side}[?r]`;
  const limit = `${own('limits')}.or(${pod('limits')}).orValue("0")`;
  const request = `${own('requests')}.or(${own('limits')}).or(${pod('requests')}).or(${pod('limits')}).orValue("0")`;
  const isPositive = 'isQuantity(string(q)) && quantity(string(q)).isGreaterThan(quantity("0"))';
  return `${celValue(BOUNDED_RESOURCES)}.all(r, [${limit}, ${request}].all(q, ${isPositive}))`;
}

function sharesOfNode(): string {
  return [
    `["hostNetwork", "hostPID", "hostIPC"].filter(f, ${SPEC}[?f].orValue(false) == true)`,
    `${SPEC}.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, "volume " + v.name)`,
    everywhere('c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)'),
  ].join(' + ');
}

function spiffe(settings: GuardrailSettings['spiffe']): string {
  const isId = `size(id) <= ${MAX_SPIFFE_ID} && id.matches(${celValue(spiffeIdPattern(settings.trustDomains))}) && !id.matches(${celValue(DOT_STEP)})`;
  return ofPod(
    [
      `${celValue(settings.annotations)}.map(n, ${ANNOTATIONS}[?n].orValue("")).exists(id, ${isId})`,
      markerIsThere(settings.markers),
      `${SPEC}.?volumes.orValue([]).filter(v, v.?csi.?driver.orValue("") in ${celValue(settings.csiDrivers)}).exists(v, variables.containers.exists(c, c.?volumeMounts.orValue([]).exists(m, m.name == v.name)))`,
    ].join(' || '),
  );
}

/** CEL that lists, as texts, what breaches a rule; null for a rule that needs more than the object. */
export function breachesInCel(rule: RuleId, settings: GuardrailSettings): string | null {
  switch (rule) {
    case 'requests-and-limits':
      return unless('variables.boundedContainers', bounded());
    case 'read-only-root':
      return onLinux(`${CONTEXT}.?readOnlyRootFilesystem.orValue(false) == true`);
    case 'run-as-non-root':
      return everywhere(
        `${effective('?runAsNonRoot', 'false')} == true && ${effective('?runAsUser', '1')} != 0`,
      );
    case 'seccomp':
      return onLinux(
        `${effective('?seccompProfile.?type', '""')} in ${celValue(CONFINED_PROFILES)}`,
      );
    case 'apparmor': {
      const annotation = `${ANNOTATIONS}[?(${celValue(APPARMOR_ANNOTATION)} + c.name)]`;
      const field = '?appArmorProfile.?type';
      return onLinux(
        `${CONTEXT}.${field}.or(${annotation}).or(${POD_CONTEXT}.${field}).orValue("").matches(${celValue(APPARMOR_CONFINED)})`,
      );
    }
    case 'no-privilege-escalation':
      return onLinux(`${CONTEXT}.?allowPrivilegeEscalation.orValue(true) == false`);
    case 'privileged':
      return everywhere(
        `${CONTEXT}.?privileged.orValue(false) == false && ${effective('?windowsOptions.?hostProcess', 'false')} == false`,
      );
    case 'capabilities':
      return onLinux(
        `"ALL" in ${CONTEXT}.?capabilities.?drop.orValue([]) && ${CONTEXT}.?capabilities.?add.orValue([]).all(a, a in ${celValue(settings.capabilities.add)})`,
      );
    case 'host-namespaces':
      return sharesOfNode();
    case 'spiffe-identity':
      return spiffe(settings.spiffe);
    case 'mtls-mode':
      return ofPod(markerIsThere(settings.mtls.markers));
    case 'egress-policy':
    case 'config-outside-image':
      return null;
  }
}
