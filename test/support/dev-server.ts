import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startDevServer } from './temporal';
import { createCaller, startWorkers, type Caller, type TestWorkers } from './workflow-env';

/** Server, workers and caller of one test file; started before its tests, stopped after them. */
export interface DevServer {
  environment: TestWorkflowEnvironment;
  workers: TestWorkers;
  caller: Caller;
}

export function useDevServer(): DevServer {
  const server = {} as DevServer;
  beforeAll(async () => {
    server.environment = await startDevServer();
    server.workers = await startWorkers(server.environment);
    server.caller = createCaller(server.environment.client);
  });
  afterAll(async () => {
    await server.workers.stop();
    await server.environment.teardown();
  });
  return server;
}
