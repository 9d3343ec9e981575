import { z } from 'zod';

export const Schedule = z.object({
  paused: z.boolean(),
  note: z.string().nullable(),
  nextAt: z.string().nullable(),
});
export type ScheduleView = z.infer<typeof Schedule>;

type Run<Report extends z.ZodType> = z.ZodNullable<
  z.ZodObject<{ workflowId: z.ZodString; report: z.ZodNullable<Report> }>
>;

/** A Schedule and its runs: the one under way, and the one that ended last. */
export function scheduleView<Report extends z.ZodType>(
  report: Report,
): z.ZodObject<{
  schedule: z.ZodNullable<typeof Schedule>;
  running: Run<Report>;
  last: Run<Report>;
}> {
  const run = z.object({ workflowId: z.string(), report: report.nullable() }).nullable();
  return z.object({ schedule: Schedule.nullable(), running: run, last: run });
}

export const RunStartRequest = z.strictObject({});

export const RunStartAnswer = z.object({
  started: z.boolean(),
  /** Workflow of the run that was under way already. */
  running: z.string().nullable(),
});
export type RunStartAnswer = z.infer<typeof RunStartAnswer>;
