import type { Json } from '../verdict';

/** A component of a CycloneDX document that may be a package. */
export interface SbomPackage {
  readonly name: string;
  readonly group: string;
  readonly purl: string;
  /** By name, without the scanner's prefix. */
  readonly properties: Readonly<Record<string, readonly string[]>>;
}

export interface SbomDocument {
  readonly systems: readonly { readonly family: string; readonly version: string }[];
  readonly packages: readonly SbomPackage[];
}

const PACKAGES: readonly string[] = [
  'application',
  'container',
  'file',
  'framework',
  'library',
  'platform',
];

type JsonObject = Readonly<Record<string, Json>>;

function objectOf(value: Json | undefined): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}

function field(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function text(value: JsonObject, name: string): string {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}

function listOf(value: JsonObject, name: string): readonly JsonObject[] {
  const found = field(value, name);
  return Array.isArray(found) ? (found as readonly Json[]).map(objectOf) : [];
}

function propertiesOf(component: JsonObject): SbomPackage['properties'] {
  const named = new Map<string, string[]>();
  for (const property of listOf(component, 'properties')) {
    const name = text(property, 'name').replace(/^aquasecurity:trivy:/, '');
    named.set(name, [...(named.get(name) ?? []), text(property, 'value')]);
  }
  return Object.fromEntries(named);
}

/** Not what the components hold in turn: the scanner does not look there either. */
export function readSbom(sbom: Json): SbomDocument {
  const document = objectOf(sbom);
  const subject = objectOf(field(objectOf(field(document, 'metadata')), 'component'));
  const components = [...listOf(document, 'components'), subject];
  const isSystem = (one: JsonObject): boolean => text(one, 'type') === 'operating-system';
  const packages = components
    .filter((one) => PACKAGES.includes(text(one, 'type')))
    .map((one) => ({
      name: text(one, 'name'),
      group: text(one, 'group'),
      purl: text(one, 'purl'),
      isLockFile: text(one, 'type') === 'application',
      properties: propertiesOf(one),
    }))
    // A lock file, or a language as a whole, with the packages among what it depends on.
    .filter(({ isLockFile, properties }) => !isLockFile || !properties['Type']?.at(-1));
  return {
    systems: components
      .filter(isSystem)
      .map((one) => ({ family: text(one, 'name'), version: text(one, 'version') })),
    packages,
  };
}
