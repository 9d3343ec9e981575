import { Worker } from 'node:worker_threads';
import { failureReason } from './error-reason';

export interface ThreadEntry {
  /** Absolute path of what runs in the thread. */
  readonly entry: string;
  /** Node's own arguments; default those of this process. */
  readonly execArgv?: readonly string[];
}

interface Numbered {
  readonly id: number;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Options {
  readonly thread: ThreadEntry;
  readonly workerData: unknown;
  /** What whoever waits is told when the thread has failed. */
  readonly failed: (why: string) => Error;
}

/** A thread that answers each job by its number. One that fails takes what it was asked with it; the next job starts another. */
export class AskedThread<Job extends object, Answer extends Numbered> {
  private readonly options: Options;
  private readonly waiting = new Map<number, Waiting<Answer>>();
  private worker: Worker | null = null;
  private next = 0;

  constructor(options: Options) {
    this.options = options;
    this.worker = this.start();
  }

  /**
   * @param given memory that goes over to the thread, instead of a copy
   * @throws what `failed` made
   */
  ask(job: Job, given: readonly ArrayBuffer[] = []): Promise<Answer> {
    const worker = this.worker ?? this.start();
    const id = this.next++;
    return new Promise((resolve, reject) => {
      worker.postMessage({ ...job, id } satisfies Job & Numbered, given);
      // Only what went out is waited for; its answer can't be here yet.
      this.waiting.set(id, { resolve, reject });
    });
  }

  private start(): Worker {
    const { thread, workerData } = this.options;
    const { entry, execArgv } = thread;
    const worker = new Worker(entry, {
      workerData,
      ...(execArgv && { execArgv: [...execArgv] }),
    });
    // It has nothing to finish: whoever waits for an answer keeps the process.
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      waiting?.resolve(answer);
    });
    worker.on('error', (error: unknown) => {
      this.fail(worker, failureReason(error));
    });
    worker.on('exit', (code) => {
      this.fail(worker, `it ended with code ${code}`);
    });
    this.worker = worker;
    return worker;
  }

  private fail(worker: Worker, why: string): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of lost) reject(this.options.failed(why));
  }
}
