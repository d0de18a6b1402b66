import { call, type Call, type MarketplaceUrls } from './marketplace-client.ts';
import { person, place, provider } from './people.ts';
import type { Tally } from './tally.ts';
import { vendorStory } from './vendor-story.ts';

/** One simulated user. */
export interface StoryContext {
  readonly urls: MarketplaceUrls;
  /** Tells runs apart. */
  readonly run: string;
  readonly index: number;
  readonly tally: Tally;
  /** Called after every command. */
  readonly onCommand: () => void;
}

/** What a story leaves to look at. */
export interface StoryEnd {
  readonly userId: string;
  readonly correlationId: string;
  readonly vendorId: string | undefined;
  /** User and vendor, if any, are still there. */
  readonly alive: boolean;
}

/** Devices of one user that report their places at the same moment. */
const DEVICES_AT_ONCE = 3;

/**
 * Signs up, moves about, connects other systems, perhaps takes up selling, perhaps leaves; and does what clients do:
 * repeats a command after a lost answer, writes upon an old version, writes from several devices at once.
 */
export async function userStory(context: StoryContext): Promise<StoryEnd> {
  const { urls, run, index, tally } = context;
  const correlationId = `demo-${run}-${index}`;
  const chain = { 'x-correlation-id': correlationId };
  const command = async (request: Call) => {
    const answer = await call({ ...request, headers: { ...chain, ...request.headers } });
    tally.add('commands');
    context.onCommand();
    return answer;
  };
  const signUp: Call = {
    method: 'POST',
    url: `${urls.users}/users`,
    body: { ...person(index, run), clerkId: `clerk_${run}_${index}` },
    headers: { 'idempotency-key': `sign-up-${run}-${index}` },
  };
  const userId = (await command(signUp)).body['id'] as string;
  if (index % 5 === 0 && (await command(signUp)).body['repeated']) tally.add('repeated commands answered alike');
  const user = `${urls.users}/users/${encodeURIComponent(userId)}`;
  const asUser = { 'x-user-id': userId };

  await command({ method: 'PUT', url: `${user}/location`, body: place(index), headers: asUser });
  const socket = { method: 'POST', url: `${user}/connections`, body: { device: 'phone' }, headers: asUser } as const;
  const connectionId = (await command(socket)).body['id'] as string;
  const integration = await command({
    method: 'POST',
    url: `${user}/integrations`,
    body: { provider: provider(index), externalId: `${run}-${index}`, scopes: ['read'] },
    headers: { ...asUser, 'idempotency-key': `integration-${run}-${index}` },
  });
  await rename(context, command, user, integration.headers.get('etag')!);
  await Promise.all(
    Array.from({ length: DEVICES_AT_ONCE }, (_, device) =>
      command({ method: 'PUT', url: `${user}/location`, body: place(index, device + 1), headers: asUser }),
    ),
  );
  const sells = index % 3 === 0;
  const vendor = sells ? await vendorStory(context, command, user, asUser) : undefined;
  if (index % 2 === 1) {
    const integrationId = `${user}/integrations/${await newestIntegration(user)}`;
    await command({ method: 'DELETE', url: integrationId, headers: asUser });
  }
  await command({ method: 'DELETE', url: `${user}/connections/${connectionId}?code=1001`, headers: asUser });
  const leaves = index % 7 === 4;
  if (leaves) await leave(command, user, tally);
  return { userId, correlationId, vendorId: vendor?.vendorId, alive: !leaves && vendor?.alive !== false };
}

type Command = (request: Call) => ReturnType<typeof call>;

/** Changes the name upon the version last seen; some try again upon that version, which is old by then. */
async function rename(
  { run, index, tally }: StoryContext,
  command: Command,
  user: string,
  seen: string,
): Promise<void> {
  const { name } = person(index, run);
  const change: Call = { method: 'PATCH', url: user, body: { name: `Dr. ${name}` }, headers: { 'if-match': seen } };
  await command(change);
  if (index % 4 !== 0) return;
  await command({ ...change, body: { name: `${name} (old tab)` }, expect: [412] });
  tally.add('writes upon an old version refused');
}

async function newestIntegration(user: string): Promise<string> {
  const { body } = await call({ method: 'GET', url: user });
  const own = Object.values(body['integrations'] as Record<string, { integrationId: string; provider: string }>);
  return own.find(({ provider }) => provider !== 'marketplace-vendor')!.integrationId;
}

async function leave(command: Command, user: string, tally: Tally): Promise<void> {
  await command({ method: 'DELETE', url: `${user}?reason=moved%20abroad` });
  await command({ method: 'PATCH', url: user, body: { name: 'Nobody' }, expect: [410] });
  tally.add('commands to deleted users refused');
}
