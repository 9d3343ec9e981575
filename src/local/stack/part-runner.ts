import type { StackContext } from './context';
import { PART_NAMES, planOf, type PartName } from './parts';
import type { ProcessRecipe, Recipes } from './prepare';
import { Supervisor } from './supervisor';

export interface PartRunner {
  /** When the part answers, or the step is done. Rejects with SetupError when it can't. */
  ready(part: PartName): Promise<void>;
  readonly allReady: Promise<void>;
  pidOf(part: PartName): number | undefined;
  /** For tests: a crash, an outage, and what comes after. */
  kill9(part: PartName): Promise<void>;
  stopPart(part: PartName): Promise<void>;
  startPart(part: PartName): Promise<void>;
  restart(part: PartName): Promise<void>;
  stopAll(): Promise<void>;
}

interface Started {
  readonly ready: (part: PartName) => Promise<void>;
  readonly all: readonly Promise<void>[];
}

/** Starts each part when its needs are ready and its binaries are there. */
function startAll(
  parts: readonly PartName[],
  context: StackContext,
  startPart: (part: PartName) => Promise<void>,
): Started {
  const began = Date.now();
  const started = new Map<PartName, Promise<void>>();
  const ready = (part: PartName): Promise<void> =>
    started.get(part) ?? Promise.reject(new Error(`${part} is not a part of this stack`));
  const start = async (part: PartName): Promise<void> => {
    const { needs, binaries } = planOf(part);
    await Promise.all([...needs.map(ready), ...binaries.map(context.path)]);
    await startPart(part);
    const elapsed = ((Date.now() - began) / 1000).toFixed(1);
    context.onProgress(`${part} is ready (${elapsed} s)`);
  };
  for (const part of parts) {
    // `parts` is in order of need, so what it needs is in the map already.
    const done = start(part);
    done.catch(() => undefined);
    started.set(part, done);
  }
  return { ready, all: [...started.values()] };
}

/** Stops users before what they use. */
async function stopInReverse(
  parts: readonly PartName[],
  stop: (part: PartName) => Promise<void>,
): Promise<void> {
  const stopped = new Map<PartName, Promise<void>>();
  const stopAfterUsers = async (part: PartName): Promise<void> => {
    const users = PART_NAMES.filter((other) => planOf(other).needs.includes(part));
    for (const user of users) {
      await stopped.get(user);
    }
    await stop(part);
  };
  for (const part of [...parts].reverse()) {
    stopped.set(part, stopAfterUsers(part));
  }
  await Promise.all(stopped.values());
}

export function runParts(
  parts: readonly PartName[],
  recipes: Recipes,
  context: StackContext,
): PartRunner {
  const supervisor = new Supervisor(context.stateDir, (name, how) => {
    context.onProgress(`${name} ended (${how}); see ${context.stateDir}/logs/${name}.log`);
  });
  const processes: Partial<Record<PartName, ProcessRecipe>> = recipes.processes;
  const steps: Partial<Record<PartName, () => Promise<void>>> = recipes.steps;
  const startPart = async (part: PartName): Promise<void> => {
    const recipe = processes[part];
    if (recipe) {
      await supervisor.start(part, await recipe.prepare(), recipe.probe());
    } else {
      await steps[part]?.();
    }
  };
  const started = startAll(parts, context, startPart);
  const allReady = Promise.all(started.all).then(() => undefined);
  allReady.catch(() => undefined);
  return {
    ready: started.ready,
    allReady,
    startPart,
    pidOf: (part) => supervisor.pidOf(part),
    kill9: (part) => supervisor.kill9(part),
    stopPart: (part) => supervisor.stop(part),
    restart: async (part) => {
      await supervisor.stop(part);
      await startPart(part);
    },
    stopAll: async () => {
      supervisor.close();
      await stopInReverse(parts, (part) => supervisor.stop(part));
      // What was just being started has now seen that the supervisor is closed.
      await Promise.allSettled(started.all);
      await stopInReverse(parts, (part) => supervisor.stop(part));
    },
  };
}
