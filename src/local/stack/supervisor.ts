import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, type Child, type ProcessSpec } from '../process/child';
import { waitReady, type Probe } from '../process/readiness';
import { writeRecords } from '../process/records';
import { SetupError } from '../process/setup-error';

const READY_TIMEOUT_MS = 60_000;

/** Processes by name, each remembered on disk while it runs. */
export class Supervisor {
  readonly #stateDir: string;
  readonly #onEnd: (name: string, how: string) => void;
  readonly #running = new Map<string, Child>();
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param onEnd a process ended that nobody had asked to end */
  constructor(stateDir: string, onEnd: (name: string, how: string) => void) {
    this.#stateDir = stateDir;
    this.#onEnd = onEnd;
    mkdirSync(join(stateDir, 'logs'), { recursive: true });
  }

  /** Starts it and waits until it answers. @throws SetupError */
  async start(name: string, spec: ProcessSpec, probe: Probe): Promise<void> {
    if (this.#closed) {
      throw new SetupError('The stack is being stopped.', 'Start it again.');
    }
    if (this.#running.has(name)) {
      throw new SetupError(`${name} runs already.`, 'Stop it first.');
    }
    const child = await startChild(spec, join(this.#stateDir, 'logs', `${name}.log`));
    this.#running.set(name, child);
    await this.#remember();
    try {
      await waitReady(name, child, probe, READY_TIMEOUT_MS);
    } catch (error) {
      await this.stop(name);
      throw error;
    }
    this.#watch(name, child);
  }

  async stop(name: string): Promise<void> {
    await this.#take(name)?.stop();
    await this.#remember();
  }

  /** SIGKILL, as a crash would. Resolves when it is gone. */
  async kill9(name: string): Promise<void> {
    const child = this.#take(name);
    child?.signal('SIGKILL');
    await child?.exited;
    await this.#remember();
  }

  pidOf(name: string): number | undefined {
    return this.#running.get(name)?.identity.pid;
  }

  /** From here on nothing is started any more. */
  close(): void {
    this.#closed = true;
  }

  #take(name: string): Child | undefined {
    const child = this.#running.get(name);
    this.#running.delete(name);
    return child;
  }

  #remember(): Promise<void> {
    this.#writing = this.#writing.then(() => {
      const records = [...this.#running].map(([name, child]) => ({ name, ...child.identity }));
      return writeRecords(this.#stateDir, records);
    });
    return this.#writing;
  }

  #watch(name: string, child: Child): void {
    void child.exited.then(({ code, signal }) => {
      if (this.#running.get(name) === child) {
        this.#take(name);
        this.#onEnd(name, signal ?? `exit code ${String(code)}`);
        void this.#remember().catch(() => undefined);
      }
    });
  }
}
