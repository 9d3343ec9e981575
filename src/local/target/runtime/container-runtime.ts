import type { ImageRef } from '../../../domain/reference';

export interface ContainerSpec {
  /** Unique on this target, and the same for the same service, environment and digest. */
  readonly id: string;
  readonly hostname: string;
  readonly image: ImageRef;
  /** On 127.0.0.1; given to the container as PORT. */
  readonly port: number;
}

/** Runs containers by id. Throws ROLLOUT_FAILED for what the image is to blame for, else ROLLOUT_UNAVAILABLE. */
export interface ContainerRuntime {
  /** Pulls the image if need be and starts it; it is not ready yet. What is left of an earlier run is removed. */
  start(spec: ContainerSpec): Promise<void>;
  isRunning(id: string): Promise<boolean>;
  /** The port of a container that runs from before this process started; null when there is none. */
  adopt(id: string): Promise<number | null>;
  /** Asks, then kills, then removes. Absent is fine. */
  stop(id: string): Promise<void>;
  /** The newest lines of its output, for people. */
  lastLines(id: string): Promise<readonly string[]>;
  /** Every container of this target, running or not. */
  list(): Promise<readonly string[]>;
  /** Frees the disk of images not used lately. */
  prune(inUse: readonly ImageRef[]): Promise<void>;
}
