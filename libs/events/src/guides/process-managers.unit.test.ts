// The snippets of docs/guides/process-managers.md: each region stands there word for word.
import { type EventStore } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EventsModule } from '../index.ts';

// #region define
import { defineProcess } from '../index.ts';

interface Order {
  readonly isPaid: boolean;
}

const HOUR_MS = 3_600_000;

export const orderFulfilment = defineProcess<Order>({
  name: 'order-fulfilment',
  startsOn: ['order.placed'],
  reactsTo: ['payment.received'],
  correlate: ({ data }) => (data as { orderId?: string }).orderId,
  initialState: { isPaid: false },
  commands: ['reserveStock', 'releaseStock', 'ship'],
  handle(state, input, { key: orderId, isStart }) {
    const order = { type: 'order', id: orderId };
    if (input.type === 'timeout') {
      const events = { type: 'order.cancelled', data: { orderId, reason: 'not paid' } };
      return { compensate: true, emit: { aggregate: order, events }, end: 'not paid in time' };
    }
    if (input.type === 'failure') {
      const events = { type: 'order.cancelled', data: { orderId, reason: input.error.message } };
      return { compensate: true, emit: { aggregate: order, events }, end: `${input.name} failed` };
    }
    if (isStart) {
      return {
        commands: { name: 'reserveStock', data: { orderId }, undo: { name: 'releaseStock', data: { orderId } } },
        schedule: { name: 'payment-due', afterMs: 24 * HOUR_MS },
      };
    }
    return {
      state: { isPaid: true },
      cancel: 'payment-due',
      commands: { name: 'ship', data: { orderId } },
      end: 'paid',
    };
  },
});
// #endregion

// #region test
import { testProcess } from '@annals/testing';

const placed = { type: 'order.placed', data: { orderId: 'o1' } };
const paid = { type: 'payment.received', data: { orderId: 'o1' } };

it('cancels an order that is not paid in time', () => {
  testProcess(orderFulfilment)
    .given(placed)
    .when({ timeout: 'payment-due' })
    .then({
      compensates: true,
      emits: [{ type: 'order.cancelled', data: { orderId: 'o1', reason: 'not paid' } }],
      ends: 'not paid in time',
    });
});

it('ships what is paid', () => {
  testProcess(orderFulfilment)
    .given(placed)
    .when(paid)
    .then({ commands: ['ship'], cancels: ['payment-due'], ends: 'paid' })
    .expect({ isPaid: true });
});

it('cancels what is not in stock', () => {
  testProcess(orderFulfilment)
    .given(placed)
    .when({ failure: 'reserveStock', message: 'sold out' })
    .then({ compensates: true, emits: [{ type: 'order.cancelled' }], ends: /reserveStock/ });
});
// #endregion

const called: [string, unknown][] = [];
const warehouse = {
  reserve: async (orderId: string, id: string) => void called.push([`reserve ${orderId}`, id]),
  release: async (orderId: string) => void called.push([`release ${orderId}`, '']),
  ship: async (orderId: string) => void called.push([`ship ${orderId}`, '']),
};

// #region commands
import { CommandRejected, type CommandContext } from '../index.ts';

@Injectable()
export class FulfilmentCommands {
  async reserveStock({ orderId }: { orderId: string }, { idempotencyId }: CommandContext): Promise<void> {
    if (orderId === 'o13') throw new CommandRejected('sold out'); // no attempt would help
    await warehouse.reserve(orderId, idempotencyId);
  }

  releaseStock = ({ orderId }: { orderId: string }) => warehouse.release(orderId);
  ship = ({ orderId }: { orderId: string }) => warehouse.ship(orderId);
}
// #endregion

async function started(store: EventStore) {
  const events = EventsModule.forRoot({ store, isGlobal: true });
  // #region nest
  const { ProcessesModule } = await import('../index.ts');

  @Module({
    imports: [ProcessesModule.forFeature([{ process: orderFulfilment, commands: FulfilmentCommands }])],
    providers: [FulfilmentCommands],
  })
  class OrdersModule {}
  // #endregion
  const application = await Test.createTestingModule({ imports: [events, OrdersModule] }).compile();
  return application.init();
}

describe('the guide on process managers', () => {
  let store: EventStore;

  beforeEach(() => {
    store = createInMemoryStore();
    called.length = 0;
  });
  afterEach(() => store.close());

  const happen = (type: string, orderId: string) =>
    store.append({ type: type.split('.')[0]!, id: orderId }, { type, data: { orderId } });

  it('runs them in a Nest application', async () => {
    const application = await started(store);
    await happen('order.placed', 'o1');
    await happen('order.placed', 'o13');
    await happen('payment.received', 'o1');
    const stateOf = async (key: string) => (await store.processes.instance('order-fulfilment', key)).state;
    await eventually(async () => (await stateOf('o1')) === 'ended' && called.length === 2);
    await eventually(async () => (await stateOf('o13')) === 'failed');
    expect(called.map(([what]) => what)).toEqual(['reserve o1', 'ship o1']);
    await eventually(async () => (await store.currentVersion({ type: 'order', id: 'o13' })) === 2);
    await application.close();
  });

  it('runs them without Nest, and looks after them', async () => {
    const { reserve, release, ship } = warehouse;
    // #region run
    const running = await store.processes.run(orderFulfilment, {
      commands: {
        reserveStock: ({ orderId }: { orderId: string }, { idempotencyId }) => reserve(orderId, idempotencyId),
        releaseStock: ({ orderId }: { orderId: string }) => release(orderId),
        ship: ({ orderId }: { orderId: string }) => ship(orderId),
      },
    });
    // #endregion
    await happen('order.placed', 'o1');
    await eventually(async () => called.length === 1);
    // #region inspect
    const { instances } = await store.processes.instances('order-fulfilment', { state: 'started' });
    const { data, timers, history } = await store.processes.instance('order-fulfilment', 'o1');
    await store.processes.end('order-fulfilment', 'o1', { reason: 'asked for by the customer' });
    // #endregion
    expect(instances).toMatchObject([{ key: 'o1', nextTimer: { name: 'payment-due' } }]);
    expect([data, timers.length, history.length]).toEqual([{ isPaid: false }, 1, 1]);
    expect(await store.processes.instance('order-fulfilment', 'o1')).toMatchObject({ state: 'ended' });
    await running.stop();
  });
});
