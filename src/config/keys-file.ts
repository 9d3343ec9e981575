import { z } from 'zod';
import type { KeyRevocation, KeyVersion } from '../domain/keys';
import { parseYaml, readYamlFile } from './yaml-file';

/** A purpose, or a purpose and a region: `bases`, `release/eu-west-1`. */
const KeyId = z.string().regex(/^[a-z0-9][a-z0-9-]*(?:\/[a-z0-9][a-z0-9-]*)?$/);
const Version = z.string().regex(/^[\w.-]{1,60}$/);
const Time = z.iso.datetime({ offset: true });

const Revocation = z.strictObject({
  revokedAt: Time,
  /** Signatures that a record shows before this stay good; without it none does. */
  trustedBefore: Time.nullable().default(null),
});

const AwsKeys = z.record(
  KeyId,
  z.strictObject({
    /** ARN of the key that signs, or of an alias. */
    key: z.string().max(300),
    endpoint: z.url({ protocol: /^https$/ }).exactOptional(),
    version: Version.default('current'),
    notBefore: Time.nullable().default(null),
    /** Former keys, and the next one before it signs. */
    others: z
      .array(
        z.strictObject({
          version: Version,
          publicKey: z.string().startsWith('-----BEGIN PUBLIC KEY-----').max(2000),
          notBefore: Time.nullable().default(null),
          notAfter: Time.nullable().default(null),
          revocation: Revocation.nullable().default(null),
        }),
      )
      .max(50)
      .default([]),
  }),
);

const Revocations = z.record(KeyId, z.record(z.string().regex(/^[1-9]\d*$/), Revocation));

export interface AwsKeyConfig {
  readonly arn: string;
  readonly endpoint?: string;
  readonly version: string;
  readonly notBefore: string | null;
  readonly others: readonly KeyVersion[];
}

/** @throws ReleaseError INVALID_INPUT that names file, line and field. */
export function readAwsKeys(file: string): Readonly<Record<string, AwsKeyConfig>> {
  const keys = parseYaml(AwsKeys, readYamlFile(file));
  return Object.fromEntries(
    Object.entries(keys).map(([keyId, { key: arn, ...rest }]) => [keyId, { arn, ...rest }]),
  );
}

/** By key id, then by version. @throws ReleaseError INVALID_INPUT that names file, line and field. */
export function readRevocations(
  file: string,
): Readonly<Record<string, Readonly<Record<string, KeyRevocation>>>> {
  return parseYaml(Revocations, readYamlFile(file));
}
