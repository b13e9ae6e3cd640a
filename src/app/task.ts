/** What a thread is given and gives back; both travel between threads, so they are plain. */
import type { GitHub } from '../github/client.ts';
import type { Job, JobData } from './jobs.ts';
import type { Surroundings } from './settings.ts';

export interface Task {
  readonly data: JobData;
  /** An installation's: for its repositories, for an hour. */
  readonly token: string;
  readonly surroundings: Surroundings;
  /** Folder of this process for the files of jobs. */
  readonly folder: string;
  /** The job was given up, for this reason: nobody may wait for it. */
  readonly givenUp?: string;
  /** A job that breaks comes again. */
  readonly isRepeated: boolean;
}

export interface TaskResult {
  /** Jobs that this one led to. */
  readonly jobs: readonly Job[];
}

/** A task at work. */
export interface Performance extends Task {
  readonly github: GitHub;
  /** Folder of this job alone; it goes with it. */
  readonly objects: string;
}
