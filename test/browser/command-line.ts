/** The command line, without its types: those of Node.js's streams do not get on with those of browsers. */
const address: string = new URL('../../src/cli/run.ts', import.meta.url).href;

/** Fails where the command does: a budget that does not hold, or cannot be measured, is what some reports are about. */
export async function command(...args: readonly string[]): Promise<void> {
  const { run } = (await import(address)) as { readonly run: (args: readonly string[]) => Promise<number> };
  const exitCode = await run([...args, '--quiet']);
  if (exitCode === 2) throw new Error(`model-budget ${args.join(' ')} failed`);
}
