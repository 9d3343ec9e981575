import { createOperationsServer } from '../../../../src/admission/http/operations-server';
import { createAdmissionMetrics } from '../../../../src/admission/metrics';

it('is alive, ready until it stops, and shows its numbers', async () => {
  let isServing = true;
  const app = createOperationsServer({
    metrics: createAdmissionMetrics(),
    standing: { ageMs: () => 250 },
    isServing: () => isServing,
  });

  const alive = await app.inject('/healthz');
  const ready = await app.inject('/readyz');
  const metrics = await app.inject('/metrics');
  isServing = false;
  const stopping = await app.inject('/readyz');
  await app.close();

  expect(alive.statusCode).toBe(200);
  expect(ready.json()).toEqual({ status: 'ok', postgres: { ageMs: 250 } });
  expect(metrics.body).toContain('plura_admission_state_age_seconds 0.25');
  expect(stopping.statusCode).toBe(503);
});

it('stays ready without Postgres, to say so and to let in by break-glass', async () => {
  const app = createOperationsServer({
    metrics: createAdmissionMetrics(),
    standing: { ageMs: () => Infinity },
    isServing: () => true,
  });

  const ready = await app.inject('/readyz');
  await app.close();

  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toEqual({ status: 'ok', postgres: { ageMs: null } });
});
