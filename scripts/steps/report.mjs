const started = Date.now();

/** A set-up problem a person can act on: one line, exit code 2. */
export class Missing extends Error {
  constructor(what, remedy) {
    super(`${what} ${remedy}`);
  }
}

export function seconds(since = started) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Shows that a step is running: a line that counts on a terminal, a line each 30 s elsewhere. */
export async function withProgress(text, work) {
  const began = Date.now();
  const live = process.stderr.isTTY === true;
  const show = () => {
    process.stderr.write(
      live ? `\r\u001b[2K${text} ... ${seconds(began)}` : `${text} ... ${seconds(began)}\n`,
    );
  };
  show();
  const timer = setInterval(show, live ? 200 : 30_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.stderr.write(live ? '\r\u001b[2K' : '');
    say(`${text}: ${seconds(began)}`);
  }
}
