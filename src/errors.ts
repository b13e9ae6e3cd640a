/**
 * A mistake in what the user gave (a file, a flag, a config key), told in one line that says what to do.
 * Entry points print `message` alone; every other exception is a defect of this program and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Marks a state that the code before rules out; reaching it is a defect here, not a mistake of the user's. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
