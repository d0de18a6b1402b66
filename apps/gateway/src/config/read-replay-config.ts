import { hostNameProblem } from '../security/host-name.ts';
import type { Environment } from './environment.ts';
import type { ReplayConfig } from './replay-config.ts';

/** Fewer would be guessed. */
const MIN_SECRET_CHARACTERS = 16;

/** Reads what concerns replays. */
export function readReplays(env: Environment): ReplayConfig {
  const webhookSecret = env.text('REPLAY_WEBHOOK_SECRET');
  if (webhookSecret !== undefined && webhookSecret.length < MIN_SECRET_CHARACTERS) {
    env.refuse('REPLAY_WEBHOOK_SECRET', `must have at least ${MIN_SECRET_CHARACTERS} characters`);
  }
  const allowedHosts = env.list('REPLAY_WEBHOOK_ALLOWED_HOSTS').map((host) => host.toLowerCase());
  for (const host of allowedHosts) {
    const problem = hostNameProblem(host);
    if (problem !== undefined) env.refuse('REPLAY_WEBHOOK_ALLOWED_HOSTS', `${JSON.stringify(host)} ${problem}`);
  }
  return {
    drive: env.choice('REPLAY_DRIVE', ['true', 'false'], 'true') === 'true',
    fileDirectory: env.text('REPLAY_FILE_DIRECTORY'),
    webhook: { secret: webhookSecret, allowPrivateAddresses: env.flag('REPLAY_WEBHOOK_ALLOW_PRIVATE'), allowedHosts },
  };
}
