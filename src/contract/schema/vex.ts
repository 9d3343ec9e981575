import { z } from 'zod';

const MAX = 10_000;
const Text = z.string().min(1).max(2048);
const Time = z.iso.datetime({ offset: true });

const Component = z.looseObject({
  '@id': Text.optional(),
  identifiers: z.looseObject({ purl: Text.optional() }).optional(),
  hashes: z.record(z.string(), Text).optional(),
});

/** OpenVEX specification 0.2.0, "The VEX Statement", and 0.0.1, whose vulnerability is a text. */
export const OpenVex = z.looseObject({
  '@context': z.string().regex(/^https:\/\/openvex\.dev\/ns(\/v0\.[0-2]\.\d+)?$/),
  timestamp: Time.optional(),
  statements: z
    .array(
      z.looseObject({
        vulnerability: z.union([
          Text,
          z.looseObject({ name: Text, aliases: z.array(Text).max(100).optional() }),
        ]),
        products: z
          .array(
            z.union([
              Text,
              Component.extend({
                subcomponents: z
                  .array(z.union([Text, Component]))
                  .max(MAX)
                  .optional(),
              }),
            ]),
          )
          .max(MAX)
          .optional(),
        status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
        justification: Text.optional(),
        timestamp: Time.optional(),
        last_updated: Time.optional(),
      }),
    )
    .max(MAX),
});
export type OpenVex = z.infer<typeof OpenVex>;

/** CycloneDX 1.4 to 1.7, "vulnerabilities", with the components that their `affects` may name. */
export const CycloneDxVex = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ timestamp: Time.optional() }).optional(),
  components: z
    .array(z.looseObject({ 'bom-ref': Text.optional(), purl: Text.optional() }))
    .max(100_000)
    .optional(),
  vulnerabilities: z
    .array(
      z.looseObject({
        id: Text,
        updated: Time.optional(),
        analysis: z
          .looseObject({
            state: Text.optional(),
            justification: Text.optional(),
            lastUpdated: Time.optional(),
          })
          .optional(),
        affects: z
          .array(z.looseObject({ ref: Text }))
          .max(MAX)
          .optional(),
      }),
    )
    .max(MAX),
});
export type CycloneDxVex = z.infer<typeof CycloneDxVex>;
