import type { EventStore } from '@annals/core';
import { findFreePort } from '@annals/tools/nats-server';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { MarketplaceUrls } from '../traffic/marketplace-client.ts';
import { UsersModule } from '../users/users.module.ts';
import { VendorsModule } from '../vendors/vendors.module.ts';
import { createService } from './serve.ts';

/** Both services in this process, on a store that is handed in. */
export interface RunningServices extends MarketplaceUrls {
  /** Ends one of them, for tests of what the other does then. */
  stop(service: 'users' | 'vendors'): Promise<void>;
  start(service: 'users' | 'vendors'): Promise<void>;
  close(): Promise<void>;
}

/** Starts both services on free ports. */
export async function startServices(store: EventStore): Promise<RunningServices> {
  const ports = { users: await findFreePort(), vendors: await findFreePort() };
  const urls = { users: `http://127.0.0.1:${ports.users}`, vendors: `http://127.0.0.1:${ports.vendors}` };
  const modules = {
    users: () => UsersModule.with({ events: { store }, vendorsUrl: urls.vendors }),
    vendors: () => VendorsModule.with({ events: { store } }),
  };
  const running = new Map<'users' | 'vendors', NestFastifyApplication>();
  const start = async (service: 'users' | 'vendors') => {
    const app = await createService(service, modules[service](), []);
    await app.listen(ports[service], '127.0.0.1');
    running.set(service, app);
  };
  const stop = async (service: 'users' | 'vendors') => {
    await running.get(service)?.close();
    running.delete(service);
  };
  await start('users');
  await start('vendors');
  return { ...urls, start, stop, close: async () => void (await Promise.all([stop('users'), stop('vendors')])) };
}
