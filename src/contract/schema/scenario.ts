import { z } from 'zod';
import {
  JSON_TYPES,
  type Scenario,
  type ScenarioCapture,
  type ScenarioVariable,
} from '../../domain/scenario';
import { findVariableFaults } from '../../domain/scenario-faults';
import { parseJsonPath } from '../../domain/scenario-json-path';
import { isVariableName } from '../../domain/scenario-template';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_JSON_LENGTH = 4096;
const MAX_NAMES = 50;
const TOO_MANY_NAMES = `has more than ${MAX_NAMES} names`;
const NO_NAME = 'must be a letter, then letters, digits and _, at most 40';
/** Shorter ones can't be told from other text when results are cleared of them. */
const MIN_SECRET_LENGTH = 8;

const text = (max: number): z.ZodString => z.string().min(1).max(max);

/** Absolute, and never another host: `//host` would be one. */
export const HttpPath = z
  .string()
  .max(2048)
  .regex(/^\/(?!\/)[\x21-\x7e]*$/, 'must be a path such as /healthz');

const HeaderName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const HeaderText = z.string().max(1024);

const VariableName = z.string().refine(isVariableName, NO_NAME);

/** Variables by name; zod itself would only say that a key is invalid. */
function byName<T extends z.ZodType>(value: T): z.ZodRecord<typeof VariableName, T> {
  return z
    .record(VariableName, value, {
      error: ({ code }) => (code === 'invalid_key' ? NO_NAME : undefined),
    })
    .refine((names) => Object.keys(names).length <= MAX_NAMES, TOO_MANY_NAMES);
}

/** The name is part of a path: no separators, no leading dot. */
const SecretFileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be the name of a file, without a folder');

const Variable = z.preprocess(
  (written) =>
    ['string', 'number', 'boolean'].includes(typeof written) ? { value: String(written) } : written,
  z
    .strictObject({
      value: z.string().max(4096).exactOptional(),
      secret: z.boolean().exactOptional(),
      file: SecretFileName.exactOptional(),
    })
    .transform(({ value, secret, file }, context): ScenarioVariable => {
      if (file !== undefined && value === undefined && secret !== false) {
        return { file };
      }
      if (value === undefined || file !== undefined) {
        context.addIssue('needs either a value or the name of a file; what is in a file is secret');
        return z.NEVER;
      }
      if (secret === true && (value.length < MIN_SECRET_LENGTH || !/^[\x20-\x7e]*$/.test(value))) {
        context.addIssue(
          `a secret must be at least ${MIN_SECRET_LENGTH} characters of printable ASCII, to be told from other text`,
        );
        return z.NEVER;
      }
      return secret === true ? { value, secret } : { value };
    }),
);

const JsonPath = z
  .string()
  .max(500)
  .refine(
    (path) => parseJsonPath(path) !== null,
    'must be a JSON pointer such as /items/0/sku, or $.items[0].sku',
  );

const Capture = z
  .strictObject({
    json: JsonPath.exactOptional(),
    header: HeaderName.exactOptional(),
    after: text(500).exactOptional(),
    before: text(500).exactOptional(),
    secret: z.boolean().exactOptional(),
  })
  .superRefine(({ json, header, after, before }: ScenarioCapture, context) => {
    if (json !== undefined && header !== undefined) {
      context.addIssue('is either from json or from a header');
    }
    if (json === undefined && header === undefined && after === undefined && before === undefined) {
      context.addIssue('needs json, header, or after and before for a part of the body');
    }
  });

const HeaderRule = z
  .strictObject({
    equals: HeaderText.exactOptional(),
    contains: text(1024).exactOptional(),
    present: z.boolean().exactOptional(),
  })
  .refine((rule) => Object.keys(rule).length > 0, 'needs equals, contains or present');

const JsonRule = z
  .strictObject({
    path: JsonPath,
    equals: z
      .json()
      .refine((value) => JSON.stringify(value).length <= MAX_JSON_LENGTH, 'is too long')
      .exactOptional(),
    exists: z.boolean().exactOptional(),
    type: z.enum(JSON_TYPES).exactOptional(),
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
  })
  .superRefine((rule, context) => {
    if (Object.keys(rule).length < 2) {
      context.addIssue('needs equals, exists, type, min or max');
    }
    if (rule.exists === false && Object.keys(rule).length > 2) {
      context.addIssue('what must not be there can have no other rule');
    }
    if (rule.min !== undefined && rule.max !== undefined && rule.min > rule.max) {
      context.addIssue({ code: 'custom', path: ['max'], message: 'is below min' });
    }
  });

const Status = z.int().min(100).max(599);

const Step = z.strictObject({
  name: text(100),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).default('GET'),
  path: HttpPath,
  headers: z.record(HeaderName, HeaderText).exactOptional(),
  body: z.string().max(65_536).exactOptional(),
  redirects: z.int().min(0).max(5).exactOptional(),
  expect: z.strictObject({
    status: z.union(
      [Status, z.array(Status).min(1).max(20)],
      'must be a status from 100 to 599, or a list of them',
    ),
    bodyContains: text(4096).exactOptional(),
    headers: z
      .record(
        HeaderName,
        z.union([HeaderText, HeaderRule], 'must be a text, or equals, contains or present'),
      )
      .exactOptional(),
    json: z.array(JsonRule).max(50).exactOptional(),
    maxBodyBytes: z.int().min(0).max(MAX_BODY_BYTES).exactOptional(),
    maxMs: z.int().min(1).max(60_000).exactOptional(),
  }),
  capture: byName(Capture).exactOptional(),
});

/** A synthetic scenario as people write it (docs/scenarios.md). */
export const ScenarioFile = z
  .strictObject({
    name: text(100),
    variables: byName(Variable).exactOptional(),
    budgetMs: z.int().min(1).max(600_000).exactOptional(),
    steps: z.array(Step).min(1).max(20),
  })
  .superRefine((scenario, context) => {
    for (const { path, message } of findVariableFaults(scenario)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  }) satisfies z.ZodType<Scenario>;
