/** `model-budget doctor`: what is missing in the set-up, with the exact lines to add. */
import type { Command } from 'commander';
import packageDescription from '../../package.json' with { type: 'json' };
import { UserError } from '../errors.ts';
import type { LfsPointer } from '../files/lfs-pointer.ts';
import { createClient, type GitHub } from '../github/client.ts';
import { lfsObject } from '../github/lfs.ts';
import { askSetup } from '../github/setup.ts';
import { visibleSentence } from '../report/inert.ts';
import { finding, worstFirst, type Finding } from './doctor/finding.ts';
import { githubFindings, knownOf, nothingKnown, type Known } from './doctor/github-findings.ts';
import { lookLocally, type LocalState } from './doctor/local.ts';
import { printFindings } from './doctor/print.ts';
import { remoteOf } from './doctor/remote.ts';
import { workflowFindings } from './doctor/workflow-findings.ts';
import { branchOfChanges, findRepository, remoteAddress, type Repository } from './git.ts';
import { addOutputOptions, type CommonOptions } from './options.ts';
import { remark, writeOutput } from './output.ts';

const help = `
Asks GitHub too where GITHUB_TOKEN or GH_TOKEN is set (GITHUB_API_URL for GitHub Enterprise Server); it only reads.
Exit code: 1 something will not work · 2 wrong usage · 0 else`;

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('doctor')
    .option('--config <file>', 'the config; default: .github/model-budget.yml')
    .description('what is missing in permissions, events, tokens and Git LFS, with the lines to add')
    .addHelpText('after', help);
  addOutputOptions(command).action(async (options: CommonOptions) => {
    const repository = findRepository('.', 'run it inside one');
    const findings = worstFirst(await examine(repository, options));
    writeOutput(printFindings(findings, options.format ?? 'text'), options.output);
    finish(findings.some(({ level }) => level === 'error') ? 1 : 0);
  });
}

async function examine(repository: Repository, options: CommonOptions): Promise<readonly Finding[]> {
  const quiet = options.quiet === true;
  const local = await lookLocally(repository, { config: options.config, quiet });
  const { known, findings } = await askGitHub(repository, local, quiet);
  const around = {
    ...known,
    defaultBranch: branchOfChanges(repository),
    usesLfs: local.lfs.isUsed,
    wantsCommands: local.config.commands.enabled,
  };
  return [...local.findings, ...workflowFindings(local.workflows, around), ...findings];
}

interface Answers {
  readonly known: Known;
  readonly findings: readonly Finding[];
}

async function askGitHub(repository: Repository, local: LocalState, quiet: boolean): Promise<Answers> {
  const remote = remoteOf(remoteAddress(repository), process.env);
  if (typeof remote === 'string') return { known: nothingKnown, findings: [finding('token', 'unknown', remote)] };
  const log = (line: string): void => {
    if (!quiet) remark(line);
  };
  const userAgent = `model-budget/${packageDescription.version}`;
  const { apiUrl, token } = remote;
  const github: GitHub = { ...remote, client: createClient({ apiUrl, token, userAgent, log }), log };
  const setup = await askSetup(github);
  const findings = githubFindings(setup, local.workflows.length > 0);
  const stored = 'told' in setup.repository ? await storageFindings(github, local.lfs.pointer) : [];
  return { known: knownOf(setup), findings: [...findings, ...stored] };
}

/** Asks for one object's size and address; no byte of it is moved. */
async function storageFindings(github: GitHub, pointer: LfsPointer | undefined): Promise<readonly Finding[]> {
  if (pointer === undefined) return [];
  try {
    await lfsObject(github, github.repository, pointer);
    return [finding('lfs-endpoint', 'ok', 'the Git LFS endpoint answers, and has the object that was asked for')];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const mayNot = /refuses it: 40[13]\b|or hides it/.test(error.message);
    const message = `the Git LFS endpoint: ${visibleSentence(error.message)}`;
    return [finding('lfs-endpoint', mayNot ? 'unknown' : 'error', message)];
  }
}
