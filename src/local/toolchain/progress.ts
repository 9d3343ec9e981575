/** What happens to a tool, for whoever shows it. */
export type ToolEvent =
  | { readonly tool: string; readonly state: 'waiting'; readonly purpose: string }
  | { readonly tool: string; readonly state: 'building'; readonly purpose: string }
  | { readonly tool: string; readonly state: 'ready'; readonly ms: number }
  | { readonly tool: string; readonly state: 'failed'; readonly error: unknown };

export type OnToolEvent = (event: ToolEvent) => void;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const TICK_MS = { live: 250, plain: 30_000 };

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Shows builds: one counting line on a terminal, plain lines elsewhere. Call `end` when all is done. */
export function showTools(output: Output): { readonly onEvent: OnToolEvent; end(): void } {
  const live = output.isTTY === true;
  const started = Date.now();
  let current: { tool: string; text: string; since: number } | undefined;
  const clear = live ? '\r\u001b[2K' : '';
  const tick = (): void => {
    if (current) {
      const elapsed = `${inSeconds(Date.now() - current.since)}, ${inSeconds(Date.now() - started)} in all`;
      output.write(`${clear}${current.text} ... ${elapsed}${live ? '' : '\n'}`);
    }
  };
  const timer = setInterval(tick, live ? TICK_MS.live : TICK_MS.plain);
  timer.unref();
  const onEvent: OnToolEvent = (event) => {
    if (event.state === 'building' || event.state === 'waiting') {
      const verb = event.state === 'building' ? 'building' : 'waiting for another build of';
      const text = `${verb} ${event.tool} (${event.purpose})`;
      current = { tool: event.tool, text, since: Date.now() };
      tick();
    } else if (event.state === 'ready') {
      output.write(`${clear}${event.tool} is ready: ${inSeconds(event.ms)}\n`);
      current = undefined;
    } else if (current?.tool === event.tool) {
      output.write(clear);
      current = undefined;
    }
  };
  return {
    onEvent,
    end: () => {
      clearInterval(timer);
      output.write(clear);
    },
  };
}
