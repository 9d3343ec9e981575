import { z } from 'zod';
import { isServiceName } from '../../domain/reference';
import type { Service } from '../../domain/service';
import { ServicePlan } from './plan';
import { HttpPath, ScenarioFile } from './scenario';

const text = (max: number): z.ZodString => z.string().min(1).max(max);
const Name = z
  .string()
  .refine(isServiceName, 'must be lower-case letters, digits and single . _ - between, at most 63');

const ServiceFile = z.strictObject({
  svc: Name,
  name: Name,
  owner: text(200),
  team: Name.exactOptional(),
  region: text(63).regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and -'),
  healthPath: HttpPath.default('/healthz'),
  scenarios: z.array(ScenarioFile).max(20).default([]),
  plan: ServicePlan.exactOptional(),
  drill: z.boolean().exactOptional(),
});

function refuseRepeats(
  values: readonly string[],
  context: z.RefinementCtx,
  at: (index: number) => (string | number)[],
): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) !== index) {
      context.addIssue({ code: 'custom', path: at(index), message: `"${value}" is there twice` });
    }
  });
}

/** The service catalogue as people write it. Unknown keys are refused. */
export const CatalogFile = z.strictObject({
  apiVersion: z.literal('plura.reg/v1'),
  services: z
    .array(ServiceFile)
    .min(1)
    .max(1000)
    .superRefine((services, context) => {
      const names = services.map((service) => service.svc);
      refuseRepeats(names, context, (index) => [index, 'svc']);
      services.forEach(({ scenarios }, service) => {
        const titles = scenarios.map((scenario) => scenario.name);
        refuseRepeats(titles, context, (index) => [service, 'scenarios', index, 'name']);
      });
    }),
}) satisfies z.ZodType<{ readonly services: readonly Service[] }>;
export type CatalogFile = z.infer<typeof CatalogFile>;
