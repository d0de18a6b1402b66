import type { AggregateKind, AggregateLife, Happening } from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { PRODUCTS, WAREHOUSES } from '../vocabulary.ts';

/** Listed once, then its stock moves with every sale; a best-seller has thousands of events. */
export const productKind: AggregateKind = {
  aggregateType: 'product',
  weight: 4,
  size: (random) => longTailedSize(random, 3, 1_000),
  next(life, around) {
    const { random } = around;
    if (life.version === 0) return listed(life, random);
    const what = random.below(100);
    if (what < 70) return stockReserved(life, random, around.someId('order'));
    if (what < 85) return restocked(life, random);
    if (what < 93) return priceChanged(life, random);
    return reviewed(random, around.someId('customer'));
  },
};

function listed(life: AggregateLife, random: Random): Happening {
  const [name, category, priceCents] = random.pick(PRODUCTS);
  Object.assign(life.memory, { priceCents, onHand: 500, sku: `${category.slice(0, 3).toUpperCase()}-${life.number}` });
  return {
    type: 'product.listed',
    userId: 'catalogue-import',
    data: {
      sku: life.memory['sku'],
      name,
      category,
      description: `${name}. Ships within two working days; returns are free within 30 days of delivery.`,
      price: { cents: priceCents, currency: 'EUR', vatRate: 21 },
      weightGrams: random.between(120, 4_800),
      dimensionsMm: [random.between(50, 900), random.between(50, 600), random.between(20, 400)],
      warehouses: [random.pick(WAREHOUSES)],
      onHand: 500,
    },
  };
}

function stockReserved(life: AggregateLife, random: Random, orderId: string): Happening {
  const quantity = random.between(1, 4);
  const onHand = Math.max(0, (life.memory['onHand'] as number) - quantity);
  life.memory['onHand'] = onHand;
  return {
    type: 'product.stock.reserved',
    userId: 'order-service',
    data: {
      sku: life.memory['sku'],
      orderId,
      quantity,
      warehouse: random.pick(WAREHOUSES),
      shelf: `${random.pick(['A', 'B', 'C', 'D'])}${random.between(1, 40)}-${random.between(1, 6)}`,
      onHandAfter: onHand,
      reservedUntil: 'end-of-day',
      reservationId: `rsv_${random.hex(24)}`,
      channel: random.pick(['web', 'ios', 'android', 'marketplace']),
      priority: random.chance(10) ? 'express' : 'standard',
      pick: {
        wave: random.between(1, 24),
        zone: random.pick(['mezzanine', 'ground', 'cold']),
        by: `picker-${random.between(1, 80)}`,
      },
    },
  };
}

function restocked(life: AggregateLife, random: Random): Happening {
  const quantity = random.between(20, 400);
  const onHand = (life.memory['onHand'] as number) + quantity;
  life.memory['onHand'] = onHand;
  return {
    type: 'product.restocked',
    userId: 'warehouse-service',
    data: {
      sku: life.memory['sku'],
      quantity,
      onHandAfter: onHand,
      warehouse: random.pick(WAREHOUSES),
      deliveryNote: `DN-${random.between(100_000, 999_999)}`,
      supplier: {
        name: random.pick(['Noordhandel BV', 'Atelier Vesna', 'Kvarn & Co']),
        country: random.pick(['NL', 'PL', 'SE']),
      },
      batch: random.hex(16),
      inspected: { by: `inspector-${random.between(1, 12)}`, damaged: random.below(4), accepted: true },
    },
  };
}

function priceChanged(life: AggregateLife, random: Random): Happening {
  const before = life.memory['priceCents'] as number;
  const after = Math.max(100, Math.round((before * random.between(85, 118)) / 100));
  life.memory['priceCents'] = after;
  return {
    type: 'product.price.changed',
    userId: 'pricing-team',
    data: {
      sku: life.memory['sku'],
      before: { cents: before, currency: 'EUR' },
      after: { cents: after, currency: 'EUR' },
      reason: random.pick(['seasonal campaign', 'supplier raised its price', 'matched a competitor', 'end of line']),
      markets: ['AT', 'DE', 'ES', 'FI', 'FR', 'NL', 'PL', 'SE'].slice(0, random.between(2, 8)),
      approvedBy: `manager-${random.between(1, 6)}`,
      validFrom: 'next-midnight',
      campaign: random.chance(30) ? `campaign-${random.between(1, 40)}` : null,
    },
  };
}

function reviewed(random: Random, customerId: string): Happening {
  return {
    type: 'product.reviewed',
    userId: customerId,
    data: {
      customerId,
      stars: random.between(1, 5),
      title: random.pick([
        'Does what it should',
        'Better than the last one',
        'Arrived late, works well',
        'Not my colour',
      ]),
      text: random.pick([
        'Bought it for daily use and it holds up well. The finish is even and nothing rattles. I would buy it again.',
        'The description could say more about the size, but the quality is very good for the price I paid.',
        'Came well packed. After a month the coating shows first scratches, so I am taking one star away.',
      ]),
      verifiedPurchase: random.chance(80),
      language: random.pick(['de', 'en', 'fr', 'nl']),
    },
  };
}
