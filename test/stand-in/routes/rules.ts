import type { Handlers } from '../call.ts';
import type { World } from '../state.ts';

const rulesetId = 1;

/** A rule as it applies to a branch: with where it comes from. */
const rule = (world: World, type: string, parameters: unknown) => ({
  type,
  parameters,
  ruleset_source_type: 'Repository',
  ruleset_source: world.repository,
  ruleset_id: rulesetId,
});

const mergeQueue = {
  check_response_timeout_minutes: 60,
  grouping_strategy: 'ALLGREEN',
  max_entries_to_build: 5,
  max_entries_to_merge: 5,
  merge_method: 'MERGE',
  min_entries_to_merge: 1,
  min_entries_to_merge_wait_minutes: 5,
};

/** Of any branch, there or not; readable by everybody who can read the repository. */
export const ruleHandlers: Handlers = {
  'repos/get-branch-rules': ({ world, path }) => {
    const { ruleset = [], mergeQueue: queued = false } = path.branch === world.defaultBranch ? world.rules : {};
    const checks = ruleset.map(({ context, appId }) => ({
      context,
      ...(appId === undefined ? {} : { integration_id: appId }),
    }));
    const required = { required_status_checks: checks, strict_required_status_checks_policy: false };
    return {
      status: 200,
      body: [
        ...(checks.length === 0 ? [] : [rule(world, 'required_status_checks', required)]),
        ...(queued ? [rule(world, 'merge_queue', mergeQueue)] : []),
      ],
    };
  },
};
