import { z } from 'zod';

/** A digest set (in-toto attestation, spec/v1/digest_set.md): at least one, all hex or base64 text. */
const digestSet = z
  .record(z.string(), z.string().min(1).max(256))
  .refine((set) => Object.keys(set).length > 0, 'must name at least one digest');

/** spec/v1/resource_descriptor.md: one of uri, digest, content is needed. */
const resourceDescriptor = z
  .looseObject({
    uri: z.string().min(1).max(4096).optional(),
    digest: digestSet.optional(),
    name: z.string().optional(),
    content: z.string().optional(),
    mediaType: z.string().optional(),
  })
  .refine(
    ({ uri, digest, content }) => (uri ?? digest ?? content) !== undefined,
    'needs uri, digest or content',
  );

const timestamp = z.iso.datetime({ offset: true });

/** slsa.dev/spec/v1.0/provenance: the predicate, required fields and their types. */
export const slsaProvenance = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: z.string().min(1).max(1024),
    externalParameters: z.record(z.string(), z.unknown()),
    internalParameters: z.record(z.string(), z.unknown()).optional(),
    resolvedDependencies: z.array(resourceDescriptor).max(1000).optional(),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({
      id: z.string().min(1).max(1024),
      builderDependencies: z.array(resourceDescriptor).max(1000).optional(),
      version: z.record(z.string(), z.string()).optional(),
    }),
    metadata: z
      .looseObject({
        invocationId: z.string().optional(),
        startedOn: timestamp.optional(),
        finishedOn: timestamp.optional(),
      })
      .optional(),
    byproducts: z.array(resourceDescriptor).max(1000).optional(),
  }),
});

/** Statement v1, and v0.1 that `cosign attest` writes (in-toto attestation, spec/v1/statement.md). */
export const inTotoStatement = z.looseObject({
  _type: z.enum(['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']),
  subject: z
    .array(z.looseObject({ name: z.string().optional(), digest: digestSet }))
    .min(1)
    .max(1000),
  predicateType: z.string().min(1).max(1024),
  predicate: z.json(),
});

/** What is wrong with a SLSA v1 predicate, one line each; empty when it keeps the schema. */
export function slsaErrors(predicate: unknown): readonly string[] {
  const result = slsaProvenance.safeParse(predicate);
  return result.success
    ? []
    : result.error.issues.slice(0, 10).map((issue) => {
        const path = issue.path.map(String).join('.') || 'predicate';
        return `${path}: ${issue.message}`;
      });
}
