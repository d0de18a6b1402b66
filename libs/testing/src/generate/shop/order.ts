import {
  isLast,
  type AggregateKind,
  type AggregateLife,
  type Happening,
  type Surroundings,
} from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { CARRIERS, CITIES, PAYMENT_METHODS, PRODUCTS, WAREHOUSES } from '../vocabulary.ts';
import { address } from './customer.ts';

/** What happens to every order, in this order; a longer life has more tracking in between. */
const STEPS = [placed, paid, packed, shipped] as const;

/** Placed (often from a cart that was checked out), paid, packed, shipped, tracked, delivered. */
export const orderKind: AggregateKind = {
  aggregateType: 'order',
  weight: 30,
  size: (random) => longTailedSize(random, 4, 24),
  next(life, around) {
    const step = STEPS[life.version];
    if (life.version > 0 && isLast(life)) return ended(life, around.random);
    return step ? step(life, around) : tracked(life, around.random);
  },
};

function placed(life: AggregateLife, around: Surroundings): Happening {
  const { random } = around;
  const checkout = around.takeCause('order');
  const customerId = checkout?.userId ?? around.someId('customer');
  life.memory['customerId'] = customerId;
  life.correlationId = checkout?.correlationId;
  life.causationId = checkout?.messageId;
  const lines = Array.from({ length: random.between(1, 3) }, () => {
    const [name, , cents] = random.pick(PRODUCTS);
    return { productId: around.someId('product'), name, quantity: random.between(1, 3), cents };
  });
  return {
    type: 'order.placed',
    userId: customerId,
    data: {
      ...(checkout && { cartId: checkout.aggregateId }),
      customerId,
      lines,
      total: { cents: lines.reduce((sum, line) => sum + line.quantity * line.cents, 0), currency: 'EUR' },
      shipTo: address(random),
    },
  };
}

function paid(life: AggregateLife, { random }: Surroundings): Happening {
  return {
    type: 'order.paid',
    userId: 'payment-service',
    data: {
      method: random.pick(PAYMENT_METHODS),
      amount: { cents: random.between(1_290, 48_000), currency: 'EUR' },
      provider: random.pick(['adyen', 'stripe', 'mollie']),
      reference: `PSP-${random.hex(20)}`,
      authorisation: { code: random.hex(6).toUpperCase(), threeDSecure: random.chance(70), liabilityShift: true },
      risk: { score: random.between(1, 99), decision: 'accept', rules: ['velocity', 'address-match'] },
      customerId: life.memory['customerId'],
    },
  };
}

function packed(life: AggregateLife, { random }: Surroundings): Happening {
  return {
    type: 'order.packed',
    userId: 'warehouse-service',
    data: {
      warehouse: random.pick(WAREHOUSES),
      packer: `packer-${random.between(1, 60)}`,
      parcels: [
        {
          id: `PCL-${random.hex(12)}`,
          weightGrams: random.between(200, 9_000),
          sizeMm: [400, 300, random.between(60, 300)],
        },
      ],
      station: `${random.pick(['N', 'S'])}-${random.between(1, 24)}`,
      checks: { lines: 'complete', label: 'printed', photo: `photos/${random.hex(16)}.webp` },
      durationSeconds: random.between(40, 600),
    },
  };
}

function shipped(life: AggregateLife, { random }: Surroundings): Happening {
  const carrier = random.pick(CARRIERS);
  const trackingNumber = `${carrier.slice(0, 2).toUpperCase()}${random.between(100_000_000, 999_999_999)}EU`;
  Object.assign(life.memory, { carrier, trackingNumber });
  return {
    type: 'order.shipped',
    userId: 'warehouse-service',
    data: {
      carrier,
      trackingNumber,
      service: random.pick(['parcel', 'express', 'pick-up']),
      expectedDays: random.between(1, 6),
      trackingUrl: `https://tracking.example.com/${carrier.toLowerCase()}/${trackingNumber}`,
      manifest: `MF-${random.between(10_000, 99_999)}`,
      notified: ['email', random.pick(['sms', 'push'])],
      incoterm: 'DDP',
    },
  };
}

function tracked(life: AggregateLife, random: Random): Happening {
  return {
    type: 'order.tracking.updated',
    userId: 'carrier-webhook',
    data: {
      trackingNumber: life.memory['trackingNumber'],
      carrier: life.memory['carrier'],
      status: random.pick([
        'in transit',
        'at sorting centre',
        'customs cleared',
        'out for delivery',
        'delivery attempted',
      ]),
      facility: {
        code: `${random.pick(['AMS', 'LEJ', 'POZ', 'ZAZ', 'CPH'])}-${random.between(1, 9)}`,
        dock: random.between(1, 48),
      },
      expectedDelivery: { days: random.between(0, 4), window: random.pick(['08-12', '12-16', '16-20']) },
      rawCode: `${random.between(10, 99)}.${random.between(100, 999)}`,
      sourceMessage: random.hex(32),
      vehicle: `truck-${random.between(100, 999)}`,
      leg: { from: random.pick(WAREHOUSES), to: random.pick(CITIES)[0], km: random.between(8, 1_900) },
    },
  };
}

function ended(life: AggregateLife, random: Random): Happening {
  if (random.chance(7)) {
    return {
      type: 'order.cancelled',
      userId: life.memory['customerId'] as string,
      data: {
        reason: random.pick(['ordered by mistake', 'delivery too late', 'found it cheaper', 'out of stock']),
        refund: { cents: random.between(1_290, 48_000), currency: 'EUR', reference: `RF-${random.hex(16)}` },
        requestedOn: random.pick(['web', 'phone', 'chat']),
        agent: random.chance(40) ? `agent-${random.between(1, 30)}` : null,
        restock: true,
      },
    };
  }
  return {
    type: 'order.delivered',
    userId: 'carrier-webhook',
    data: {
      trackingNumber: life.memory['trackingNumber'],
      carrier: life.memory['carrier'],
      receivedBy: random.pick(['recipient', 'neighbour', 'parcel locker', 'reception']),
      proof: { signature: random.chance(60), photo: `proofs/${random.hex(20)}.webp`, geo: [52.37, 4.89] },
      onTime: random.chance(88),
      attempts: random.between(1, 3),
      note: random.pick(['', 'left at the back door', 'second floor, no lift']),
      driver: {
        id: `driver-${random.between(1, 400)}`,
        route: `R-${random.between(1_000, 9_999)}`,
        stop: random.between(1, 140),
      },
    },
  };
}
