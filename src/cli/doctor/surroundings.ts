/** What the set-up of workflows depends on. */

/** Undefined: nobody could be asked. */
export interface Surroundings {
  readonly defaultBranch: string;
  readonly usesLfs: boolean;
  readonly wantsCommands: boolean;
  /** The check is required before a merge. */
  readonly isRequired: boolean | undefined;
  readonly hasMergeQueue: boolean | undefined;
  readonly hasApp: boolean | undefined;
}
