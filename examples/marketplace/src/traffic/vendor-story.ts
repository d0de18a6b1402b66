import { call, type Call } from './marketplace-client.ts';
import { place, shop } from './people.ts';
import type { StoryContext } from './user-story.ts';

/** How far a vendor's van drives. */
const STOPS = 4;

/** A user takes up selling, opens the shop's socket, drives a round; some give up again. */
export async function vendorStory(
  { urls, run, index, tally }: StoryContext,
  command: (request: Call) => ReturnType<typeof call>,
  user: string,
  asUser: Readonly<Record<string, string>>,
): Promise<{ readonly vendorId: string; readonly alive: boolean }> {
  const onboarding: Call = {
    method: 'POST',
    url: `${user}/vendors`,
    body: { ...shop(index), location: place(index) },
    headers: { ...asUser, 'idempotency-key': `vendor-${run}-${index}` },
  };
  const vendorId = (await command(onboarding)).body['vendorId'] as string;
  tally.add('vendors onboarded across two services');
  // The answer got lost on its way, so the client asks again: both services answer what they did.
  if (index % 6 === 0) {
    const { vendor } = (await command(onboarding)).body as { vendor: { repeated: boolean } };
    if (vendor.repeated) tally.add('repeated commands answered alike');
  }
  const vendor = `${urls.vendors}/vendors/${encodeURIComponent(vendorId)}`;
  const socket = { method: 'POST', url: `${vendor}/connections`, body: { device: 'till' }, headers: asUser } as const;
  const connectionId = (await command(socket)).body['id'] as string;
  await command({ method: 'PATCH', url: vendor, body: { name: `${shop(index).name} & Daughters` }, headers: asUser });
  for (let stop = 1; stop <= STOPS; stop += 1) {
    await command({ method: 'PUT', url: `${vendor}/location`, body: place(index, stop), headers: asUser });
  }
  await command({ method: 'DELETE', url: `${vendor}/connections/${connectionId}`, headers: asUser });
  const closes = index % 9 === 3;
  if (closes) {
    await command({ method: 'DELETE', url: `${vendor}?reason=retired`, headers: asUser });
    tally.add('vendors deleted, their owners told');
  }
  return { vendorId, alive: !closes };
}
