import { isDigest, type Digest } from './digest';
import type { Labels } from './labels';
import type { BuildPolicy } from './policy';
import type { Json, Verdict } from './verdict';

/** buildkit, docs/attestations/slsa-definitions.md. */
export const BUILDKIT_BUILD_TYPE =
  'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md';

/** Build types whose externalParameters and resolvedDependencies we know how to read. */
export const KNOWN_BUILD_TYPES: readonly string[] = [BUILDKIT_BUILD_TYPE];

/** An image that went into the build, from resolvedDependencies. */
export interface BaseMaterial {
  readonly uri: string;
  /** Without the registry's host. */
  readonly repository: string;
  readonly digest: Digest | null;
}

export interface ProvenanceInput {
  /** Verdict subject: the digest. */
  readonly subject: string;
  /** The SLSA v1 predicate; null when there is none. */
  readonly predicate: Json | null;
  /** From the schema check of contract/schema/slsa. */
  readonly schemaErrors: readonly string[];
  readonly policy: Pick<BuildPolicy, 'trustedBuilders' | 'bases'>;
  /** Digests of `baseMaterials` that have a valid signature of the base custodian. */
  readonly signedBases: readonly Digest[];
  /** Bases that nothing may be built on any more. */
  readonly withdrawnBases?: readonly Digest[];
  /** What we asked the builder for, when we built it: the answer must match. */
  readonly request?: {
    readonly builderId: string;
    readonly bases: readonly Digest[];
    readonly labels: Labels;
  };
}

type JsonObject = Readonly<Record<string, Json>>;

const MAX_MATERIALS = 200;
const MAX_REASONS = 20;
const HEX = /^[0-9a-f]{64}$/;

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function asArray(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** What stands at a path of keys; never a property that JSON did not have. */
export function at(value: Json | null, ...path: readonly string[]): Json | undefined {
  let current: Json | undefined = value ?? undefined;
  for (const key of path) {
    const object = asObject(current);
    current = Object.hasOwn(object, key) ? object[key] : undefined;
  }
  return current;
}

/** purl-spec, type docker: `pkg:docker/{host}/{repository}?digest=…` or `…@{version}`. */
function repositoryOf(uri: string): string {
  const path = uri.slice('pkg:docker/'.length).split(/[?#@]/, 1)[0] ?? '';
  const [first = '', ...rest] = path.split('/');
  const decoded = first.replaceAll(/%3a/gi, ':');
  const isHost = decoded === 'localhost' || decoded.includes('.') || decoded.includes(':');
  return isHost ? rest.join('/') : path;
}

/** The images of resolvedDependencies: what a build stood on. Other materials (https, git) are left out. */
export function baseMaterials(predicate: Json | null): readonly BaseMaterial[] {
  return asArray(at(predicate, 'buildDefinition', 'resolvedDependencies')).flatMap((entry) => {
    const uri = asText(at(entry, 'uri'));
    if (!uri.startsWith('pkg:docker/') && !uri.startsWith('pkg:oci/')) {
      return [];
    }
    const hex = asText(at(entry, 'digest', 'sha256'));
    const digest = `sha256:${hex}`;
    return [
      {
        uri,
        repository: repositoryOf(uri.replace(/^pkg:oci\//, 'pkg:docker/')),
        digest: HEX.test(hex) && isDigest(digest) ? digest : null,
      },
    ];
  });
}

export function builderIdOf(predicate: Json | null): string {
  return asText(at(predicate, 'runDetails', 'builder', 'id'));
}

/** Whether a statement's subjects name `digest`; names beside it say nothing. */
export function bindsSubject(
  subjects: readonly { readonly digest: Readonly<Record<string, string>> }[],
  digest: Digest,
): boolean {
  return subjects.some((subject) => subject.digest['sha256'] === digest.slice('sha256:'.length));
}

function judgeMaterial(material: BaseMaterial, input: ProvenanceInput): string | null {
  const { allow, signatureRequired } = input.policy.bases;
  if (!allow.includes(material.repository)) {
    return `It was built from ${material.uri}, which is not on the allow-list of bases.`;
  }
  if (material.digest === null) {
    return `Its base ${material.uri} has no sha256 digest.`;
  }
  if (signatureRequired && !input.signedBases.includes(material.digest)) {
    return `Its base ${material.repository}@${material.digest} has no valid signature of the base custodian.`;
  }
  if (input.withdrawnBases?.includes(material.digest)) {
    return `Its base ${material.repository}@${material.digest} was withdrawn.`;
  }
  return null;
}

function judgeMaterials(input: ProvenanceInput): readonly string[] {
  const all = asArray(at(input.predicate, 'buildDefinition', 'resolvedDependencies'));
  if (all.length > MAX_MATERIALS) {
    return [`It names ${all.length} materials; at most ${MAX_MATERIALS} are read.`];
  }
  const unpinned = all.filter((entry) => Object.keys(asObject(at(entry, 'digest'))).length === 0);
  const images = baseMaterials(input.predicate);
  return [
    ...unpinned
      .filter((entry) => !images.some((image) => image.uri === asText(at(entry, 'uri'))))
      .map((entry) => `Its material ${asText(at(entry, 'uri')) || '(no uri)'} has no digest.`),
    ...images.flatMap((material) => judgeMaterial(material, input) ?? []),
  ];
}

/** A prefix ends at a border of the id: `https://ci/acme` is not `https://ci/acme-evil`. */
export function hasPrefix(id: string, prefix: string): boolean {
  if (prefix === '' || !id.startsWith(prefix)) {
    return false;
  }
  return (
    id.length === prefix.length || /[/@?#]$/.test(prefix) || /^[/@?#]/.test(id.slice(prefix.length))
  );
}

function judgeBuilder(input: ProvenanceInput): readonly string[] {
  const id = builderIdOf(input.predicate);
  const { trustedBuilders } = input.policy;
  if (input.request) {
    return id === input.request.builderId
      ? []
      : [`The builder calls itself "${id}"; ours is "${input.request.builderId}".`];
  }
  const trusted =
    trustedBuilders.length === 0 || trustedBuilders.some((prefix) => hasPrefix(id, prefix));
  return trusted ? [] : [`The builder "${id}" is not trusted.`];
}

/** A build of ours must say that it did what we asked: those bases, those labels. */
function judgeRequest(input: ProvenanceInput): readonly string[] {
  const { request } = input;
  if (!request) {
    return [];
  }
  const strange = baseMaterials(input.predicate).filter(
    (material) => material.digest === null || !request.bases.includes(material.digest),
  );
  const args = asObject(
    at(input.predicate, 'buildDefinition', 'externalParameters', 'request', 'args'),
  );
  const given = Object.keys(args).filter((name) => name.startsWith('label:'));
  const names = new Set([...given, ...Object.keys(request.labels).map((name) => `label:${name}`)]);
  const different = [...names].filter(
    (name) => asText(args[name]) !== (request.labels[name.slice('label:'.length)] ?? ''),
  );
  return [
    ...strange.map((material) => `It was built from ${material.uri}, which we did not give it.`),
    ...different.map((name) => `The build had another ${name} than we asked for.`),
  ];
}

function findFaults(input: ProvenanceInput): readonly string[] {
  if (input.predicate === null) {
    return ['The image has no SLSA v1 provenance.'];
  }
  if (input.schemaErrors.length > 0) {
    return input.schemaErrors.map((error) => `The provenance is not SLSA v1: ${error}.`);
  }
  const buildType = asText(at(input.predicate, 'buildDefinition', 'buildType'));
  if (!KNOWN_BUILD_TYPES.includes(buildType)) {
    return [`The build type "${buildType}" is unknown, so its parameters cannot be judged.`];
  }
  return [...judgeBuilder(input), ...judgeMaterials(input), ...judgeRequest(input)];
}

/** Who built it, how, from what: the provenance gate. Predicate and schema check come from the caller. */
export function judgeProvenance(input: ProvenanceInput): Verdict {
  const faults = findFaults(input);
  return {
    gate: 'provenance',
    subject: input.subject,
    outcome: faults.length > 0 ? 'fail' : 'pass',
    reasons: faults.slice(0, MAX_REASONS),
    evidence: {
      builder: builderIdOf(input.predicate),
      buildType: asText(at(input.predicate, 'buildDefinition', 'buildType')),
      bases: baseMaterials(input.predicate)
        .slice(0, MAX_MATERIALS)
        .map(({ repository, digest }) => `${repository}@${digest ?? 'no digest'}`),
    },
  };
}
