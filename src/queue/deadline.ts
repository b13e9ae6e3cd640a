/** Marks that something was not ready in time. */
const late = Symbol('late');

/** Whether the promise was settled within that time, in whichever way. */
export async function isSettledWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  return (await raceAgainstTime(settled, milliseconds)) !== late;
}

/** What the promise gives, or an error with this message when it takes longer. What it waits for is not stopped. */
export async function within<Value>(promise: Promise<Value>, milliseconds: number, message: string): Promise<Value> {
  const value = await raceAgainstTime(promise, milliseconds);
  if (value === late) throw new Error(message);
  return value;
}

async function raceAgainstTime<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | typeof late> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
