import type { Digest } from './digest';
import type { Json, Verdict } from './verdict';

/** What the gate needs of a CycloneDX document. */
export interface SbomFacts {
  readonly specVersion: string;
  readonly componentCount: number;
  /** Of metadata.component; null when the document does not say what it is about. */
  readonly about: { readonly name: string; readonly purl: string | null } | null;
}

export interface SbomInput {
  readonly subject: Digest;
  /** Null when it is not JSON. */
  readonly document: Json | null;
  /** From the schema check of contract/schema/cyclonedx. */
  readonly schemaErrors: readonly string[];
  /** `sha256:` of the stored bytes. */
  readonly documentDigest: string;
}

const MAX_REASONS = 10;

function field(value: Json | null | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return undefined;
  }
  const object = value as Readonly<Record<string, Json>>;
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function readSbomFacts(document: Json): SbomFacts {
  const component = field(field(document, 'metadata'), 'component');
  const name = textOf(field(component, 'name'));
  const components = field(document, 'components');
  return {
    specVersion: textOf(field(document, 'specVersion')),
    componentCount: Array.isArray(components) ? components.length : 0,
    about: name === '' ? null : { name, purl: textOf(field(component, 'purl')) || null },
  };
}

/** A name or purl that holds another digest than the image's is an SBOM of something else. */
function namesAnother(about: NonNullable<SbomFacts['about']>, subject: Digest): boolean {
  const text = `${about.name} ${about.purl ?? ''}`.replaceAll(/%3a/gi, ':');
  const digests: readonly string[] = text.match(/sha256:[0-9a-f]{64}/g) ?? [];
  return digests.length > 0 && !digests.includes(subject);
}

function findFaults(input: SbomInput, facts: SbomFacts | null): readonly string[] {
  if (!facts) {
    return ['The SBOM is not JSON.'];
  }
  if (input.schemaErrors.length > 0) {
    return input.schemaErrors.map((error) => `The SBOM is not CycloneDX: ${error}.`);
  }
  const faults: string[] = [];
  if (facts.componentCount === 0) {
    faults.push('The SBOM lists no components, so nothing could be scanned.');
  }
  if (!facts.about) {
    faults.push('The SBOM does not say what it is about (metadata.component).');
  } else if (namesAnother(facts.about, input.subject)) {
    faults.push(`The SBOM is about ${facts.about.name}, not about ${input.subject}.`);
  }
  return faults;
}

/** The sbom gate: schema, content, subject. */
export function judgeSbom(input: SbomInput): Verdict {
  const facts = input.document === null ? null : readSbomFacts(input.document);
  const faults = findFaults(input, facts);
  return {
    gate: 'sbom',
    subject: input.subject,
    outcome: faults.length > 0 ? 'fail' : 'pass',
    reasons: faults.slice(0, MAX_REASONS),
    evidence: {
      document: input.documentDigest,
      specVersion: facts?.specVersion ?? '',
      components: facts?.componentCount ?? 0,
    },
  };
}
