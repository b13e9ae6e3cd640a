/** The App: takes webhooks in, answers them at once, and does the work from a queue. `REDIS_URL`: other machines may do it. */
import { Probot, Server } from 'probot';
import { accountOf, type Account } from './app/account.ts';
import { fail, loadEnvironment, onStop } from './app/environment.ts';
import { jobsOf } from './app/jobs.ts';
import { logger } from './app/log.ts';
import { deliveriesToRepeat, sweepJobs } from './app/missed.ts';
import { routesOf } from './app/routes.ts';
import { startService, type Service } from './app/service.ts';
import { serveRegistration, webhookPath } from './app/registration.ts';
import { forgetOldResults } from './app/storage.ts';
import { readAppSettings, type AppSettings } from './app/settings.ts';
import { reasonOf } from './github/client.ts';

async function start(): Promise<void> {
  loadEnvironment();
  const settings = readAppSettings(process.env);
  if (settings === null) return serveRegistration();
  const log = logger(process.env.LOG_LEVEL ?? 'info');
  const account = accountOf(settings, log);
  const isWorker = settings.redisUrl === undefined || process.env.MODEL_BUDGET_WORKERS !== 'elsewhere';
  const service = await startService({ settings, account, log, isWorker });
  const server = await listen(settings, service, log);
  const lookAfter = lookForMissed(account, service, { log, storage: settings.surroundings.storage });
  onStop(async () => {
    clearInterval(lookAfter);
    await server.stop();
    await service.close();
  });
}

async function listen(settings: AppSettings, service: Service, log: ReturnType<typeof logger>): Promise<Server> {
  const { appId, privateKey, webhookSecret: secret, host, port, surroundings, webhookProxy } = settings;
  const defaults = { appId, privateKey, secret, baseUrl: surroundings.apiUrl, log };
  // Requests that were answered are no news, and addresses of pictures are for those who read the comment.
  const quiet = log.child({}, { level: 'warn' });
  const server = new Server({ host, port, webhookPath, webhookProxy, log: quiet, Probot: Probot.defaults(defaults) });
  await server.load(async (probot, { addHandler }) => {
    probot.onAny(async ({ id, name, payload }) => {
      service.metrics.webhook(name);
      const jobs = jobsOf(name, payload);
      log.info({ event: name, delivery: id, jobs: jobs.map(({ key }) => key) }, 'a webhook');
      for (const job of jobs) await service.queue.add(job);
    });
    // Probot's set-up page registers the address without a path.
    const atTop = await probot.getNodeMiddleware({ path: '/' });
    addHandler(routesOf(service, surroundings.storage));
    addHandler(async (request, response) => {
      if (request.method === 'POST') return Boolean(await atTop(request, response));
      return false;
    });
  });
  await server.start();
  log.info(`waiting for webhooks at ${host}:${port}${webhookPath}`);
  return server;
}

interface Household {
  readonly log: ReturnType<typeof logger>;
  /** Address of the storage. */
  readonly storage: string;
}

const missedMinutes = 10;

/** At the start, since this process may have been away, and then from time to time. */
function lookForMissed(account: Account, { queue }: Service, { log, storage }: Household): NodeJS.Timeout {
  let rounds = 0;
  const look = async (): Promise<void> => {
    const now = Date.now();
    const isFirst = rounds === 0;
    rounds += 1;
    for (const id of deliveriesToRepeat(await account.deliveries(), now, isFirst ? 24 : 1))
      await account.deliverAgain(id);
    if (!isFirst && rounds % sweepRounds !== 0) return;
    for (const job of await sweepJobs(account, now, 1)) await queue.add(job);
    await forgetOldResults(storage, now);
  };
  const safely = (): void => {
    look().catch((error: unknown) =>
      log.warn({ err: error }, `missed events could not be looked for: ${reasonOf(error)}`),
    );
  };
  safely();
  return setInterval(safely, missedMinutes * 60_000).unref();
}

/** Every six hours. */
const sweepRounds = 36;

start().catch(fail);
