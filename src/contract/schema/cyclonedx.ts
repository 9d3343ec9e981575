import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';

/** The versions whose schema we hold; Trivy writes 1.7. */
export const CYCLONEDX_VERSIONS = ['1.4', '1.5', '1.6', '1.7'] as const;
type CycloneDxVersion = (typeof CYCLONEDX_VERSIONS)[number];

const header = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.enum(CYCLONEDX_VERSIONS),
});

const REFERENCED = ['spdx', 'jsf-0.82', 'cryptography-defs'];
const MAX_ERRORS = 10;

const compiled = new Map<CycloneDxVersion, ValidateFunction>();

function readSchema(name: string): object {
  const library = dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json'));
  const file = join(library, 'res', 'schema', `${name}.SNAPSHOT.schema.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}

function compile(version: CycloneDxVersion): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: false });
  addFormats(ajv);
  // No implementation of these two exists that the library itself would trust; the shape is still checked.
  ajv.addFormat('iri-reference', true);
  ajv.addFormat('idn-email', true);
  for (const name of REFERENCED) {
    ajv.addSchema(readSchema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(readSchema(`bom-${version}`));
}

/** Compiling takes some 100 ms, so each version is compiled once, on first need. */
function validatorFor(version: CycloneDxVersion): ValidateFunction {
  const known = compiled.get(version) ?? compile(version);
  compiled.set(version, known);
  return known;
}

/** What is wrong with a CycloneDX JSON document, one line each; empty when it keeps its version's schema. */
export function cyclonedxErrors(document: unknown): readonly string[] {
  const head = header.safeParse(document);
  if (!head.success) {
    return head.error.issues.map(
      (issue) => `${issue.path.map(String).join('.')}: ${issue.message}`,
    );
  }
  const validate = validatorFor(head.data.specVersion);
  if (validate(document)) {
    return [];
  }
  return (validate.errors ?? [])
    .slice(0, MAX_ERRORS)
    .map((error) => `${error.instancePath || 'document'} ${error.message ?? 'is invalid'}`);
}
